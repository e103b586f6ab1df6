import { describe, expect, test } from "vitest"
import type { Refusal } from "@tocsin/base/refusal"
import {
    type AccessListEntry,
    type RosterMembership,
    peopleWithAccess,
    hasAccess,
    validateAccessList,
} from "./access-list.ts"

const lead: RosterMembership = { person: "lead", isLead: true, from: 0, until: null }
const ann: RosterMembership = { person: "ann", isLead: false, from: 0, until: null }
const ben: RosterMembership = { person: "ben", isLead: false, from: 10, until: null }
const gone: RosterMembership = { person: "gone", isLead: false, from: 0, until: 20 }
const roster = [lead, ann, ben, gone]

test.each<[string, readonly string[] | null | undefined, RosterMembership, boolean]>([
    ["everyone, when it was never set", undefined, ann, true],
    ["everyone, when it was removed again", null, ann, true],
    ["a named person", ["ann", "lead"], ann, true],
    ["not a person who is not named", ["lead"], ann, false],
    ["not a person who joined since", ["ann", "lead"], ben, false],
    ["a lead, named or not", ["ann"], lead, true],
])("who is on the list: %s", (_, people, stay, inside) => {
    expect(hasAccess(people === undefined ? null : { people }, stay)).toBe(inside)
})

describe("an access list", () => {
    const code = (people: string[]) => {
        try {
            return validateAccessList(people, roster)
        } catch (error) {
            return (error as Refusal).code
        }
    }
    test.each<[string, string[], string | string[]]>([
        ["names persons on the roster, each once", ["lead", "ben", "lead"], ["ben", "lead"]],
        ["may name a lead", ["ann", "ben"], "access_list.no_lead"],
        ["is not empty", [], "access_list.no_lead"],
        ["does not name a person who left", ["lead", "gone"], "partner.person_not_found"],
        ["does not name another partner's person", ["lead", "other"], "partner.person_not_found"],
    ])("%s", (_, people, expected) => expect(code(people)).toEqual(expected))
})

describe("who could have read it", () => {
    const narrowed: AccessListEntry = { people: ["lead"], from: 5 }
    const widened: AccessListEntry = { people: ["ben", "lead"], from: 15 }
    const open: AccessListEntry = { people: null, from: 30 }
    test.each<[string, AccessListEntry[], number, number, string[]]>([
        ["without a list, everyone on the roster", [], 0, 40, ["lead", "ann", "ben", "gone"]],
        ["not a person who joined later", [], 0, 10, ["lead", "ann", "gone"]],
        ["not a person who had left", [], 20, 40, ["lead", "ann", "ben"]],
        ["everyone, before the list was narrowed", [narrowed], 0, 40, ["lead", "ann", "gone"]],
        ["only named persons from then on", [narrowed], 5, 40, ["lead"]],
        ["and persons added to the list", [narrowed, widened], 5, 40, ["lead", "ben"]],
        ["everyone again, after it was removed", [narrowed, widened, open], 5, 31, ["lead", "ann", "ben"]],
        ["not at the exact end", [narrowed, widened, open], 5, 30, ["lead", "ben"]],
        ["no person, for an empty time", [], 5, 5, []],
    ])("%s", (_, history, from, before, expected) => {
        expect(peopleWithAccess(roster, history, from, before)).toEqual(expected)
    })
})

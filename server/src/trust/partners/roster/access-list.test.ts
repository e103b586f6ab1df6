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
    ["where none was ever set, everybody", undefined, ann, true],
    ["where it was widened again, everybody", null, ann, true],
    ["who is named", ["ann", "lead"], ann, true],
    ["not who is not", ["lead"], ann, false],
    ["nor who joined since", ["ann", "lead"], ben, false],
    ["a lead, named or not", ["ann"], lead, true],
])("who is inside: %s", (_, people, stay, inside) => {
    expect(hasAccess(people === undefined ? null : { people }, stay)).toBe(inside)
})

describe("a circle", () => {
    const code = (people: string[]) => {
        try {
            return validateAccessList(people, roster)
        } catch (error) {
            return (error as Refusal).code
        }
    }
    test.each<[string, string[], string | string[]]>([
        ["is of persons on the roster, each once", ["lead", "ben", "lead"], ["ben", "lead"]],
        ["holds a lead", ["ann", "ben"], "access_list.no_lead"],
        ["is not nobody", [], "access_list.no_lead"],
        ["is not of who has left", ["lead", "gone"], "partner.person_not_found"],
        ["nor of somebody else's", ["lead", "other"], "partner.person_not_found"],
    ])("%s", (_, people, expected) => expect(code(people)).toEqual(expected))
})

describe("who could have seen it", () => {
    const narrowed: AccessListEntry = { people: ["lead"], from: 5 }
    const widened: AccessListEntry = { people: ["ben", "lead"], from: 15 }
    const open: AccessListEntry = { people: null, from: 30 }
    test.each<[string, AccessListEntry[], number, number, string[]]>([
        ["without a circle, all who were there", [], 0, 40, ["lead", "ann", "ben", "gone"]],
        ["who joined only later could not", [], 0, 10, ["lead", "ann", "gone"]],
        ["nor who had left", [], 20, 40, ["lead", "ann", "ben"]],
        ["before it was narrowed, all", [narrowed], 0, 40, ["lead", "ann", "gone"]],
        ["from then on, who was named", [narrowed], 5, 40, ["lead"]],
        ["or who was added", [narrowed, widened], 5, 40, ["lead", "ben"]],
        ["and all again, who were there still", [narrowed, widened, open], 5, 31, ["lead", "ann", "ben"]],
        ["but not at the very end", [narrowed, widened, open], 5, 30, ["lead", "ben"]],
        ["in no time, nobody", [], 5, 5, []],
    ])("%s", (_, history, from, before, expected) => {
        expect(peopleWithAccess(roster, history, from, before)).toEqual(expected)
    })
})

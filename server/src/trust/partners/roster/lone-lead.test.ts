/** Tests which leads are alone for too long. */
import { expect, test } from "vitest"
import { dayMs } from "@tocsin/base/instant"
import { loneLeadsIn } from "./lone-lead.ts"

const start = Date.parse("2025-06-01T00:00:00Z")
const stay = (person: string, isLead: boolean, from: number, until: number | null = null) => ({
    partner: "p",
    person,
    isLead,
    from: start + from * dayMs,
    until: until === null ? null : start + until * dayMs,
})
const at = (day: number, ...stays: ReturnType<typeof stay>[]) => loneLeadsIn(stays, start + day * dayMs)

test("a lead alone on the roster for 30 days is found, and not a moment earlier", () => {
    const lead = stay("lead", true, 0)
    expect(at(30, lead)).toEqual([{ partner: "p", person: "lead", since: start + 30 * dayMs }])
    expect(loneLeadsIn([lead], start + 30 * dayMs - 1)).toEqual([])
})

test("time counts from when the last colleague left", () => {
    const stays = [stay("lead", true, 0), stay("analyst", false, 1, 20), stay("other", true, 0, 5)]
    expect(at(49, ...stays)).toEqual([])
    expect(at(50, ...stays)).toEqual([{ partner: "p", person: "lead", since: start + 50 * dayMs }])
})

test("a lead with a colleague, an analyst alone and an empty roster are not found", () => {
    expect(at(90, stay("lead", true, 0), stay("analyst", false, 0))).toEqual([])
    expect(at(90, stay("analyst", false, 0))).toEqual([])
    expect(at(90, stay("lead", true, 0, 1))).toEqual([])
    expect(at(90)).toEqual([])
})

test("a person of another partner is not a colleague", () => {
    const stays = [stay("lead", true, 0), { ...stay("two", true, 0), partner: "q" }]
    expect(at(90, ...stays).map(({ partner }) => partner)).toEqual(["p", "q"])
})

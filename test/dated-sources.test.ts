/**
 * Compares the dates of built-in facts with a limit. This test reads the real clock on purpose: it fails 180 days after
 * the last comparison of a source. Compare the source, correct the fact, and then update the date.
 */
import { describe, expect, test } from "vitest"
import { dayMs, parseInstant } from "@tocsin/base/instant"
import { type Source, isOutdated } from "../server/src/models/dated-source.ts"
import { packs } from "../server/src/share/entitlement/packs/shipped.ts"
import { regimeSources, shippedRegimes } from "../server/src/trace/regulatory-clocks/built-in-regimes.ts"
import { dutiesCheckedOn, dutyTable } from "../server/src/trust/partners/reporting-duties/reporting-duties.ts"

const nowhere: Source = { text: "", checkedOn: "" }
const sources: readonly (readonly [fact: string, source: Source])[] = [
    ...packs.map(({ name, source }) => [`pack ${name}`, source] as const),
    ...dutyTable.map(({ regime, source: text }) => {
        return [`reporting duty ${regime}`, { text, checkedOn: dutiesCheckedOn[regime] ?? "" }] as const
    }),
    ...Object.keys(shippedRegimes).map((id) => [`regime ${id}`, regimeSources[id] ?? nowhere] as const),
]

test.each(sources)("%s was compared with its source within 180 days", (fact, source) => {
    expect(source.text).not.toBe("")
    const isFuture = Date.parse(`${source.checkedOn}T00:00:00Z`) > Date.now()
    const message = `${fact}: compare it again with ${source.text}; last compared on ${source.checkedOn}`
    expect(isOutdated(source, Date.now()) || isFuture, message).toBe(false)
})

test.each(packs.map(({ name, source }) => [name, source] as const))(
    "pack %s states what its page says, by a copy as recent as the comparison",
    (_, { summary: says, copyDate: copyOf, checkedOn }) => {
        expect(says).not.toBe("")
        expect(copyOf ?? checkedOn).toMatch(/^\d{4}-\d\d-\d\d$/)
        expect((copyOf ?? checkedOn) <= checkedOn).toBe(true)
    },
)

test.each([
    ["linux-distros", 14],
    ["xen", 14],
])("pack %s plans and limits no embargo against its page", (name, days) => {
    const pack = packs.find((pack) => pack.name === name) ?? expect.fail(`no pack ${name}`)
    const planned = -Math.min(...Object.values(pack.schedule)) / dayMs
    expect(pack.source.summary).toMatch(new RegExp(`${days} days|Two working weeks`))
    expect(planned <= days).toBe(true)
    if (name === "linux-distros") expect(pack.embargoDaysMax).toBeLessThanOrEqual(days)
})

describe("a source", () => {
    const now = parseInstant("2026-11-29T12:00:00Z")
    test.each([
        ["2026-11-29", false],
        ["2026-06-03", false],
        ["2026-06-02", true],
        ["", true],
        ["someday", true],
    ])("that was compared on %j is outdated: %s", (checkedOn, is) => {
        expect(isOutdated({ text: "A law", checkedOn }, now)).toBe(is)
    })
})

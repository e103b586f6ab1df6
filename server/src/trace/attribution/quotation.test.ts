import fc from "fast-check"
import { expect, test } from "vitest"
import { bitsMin, coresIn, digestOf, nameOfCanary } from "@tocsin/marks/canary"
import { noncesOf } from "@tocsin/marks/code"
import { quotationsOf } from "./quotation.ts"

const found = [{ kind: "host", what: "host", artifact: "a", version: 1, recipient: "acme", decoy: false }] as const

test("lowers the e-value with the words examined and the canaries issued", () => {
    expect(quotationsOf({ wordsChecked: 1, canariesIssued: 1, found }).log10e).toBeCloseTo(bitsMin * Math.log10(2))
    expect(quotationsOf({ wordsChecked: 20_000, canariesIssued: 1_000_000, found }).log10e).toBeGreaterThan(16)
    fc.assert(
        fc.property(fc.integer({ min: 1, max: 20_000 }), fc.integer({ min: 1, max: 1e9 }), (looked, names) => {
            const { log10e } = quotationsOf({ wordsChecked: looked, canariesIssued: names, found })
            expect(log10e).toBeLessThanOrEqual(bitsMin * Math.log10(2))
            expect(log10e - Math.log10(2)).toBeCloseTo(
                quotationsOf({ wordsChecked: 2 * looked, canariesIssued: names, found }).log10e,
            )
        }),
    )
})

test("needs five characters at least for a canary and its separator", () => {
    expect(coresIn("㎯ⅷ㎉ⅷﬄ㎯ⅷ㎉㎉ﬄ㎯", 10)).toHaveLength(2)
    const froms = Array.from({ length: 0x110000 }, (_, n) => String.fromCodePoint(n))
    const many = froms.filter((from) => (from.normalize("NFKC").match(/[a-z2-7]/gi)?.length ?? 0) > 4 * from.length)
    expect(many).toEqual(["㎯"])
})

test("returns no e-value where no canary is found", () => {
    expect(quotationsOf({ wordsChecked: 500, canariesIssued: 500, found: [] }).log10e).toBe(0)
})

test("matches no canary with random words of the same form", () => {
    const issued = new Set(
        Array.from({ length: 2000 }, (_, n) =>
            digestOf(
                nameOfCanary({ kind: "host", what: "host" }, new Uint8Array(32), noncesOf([`${n}`]), "a.b").core,
            ).join(),
        ),
    )
    const letters = fc.array(fc.constantFrom(..."abcdefghijklmnopqrstuvwxyz234567"), { minLength: 20, maxLength: 20 })
    fc.assert(
        fc.property(fc.array(letters, { minLength: 1, maxLength: 50 }), (words) => {
            const cores = coresIn(words.map((word) => word.join("")).join(" "), 1000)
            expect(cores.length).toBeGreaterThan(0)
            expect(cores.filter((core) => issued.has(digestOf(core).join()))).toEqual([])
        }),
    )
})

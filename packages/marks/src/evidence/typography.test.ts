import { createCipheriv } from "node:crypto"
import { expect, test } from "vitest"
import { type Slot, isCounted, placesOf } from "../carriers/carrier.ts"
import { codebookOf, noncesOf } from "../code.ts"
import { rankRecipients } from "../evidence.ts"
import { weigh } from "./typography.ts"

const slots: Slot[] = Array.from({ length: 120 }, (_, i) => ({
    id: `slot ${i}`,
    kind: "wording",
    robustness: i % 3 === 0 ? "typography" : "wording",
    variants: [[], [{ start: i, end: i, text: "x" }]],
}))
const recipients = Array.from({ length: 20 }, (_, i) => `partner ${i}`)
const cipherOf = (input: Uint8Array) => (blocks: Uint8Array) =>
    createCipheriv("aes-128-ecb", input, null).setAutoPadding(false).update(blocks)
const book = codebookOf(new Uint8Array(32).fill(9), placesOf(slots), 2, cipherOf)
const weighed = (symbols: readonly (number | null)[]) => {
    const rows = book.rowsFor(symbols, noncesOf(recipients))
    return weigh(slots, { coins: book.coins, bits: book.bits, symbols, recipients, rows }, 1e-6)
}
const [item, other] = ["partner 3", "partner 8"].map((name) => book.codewordOf(name))

test("the typography layer identifies no copy, however well it fits, and lists its owner first", () => {
    const found = weighed(slots.map((slot, i) => (isCounted(slot) ? null : (item?.[i] ?? null))))
    expect(found).toMatchObject({ verdict: "unrelated", identified: [], slots: { total: 80, read: 0, erased: 80 } })
    expect(found.typographyLayer).toMatchObject({ total: 40, read: 40, erased: 0, mixed: 0 })
    expect(found.typographyLayer?.fits[0]?.recipient).toBe("partner 3")
    expect(found.typographyLayer?.fits[0]?.log10e).toBeGreaterThan(found.threshold)
})

test("counted evidence is the same with any typography layer", () => {
    const pick = (layer: readonly (number | null)[]) =>
        weighed(slots.map((slot, i) => (isCounted(slot) ? (item?.[i] ?? null) : (layer[i] ?? null))))
    const [alone, agreeing, framing] = [[], item ?? [], other ?? []].map(pick)
    expect(alone?.identified).toEqual(["partner 3"])
    const { typographyLayer: _, ...counted } = alone ?? { typographyLayer: null }
    expect(agreeing).toMatchObject(counted)
    expect(framing).toMatchObject(counted)
    expect(framing?.typographyLayer?.fits[0]?.recipient).toBe("partner 8")
    expect(alone?.typographyLayer).toMatchObject({ read: 0, fits: [] })
})

test("a document without a typography layer is ranked as usual", () => {
    const counted = slots.filter(isCounted)
    const book = codebookOf(new Uint8Array(32).fill(9), placesOf(counted), 2, cipherOf)
    const symbols = book.codewordOf("partner 3")
    const rows = book.rowsFor(symbols, noncesOf(recipients))
    const held = { coins: book.coins, bits: book.bits, symbols, recipients, rows }
    expect(weigh(counted, held, 1e-6)).toEqual({ ...rankRecipients(held, 1e-6), typographyLayer: null })
})

import fc from "fast-check"
import { expect, test } from "vitest"
import { type Slot, applyCodeword, longestCopyBytes } from "./carrier.ts"

/** Slots over `master`, one for each of its pieces: variant n writes the nth form instead of the piece. */
function slotsOver(pieces: readonly { was: string; forms: readonly string[] }[]): { master: string; slots: Slot[] } {
    let master = ""
    const slots = pieces.map(({ was, forms }, i): Slot => {
        const start = master.length
        master += was
        const variants = [[], ...forms.map((text) => [{ start, end: master.length, text }])]
        return { id: String(i), kind: "synonym", robustness: "wording", variants }
    })
    return { master, slots }
}

const text = (alphabet: string) => fc.array(fc.constantFrom(...alphabet), { maxLength: 6 }).map((list) => list.join(""))
const pieces = (was: string, forms: string) =>
    fc.array(fc.record({ was: text(was), forms: fc.array(text(forms), { minLength: 1, maxLength: 3 }) }), {
        maxLength: 6,
    })

test("no copy exceeds the longest length, for any codeword and script", () => {
    fc.assert(
        fc.property(pieces("aéж漢𝄞", "aéж漢𝄞"), fc.array(fc.nat(3)), (list, choices) => {
            const { master, slots } = slotsOver(list)
            const longest = longestCopyBytes(Buffer.byteLength(master), slots)
            const word = slots.map(({ variants }, i) => (choices[i] ?? 0) % variants.length)
            expect(Buffer.byteLength(applyCodeword(master, slots, word))).toBeLessThanOrEqual(longest)
            expect(longest).toBeGreaterThanOrEqual(Buffer.byteLength(master))
        }),
    )
})

test("one copy has the longest length when the master is ASCII", () => {
    fc.assert(
        fc.property(pieces("abc", "abcé漢"), (list) => {
            const { master, slots } = slotsOver(list)
            const bytesOf = (i: number, v: number) =>
                Buffer.byteLength(
                    applyCodeword(
                        master,
                        slots,
                        slots.map((_, n) => (n === i ? v : 0)),
                    ),
                )
            const longest = slots.map(({ variants }, i) => {
                const lengths = variants.map((_, v) => bytesOf(i, v))
                return lengths.indexOf(Math.max(...lengths))
            })
            const reached = Buffer.byteLength(applyCodeword(master, slots, longest))
            expect(longestCopyBytes(Buffer.byteLength(master), slots)).toBe(reached)
        }),
    )
})

import { randomBytes } from "node:crypto"
import { expect, test } from "vitest"
import { chance } from "./chance.ts"

/** Draws, and what became of each: as it was drawn, and as it is. */
function watched() {
    const drawn: { readonly before: Buffer; readonly now: Buffer }[] = []
    const draw = (bytes: number) => {
        const now = randomBytes(bytes)
        drawn.push({ before: Buffer.from(now), now })
        return now
    }
    return { drawn, random: chance(draw) }
}

test("each byte is given once, in the order drawn, and is kept no longer", () => {
    const { drawn, random } = watched()
    const given = Array.from({ length: 256 }, () => random(16))
    given.push(random(1))
    expect(drawn.map(({ before }) => before.length)).toEqual([4096, 4096])
    const all = Buffer.concat(drawn.map(({ before }) => before))
    expect(Buffer.concat(given)).toEqual(all.subarray(0, 4097))
    expect(Buffer.concat(drawn.map(({ now }) => now)).subarray(0, 4097)).toEqual(Buffer.alloc(4097))
})

test("what does not fit into the rest is drawn anew", () => {
    const { drawn, random } = watched()
    for (let n = 0; n < 128; n++) random(31)
    expect(random(64)).toEqual(drawn[0]?.before.subarray(3968, 4032))
    expect(random(63)).toEqual(drawn[0]?.before.subarray(4032, 4095))
    expect(random(2)).toEqual(drawn[1]?.before.subarray(0, 2))
})

test("what is long is drawn by itself", () => {
    const { drawn, random } = watched()
    expect(random(65)).toBe(drawn[0]?.now)
})

import { createHash } from "node:crypto"
import fc from "fast-check"
import { expect, test } from "vitest"
import { bytesOf, joinObjects, encodeGroup } from "./encode.ts"

const object = (text: string) => ({
    id: text,
    type: "note",
    version: "",
    specVersion: "2.1",
    text: JSON.stringify(text),
})
const part = fc.array(fc.string({ unit: "grapheme" }).map(object), { minLength: 1, maxLength: 6 })
const hashOf = (text: string) => JSON.stringify(createHash("sha256").update(text).digest("hex"))

test("keeps selected objects unchanged, in the requested order, with their hashes", () => {
    const tuple = fc.tuple(
        fc.array(part, { minLength: 1, maxLength: 4 }),
        fc.array(fc.nat(), { maxLength: 30 }),
        fc.nat(),
    )
    fc.assert(
        fc.property(tuple, ([parts, picked, from]) => {
            const texts = parts.flatMap((objects) => objects.map(({ text }) => text))
            const carried = parts.flatMap(
                (objects) => encodeGroup("", { case: null, master: null, objects, markings: [] }).objects,
            )
            for (const places of [
                picked.map((n) => n % carried.length),
                [...carried.keys()].slice(from % carried.length),
            ]) {
                const page = places.flatMap((n) => carried.slice(n, n + 1).map((carried) => ({ item: carried })))
                const wanted = places.map((n) => texts[n] ?? "")
                const { pieces, hashes } = joinObjects(page)
                expect(Buffer.concat(pieces).toString()).toBe(wanted.join())
                expect(hashes).toBe(wanted.map(hashOf).join())
                expect(page.map(({ item: carried }) => bytesOf(carried))).toEqual(
                    wanted.map((text) => Buffer.byteLength(text)),
                )
            }
        }),
    )
})

import { createHash } from "node:crypto"
import * as fc from "fast-check"
import { expect, test } from "vitest"
import * as inBrowsers from "./sha256.ts"
import * as inNode from "./sha256-node.ts"

test.each(Object.entries({ inBrowsers, inNode }))("SHA-256 %s is SHA-256", (_, { sha256, sha256Hex }) => {
    fc.assert(
        fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), fc.string({ unit: "grapheme" })), (data) => {
            const hex = createHash("sha256").update(data).digest("hex")
            expect(sha256Hex(data)).toBe(hex)
            expect(sha256(data)).toEqual(new Uint8Array(Buffer.from(hex, "hex")))
        }),
    )
})

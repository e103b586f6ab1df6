import { describe, expect, test } from "vitest"
import vector from "../../../test/vectors/standard-webhooks.json" with { type: "json" }
import { signingKeyFrom, verifyEd25519 } from "../../../server/src/platform/crypto/ed25519.ts"
import { formatPublicKey, formatSecret, headersOf } from "./standard-webhooks.ts"

const secret = Buffer.from(vector.secret.slice("whsec_".length), "base64")
const key = signingKeyFrom(Buffer.from(vector.seed, "hex"))
const message = { id: vector.id, timestamp: vector.timestamp, body: Buffer.from(vector.body) }

describe("a message by Standard Webhooks", () => {
    test("is signed like the published test vector", () => {
        const headers = headersOf(message, { secrets: [secret], signers: [key.sign] })
        expect(headers["webhook-id"]).toBe(vector.id)
        expect(headers["webhook-timestamp"]).toBe(String(vector.timestamp))
        expect(headers["webhook-signature"]?.split(" ")).toEqual([vector.v1, expect.stringMatching(/^v1a,/)])
    })

    test("is signed with Ed25519 over the same bytes", () => {
        const [, v1a = ""] = headersOf(message, { secrets: [secret], signers: [key.sign] })["webhook-signature"]!.split(
            " ",
        )
        const signature = Buffer.from(v1a.slice("v1a,".length), "base64")
        const signed = Buffer.from(`${vector.id}.${vector.timestamp}.${vector.body}`)
        expect(verifyEd25519(key.publicKey, signed, signature)).toBe(true)
        expect(verifyEd25519(key.publicKey, Buffer.concat([signed, Buffer.of(0)]), signature)).toBe(false)
    })

    test("is signed by both secrets during a rotation", () => {
        const both = headersOf(message, { secrets: [Buffer.alloc(32, 1), secret], signers: [key.sign] })
        const signatures = both["webhook-signature"]!.split(" ")
        expect(signatures).toHaveLength(3)
        expect(signatures[1]).toBe(vector.v1)
        expect(signatures[0]).not.toBe(vector.v1)
        const other = signingKeyFrom(Buffer.alloc(32, 5))
        const two = headersOf(message, { secrets: [secret], signers: [other.sign, key.sign] })
        const [, byOther, byKey] = two["webhook-signature"]!.split(" ")
        expect(byKey).toBe(signatures[2])
        expect(byOther).toMatch(/^v1a,/)
        expect(byOther).not.toBe(byKey)
    })

    test.each([
        ["G-03 another id", { id: "msg_other" }],
        ["G-03 another time", { timestamp: vector.timestamp + 1 }],
        ["G-03 another body", { body: Buffer.from(`${vector.body} `) }],
    ])("has a different signature: %s", (_, change) => {
        const { "webhook-signature": signature = "" } = headersOf(
            { ...message, ...change },
            { secrets: [secret], signers: [key.sign] },
        )
        expect(signature).not.toContain(vector.v1)
    })

    test("that is ambiguous is not signed", () => {
        expect(() => headersOf({ ...message, id: "a.1" }, { secrets: [secret], signers: [key.sign] })).toThrow(
            "two ways",
        )
        expect(() => headersOf({ ...message, timestamp: 1.5 }, { secrets: [secret], signers: [key.sign] })).toThrow(
            "two ways",
        )
    })

    test("writes its keys as the specification does", () => {
        expect(formatSecret(secret)).toBe(vector.secret)
        expect(formatPublicKey(key.publicKey)).toBe(`whpk_${Buffer.from(key.publicKey).toString("base64")}`)
    })
})

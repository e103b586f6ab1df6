import { identityToRecipient } from "age-encryption"
import { describe, expect, test } from "vitest"
import { identityFromPasskey, passkeyInput } from "./passkey-identity.ts"

describe("the identity of a passkey", () => {
    test("is derived at a fixed input", () => {
        expect(new TextDecoder().decode(passkeyInput())).toBe("tocsin/copies/prf/v1")
    })

    // Computed with another program in another language: HKDF, Bech32 and X25519 of its own.
    test.each([
        [
            "00".repeat(32),
            "AGE-SECRET-KEY-17ASNEAU974N06NNHAHVPPH44F8DUQWMH5UH7C45PJS5NC25A6KXQA0XUEY",
            "age14up5tac6qtm3aazt2rrvqvrfumgmmfauem47x3y0rvqwsk3p343q40hzqc",
        ],
        [
            "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
            "AGE-SECRET-KEY-1YH4C7CZVFY83YQG9P4MFRNEZEW2CRVK7Y3VYN9YYHW8MALX4XEJQVTQEZK",
            "age1zvcylqq4gy8ezeex7u7hf79xt5wx7wkd09sk0pw7hecksz56agpq5gre7v",
        ],
        [
            "ff".repeat(32),
            "AGE-SECRET-KEY-1TNZH34EN2PN632A3NCFF5Q6NRJUWLE8UQTG5P7TMUMXKFSHWHKXS5G8JQ9",
            "age1rs3vn8s576s8j4d0kfrad9253jyrkpdj89yfz5c0vp32lht96afqtdg7nv",
        ],
    ])("is the same for the output %s as elsewhere", async (hex, identity, recipient) => {
        const derived = identityFromPasskey(Buffer.from(hex, "hex"))
        expect(derived).toBe(identity)
        expect(await identityToRecipient(derived)).toBe(recipient)
    })

    test.each([0, 31, 33, 64])("is not derived from %i bytes", (length) => {
        expect(() => identityFromPasskey(new Uint8Array(length))).toThrow("32 bytes")
    })
})

import { describe, expect, test } from "vitest"
import { signingKeyFrom, verifyEd25519 } from "./ed25519.ts"

// RFC 8032, section 7.1, tests 1 and 2.
const vectors = [
    {
        seed: "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        publicKey: "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        message: "",
        signature:
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155" +
            "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    },
    {
        seed: "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        publicKey: "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        message: "72",
        signature:
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da" +
            "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    },
]
const hex = (text: string) => Buffer.from(text, "hex")

describe("Ed25519", () => {
    test.each(vectors)("signs as RFC 8032 does: $message", ({ seed, publicKey, message, signature }) => {
        const key = signingKeyFrom(hex(seed))
        expect(Buffer.from(key.publicKey).toString("hex")).toBe(publicKey)
        expect(Buffer.from(key.sign(hex(message))).toString("hex")).toBe(signature)
        expect(verifyEd25519(hex(publicKey), hex(message), hex(signature))).toBe(true)
    })

    const [, sound] = vectors
    const [publicKey, message, signature] = [hex(sound!.publicKey), hex(sound!.message), hex(sound!.signature)]
    test.each([
        ["another message", publicKey, hex("73"), signature],
        ["another key", hex(vectors[0]!.publicKey), message, signature],
        ["a changed signature", publicKey, message, signature.with(5, signature[5]! ^ 1)],
        ["a short signature", publicKey, message, signature.subarray(1)],
        ["no signature", publicKey, message, Buffer.alloc(0)],
        ["a short key", publicKey.subarray(1), message, signature],
        ["a signature whose second half is not reduced", publicKey, message, plusOrder(signature)],
    ])("rejects %s", (_, by, over, claimed) => {
        expect(verifyEd25519(by, over, claimed)).toBe(false)
    })

    test("rejects a seed of another length", () => {
        expect(() => signingKeyFrom(hex("00"))).toThrow("32 bytes")
    })
})

/** The same signature in another spelling: S + L instead of S. A verifier that takes both lets a byte be changed. */
function plusOrder(signature: Buffer): Buffer {
    const order = 2n ** 252n + 27742317777372353535851937790883648493n
    let scalar = BigInt(`0x${Buffer.from(signature.subarray(32)).reverse().toString("hex")}`) + order
    const bytes = Buffer.from(signature)
    for (let at = 32; at < 64; at++, scalar >>= 8n) bytes[at] = Number(scalar & 255n)
    return bytes
}

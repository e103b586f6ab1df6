/** Tests which pasted keys a machine may have. */
import { describe, expect, test } from "vitest"
import { boundKeyFault, boundKeyIn, certificateFault, publicKeysIn } from "./public-keys.ts"

const ec = { kty: "EC", crv: "P-256", x: "abc", y: "def" } as const
const okp = { kty: "OKP", crv: "Ed25519", x: "abc" } as const
const hash = "A".repeat(43)
const keysOf = (value: unknown) => publicKeysIn(JSON.stringify(value))

describe("pasted public keys", () => {
    test("are read from a JWK, a list and a JWKS, without members that the server does not take", () => {
        const full = { ...ec, kid: "one", use: "sig", alg: "ES256", key_ops: ["verify"], ext: true }
        expect(keysOf(full)).toEqual({ keys: [{ ...ec, kid: "one" }], fault: null })
        expect(keysOf([ec, okp])).toEqual({ keys: [ec, okp], fault: null })
        expect(keysOf({ keys: [okp] })).toEqual({ keys: [okp], fault: null })
    })

    test.each([
        ["a private key", { ...ec, d: "secret" }, "this is a private key: paste the public one only"],
        ["a private key of two", [ec, { ...okp, d: "secret" }], "this is a private key: paste the public one only"],
        ["a symmetric key", { kty: "oct", k: "secret" }, "this is a private key: paste the public one only"],
        ["RSA", { kty: "RSA", n: "abc", e: "AQAB" }, "this is not a public key of P-256 or Ed25519"],
        ["another curve", { ...ec, crv: "P-384" }, "this is not a public key of P-256 or Ed25519"],
        ["three keys", [ec, ec, okp], "paste one or two keys"],
        ["no key", { keys: [] }, "paste one or two keys"],
        ["a number", 3, "this is not a JWK: paste it as JSON"],
    ])("refuse %s", (_, value, fault) => {
        expect(keysOf(value)).toEqual({ keys: [], fault })
    })

    test("refuse another text", () => {
        expect(publicKeysIn("-----BEGIN PUBLIC KEY-----").fault).toMatch(/^this is not a JWK/)
    })
})

test("a token is bound to a thumbprint or to one key", () => {
    expect([boundKeyIn(` ${hash} `), boundKeyFault(hash)]).toEqual([{ dpopKey: hash }, null])
    expect(boundKeyIn(JSON.stringify(ec))).toEqual({ dpopJwk: ec })
    expect([boundKeyIn(""), boundKeyFault("")]).toEqual([{}, null])
    expect(boundKeyFault(JSON.stringify([ec, okp]))).toBe("a token has one key: paste one")
    expect(boundKeyFault("abc")).toMatch(/^this is not a JWK/)
    expect([certificateFault(""), certificateFault(hash)]).toEqual([null, null])
    expect(certificateFault("AA:BB")).not.toBe(null)
})

import { createPrivateKey, createPublicKey, sign as nodeSign, verify as nodeVerify } from "node:crypto"
import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js"
import { base64 } from "@scure/base"
import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import vectors from "../../../test/vectors/signed-note.json" with { type: "json" }
import {
    formatCheckpoint,
    formatVerifierKey,
    fromBase64,
    openNote,
    parseCheckpoint,
    parseNote,
    parseVerifierKey,
    type Sign,
    signNote,
    type VerifierKey,
    type VerifySignature,
} from "./checkpoint.ts"
import { Refusal } from "@tocsin/base/refusal"

const verify: VerifySignature = (publicKey, message, signature) => {
    const jwk = { kty: "OKP", crv: "Ed25519", x: Buffer.from(publicKey).toString("base64url") }
    return nodeVerify(null, message, createPublicKey({ key: jwk, format: "jwk" }), signature)
}

function signer(seed: Uint8Array): Sign {
    const der = Buffer.concat([Buffer.from("302e020100300506032b657004220420", "hex"), seed])
    const key = createPrivateKey({ key: der, format: "der", type: "pkcs8" })
    return (message) => nodeSign(null, message, key)
}

function keyOf(name: string, seed: Uint8Array): VerifierKey {
    const der = Buffer.concat([Buffer.from("302e020100300506032b657004220420", "hex"), seed])
    const publicDer = createPublicKey(createPrivateKey({ key: der, format: "der", type: "pkcs8" }))
    return { name, publicKey: new Uint8Array(publicDer.export({ format: "der", type: "spki" }).subarray(-32)) }
}

function refusedWith(work: () => unknown): string | null {
    try {
        work()
        return null
    } catch (error) {
        return error instanceof Refusal ? error.code : `a bug: ${String(error)}`
    }
}

const known = vectors.signed
const peter = parseVerifierKey(known.verifierKey)
const signPeter = signer(fromBase64(known.seed)!.slice(1))

describe("a signed note", () => {
    test("is written as by the reference, and opened again", () => {
        expect(signNote(known.text, peter, signPeter)).toBe(known.note)
        expect(openNote(known.note, peter, verify)).toBe(known.text)
    })

    test("is rejected with any other byte, unless the byte names another key", () => {
        const bytes = new TextEncoder().encode(known.note)
        const opened = [...bytes.keys()].filter((at) => {
            const changed = bytes.with(at, bytes[at]! ^ 1)
            return refusedWith(() => openNote(new TextDecoder().decode(changed), peter, verify)) === null
        })
        expect(opened).toEqual([])
    })

    const other = keyOf("witness.example", new Uint8Array(32).fill(7))
    const cosigned = `${known.note}${signNote(known.text, other, signer(new Uint8Array(32).fill(7))).split("\n\n")[1]}`
    test.each([
        ["a second signature by another key", cosigned, null],
        ["the same signature twice", known.note + known.note.split("\n\n")[1]!, null],
        ["a wrong signature next to the right one", known.note + forgedLine(), "checkpoint.bad_signature"],
        ["another text", known.note.replace("think", "thank"), "checkpoint.bad_signature"],
        ["another name", known.note.replace("— Peter", "— Petra"), "checkpoint.unsigned"],
        ["no signature", `${known.text}\n`, "checkpoint.note_malformed"],
        ["no empty line", known.note.replace("\n\n", "\n"), "checkpoint.note_malformed"],
        ["no final newline", known.note.slice(0, -1), "checkpoint.note_malformed"],
        ["a line after the signatures", `${known.note}x\n`, "checkpoint.note_malformed"],
        ["a hyphen instead of the dash", known.note.replace("—", "-"), "checkpoint.note_malformed"],
        ["a carriage return", known.note.replaceAll("\n", "\r\n"), "checkpoint.note_malformed"],
        ["a tab in its text", known.note.replace("you ", "you\t"), "checkpoint.note_malformed"],
        ["65 signatures", known.note + known.note.split("\n\n")[1]!.repeat(64), "checkpoint.note_malformed"],
        ["100 kB", "x".repeat(100_000) + known.note, "checkpoint.note_malformed"],
        ["nothing", "", "checkpoint.note_malformed"],
    ])("with %s", (_, note, code) => {
        expect(refusedWith(() => openNote(note, peter, verify))).toBe(code)
    })

    function forgedLine(): string {
        const wrong = signNote("another text\n", peter, signPeter)
        return wrong.split("\n\n")[1]!
    }

    test("refuses what the format forbids", () => {
        const sign = (text: string, name = "a") => refusedWith(() => signNote(text, { ...peter, name }, signPeter))
        expect(sign("line\n")).toBe(null)
        for (const text of ["", "no newline", "a\tb\n", "a\u0000\n", "\ud800\n"]) {
            expect(sign(text)).toBe("checkpoint.note_malformed")
        }
        for (const name of ["", "a b", "a+b", "a\nb", "a\u00a0b"]) {
            expect(sign("line\n", name)).toBe("checkpoint.note_malformed")
        }
    })
})

describe("a verifier key", () => {
    test.each(vectors.keys)("%s is read and written again", (text) => {
        expect(formatVerifierKey(parseVerifierKey(text))).toBe(text)
    })

    test("is rejected with any other byte", () => {
        const text = known.verifierKey
        const read = Array.from(text, (char, at) => text.slice(0, at) + otherChar(char) + text.slice(at + 1)).filter(
            (item) => refusedWith(() => parseVerifierKey(item)) !== "checkpoint.key_malformed",
        )
        expect(read).toEqual([])
    })

    test.each([
        "",
        "+",
        "a+b",
        "++",
        "PeterNeumann+c74f20a3+",
        "Peter+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
    ])("`%s` is rejected", (text) => {
        expect(refusedWith(() => parseVerifierKey(text))).toBe("checkpoint.key_malformed")
    })
})

describe("a checkpoint", () => {
    test("of the specification is read and written again", () => {
        const { note, origin, size, root } = vectors.checkpoint
        const { text, signatures } = parseNote(note)
        expect(parseCheckpoint(text)).toEqual({ origin, size, root: hexToBytes(root) })
        expect(formatCheckpoint(parseCheckpoint(text))).toBe(text)
        expect(signatures.map((signature) => [signature.name, signature.signature.length])).toEqual([[origin, 64]])
    })

    const root = base64.encode(new Uint8Array(32))
    test.each([
        ["no lines", ""],
        ["no final newline", `a\n1\n${root}`],
        ["an extension line", `a\n1\n${root}\nmore\n`],
        ["no origin", `\n1\n${root}\n`],
        ["a space in its origin", `a b\n1\n${root}\n`],
        ["a leading zero", `a\n01\n${root}\n`],
        ["a sign", `a\n+1\n${root}\n`],
        ["a negative size", `a\n-1\n${root}\n`],
        ["a fraction", `a\n1.0\n${root}\n`],
        ["an exponent", `a\n1e3\n${root}\n`],
        ["no size", `a\n\n${root}\n`],
        ["a size that is too large", `a\n9007199254740993\n${root}\n`],
        ["no root", "a\n1\n\n"],
        ["a short root", `a\n1\n${base64.encode(new Uint8Array(31))}\n`],
        ["extra bits in its root", `a\n1\n${root.replace("A=", "B=")}\n`],
        ["a carriage return", `a\r\n1\r\n${root}\r\n`],
    ])("is rejected with %s", (_, text) => {
        expect(refusedWith(() => parseCheckpoint(text))).toBe("checkpoint.malformed")
    })
})

test("base64 has one accepted spelling", () => {
    fc.assert(
        fc.property(fc.uint8Array({ maxLength: 70 }), (bytes) => {
            expect(bytesToHex(fromBase64(base64.encode(bytes))!)).toBe(bytesToHex(bytes))
        }),
    )
    expect(["A", "AA", "AA=", "AB==", "A A=", "AA==\n", "_-==", "===="].map(fromBase64)).toEqual(Array(8).fill(null))
})

/** Another character of the same kind, so that only its value is wrong. */
function otherChar(char: string): string {
    return String.fromCharCode(char.charCodeAt(0) ^ 1)
}

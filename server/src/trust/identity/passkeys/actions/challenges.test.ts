/** Tests that a challenge counts for its subject, its program and its five minutes only. */
import { describe, expect, test } from "vitest"
import { challengeMs, expiryOf, makeChallenge, subjectHash } from "./challenges.ts"
import type { Subject } from "../passkey.ts"

const key = Buffer.alloc(32, 1)
const nonce = Buffer.alloc(16, 2)
const at = Date.parse("2026-01-01T00:00:00Z")
const effects = { approval: "a", effectsHash: "00".repeat(32) }
const subjects: readonly Subject[] = [
    { purpose: "add_passkey", person: "p", passkeys: [] },
    { purpose: "add_passkey", person: "p", passkeys: ["k"] },
    { purpose: "change_passkeys", person: "p" },
    { purpose: "change_passkeys", person: "q" },
    { purpose: "sign_in", side: "console" },
    { purpose: "sign_in", side: "portal" },
    { purpose: "sign_approvals", person: "p", approvals: [effects] },
    { purpose: "sign_approvals", person: "p", approvals: [{ ...effects, effectsHash: "01".repeat(32) }] },
    { purpose: "sign_approvals", person: "p", approvals: [effects, { ...effects, approval: "b" }] },
]

describe("a challenge", () => {
    test.each(subjects)("counts for $purpose and for no other subject", (subject) => {
        const challenge = makeChallenge(subject, key, nonce, at)
        expect(subjects.filter((other) => expiryOf(challenge, other, key, at) !== null)).toEqual([subject])
    })

    test("begins with the hash of what is signed", () => {
        for (const subject of subjects) {
            const bytes = Buffer.from(makeChallenge(subject, key, nonce, at), "base64url")
            expect(bytes.subarray(0, 32)).toEqual(subjectHash(subject))
        }
    })

    test("expires after five minutes", () => {
        const [subject] = subjects as [Subject]
        const challenge = makeChallenge(subject, key, nonce, at)
        expect(expiryOf(challenge, subject, key, at + challengeMs - 1)).toBe(at + challengeMs)
        expect(expiryOf(challenge, subject, key, at + challengeMs)).toBe(null)
        expect(expiryOf(challenge, subject, key, at - 1)).toBe(null)
    })

    test("with one changed byte, of another program, or of another length is refused", () => {
        const [subject] = subjects as [Subject]
        const challenge = makeChallenge(subject, key, nonce, at)
        const bytes = Buffer.from(challenge, "base64url")
        for (let i = 0; i < bytes.length; i++) {
            const changed = Buffer.from(bytes)
            changed[i] = (changed[i] ?? 0) ^ 1
            expect(expiryOf(changed.toString("base64url"), subject, key, at)).toBe(null)
        }
        expect(expiryOf(challenge, subject, Buffer.alloc(32, 3), at)).toBe(null)
        expect(expiryOf(challenge.slice(4), subject, key, at)).toBe(null)
        expect(expiryOf("", subject, key, at)).toBe(null)
    })
})

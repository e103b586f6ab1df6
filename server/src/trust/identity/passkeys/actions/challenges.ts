/**
 * Makes and checks the challenges that passkeys sign. A challenge is the hash of what is signed, its expiry, a random
 * value, and an authentication code of this program. So no unused challenge is stored.
 */
import { createHmac, hash, timingSafeEqual } from "node:crypto"
import { type Json, canonical } from "@tocsin/base/canonical"
import type { Instant } from "@tocsin/base/instant"
import type { Subject } from "../passkey.ts"

/** Lifetime of a challenge, in milliseconds of wall-clock time. */
export const challengeMs = 5 * 60_000

export const nonceBytes = 16
const hashBytes = 32
const expiryBytes = 8
const codeBytes = 32
const challengeBytes = hashBytes + expiryBytes + nonceBytes + codeBytes

/** SHA-256 of the subject in canonical JSON (RFC 8785). It is the beginning of the challenge. */
export function subjectHash(subject: Subject): Buffer {
    return hash("sha256", canonical(jsonOf(subject)), "buffer")
}

const jsonOf = (subject: Subject): Json =>
    subject.purpose === "sign_approvals"
        ? { ...subject, approvals: subject.approvals.map((signed) => ({ ...signed })) }
        : { ...subject }

/** Makes a challenge in base64url. `key` has 32 bytes, `nonce` 16. */
export function makeChallenge(subject: Subject, key: Buffer, nonce: Buffer, realNow: Instant): string {
    const expiry = Buffer.alloc(expiryBytes)
    expiry.writeBigUInt64BE(BigInt(realNow + challengeMs))
    const content = Buffer.concat([subjectHash(subject), expiry, nonce])
    return Buffer.concat([content, codeOf(key, content)]).toString("base64url")
}

/** Returns when a challenge for this subject expires; null for any other text, and after its expiry. */
export function expiryOf(challenge: string, subject: Subject, key: Buffer, realNow: Instant): Instant | null {
    const bytes = Buffer.from(challenge, "base64url")
    if (bytes.length !== challengeBytes) return null
    const [content, code] = [bytes.subarray(0, -codeBytes), bytes.subarray(-codeBytes)]
    if (!timingSafeEqual(code, codeOf(key, content))) return null
    if (!content.subarray(0, hashBytes).equals(subjectHash(subject))) return null
    const expiry = Number(content.readBigUInt64BE(hashBytes))
    // A later expiry was made before the wall clock was set back.
    return realNow < expiry && expiry <= realNow + challengeMs ? expiry : null
}

const codeOf = (key: Buffer, content: Buffer): Buffer => createHmac("sha256", key).update(content).digest()

/** The sign-on that a browser has begun. It is encrypted into a cookie: no table holds what a stranger begins. */
import type { Instant } from "@tocsin/base/instant"
import type { Side } from "../../../../kernel/route.ts"
import { type Keys, decrypt, encrypt } from "../../../../platform/crypto/keys.ts"
import type { SignOnSecrets } from "../../../../platform/single-sign-on/identity-provider.ts"

/** Lifetime, in milliseconds of wall-clock time. */
export const pendingMs = 10 * 60_000

export interface PendingSignOn extends SignOnSecrets {
    readonly side: Side
    readonly provider: string
    /** Who connects an account, and the hash of that session in hex; null: someone signs in. */
    readonly connects: { readonly person: string; readonly session: string } | null
    /** The path that opens afterwards. */
    readonly returnTo: string
    readonly expiresAt: Instant
}

const place = "single-sign-on:pending"
const keyOf = (keys: Keys): Buffer => keys.derive("single-sign-on-pending", 32)

export const seal = (keys: Keys, pending: PendingSignOn): string =>
    encrypt(keyOf(keys), place, Buffer.from(JSON.stringify(pending))).toString("base64url")

/** Opens a cookie; null where it is damaged, of the other side, or too old. */
export function unseal(keys: Keys, cookie: string | null, side: Side, realNow: Instant): PendingSignOn | null {
    if (cookie === null) return null
    try {
        const plain = decrypt(keyOf(keys), place, Buffer.from(cookie, "base64url"))
        const pending = JSON.parse(plain.toString("utf8")) as PendingSignOn
        // A later expiry was made before the wall clock was set back.
        const isFresh = realNow < pending.expiresAt && pending.expiresAt <= realNow + pendingMs
        return isFresh && pending.side === side ? pending : null
    } catch {
        return null
    }
}

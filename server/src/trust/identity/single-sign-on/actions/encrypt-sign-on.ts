/** Encrypts the state of a sign-on into a cookie of the browser, so that strangers fill no table. */
import type { Instant } from "@tocsin/base/instant"
import type { Side } from "../../../../kernel/route.ts"
import { type Keys, decrypt, encrypt } from "../../../../platform/crypto/keys.ts"
import type { SignOnSecrets } from "../../../../platform/single-sign-on/identity-provider.ts"

/** Lifetime, in milliseconds of wall-clock time. */
export const signOnMs = 10 * 60_000

export interface SignOnState extends SignOnSecrets {
    readonly side: Side
    readonly provider: string
    /** The person that connects an account, and its session's hash in hex. Null for a sign-in. */
    readonly connects: { readonly person: string; readonly session: string } | null
    /** The path that opens afterwards. */
    readonly returnTo: string
    readonly expiresAt: Instant
}

const place = "single-sign-on:pending"
const keyOf = (keys: Keys): Buffer => keys.derive("single-sign-on-pending", 32)

export const encryptSignOn = (keys: Keys, state: SignOnState): string =>
    encrypt(keyOf(keys), place, Buffer.from(JSON.stringify(state))).toString("base64url")

/** Decrypts a cookie; null where it is damaged, of the other side, or too old. */
export function decryptSignOn(keys: Keys, cookie: string | null, side: Side, realNow: Instant): SignOnState | null {
    if (cookie === null) return null
    try {
        const plain = decrypt(keyOf(keys), place, Buffer.from(cookie, "base64url"))
        const state = JSON.parse(plain.toString("utf8")) as SignOnState
        // A later expiry was made before the wall clock was set back.
        const isFresh = realNow < state.expiresAt && state.expiresAt <= realNow + signOnMs
        return isFresh && state.side === side ? state : null
    } catch {
        return null
    }
}

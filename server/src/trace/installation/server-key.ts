/** A key that the server holds, without its secret part. */
import type { Instant } from "@tocsin/base/instant"

export const keyPurposes = [
    "key_encryption",
    "audit_log",
    "receipt_log",
    "advisories",
    "mail",
    "marks",
    "data",
    "hashes",
] as const

export type KeyPurpose = (typeof keyPurposes)[number]

/** `key_file`: in the key file. `derived`: computed from the root key. `database`: encrypted under the root key. */
export const keyPlaces = ["key_file", "derived", "database"] as const

export interface ServerKey {
    readonly purpose: KeyPurpose
    readonly algorithm: string
    /** Null where the key has no public part. */
    readonly fingerprint: string | null
    readonly place: (typeof keyPlaces)[number]
    /** The creation, or the first signature of a derived key; null where unknown. */
    readonly since: Instant | null
    /** Number of keys of this kind. Null for data keys: their number would show that a case was opened. */
    readonly count: number | null
}

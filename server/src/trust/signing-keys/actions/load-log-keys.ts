/** Loads the signing keys of the logs in the transaction that signs, so that servers follow without a restart. */
import { sha256 } from "@noble/hashes/sha2.js"
import { bytesToHex } from "@noble/hashes/utils.js"
import { formatVerifierKey, type Sign, type VerifierKey } from "@tocsin/audit-log/checkpoint"
import { signingNoteKey } from "@tocsin/audit-log/commands/node-keys"
import { keyName } from "@tocsin/audit-log/note-keys"
import type { Instant } from "@tocsin/base/instant"
import type { Keys } from "../../../platform/crypto/keys.ts"
import type { Tx } from "../../../platform/postgres/db.ts"
import { seedBytes, type SigningKey, signingKeyFrom } from "../../../platform/crypto/ed25519.ts"
import { decryptBytes } from "../../../platform/crypto/vault.ts"
import { divideKeys, type LogKey, type LogKeys, type LogName, logNames } from "../log-keys.ts"
import * as store from "../store.ts"

export interface KeyContext {
    readonly tx: Tx
    readonly services: { readonly keys: Keys }
}

/** The scope of the vault for all seeds. */
export const signingScope = "signing"

export const seedsPlaceOf = (verifierKey: string): string => `signing_keys.seeds:${verifierKey}`

/**
 * The audit log's name and its first key, both derived from the root key. The name is unique to the program and does
 * not identify the operator. It stays with later keys.
 */
export function auditLogKey(keys: Keys): VerifierKey & { readonly sign: Sign } {
    const key = keys.signingKey("ed25519", "record-heads")
    return { ...key, name: `tocsin/${bytesToHex(sha256(key.publicKey)).slice(0, 16)}` }
}

/** The receipt log's name and its first key, different from the audit log's. */
export function receiptLogKey(keys: Keys): VerifierKey & { readonly sign: Sign } {
    const key = keys.signingKey("ed25519", "receipt-heads")
    return { ...key, name: `tocsin-receipts/${bytesToHex(sha256(key.publicKey)).slice(0, 16)}` }
}

/** The keys that this process has read, by their ciphertext; the first key by its log. */
const readKeys = new WeakMap<Keys, Map<string, LogKey>>()

/** Loads the keys of a log. */
export async function loadLogKeys({ tx, services: { keys } }: KeyContext, log: LogName): Promise<LogKeys> {
    const known = readKeys.get(keys) ?? new Map<string, LogKey>()
    readKeys.set(keys, known)
    const first = known.get(log) ?? firstKey(keys, log)
    known.set(log, first)
    const rows = await store.listSigningKeys(tx, log)
    const later: LogKey[] = []
    for (const row of rows) {
        const id = row.seedsCiphertext.toString("base64")
        const key = known.get(id) ?? (await readKey(tx, keys, { ...row, log, name: first.name }))
        known.set(id, key)
        later.push(key)
    }
    return divideKeys(
        [first, ...later],
        rows.map(({ formerEndedAt }) => formerEndedAt),
    )
}

/** The name and hash of a key, as the high-water file has it. */
export const nameOf = (key: VerifierKey): string => keyName({ ...key, kind: "ed25519" })

/** Lists the names of all keys that sign. */
export async function listSigningKeyNames(ctx: KeyContext): Promise<string[]> {
    const keys: LogKeys[] = []
    for (const log of logNames) keys.push(await loadLogKeys(ctx, log))
    return keys.flatMap(({ active }) => active.map(nameOf))
}

/** The key of a log before any rotation. */
export function firstKey(keys: Keys, log: LogName): LogKey {
    const key = log === "audit_log" ? auditLogKey(keys) : receiptLogKey(keys)
    const mlDsa = log === "audit_log" ? null : keys.signingKey("ml_dsa_44", "receipt-heads-ml-dsa-44")
    return logKeyOf(key, mlDsa, null)
}

function logKeyOf(key: VerifierKey & { readonly sign: Sign }, mlDsa: SigningKey | null, addedAt: Instant | null) {
    const { name } = key
    const mlDsaKeys = mlDsa === null ? [] : [{ ...mlDsa, name, kind: "ml_dsa_44" as const }]
    return { ...key, noteKeys: [{ ...key, kind: "ed25519" as const }, ...mlDsaKeys], addedAt }
}

/** Two seeds, of Ed25519 and of ML-DSA-44. */
export const seedsBytes = 2 * seedBytes

/** Makes the key of a log from its seeds. */
export function keyFromSeeds(seeds: Uint8Array, log: LogName, name: string, addedAt: Instant): LogKey {
    const key = { ...signingKeyFrom(seeds.subarray(0, seedBytes)), name }
    const mlDsa = () => signingNoteKey("ml_dsa_44", seeds.subarray(seedBytes), () => name)
    return logKeyOf(key, log === "audit_log" ? null : mlDsa(), addedAt)
}

async function readKey(
    tx: Tx,
    keys: Keys,
    { seedsCiphertext, verifierKey, addedAt, log, name }: store.SigningKeyRow & { log: LogName; name: string },
): Promise<LogKey> {
    const { storedSigningKey } = keys
    if (storedSigningKey !== null) {
        const mlDsa = log === "audit_log" ? null : storedSigningKey("ml_dsa_44", verifierKey)
        return logKeyOf({ ...storedSigningKey("ed25519", verifierKey), name }, mlDsa, addedAt)
    }
    const seeds = await decryptBytes(tx, keys, signingScope, seedsPlaceOf(verifierKey), seedsCiphertext)
    const key = keyFromSeeds(seeds, log, name, addedAt)
    if (formatVerifierKey(key) !== verifierKey) throw new Error(`the seeds of ${verifierKey} are of another key`)
    return key
}

/** Lists the handovers of a log, in order: each is signed by a former key and by the next one. */
export async function listHandovers({ tx }: Pick<KeyContext, "tx">, log: LogName): Promise<string[]> {
    return await store.listHandovers(tx, log)
}

/** The signing keys of the audit log and of the receipt log: several in turn, under one name for each log. */
import {
    type Checkpoint,
    formatCheckpoint,
    formatVerifierKey,
    fromBase64,
    keyHash,
    type Sign,
    type VerifierKey,
} from "@tocsin/audit-log/checkpoint"
import { hashesEqual } from "@tocsin/audit-log/merkle"
import { type NoteKey, signatureLine } from "@tocsin/audit-log/note-keys"
import type { SignedCheckpoint } from "@tocsin/audit-log/signed-note"
import type { Instant } from "@tocsin/base/instant"

export const logNames = ["audit_log", "receipt_log"] as const

export type LogName = (typeof logNames)[number]

/** A key of a log. */
export interface LogKey extends VerifierKey {
    readonly sign: Sign
    /** The Ed25519 key, and of the receipt log the ML-DSA-44 key too. */
    readonly noteKeys: readonly (NoteKey & { readonly sign: Sign })[]
    /** Null for the first key, which is derived from the root key. */
    readonly addedAt: Instant | null
}

/** The keys of a log. */
export interface LogKeys {
    /** The origin of the log. */
    readonly name: string
    /** The keys that sign, oldest first. Files with one signature have that of the first. */
    readonly active: readonly [LogKey, ...LogKey[]]
    /** Keys that no longer sign, oldest first. */
    readonly ended: readonly EndedLogKey[]
}

/** A key that no longer signs. */
export interface EndedLogKey extends LogKey {
    readonly endedAt: Instant
}

/**
 * Divides the keys of a log, oldest first. `ends[i]` ends all keys up to `keys[i]`; null: it ends none. The newest key
 * has none.
 */
export function divideKeys(keys: readonly [LogKey, ...LogKey[]], ends: readonly (Instant | null)[]): LogKeys {
    const ended = keys.flatMap((key, i) => {
        const endedAt = ends.slice(i).find((end) => end !== null)
        return endedAt === undefined ? [] : [{ ...key, endedAt }]
    })
    const [first = keys[0], ...others] = keys.slice(ended.length)
    return { name: keys[0].name, active: [first, ...others], ended }
}

/** Signs a checkpoint with all keys that sign. */
export function signCheckpoint({ name, active }: LogKeys, tree: Pick<Checkpoint, "size" | "root">): string {
    const text = formatCheckpoint({ origin: name, ...tree })
    const lines = active.flatMap(({ noteKeys }) => noteKeys).map((key) => signatureLine(text, key, 0, key.sign))
    return `${text}\n${lines.join("")}`
}

/**
 * Returns the checkpoint in the form of files, which have one signature: of the first key that signs now and signed
 * this note, else of the newest one that ended. Verifies nothing: a damaged note stays as it is.
 */
export function withOneSignature({ name, active, ended }: LogKeys, note: string): SignedCheckpoint {
    const start = note.lastIndexOf("\n\n") + 2
    const lines = note.slice(start).split("\n")
    for (const key of [...active, ...ended.toReversed()]) {
        const line = lines.find((item) => isLineOf(item, key))
        if (line === undefined) continue
        return { origin: name, verifierKey: formatVerifierKey(key), checkpoint: `${note.slice(0, start)}${line}\n` }
    }
    return { origin: name, verifierKey: formatVerifierKey(active[0]), checkpoint: note }
}

function isLineOf(line: string, key: LogKey): boolean {
    const signature = fromBase64(line.split(" ")[2] ?? "")
    return signature !== null && hashesEqual(signature.subarray(0, 4), keyHash(key))
}

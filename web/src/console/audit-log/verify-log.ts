/** Verifies an export of the audit log in the browser, with the reader that outsiders use. */
import { parseVerifierKey } from "@tocsin/audit-log/checkpoint"
import { exportFormat, leafOf, verifyLines } from "@tocsin/audit-log/export"
import { type Hash, append, nodeHash } from "@tocsin/audit-log/merkle"
import { splitLines } from "@tocsin/audit-log/signed-note"
import { t } from "../../messages/message.ts"

/** What a browser remembers of the last log that it verified. */
export interface KnownLog {
    readonly verifierKey: string
    readonly size: number
    /** Hex. */
    readonly root: string
}

export type LogVerdict =
    | { readonly ok: true; readonly log: KnownLog; readonly withheld: number; readonly continues: number | null }
    | { readonly ok: false; readonly leaf: number | null; readonly reason: string }

export type CheckSignature = (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array) => Promise<boolean>

/**
 * Recomputes the tree from the export, checks the signature, and compares it with the log that this browser verified
 * before. `continues` is the size of that log; null: there is none.
 */
export async function verifyLog(
    bytes: AsyncIterable<Uint8Array>,
    known: KnownLog | null,
    checkSignature: CheckSignature,
): Promise<LogVerdict> {
    const signatures: Promise<boolean>[] = []
    let edge: readonly Hash[] = []
    let rootAtKnown: string | null = null
    const trust = {
        keys: "believe the key in the file" as const,
        // The reader is synchronous, the browser's check is not: the signatures are awaited below.
        verify: (...checked: Parameters<CheckSignature>) => signatures.push(checkSignature(...checked)) > 0,
    }
    const verdict = await verifyLines(splitLines(bytes), trust, (entry) => {
        if (known === null || entry.index >= known.size) return
        edge = append(entry.index, leafOf(entry), [...edge]).edge
        if (entry.index === known.size - 1)
            rootAtKnown = hexOf(edge.reduceRight((right, left) => nodeHash(left, right)))
    })
    if (!verdict.ok) return { ok: false, leaf: verdict.index, reason: verdict.reason }
    if (verdict.format !== exportFormat)
        return { ok: false, leaf: null, reason: t("this is not an export of the audit log") }
    const valid = await Promise.all(signatures)
    if (valid.length === 0 || valid.includes(false))
        return { ok: false, leaf: null, reason: t("the signature of the checkpoint is not valid") }
    const { verifierKey, size, root, withheld } = verdict
    const log = { verifierKey, size, root }
    if (known === null) return { ok: true, log, withheld, continues: null }
    const isSame = parseVerifierKey(known.verifierKey).name === parseVerifierKey(verifierKey).name
    if (!isSame || rootAtKnown !== known.root)
        return {
            ok: false,
            leaf: null,
            reason: t(
                "{count, plural, one {the log does not continue the # event verified before} " +
                    "other {the log does not continue the # events verified before}}",
                { count: known.size },
            ),
        }
    return { ok: true, log, withheld, continues: known.size }
}

const hexOf = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")

/** Verifies an export of the audit log in the browser, with the reader that outsiders use. */
import { parseLeadingCheckpoint, parseNote, parseVerifierKey } from "@tocsin/audit-log/checkpoint"
import { exportFormat, leafOf, verifyLines } from "@tocsin/audit-log/export"
import { followHandoversTo } from "@tocsin/audit-log/handover"
import { type Hash, append, nodeHash } from "@tocsin/audit-log/merkle"
import { splitLines } from "@tocsin/audit-log/signed-note"
import { readVerified } from "@tocsin/client/ed25519"
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

/** The log and the keys that an export must agree with. */
export interface LogTrust {
    /** The log that this browser verified before; null: none. */
    readonly known: KnownLog | null
    /** The key that the page names. */
    readonly namedKey: string
    /** Lead from a former key to the next one. */
    readonly handovers: readonly string[]
    readonly checkSignature: CheckSignature
}

/**
 * Recomputes the tree from the export, checks the signature, and compares it with the log that this browser verified
 * before. The key must be the one of that log, at the first time the one that the page names, or one to which handovers
 * lead from it. `continues` is the size of that log; null: there is none.
 */
export async function verifyLog(bytes: AsyncIterable<Uint8Array>, trust: LogTrust): Promise<LogVerdict> {
    const { known, checkSignature } = trust
    const trees = [...(known === null ? [] : [known]), ...trust.handovers.flatMap(treeOf)]
    const signatures: Promise<boolean>[] = []
    let edge: readonly Hash[] = []
    const roots = new Map<number, string>()
    const fileTrust = {
        keys: "believe the key in the file" as const,
        // The reader is synchronous, the browser's check is not: the signatures are awaited below.
        verify: (...checked: Parameters<CheckSignature>) => signatures.push(checkSignature(...checked)) > 0,
    }
    const sizes = new Set(trees.map(({ size }) => size))
    const last = Math.max(0, ...sizes)
    const verdict = await verifyLines(splitLines(bytes), fileTrust, (entry) => {
        if (entry.index >= last) return
        edge = append(entry.index, leafOf(entry), [...edge]).edge
        if (sizes.has(entry.index + 1))
            roots.set(entry.index + 1, hexOf(edge.reduceRight((right, left) => nodeHash(left, right))))
    })
    if (!verdict.ok) return { ok: false, leaf: verdict.index, reason: verdict.reason }
    if (verdict.format !== exportFormat) return refused(t("this is not an export of the audit log"))
    const valid = await Promise.all(signatures)
    if (valid.length === 0 || valid.includes(false)) return refused(t("the signature of the checkpoint is not valid"))
    const { verifierKey, size, root, withheld } = verdict
    const steps = await followKey(trust, verifierKey)
    if (steps === null)
        return refused(
            t("its key is neither the expected one nor one that a former key names: {verifierKey}", { verifierKey }),
        )
    const isContained = (tree: Tree) => tree.size === 0 || roots.get(tree.size) === tree.root
    const missing = [...steps, ...(known === null ? [] : [known])].find((tree) => !isContained(tree))
    if (missing !== undefined)
        return refused(
            t(
                "{count, plural, one {the log does not continue the # event verified before} " +
                    "other {the log does not continue the # events verified before}}",
                { count: missing.size },
            ),
        )
    return { ok: true, log: { verifierKey, size, root }, withheld, continues: known && known.size }
}

const refused = (reason: string): LogVerdict => ({ ok: false, leaf: null, reason })

type Tree = Pick<KnownLog, "size" | "root">

const treeOf = (handover: string): Tree[] => {
    const { size, root } = parseLeadingCheckpoint(parseNote(handover).text)
    return [{ size, root: hexOf(root) }]
}

/** The trees of the handovers that lead to the key of an export; null: none do. */
async function followKey({ known, namedKey, handovers }: LogTrust, verifierKey: string): Promise<Tree[] | null> {
    const [first, last] = [parseVerifierKey(known?.verifierKey ?? namedKey), parseVerifierKey(verifierKey)]
    const steps = await readVerified((verify) => followHandoversTo(first, last, handovers, verify))
    return steps && steps.map(({ checkpoint: { size, root } }) => ({ size, root: hexOf(root) }))
}

const hexOf = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")

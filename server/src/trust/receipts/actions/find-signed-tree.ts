/** Reads what a role wants signed as the receipt log, and compares it with the log. */
import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js"
import { formatCheckpoint } from "@tocsin/audit-log/checkpoint"
import { consistencyRanges, provesConsistency } from "@tocsin/audit-log/merkle"
import { type NoteKeyKind, signatureLine } from "@tocsin/audit-log/note-keys"
import type { ActionContext } from "../../../kernel/action-context.ts"
import type { LogMark } from "../../../models/high-water.ts"
import { firstKey } from "../../signing-keys/actions/load-log-keys.ts"
import * as store from "../store.ts"
import { loadProof } from "./load-receipts.ts"

const cosignedEndBytes = 8 + 32

/** The tree of a message, which must be what a key of the log signs for a batch of the database. Null: it is not. */
export async function findSignedTree(
    { tx, services }: ActionContext,
    kind: NoteKeyKind,
    message: Buffer,
): Promise<LogMark | null> {
    const key = firstKey(services.keys, "receipt_log").noteKeys.find((known) => known.kind === kind)
    const size = sizeIn(kind, message)
    const row = size === null ? undefined : await store.findBatchAt(tx, size - 1)
    if (key === undefined || row === undefined) return null
    const tree = { size: row.index + 1, root: row.log_root }
    let expected: Uint8Array = new Uint8Array()
    signatureLine(formatCheckpoint({ origin: key.name, ...tree }), key, 0, (signed) => (expected = signed))
    return message.equals(expected) ? { size: tree.size, root: bytesToHex(tree.root) } : null
}

/** Whether one log can have both trees: the nodes of the database prove that the larger one contains the other. */
export async function hasBothTrees({ tx }: Pick<ActionContext, "tx">, one: LogMark, other: LogMark): Promise<boolean> {
    if (one.size === other.size) return one.root === other.root
    const [earlier, later] = one.size < other.size ? [one, other] : [other, one]
    const proof = await loadProof(tx, consistencyRanges(earlier.size, later.size))
    return provesConsistency(proof, earlier.size, hexToBytes(earlier.root), later.size, hexToBytes(later.root))
}

/** A checkpoint has its size in the second line. A cosigned message ends with the size and the root. */
function sizeIn(kind: NoteKeyKind, message: Buffer): number | null {
    const isCosigned = kind === "ml_dsa_44" && message.length >= cosignedEndBytes
    const size = isCosigned
        ? Number(message.readBigUInt64BE(message.length - cosignedEndBytes))
        : Number(message.toString("utf8").split("\n")[1])
    return Number.isSafeInteger(size) && size >= 1 ? size : null
}

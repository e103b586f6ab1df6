/**
 * Reads and writes proofs (C2SP tlog-proof) of the receipt log under a checkpoint that witnesses signed.
 *
 * The leaf is a batch. The proof's `extra` has what the batch commits to: a receipt at its place, or the tree of the
 * audit log at that time. So witnesses of the receipt log also bind the audit log. docs/reference/formats/tiles.md
 * specifies both forms.
 */
import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js"
import { rootFromPath } from "./batch.ts"
import { canonicalBytes, type Json } from "@tocsin/base/canonical"
import { refuse } from "@tocsin/base/refusal"
import type { Checkpoint } from "./checkpoint.ts"
import { isHex } from "./hex.ts"
import { type Hash, provesInclusion } from "./merkle.ts"
import type { Verifiers } from "./note-keys.ts"
import { anchorOf, type Batch, batchLeaf, batchOf } from "./receipt.ts"
import {
    assertFields,
    commit,
    countField,
    type Fields,
    hashesField,
    isHash,
    isObject,
    readLine,
    refuseFields,
    saltBytes,
    textField,
} from "./signed-note.ts"
import { formatTlogProof, parseTlogProof } from "./tlog-proof.ts"
import { checkWitnessPolicy, type WitnessedCheckpoint, type WitnessPolicy } from "./witness-policy.ts"

/** Where a batch is in the log. */
export interface BatchProof {
    readonly index: number
    readonly batch: Batch
    readonly proof: readonly Hash[]
    /** The checkpoint, as witnesses signed it. */
    readonly note: string
}

/** The commitment of a receipt in a batch, opened. */
export interface OpenedReceipt {
    /** The place of the commitment in the batch. */
    readonly place: number
    readonly path: readonly Hash[]
    /** 16 bytes in hex. */
    readonly salt: string
    readonly body: Json
}

/** Writes the proof that the batch commits to this receipt. */
export function receiptProof({ index, batch, proof, note }: BatchProof, receipt: OpenedReceipt): string {
    const { place, path, salt, body } = receipt
    const extra = canonicalBytes({ batch: { ...batch }, body, path: path.map(bytesToHex), place, salt })
    return formatTlogProof({ extra: lineOf(extra), index, proof, note })
}

/** Writes the proof that the batch commits to this tree of the audit log. */
export function auditLogProof({ index, batch, proof, note }: BatchProof, salt: Uint8Array, tree: Checkpoint): string {
    const { origin, size, root } = tree
    const auditLog = { origin, size, root: bytesToHex(root) }
    const extra = canonicalBytes({ batch: { ...batch }, auditLog, salt: bytesToHex(salt) })
    return formatTlogProof({ extra: lineOf(extra), index, proof, note })
}

const lineOf = (bytes: Uint8Array): Uint8Array => Uint8Array.of(...bytes, 0x0a)

interface VerifiedBatch {
    readonly log: WitnessedCheckpoint
    readonly index: number
    /** RFC 3339, UTC: when the batch was made. */
    readonly at: string
}

/** The facts that a verified proof of the audit log shows. */
export interface ProvenAuditLog extends VerifiedBatch {
    readonly auditLog: Checkpoint
}

/** The facts that a verified proof of a receipt shows. */
export interface ProvenReceipt extends VerifiedBatch {
    readonly body: Fields
}

/**
 * Verifies a proof, of the audit log or of a receipt. Refuses `tlog_proof.…`, `audit_log.…` for fields, `checkpoint.…`
 * and `witness_policy.…`.
 */
export function verifyWitnessedProof(
    bytes: Uint8Array,
    policy: WitnessPolicy,
    verifiers: Verifiers,
): ProvenAuditLog | ProvenReceipt {
    const { extra, index, proof, note } = parseTlogProof(bytes)
    if (extra === null) refuse("invalid", "tlog_proof.no_extra", "the proof does not say what the log commits to")
    const log = checkWitnessPolicy(policy, note, verifiers)
    const fields = readLine(extra)
    const opened = "auditLog" in fields ? openAuditLog(fields) : openReceipt(fields)
    const { size, root } = log.checkpoint
    const batch = batchOf(fields["batch"])
    if (!provesInclusion(proof, batchLeaf(batch), index, size, root)) {
        refuse(
            "invalid",
            "tlog_proof.altered",
            `lines 2 to \`${3 + proof.length}\` do not lead to the tree that the log signed`,
        )
    }
    return { log, index, at: batch.at, ...opened }
}

function openAuditLog(fields: Fields): { readonly auditLog: Checkpoint } {
    assertFields(fields, ["auditLog", "batch", "salt"])
    const auditLog = treeOf(fields)
    const { salt } = fields
    if (!isHex(salt, saltBytes)) refuseFields()
    if (bytesToHex(anchorOf(hexToBytes(salt), auditLog)) !== batchOf(fields["batch"]).anchor) {
        const rule = "the batch in line 2 does not commit to the audit log"
        refuse("invalid", "tlog_proof.altered", rule, { line: 2 })
    }
    return { auditLog }
}

function openReceipt(fields: Fields): { readonly body: Fields } {
    assertFields(fields, ["batch", "body", "path", "place", "salt"])
    const { salt, body } = fields
    if (!isHex(salt, saltBytes) || !isObject(body)) refuseFields()
    const path = hashesField(fields, "path").map(hexToBytes)
    const root = rootFromPath(commit(hexToBytes(salt), body), countField(fields, "place"), path)
    if (root === null || bytesToHex(root) !== batchOf(fields["batch"]).root) {
        refuse("invalid", "tlog_proof.altered", "the batch in line 2 does not commit to the receipt", { line: 2 })
    }
    return { body }
}

function treeOf(fields: Fields): Checkpoint {
    const tree = fields["auditLog"]
    if (!isObject(tree)) refuseFields()
    assertFields(tree, ["origin", "root", "size"])
    const root = textField(tree, "root")
    if (!isHash(root)) refuseFields()
    return { origin: textField(tree, "origin"), size: countField(tree, "size"), root: hexToBytes(root) }
}

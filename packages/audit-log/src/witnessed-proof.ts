/**
 * Reads and writes proofs (C2SP tlog-proof) of the receipt log under a checkpoint that witnesses signed.
 *
 * The leaf is a batch. The proof's `extra` has what the batch commits to: a receipt at its place, or the tree of the
 * audit log at that time. So witnesses of the receipt log also bind the audit log. docs/reference/formats/tiles.md
 * specifies both forms.
 */
import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js"
import { canonicalBytes } from "@tocsin/base/canonical"
import { refuse } from "@tocsin/base/refusal"
import type { Checkpoint } from "./checkpoint.ts"
import { isHex } from "./hex.ts"
import { type Hash, provesInclusion } from "./merkle.ts"
import type { Verifiers } from "./note-keys.ts"
import { anchorOf, type Batch, batchLeaf, batchOf } from "./receipt.ts"
import {
    assertFields,
    countField,
    type Fields,
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

/** Writes the proof that the batch commits to this tree of the audit log. */
export function auditLogProof({ index, batch, proof, note }: BatchProof, salt: Uint8Array, tree: Checkpoint): string {
    const { origin, size, root } = tree
    const auditLog = { origin, size, root: bytesToHex(root) }
    const extra = canonicalBytes({ batch: { ...batch }, auditLog, salt: bytesToHex(salt) })
    return formatTlogProof({ extra: lineOf(extra), index, proof, note })
}

const lineOf = (bytes: Uint8Array): Uint8Array => Uint8Array.of(...bytes, 0x0a)

/** The facts that a verified proof shows. */
export interface WitnessedProof {
    readonly log: WitnessedCheckpoint
    readonly index: number
    /** RFC 3339, UTC: when the batch was made. */
    readonly at: string
    readonly auditLog: Checkpoint
}

/**
 * Verifies a proof of the audit log. Refuses `tlog_proof.…`, `audit_log.…` for fields, `checkpoint.…` and
 * `witness_policy.…`.
 */
export function verifyAuditLogProof(text: string, policy: WitnessPolicy, verifiers: Verifiers): WitnessedProof {
    const { extra, index, proof, note } = parseTlogProof(text)
    if (extra === null) refuse("invalid", "tlog_proof.no_extra", "the proof does not say what the log commits to")
    const log = checkWitnessPolicy(policy, note, verifiers)
    const fields = readLine(extra)
    assertFields(fields, ["auditLog", "batch", "salt"])
    const batch = batchOf(fields["batch"])
    const auditLog = treeOf(fields)
    const { salt } = fields
    if (!isHex(salt, saltBytes)) refuseFields()
    const isAnchored = bytesToHex(anchorOf(hexToBytes(salt), auditLog)) === batch.anchor
    const { size, root } = log.checkpoint
    if (!isAnchored || !provesInclusion(proof, batchLeaf(batch), index, size, root)) {
        refuse("invalid", "tlog_proof.altered", "the proof differs from the tree that the witnesses signed")
    }
    return { log, index, at: batch.at, auditLog }
}

function treeOf(fields: Fields): Checkpoint {
    const tree = fields["auditLog"]
    if (!isObject(tree)) refuseFields()
    assertFields(tree, ["origin", "root", "size"])
    const root = textField(tree, "root")
    if (!isHash(root)) refuseFields()
    return { origin: textField(tree, "origin"), size: countField(tree, "size"), root: hexToBytes(root) }
}

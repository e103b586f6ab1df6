/**
 * Reads and writes receipts: one line that proves that a batch commits to a body, and that a signed log contains the
 * batch.
 *
 * A receipt is verified without a server. It reveals nothing about other partners: its other hashes look random. The
 * batch also commits to the checkpoint of a second log, the anchor, which that log's keeper can open later.
 * docs/reference/formats/receipt.md specifies the format.
 */
import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js"
import { rootFromPath } from "./batch.ts"
import { canonical, canonicalBytes, type Json } from "@tocsin/base/canonical"
import type { Checkpoint } from "./checkpoint.ts"
import { isHex } from "./hex.ts"
import { type Hash, leafHash, provesInclusion } from "./merkle.ts"
import { refuse } from "@tocsin/base/refusal"
import {
    commit,
    countField,
    type Fields,
    refuseFields,
    type SignedCheckpoint,
    hashesField,
    checkpointFields,
    isHash,
    isObject,
    verifySignedCheckpoint,
    assertFields,
    saltBytes,
    type FileOrigin,
    textField,
    type Trust,
} from "./signed-note.ts"

/** The format identifier in the first field. */
export const receiptFormat = "tocsin-receipt/1"

/** The content of a leaf of the log. The hash of its canonical JSON is the leaf. */
export interface Batch {
    /** A salted commitment to a checkpoint of the second log, in hex: see `anchorOf`. */
    readonly anchor: string
    /** RFC 3339, UTC. */
    readonly at: string
    /** The root of the tree of 1,024 places, in hex. */
    readonly root: string
}

/** The parts of a receipt. */
export interface Receipt {
    /** The checkpoint of the log of batches. */
    readonly checkpoint: SignedCheckpoint
    /** The batch's number, from 0: its leaf in the log. */
    readonly index: number
    readonly batch: Batch
    /** The inclusion proof (RFC 6962) of the batch. */
    readonly proof: readonly Hash[]
    /** The place of the commitment in the batch. */
    readonly place: number
    readonly path: readonly Hash[]
    /** 16 bytes in hex. */
    readonly salt: string
    readonly body: Json
}

/** A receipt that was verified. */
export interface AcceptedReceipt extends FileOrigin {
    readonly ok: true
    readonly format: typeof receiptFormat
    /** The number of batches in the log. */
    readonly size: number
    /** The root of the log, in hex. */
    readonly root: string
    readonly index: number
    readonly batch: Batch
    /** SHA-256 of the salt and the canonical body, in hex. */
    readonly commitment: string
    readonly body: Fields
}

/** Writes a batch as its entry in the log. */
export function batchText({ anchor, at, root }: Batch): Uint8Array {
    return canonicalBytes({ anchor, at, root })
}

/** Hashes a batch to its leaf in the log. */
export function batchLeaf(batch: Batch): Hash {
    return leafHash(batchText(batch))
}

/** Commits to a checkpoint of another log; null if that log had none yet. */
export function anchorOf(salt: Uint8Array, checkpoint: Checkpoint | null): Hash {
    return commit(
        salt,
        checkpoint && { origin: checkpoint.origin, size: checkpoint.size, root: bytesToHex(checkpoint.root) },
    )
}

/** Writes a receipt, including the newline. */
export function receiptText({ checkpoint, index, batch, proof, place, path, salt, body }: Receipt): string {
    const { anchor, at, root } = batch
    const inLog = { index, batch: { anchor, at, root }, proof: proof.map(bytesToHex) }
    const inBatch = { place, path: path.map(bytesToHex), salt, body }
    return `${canonical({ format: receiptFormat, ...checkpointFields(checkpoint), ...inLog, ...inBatch })}\n`
}

const fieldNames = ["body", "index", "batch", "checkpoint", "format", "origin", "path", "place", "proof", "salt"]

/** Verifies a receipt. Refuses `receipt.altered`, and the codes of reading and `verifySignedCheckpoint`. */
export function verifyReceipt(fields: Fields, trust: Trust): AcceptedReceipt {
    assertFields(fields, [...fieldNames, "verifierKey"])
    const { checkpoint, signer } = verifySignedCheckpoint(fields, trust)
    const batch = batchOf(fields["batch"])
    const [index, place] = [countField(fields, "index"), countField(fields, "place")]
    const { salt, body } = fields
    if (!isHex(salt, saltBytes) || !isObject(body)) refuseFields()
    const commitment = commit(hexToBytes(salt), body)
    const batchRootFound = rootFromPath(commitment, place, hashesField(fields, "path").map(hexToBytes))
    const inBatch = batchRootFound !== null && bytesToHex(batchRootFound) === batch.root
    const inLog = provesInclusion(
        hashesField(fields, "proof").map(hexToBytes),
        batchLeaf(batch),
        index,
        checkpoint.size,
        checkpoint.root,
    )
    if (!inBatch || !inLog) refuse("invalid", "receipt.altered", "this receipt differs from the signed tree")
    const contents = { index, batch, commitment: bytesToHex(commitment), body }
    return {
        ok: true,
        format: receiptFormat,
        ...signer,
        size: checkpoint.size,
        root: bytesToHex(checkpoint.root),
        ...contents,
    }
}

/** Reads the fields of a batch. Refuses those of another form. */
export function batchOf(value: Json | undefined): Batch {
    if (!isObject(value)) refuseFields()
    assertFields(value, ["anchor", "at", "root"])
    const [anchor, root] = [textField(value, "anchor"), textField(value, "root")]
    if (!isHash(anchor) || !isHash(root)) refuseFields()
    return { anchor, at: textField(value, "at"), root }
}

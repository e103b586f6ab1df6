/**
 * Checks the receipt log against everything that this client has seen of it.
 *
 * The first checkpoint pins the key that signs the log. From then on, every checkpoint and receipt must carry that
 * key's signature. No checkpoint may contradict an earlier one. A larger one counts only with the proof that it
 * contains the log seen before.
 */
import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js"
import { openNote, parseCheckpoint, parseVerifierKey } from "@tocsin/audit-log/checkpoint"
import { provesConsistency } from "@tocsin/audit-log/merkle"
import { type AcceptedReceipt, receiptFormat } from "@tocsin/audit-log/receipt"
import { verifyBytes } from "@tocsin/audit-log/export"
import { Refusal, refuse } from "@tocsin/base/refusal"
import { believeTheFile, isHash } from "@tocsin/audit-log/signed-note"
import { reading } from "./ed25519.ts"

/** The log's key, and the largest checkpoint seen under it. */
export interface Seen {
    /** `name+hash+base64`. */
    readonly verifierKey: string
    /** The number of batches; 0 before the first checkpoint. */
    readonly size: number
    /** The root in hex; empty before the first checkpoint. */
    readonly root: string
}

/** A source of consistency proofs: a client. */
export interface Looking {
    /** Reads the proof (RFC 6962), in hex, that the log of `to` batches contains the log of `from`. */
    readonly consistency: (from: number, to: number) => Promise<readonly string[]>
}

/** The fetch that a receipt must prove. */
export interface ToProve {
    /** The id from the answer to the fetch. */
    readonly receipt: string
    readonly artifact: string
    readonly version: number
    /** SHA-256 of the sealed copy, in hex. */
    readonly sha256: string
}

/** Pins a key before the first request. Refuses `checkpoint.key_malformed`. */
export function pinned(verifierKey: string): Seen {
    parseVerifierKey(verifierKey)
    return { verifierKey, size: 0, root: "" }
}

/**
 * Accepts a checkpoint. If `seen` is null, its key is trusted and pinned. Refuses `client.log_key_mismatch`,
 * `client.log_shrank` and `client.log_forked`. Also throws what `openNote`, `parseCheckpoint` and the request for the
 * proof throw.
 */
export async function seeHead(
    seen: Seen | null,
    head: { readonly verifierKey: string; readonly checkpoint: string },
    looking: Looking,
): Promise<Seen> {
    const { verifierKey } = head
    if (seen !== null && seen.verifierKey !== verifierKey) otherKey()
    const key = parseVerifierKey(verifierKey)
    const { origin, size, root } = await reading((verify) => parseCheckpoint(openNote(head.checkpoint, key, verify)))
    if (origin !== key.name)
        refuse("conflict", "client.log_key_mismatch", `a checkpoint of \`${origin}\` is signed by another key`)
    return await follow(seen, { verifierKey, size, root: bytesToHex(root) }, looking)
}

/**
 * Accepts a receipt for a fetch. Throws what `seeHead` throws. Refuses `client.receipt_rejected` and
 * `client.receipt_mismatch`.
 */
export async function seeReceipt(
    seen: Seen | null,
    receipt: string,
    fetched: ToProve,
    looking: Looking,
): Promise<Seen> {
    const keys = seen === null ? believeTheFile : [parseVerifierKey(seen.verifierKey)]
    const verdict = await reading((verify) => verifyBytes(new TextEncoder().encode(receipt), { keys, verify }))
    if (!verdict.ok) {
        if (verdict.code === "audit_log.key_mismatch") otherKey()
        refuse("conflict", "client.receipt_rejected", `\`${fetched.receipt}\` has no sound receipt: ${verdict.reason}`)
    }
    if (verdict.format !== receiptFormat || !isOf(verdict, fetched)) {
        refuse(
            "conflict",
            "client.receipt_mismatch",
            `what came for \`${fetched.receipt}\` is the receipt of something else`,
        )
    }
    return await follow(seen, { verifierKey: verdict.verifierKey, size: verdict.size, root: verdict.root }, looking)
}

/**
 * Checks whether a valid receipt is about this fetch. No other partner has this alias of the artifact, or these bytes.
 */
function isOf({ body }: AcceptedReceipt, { receipt, artifact, version, sha256 }: ToProve): boolean {
    const isTheFetch = body["kind"] === "fetched" && body["receipt"] === receipt
    return isTheFetch && body["artifact"] === artifact && body["version"] === version && body["sealed"] === sha256
}

/** Accepts that there is no checkpoint yet. Refuses `client.log_shrank` if there was one. */
export function seeNoHead(seen: Seen | null): void {
    if (seen !== null && seen.size > 0) shrank(0, seen.size)
}

async function follow(seen: Seen | null, next: Seen, looking: Looking): Promise<Seen> {
    if (seen === null || seen.size === 0) return next
    if (next.size < seen.size) shrank(next.size, seen.size)
    if (next.size > seen.size) await assertContains(next, seen, looking)
    else if (next.root !== seen.root) forked(`two logs are shown at \`${next.size}\` batches`)
    return next
}

async function assertContains(next: Seen, seen: Seen, { consistency }: Looking): Promise<void> {
    const denied = `the log of \`${next.size}\` batches does not contain that of \`${seen.size}\``
    try {
        const proof = await consistency(seen.size, next.size)
        const hashes = proof.every(isHash) ? proof.map((hash) => hexToBytes(hash)) : forked(denied)
        const proven = provesConsistency(hashes, seen.size, hexToBytes(seen.root), next.size, hexToBytes(next.root))
        if (!proven) forked(denied)
    } catch (error) {
        // The log signed both sizes and now says that one does not exist.
        if (error instanceof Refusal && error.code === "receipt.bad_range") forked(denied)
        throw error
    }
}

function shrank(size: number, before: number): never {
    const reason = "what was shown before is denied now"
    refuse("conflict", "client.log_shrank", `the log has \`${size}\` batches after \`${before}\`: ${reason}`)
}

function forked(kind: string): never {
    refuse("conflict", "client.log_forked", `${kind}: keep what you have, and ask the program why`)
}

function otherKey(): never {
    refuse("conflict", "client.log_key_mismatch", "the log is signed with another key than the one that was pinned")
}

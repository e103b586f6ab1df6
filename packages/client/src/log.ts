/**
 * What this client has seen of the program's log, and holds the program to.
 *
 * The first head that is seen pins the key that the log is signed with. From then on every head and every receipt must
 * carry that key's signature, no head may contradict one seen before, and a larger one counts only with the proof that
 * it contains what was seen.
 */
import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js"
import { openNote, parseCheckpoint, parseVerifierKey } from "@tocsin/audit-log/checkpoint"
import { provesConsistency } from "@tocsin/audit-log/merkle"
import { type AcceptedReceipt, receiptFormat } from "@tocsin/audit-log/receipt"
import { verifyBytes } from "@tocsin/audit-log/export"
import { Refusal, refuse } from "@tocsin/base/refusal"
import { believeTheFile, isHash } from "@tocsin/audit-log/signed-note"
import { reading } from "./ed25519.ts"

/** The log's key, and the largest head that was seen under it. */
export interface Seen {
    /** `name+hash+base64`. */
    readonly verifierKey: string
    /** 0 before a head was seen. */
    readonly size: number
    /** In hex; empty before a head was seen. */
    readonly root: string
}

/** Whom proofs are asked of: a client. */
export interface Looking {
    /** The proof (RFC 6962), in hex, that the log of `to` batches contains that of `from`. */
    readonly consistency: (from: number, to: number) => Promise<readonly string[]>
}

/** The fetch that a receipt is to prove. */
export interface ToProve {
    /** What the fetch was answered with. */
    readonly receipt: string
    readonly artifact: string
    readonly version: number
    /** SHA-256 of the sealed copy, in hex. */
    readonly sha256: string
}

/** A key that is known before anything was asked. Throws `checkpoint.key_malformed`. */
export function pinned(verifierKey: string): Seen {
    parseVerifierKey(verifierKey)
    return { verifierKey, size: 0, root: "" }
}

/**
 * Takes a signed head. `seen` is null the first time: its key is then believed. Throws `client.log_key_mismatch`,
 * `client.log_shrank`, `client.log_forked`, and what `openNote`, `parseCheckpoint` and asking for the proof throw.
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
        refuse("conflict", "client.log_key_mismatch", `a head of \`${origin}\` is signed by another`)
    return await follow(seen, { verifierKey, size, root: bytesToHex(root) }, looking)
}

/** Takes a receipt for a fetch. Throws as `seeHead` does, and `client.receipt_rejected`, `client.receipt_mismatch`. */
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
        refuse("conflict", "client.receipt_rejected", `\`${fetched.receipt}\` has no sound receipt: ${verdict.why}`)
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

/** Whether a sound receipt tells of this fetch. No other partner has this artifact's name, nor these bytes. */
function isOf({ body }: AcceptedReceipt, { receipt, artifact, version, sha256 }: ToProve): boolean {
    const isTheFetch = body["kind"] === "fetched" && body["receipt"] === receipt
    return isTheFetch && body["artifact"] === artifact && body["version"] === version && body["sealed"] === sha256
}

/** Takes it that there is no head yet. Throws `client.log_shrank` if there was one. */
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
        // Both sizes were signed by whoever now says that there is no such size.
        if (error instanceof Refusal && error.code === "receipt.bad_range") forked(denied)
        throw error
    }
}

function shrank(size: number, before: number): never {
    const why = "what was shown before is denied now"
    refuse("conflict", "client.log_shrank", `the log has \`${size}\` batches after \`${before}\`: ${why}`)
}

function forked(kind: string): never {
    refuse("conflict", "client.log_forked", `${kind}: keep what you have, and ask the program why`)
}

function otherKey(): never {
    refuse("conflict", "client.log_key_mismatch", "the log is signed with another key than the one that was pinned")
}

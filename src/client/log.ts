/**
 * What this client has seen of the program's record, and holds the program to.
 *
 * The first head that is seen pins the key that the record is signed with. From then on every head and every receipt
 * must carry that key's signature, and no head may contradict one seen before. That a larger tree *contains* a smaller
 * one is not proven here: equal sizes are compared, and a tree never shrinks.
 */
import { bytesToHex } from "@noble/hashes/utils.js"
import { type VerifySignature, openNote, parseCheckpoint, parseVerifierKey } from "../lib/checkpoint.ts"
import { believeTheFile, linesOf, receiptFormat, verifyLines } from "../lib/record.ts"
import { refuse } from "../lib/refusal.ts"

/** The log's key, and the largest head that was seen under it. */
export interface Seen {
    /** `name+hash+base64`. */
    readonly verifierKey: string
    /** 0 before a head was seen. */
    readonly size: number
    /** In hex; empty before a head was seen. */
    readonly root: string
}

/** A key that is known before anything was asked. Throws `checkpoint.key_malformed`. */
export function pinned(verifierKey: string): Seen {
    parseVerifierKey(verifierKey)
    return { verifierKey, size: 0, root: "" }
}

/**
 * Takes a signed head. `seen` is null the first time: its key is then believed. Throws `client.log_other_key`,
 * `client.log_shrank`, `client.log_forked`, and what `openNote` and `parseCheckpoint` throw.
 */
export function seeHead(
    seen: Seen | null,
    head: { readonly verifierKey: string; readonly checkpoint: string },
    verify: VerifySignature,
): Seen {
    const { verifierKey } = head
    mustBeKey(seen, verifierKey)
    const key = parseVerifierKey(verifierKey)
    const { origin, size, root } = parseCheckpoint(openNote(head.checkpoint, key, verify))
    if (origin !== key.name) refuse("conflict", "client.log_other_key", `a head of \`${origin}\` is signed by another`)
    return follow(seen, { verifierKey, size, root: bytesToHex(root) })
}

/**
 * Takes a receipt for a delivery. Throws as `seeHead` does, and `client.receipt_rejected`, `client.other_receipt`.
 * `delivery` is what the fetch was answered with.
 */
export async function seeReceipt(
    seen: Seen | null,
    receipt: string,
    delivery: string,
    verify: VerifySignature,
): Promise<Seen> {
    const key = seen === null ? believeTheFile : parseVerifierKey(seen.verifierKey)
    const verdict = await verifyLines(linesOf([new TextEncoder().encode(receipt)]), { key, verify })
    if (!verdict.ok) {
        if (verdict.code === "record.other_key") otherKey()
        refuse("conflict", "client.receipt_rejected", `the receipt \`${delivery}\` is not sound: ${verdict.why}`)
    }
    if (verdict.format !== receiptFormat || !isOf(receipt, delivery)) {
        refuse("conflict", "client.other_receipt", `what came for \`${delivery}\` is the receipt of something else`)
    }
    return follow(seen, { verifierKey: verdict.verifierKey, size: verdict.size, root: verdict.root })
}

/** Whether a sound receipt tells of this delivery. */
function isOf(receipt: string, delivery: string): boolean {
    const { kind, body } = JSON.parse(receipt) as { readonly kind: string; readonly body?: unknown }
    const isObject = typeof body === "object" && body !== null && "delivery" in body
    return kind === "copy.delivered" && isObject && body.delivery === delivery
}

/** Takes it that there is no head yet. Throws `client.log_shrank` if there was one. */
export function seeNoHead(seen: Seen | null): void {
    if (seen !== null && seen.size > 0) shrank(0, seen.size)
}

function shrank(size: number, before: number): never {
    const why = "what was shown before is denied now"
    refuse("conflict", "client.log_shrank", `the record has \`${size}\` events after \`${before}\`: ${why}`)
}

function mustBeKey(seen: Seen | null, verifierKey: string): void {
    if (seen !== null && seen.verifierKey !== verifierKey) otherKey()
}

function otherKey(): never {
    refuse("conflict", "client.log_other_key", "the record is signed with another key than the one that was pinned")
}

function follow(seen: Seen | null, next: Seen): Seen {
    if (seen === null) return next
    if (next.size < seen.size) shrank(next.size, seen.size)
    if (next.size === seen.size && next.root !== seen.root) {
        const at = `at \`${next.size}\` events`
        refuse("conflict", "client.log_forked", `two records are shown ${at}: keep both, and ask the program why`)
    }
    return next
}

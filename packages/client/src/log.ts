/**
 * Checks the receipt log against everything that this client has seen of it.
 *
 * The first checkpoint pins the key that signs the log. From then on, every checkpoint and receipt must carry that
 * key's signature, or that of a next key to which handovers lead. No checkpoint may contradict an earlier one. A larger
 * one counts only with the proof that it contains the log seen before. A smaller one must be proven to be part of it:
 * the clocks of the operator's servers differ, so one of them can show a batch later than another.
 */
import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js"
import {
    formatVerifierKey,
    openNote,
    parseCheckpoint,
    parseVerifierKey,
    type VerifierKey,
    type VerifySignature,
} from "@tocsin/audit-log/checkpoint"
import { provesConsistency } from "@tocsin/audit-log/merkle"
import { type AcceptedReceipt, receiptFormat } from "@tocsin/audit-log/receipt"
import { type Verdict, verifyBytes } from "@tocsin/audit-log/export"
import { followHandovers } from "@tocsin/audit-log/handover"
import { formatNoteKey } from "@tocsin/audit-log/note-keys"
import { checkWitnessPolicy, isQuorum, type WitnessPolicy } from "@tocsin/audit-log/witness-policy"
import { dayMs, hourMs } from "@tocsin/base/instant"
import { canonical } from "@tocsin/base/canonical"
import { Refusal, refuse } from "@tocsin/base/refusal"
import { trustAnyKey, isHash } from "@tocsin/audit-log/signed-note"
import { readVerified } from "./ed25519.ts"
import type { KeyChange } from "./key-change.ts"

/** The log's key, and the largest checkpoint seen under it. */
export interface KnownLog {
    /** `name+hash+base64`. */
    readonly verifierKey: string
    /** The number of batches; 0 before the first checkpoint. */
    readonly size: number
    /** The root in hex; empty before the first checkpoint. */
    readonly root: string
    /** The keys that were pinned before, oldest first. */
    readonly formerKeys?: readonly string[]
    /** The key that the user gave last. */
    readonly givenKey?: string
    /** True for a key that a server showed or a handover named, until a pull has reported it and finished. */
    readonly isKeyNew?: boolean
}

/** A source of proofs: a client. */
export interface ConsistencySource {
    /** Reads the proof (RFC 6962), in hex, that the log of `to` batches contains the log of `from`. */
    readonly loadConsistencyProof: (from: number, to: number) => Promise<readonly string[]>
    /** Reads the checkpoints by which each former key of the log names the next key, oldest first. */
    readonly listHandovers: () => Promise<readonly string[]>
}

/** The fetch that a receipt must prove. */
export interface ExpectedFetch {
    /** The id from the answer to the fetch. */
    readonly receipt: string
    readonly artifact: string
    readonly version: number
    /** SHA-256 of the sealed copy, in hex. */
    readonly sha256: string
}

/** Pins a key before the first request. Refuses `checkpoint.key_malformed`. */
export function pinLog(verifierKey: string): KnownLog {
    parseVerifierKey(verifierKey)
    return { verifierKey, size: 0, root: "", givenKey: verifierKey }
}

/** Pins the first key that a server shows. */
const pinShownKey = (verifierKey: string): KnownLog => ({ verifierKey, size: 0, root: "", isKeyNew: true })

/**
 * Pins a key of the same log, which the caller got from a trusted source. The key that was given last changes nothing:
 * handovers may have led from it to the pinned key. Null: it is the key of another log.
 */
export function repinLog(known: KnownLog, verifierKey: string): KnownLog | null {
    const isPinned = known.verifierKey === verifierKey
    if (known.givenKey === verifierKey && !(isPinned && known.isKeyNew === true)) return known
    if (parseVerifierKey(verifierKey).name !== parseVerifierKey(known.verifierKey).name) return null
    return { ...(isPinned ? known : withNextKey(known, verifierKey)), givenKey: verifierKey, isKeyNew: false }
}

function withNextKey(known: KnownLog, verifierKey: string): KnownLog {
    const formerKeys = [...(known.formerKeys ?? []), known.verifierKey].filter((key) => key !== verifierKey)
    return { ...known, verifierKey, formerKeys, isKeyNew: true }
}

/**
 * Accepts a checkpoint. If `known` is null, its key is trusted and pinned. Refuses `client.log_key_mismatch`,
 * `client.log_behind` and `client.log_forked`. Also throws what `openNote`, `parseCheckpoint` and the request for the
 * proof throw.
 */
export async function acceptCheckpoint(
    known: KnownLog | null,
    checkpoint: { readonly verifierKey: string; readonly checkpoint: string },
    source: ConsistencySource,
): Promise<KnownLog> {
    const { verifierKey, checkpoint: note } = checkpoint
    const isPinned = known === null || known.verifierKey === verifierKey
    const pinned = isPinned ? (known ?? pinShownKey(verifierKey)) : await followKey(known, note, source)
    const key = parseVerifierKey(pinned.verifierKey)
    const { origin, size, root } = await readVerified((verify) => parseCheckpoint(openNote(note, key, verify)))
    if (origin !== key.name)
        refuse(
            "conflict",
            "client.log_key_mismatch",
            `the checkpoint of \`${origin}\` is signed by another key: ask the operator why`,
        )
    return await advanceLog(pinned, { size, root: bytesToHex(root) }, source)
}

/**
 * Adopts the keys to which handovers lead, up to one that signed the note. Each handover must be of the same log as
 * what was seen before. Refuses `client.log_key_mismatch`, `client.log_behind` and `client.log_forked`.
 */
async function followKey(known: KnownLog, note: string, source: ConsistencySource): Promise<KnownLog> {
    const from = parseVerifierKey(known.verifierKey)
    const follow = (handovers: readonly string[]) =>
        readVerified((verify) => followHandovers(from, note, handovers, verify))
    const steps = (await follow([])) ?? (await follow(await source.listHandovers())) ?? refuseKeyMismatch()
    let log = known
    for (const { checkpoint, next } of steps) {
        const { size, root } = checkpoint
        if (size > 0) log = await advanceLog(log, { size, root: bytesToHex(root) }, source)
        log = withNextKey(log, formatVerifierKey(next))
    }
    return log
}

/**
 * Accepts a receipt for a fetch. Throws what `acceptCheckpoint` throws. Refuses `client.receipt_rejected` and
 * `client.receipt_mismatch`.
 */
export async function acceptReceipt(
    known: KnownLog | null,
    receipt: string,
    fetched: ExpectedFetch,
    source: ConsistencySource,
): Promise<KnownLog> {
    const { verified, pinned } = await verifyReceiptText(known, receipt, fetched.receipt, source)
    if (!isForFetch(verified, fetched)) refuseOtherReceipt(fetched.receipt)
    return await advanceLog(pinned, verified, source)
}

/**
 * Accepts the receipt of a change of the partner's keys. Throws what `acceptReceipt` throws. Returns the commitment of
 * the receipt, in hex.
 */
export async function acceptKeyReceipt(
    known: KnownLog | null,
    receipt: string,
    change: KeyChange,
    source: ConsistencySource,
): Promise<{ readonly log: KnownLog; readonly commitment: string }> {
    const { verified, pinned } = await verifyReceiptText(known, receipt, change.receipt, source)
    if (canonical(verified.body) !== canonical(change)) refuseOtherReceipt(change.receipt)
    return { log: await advanceLog(pinned, verified, source), commitment: verified.commitment }
}

/** A valid receipt, and the log with the key that signed it. */
interface VerifiedReceipt {
    readonly verified: AcceptedReceipt
    readonly pinned: KnownLog
}

async function verifyReceiptText(
    known: KnownLog | null,
    receipt: string,
    id: string,
    source: ConsistencySource,
): Promise<VerifiedReceipt> {
    const verdict = await verifyReceiptBy(known, receipt)
    if (verdict.ok) {
        if (verdict.format !== receiptFormat) refuseOtherReceipt(id)
        return { verified: verdict, pinned: known ?? pinShownKey(verdict.verifierKey) }
    }
    if (known !== null && verdict.code === "audit_log.key_mismatch") {
        const pinned = await followKey(known, checkpointIn(receipt), source)
        if (pinned === known) refuseKeyMismatch()
        return await verifyReceiptText(pinned, receipt, id, source)
    }
    return refuse("conflict", "client.receipt_rejected", `the receipt \`${id}\` is invalid: ${verdict.reason}`)
}

function verifyReceiptBy(known: KnownLog | null, receipt: string): Promise<Verdict> {
    const keys = known === null ? trustAnyKey : [parseVerifierKey(known.verifierKey)]
    return readVerified((verify) => verifyBytes(new TextEncoder().encode(receipt), { keys, verify }))
}

/** The checkpoint in a receipt whose fields were read. */
const checkpointIn = (receipt: string): string => (JSON.parse(receipt) as { checkpoint: string }).checkpoint

function refuseOtherReceipt(id: string): never {
    refuse(
        "conflict",
        "client.receipt_mismatch",
        `the server sent another receipt instead of \`${id}\`: ask the operator why`,
    )
}

/**
 * Checks whether a valid receipt is about this fetch. No other partner has this alias of the artifact, or these bytes.
 */
function isForFetch({ body }: AcceptedReceipt, { receipt, artifact, version, sha256 }: ExpectedFetch): boolean {
    const isFetchReceipt = body["kind"] === "fetched" && body["receipt"] === receipt
    return isFetchReceipt && body["artifact"] === artifact && body["version"] === version && body["sealed"] === sha256
}

/** A log whose signed part stops growing could hide everything after it: a week at one batch a minute. */
const batchesBehindMax = 10_000

/** The clocks of a witness and of this client may differ so much. */
const clockMsMax = hourMs

/** The witnesses that must have signed the log. */
export interface WitnessTrust {
    readonly policy: WitnessPolicy
    /** Ed25519 is verified by Web Crypto, which has no ML-DSA-44 everywhere. */
    readonly mlDsa44: VerifySignature
    /** Milliseconds since 1970. */
    readonly now: () => number
}

/**
 * Checks that enough witnesses signed a checkpoint within the last day, and that it and the accepted log are one log.
 * Returns the larger of both. Refuses `client.not_witnessed`, `client.witnesses_late`, `client.log_behind`,
 * `client.log_forked`, and a key other than the accepted one.
 */
export async function assertWitnessed(
    known: KnownLog | null,
    note: string | null,
    { policy, mlDsa44, now }: WitnessTrust,
    source: ConsistencySource,
): Promise<KnownLog> {
    if (known === null || note === null) return refuseNotWitnessed("no witness signed it yet")
    const { checkpoint, witnesses } = await checkWitnesses(withPinnedKey(policy, known), note, mlDsa44, known)
    const { origin, size, root } = checkpoint
    const key = parseVerifierKey(known.verifierKey)
    if (origin !== key.name) refuseKeyMismatch()
    await assertSignedBy(key, note)
    const fresh = witnesses.filter(({ time }) => time * 1000 >= now() - dayMs && time * 1000 <= now() + clockMsMax)
    const isOld = size === 0 || known.size - size > batchesBehindMax
    if (isOld || !isQuorum(policy, new Set(fresh.map(({ name }) => name)))) {
        refuse(
            "conflict",
            "client.witnesses_late",
            "too few witnesses signed the receipt log within the last day: ask the operator why",
        )
    }
    const witnessed = { ...known, size, root: bytesToHex(root) }
    return size > known.size ? await advanceLog(known, witnessed, source) : await advanceLog(witnessed, known, source)
}

/** Adds the pinned key to a policy that has a key of the log from before a handover. */
function withPinnedKey(policy: WitnessPolicy, { verifierKey, formerKeys = [] }: KnownLog): WitnessPolicy {
    const texts = policy.logs.map(({ key }) => formatNoteKey(key))
    if (texts.includes(verifierKey) || !texts.some((text) => formerKeys.includes(text))) return policy
    const key = { ...parseVerifierKey(verifierKey), kind: "ed25519" as const }
    return { ...policy, logs: [...policy.logs, { key, url: null }] }
}

/** Another key can have the same name. */
async function assertSignedBy(key: VerifierKey, note: string): Promise<void> {
    try {
        await readVerified((verify) => openNote(note, key, verify))
    } catch (error) {
        if (error instanceof Refusal) refuseKeyMismatch()
        throw error
    }
}

/** ML-DSA-44 signs no handover, so the other keys of a log cannot be followed. */
const onlyEd25519 = "no ML-DSA-44 key of a policy: add its new `log` lines"

async function checkWitnesses(policy: WitnessPolicy, note: string, mlDsa44: VerifySignature, known: KnownLog) {
    try {
        return await readVerified((ed25519) => checkWitnessPolicy(policy, note, { ed25519, mlDsa44 }))
    } catch (error) {
        if (!(error instanceof Refusal)) throw error
        const isReplaced = error.code === "witness_policy.other_log" && known.formerKeys !== undefined
        return refuseNotWitnessed(
            isReplaced ? `${error.message}, and a handover replaces ${onlyEd25519}` : error.message,
        )
    }
}

function refuseNotWitnessed(reason: string): never {
    refuse(
        "conflict",
        "client.not_witnessed",
        `the receipt log is not signed as your policy says: ${reason}: ask the operator why`,
    )
}

/** Accepts that there is no checkpoint yet. Refuses `client.log_behind` if there was one. */
export function acceptNoCheckpoint(known: KnownLog | null): void {
    if (known !== null && known.size > 0) refuseBehind(known.size)
}

/** The part of a log that a checkpoint shows. */
type Tree = Pick<KnownLog, "size" | "root">

/** Gives the larger of two trees of a log, once the other is proven to be part of it. */
async function advanceLog(known: KnownLog, { size, root }: Tree, source: ConsistencySource): Promise<KnownLog> {
    const next = { ...known, size, root }
    if (known.size === 0) return next
    if (next.size === known.size && next.root !== known.root)
        refuseForkedLog(`the server showed two different receipt logs with \`${next.size}\` batches`)
    if (next.size <= known.size) {
        if (next.size < known.size) await assertContains(known, next, source)
        return known
    }
    await assertContains(next, known, source)
    return next
}

async function assertContains(
    larger: Tree,
    { size, root }: Tree,
    { loadConsistencyProof }: ConsistencySource,
): Promise<void> {
    const proof = await loadConsistencyProof(size, larger.size).catch((error: unknown) => {
        // The server knows fewer batches than another one, which has signed this size. That contradicts nothing.
        if (error instanceof Error && "code" in error && error.code === "receipt.bad_range") refuseBehind(larger.size)
        throw error
    })
    const hashes = proof.every(isHash) ? proof.map((hash) => hexToBytes(hash)) : null
    if (hashes === null || !provesConsistency(hashes, size, hexToBytes(root), larger.size, hexToBytes(larger.root)))
        refuseForkedLog(`the receipt log with \`${larger.size}\` batches does not continue the one with \`${size}\``)
}

/** How long a server may show less of the log than before: clocks of servers differ, and a copy can be late. */
export const behindMsMax = hourMs

/** Whether the server knew less of the log than before, or said so. */
export const isBehind = (error: unknown): boolean => error instanceof Refusal && error.code === "client.log_behind"

function refuseBehind(size: number): never {
    refuse(
        "conflict",
        "client.log_behind",
        `the server does not show all \`${size}\` batches of the receipt log that it signed before: ` +
            "try again in some minutes; if this stays, keep your files and ask the operator why",
    )
}

function refuseForkedLog(reason: string): never {
    refuse("conflict", "client.log_forked", `${reason}: keep your files, and ask the operator why`)
}

function refuseKeyMismatch(): never {
    refuse(
        "conflict",
        "client.log_key_mismatch",
        "the receipt log is signed with a key to which no handover of the pinned key leads: compare it with the key " +
            "on the operator's website, then give that key",
    )
}

/** The record as others may check it: exports, and the check of our own tables by the same reader. */
import type { EventRow } from "../../../kernel/store.ts"
import { bytesToHex } from "@noble/hashes/utils.js"
import { type Checkpoint, formatVerifierKey } from "@tocsin/audit-log/checkpoint"
import type { Json } from "@tocsin/base/canonical"
import { type Instant, formatInstant } from "@tocsin/base/instant"
import {
    type Hash,
    inclusionFrom,
    inclusionRanges,
    type NodeAt,
    placesIn,
    type Range,
    rangeHash,
} from "@tocsin/audit-log/merkle"
import {
    type AcceptedRecord,
    type Entry,
    entryLine,
    headLine,
    pathRanges,
    recordFormat,
    type Rejected,
    verifyLines,
} from "@tocsin/audit-log/export"
import { refuse } from "@tocsin/base/refusal"
import type { Head } from "@tocsin/audit-log/signed-note"
import type { Tx } from "../../../platform/postgres/db.ts"
import type { Services } from "../../../kernel/services.ts"
import type { Keys } from "../../../platform/crypto/keys.ts"
import { verifyEd25519 } from "../../../platform/crypto/signing.ts"
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import * as store from "../store.ts"
import { findFirstFault, leafFields } from "./check-leaves.ts"
import { headFrom, logKey, sequence, type Turn } from "./sequence-leaves.ts"

const pageSize = 500

/** A signed head, as `GET /api/audit-log/checkpoint` gives it. */
export interface PublishedHead {
    readonly size: number
    readonly at: Instant
    readonly verifierKey: string
    /** A C2SP checkpoint. */
    readonly checkpoint: string
}

/** Null before the first event has been numbered. */
export async function findNewestHead({ tx, services }: Turn): Promise<PublishedHead | null> {
    const head = await store.findNewestCheckpoint(tx)
    if (!head) return null
    return {
        size: head.size,
        at: head.at,
        verifierKey: formatVerifierKey(logKey(services.keys)),
        checkpoint: head.note,
    }
}

/** The newest signed head, for another log to commit to; null before the first event has been numbered. */
export async function findNewestRoot({ tx, services }: Turn): Promise<Checkpoint | null> {
    const head = await store.findNewestCheckpoint(tx)
    return head && { origin: logKey(services.keys).name, size: head.size, root: head.root }
}

/** The lines of an export up to the newest head; they are read as they are asked for. Throws `audit_log.no_checkpoint`. */
export async function exportRecord(ctx: ActionContext): Promise<AsyncIterable<string>> {
    const head = (await store.findNewestCheckpoint(ctx.tx)) ?? noHead()
    await record(ctx, { kind: "audit_log.exported", size: head.size })
    return exportLines((work) => ctx.services.db.transaction(work), head, ctx.services.keys)
}

/** What became of our own tables: the verdict of the offline reader, and how many events are no leaves yet. */
export interface OwnVerdict {
    readonly verdict: AcceptedRecord | Rejected
    readonly waiting: number
}

/**
 * Computes the whole tree again from the events, under the newest signed head, with the reader that outsiders use.
 * Throws `audit_log.no_checkpoint`.
 */
export async function verifyOwn({ tx, services }: Pick<ActionContext, "tx" | "services">): Promise<OwnVerdict> {
    const { leaves, head, known } = await stateOfLog(services)
    const waiting = (await store.unnumberedCount(tx)) + Math.max(0, leaves - head.size)
    // Leaves that are not signed yet wait too, if they are what their events say.
    const fault = await findFirstFault(tx, 0, Math.max(leaves, head.size))
    if (fault) return { verdict: fault, waiting }
    const lines = exportLines((work) => work(tx), head, services.keys)
    const verdict = await verifyLines(inBytes(lines), { keys: [logKey(services.keys)], verify: verifyEd25519 })
    if (verdict.ok && verdict.format !== recordFormat) throw new Error("the export is no record")
    if (!verdict.ok || known <= head.size) return { verdict, waiting }
    const why = `leaves up to \`${known}\` were signed, by the high-water file, and the newest head is of \`${head.size}\``
    return { verdict: { ok: false, index: head.size, code: "record.unsigned_leaves", why }, waiting }
}

/** Read while no checkpoint is being signed; `known` is the size that the high-water file has. */
async function stateOfLog({ db, highWater }: Services) {
    return await db.transaction(async (tx) => {
        await store.lockSequencer(tx)
        const leaves = await store.treeSize(tx)
        const head = (await store.findNewestCheckpoint(tx)) ?? noHead()
        const file = await highWater.read()
        return { leaves, head, known: file.state === "sound" ? (file.mark.auditLog?.size ?? 0) : 0 }
    })
}

type Read = <T>(work: (tx: Tx) => Promise<T>) => Promise<T>

async function* exportLines(read: Read, head: store.CheckpointRow, keys: Keys): AsyncGenerator<string, void> {
    yield headLine(headFrom(keys, head.note))
    let page: Range[][] = []
    let start = 0
    for (const ranges of pathRanges(head.size)) {
        page.push(ranges)
        if (page.length < pageSize && start + page.length < head.size) continue
        yield* await read((tx) => listPageLines(tx, start, page))
        start += page.length
        page = []
    }
}

async function listPageLines(tx: Tx, start: number, paths: readonly Range[][]): Promise<string[]> {
    const events = await store.listLeafEvents(tx, start, start + paths.length)
    const node = await loadNodesFor(tx, paths.flat())
    return events.map((event) => {
        const path = (paths[event.index - start] ?? []).map((range) => rangeHash(range, node))
        return entryLine(entryOf(event, event.index), path)
    })
}

/** Leaves of the record, opened, each with its proof under the newest head. */
export interface Proven {
    readonly head: Head
    readonly leaves: readonly (Opened & {
        readonly index: number
        readonly kind: string
        readonly sealed: boolean
        /** Hashes in hex, from the leaf's sibling up. */
        readonly path: readonly string[]
    })[]
}

const provenMax = 20_000

/**
 * Those that say one of these things, and that `isShown` lets through: for whoever may be shown what was sealed. What was
 * committed before is numbered first. Refuses `audit_log.too_many`; throws `audit_log.no_checkpoint`.
 */
export async function provenLeaves(
    ctx: ActionContext,
    sayings: readonly store.Saying[],
    isShown: (body: Readonly<Record<string, Json>>) => boolean,
): Promise<Proven> {
    while ((await sequence(ctx.services)) > 0) {}
    const head = (await store.findNewestCheckpoint(ctx.tx)) ?? noHead()
    const events = (await store.listLeavesSaying(ctx.tx, sayings, head.size)).filter(({ body }) => isShown(body))
    if (events.length > provenMax) {
        refuse("conflict", "audit_log.too_many", `more than \`${provenMax}\` events tell of it`)
    }
    const node = await loadNodesFor(
        ctx.tx,
        events.flatMap(({ index }) => inclusionRanges(index, head.size)),
    )
    const leaves = events.map(({ index, at, kind, sealed, salt, body }) => ({
        ...{ index, at: formatInstant(at), kind, sealed, salt: bytesToHex(salt), body },
        path: inclusionFrom(index, head.size, node).map(bytesToHex),
    }))
    return { head: headFrom(ctx.services.keys, head.note), leaves }
}

/** What opens the leaf of an event: for whoever is shown what was sealed. */
export interface Opened {
    readonly at: string
    /** 16 bytes in hex. */
    readonly salt: string
    readonly body: Readonly<Record<string, Json>>
}

/** Of the only event of a kind whose field says this; null where there is none. */
export async function openingOf(
    ctx: ActionContext,
    kind: string,
    field: string,
    value: string,
): Promise<Opened | null> {
    const event = await store.findEventSaying(ctx.tx, kind, field, value)
    return event && { at: formatInstant(event.at), salt: bytesToHex(event.salt), body: event.body }
}

/** What the record has, for whoever may know of it. */
export interface Recorded {
    readonly at: Instant
    readonly kind: string
    readonly body: Readonly<Record<string, Json>>
    /** Its place in the record; null until it has one. */
    readonly leaf: number | null
}

/** All that names this piece of evidence, oldest first. Which of it may be known is for whoever asks to tell. */
export async function recordedOfEvidence(ctx: ActionContext, evidence: string): Promise<Recorded[]> {
    const events = await store.listEventsOfEvidence(ctx.tx, evidence)
    return events.map(({ at, kind, body, index }) => ({ at, kind, body, leaf: index }))
}

/** Whoever did what the record has under a kind and these facts, up to an instant; sealed or not. Null: it says nothing of that. */
export async function personsBehind(
    ctx: ActionContext,
    kind: string,
    saying: Readonly<Record<string, Json>>,
    until: Instant,
): Promise<string[]> {
    return await store.listPersonsBehind(ctx.tx, kind, saying, until)
}

/** What the record has under a kind and these facts, up to an instant; sealed or not. Which of it may be known is for whoever asks to tell. */
export async function recordedSaying(
    ctx: ActionContext,
    kind: string,
    saying: Readonly<Record<string, Json>>,
    until: Instant,
): Promise<Readonly<Record<string, Json>>[]> {
    return await store.listBodiesSaying(ctx.tx, kind, saying, until)
}

/** Who wrote or read the masters of these artifacts, or copies of their own, or laid a leak beside one, before an instant. */
export async function personsOfMasters(
    ctx: ActionContext,
    artifacts: readonly string[],
    before: Instant,
): Promise<string[]> {
    return await store.listPersonsOfMasters(ctx.tx, artifacts, before)
}

/** What of an event is shown: of a sealed one, the commitment alone. */
function entryOf(event: EventRow, index: number): Entry {
    const opening = event.sealed ? null : { salt: bytesToHex(event.salt), body: event.body }
    return { ...leafFields(event), index, opening }
}

/** A node that the tables have lost reads as zeros: so the export still comes, and every reader rejects it there. */
const lost: Hash = new Uint8Array(32)

async function loadNodesFor(tx: Tx, ranges: readonly Range[]): Promise<NodeAt> {
    const found = await store.listNodesAt(tx, ranges.flatMap(placesIn))
    const nodes = new Map(found.map(({ level, pos, hash }) => [`${level}/${pos}`, hash]))
    return (level, pos) => nodes.get(`${level}/${pos}`) ?? lost
}

async function* inBytes(lines: AsyncIterable<string>): AsyncGenerator<Uint8Array, void> {
    for await (const line of lines) yield Buffer.from(line)
}

/** Since when sequencing has stopped at a damaged tree; null while it has not. */
export async function sequencingStoppedSince({ tx }: Pick<ActionContext, "tx">): Promise<Instant | null> {
    return (await store.openFault(tx))?.since ?? null
}

export function noHead(): never {
    refuse("missing", "audit_log.no_checkpoint", "nothing has been numbered yet: there is no signed head")
}

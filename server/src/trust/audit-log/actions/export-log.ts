/** Exports the audit log for outside readers, and checks our own tables with the same reader. */
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
import { verifyEd25519 } from "../../../platform/crypto/ed25519.ts"
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import * as store from "../store.ts"
import { findFirstFault, leafFields } from "./check-leaves.ts"
import { headFrom, logKey, sequence, type Turn } from "./sequence-leaves.ts"

const pageSize = 500

/** A checkpoint as `GET /api/audit-log/checkpoint` answers it. */
export interface PublishedHead {
    readonly size: number
    readonly at: Instant
    readonly verifierKey: string
    /** A C2SP checkpoint. */
    readonly checkpoint: string
}

/** Finds the newest checkpoint; null before the first event is sequenced. */
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

/** Finds the newest checkpoint for another log to commit to; null before the first event is sequenced. */
export async function findNewestRoot({ tx, services }: Turn): Promise<Checkpoint | null> {
    const head = await store.findNewestCheckpoint(tx)
    return head && { origin: logKey(services.keys).name, size: head.size, root: head.root }
}

/** Returns the lines of an export up to the newest checkpoint, read lazily. Refuses `audit_log.no_checkpoint`. */
export async function exportRecord(ctx: ActionContext): Promise<AsyncIterable<string>> {
    const head = (await store.findNewestCheckpoint(ctx.tx)) ?? noHead()
    await record(ctx, { kind: "audit_log.exported", size: head.size })
    return exportLines((work) => ctx.services.db.transaction(work), head, ctx.services.keys)
}

/** The offline reader's verdict on our tables, and the number of unsequenced events. */
export interface OwnVerdict {
    readonly verdict: AcceptedRecord | Rejected
    readonly waiting: number
}

/**
 * Recomputes the whole tree from the events under the newest checkpoint, with the reader that outsiders use. Refuses
 * `audit_log.no_checkpoint`.
 */
export async function verifyOwn({ tx, services }: Pick<ActionContext, "tx" | "services">): Promise<OwnVerdict> {
    const { leaves, head, known } = await stateOfLog(services)
    const waiting = (await store.unnumberedCount(tx)) + Math.max(0, leaves - head.size)
    // Unsigned leaves count as unsequenced if they match their events.
    const fault = await findFirstFault(tx, 0, Math.max(leaves, head.size))
    if (fault) return { verdict: fault, waiting }
    const lines = exportLines((work) => work(tx), head, services.keys)
    const verdict = await verifyLines(inBytes(lines), { keys: [logKey(services.keys)], verify: verifyEd25519 })
    if (verdict.ok && verdict.format !== recordFormat)
        throw new Error("the export is not in the format of the audit log")
    if (!verdict.ok || known <= head.size) return { verdict, waiting }
    const why =
        `leaves up to \`${known}\` were signed, by the high-water file, and the newest head is of ` + `\`${head.size}\``
    return { verdict: { ok: false, index: head.size, code: "record.unsigned_leaves", why }, waiting }
}

/** Reads the state while no checkpoint is being signed. `known` is the size in the high-water file. */
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

/** Disclosed leaves of the audit log, each with its proof under the newest checkpoint. */
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
 * Lists leaves with one of these values that `isShown` allows, for callers that may see confidential events. Sequences
 * committed events first. Refuses `audit_log.too_many` and `audit_log.no_checkpoint`.
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
        refuse("conflict", "audit_log.too_many", `more than \`${provenMax}\` events match: narrow the request`)
    }
    const node = await loadNodesFor(
        ctx.tx,
        events.flatMap(({ index }) => inclusionRanges(index, head.size)),
    )
    const leaves = events.map(({ index, at, kind, sealed, salt, body }) => ({
        index,
        at: formatInstant(at),
        kind,
        sealed,
        salt: bytesToHex(salt),
        body,
        path: inclusionFrom(index, head.size, node).map(bytesToHex),
    }))
    return { head: headFrom(ctx.services.keys, head.note), leaves }
}

/** The data that discloses a confidential leaf. */
export interface Opened {
    readonly at: string
    /** 16 bytes in hex. */
    readonly salt: string
    readonly body: Readonly<Record<string, Json>>
}

/** Finds the disclosure of the only event of a kind with this field value; null where there is none. */
export async function openingOf(
    ctx: ActionContext,
    kind: string,
    field: string,
    value: string,
): Promise<Opened | null> {
    const event = await store.findEventSaying(ctx.tx, kind, field, value)
    return event && { at: formatInstant(event.at), salt: bytesToHex(event.salt), body: event.body }
}

/** An audit log entry for callers that may see it. */
export interface Recorded {
    readonly at: Instant
    readonly kind: string
    readonly body: Readonly<Record<string, Json>>
    /** Index of its leaf; null until it is sequenced. */
    readonly leaf: number | null
}

/** Lists all events that name this evidence, oldest first. The caller filters what may be shown. */
export async function recordedOfEvidence(ctx: ActionContext, evidence: string): Promise<Recorded[]> {
    const events = await store.listEventsOfEvidence(ctx.tx, evidence)
    return events.map(({ at, kind, body, index }) => ({ at, kind, body, leaf: index }))
}

/**
 * Lists the people behind events of a kind with these facts, up to and including an instant, confidential or not.
 * Null: an event without a person.
 */
export async function personsBehind(
    ctx: ActionContext,
    kind: string,
    saying: Readonly<Record<string, Json>>,
    until: Instant,
): Promise<string[]> {
    return await store.listPersonsBehind(ctx.tx, kind, saying, until)
}

/**
 * Lists events of a kind with these facts, up to and including an instant, confidential or not. The caller filters
 * what may be shown.
 */
export async function recordedSaying(
    ctx: ActionContext,
    kind: string,
    saying: Readonly<Record<string, Json>>,
    until: Instant,
): Promise<Readonly<Record<string, Json>>[]> {
    return await store.listBodiesSaying(ctx.tx, kind, saying, until)
}

/**
 * Lists people who wrote or read these artifacts' masters or staff copies, or compared a leak with them, before an
 * instant.
 */
export async function personsOfMasters(
    ctx: ActionContext,
    artifacts: readonly string[],
    before: Instant,
): Promise<string[]> {
    return await store.listPersonsOfMasters(ctx.tx, artifacts, before)
}

/** The export entry of an event; of a confidential event only the commitment. */
function entryOf(event: EventRow, index: number): Entry {
    const opening = event.sealed ? null : { salt: bytesToHex(event.salt), body: event.body }
    return { ...leafFields(event), index, opening }
}

/** Stands for a missing node: the export still succeeds, and every reader rejects it there. */
const lost: Hash = new Uint8Array(32)

async function loadNodesFor(tx: Tx, ranges: readonly Range[]): Promise<NodeAt> {
    const found = await store.listNodesAt(tx, ranges.flatMap(placesIn))
    const nodes = new Map(found.map(({ level, pos, hash }) => [`${level}/${pos}`, hash]))
    return (level, pos) => nodes.get(`${level}/${pos}`) ?? lost
}

async function* inBytes(lines: AsyncIterable<string>): AsyncGenerator<Uint8Array, void> {
    for await (const line of lines) yield Buffer.from(line)
}

/** Since when sequencing is stopped by a damaged tree; null while it runs. */
export async function sequencingStoppedSince({ tx }: Pick<ActionContext, "tx">): Promise<Instant | null> {
    return (await store.openFault(tx))?.since ?? null
}

export function noHead(): never {
    refuse(
        "missing",
        "audit_log.no_checkpoint",
        "there is no checkpoint yet: try again after the first event is sequenced",
    )
}

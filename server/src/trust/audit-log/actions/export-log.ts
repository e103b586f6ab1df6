/** Exports the audit log for outside readers, and checks our own tables with the same reader. */
import type { EventRow } from "../../../kernel/store.ts"
import { bytesToHex } from "@noble/hashes/utils.js"
import type { Checkpoint } from "@tocsin/audit-log/checkpoint"
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
    type AcceptedExport,
    type Entry,
    entryLine,
    checkpointLine,
    pathRanges,
    exportFormat,
    type Rejection,
    verifyLines,
} from "@tocsin/audit-log/export"
import { refuse } from "@tocsin/base/refusal"
import type { SignedCheckpoint } from "@tocsin/audit-log/signed-note"
import type { Tx } from "../../../platform/postgres/db.ts"
import type { Services } from "../../../kernel/services.ts"
import { verifyEd25519 } from "../../../platform/crypto/ed25519.ts"
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import { auditLogKey, loadLogKeys } from "../../signing-keys/actions/load-log-keys.ts"
import { type LogKeys, withOneSignature } from "../../signing-keys/log-keys.ts"
import * as store from "../store.ts"
import { findFirstFault, leafFields } from "./check-leaves.ts"
import { sequenceEvents, type LogContext } from "./sequence-leaves.ts"

const pageSize = 500

/** A checkpoint as `GET /api/audit-log/checkpoint` answers it. */
export interface PublishedCheckpoint {
    readonly size: number
    readonly at: Instant
    readonly verifierKey: string
    /** A C2SP checkpoint. */
    readonly checkpoint: string
}

/** Finds the newest checkpoint; null before the first event is sequenced. */
export async function findPublishedCheckpoint(ctx: LogContext): Promise<PublishedCheckpoint | null> {
    const found = await store.findNewestCheckpoint(ctx.tx)
    if (!found) return null
    const { verifierKey, checkpoint } = withOneSignature(await loadLogKeys(ctx, "audit_log"), found.note)
    return { size: found.size, at: found.at, verifierKey, checkpoint }
}

/** Finds the newest checkpoint for another log to commit to; null before the first event is sequenced. */
export async function findNewestRoot({ tx, services }: LogContext): Promise<Checkpoint | null> {
    const checkpoint = await store.findNewestCheckpoint(tx)
    return checkpoint && { origin: auditLogKey(services.keys).name, size: checkpoint.size, root: checkpoint.root }
}

/** Finds the checkpoint of this size; null where none was signed. */
export async function findCheckpointOfSize({ tx, services }: LogContext, size: number): Promise<Checkpoint | null> {
    const checkpoint = await store.findCheckpointAt(tx, size)
    return checkpoint && { origin: auditLogKey(services.keys).name, size, root: checkpoint.root }
}

/** Returns the lines of an export up to the newest checkpoint, read lazily. Refuses `audit_log.no_checkpoint`. */
export async function exportAuditLog(ctx: ActionContext): Promise<AsyncIterable<string>> {
    const checkpoint = (await store.findNewestCheckpoint(ctx.tx)) ?? refuseNoCheckpoint()
    await record(ctx, { kind: "audit_log.exported", size: checkpoint.size })
    const keys = await loadLogKeys(ctx, "audit_log")
    return exportLines((work) => ctx.services.db.transaction(work), checkpoint, keys)
}

/** The offline reader's verdict on our tables, and the number of unsequenced events. */
export interface AuditLogVerification {
    readonly verdict: AcceptedExport | Rejection
    readonly unsequenced: number
}

/**
 * Recomputes the whole tree from the events under the newest checkpoint, with the reader that outsiders use. Refuses
 * `audit_log.no_checkpoint`.
 */
export async function verifyAuditLog({
    tx,
    services,
}: Pick<ActionContext, "tx" | "services">): Promise<AuditLogVerification> {
    const { leaves, checkpoint, knownSize } = await loadLogState(services)
    const unsequenced = (await store.countUnsequenced(tx)) + Math.max(0, leaves - checkpoint.size)
    // Unsigned leaves count as unsequenced if they match their events.
    const fault = await findFirstFault(tx, 0, Math.max(leaves, checkpoint.size))
    if (fault) return { verdict: fault, unsequenced }
    const keys = await loadLogKeys({ tx, services }, "audit_log")
    const lines = exportLines((work) => work(tx), checkpoint, keys)
    const trust = { keys: [...keys.ended, ...keys.active], verify: verifyEd25519 }
    const verdict = await verifyLines(encodeLines(lines), trust)
    if (verdict.ok && verdict.format !== exportFormat)
        throw new Error("the export is not in the format of the audit log")
    if (!verdict.ok || knownSize <= checkpoint.size) return { verdict, unsequenced }
    const reason =
        `the newest checkpoint has \`${checkpoint.size}\` leaves, and the high-water file knows \`${knownSize}\`: ` +
        "restore a newer backup, or reconcile the database"
    return { verdict: { ok: false, index: checkpoint.size, code: "audit_log.unsigned_leaves", reason }, unsequenced }
}

/** Reads the state while no checkpoint is being signed. `knownSize` is the size in the high-water file. */
async function loadLogState({ db, highWater }: Services) {
    return await db.transaction(async (tx) => {
        await store.lockSequencer(tx)
        const leaves = await store.countLeaves(tx)
        const checkpoint = (await store.findNewestCheckpoint(tx)) ?? refuseNoCheckpoint()
        const file = await highWater.read()
        return { leaves, checkpoint, knownSize: file.state === "sound" ? (file.mark.auditLog?.size ?? 0) : 0 }
    })
}

type RunInTransaction = <T>(work: (tx: Tx) => Promise<T>) => Promise<T>

async function* exportLines(
    read: RunInTransaction,
    checkpoint: store.CheckpointRow,
    keys: LogKeys,
): AsyncGenerator<string, void> {
    yield checkpointLine(withOneSignature(keys, checkpoint.note))
    let page: Range[][] = []
    let start = 0
    for (const ranges of pathRanges(checkpoint.size)) {
        page.push(ranges)
        if (page.length < pageSize && start + page.length < checkpoint.size) continue
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
export interface ProvenLeaves {
    readonly head: SignedCheckpoint
    readonly leaves: readonly (LeafDisclosure & {
        readonly index: number
        readonly kind: string
        readonly confidential: boolean
        /** Hashes in hex, from the leaf's sibling up. */
        readonly path: readonly string[]
    })[]
}

const provenLeavesMax = 20_000

/**
 * Lists leaves with one of these values that `isShown` allows, for callers that may see confidential events. Sequences
 * committed events first. Refuses `audit_log.too_many` and `audit_log.no_checkpoint`.
 */
export async function proveLeaves(
    ctx: ActionContext,
    matches: readonly store.FieldMatch[],
    isShown: (body: Readonly<Record<string, Json>>) => boolean,
): Promise<ProvenLeaves> {
    while ((await sequenceEvents(ctx.services)) > 0) {}
    const checkpoint = (await store.findNewestCheckpoint(ctx.tx)) ?? refuseNoCheckpoint()
    const events = (await store.listMatchingLeaves(ctx.tx, matches, checkpoint.size)).filter(({ body }) =>
        isShown(body),
    )
    if (events.length > provenLeavesMax) {
        refuse("conflict", "audit_log.too_many", `more than \`${provenLeavesMax}\` events match: narrow the request`, {
            max: provenLeavesMax,
        })
    }
    const node = await loadNodesFor(
        ctx.tx,
        events.flatMap(({ index }) => inclusionRanges(index, checkpoint.size)),
    )
    const leaves = events.map(({ index, at, kind, confidential, salt, body }) => ({
        index,
        at: formatInstant(at),
        kind,
        confidential,
        salt: bytesToHex(salt),
        body,
        path: inclusionFrom(index, checkpoint.size, node).map(bytesToHex),
    }))
    const head = withOneSignature(await loadLogKeys(ctx, "audit_log"), checkpoint.note)
    return { head, leaves }
}

/** The data that discloses a confidential leaf. */
export interface LeafDisclosure {
    readonly at: string
    /** 16 bytes in hex. */
    readonly salt: string
    readonly body: Readonly<Record<string, Json>>
}

/** Finds the disclosure of the only event of a kind with this field value; null where there is none. */
export async function findDisclosure(
    ctx: ActionContext,
    kind: string,
    field: string,
    value: string,
): Promise<LeafDisclosure | null> {
    const event = await store.findEventWith(ctx.tx, kind, field, value)
    return event && { at: formatInstant(event.at), salt: bytesToHex(event.salt), body: event.body }
}

/** An audit log entry for callers that may see it. */
export interface AuditLogEntry {
    readonly at: Instant
    readonly kind: string
    readonly body: Readonly<Record<string, Json>>
    /** Index of its leaf; null until it is sequenced. */
    readonly leaf: number | null
}

/** Lists all events that name this evidence, oldest first. The caller filters what may be shown. */
export async function listEntriesOfEvidence(ctx: ActionContext, evidence: string): Promise<AuditLogEntry[]> {
    const events = await store.listEventsOfEvidence(ctx.tx, evidence)
    return events.map(({ at, kind, body, index }) => ({ at, kind, body, leaf: index }))
}

/**
 * Lists the people behind events of a kind with these facts, up to and including an instant, confidential or not.
 * Null: an event without a person.
 */
export async function listPeopleBehind(
    ctx: ActionContext,
    kind: string,
    fields: Readonly<Record<string, Json>>,
    until: Instant,
): Promise<string[]> {
    return await store.listPeopleBehind(ctx.tx, kind, fields, until)
}

/**
 * Lists events of a kind with these facts, up to and including an instant, confidential or not. The caller filters
 * what may be shown.
 */
export async function listMatchingBodies(
    ctx: ActionContext,
    kind: string,
    fields: Readonly<Record<string, Json>>,
    until: Instant,
): Promise<Readonly<Record<string, Json>>[]> {
    return await store.listMatchingBodies(ctx.tx, kind, fields, until)
}

/**
 * Lists people who wrote or read these artifacts' masters or staff copies, or compared a leak with them, before an
 * instant.
 */
export async function listPeopleOfMasters(
    ctx: ActionContext,
    artifacts: readonly string[],
    before: Instant,
): Promise<string[]> {
    return await store.listPeopleOfMasters(ctx.tx, artifacts, before)
}

/** The export entry of an event; of a confidential event only the commitment. */
function entryOf(event: EventRow, index: number): Entry {
    const opening = event.confidential ? null : { salt: bytesToHex(event.salt), body: event.body }
    return { ...leafFields(event), index, opening }
}

/** Stands for a missing node: the export still succeeds, and every reader rejects it there. */
const missingNode: Hash = new Uint8Array(32)

async function loadNodesFor(tx: Tx, ranges: readonly Range[]): Promise<NodeAt> {
    const found = await store.listNodesAt(tx, ranges.flatMap(placesIn))
    const nodes = new Map(found.map(({ level, pos, hash }) => [`${level}/${pos}`, hash]))
    return (level, pos) => nodes.get(`${level}/${pos}`) ?? missingNode
}

async function* encodeLines(lines: AsyncIterable<string>): AsyncGenerator<Uint8Array[], void> {
    for await (const line of lines) yield [Buffer.from(line)]
}

/** Finds when a damaged tree stopped sequencing; null while it runs. */
export async function findSequencingStop({ tx }: Pick<ActionContext, "tx">): Promise<Instant | null> {
    return (await store.findOpenFault(tx))?.since ?? null
}

/** Counts events that no checkpoint covers yet. */
export async function countUnsequenced({ tx }: Pick<ActionContext, "tx">): Promise<number> {
    return await store.countUnsequenced(tx)
}

/** Finds the instant of the first checkpoint; null before it. */
export async function findFirstCheckpointAt({ tx }: Pick<ActionContext, "tx">): Promise<Instant | null> {
    return await store.findFirstCheckpointAt(tx)
}

export function refuseNoCheckpoint(): never {
    refuse(
        "missing",
        "audit_log.no_checkpoint",
        "there is no checkpoint yet: try again after the first event is sequenced",
    )
}

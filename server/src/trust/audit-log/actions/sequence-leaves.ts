/**
 * Sequences events: committed events become leaves of the tree, and the tree gets a signed checkpoint.
 *
 * Leaves are committed before signing. A checkpoint goes into the high-water file before it is committed, so what it
 * covers must not be undone. Nothing is signed unless the tree extends the checkpoint in the file.
 */
import { setImmediate as nextTurn } from "node:timers/promises"
import { bytesToHex } from "@noble/hashes/utils.js"
import { type AuditLogMark, type HighWater, advance } from "../../../models/high-water.ts"
import type { Instant } from "@tocsin/base/instant"
import {
    append,
    edgePlaces,
    type Hash,
    type Node,
    nodeHash,
    placesIn,
    rootFrom,
    hashesEqual,
} from "@tocsin/audit-log/merkle"
import { leafOf } from "@tocsin/audit-log/export"
import { refuse } from "@tocsin/base/refusal"
import { readClockMark } from "../../../platform/time/clock-baseline.ts"
import type { Db, Tx } from "../../../platform/postgres/db.ts"
import type { Services } from "../../../kernel/services.ts"
import type { Keys } from "../../../platform/crypto/keys.ts"
import type { BackgroundJob } from "../../../kernel/worker.ts"
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import { loadLogKeys } from "../../signing-keys/actions/load-log-keys.ts"
import { signCheckpoint as signWithAll } from "../../signing-keys/log-keys.ts"
import * as store from "../store.ts"
import { findFirstFault, leafFields } from "./check-leaves.ts"

/** The services that a reader of the log needs. */
export interface LogContext {
    readonly tx: Tx
    readonly now: Instant
    readonly services: { readonly keys: Keys }
}

export type SequencerServices = Pick<Services, "db" | "keys" | "clock" | "highWater">

const batchMax = 1000
/** Leaves made per turn of the event loop, before other work runs. */
const leavesPerTurn = 32

/** Thrown where the stored tree differs from the signed one. Nothing is added to it. */
export class DamagedTree extends Error {}

/** Sequences waiting events. A damaged tree stops it with one alarm until the tree is repaired. */
export const sequenceEventsJob: BackgroundJob = {
    name: "sequencing",
    run: async (services) => {
        try {
            const count = await sequenceEvents(services)
            await recordRepair(services)
            return count === batchMax
        } catch (error) {
            if (!(error instanceof DamagedTree)) throw error
            await recordDamage(services, error.message)
            return false
        }
    },
}

/** Whether this process knows that no fault is open; unset before its first check. */
const knownSound = new WeakMap<Db, boolean>()

async function recordDamage(services: Services, reason: string): Promise<void> {
    knownSound.set(services.db, false)
    const leaf = await services.db.transaction(async (tx) => {
        await store.lockSequencer(tx)
        if ((await store.findOpenFault(tx)) !== null) return null
        const fault = await findFirstFault(tx, 0, await store.countLeaves(tx))
        const now = await services.clock.now(tx)
        await store.insertFault(tx, now, fault?.index ?? null)
        await record(sequencerContext(services, tx, now), { kind: "audit_log.damaged", leaf: fault?.index ?? null })
        return { index: fault?.index ?? null }
    })
    if (leaf === null) return
    const position = leaf.index === null ? "" : `, at leaf ${leaf.index}`
    services.log.error("sequencing has stopped: the stored audit log is damaged", { text: `${reason}${position}` })
}

async function recordRepair(services: Services): Promise<void> {
    if (knownSound.get(services.db) === true || services.highWater.isQuarantined()) return
    const isRepaired = await services.db.transaction(async (tx) => {
        const now = await services.clock.now(tx)
        if (!(await store.endFault(tx, now))) return false
        await record(sequencerContext(services, tx, now), { kind: "audit_log.repaired" })
        return true
    })
    knownSound.set(services.db, true)
    if (isRepaired) services.log.warn("sequencing continues: the stored audit log agrees with the signed one")
}

const sequencerContext = (services: Services, tx: Tx, now: Instant): ActionContext => ({
    tx,
    now,
    services,
    actor: { kind: "system", component: "sequencing" },
})

/** Sequences committed events and signs the new checkpoint. Returns the number of events; 0 in quarantine. */
export async function sequenceEvents(services: SequencerServices): Promise<number> {
    if (services.highWater.isQuarantined()) return 0
    // A process that died between the two steps left leaves without a checkpoint.
    await signCheckpoint(services, null)
    const appended = await services.db.transaction(appendLeaves)
    if (appended !== null) await signCheckpoint(services, appended)
    return appended === null ? 0 : appended.size - appended.start
}

/** Leaves that were just added, from `start` to `size`, and the new root. */
interface AppendedLeaves {
    readonly start: number
    readonly size: number
    readonly root: Hash
}

/** Adds leaves without signing. Null: no events wait, or earlier leaves are not signed yet. */
async function appendLeaves(tx: Tx): Promise<AppendedLeaves | null> {
    await store.lockSequencer(tx)
    const start = await store.countLeaves(tx)
    const signed = await store.findNewestCheckpoint(tx)
    if (start !== (signed?.size ?? 0)) return null
    const events = await store.claimUnsequenced(tx, batchMax)
    if (events.length === 0) return null
    let edge = await loadSignedEdge(tx, signed)
    const leaves: store.NewLeaf[] = []
    const nodes: Node[] = []
    for (const event of events) {
        const [index, hash] = [start + leaves.length, leafOf(leafFields(event))]
        const appended = append(index, hash, edge)
        leaves.push({ index, seq: event.seq, hash })
        nodes.push(...appended.nodes)
        edge = appended.edge
        if (leaves.length % leavesPerTurn === 0) await nextTurn()
    }
    await store.insertLeaves(tx, leaves)
    await store.insertNodes(tx, nodes)
    return { start, size: start + leaves.length, root: rootOfEdge(edge) }
}

/** Signs a checkpoint over all leaves if some have none. */
async function signCheckpoint(services: SequencerServices, appended: AppendedLeaves | null): Promise<void> {
    await services.db.transaction(async (tx) => {
        if (await store.isFullySigned(tx)) return
        await store.lockSequencer(tx)
        const size = await store.countLeaves(tx)
        const signed = await store.findNewestCheckpoint(tx)
        if (size === (signed?.size ?? 0)) return
        const isFresh = appended?.size === size && appended.start === (signed?.size ?? 0)
        const root = isFresh ? appended.root : await loadCheckedRoot(tx, signed, size)
        const note = signWithAll(await loadLogKeys({ tx, services }, "audit_log"), { size, root })
        await raiseHighWater(services, tx, { size, root: bytesToHex(root), checkpoint: note })
        const at = await services.clock.now(tx)
        await store.insertCheckpoint(tx, { size, root: Buffer.from(root), note, at })
    })
}

/** The root over all leaves, after each unsigned leaf is compared with its event. */
async function loadCheckedRoot(tx: Tx, signed: store.CheckpointRow | null, size: number): Promise<Hash> {
    let edge = await loadSignedEdge(tx, signed)
    let index = signed?.size ?? 0
    const fault = await findFirstFault(tx, index, size, (hash) => {
        edge = append(index, hash, edge).edge
        index += 1
    })
    if (fault) throw new DamagedTree(fault.reason)
    return rootOfEdge(edge)
}

/** Loads the right edge of the signed tree and checks it against the checkpoint. */
async function loadSignedEdge(tx: Tx, signed: store.CheckpointRow | null): Promise<Hash[]> {
    if (signed === null) return []
    const places = edgePlaces(signed.size)
    const found = await store.listNodesAt(tx, places)
    const edge = places.map(({ level, pos }) => {
        const node = found.find((node) => node.level === level && node.pos === pos)
        if (!node) throw new DamagedTree(`the tree has lost its node ${level}/${pos}`)
        return node.hash
    })
    if (!hashesEqual(rootOfEdge(edge), signed.root))
        throw new DamagedTree("the tree differs from the one that its newest checkpoint signs")
    return edge
}

const rootOfEdge = (edge: readonly Hash[]): Hash => edge.reduceRight((right, left) => nodeHash(left, right))

// --- The high-water file

/** The database's newest checkpoint, and its root (hex) at the size in the high-water file. */
export interface ObservedAuditLog {
    readonly newest: AuditLogMark | null
    readonly rootAtMark: string | null
}

/** Reads the newest checkpoint and the signed root at the file's size. The sequencer checks the leaves below. */
export async function observeAuditLog(tx: Tx, mark: AuditLogMark | null): Promise<ObservedAuditLog> {
    const found = await store.findNewestCheckpoint(tx)
    const newest = found && { size: found.size, root: found.root.toString("hex"), checkpoint: found.note }
    if (mark === null) return { newest, rootAtMark: null }
    const signed = await store.findCheckpointAt(tx, mark.size)
    if (signed) return { newest, rootAtMark: signed.root.toString("hex") }
    if (mark.size > (await store.countLeaves(tx))) return { newest, rootAtMark: null }
    const places = placesIn({ start: 0, end: mark.size })
    const nodes = new Map((await store.listNodesAt(tx, places)).map((node) => [`${node.level}/${node.pos}`, node.hash]))
    if (nodes.size < places.length) return { newest, rootAtMark: null }
    const root = rootFrom(mark.size, (level, pos) => nodes.get(`${level}/${pos}`) ?? new Uint8Array(32))
    return { newest, rootAtMark: bytesToHex(root) }
}

/**
 * Writes the checkpoint into the high-water file before it is committed. Refuses `audit_log.behind_high_water` where
 * the tree does not extend the file's checkpoint, and quarantines the process.
 */
async function raiseHighWater({ highWater, clock }: SequencerServices, tx: Tx, next: AuditLogMark): Promise<void> {
    const file = await highWater.read()
    const mark = file.state === "sound" ? file.mark : null
    const { rootAtMark } = await observeAuditLog(tx, mark?.auditLog ?? null)
    if (mark === null || !extendsMark(mark, rootAtMark)) stopSigning(highWater)
    const observed = { auditLog: next, receiptLog: null, epoch: null, clock: await readClockMark(tx, clock) }
    await highWater.change((current) => {
        const isSame = current.state === "sound" && current.mark.id === mark.id
        const isUnmoved = isSame && current.mark.auditLog?.checkpoint === mark.auditLog?.checkpoint
        return isUnmoved ? advance(current.mark, observed, []) : stopSigning(highWater)
    })
}

const extendsMark = ({ auditLog, isWhole }: HighWater, rootAtMark: string | null): boolean =>
    isWhole && (auditLog === null || auditLog.root === rootAtMark)

function stopSigning(highWater: SequencerServices["highWater"]): never {
    highWater.setQuarantined(true)
    return refuse(
        "unavailable",
        "audit_log.behind_high_water",
        "the audit log does not extend the checkpoint in the high-water file: reconcile the quarantine",
    )
}

/**
 * Processes the buffered requests of listeners: matches names, guesses sources and counts.
 *
 * Unknown names are counted by day. The first touch of a name by each likely source is an event; later touches are
 * counted in its row.
 */
import { createHmac } from "node:crypto"
import { formatInstant } from "@tocsin/base/instant"
import { sourceNetworkOf } from "@tocsin/rules/network"
import type { Services } from "../../../kernel/services.ts"
import { encryptText } from "../../../platform/crypto/vault.ts"
import type { BackgroundJob } from "../../../kernel/worker.ts"
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import type { BufferEntry } from "../listener-buffer.ts"
import * as store from "../store.ts"
import { guessSource, touchRequestIn } from "../touch.ts"

/** The batch size. */
const batchMax = 200
/** The maximum rows of one name. Later touches are counted in one row for each likely source, without network. */
const rowsMax = 200
const scope = "canaries"

/** Stores the buffer of a listener, with permission for nothing else. */
export async function spoolTouches(services: Pick<Services, "db">, entries: readonly BufferEntry[]): Promise<void> {
    if (entries.length > 0) await services.db.transaction((tx) => store.insertSpooled(tx, entries))
}

export const processTouchesJob: BackgroundJob = {
    name: "hearing",
    workSql: store.pendingSpoolQuery,
    run: (services) =>
        services.db.transaction(async (tx) => {
            const now = await services.clock.now(tx)
            return await processTouches({ tx, now, services, actor: { kind: "system", component: "hear" } })
        }),
}

/** Processes a batch. Returns whether there may be more. */
export async function processTouches(ctx: ActionContext): Promise<boolean> {
    const spooled = await store.claimSpooled(ctx.tx, batchMax)
    const names = await store.listNamesByDigest(
        ctx.tx,
        spooled.flatMap(({ digest }) => digest ?? []),
    )
    const known = new Map(names.map((row) => [row.digest.toString("hex"), row]))
    for (const row of spooled) {
        const name = row.digest === null ? undefined : known.get(row.digest.toString("hex"))
        if (name !== undefined) await recordTouch(ctx, row, name)
    }
    await countUnknownNames(
        ctx,
        spooled.filter(({ digest }) => digest === null || !known.has(digest.toString("hex"))),
    )
    return spooled.length === batchMax
}

/** Counts unknown names by day, in a fixed order, so that concurrent workers cannot deadlock. */
async function countUnknownNames(ctx: ActionContext, rows: readonly store.SpoolRow[]): Promise<void> {
    const groups = Map.groupBy(rows, (row) => {
        const day = formatInstant(instantOf(ctx, row)).slice(0, 10)
        return `${day} ${row.channel} ${row.digest !== null}`
    })
    for (const [, [first, ...more]] of [...groups].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
        if (first === undefined) continue
        const times = [first, ...more].reduce((sum, row) => sum + row.times, 0)
        const formed = first.digest !== null
        await store.addUnknownNames(ctx.tx, { channel: first.channel, formed, times }, instantOf(ctx, first))
    }
}

async function recordTouch(ctx: ActionContext, row: store.SpoolRow, name: store.NameRow): Promise<void> {
    const { channel, times } = row
    const request = touchRequestIn(row.request)
    const { likelySource, reasons } = guessSource(channel, request)
    const id = ctx.services.newId()
    const hasTooManyRows = (await store.countTouches(ctx.tx, name.digest)) >= rowsMax
    const text = JSON.stringify({ ...request, source: hasTooManyRows ? "" : request.source, reasons })
    const at = instantOf(ctx, row)
    const touch = await store.upsertTouch(ctx.tx, {
        id,
        digest: name.digest,
        channel,
        likelySource,
        times,
        first_at: at,
        last_at: at,
        source: hasTooManyRows ? Buffer.alloc(0) : sourceOf(ctx, request.source),
        ciphertext: await encryptText(ctx.tx, ctx.services.keys, scope, placeOf(id), text),
    })
    if (!touch.isFirst) return
    const { case_id: caseId, artifact, version, decoy } = name
    const facts = { touch: touch.id, case: caseId, artifact, version, channel, likelySource, decoy }
    await record(ctx, { kind: "canary.touched", ...facts, name: name.digest.toString("hex") }, true)
}

export const placeOf = (touch: string): string => `canary_touches.box:${touch}`

/** Hashes the network under a key: equal networks can be matched, but the table does not reveal them. */
function sourceOf(ctx: ActionContext, address: string): Buffer {
    const key = ctx.services.keys.derive("canary sources", 32)
    return createHmac("sha256", key).update(sourceNetworkOf(address)).digest().subarray(0, 16)
}

/** Converts the listener's wall-clock time to program time. */
function instantOf({ now, services }: ActionContext, { received_at: at }: store.SpoolRow): number {
    return now - Math.max(0, services.realNow() - at)
}

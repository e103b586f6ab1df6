/**
 * Processes what listeners buffered: matches names, guesses sources and counts.
 *
 * Unknown names are counted by day. The first touch of a name by each likely source is an event; later touches are
 * counted in its row.
 */
import { createHmac } from "node:crypto"
import { formatInstant } from "@tocsin/base/instant"
import { sourceNetworkOf } from "@tocsin/rules/network"
import type { Services } from "../../../kernel/services.ts"
import { seal } from "../../../platform/crypto/vault.ts"
import type { BackgroundJob } from "../../../kernel/worker.ts"
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import type { Entry } from "../listener-buffer.ts"
import * as store from "../store.ts"
import { graded, heardIn } from "../touch.ts"

/** The batch size. */
const takenMax = 200
/** The maximum rows of one name. Later touches are counted in one row for each likely source, without network. */
const rowsMax = 200
const scope = "canaries"

/** Stores what a listener buffered, with a permission for nothing else. */
export async function spool(services: Pick<Services, "db">, entries: readonly Entry[]): Promise<void> {
    if (entries.length > 0) await services.db.transaction((tx) => store.spool(tx, entries))
}

export const takeInTouchesJob: BackgroundJob = {
    name: "hearing",
    waiting: store.spoolWaiting,
    run: (services) =>
        services.db.transaction(async (tx) => {
            const now = await services.clock.now(tx)
            return await takeIn({ tx, now, services, actor: { kind: "system", step: "hear" } })
        }),
}

/** Processes a batch. Returns whether there may be more. */
export async function takeIn(ctx: ActionContext): Promise<boolean> {
    const heard = await store.claimSpooled(ctx.tx, takenMax)
    const names = await store.listNamesAmong(
        ctx.tx,
        heard.flatMap(({ digest }) => digest ?? []),
    )
    const known = new Map(names.map((row) => [row.digest.toString("hex"), row]))
    for (const row of heard) {
        const name = row.digest === null ? undefined : known.get(row.digest.toString("hex"))
        if (name !== undefined) await takeTouch(ctx, row, name)
    }
    await countUnknown(
        ctx,
        heard.filter(({ digest }) => digest === null || !known.has(digest.toString("hex"))),
    )
    return heard.length === takenMax
}

/** Counts unknown names by day, in a fixed order, so that concurrent workers cannot deadlock. */
async function countUnknown(ctx: ActionContext, rows: readonly store.SpoolRow[]): Promise<void> {
    const groups = Map.groupBy(rows, (row) => {
        const day = formatInstant(instantOf(ctx, row)).slice(0, 10)
        return `${day} ${row.channel} ${row.digest !== null}`
    })
    for (const [, [first, ...more]] of [...groups].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
        if (first === undefined) continue
        const times = [first, ...more].reduce((sum, row) => sum + row.times, 0)
        const formed = first.digest !== null
        await store.addUnknown(ctx.tx, { channel: first.channel, formed, times }, instantOf(ctx, first))
    }
}

async function takeTouch(ctx: ActionContext, row: store.SpoolRow, name: store.NameRow): Promise<void> {
    const { channel, times } = row
    const heard = heardIn(row.heard)
    const { grade, reasons } = graded(channel, heard)
    const id = ctx.services.newId()
    const isCrowded = (await store.touchesOf(ctx.tx, name.digest)) >= rowsMax
    const message = JSON.stringify({ ...heard, source: isCrowded ? "" : heard.source, reasons })
    const at = instantOf(ctx, row)
    const touch = await store.putTouch(ctx.tx, {
        id,
        digest: name.digest,
        channel,
        grade,
        times,
        first_at: at,
        last_at: at,
        source: isCrowded ? Buffer.alloc(0) : sourceOf(ctx, heard.source),
        box: await seal(ctx.tx, ctx.services.keys, scope, placeOf(id), message),
    })
    if (!touch.isFirst) return
    const { case_id: subject, artifact, version, decoy } = name
    const about = { touch: touch.id, case: subject, artifact, version, channel, grade, decoy }
    await record(ctx, { kind: "canary.touched", ...about, name: name.digest.toString("hex") }, true)
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

/** Lists canaries for investigators: their places, their touches, and the background without a leak. */
import type { Instant } from "@tocsin/base/instant"
import { unseal } from "../../../platform/crypto/vault.ts"
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import { namesAmong, type Named } from "../actions.ts"
import { type Background, backgrounds } from "../scanner-noise.ts"
import * as store from "../store.ts"
import type { Channel, Grade, Heard } from "../touch.ts"
import { placeOf } from "./record-touches.ts"

export interface Touch extends Named {
    readonly id: string
    /** The digest of the name, in hex. */
    readonly name: string
    readonly channel: Channel
    readonly grade: Grade
    readonly reasons: readonly string[]
    /** The number of touches from one network, or, after too many, from all networks since. */
    readonly times: number
    readonly firstAt: Instant
    readonly lastAt: Instant
    /** The source of the first touch; empty where the row counts many networks. */
    readonly source: string
    readonly agent: string
}

export interface Canaries {
    readonly planted: readonly store.PlantedRow[]
    readonly touches: readonly Touch[]
    readonly background: readonly Background[]
    readonly unknown: readonly store.UnknownRow[]
}

const touchesMax = 500
const unknownMax = 60

/** Lists the canaries of one case (null: all). They show whose copies were touched, so the read is recorded. */
export async function canaries(ctx: ActionContext, caseId: string | null): Promise<Canaries> {
    const rows = await store.listTouches(ctx.tx, caseId, touchesMax)
    const named = await namesAmong(ctx, [...new Set(rows.map(({ digest }) => digest))])
    const touches: Touch[] = []
    for (const row of rows) {
        const name = named.get(row.digest.toString("hex"))
        if (name !== undefined) touches.push(await touchOf(ctx, row, name))
    }
    await record(ctx, { kind: "canary.read", case: caseId }, true)
    return {
        touches,
        planted: await store.planted(ctx.tx, caseId),
        background: await background(ctx),
        unknown: await store.unknown(ctx.tx, unknownMax),
    }
}

/**
 * Returns the first touch of a copy's name of this case, with its likely source but without the recipient; null where
 * there is none.
 */
export async function firstTouched(ctx: ActionContext, caseId: string): Promise<{ at: Instant; grade: Grade } | null> {
    return (await store.findFirstTouch(ctx.tx, caseId)) ?? null
}

/** Lists touches of decoys. Decoys are never handed out, so such a toucher must have the keys or what they make. */
export async function touchedDecoys(ctx: ActionContext): Promise<string[]> {
    return (await store.listTouchedDecoys(ctx.tx)).map(({ id }) => id)
}

/** Returns the background over all cases, since touches without a leak depend on no case. */
export async function background(ctx: ActionContext): Promise<Background[]> {
    return backgrounds(await store.listHosts(ctx.tx), await store.listTouchedByGrade(ctx.tx))
}

/** Returns one touch for handlers that record their own use; null where there is none. */
export async function touch(ctx: ActionContext, id: string): Promise<Touch | null> {
    const row = await store.touch(ctx.tx, id)
    const name = row && (await namesAmong(ctx, [row.digest])).get(row.digest.toString("hex"))
    return row && name ? await touchOf(ctx, row, name) : null
}

async function touchOf(ctx: ActionContext, row: store.TouchedRow, name: Named): Promise<Touch> {
    const { id, channel, grade, times, first_at: firstAt, last_at: lastAt } = row
    const input = await unseal(ctx.tx, ctx.services.keys, "canaries", placeOf(id), row.box)
    const { source, agent, reasons } = JSON.parse(input) as Heard & Pick<Touch, "reasons">
    return {
        ...name,
        id,
        name: row.digest.toString("hex"),
        channel,
        grade,
        reasons,
        times,
        firstAt,
        lastAt,
        source,
        agent,
    }
}

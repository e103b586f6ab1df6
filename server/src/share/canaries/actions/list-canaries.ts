/** What investigators see of canaries: where names stand, what touched them, and how much of that comes without a leak. */
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
    /** The digest by which the name is looked up, in hex. */
    readonly name: string
    readonly channel: Channel
    readonly grade: Grade
    readonly reasons: readonly string[]
    /** From one network; where too many came before, from all that came since. */
    readonly times: number
    readonly firstAt: Instant
    readonly lastAt: Instant
    /** Of the first; empty where it counts for many networks. */
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

/** Of one case (null: of all); whose copies were touched is told, and so the look is on record. */
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

/** When a copy's name of this case was touched first, and how that was graded; null where none was. Whose is not told. */
export async function firstTouched(ctx: ActionContext, caseId: string): Promise<{ at: Instant; grade: Grade } | null> {
    return (await store.findFirstTouch(ctx.tx, caseId)) ?? null
}

/** Touches of decoys. A decoy was given to nobody, so a person or a program has the keys, or what they make. */
export async function touchedDecoys(ctx: ActionContext): Promise<string[]> {
    return (await store.listTouchedDecoys(ctx.tx)).map(({ id }) => id)
}

/** Over all cases: what comes without a leak has nothing to do with any of them. */
export async function background(ctx: ActionContext): Promise<Background[]> {
    return backgrounds(await store.listHosts(ctx.tx), await store.listTouchedByGrade(ctx.tx))
}

/** For steps that record themselves what they did with it; null where there is no such touch. */
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

/** Stores measures: who decided, why, until when, and what ended them. */
import type { Instant } from "@tocsin/base/instant"
import { refuse } from "@tocsin/base/refusal"
import { holdKeys, seal, unseal } from "../../../platform/crypto/vault.ts"
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import type { Restriction } from "../../../trust/partners/facts.ts"
import { type Measure, type MeasureKind, validateReason } from "../measure.ts"
import * as store from "../store/measures.ts"

interface Taken {
    readonly id: string
    readonly kind: MeasureKind
    readonly partner: string | null
    readonly reason: string
    readonly policy?: number
    readonly procedure?: string
    readonly restriction?: Restriction
    readonly reviewBy?: Instant
    readonly approval?: string | null
}

/** Records a measure by one staff member. Ends the partner's open measures of the kinds in `ends`. */
export async function extendMeasure(ctx: ActionContext, taken: Taken, ends: readonly MeasureKind[]): Promise<void> {
    const { id, kind, partner } = taken
    const person = assertDecided(ctx, taken.reason)
    const text = JSON.stringify({ reason: taken.reason, restriction: taken.restriction ?? null })
    for (const ended of ends) {
        for (const open of await store.openMeasures(ctx.tx, ended, partner)) await end(ctx, open, id)
    }
    const [policy, reviewBy, approval] = [taken.policy ?? null, taken.reviewBy ?? null, taken.approval ?? null]
    const procedure = taken.procedure ?? null
    await store.insertMeasure(ctx.tx, {
        id,
        kind,
        partner,
        policy,
        procedure,
        reason_ciphertext: await seal(ctx.tx, ctx.services.keys, scopeOf(partner), `measures.reason:${id}`, text),
        taken_by: person,
        taken_at: ctx.now,
        review_due_at: reviewBy,
        approval,
    })
    await record(ctx, {
        kind: "measure.taken",
        measure: id,
        what: kind,
        partner,
        policy,
        procedure,
        reviewBy,
        approval,
    })
}

/** `endedBy` is the measure that ends it; null where something else does. */
async function end(ctx: ActionContext, { id, kind, partner }: store.MeasureRow, endedBy: string | null): Promise<void> {
    await store.setEnded(ctx.tx, id, ctx.now)
    await record(ctx, { kind: "measure.ended", measure: id, what: kind, partner, endedBy })
}

/** Ends a partner's measure, as two people decided. */
export async function endMeasure(
    ctx: ActionContext,
    { id }: Pick<Measure, "id">,
    endedBy: string | null,
): Promise<void> {
    const row = await store.lockMeasure(ctx.tx, id)
    if (row && row.ended_at === null) await end(ctx, row, endedBy)
}

/** Ends restrictions by reporting duty of other policies than the active one. Returns the measures' ids. */
export async function endByDuty(ctx: ActionContext, policyInForce: () => Promise<number | null>): Promise<string[]> {
    const open = await store.openMeasures(ctx.tx, "restrict_by_reporting_duty", null)
    const version = await policyInForce()
    const over = open.filter((row) => row.policy !== version)
    for (const row of over) await end(ctx, row, null)
    return over.map(({ id }) => id)
}

/**
 * Validates the actor and the reason before any change, and returns the person. Refuses `measure.staff_only` and
 * `measure.bad_reason`.
 */
export function assertDecided(ctx: ActionContext, reason: string): string {
    if (ctx.actor.kind !== "operator") {
        refuse("forbidden", "measure.staff_only", "only staff can decide measures")
    }
    validateReason(reason)
    return ctx.actor.person
}

/** Lists the measures of one partner (null: all), newest first. */
export async function measuresOf(ctx: ActionContext, partner: string | null): Promise<Measure[]> {
    return await presentAll(ctx, await store.listMeasures(ctx.tx, partner))
}

/** Loads one measure. Refuses `measure.not_found`. */
export async function measureOf(ctx: ActionContext, id: string): Promise<Measure> {
    const row = (await store.measure(ctx.tx, id)) ?? refuse("missing", "measure.not_found", "no such measure")
    return await presentOne(ctx, row)
}

/** Lists all open measures of a kind, oldest first. */
export async function openOfKind(ctx: ActionContext, kind: MeasureKind): Promise<Measure[]> {
    return await presentAll(ctx, await store.openOfKind(ctx.tx, kind))
}

/** Returns the newest open measure of this kind and partner, or null. */
export async function openMeasureOf(ctx: ActionContext, kind: MeasureKind, partner: string): Promise<Measure | null> {
    return (await openMeasuresOf(ctx, [kind], partner)).at(-1) ?? null
}

/** Lists the open measures of these kinds and this partner, by kind, oldest first. */
export async function openMeasuresOf(
    ctx: ActionContext,
    kinds: readonly MeasureKind[],
    partner: string,
): Promise<Measure[]> {
    const rows: store.MeasureRow[] = []
    for (const kind of kinds) rows.push(...(await store.openMeasures(ctx.tx, kind, partner)))
    return await presentAll(ctx, rows)
}

async function presentOne(ctx: ActionContext, row: store.MeasureRow): Promise<Measure> {
    return await present(ctx, row, (await store.listReviews(ctx.tx, [row.id])).at(-1))
}

async function presentAll(ctx: ActionContext, rows: readonly store.MeasureRow[]): Promise<Measure[]> {
    const ids = rows.map(({ id }) => id)
    const latest = new Map((await store.listReviews(ctx.tx, ids)).map((review) => [review.measure, review]))
    await holdKeys(
        ctx.tx,
        ctx.services.keys,
        rows.map(({ partner }) => scopeOf(partner)),
    )
    const measures: Measure[] = []
    for (const row of rows) measures.push(await present(ctx, row, latest.get(row.id)))
    return measures
}

/** The latest review sets the next review date. */
async function present(
    ctx: ActionContext,
    row: store.MeasureRow,
    review: store.ReviewRow | undefined,
): Promise<Measure> {
    const { id, kind, partner, policy, approval } = row
    const text = await unseal(
        ctx.tx,
        ctx.services.keys,
        scopeOf(partner),
        `measures.reason:${id}`,
        row.reason_ciphertext,
    )
    const words = JSON.parse(text) as Pick<Measure, "reason" | "restriction">
    return {
        ...words,
        id,
        kind,
        partner,
        policy,
        procedure: review?.procedure ?? row.procedure,
        approval,
        takenBy: row.taken_by,
        takenAt: row.taken_at,
        reviewBy: review ? review.review_due_at : row.review_due_at,
        endedAt: row.ended_at,
    }
}

/** Names the vault scope. Texts about a partner are encrypted with its key. */
const scopeOf = (partner: string | null): string => (partner === null ? "program" : `partner:${partner}`)

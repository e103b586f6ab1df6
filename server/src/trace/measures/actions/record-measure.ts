/** Stores measures: who decided, why, until when, and what ended them. */
import type { Instant } from "@tocsin/base/instant"
import { refuse } from "@tocsin/base/refusal"
import { loadKeys, encryptText, decryptText } from "../../../platform/crypto/vault.ts"
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import type { Restriction } from "../../../trust/partners/facts.ts"
import { type Measure, type MeasureKind, validateReason } from "../measure.ts"
import * as store from "../store/measures.ts"

interface NewMeasure {
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

/** Records a measure by one staff member. Ends the partner's open measures of the kinds in `endedKinds`. */
export async function recordMeasure(
    ctx: ActionContext,
    measure: NewMeasure,
    endedKinds: readonly MeasureKind[],
): Promise<void> {
    const { id, kind, partner } = measure
    const person = assertMayDecide(ctx, measure.reason)
    const text = JSON.stringify({ reason: measure.reason, restriction: measure.restriction ?? null })
    for (const endedKind of endedKinds) {
        for (const open of await store.listOpenMeasures(ctx.tx, endedKind, partner)) await recordEnd(ctx, open, id)
    }
    const [policy, reviewBy, approval] = [measure.policy ?? null, measure.reviewBy ?? null, measure.approval ?? null]
    const procedure = measure.procedure ?? null
    await store.insertMeasure(ctx.tx, {
        id,
        kind,
        partner,
        policy,
        procedure,
        reason_ciphertext: await encryptText(
            ctx.tx,
            ctx.services.keys,
            scopeOf(partner),
            `measures.reason:${id}`,
            text,
        ),
        taken_by: person,
        taken_at: ctx.now,
        review_due_at: reviewBy,
        approval,
    })
    await record(ctx, {
        kind: "measure.taken",
        measure: id,
        measureKind: kind,
        partner,
        policy,
        procedure,
        reviewBy,
        approval,
    })
}

/** `endedBy` is the measure that ends it; null where something else does. */
async function recordEnd(
    ctx: ActionContext,
    { id, kind, partner }: store.MeasureRow,
    endedBy: string | null,
): Promise<void> {
    await store.setEnded(ctx.tx, id, ctx.now)
    await record(ctx, { kind: "measure.ended", measure: id, measureKind: kind, partner, endedBy })
}

/** Ends a partner's measure, as two people decided. */
export async function endMeasure(
    ctx: ActionContext,
    { id }: Pick<Measure, "id">,
    endedBy: string | null,
): Promise<void> {
    const row = await store.lockMeasure(ctx.tx, id)
    if (row && row.ended_at === null) await recordEnd(ctx, row, endedBy)
}

/** Ends restrictions by reporting duty of other policies than the active one. Returns the measures' ids. */
export async function endDutyRestrictions(
    ctx: ActionContext,
    policyInForce: () => Promise<number | null>,
): Promise<string[]> {
    const open = await store.listOpenMeasures(ctx.tx, "restrict_by_reporting_duty", null)
    const version = await policyInForce()
    const outdated = open.filter((row) => row.policy !== version)
    for (const row of outdated) await recordEnd(ctx, row, null)
    return outdated.map(({ id }) => id)
}

/**
 * Validates the actor and the reason before any change, and returns the person. Refuses `measure.staff_only` and
 * `measure.bad_reason`.
 */
export function assertMayDecide(ctx: ActionContext, reason: string): string {
    if (ctx.actor.kind !== "operator") {
        refuse("forbidden", "measure.staff_only", "only staff can decide measures")
    }
    validateReason(reason)
    return ctx.actor.person
}

/** Lists the measures of one partner (null: all), newest first. */
export async function listMeasures(ctx: ActionContext, partner: string | null): Promise<Measure[]> {
    return await decryptMeasures(ctx, await store.listMeasures(ctx.tx, partner))
}

/** Loads one measure. Refuses `measure.not_found`. */
export async function loadMeasure(ctx: ActionContext, id: string): Promise<Measure> {
    const row = (await store.findMeasure(ctx.tx, id)) ?? refuse("missing", "measure.not_found", "no such measure")
    return await decryptWithReview(ctx, row)
}

/** Lists all open measures of a kind, oldest first. */
export async function listOpenMeasuresOfKind(ctx: ActionContext, kind: MeasureKind): Promise<Measure[]> {
    return await decryptMeasures(ctx, await store.listOpenMeasuresOfKind(ctx.tx, kind))
}

/** Returns the newest open measure of this kind and partner, or null. */
export async function findOpenMeasure(ctx: ActionContext, kind: MeasureKind, partner: string): Promise<Measure | null> {
    return (await listOpenMeasures(ctx, [kind], partner)).at(-1) ?? null
}

/** Lists the open measures of these kinds and this partner, by kind, oldest first. */
export async function listOpenMeasures(
    ctx: ActionContext,
    kinds: readonly MeasureKind[],
    partner: string,
): Promise<Measure[]> {
    const rows: store.MeasureRow[] = []
    for (const kind of kinds) rows.push(...(await store.listOpenMeasures(ctx.tx, kind, partner)))
    return await decryptMeasures(ctx, rows)
}

async function decryptWithReview(ctx: ActionContext, row: store.MeasureRow): Promise<Measure> {
    return await decryptMeasure(ctx, row, (await store.listReviews(ctx.tx, [row.id])).at(-1))
}

async function decryptMeasures(ctx: ActionContext, rows: readonly store.MeasureRow[]): Promise<Measure[]> {
    const ids = rows.map(({ id }) => id)
    const latest = new Map((await store.listReviews(ctx.tx, ids)).map((review) => [review.measure, review]))
    await loadKeys(
        ctx.tx,
        rows.map(({ partner }) => scopeOf(partner)),
    )
    const measures: Measure[] = []
    for (const row of rows) measures.push(await decryptMeasure(ctx, row, latest.get(row.id)))
    return measures
}

/** The latest review sets the next review date. */
async function decryptMeasure(
    ctx: ActionContext,
    row: store.MeasureRow,
    review: store.ReviewRow | undefined,
): Promise<Measure> {
    const { id, kind, partner, policy, approval } = row
    const text = await decryptText(
        ctx.tx,
        ctx.services.keys,
        scopeOf(partner),
        `measures.reason:${id}`,
        row.reason_ciphertext,
    )
    const content = JSON.parse(text) as Pick<Measure, "reason" | "restriction">
    return {
        ...content,
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

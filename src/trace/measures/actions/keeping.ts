/** Keeps what was decided: by whom, why, until when, and what ended it. */
import type { Instant } from "../../../lib/instant.ts"
import { refuse } from "../../../lib/refusal.ts"
import { holdKeys, seal, unseal } from "../../../platform/vault.ts"
import { type Act, record } from "../../../trust/audit/actions.ts"
import type { Restriction } from "../../../trust/partners/facts.ts"
import { type Measure, type MeasureKind, mustBeReason } from "../measure.ts"
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

/** One person of the operator takes it; of the kinds in `ends`, what is open of the same partner ends with it. */
export async function keepMeasure(act: Act, taken: Taken, ends: readonly MeasureKind[]): Promise<void> {
    const { id, kind, partner } = taken
    const person = mustDecide(act, taken.reason)
    const words = JSON.stringify({ reason: taken.reason, restriction: taken.restriction ?? null })
    for (const ended of ends) {
        for (const open of await store.openMeasures(act.tx, ended, partner)) await end(act, open, id)
    }
    const [policy, reviewBy, approval] = [taken.policy ?? null, taken.reviewBy ?? null, taken.approval ?? null]
    const procedure = taken.procedure ?? null
    await store.insertMeasure(act.tx, {
        id,
        kind,
        partner,
        policy,
        procedure,
        reason_ciphertext: await seal(act.tx, act.doors.keys, scopeOf(partner), `measures.reason:${id}`, words),
        taken_by: person,
        taken_at: act.now,
        review_due_at: reviewBy,
        approval,
    })
    await record(act, {
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

/** `endedBy`: the measure that it ends with; null where something else has ended it. */
async function end(act: Act, { id, kind, partner }: store.MeasureRow, endedBy: string | null): Promise<void> {
    await store.setEnded(act.tx, id, act.now)
    await record(act, { kind: "measure.ended", measure: id, what: kind, partner, endedBy })
}

/** Ends one of a partner by another; for what two have decided. */
export async function endMeasure(act: Act, { id }: Pick<Measure, "id">, endedBy: string | null): Promise<void> {
    const row = await store.lockMeasure(act.tx, id)
    if (row && row.ended_at === null) await end(act, row, endedBy)
}

/** Ends what restricts by duty with another policy than this one; returns the measures' ids. */
export async function endByDuty(act: Act, policyInForce: () => Promise<number | null>): Promise<string[]> {
    const open = await store.openMeasures(act.tx, "restrict by duty", null)
    const version = await policyInForce()
    const over = open.filter((one) => one.policy !== version)
    for (const one of over) await end(act, one, null)
    return over.map(({ id }) => id)
}

/** Asked before anything is changed; returns the person who decides. */
export function mustDecide(act: Act, reason: string): string {
    if (act.actor.kind !== "operator") {
        refuse("forbidden", "measure.staff_only", "measures are taken by persons of the operator")
    }
    mustBeReason(reason)
    return act.actor.person
}

/** Of one partner (null: all), newest first. */
export async function measuresOf(act: Act, partner: string | null): Promise<Measure[]> {
    return await presentAll(act, await store.measures(act.tx, partner))
}

export async function measureOf(act: Act, id: string): Promise<Measure> {
    const row = (await store.measure(act.tx, id)) ?? refuse("missing", "measure.not_found", "no such measure")
    return await presentOne(act, row)
}

/** All that are open of a kind, of whichever partner, oldest first. */
export async function openOfKind(act: Act, kind: MeasureKind): Promise<Measure[]> {
    return await presentAll(act, await store.openOfKind(act.tx, kind))
}

/** The newest that is open of this kind and partner; null where there is none. */
export async function openMeasureOf(act: Act, kind: MeasureKind, partner: string): Promise<Measure | null> {
    return (await openMeasuresOf(act, [kind], partner)).at(-1) ?? null
}

/** All that are open of these kinds and this partner, kind by kind, each oldest first. */
export async function openMeasuresOf(act: Act, kinds: readonly MeasureKind[], partner: string): Promise<Measure[]> {
    const rows: store.MeasureRow[] = []
    for (const kind of kinds) rows.push(...(await store.openMeasures(act.tx, kind, partner)))
    return await presentAll(act, rows)
}

async function presentOne(act: Act, row: store.MeasureRow): Promise<Measure> {
    return await present(act, row, (await store.reviews(act.tx, [row.id])).at(-1))
}

async function presentAll(act: Act, rows: readonly store.MeasureRow[]): Promise<Measure[]> {
    const ids = rows.map(({ id }) => id)
    const latest = new Map((await store.reviews(act.tx, ids)).map((review) => [review.measure, review]))
    await holdKeys(
        act.tx,
        act.doors.keys,
        rows.map(({ partner }) => scopeOf(partner)),
    )
    const measures: Measure[] = []
    for (const row of rows) measures.push(await present(act, row, latest.get(row.id)))
    return measures
}

/** What two have decided since about when it is looked at again stands in the latest review. */
async function present(act: Act, row: store.MeasureRow, review: store.ReviewRow | undefined): Promise<Measure> {
    const { id, kind, partner, policy, approval } = row
    const text = await unseal(act.tx, act.doors.keys, scopeOf(partner), `measures.reason:${id}`, row.reason_ciphertext)
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

/** What is about a partner goes with it. */
const scopeOf = (partner: string | null): string => (partner === null ? "program" : `partner:${partner}`)

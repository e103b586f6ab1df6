/** Keeps what was decided: by whom, why, until when, and what ended it. */
import type { Instant } from "../../../lib/instant.ts"
import { refuse } from "../../../lib/refusal.ts"
import { seal, unseal } from "../../../platform/vault.ts"
import { type Act, record } from "../../../trust/audit/actions.ts"
import type { Restriction } from "../../../trust/partners/facts.ts"
import { type Measure, type MeasureKind, mustBeReason } from "../measure.ts"
import * as store from "../store.ts"

interface Taken {
    readonly id: string
    readonly kind: MeasureKind
    readonly partner: string | null
    readonly reason: string
    readonly policy?: number
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
    await store.insertMeasure(act.tx, {
        id,
        kind,
        partner,
        policy,
        reason_box: await seal(act.tx, act.doors.keys, scopeOf(partner), `measures.reason:${id}`, words),
        taken_by: person,
        taken_at: act.now,
        review_by: reviewBy,
        approval,
    })
    await record(act, { kind: "measure.taken", measure: id, what: kind, partner, policy, reviewBy, approval })
}

async function end(act: Act, { id, kind, partner }: store.MeasureRow, endedBy: string): Promise<void> {
    await store.setEnded(act.tx, id, act.now)
    await record(act, { kind: "measure.ended", measure: id, what: kind, partner, endedBy })
}

/** Asked before anything is changed; returns the person who decides. */
export function mustDecide(act: Act, reason: string): string {
    if (act.actor.kind !== "operator") {
        refuse("forbidden", "measure.operators_only", "measures are taken by persons of the operator")
    }
    mustBeReason(reason)
    return act.actor.person
}

/** Of one partner (null: all), newest first. */
export async function measuresOf(act: Act, partner: string | null): Promise<Measure[]> {
    const measures: Measure[] = []
    for (const row of await store.measures(act.tx, partner)) measures.push(await present(act, row))
    return measures
}

export async function measureOf(act: Act, id: string): Promise<Measure> {
    const row = await store.measure(act.tx, id)
    return await present(act, row ?? refuse("missing", "measure.unknown", "no such measure"))
}

/** The one that is open of this kind and partner; null where there is none. */
export async function openMeasureOf(act: Act, kind: MeasureKind, partner: string): Promise<Measure | null> {
    const row = (await store.openMeasures(act.tx, kind, partner)).at(-1)
    return row ? await present(act, row) : null
}

async function present(act: Act, row: store.MeasureRow): Promise<Measure> {
    const { id, kind, partner, policy, approval } = row
    const text = await unseal(act.tx, act.doors.keys, scopeOf(partner), `measures.reason:${id}`, row.reason_box)
    const words = JSON.parse(text) as Pick<Measure, "reason" | "restriction">
    return {
        ...words,
        id,
        kind,
        partner,
        policy,
        approval,
        takenBy: row.taken_by,
        takenAt: row.taken_at,
        reviewBy: row.review_by,
        endedAt: row.ended_at,
    }
}

/** What is about a partner goes with it. */
const scopeOf = (partner: string | null): string => (partner === null ? "program" : `partner:${partner}`)

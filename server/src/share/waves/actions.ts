/** Plans a case's waves, freezes and thaws them. What a wave opens, and when, is the release's to decide. */
import type { Instant } from "@tocsin/base/instant"
import { refuse } from "@tocsin/base/refusal"
import { openingAt, withheldFrom } from "../../platform/time/clock.ts"
import { lockToChangeProgram } from "../../kernel/locks.ts"
import { approval, voidApproval } from "../../trust/approvals/actions.ts"
import type { VoidReason } from "../../trust/approvals/approval.ts"
import { type ActionContext, record } from "../../kernel/action-context.ts"
import { personOf } from "../../kernel/actor.ts"
import { caseFile } from "../cases/actions.ts"
import { type Calendar, validateCalendar } from "./calendar.ts"
import * as store from "./store.ts"
import { type Plan, type Wave, type WaveTier, validateOrder, offsetOf, shippedPlan, wavesIn } from "./wave.ts"

/** Plans the waves of a case, by the program's plan, and publication. */
export async function planWaves(ctx: ActionContext, caseId: string): Promise<void> {
    await caseFile(ctx, caseId)
    if ((await store.listWaves(ctx.tx, caseId)).length > 0) {
        refuse("conflict", "wave.already_planned", "this case has its waves already")
    }
    for (const { tier, offsetMs } of wavesIn(await planInForce(ctx))) {
        const id = ctx.services.newId()
        await store.insertWave(ctx.tx, { id, case: caseId, tier, offsetMs }, ctx.now)
        await record(ctx, { kind: "wave.planned", case: caseId, wave: id, tier, offsetMs })
    }
}

/** What new cases are planned by. */
export async function planInForce(ctx: ActionContext): Promise<Plan> {
    return (await store.planAt(ctx.tx, ctx.now)) ?? shippedPlan
}

/** For the cases that are planned from now on: those that have their waves keep them, until somebody moves one. */
export async function setPlan(ctx: ActionContext, plan: Plan): Promise<void> {
    validateOrder(wavesIn(plan))
    await lockToChangeProgram(ctx.tx)
    await store.insertPlan(ctx.tx, plan, { from: ctx.now, by: personOf(ctx.actor) })
    const { validate = null, advance = null, entry = null } = plan
    await record(ctx, { kind: "default_schedule.set", validate, advance, entry })
}

/** The days on which the program publishes. */
export async function calendarInForce(ctx: ActionContext): Promise<Calendar> {
    return await store.listCalendarAt(ctx.tx, ctx.now)
}

export async function setCalendar(ctx: ActionContext, calendar: Calendar): Promise<void> {
    validateCalendar(calendar)
    await lockToChangeProgram(ctx.tx)
    await store.insertCalendar(ctx.tx, calendar, { from: ctx.now, by: personOf(ctx.actor) })
    await record(ctx, { kind: "calendar.set", days: calendar.length })
}

/** The waves of one case (null: of all), the earliest first. */
export async function wavesOf(ctx: ActionContext, caseId: string | null): Promise<Wave[]> {
    return await store.listWaves(ctx.tx, caseId)
}

/** The waves that have not fallen, and for whose fall an approval was asked. */
export async function armedWaves(ctx: ActionContext): Promise<Wave[]> {
    return await store.listArmedWaves(ctx.tx)
}

/** Which artifact versions the released waves of one case (null: of all) opened. */
export async function openedBy(ctx: ActionContext, caseId: string | null): Promise<(store.Opened & Released)[]> {
    return await store.opened(ctx.tx, caseId)
}

/** A wave's plan: what it is asked for before it falls, and after. */
export type Planned = Pick<Wave, "case" | "tier" | "offsetMs">

export interface PlannedAndOpen {
    readonly planned: readonly Planned[]
    readonly opened: readonly (store.Opened & Released)[]
    /** With what waves had opened that were frozen. */
    readonly fallen: readonly (store.Opened & Released)[]
    /** Planned instants have come by this one: earlier than what was asked about, where the clocks are not trusted so far. */
    readonly comeBy: Instant
}

/**
 * Of one case (null: of all): the plan as it was at an instant, and what stood open then by waves that had fallen and were
 * not frozen.
 */
export async function plannedAndOpenAt(
    ctx: ActionContext,
    caseId: string | null,
    instant: Instant,
): Promise<PlannedAndOpen> {
    const rows = await store.listPlannedRows(ctx.tx, caseId, instant)
    const planned = new Map(rows.map((row) => [row.wave, row]))
    const fallen = rows.flatMap(({ wave, tier, artifact, version, openedAt: at, frozen }) => {
        const hasOpened = at !== null && at <= instant
        return hasOpened && artifact !== null && version !== null ? [{ wave, tier, artifact, version, at, frozen }] : []
    })
    const opened = fallen.filter((item) => !item.frozen)
    const comeBy = openingAt(ctx.services.clock, rows[0]?.trustedUntil ?? null, instant)
    return { planned: [...planned.values()], opened, fallen, comeBy }
}

/** The waves that are frozen now: nothing is sent for them. */
export async function frozenWaves(ctx: ActionContext): Promise<string[]> {
    const freezes = await store.listFreezes(ctx.tx, null)
    return freezes.filter((freeze) => freeze.until === null).map((freeze) => freeze.wave)
}

/** When waves of the case were frozen and thawed. */
export async function frozenAndThawed(ctx: ActionContext, caseId: string): Promise<Instant[]> {
    return (await store.listFreezes(ctx.tx, caseId)).flatMap(({ from, until }) => [from, until ?? from])
}

export interface Released {
    readonly tier: WaveTier
    readonly at: Instant
}

/** Moves a wave to another distance from publication. What was signed carries a later fall; an earlier one asks anew. */
export async function moveWave(ctx: ActionContext, id: string, hoursBefore: number): Promise<void> {
    await lockToChangeProgram(ctx.tx)
    const wave = await lockWave(ctx, id)
    if (wave.releasedAt !== null) refuse("conflict", "wave.already_released", "this wave has fallen")
    const offsetMs = offsetOf(wave.tier, hoursBefore)
    if (offsetMs === wave.offsetMs) return
    const waves = await store.listWaves(ctx.tx, wave.case)
    validateOrder(waves.map((wave) => (wave.id === id ? { ...wave, offsetMs } : wave)))
    await store.insertOffset(ctx.tx, id, offsetMs, ctx.now)
    if (offsetMs < wave.offsetMs && wave.approval !== null) await voidOpenApproval(ctx, wave.approval, "changed")
    await record(ctx, { kind: "wave.moved", case: wave.case, wave: id, was: wave.offsetMs, offsetMs })
}

/**
 * One person stops a wave: one that has not fallen does not, and by one that has nothing more is read or sent. What was
 * signed for it falls. Frozen once more, it loses what was asked for since.
 */
export async function freezeWave(ctx: ActionContext, id: string): Promise<void> {
    await lockToChangeProgram(ctx.tx)
    const wave = await lockWave(ctx, id)
    const hasFallen = wave.releasedAt !== null
    if (hasFallen && wave.tier === "publication") {
        refuse("conflict", "wave.already_published", "what is published cannot be called back")
    }
    // A clock that was ahead may have written a freeze that does not hold yet.
    const isFrozen = wave.frozenAt !== null && wave.frozenAt <= ctx.now
    if (isFrozen && (hasFallen || wave.approval === null)) return
    if (!isFrozen) await store.insertFreeze(ctx.tx, id, await withheldFrom(ctx.tx, ctx.services, ctx.now))
    if (wave.approval !== null && !hasFallen) {
        await store.setApproval(ctx.tx, id, null)
        await voidOpenApproval(ctx, wave.approval, "withdrawn")
    }
    await record(ctx, { kind: "wave.frozen", case: wave.case, wave: id })
}

/** Under the signature of a second person, which whoever calls has used, or is about to use, in this transaction. */
export async function thawWave(ctx: ActionContext, wave: Wave, approval: string): Promise<void> {
    if (wave.frozenAt === null) return
    await store.endFreeze(ctx.tx, wave.id, ctx.now)
    await record(ctx, { kind: "wave.unfrozen", case: wave.case, wave: wave.id, approval })
}

/** Where it is neither used nor taken back already. */
export async function voidOpenApproval(ctx: ActionContext, id: string, why: VoidReason): Promise<void> {
    const { usedAt, voidedAt } = await approval(ctx, id)
    if (usedAt === null && voidedAt === null) await voidApproval(ctx, id, why)
}

/** The wave, held until the transaction ends. */
export async function lockWave(ctx: ActionContext, id: string): Promise<Wave> {
    const wave = await lockFreeWave(ctx, id)
    if (wave) return wave
    await waveOf(ctx, id)
    refuse("conflict", "wave.busy", "this wave is being changed; try again")
}

/** As `lockWave`, and null where another transaction holds it: for whoever looks again soon. */
export async function lockFreeWave(ctx: ActionContext, id: string): Promise<Wave | null> {
    return (await store.lockWave(ctx.tx, id)) ?? null
}

/** The wave, for a look. */
export async function waveOf(ctx: ActionContext, id: string): Promise<Wave> {
    return (await store.findWave(ctx.tx, id)) ?? refuse("missing", "wave.not_found", "no such wave")
}

/** An approval was asked for, or fell. A frozen wave stays frozen by it, until it falls. */
export async function armWave(ctx: ActionContext, id: string, approval: string | null): Promise<void> {
    await store.setApproval(ctx.tx, id, approval)
}

/** The first gate opens, once, for exactly these versions. The release records it. */
export async function openWave(
    ctx: ActionContext,
    wave: Wave,
    versions: readonly Pick<store.Opened, "artifact" | "version">[],
): Promise<void> {
    await store.setReleased(ctx.tx, wave.id, ctx.now)
    await store.insertOpened(
        ctx.tx,
        versions.map(({ artifact, version }) => ({ wave: wave.id, artifact, version })),
        null,
    )
}

/** Waves that have fallen open one version more. Whoever calls has the signatures for it, and records it. */
export async function openLate(
    ctx: ActionContext,
    waves: readonly string[],
    { artifact, version }: Pick<store.Opened, "artifact" | "version">,
): Promise<void> {
    const entries = waves.map((wave) => ({ wave, artifact, version }))
    await store.insertOpened(ctx.tx, entries, ctx.now)
}

/** Plans a case's waves, freezes and thaws them. What a wave opens, and when, is the release's to decide. */
import type { Instant } from "../../lib/instant.ts"
import { refuse } from "../../lib/refusal.ts"
import { openingAt, withheldFrom } from "../../platform/clock.ts"
import { lockToChangeProgram } from "../../platform/locks.ts"
import { approval, voidApproval } from "../../trust/approvals/actions.ts"
import type { VoidReason } from "../../trust/approvals/approval.ts"
import { type Act, record } from "../../trust/audit/actions.ts"
import { personOf } from "../../trust/audit/actor.ts"
import { caseFile } from "../cases/actions.ts"
import { type Calendar, mustBeCalendar } from "./calendar.ts"
import * as store from "./store.ts"
import { type Plan, type Wave, type WaveTier, mustFallInOrder, offsetOf, shippedPlan, wavesIn } from "./wave.ts"

/** Plans the waves of a case, by the program's plan, and publication. */
export async function planWaves(act: Act, caseId: string): Promise<void> {
    await caseFile(act, caseId)
    if ((await store.waves(act.tx, caseId)).length > 0) {
        refuse("conflict", "wave.already_planned", "this case has its waves already")
    }
    for (const { tier, offsetMs } of wavesIn(await planInForce(act))) {
        const id = act.doors.newId()
        await store.insertWave(act.tx, { id, case: caseId, tier, offsetMs }, act.now)
        await record(act, { kind: "wave.planned", case: caseId, wave: id, tier, offsetMs })
    }
}

/** What new cases are planned by. */
export async function planInForce(act: Act): Promise<Plan> {
    return (await store.planAt(act.tx, act.now)) ?? shippedPlan
}

/** For the cases that are planned from now on: those that have their waves keep them, until somebody moves one. */
export async function setPlan(act: Act, plan: Plan): Promise<void> {
    mustFallInOrder(wavesIn(plan))
    await lockToChangeProgram(act.tx)
    await store.insertPlan(act.tx, plan, { from: act.now, by: personOf(act.actor) })
    const { validate = null, advance = null, entry = null } = plan
    await record(act, { kind: "default_schedule.set", validate, advance, entry })
}

/** The days on which the program publishes. */
export async function calendarInForce(act: Act): Promise<Calendar> {
    return await store.calendarAt(act.tx, act.now)
}

export async function setCalendar(act: Act, calendar: Calendar): Promise<void> {
    mustBeCalendar(calendar)
    await lockToChangeProgram(act.tx)
    await store.insertCalendar(act.tx, calendar, { from: act.now, by: personOf(act.actor) })
    await record(act, { kind: "calendar.set", days: calendar.length })
}

/** The waves of one case (null: of all), the earliest first. */
export async function wavesOf(act: Act, caseId: string | null): Promise<Wave[]> {
    return await store.waves(act.tx, caseId)
}

/** The waves that have not fallen, and for whose fall an approval was asked. */
export async function armedWaves(act: Act): Promise<Wave[]> {
    return await store.armedWaves(act.tx)
}

/** Which artifact versions the released waves of one case (null: of all) opened. */
export async function openedBy(act: Act, caseId: string | null): Promise<(store.Opened & Released)[]> {
    return await store.opened(act.tx, caseId)
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
export async function plannedAndOpenAt(act: Act, caseId: string | null, instant: Instant): Promise<PlannedAndOpen> {
    const rows = await store.plannedRows(act.tx, caseId, instant)
    const planned = new Map(rows.map((row) => [row.wave, row]))
    const fallen = rows.flatMap(({ wave, tier, artifact, version, openedAt: at, frozen }) => {
        const hasOpened = at !== null && at <= instant
        return hasOpened && artifact !== null && version !== null ? [{ wave, tier, artifact, version, at, frozen }] : []
    })
    const opened = fallen.filter((one) => !one.frozen)
    const comeBy = openingAt(act.doors.clock, rows[0]?.trustedUntil ?? null, instant)
    return { planned: [...planned.values()], opened, fallen, comeBy }
}

/** The waves that are frozen now: nothing is sent for them. */
export async function frozenWaves(act: Act): Promise<string[]> {
    const its = await store.freezes(act.tx, null)
    return its.filter((one) => one.until === null).map((one) => one.wave)
}

/** When waves of the case were frozen and thawed. */
export async function frozenAndThawed(act: Act, caseId: string): Promise<Instant[]> {
    return (await store.freezes(act.tx, caseId)).flatMap(({ from, until }) => [from, until ?? from])
}

export interface Released {
    readonly tier: WaveTier
    readonly at: Instant
}

/** Moves a wave to another distance from publication. What was signed carries a later fall; an earlier one asks anew. */
export async function moveWave(act: Act, id: string, hoursBefore: number): Promise<void> {
    await lockToChangeProgram(act.tx)
    const wave = await lockWave(act, id)
    if (wave.releasedAt !== null) refuse("conflict", "wave.already_released", "this wave has fallen")
    const offsetMs = offsetOf(wave.tier, hoursBefore)
    if (offsetMs === wave.offsetMs) return
    const waves = await store.waves(act.tx, wave.case)
    mustFallInOrder(waves.map((one) => (one.id === id ? { ...one, offsetMs } : one)))
    await store.insertOffset(act.tx, id, offsetMs, act.now)
    if (offsetMs < wave.offsetMs && wave.approval !== null) await takeBack(act, wave.approval, "changed")
    await record(act, { kind: "wave.moved", case: wave.case, wave: id, was: wave.offsetMs, offsetMs })
}

/**
 * One person stops a wave: one that has not fallen does not, and by one that has nothing more is read or sent. What was
 * signed for it falls. Frozen once more, it loses what was asked for since.
 */
export async function freezeWave(act: Act, id: string): Promise<void> {
    await lockToChangeProgram(act.tx)
    const wave = await lockWave(act, id)
    const hasFallen = wave.releasedAt !== null
    if (hasFallen && wave.tier === "publication") {
        refuse("conflict", "wave.already_published", "what is published cannot be called back")
    }
    // A clock that was ahead may have written a freeze that does not hold yet.
    const isFrozen = wave.frozenAt !== null && wave.frozenAt <= act.now
    if (isFrozen && (hasFallen || wave.approval === null)) return
    if (!isFrozen) await store.insertFreeze(act.tx, id, await withheldFrom(act.tx, act.doors, act.now))
    if (wave.approval !== null && !hasFallen) {
        await store.setApproval(act.tx, id, null)
        await takeBack(act, wave.approval, "withdrawn")
    }
    await record(act, { kind: "wave.frozen", case: wave.case, wave: id })
}

/** Under the signature of a second person, which whoever calls has used, or is about to use, in this transaction. */
export async function thawWave(act: Act, wave: Wave, approval: string): Promise<void> {
    if (wave.frozenAt === null) return
    await store.endFreeze(act.tx, wave.id, act.now)
    await record(act, { kind: "wave.unfrozen", case: wave.case, wave: wave.id, approval })
}

/** Where it is neither used nor taken back already. */
export async function takeBack(act: Act, id: string, why: VoidReason): Promise<void> {
    const { usedAt, voidedAt } = await approval(act, id)
    if (usedAt === null && voidedAt === null) await voidApproval(act, id, why)
}

/** The wave, held until the transaction ends. */
export async function lockWave(act: Act, id: string): Promise<Wave> {
    const wave = await lockFreeWave(act, id)
    if (wave) return wave
    await waveOf(act, id)
    refuse("conflict", "wave.busy", "this wave is being changed; try again")
}

/** As `lockWave`, and null where another transaction holds it: for whoever looks again soon. */
export async function lockFreeWave(act: Act, id: string): Promise<Wave | null> {
    return (await store.lockWave(act.tx, id)) ?? null
}

/** The wave, for a look. */
export async function waveOf(act: Act, id: string): Promise<Wave> {
    return (await store.wave(act.tx, id)) ?? refuse("missing", "wave.not_found", "no such wave")
}

/** An approval was asked for, or fell. A frozen wave stays frozen by it, until it falls. */
export async function armWave(act: Act, id: string, approval: string | null): Promise<void> {
    await store.setApproval(act.tx, id, approval)
}

/** The first gate opens, once, for exactly these versions. The release records it. */
export async function openWave(
    act: Act,
    wave: Wave,
    versions: readonly Pick<store.Opened, "artifact" | "version">[],
): Promise<void> {
    await store.setReleased(act.tx, wave.id, act.now)
    await store.insertOpened(
        act.tx,
        versions.map(({ artifact, version }) => ({ wave: wave.id, artifact, version })),
        null,
    )
}

/** Waves that have fallen open one version more. Whoever calls has the signatures for it, and records it. */
export async function openLate(
    act: Act,
    waves: readonly string[],
    { artifact, version }: Pick<store.Opened, "artifact" | "version">,
): Promise<void> {
    const its = waves.map((wave) => ({ wave, artifact, version }))
    await store.insertOpened(act.tx, its, act.now)
}

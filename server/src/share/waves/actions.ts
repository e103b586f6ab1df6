/** Plans, moves, freezes and unfreezes the waves of a case. The release decides what a wave opens, and when. */
import type { Instant } from "@tocsin/base/instant"
import { refuse } from "@tocsin/base/refusal"
import { trustedInstant, withheldFrom } from "../../platform/time/clock.ts"
import { lockToChangeProgram } from "../../kernel/locks.ts"
import { loadApproval } from "../../trust/approvals/actions/load-approvals.ts"
import { voidApproval } from "../../trust/approvals/actions/void-approvals.ts"
import type { VoidReason } from "../../trust/approvals/approval.ts"
import { type ActionContext, record } from "../../kernel/action-context.ts"
import { personOf } from "../../kernel/actor.ts"
import { loadCaseFile } from "../cases/actions/load-case.ts"
import { type Calendar, validateCalendar } from "./calendar.ts"
import * as store from "./store.ts"
import { type Schedule, type Wave, type WaveTier, validateOrder, offsetOf, shippedSchedule, wavesIn } from "./wave.ts"

/** Plans the waves of a case by the default schedule, and publication. Refuses `wave.already_planned`. */
export async function planWaves(ctx: ActionContext, caseId: string): Promise<void> {
    await loadCaseFile(ctx, caseId)
    if ((await store.listWaves(ctx.tx, caseId)).length > 0) {
        refuse("conflict", "wave.already_planned", "this case already has waves: move them instead")
    }
    for (const { tier, offsetMs } of wavesIn(await loadDefaultSchedule(ctx))) {
        const id = ctx.services.newId()
        await store.insertWave(ctx.tx, { id, case: caseId, tier, offsetMs }, ctx.now)
        await record(ctx, { kind: "wave.planned", case: caseId, wave: id, tier, offsetMs })
    }
}

/** Returns the default schedule of new cases. */
export async function loadDefaultSchedule(ctx: ActionContext): Promise<Schedule> {
    return (await store.findScheduleAt(ctx.tx, ctx.now)) ?? shippedSchedule
}

/** Sets the default schedule. Cases that have waves keep them. */
export async function setDefaultSchedule(ctx: ActionContext, schedule: Schedule): Promise<void> {
    validateOrder(wavesIn(schedule))
    await lockToChangeProgram(ctx.tx)
    await store.insertSchedule(ctx.tx, schedule, { from: ctx.now, by: personOf(ctx.actor) })
    const { validate = null, advance = null, entry = null } = schedule
    await record(ctx, { kind: "default_schedule.set", validate, advance, entry })
}

/** Returns the days on which the program publishes. */
export async function loadCalendar(ctx: ActionContext): Promise<Calendar> {
    return await store.listCalendarAt(ctx.tx, ctx.now)
}

/** Sets the days on which the program publishes. */
export async function setCalendar(ctx: ActionContext, calendar: Calendar): Promise<void> {
    validateCalendar(calendar)
    await lockToChangeProgram(ctx.tx)
    await store.insertCalendar(ctx.tx, calendar, { from: ctx.now, by: personOf(ctx.actor) })
    await record(ctx, { kind: "calendar.set", days: calendar.length })
}

/** Lists the waves of one case (null: all), earliest first. */
export async function listWaves(ctx: ActionContext, caseId: string | null): Promise<Wave[]> {
    return await store.listWaves(ctx.tx, caseId)
}

/** Lists the unreleased waves with a requested or signed approval. */
export async function listWavesWithApproval(ctx: ActionContext): Promise<Wave[]> {
    return await store.listWavesWithApproval(ctx.tx)
}

/** Lists the artifact versions that the released waves of one case (null: all) opened. */
export async function listOpenedVersions(
    ctx: ActionContext,
    caseId: string | null,
): Promise<(store.OpenedVersion & WaveRelease)[]> {
    return await store.listOpenedVersions(ctx.tx, caseId)
}

/** The schedule of a wave. */
export type PlannedWave = Pick<Wave, "case" | "tier" | "offsetMs">

export interface WaveContents {
    readonly planned: readonly PlannedWave[]
    readonly opened: readonly (store.OpenedVersion & WaveRelease)[]
    /** The opened versions, including those of frozen waves. */
    readonly released: readonly (store.OpenedVersion & WaveRelease)[]
    /**
     * Planned instants until this one have come. It is earlier than the requested instant where the clocks are
     * distrusted since.
     */
    readonly effectiveInstant: Instant
}

/**
 * Returns, for one case (null: all), the schedule at an instant, and the versions open then by released waves that were
 * not frozen.
 */
export async function loadWaveContents(
    ctx: ActionContext,
    caseId: string | null,
    instant: Instant,
): Promise<WaveContents> {
    const rows = await store.listPlannedRows(ctx.tx, caseId, instant)
    const planned = new Map(rows.map((row) => [row.wave, row]))
    const released = rows.flatMap(({ wave, tier, artifact, version, openedAt: at, frozen }) => {
        const hasOpened = at !== null && at <= instant
        return hasOpened && artifact !== null && version !== null ? [{ wave, tier, artifact, version, at, frozen }] : []
    })
    const opened = released.filter((releasedVersion) => !releasedVersion.frozen)
    const effectiveInstant = trustedInstant(ctx.services.clock, rows[0]?.trustedUntil ?? null, instant)
    return { planned: [...planned.values()], opened, released, effectiveInstant }
}

/** Lists the waves that are frozen now. No notices are sent for them. */
export async function listFrozenWaveIds(ctx: ActionContext): Promise<string[]> {
    const freezes = await store.listFreezes(ctx.tx, null)
    return freezes.filter((freeze) => freeze.until === null).map((freeze) => freeze.wave)
}

/** Returns when waves of the case were frozen and unfrozen. */
export async function listFreezeInstants(ctx: ActionContext, caseId: string): Promise<Instant[]> {
    return (await store.listFreezes(ctx.tx, caseId)).flatMap(({ from, until }) => [from, until ?? from])
}

export interface WaveRelease {
    readonly tier: WaveTier
    readonly at: Instant
}

/**
 * Moves a wave to another distance from publication. A signed approval covers a later release; an earlier one needs a
 * new approval.
 */
export async function moveWave(ctx: ActionContext, id: string, hoursBefore: number): Promise<void> {
    await lockToChangeProgram(ctx.tx)
    const wave = await lockWave(ctx, id)
    if (wave.releasedAt !== null) refuse("conflict", "wave.already_released", "this wave is already released")
    const offsetMs = offsetOf(wave.tier, hoursBefore)
    if (offsetMs === wave.offsetMs) return
    const waves = await store.listWaves(ctx.tx, wave.case)
    validateOrder(waves.map((wave) => (wave.id === id ? { ...wave, offsetMs } : wave)))
    await store.insertOffset(ctx.tx, id, offsetMs, ctx.now)
    if (offsetMs < wave.offsetMs && wave.approval !== null) await voidOpenApproval(ctx, wave.approval, "changed")
    await record(ctx, { kind: "wave.moved", case: wave.case, wave: id, was: wave.offsetMs, offsetMs })
}

/**
 * Freezes a wave by one person: an unreleased wave is not released, and a released one gives and sends nothing more.
 * Voids its approval, also when it is frozen again. Refuses `wave.already_published`.
 */
export async function freezeWave(ctx: ActionContext, id: string): Promise<void> {
    await lockToChangeProgram(ctx.tx)
    const wave = await lockWave(ctx, id)
    const isReleased = wave.releasedAt !== null
    if (isReleased && wave.tier === "publication") {
        refuse("conflict", "wave.already_published", "this case is published: its waves cannot be frozen")
    }
    // A clock that was ahead may have written a freeze that is not valid yet.
    const isFrozen = wave.frozenAt !== null && wave.frozenAt <= ctx.now
    if (isFrozen && (isReleased || wave.approval === null)) return
    if (!isFrozen) await store.insertFreeze(ctx.tx, id, await withheldFrom(ctx.tx, ctx.services, ctx.now))
    if (wave.approval !== null && !isReleased) {
        await store.setApproval(ctx.tx, id, null)
        await voidOpenApproval(ctx, wave.approval, "withdrawn")
    }
    await record(ctx, { kind: "wave.frozen", case: wave.case, wave: id })
}

/** Unfreezes a wave. The caller applies the approval of a second person in this transaction. */
export async function endFreeze(ctx: ActionContext, wave: Wave, approval: string): Promise<void> {
    if (wave.frozenAt === null) return
    await store.endFreeze(ctx.tx, wave.id, ctx.now)
    await record(ctx, { kind: "wave.unfrozen", case: wave.case, wave: wave.id, approval })
}

/** Voids an approval where it is neither applied nor voided. */
export async function voidOpenApproval(ctx: ActionContext, id: string, reason: VoidReason): Promise<void> {
    const { appliedAt, voidedAt } = await loadApproval(ctx, id)
    if (appliedAt === null && voidedAt === null) await voidApproval(ctx, id, reason)
}

/** Locks the wave until the transaction ends. Refuses `wave.not_found`, `wave.busy`. */
export async function lockWave(ctx: ActionContext, id: string): Promise<Wave> {
    const wave = await tryLockWave(ctx, id)
    if (wave) return wave
    await loadWave(ctx, id)
    refuse("conflict", "wave.busy", "this wave is being changed: try again")
}

/** Locks the wave, or returns null where another transaction holds it. For jobs that soon run again. */
export async function tryLockWave(ctx: ActionContext, id: string): Promise<Wave | null> {
    return (await store.lockWave(ctx.tx, id)) ?? null
}

/** Returns the wave without a lock. Refuses `wave.not_found`. */
export async function loadWave(ctx: ActionContext, id: string): Promise<Wave> {
    return (await store.findWave(ctx.tx, id)) ?? refuse("missing", "wave.not_found", "no such wave")
}

/** Stores the approval of a wave; null removes it. A frozen wave stays frozen until its release. */
export async function setWaveApproval(ctx: ActionContext, id: string, approval: string | null): Promise<void> {
    await store.setApproval(ctx.tx, id, approval)
}

/** Marks the wave as released, with these versions. The caller records the release. */
export async function markWaveReleased(
    ctx: ActionContext,
    wave: Wave,
    versions: readonly Pick<store.OpenedVersion, "artifact" | "version">[],
): Promise<void> {
    await store.setReleased(ctx.tx, wave.id, ctx.now)
    await store.insertOpenedVersions(
        ctx.tx,
        versions.map(({ artifact, version }) => ({ wave: wave.id, artifact, version })),
        null,
    )
}

/** Opens one more version by released waves. The caller has the signatures and records it. */
export async function openVersionLate(
    ctx: ActionContext,
    waves: readonly string[],
    { artifact, version }: Pick<store.OpenedVersion, "artifact" | "version">,
): Promise<void> {
    const entries = waves.map((wave) => ({ wave, artifact, version }))
    await store.insertOpenedVersions(ctx.tx, entries, ctx.now)
}

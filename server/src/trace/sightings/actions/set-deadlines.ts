/** Sets follow-up deadlines of one case. A manager sets them, for waves that are not released. */
import { hourMs } from "@tocsin/base/instant"
import { refuse } from "@tocsin/base/refusal"
import { lockToChangeProgram } from "../../../kernel/locks.ts"
import { findClosure } from "../../../share/cases/actions/load-case.ts"
import { assertOpen } from "../../../share/cases/case.ts"
import { listWaves } from "../../../share/waves/actions.ts"
import type { WaveTier } from "../../../share/waves/wave.ts"
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import { personOf } from "../../../kernel/actor.ts"
import { loadRules } from "../../../trust/partners/actions/set-program-rules.ts"
import { type Deadline, deadlineOfWave, validateHours } from "../follow-up-deadline.ts"
import * as store from "../store/deadlines.ts"

/**
 * Sets a deadline; with `hours` null, removes it. Refuses `case.not_found`, `sighting.wave_not_found`,
 * `sighting.wave_released` and `follow_up_deadline.bad_hours`.
 */
export async function setDeadline(
    ctx: ActionContext,
    caseId: string,
    { wave, hours }: Pick<Deadline, "wave" | "hours">,
): Promise<void> {
    validateHours(hours)
    // The release of a wave takes the same lock.
    await lockToChangeProgram(ctx.tx)
    assertOpen(await findClosure(ctx, caseId))
    const waves = await listWaves(ctx, caseId)
    const affected = wave === null ? waves : waves.filter(({ id }) => id === wave)
    if (wave !== null && affected.length === 0)
        refuse("missing", "sighting.wave_not_found", "this case has no such wave")
    if (affected.length > 0 && affected.every(({ releasedAt }) => releasedAt !== null)) {
        refuse("conflict", "sighting.wave_released", "this wave is released: its deadlines can no longer change")
    }
    const by =
        personOf(ctx.actor) ?? refuse("forbidden", "sighting.staff_only", "only a staff member can set a deadline")
    await store.insertDeadline(ctx.tx, caseId, { wave, hours, setBy: by, at: ctx.now })
    await record(ctx, { kind: "follow_up_deadline.set", case: caseId, wave, hours })
}

export interface WaveDeadline {
    readonly wave: string
    readonly tier: WaveTier
    readonly hours: number
    /** Where the deadline comes from. */
    readonly source: "wave" | "case" | "rule"
    /** Whether the wave is released; its deadline then stays. */
    readonly released: boolean
}

/** Lists the deadline of each wave of a case. */
export async function listDeadlines(ctx: ActionContext, caseId: string): Promise<WaveDeadline[]> {
    await findClosure(ctx, caseId)
    const deadlines = await store.listDeadlines(ctx.tx, caseId)
    const { rules } = await loadRules(ctx, "reporting")
    return (await listWaves(ctx, caseId)).map((wave) => {
        const { ms, source } = deadlineOfWave(wave, deadlines, rules)
        return { wave: wave.id, tier: wave.tier, hours: ms / hourMs, source, released: wave.releasedAt !== null }
    })
}

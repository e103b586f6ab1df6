/** Sets follow-up deadlines of one case. A manager sets them, for waves that are not released. */
import { hourMs } from "@tocsin/base/instant"
import { refuse } from "@tocsin/base/refusal"
import { lockToChangeProgram } from "../../../kernel/locks.ts"
import { closingOf } from "../../../share/cases/actions.ts"
import { assertOpen } from "../../../share/cases/case.ts"
import { wavesOf } from "../../../share/waves/actions.ts"
import type { WaveTier } from "../../../share/waves/wave.ts"
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import { personOf } from "../../../kernel/actor.ts"
import { rulesNow } from "../../../trust/partners/actions/set-program-rules.ts"
import { type Deadline, msFor, validateHours } from "../deadline.ts"
import * as store from "../store/deadlines.ts"

/**
 * Sets a deadline; with `hours` null, removes it. Refuses `case.not_found`, `sighting.wave_not_found`,
 * `sighting.wave_released` and `sighting.bad_hours`.
 */
export async function setDeadline(
    ctx: ActionContext,
    caseId: string,
    { wave, hours }: Pick<Deadline, "wave" | "hours">,
): Promise<void> {
    validateHours(hours)
    // The release of a wave takes the same lock.
    await lockToChangeProgram(ctx.tx)
    assertOpen(await closingOf(ctx, caseId))
    const waves = await wavesOf(ctx, caseId)
    const about = wave === null ? waves : waves.filter(({ id }) => id === wave)
    if (wave !== null && about.length === 0) refuse("missing", "sighting.wave_not_found", "this case has no such wave")
    if (about.length > 0 && about.every(({ releasedAt }) => releasedAt !== null)) {
        refuse("conflict", "sighting.wave_released", "this wave is released: its deadlines can no longer change")
    }
    const by =
        personOf(ctx.actor) ?? refuse("forbidden", "sighting.staff_only", "only a staff member can set a deadline")
    await store.insertDeadline(ctx.tx, caseId, { wave, hours, by, at: ctx.now })
    await record(ctx, { kind: "follow_up_deadline.set", case: caseId, wave, hours })
}

export interface Due {
    readonly wave: string
    readonly tier: WaveTier
    readonly hours: number
    /** Where the deadline comes from. */
    readonly by: "wave" | "case" | "rule"
    /** Whether the wave is released; its deadline then stays. */
    readonly fallen: boolean
}

/** Lists the deadline of each wave of a case. */
export async function deadlinesOf(ctx: ActionContext, caseId: string): Promise<Due[]> {
    await closingOf(ctx, caseId)
    const set = await store.listDeadlines(ctx.tx, caseId)
    const { rules } = await rulesNow(ctx, "reporting")
    return (await wavesOf(ctx, caseId)).map((wave) => {
        const { ms, by } = msFor(wave, set, rules)
        return { wave: wave.id, tier: wave.tier, hours: ms / hourMs, by, fallen: wave.releasedAt !== null }
    })
}

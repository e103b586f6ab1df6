/** Adds the versions that a partner gains to the effects of its change. A signature covers these versions only. */
import { type Effects, type Reading, openingsOf } from "../../../trust/approvals/approval.ts"
import type { ActionContext } from "../../../kernel/action-context.ts"
import type { Change } from "../../../trust/partners/facts.ts"
import { labelsOf } from "../../artifacts/actions.ts"
import { authorsOf, gainedIn } from "./released-content.ts"

/**
 * Adds each version that the partner gains over all cases, now or once it meets its requirements. Also adds the
 * authors, who may not sign.
 *
 * To apply an approval, hold `lockToChangeProgram`, since a wave could open more meanwhile.
 */
export async function withGains(
    ctx: ActionContext,
    partner: string,
    change: Change,
    effects: Effects,
): Promise<Effects> {
    const gained: Reading[] = []
    const authors = new Set(effects.authors)
    for (const id of new Set((await labelsOf(ctx, null, ctx.now)).map((labelled) => labelled.case))) {
        const on = { nothingOverdue: true, partner } as const
        const more = await gainedIn(ctx, id, on, { ...on, change })
        for (const author of await authorsOf(ctx, id, more)) authors.add(author)
        gained.push(...more)
    }
    if (gained.length === 0) return effects
    return { ...effects, ...openingsOf(gained), authors: [...authors].toSorted() }
}

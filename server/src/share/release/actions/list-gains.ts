/** Adds the versions that a partner gains to the effects of its change. A signature covers these versions only. */
import { type Effects, type Reading, openingsOf } from "../../../trust/approvals/approval.ts"
import type { ActionContext } from "../../../kernel/action-context.ts"
import type { Change } from "../../../trust/partners/facts.ts"
import { labelsOf } from "../../artifacts/actions.ts"
import { authorsOf, gainedIn } from "./released-content.ts"

/**
 * Adds to the effects of a change each version that the partner comes to read, at once or as soon as it gives what it owes, of all
 * cases; and their authors, who may not sign. To use an approval hold `lockToChangeProgram`: a wave could open more in between.
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

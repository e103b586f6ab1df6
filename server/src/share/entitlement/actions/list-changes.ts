/** What a decision about partners would change, over every case, before anybody takes it. */
import type { ActionContext } from "../../../kernel/action-context.ts"
import { effectsToSign } from "../../../trust/partners/actions/change-partner.ts"
import { type Change, type PartnerFacts, supposing } from "../../../trust/partners/facts.ts"
import type { Difference } from "../compare.ts"
import { differencesIn } from "./compare-policies.ts"
import { knownAt } from "./load-inputs.ts"
import { inForceAt, loadInForce } from "./manage-policies.ts"

export interface ChangePreview {
    readonly differences: readonly Difference[]
    readonly peopleNeeded: 1 | 2
}

/**
 * For the tier, duties, standing or restriction of these partners, each of which gets the same. Nothing is written.
 * Refuses `partner.not_found`, and a move between standings that nobody can make (`partner.transition_not_allowed`).
 */
export async function previewChange(
    ctx: ActionContext,
    partners: readonly string[],
    change: Change,
): Promise<ChangePreview> {
    const ids = new Set(partners)
    let peopleNeeded: 1 | 2 = 1
    for (const item of ids) if ((await effectsToSign(ctx, item, change)) !== null) peopleNeeded = 2
    const [alone = null] = ids.size === 1 ? ids : []
    const known = await knownAt(ctx, null, alone, ctx.now)
    const policy = loadInForce(ctx, await inForceAt(ctx, ctx.now))
    const factsOf = (facts: PartnerFacts) => supposing(facts, change)
    const sides = [{ policy }, { policy, factsOf }] as const
    return { differences: differencesIn(ctx, known, sides, ids), peopleNeeded }
}

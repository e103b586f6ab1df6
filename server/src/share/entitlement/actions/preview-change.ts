/** Previews what one change of several partners would give or withhold, over every case. */
import type { ActionContext } from "../../../kernel/action-context.ts"
import { computeChangeEffects } from "../../../trust/partners/actions/change-partner.ts"
import { type FactChange, type PartnerFacts, withChange } from "../../../trust/partners/facts.ts"
import type { Difference } from "../compare.ts"
import { differencesIn } from "./compare-sides.ts"
import { loadDecisionFacts } from "./load-decision-facts.ts"
import { findActivePolicy, loadActiveIntoEngine } from "./manage-policies.ts"

export interface ChangePreview {
    readonly differences: readonly Difference[]
    readonly peopleNeeded: 1 | 2
}

/**
 * Returns the differences for these partners, all with the same change of tier, duties, status or restriction. Writes
 * nothing.
 *
 * Refuses `partner.not_found`, and an impossible change of status (`partner.transition_not_allowed`).
 */
export async function previewChange(
    ctx: ActionContext,
    partners: readonly string[],
    change: FactChange,
): Promise<ChangePreview> {
    const ids = new Set(partners)
    let peopleNeeded: 1 | 2 = 1
    for (const partner of ids) {
        const needsSecondPerson = (await computeChangeEffects(ctx, partner, change)) !== null
        if (needsSecondPerson) peopleNeeded = 2
    }
    const [onlyPartner = null] = ids.size === 1 ? ids : []
    const loadedFacts = await loadDecisionFacts(ctx, null, onlyPartner, ctx.now)
    const policy = loadActiveIntoEngine(ctx, await findActivePolicy(ctx, ctx.now))
    const factsOf = (facts: PartnerFacts) => withChange(facts, change)
    const sides = [{ policy }, { policy, factsOf }] as const
    return { differences: differencesIn(ctx, loadedFacts, sides, ids), peopleNeeded }
}

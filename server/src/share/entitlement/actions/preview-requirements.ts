/**
 * Previews what partners would lose by overdue requirements, over every case, before they are overdue. Writes nothing.
 */
import type { Instant } from "@tocsin/base/instant"
import type { ActionContext } from "../../../kernel/action-context.ts"
import { type ExpiryPreview, previewExpiry } from "../../../trust/partners/agreements/actions/accept-agreement.ts"
import { listRequirements } from "../../../trust/partners/requirements/actions/list-requirements.ts"
import type { AgreementStart } from "../../../trust/partners/agreements/agreement.ts"
import type { RequirementKind } from "../../../trust/partners/requirements/requirement.ts"
import { withOverdue } from "../../../trust/partners/facts.ts"
import { type Difference, compare } from "../compare.ts"
import { decideMatrix } from "../matrix.ts"
import { type DecisionFacts, type PartnerAssumptions, loadDecisionFacts } from "./load-decision-facts.ts"
import { findActivePolicy, loadActiveIntoEngine } from "./manage-policies.ts"

export interface AgreementPreview extends ExpiryPreview {
    readonly differences: readonly Difference[]
}

/** Returns the losses by a new version of the agreement, and from when, for partners that do not accept it in time. */
export async function previewAgreement(
    ctx: ActionContext,
    applies: AgreementStart | undefined,
    longestEmbargoDays?: number,
): Promise<AgreementPreview> {
    const lapse = await previewExpiry(ctx, applies, longestEmbargoDays)
    const lapsed = new Set(lapse.partners)
    const factsOf: PartnerAssumptions["factsOf"] = (partner) =>
        lapsed.has(partner.partner) ? withOverdue(partner, "agreement") : partner
    const lossesWith = await prepareLosses(ctx, null)
    return { ...lapse, differences: lossesWith(factsOf) }
}

export interface RequirementPreview {
    readonly kind: RequirementKind
    readonly withheldFrom: Instant
    readonly differences: readonly Difference[]
}

/**
 * Returns, for each requirement of this partner, what it would lose if that requirement alone became overdue.
 *
 * The number of statements does not depend on the number of requirements. Refuses `partner.not_found`.
 */
export async function previewRequirements(ctx: ActionContext, partner: string): Promise<RequirementPreview[]> {
    const [lossesWith, requirements] = await Promise.all([prepareLosses(ctx, partner), listRequirements(ctx, partner)])
    return requirements
        .filter(({ state }) => state !== "overdue")
        .map(({ kind, withheldFrom }) => ({
            kind,
            withheldFrom,
            differences: lossesWith((partner) => withOverdue(partner, kind)),
        }))
        .toSorted((a, b) => a.withheldFrom - b.withheldFrom)
}

/** Returns a function from changed partner facts (of all partners where null) to the losses. Facts are read once. */
async function prepareLosses(
    ctx: ActionContext,
    partner: string | null,
): Promise<(factsOf: PartnerAssumptions["factsOf"]) => Difference[]> {
    const [activePolicy, loadedFacts] = await Promise.all([
        findActivePolicy(ctx, ctx.now),
        loadDecisionFacts(ctx, null, partner, ctx.now),
    ])
    const policy = loadActiveIntoEngine(ctx, activePolicy)
    const decideAll = (facts: DecisionFacts) => decideMatrix(ctx.services.policy, policy, facts, ctx.now)
    const before = decideAll(loadedFacts)
    return (factsOf) => compare(before, decideAll(loadedFacts.withAssumptions({ factsOf })))
}

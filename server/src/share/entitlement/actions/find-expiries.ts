/**
 * Previews what partners would lose by overdue requirements, over every case, before they are overdue. Writes nothing.
 */
import type { Instant } from "@tocsin/base/instant"
import type { ActionContext } from "../../../kernel/action-context.ts"
import { type AgreementLapse, lapseBy } from "../../../trust/partners/agreements/actions/accept-agreement.ts"
import { duesOf } from "../../../trust/partners/requirements/actions/list-requirements.ts"
import type { Applies } from "../../../trust/partners/agreements/agreement.ts"
import type { DueKind } from "../../../trust/partners/requirements/requirement.ts"
import { asOverdue } from "../../../trust/partners/facts.ts"
import { type Difference, compare } from "../compare.ts"
import { matrix } from "../matrix.ts"
import { type Known, type OfPartners, knownAt } from "./load-inputs.ts"
import { inForceAt, loadInForce } from "./manage-policies.ts"

export interface AgreementPreview extends AgreementLapse {
    readonly differences: readonly Difference[]
}

/**
 * Returns what a new version of the agreement would take, from which instant, from partners that do not accept it in
 * time.
 */
export async function previewAgreement(
    ctx: ActionContext,
    applies: Applies | undefined,
    longestEmbargoDays?: number,
): Promise<AgreementPreview> {
    const lapse = await lapseBy(ctx, applies, longestEmbargoDays)
    const lapsed = new Set(lapse.partners)
    const factsOf: OfPartners["factsOf"] = (partner) =>
        lapsed.has(partner.partner) ? asOverdue(partner, "agreement") : partner
    const lossBy = await lossesOf(ctx, null)
    return { ...lapse, differences: lossBy(factsOf) }
}

export interface DuePreview {
    readonly kind: DueKind
    readonly withheldFrom: Instant
    readonly differences: readonly Difference[]
}

/**
 * Returns, for each requirement of this partner, what it would lose if that requirement alone became overdue.
 *
 * The number of statements does not depend on the number of requirements. Refuses `partner.not_found`.
 */
export async function previewDues(ctx: ActionContext, partner: string): Promise<DuePreview[]> {
    const [lossBy, dues] = await Promise.all([lossesOf(ctx, partner), duesOf(ctx, partner)])
    return dues
        .filter(({ state }) => state !== "overdue")
        .map(({ kind, withheldFrom }) => ({
            kind,
            withheldFrom,
            differences: lossBy((partner) => asOverdue(partner, kind)),
        }))
        .toSorted((a, b) => a.withheldFrom - b.withheldFrom)
}

/** Returns a function from changed partner facts (of all partners where null) to the losses. Facts are read once. */
async function lossesOf(
    ctx: ActionContext,
    partner: string | null,
): Promise<(factsOf: OfPartners["factsOf"]) => Difference[]> {
    const [inForce, known] = await Promise.all([inForceAt(ctx, ctx.now), knownAt(ctx, null, partner, ctx.now)])
    const policy = loadInForce(ctx, inForce)
    const decided = (ground: Known) => matrix(ctx.services.policy, policy, ground, ctx.now)
    const before = decided(known)
    return (factsOf) => compare(before, decided(known.supposing({ factsOf })))
}

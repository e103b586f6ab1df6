/** What partners would lose by what they owe, over every case, before they do. Nothing is written. */
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

/** What a new version of the agreement would take, from when it applies, from whoever has not accepted it by then. */
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
 * For each thing that this partner owes, or will: what it would lose if it did not give that alone. As many statements for
 * many as for one. Refuses `partner.not_found`.
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

/** What other facts of a partner (null: of any) would take from it. Everything is read once, whatever is supposed then. */
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

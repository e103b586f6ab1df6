/** What partners would lose by what they owe, over every case, before they do. Nothing is written. */
import type { Instant } from "../../../lib/instant.ts"
import type { Act } from "../../../trust/audit/actions.ts"
import { type AgreementLapse, lapseBy } from "../../../trust/partners/actions/agreements.ts"
import { duesOf } from "../../../trust/partners/actions/dues.ts"
import { partnerFactsOf } from "../../../trust/partners/actions/facts.ts"
import type { Applies } from "../../../trust/partners/agreement.ts"
import type { DueKind } from "../../../trust/partners/dues.ts"
import { asOverdue } from "../../../trust/partners/facts.ts"
import { type Difference, compare } from "../compare.ts"
import { matrix } from "../matrix.ts"
import { type Known, type OfPartners, knownAt } from "./ground.ts"
import { inForceAt, loadInForce } from "./policies.ts"

export interface AgreementPreview extends AgreementLapse {
    readonly differences: readonly Difference[]
}

/** What a new version of the agreement would take, from when it applies, from whoever has not accepted it by then. */
export async function previewAgreement(
    act: Act,
    applies: Applies | undefined,
    longestEmbargoDays?: number,
): Promise<AgreementPreview> {
    const lapse = await lapseBy(act, applies, longestEmbargoDays)
    const lapsed = new Set(lapse.partners)
    const factsOf: OfPartners["factsOf"] = (one) => (lapsed.has(one.partner) ? asOverdue(one, "agreement") : one)
    return { ...lapse, differences: await losses(act, null, factsOf) }
}

export interface DuePreview {
    readonly kind: DueKind
    readonly lowersAt: Instant
    readonly differences: readonly Difference[]
}

/** For each thing that this partner owes, or will: what it would lose if it did not give that alone. */
export async function previewDues(act: Act, partner: string): Promise<DuePreview[]> {
    await partnerFactsOf(act, partner, act.now)
    const previews: DuePreview[] = []
    for (const { kind, lowersAt, state } of await duesOf(act, partner)) {
        if (state === "overdue") continue
        const differences = await losses(act, partner, (one) => asOverdue(one, kind))
        previews.push({ kind, lowersAt, differences })
    }
    return previews.toSorted((a, b) => a.lowersAt - b.lowersAt)
}

async function losses(act: Act, partner: string | null, factsOf: OfPartners["factsOf"]): Promise<Difference[]> {
    const policy = loadInForce(act, await inForceAt(act, act.now))
    const known = await knownAt(act, null, partner, act.now)
    const decided = (ground: Known) => matrix(act.doors.policy, policy, ground, act.now)
    return compare(decided(known), decided(known.supposing({ factsOf })))
}

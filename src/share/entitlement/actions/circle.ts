/** Gathers the facts for deciding, as they stood at an instant, from the slices that keep them. */
import type { Instant } from "../../../lib/instant.ts"
import type { Act } from "../../../trust/audit/actions.ts"
import { partnerFactsAt, partnerFactsOf } from "../../../trust/partners/actions/facts.ts"
import { type ArtifactLabel, labelsOf } from "../../artifacts/actions.ts"
import { type CaseFacts, caseFacts } from "../../cases/actions.ts"
import { endOf } from "../../cases/embargo.ts"
import { openedBy, wavesOf } from "../../waves/actions.ts"
import { type Wave, type WaveTier, plannedAt } from "../../waves/wave.ts"
import type { ArtifactFacts, Gate, PartnerFacts } from "../facts.ts"
import type { Circle } from "../matrix.ts"

type Opened = Awaited<ReturnType<typeof openedBy>>[number]

/** A circle, and what the store knows besides of its artifacts. */
export interface Known extends Circle {
    readonly artifactsById: ReadonlyMap<string, ArtifactLabel>
    /** Which versions the waves opened, up to the instant. */
    readonly opened: readonly Opened[]
}

/** Of one case (null: of all), and of one partner (null: of all). Refuses `case.unknown`, `partner.unknown`. */
export async function knownAt(
    act: Act,
    caseId: string | null,
    partner: string | null,
    instant: Instant,
): Promise<Known> {
    const cases = await caseFacts(act, caseId, instant)
    const partners: PartnerFacts[] =
        partner === null ? await partnerFactsAt(act, instant) : [await partnerFactsOf(act, partner, instant)]
    const consents = new Map(cases.map((one) => [one.id, one.consents]))
    const waves = await wavesOf(act, caseId)
    const opened = (await openedBy(act, caseId)).filter((one) => one.at <= instant)
    const artifacts = await labelsOf(act, caseId)
    return {
        partners,
        artifacts: cases.flatMap((its) => {
            const plan = planOf(its, waves, instant)
            return artifacts.filter((one) => one.case === its.id).map((one) => factsOf(one, its, plan, opened))
        }),
        // Whoever was never invited is a signatory by its agreement, which the floor asks for apart.
        consentOf: (who, its) => consents.get(its)?.get(who) ?? "signatory",
        artifactsById: new Map(artifacts.map((one) => [one.id, one])),
        opened,
    }
}

/** When each wave of the case was to fall, as planned at that instant. */
function planOf(of: CaseFacts, waves: readonly Wave[], instant: Instant): Map<WaveTier, Instant | null> {
    const publication = endOf(of.embargo.filter((turn) => turn.at <= instant))
    const its = waves.filter((wave) => wave.case === of.id)
    return new Map(its.map((wave) => [wave.tier, plannedAt(wave, publication)]))
}

function factsOf(
    artifact: ArtifactLabel,
    of: CaseFacts,
    plan: ReadonlyMap<WaveTier, Instant | null>,
    opened: readonly Opened[],
): ArtifactFacts {
    const gate = (tier: WaveTier): Gate | null => {
        const at = plan.get(tier)
        if (at === undefined) return null
        const release = opened.find((one) => one.artifact === artifact.id && one.tier === tier)
        return { at, releasedAt: release?.at ?? null }
    }
    const waves = {
        validate: gate("validate"),
        advance: gate("advance"),
        entry: gate("entry"),
        publication: gate("publication"),
    }
    return { artifact: artifact.id, case: of.id, origins: of.origins, class: artifact.class, waves }
}

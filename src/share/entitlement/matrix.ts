/** The matrix: partners × artifacts, each cell a decision. The policy is asked once per class of equal facts. */
import type { Instant } from "../../lib/instant.ts"
import type { Evaluator } from "../../lib/policy.ts"
import { type Decision, decideBy } from "./decide.ts"
import type { ArtifactFacts, Consent, PartnerFacts } from "./facts.ts"
import { rememberingRulerOf } from "./ruling.ts"

export interface Cell {
    readonly partner: string
    readonly artifact: string
    readonly decision: Decision
}

/** The facts of many decisions, as they stood at one instant. */
export interface Circle {
    readonly partners: readonly PartnerFacts[]
    readonly artifacts: readonly ArtifactFacts[]
    readonly consentOf: (partner: string, caseId: string) => Consent
}

/** Partner by partner, in the order given. */
export function matrix(engine: Evaluator, policy: string, circle: Circle, now: Instant): Cell[] {
    const ruler = rememberingRulerOf(engine, policy)
    return circle.partners.flatMap((partner) =>
        circle.artifacts.map((artifact) => {
            const consent = circle.consentOf(partner.partner, artifact.case)
            const decision = decideBy(ruler, { partner, consent, artifact }, now)
            return { partner: partner.partner, artifact: artifact.artifact, decision }
        }),
    )
}

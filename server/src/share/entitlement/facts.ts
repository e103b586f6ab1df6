/**
 * The facts that a decision uses: about a partner, an artifact, and the partner's consent to the embargo.
 *
 * Callers pass all facts as of one instant. This module does not know where they are stored.
 */
import type { Instant } from "@tocsin/base/instant"
import type { RequirementKind } from "../../trust/partners/requirements/requirement.ts"
import type { Reporting } from "../../trust/partners/reporting-duties/reporting-duties.ts"
import type { Restriction } from "../../trust/partners/facts.ts"
import type { AgreementState, PartnerStatus, Tier } from "../../trust/partners/partner.ts"
import type { ArtifactClass } from "../artifacts/artifact.ts"
import type { RecalledVersions } from "../artifacts/recall.ts"
import type { Closure } from "../cases/case.ts"
import type { WaveTier } from "../waves/wave.ts"

/** A partner's state under the current terms of a case's embargo. */
export type Consent = "none" | "invited" | "signatory" | "expired" | "declined"

/** The facts about a partner that decisions use. */
export interface PartnerFacts {
    readonly partner: string
    readonly tier: Tier | null
    readonly status: PartnerStatus
    readonly reporting: Reporting
    readonly dutyRegimes: readonly string[]
    readonly agreement: AgreementState
    /** The requirements that are overdue past their grace period. */
    readonly overdue: readonly RequirementKind[]
    readonly restriction: Restriction | null
}

/** One wave, for one artifact. */
export interface WaveFacts {
    /** The planned instant; null while no embargo sets the publication. */
    readonly at: Instant | null
    /** When the wave was released with this artifact; null before, and where the wave does not cover the artifact. */
    readonly releasedAt: Instant | null
    /** The newest version that the wave opened; null before its release. */
    readonly version: number | null
}

/** The facts about an artifact that policies decide by. */
export interface ArtifactFacts {
    readonly artifact: string
    readonly case: string
    /**
     * All cases of which this case is a bypass or variant, directly or through others. Entitlements carry over from
     * them.
     */
    readonly origins: readonly string[]
    readonly class: ArtifactClass
    /** The newest version written. Waves that are not released yet open this version. */
    readonly newest: number
    readonly recalled: RecalledVersions
    /** Whether the case became known as exploited before its publication. */
    readonly exploited: boolean
    /** How the case was closed, or that its content was deleted; null while it is open. */
    readonly closure: Closure["kind"] | "content_deleted" | null
    /** Null where the case has no such wave, and where a closed case had not released that wave with this artifact. */
    readonly waves: Readonly<Record<WaveTier, WaveFacts | null>>
}

/** Everything that one decision uses. */
export interface DecisionRequest {
    readonly partner: PartnerFacts
    readonly consent: Consent
    readonly artifact: ArtifactFacts
}

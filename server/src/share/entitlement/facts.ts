/**
 * The facts that a decision rests on: of a partner, of an artifact, and of what binds the two.
 *
 * They are handed in, as they stood at one instant. Nothing here knows where they are kept.
 */
import type { Instant } from "@tocsin/base/instant"
import type { DueKind } from "../../trust/partners/requirements/requirement.ts"
import type { Reporting } from "../../trust/partners/reporting-duties/reporting-duties.ts"
import type { Restriction } from "../../trust/partners/facts.ts"
import type { AgreementState, Standing, Tier } from "../../trust/partners/partner.ts"
import type { ArtifactClass } from "../artifacts/artifact.ts"
import type { Recalled } from "../artifacts/recall.ts"
import type { Closing } from "../cases/case.ts"
import type { WaveTier } from "../waves/wave.ts"

/** A partner's state towards the current terms of a case's embargo. */
export type Consent = "none" | "invited" | "signatory" | "lapsed" | "declined"

/** Of all that is known of a partner, what a decision asks. */
export interface PartnerFacts {
    readonly partner: string
    readonly tier: Tier | null
    readonly standing: Standing
    readonly reporting: Reporting
    readonly dutyRegimes: readonly string[]
    readonly agreement: AgreementState
    /** What it owes to the program, past its grace. */
    readonly overdue: readonly DueKind[]
    readonly restriction: Restriction | null
}

/** One wave, as it concerns one artifact. */
export interface Gate {
    /** The plan; null while no embargo says when publication is. */
    readonly at: Instant | null
    /** When the wave was released with this artifact in it; null before, and where the artifact was not covered. */
    readonly releasedAt: Instant | null
    /** The newest version that it opened; null before. */
    readonly version: number | null
}

export interface ArtifactFacts {
    readonly artifact: string
    readonly case: string
    /** The cases that this one is a bypass or a variant of, however far back: entitlements carry over from them. */
    readonly origins: readonly string[]
    readonly class: ArtifactClass
    /** The newest version that is written: what a wave opens that has still to fall. */
    readonly newest: number
    readonly recalled: Recalled
    /** Whether its case became known as exploited before its publication. */
    readonly exploited: boolean
    /** How its case was closed; null while it goes on. */
    readonly closing: Closing["kind"] | null
    /** Null where the case has no such wave; once it is closed, also where the wave had not fallen with this artifact. */
    readonly waves: Readonly<Record<WaveTier, Gate | null>>
}

/** Everything that one decision is about. */
export interface Asked {
    readonly partner: PartnerFacts
    readonly consent: Consent
    readonly artifact: ArtifactFacts
}

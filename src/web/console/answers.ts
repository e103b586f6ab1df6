/** What the console's API answers, as far as these screens read it. */
import type { ArtifactClass, Pap, Tlp } from "../../share/artifacts/artifact.ts"
import type { LinkKind, Product, Vulnerability } from "../../share/cases/case.ts"
import type { Phase } from "../../share/cases/embargo.ts"
import type { Change } from "../../share/entitlement/compare.ts"
import type { Outcome, Reason } from "../../share/entitlement/ruling.ts"
import type { WaveTier } from "../../share/waves/wave.ts"
import type { ApprovalState, Effects } from "../../trust/approvals/approval.ts"
import type { OperatorRole, PartnerRole } from "../../trust/audit/actor.ts"
import type { Duty } from "../../trust/partners/duty.ts"
import type { Restriction } from "../../trust/partners/facts.ts"
import type { AgreementState, Standing, Tier } from "../../trust/partners/partner.ts"

export interface Me {
    readonly id: string
    readonly name: string
    readonly mail: string
    readonly roles: readonly OperatorRole[]
}

export interface Turn {
    readonly kind: string
    readonly at: string
    readonly endsAt?: string
    readonly why?: string
}

export interface Case {
    readonly id: string
    readonly title: string
    readonly vulnerabilities: readonly Vulnerability[]
    readonly products: readonly Product[]
    readonly finder: string
    readonly createdAt: string
    readonly phase: Phase
    readonly publication: string | null
    readonly embargo: readonly Turn[]
    readonly links: readonly { readonly to: string; readonly kind: LinkKind }[]
}

export interface Cases {
    readonly now: string
    readonly cases: readonly Case[]
}

export type WaveState = "released" | "frozen" | "armed" | "requested" | "due" | "planned"

export interface Wave {
    readonly id: string
    readonly tier: WaveTier
    readonly at: string | null
    readonly state: WaveState
    readonly approval: string | null
    readonly releasedAt: string | null
}

export interface Artifact {
    readonly id: string
    readonly class: ArtifactClass
    readonly tlp: Tlp
    readonly pap: Pap
    readonly name: string
    readonly version: number
    readonly versionAt: string
}

export interface Decision {
    readonly outcome: Outcome
    readonly gives: ArtifactClass | null
    readonly from: string | null
    readonly waves: readonly WaveTier[]
    readonly released: boolean
    readonly available: boolean
    readonly why: readonly Reason[]
}

export interface Entitlement {
    readonly partner: string
    readonly artifact: string
    readonly class: ArtifactClass
    readonly version: number | null
    readonly decision: Decision
}

export interface Matrix {
    readonly case: string
    readonly at: string
    readonly policy: number | null
    readonly entitlements: readonly Entitlement[]
}

export interface Named {
    readonly id: string
    readonly name: string
}

export interface Approval {
    readonly id: string
    readonly state: ApprovalState
    readonly act: string
    readonly effects: Effects
    readonly effectsHash: string
    readonly requestedBy: Named
    readonly requestedAt: string
    readonly signedBy: Named | null
    readonly signedAt: string | null
    readonly usedAt: string | null
    readonly voidedAt: string | null
    readonly maySign: boolean
}

export interface Approvals {
    readonly pending: readonly Approval[]
    readonly recent: readonly Approval[]
}

export interface PartnerRow {
    readonly id: string
    readonly name: string
    readonly mail: string
    readonly tier: Tier
    readonly standing: Standing
    readonly duties: readonly Duty[]
    readonly reportsBeforePublication: boolean
    readonly agreement: AgreementState
    readonly restriction: Restriction | null
    readonly usableKeys: number
}

export interface Member {
    readonly id: string
    readonly name: string
    readonly mail: string
    readonly roles: readonly PartnerRole[]
    readonly left: boolean
}

export interface Key {
    readonly id: string
    readonly recipient: string
    readonly addedBy: string
    readonly addedAt: string
    readonly usableFrom: string
    readonly revokedAt: string | null
}

export interface Acceptance {
    readonly version: number
    readonly person: string
    readonly at: string
    readonly endsAt: string | null
}

export interface Partner extends Omit<PartnerRow, "usableKeys"> {
    readonly history: readonly {
        readonly fact: string
        readonly value: unknown
        readonly from: string
        readonly by: string | null
    }[]
    readonly roster: readonly Member[]
    readonly keys: readonly Key[]
    readonly acceptances: readonly Acceptance[]
}

export interface Policy {
    readonly version: number
    readonly name: string
    readonly text: string
    readonly createdBy: string | null
    readonly createdAt: string
    readonly activations: readonly { readonly from: string; readonly by: string | null }[]
    readonly inForce: boolean
}

export interface Preview {
    readonly version: number
    readonly replaces: number | null
    readonly peopleNeeded: number
    readonly differences: readonly {
        readonly partner: string
        readonly artifact: string
        readonly change: Change
        readonly before: Decision
        readonly after: Decision
    }[]
}

export interface Clock {
    readonly now: string
    readonly next: readonly { readonly at: string; readonly what: string }[]
}

export interface Event {
    readonly seq: number
    readonly index: number | null
    readonly at: string
    readonly kind: string
    readonly sealed: boolean
    readonly body: Readonly<Record<string, unknown>> | null
}

export interface RecordPage {
    readonly events: readonly Event[]
    readonly next: string | null
    readonly head: { readonly size: number; readonly at: string; readonly verifierKey: string } | null
    readonly waiting: number
}

export type Verdict =
    | {
          readonly ok: true
          readonly size: number
          readonly root: string
          readonly withheld: number
          readonly verifierKey: string
          readonly waiting: number
      }
    | {
          readonly ok: false
          readonly index: number | null
          readonly code: string
          readonly why: string
          readonly waiting: number
      }

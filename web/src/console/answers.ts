/** Answers of the console's API, as far as these screens read them. */
import type { Verdict as Found } from "@tocsin/client/limits"
import type { ArtifactClass, Pap, Tlp } from "../../../server/src/share/artifacts/artifact.ts"
import type { Closing, LinkKind, Vulnerability } from "../../../server/src/share/cases/case.ts"
import type { Adherence, Consent, ConsentTurn } from "../../../server/src/share/cases/consent.ts"
import type { Phase, Teardown } from "../../../server/src/share/cases/embargo.ts"
import type { Permission } from "../../../server/src/share/cases/deployment-permission.ts"
import type { WhyWaiting } from "../../../server/src/share/delivery/notices/notification.ts"
import type { Change } from "../../../server/src/share/entitlement/compare.ts"
import type { Outcome, Reason } from "../../../server/src/share/entitlement/ruling.ts"
import type { WaveTier } from "../../../server/src/share/waves/wave.ts"
import type { ApprovalState, Effects, VoidReason } from "../../../server/src/trust/approvals/approval.ts"
import type { OperatorRole, PartnerRole } from "../../../server/src/kernel/actor.ts"
import type { Fate } from "../../../server/src/trust/mail/bounce.ts"
import type { DueKind } from "../../../server/src/trust/partners/requirements/requirement.ts"
import type { Duty, Reporting } from "../../../server/src/trust/partners/reporting-duties/reporting-duties.ts"
import type { Restriction } from "../../../server/src/trust/partners/facts.ts"
import type { Readiness } from "../../../server/src/trust/partners/keys/key.ts"
import type { Obligation } from "../../../server/src/trust/partners/agreements/obligation.ts"
import type { AgreementState, Standing, Tier } from "../../../server/src/trust/partners/partner.ts"

export interface Me {
    readonly id: string
    readonly name: string
    readonly mail: string
    readonly roles: readonly OperatorRole[]
    /** Program time. */
    readonly now: string
    /** Whether people move the clock, as in the demonstration. */
    readonly clockIsMoved: boolean
    /** The portal's address for partners. */
    readonly portal: string
}

export interface Operator extends Omit<Me, "now" | "clockIsMoved" | "portal"> {
    readonly left: boolean
    /** Who added this person; null for the first staff members. */
    readonly addedBy: string | null
}

export interface Agreement {
    readonly version: number
    readonly text: string
    readonly termDays: number | null
    readonly since: string
    readonly appliesAt: string
    readonly obligations: readonly Obligation[]
    /** The longest embargo that an acceptance consents to in advance; 0: each case is asked about separately. */
    readonly longestEmbargoDays: number
}

export interface Colleague extends Pick<Me, "id" | "name" | "roles"> {
    readonly left: boolean
}

export interface Turn {
    readonly kind: string
    readonly at: string
    readonly endsAt?: string
    readonly why?: string
    /** Who proposed it: a partner or an external party; null: the operator. */
    readonly by?: string | null
    readonly teardown?: Teardown | null
    /** The decided proposal, as its index in the history. */
    readonly proposal?: number | null
}

export interface EndProposal {
    readonly proposal: number
    readonly at: string
    readonly by: string | null
    readonly endsAt: string
    readonly teardown: Teardown | null
}

export interface EmbargoDecision extends EndProposal {
    readonly case: string
    readonly lapsesAt: string
    /** What remains if no decision is made; null: no embargo. */
    readonly lapsesTo: string | null
}

export interface Case {
    readonly id: string
    readonly title: string
    readonly vulnerabilities: readonly Vulnerability[]
    readonly finder: string
    /** The public credit of the finder; empty: the finder stays anonymous. */
    readonly credit: string
    /** The revision of the disclosed facts. */
    readonly revision: number
    readonly createdAt: string
    readonly phase: Phase | Closing["kind"]
    readonly publication: string | null
    readonly embargo: readonly Turn[]
    /** Proposals that need a decision. */
    readonly proposals: readonly EndProposal[]
    readonly links: readonly { readonly to: string; readonly kind: LinkKind }[]
    /** What partners may do before publication; null: not stated. */
    readonly permission: Permission | null
    readonly closing: { readonly kind: Closing["kind"]; readonly at: string } | null
}

export interface OnesConsent {
    readonly state: Consent
    readonly adherence: {
        readonly state: Adherence["state"]
        readonly until: string | null
        readonly exitedAt: string | null
    }
    readonly turns: readonly {
        readonly kind: ConsentTurn["kind"]
        readonly at: string
        readonly answerBy?: string
        readonly endsAt?: string
    }[]
}

export interface PartnersConsent extends OnesConsent {
    readonly partner: string
}

export interface PartysConsent extends OnesConsent {
    readonly party: string
}

export interface Told {
    readonly done: boolean
    /** The number of partners that a notice was created for. */
    readonly recipients: number
    readonly notified: number
    /** The number of partners that their own filters excluded. */
    readonly filtered: number
    readonly waiting: readonly { readonly partner: string; readonly why: WhyWaiting }[]
}

export interface Cases {
    readonly now: string
    readonly cases: readonly Case[]
}

export type WaveState =
    | "released"
    | "frozen"
    | "armed"
    | "requested"
    | "disarmed"
    | "due"
    | "empty"
    | "planned"
    | "cancelled"

export interface PlannedWave {
    readonly id: string
    readonly tier: WaveTier
    readonly hoursBefore: number
    readonly at: string | null
    readonly state: WaveState
    readonly approval: string | null
    readonly releasedAt: string | null
}

export interface Wave extends PlannedWave, Told {}

export interface Artifact {
    readonly id: string
    readonly class: ArtifactClass
    readonly tlp: Tlp
    readonly pap: Pap
    readonly name: string
    readonly version: number
    readonly versionAt: string
    /** The number of colluders that the author wants to trace. */
    readonly colluders: number
    /** Whether this version is recalled, and therefore not released. */
    readonly recalled: boolean
}

export interface Holder {
    readonly partner: string
    readonly versions: readonly number[]
    readonly toldAt: string | null
    readonly waits: WhyWaiting | null
    readonly confirmedAt: string | null
    readonly isOutOfReach: boolean
}

export interface Recall {
    readonly id: string
    /** Null: every version. */
    readonly version: number | null
    readonly reason: string
    readonly by: string
    readonly at: string
    readonly endedAt: string | null
    readonly holders: readonly Holder[]
}

export interface TestersResult {
    readonly partner: string
    readonly name: string
    readonly version: number
    readonly verdict: Found
    readonly hits: number | null
    readonly falsePositives: number | null
    readonly environment: string
    readonly at: string
    readonly earlier: readonly { readonly verdict: Found; readonly at: string }[]
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
    readonly exploited: boolean
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
    /** The texts that the effects contain only as hashes; null: there are none, or the viewer may not read them. */
    readonly words: Readonly<Record<string, unknown>> | null
    readonly requestedBy: Named
    readonly requestedAt: string
    readonly signedBy: Named | null
    readonly signedAt: string | null
    readonly usedAt: string | null
    readonly voidedAt: string | null
    readonly voidReason: VoidReason | null
    /** When it expires unsigned or unapplied; null: it is valid until its instant. */
    readonly lapsesAt: string | null
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
    readonly reportsBeforePublication: Reporting
    readonly agreement: AgreementState
    /** Requirements that are overdue past their grace period. */
    readonly overdue: readonly DueKind[]
    readonly restriction: Restriction | null
    readonly usableKeys: number
    readonly readiness: Readiness
    readonly accepted: Acceptance | null
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
    readonly expiresAt: string
    readonly revokedAt: string | null
    readonly testedAt: string | null
    readonly activatedEarlyAt: string | null
}

export interface Acceptance {
    readonly version: number
    readonly person: string
    readonly at: string
    readonly endsAt: string | null
}

export interface Partner extends Omit<PartnerRow, "usableKeys" | "readiness" | "accepted"> {
    readonly history: readonly {
        readonly fact: string
        readonly value: unknown
        readonly from: string
        readonly by: string | null
    }[]
    readonly roster: readonly Member[]
    readonly keys: readonly Key[]
    readonly mailKeys: readonly (Omit<Key, "recipient" | "testedAt"> & {
        readonly fingerprint: string
        readonly failedAt: string | null
    })[]
    readonly bouncing: readonly {
        readonly person: string | null
        readonly times: number
        readonly since: string
        readonly givenUp: boolean
    }[]
    readonly returned: readonly {
        readonly person: string | null
        readonly fate: Fate
        readonly times: number
        readonly since: string
    }[]
    readonly acceptances: readonly Acceptance[]
}

export interface Policy {
    readonly version: number
    readonly name: string
    readonly text: string
    /** The policy's own examples, one a line. */
    readonly examples: string
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
        readonly partners: readonly string[]
        readonly artifacts: readonly string[]
        readonly change: Change
        /** Content is released as soon as these partners meet their requirements. */
        readonly onceGiven: boolean
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

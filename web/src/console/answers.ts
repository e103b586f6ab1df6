/** What the console's API answers, as far as these screens read it. */
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
    /** The program's time. */
    readonly now: string
    /** Whether people move it, as in the demonstration. */
    readonly clockIsMoved: boolean
    /** Where partners reach the portal. */
    readonly portal: string
}

export interface Operator extends Omit<Me, "now" | "clockIsMoved" | "portal"> {
    readonly left: boolean
    /** Whoever added this person; null for those of the founding. */
    readonly addedBy: string | null
}

export interface Agreement {
    readonly version: number
    readonly text: string
    readonly termDays: number | null
    readonly since: string
    readonly appliesAt: string
    readonly obligations: readonly Obligation[]
    /** The longest embargo that an acceptance consents to beforehand; 0: every case is asked about. */
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
    /** Of a proposal: a partner or another party; null: the operator. */
    readonly by?: string | null
    readonly teardown?: Teardown | null
    /** Which proposal was decided: its place in the list of turns. */
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
    /** What stays if nobody decides; null: no embargo. */
    readonly lapsesTo: string | null
}

export interface Case {
    readonly id: string
    readonly title: string
    readonly vulnerabilities: readonly Vulnerability[]
    readonly finder: string
    /** As whom the world is told of the finder; empty: as nobody. */
    readonly credit: string
    /** Of what warnings say of it. */
    readonly revision: number
    readonly createdAt: string
    readonly phase: Phase | Closing["kind"]
    readonly publication: string | null
    readonly embargo: readonly Turn[]
    /** What waits for a decision. */
    readonly proposals: readonly EndProposal[]
    readonly links: readonly { readonly to: string; readonly kind: LinkKind }[]
    /** What may be done before publication; null: it was not said. */
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
    /** How many partners a notice was made for. */
    readonly recipients: number
    readonly notified: number
    /** How many were not told, by their own filters. */
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
    /** How many who put their copies together its author wants told. */
    readonly colluders: number
    /** Whether this version does not come out now. */
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
    /** What stands in the effects as a hash only; null where there is nothing, or the viewer may not read it. */
    readonly words: Readonly<Record<string, unknown>> | null
    readonly requestedBy: Named
    readonly requestedAt: string
    readonly signedBy: Named | null
    readonly signedAt: string | null
    readonly usedAt: string | null
    readonly voidedAt: string | null
    readonly voidReason: VoidReason | null
    /** When it lapses if nobody signs it, or carries it out; null: it stands until its instant. */
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
    /** What it owes past its grace. */
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
    /** Its own tests, one a line. */
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
        /** As soon as these partners give what they owe. */
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

/** Answers of the portal's API, as far as these screens read them. */
import type { QuestionKind, QuestionState } from "../../../server/src/trace/inquiries/question.ts"
import type { CallOutcome } from "../../../server/src/share/webhooks/webhook.ts"
import type { Pattern } from "../../../server/src/share/delivery/notices/filter.ts"
import type { Verdict } from "@tocsin/client/limits"
import type { ArtifactClass, Pap, Tlp } from "../../../server/src/share/artifacts/artifact.ts"
import type { Vulnerability } from "../../../server/src/share/cases/case.ts"
import type { Permission } from "../../../server/src/share/cases/deployment-permission.ts"
import type { Consent, ToldTurn } from "../../../server/src/share/cases/consent.ts"
import type { Channel } from "../../../server/src/share/delivery/channel.ts"
import type { Breached } from "../../../server/src/trace/inquiries/inquiry.ts"
import type { LetterKind } from "../../../server/src/trace/measures/letter.ts"
import type { MeasureKind } from "../../../server/src/trace/measures/measure.ts"
import type { PartnerRole } from "../../../server/src/kernel/actor.ts"
import type { DueKind } from "../../../server/src/trust/partners/requirements/requirement.ts"
import type { Duty, Reporting } from "../../../server/src/trust/partners/reporting-duties/reporting-duties.ts"
import type { Obligation, PeriodicKind } from "../../../server/src/trust/partners/agreements/obligation.ts"
import type { AgreementState, Standing, Tier } from "../../../server/src/trust/partners/partner.ts"
import type { Attestation, RegularReport } from "../../../server/src/trust/partners/agreements/statement.ts"
import type { Cell } from "../../../server/src/trace/sightings/aggregate.ts"
import type { ShownOwed } from "../kit/follow-up-text.tsx"
import type { ShownProtection } from "../kit/protection.tsx"
import type { ShownSighting } from "../kit/sightings.tsx"

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
}

export interface MailKey extends Omit<Key, "recipient" | "testedAt"> {
    readonly fingerprint: string
    readonly failedAt: string | null
}

export interface MailKeys {
    readonly keys: readonly MailKey[]
    readonly signedWith: { readonly fingerprint: string; readonly publicText: string } | null
}

/** Empty: everything. */
export interface NoticeFilter {
    readonly patterns: readonly Pattern[]
}

export interface Acceptance {
    readonly version: number
    readonly person: string
    readonly at: string
    readonly endsAt: string | null
}

export interface Me {
    readonly now: string
    readonly person: Member
    readonly partner: {
        readonly id: string
        readonly name: string
        readonly mail: string
        readonly tier: Tier
        readonly standing: Standing
        readonly duties: readonly Duty[]
        readonly reportsBeforePublication: Reporting
        readonly agreement: AgreementState
        /** Requirements past their grace period, which withhold content until they are met. */
        readonly overdue: readonly DueKind[]
        readonly roster: readonly Member[]
        readonly keys: readonly Key[]
        readonly acceptances: readonly Acceptance[]
    }
}

export interface Part {
    readonly id: string
    readonly class: ArtifactClass
    readonly tlp: Tlp
    readonly pap: Pap
    /** Null before its release. */
    readonly name: string | null
    readonly available: boolean
    readonly version: number | null
    readonly from: string
    readonly fetchedAt: string | null
    readonly acknowledgedAt: string | null
    readonly holds: readonly { readonly version: number; readonly at: string; readonly superseded: boolean }[]
}

export const nameOf = (part: Part): string => part.name ?? part.class

export interface Recall {
    readonly id: string
    readonly warning: string
    readonly class: ArtifactClass
    readonly name: string
    readonly versions: readonly number[]
    readonly at: string
    readonly confirmedAt: string | null
}

export interface OwnResult {
    readonly artifact: string
    readonly version: number
    readonly verdict: Verdict
    readonly at: string
}

export interface Results {
    readonly tester: boolean
    readonly results: readonly OwnResult[]
}

export interface Protections {
    readonly protections: readonly (ShownProtection & { readonly warning: string })[]
}

/** Aggregates about other partners, the same for everyone who has the warning. */
export interface Aggregates {
    readonly told: boolean
    readonly groupMin: number | null
    readonly cells: readonly { readonly cell: Cell; readonly partners: string | null }[]
}

export interface OwedReports {
    readonly owed: readonly (ShownOwed & { readonly warning: string })[]
}

export interface Sightings {
    readonly sightings: readonly (ShownSighting & { readonly person: string; readonly warning: string })[]
}

export interface Warning {
    readonly id: string
    readonly title: string
    readonly vulnerabilities: readonly Vulnerability[]
    readonly publication: string | null
    readonly published: boolean
    /** When the operator withdrew it; null: it did not. */
    readonly withdrawnAt: string | null
    readonly permission: Permission | null
    readonly artifacts: readonly Part[]
    readonly recalls: readonly Recall[]
}

/** The access list: which of the partner's people see a warning. */
export interface Circle {
    readonly narrowed: boolean
    readonly persons: readonly string[]
}

export interface Warnings {
    readonly now: string
    readonly warnings: readonly Warning[]
}

export interface Agreement {
    readonly version: number
    readonly text: string
    readonly termDays: number | null
    readonly obligations: readonly Obligation[]
    /** The longest embargo that an acceptance consents to in advance; 0: each case is asked about separately. */
    readonly longestEmbargoDays: number
    readonly since: string
    readonly appliesAt: string
}

export interface Due {
    readonly kind: DueKind
    readonly dueAt: string
    /** From this instant, the requirement withholds content until it is met. */
    readonly withheldFrom: string
    readonly state: "given" | "due" | "overdue"
}

export interface Statement {
    readonly id: string
    readonly person: string
    readonly kind: PeriodicKind
    readonly version: number
    /** A zero report, or an attestation without exceptions. */
    readonly nothing: boolean
    readonly body: Attestation | RegularReport
    readonly at: string
}

export interface Dues {
    readonly dues: readonly Due[]
    readonly given: readonly Statement[]
}

/** An invitation to an embargo: its terms and history, without the content of the case. */
export interface Asked {
    readonly state: Consent
    /** Null while no end is agreed. */
    readonly publication: string | null
    /** Null after the answer. */
    readonly answerBy: string | null
    /** When the case was closed without publication. */
    readonly closedAt: string | null
    readonly leftAt: string | null
    readonly turns: readonly {
        readonly kind: ToldTurn["kind"]
        readonly at: string
        readonly endsAt: string | null
        readonly by: ToldTurn["by"]
        /** Whether the proposal needs a decision. */
        readonly open: boolean
    }[]
}

export interface Invitation extends Asked {
    /** The id of the warning that the embargo may lead to. */
    readonly id: string
}

export interface Consents {
    readonly now: string
    readonly invitations: readonly Invitation[]
}

export interface Receipt {
    readonly id: string
    readonly kind: "fetched" | "acknowledged" | "deleted"
    /** The channel of a fetch. */
    readonly channel?: Channel
    readonly at: string
    readonly person: string
    readonly warning: string
    readonly artifact: string
    readonly version: number
    readonly versions: readonly number[]
}

export interface Webhook {
    readonly id: string
    readonly address: string
    /** Verifies the calls' signatures. */
    readonly publicKey: string
    /** Null before the first call. */
    readonly lastOutcome: CallOutcome | null
    readonly lastAt: string | null
    readonly failingSince: string | null
    readonly disabledAt: string | null
    /** Until when calls are also signed with the previous secret. */
    readonly previousUntil: string | null
}

export interface Webhooks {
    readonly webhooks: readonly Webhook[]
}

export interface Receipts {
    readonly receipts: readonly Receipt[]
    readonly more: boolean
}

export interface Letter {
    readonly id: string
    readonly kind: LetterKind
    readonly subject: string
    readonly text: string
    readonly sentAt: string
    readonly answer: string | null
    readonly answeredAt: string | null
    readonly about: {
        readonly kind: MeasureKind | LetterKind
        readonly takenAt: string
        readonly reviewBy: string | null
        readonly endedAt: string | null
    }
    /** Null: the letter is not part of a procedure. */
    readonly procedure: {
        readonly obligation: Breached
        readonly answerBy: string | null
        readonly mayAnswer: boolean
        readonly appealBy: string | null
        readonly mayAppeal: boolean
        readonly returnFrom: string | null
        readonly terms: string | null
        readonly appeal: string | null
        readonly appealedAt: string | null
    } | null
}

export interface OwnQuestion {
    readonly id: string
    readonly kind: QuestionKind
    readonly text: string
    readonly askedAt: string
    readonly answerBy: string
    readonly state: QuestionState
    readonly answer: string | null
    readonly deleted: boolean | null
    readonly answeredAt: string | null
}

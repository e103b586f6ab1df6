/** What the portal's API answers, as far as these screens read it. */
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
        /** What it owes past its grace: content waits until it is given. */
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
    /** Null while it is still to come. */
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

/** What is told of others: the same to everybody who has the warning. */
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
    /** When the operator took it back; null while it did not. */
    readonly withdrawnAt: string | null
    readonly permission: Permission | null
    readonly artifacts: readonly Part[]
    readonly recalls: readonly Recall[]
}

/** Who of the own persons sees a warning. */
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
    /** The longest embargo that an acceptance consents to beforehand; 0: every case is asked about. */
    readonly longestEmbargoDays: number
    readonly since: string
    readonly appliesAt: string
}

export interface Due {
    readonly kind: DueKind
    readonly dueAt: string
    /** From then on it withholds content, until it is given. */
    readonly withheldFrom: string
    readonly state: "given" | "due" | "overdue"
}

export interface Statement {
    readonly id: string
    readonly person: string
    readonly kind: PeriodicKind
    readonly version: number
    /** A zero report; an attestation without exception. */
    readonly nothing: boolean
    readonly body: Attestation | RegularReport
    readonly at: string
}

export interface Dues {
    readonly dues: readonly Due[]
    readonly given: readonly Statement[]
}

/** Of an embargo: what somebody was asked to keep, what became of it, and nothing of what it is about. */
export interface Asked {
    readonly state: Consent
    /** Null while no end is agreed. */
    readonly publication: string | null
    /** Null once it was answered. */
    readonly answerBy: string | null
    /** There will be no publication. */
    readonly closedAt: string | null
    readonly leftAt: string | null
    readonly turns: readonly {
        readonly kind: ToldTurn["kind"]
        readonly at: string
        readonly endsAt: string | null
        readonly by: ToldTurn["by"]
        /** A proposal that waits for its decision. */
        readonly open: boolean
    }[]
}

export interface Invitation extends Asked {
    /** Of the warning that it may become. */
    readonly id: string
}

export interface Consents {
    readonly now: string
    readonly invitations: readonly Invitation[]
}

export interface Receipt {
    readonly id: string
    readonly kind: "fetched" | "acknowledged" | "deleted"
    /** Of a fetch. */
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
    /** By which its calls are verified. */
    readonly publicKey: string
    /** Null before the first call. */
    readonly lastOutcome: CallOutcome | null
    readonly lastAt: string | null
    readonly failingSince: string | null
    readonly disabledAt: string | null
    /** Until when calls are signed with the secret before, too. */
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
    /** Null for a letter that tells of no procedure. */
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

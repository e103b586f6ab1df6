/** Answers of the console's API about applications, requirements, rules, due diligence, schedules and clocks. */
import type { Doubt } from "../../../../server/src/models/clock-trust.ts"
import type { Must } from "../../../../server/src/share/artifacts/corpus.ts"
import type { Calendar } from "../../../../server/src/share/waves/calendar.ts"
import type { Criterion, Tally } from "../../../../server/src/trust/partners/onboarding/admission.ts"
import type { Application, ApplicationState } from "../../../../server/src/trust/partners/onboarding/application.ts"
import type { Background } from "../../../../server/src/trust/partners/onboarding/due-diligence.ts"
import type { DueKind } from "../../../../server/src/trust/partners/requirements/requirement.ts"
import type { Tier } from "../../../../server/src/trust/partners/partner.ts"
import type { Finding } from "../../../../server/src/trust/partners/requirements/qualification.ts"
import type { Rules, RulesKind } from "../../../../server/src/trust/partners/program-rules.ts"
import type { Attestation, RegularReport } from "../../../../server/src/trust/partners/agreements/statement.ts"

export interface ApplicationRow {
    readonly partner: string
    readonly organisation: string
    readonly state: ApplicationState
    readonly madeAt: string
    readonly decidedAt: string | null
    readonly decidedBy: string | null
}

export interface Score {
    readonly criterion: string
    readonly score: number
    readonly reason: string
    readonly person: string
    readonly at: string
}

export interface WholeApplication extends ApplicationRow {
    readonly form: Application
    readonly decision: { readonly reason: string; readonly message: string }
    readonly vouches: readonly {
        readonly partner: string
        readonly person: string
        readonly words: string
        readonly at: string
    }[]
    readonly criteriaVersion: number
    readonly criteria: readonly Criterion[]
    readonly scores: readonly Score[]
    readonly tally: Tally
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
    readonly kind: "attestation" | "regular reports"
    readonly version: number
    readonly nothing: boolean
    readonly body: Attestation | RegularReport
    readonly at: string
}

export interface DuesOfOne {
    readonly dues: readonly Due[]
    readonly given: readonly Statement[]
}

export interface Proposal {
    readonly id: string
    readonly partner: string
    readonly from: Tier
    readonly to: Tier
    readonly rulesVersion: number
    readonly findings: readonly Finding[]
    readonly madeAt: string
}

export interface EndedProposal extends Proposal {
    readonly endedAt: string | null
    readonly endedAs: string | null
    readonly endedBy: string | null
    readonly reason: string | null
}

export type AllRules = {
    readonly [Kind in RulesKind]: {
        readonly version: number
        readonly rules: Rules[Kind]
        readonly by: string | null
        readonly at: string | null
    }
}

export interface KnownBackground extends Background {
    readonly history: readonly {
        readonly fact: string
        readonly value: unknown
        readonly from: string
        readonly by: string | null
    }[]
}

export interface PlanAnswer {
    readonly hoursBefore: Readonly<Partial<Record<Tier, number>>>
}

export interface CalendarAnswer {
    readonly days: Calendar
    readonly next: readonly { readonly name: string; readonly at: string }[]
}

export interface Sample {
    readonly id: string
    readonly name: string
    readonly must: Must
    readonly content: string
    readonly base64: boolean
    readonly addedBy: string
    readonly addedAt: string
}

export interface ClockState {
    readonly state: "trusted" | "frozen" | "unread"
    readonly doubt: Doubt | null
    readonly since: string | null
    readonly agreedSince: string | null
    readonly highWater: string | null
    readonly reading: {
        readonly application: string
        readonly database: string
        readonly apartMs: number
        readonly isApart: boolean
        readonly isOneEnough: boolean
        readonly offByServiceMs: number | null
    } | null
}

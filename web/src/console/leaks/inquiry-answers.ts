/** An inquiry as the console's API answers, as far as these screens read it. */
import type { KeptOut, Turn } from "../../../../server/src/trace/inquiries/history.ts"
import type { Finding, Inquiry } from "../../../../server/src/trace/inquiries/inquiry.ts"
import type { QuestionKind, QuestionState } from "../../../../server/src/trace/inquiries/question.ts"

export type InquiryRow = Omit<Inquiry, "openedAt"> & { readonly openedAt: string }

export type FindingRow = Omit<Finding, "proposedAt" | "confirmedAt" | "salt" | "unheard"> & {
    readonly proposedAt: string
    readonly confirmedAt: string | null
    readonly unheard: string | null
}

export interface QuestionRow {
    readonly id: string
    readonly kind: QuestionKind
    readonly partner: string
    readonly finding: string | null
    readonly text: string
    readonly answerBy: string
    readonly state: QuestionState
    readonly answer: {
        readonly text: string
        readonly deleted: boolean | null
        readonly by: string
        readonly at: string
    } | null
    readonly notedAt: string | null
    readonly unreached: number
}

type Told<Of> = Omit<Of, "at" | "salt"> & { readonly at: string }

export interface Opened extends InquiryRow {
    readonly findings: readonly FindingRow[]
    readonly questions: readonly QuestionRow[]
    readonly excluded: readonly Told<KeptOut>[]
    readonly turns: readonly Told<Turn>[]
    readonly attestations: readonly {
        readonly partner: string
        readonly of: string
        readonly at: string
        readonly about: string
        readonly affirmed: boolean
    }[]
}

export interface PartProps {
    subject: Opened
    onDone: () => void
}

/** Answers of the API about procedures, as far as these screens read them. */
import type { Breached } from "../../../../server/src/trace/inquiries/inquiry.ts"
import type { LetterKind } from "../../../../server/src/trace/measures/letter.ts"
import type { Outcome, Phase, Turn } from "../../../../server/src/trace/measures/procedure.ts"
import type { Words } from "../../kit/text.ts"

export interface ProcedureRow {
    readonly id: string
    readonly partner: string
    readonly phase: Phase
    readonly answerBy: string
    readonly appealBy: string | null
    readonly sanction: { readonly outcome: Outcome; readonly returnFrom: string | null } | null
    readonly waitsSince: string | null
    readonly grounds: { readonly obligation: Breached; readonly conclusion: string; readonly confidence: string }
}

export interface TurnRow {
    readonly kind: Turn["kind"]
    readonly at: string
    readonly by: readonly string[]
    readonly answerBy: string | null
    readonly appealBy: string | null
    readonly outcome: Outcome | null
    readonly returnFrom: string | null
    readonly words: { readonly reason?: string; readonly terms?: string | null; readonly text?: string } | null
}

export interface SentLetter {
    readonly id: string
    readonly kind: LetterKind
    readonly partner: string
    readonly subject: string
    readonly text: string
    readonly sentAt: string
    readonly answer: string | null
    readonly answeredAt: string | null
    readonly notedAt: string | null
}

export interface Procedure extends ProcedureRow {
    readonly turns: readonly TurnRow[]
    readonly letters: readonly SentLetter[]
}

export const phaseWords: Words<Phase> = {
    "answer awaited": { name: "answer awaited", tone: "due" },
    "to decide": { name: "to be decided", tone: "bad" },
    "open to appeal": { name: "open to appeal", tone: "due" },
    "appeal to decide": { name: "appeal to be decided", tone: "bad" },
    closed: { name: "closed", tone: "plain" },
}

export const outcomeNames: Readonly<Record<Outcome, string>> = {
    none: "nothing follows",
    reprimand: "reprimand",
    suspension: "suspension",
    termination: "end of membership",
}

export const turnNames: Readonly<Record<Turn["kind"], string>> = {
    opened: "Opened",
    extended: "More time",
    answered: "Answered",
    decided: "Decided",
    appealed: "Appealed",
    "decided again": "Decided on appeal",
    returned: "Returned",
}

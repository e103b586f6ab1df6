/** Answers of the API about procedures, as far as these screens read them. */
import type { Outcome, Phase, ProcedureEntry } from "../../../../server/src/trace/measures/procedure.ts"
import type { Words } from "../../kit/text.ts"
import type { AnswerTo } from "../api.ts"

export type ProcedureRow = AnswerTo<"/api/procedures">["procedures"][number]

export type SentLetter = Procedure["letters"][number]

export type Procedure = AnswerTo<"/api/procedures/{id}">

export const phaseWords: Words<Phase> = {
    answer_awaited: { name: "answer awaited", tone: "due" },
    to_decide: { name: "to be decided", tone: "bad" },
    open_to_appeal: { name: "open to appeal", tone: "due" },
    appeal_to_decide: { name: "appeal to be decided", tone: "bad" },
    closed: { name: "closed", tone: "plain" },
}

export const outcomeNames: Readonly<Record<Outcome, string>> = {
    none: "no sanction",
    reprimand: "reprimand",
    suspension: "suspension",
    termination: "termination",
}

export const entryNames: Readonly<Record<ProcedureEntry["kind"], string>> = {
    opened: "Opened",
    extended: "Time extended",
    answered: "Answered",
    decided: "Decided",
    appealed: "Appealed",
    appeal_decided: "Appeal decided",
    reinstated: "Reinstated",
}

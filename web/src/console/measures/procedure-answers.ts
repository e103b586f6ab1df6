/** Answers of the API about procedures, as far as these screens read them. */
import type { Outcome, Phase, ProcedureEntry } from "../../../../server/src/trace/measures/procedure.ts"
import type { Words } from "../../kit/text.ts"
import type { AnswerTo } from "../api.ts"
import { t } from "../../messages/message.ts"

export type ProcedureRow = AnswerTo<"/api/procedures">["procedures"][number]

export type SentLetter = Procedure["letters"][number]

export type Procedure = AnswerTo<"/api/procedures/{id}">

export const phaseWords: Words<Phase> = {
    answer_awaited: { name: t("answer awaited"), tone: "due" },
    to_decide: { name: t("to be decided"), tone: "bad" },
    open_to_appeal: { name: t("open to appeal"), tone: "due" },
    appeal_to_decide: { name: t("appeal to be decided"), tone: "bad" },
    closed: { name: t("closed"), tone: "plain" },
}

export const outcomeNames: Readonly<Record<Outcome, string>> = {
    none: t("no sanction"),
    reprimand: t("reprimand"),
    suspension: t("suspension"),
    termination: t("termination"),
}

export const entryNames: Readonly<Record<ProcedureEntry["kind"], string>> = {
    opened: t("Opened"),
    extended: t("Time extended"),
    answered: t("Answered"),
    decided: t("Decided"),
    appealed: t("Appealed"),
    appeal_decided: t("Appeal decided"),
    reinstated: t("Reinstated"),
}

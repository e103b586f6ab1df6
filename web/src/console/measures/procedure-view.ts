/** A procedure as its page shows it: the stages, and the letters and answers as one exchange. */
import type { Tone } from "../../kit/notice.tsx"
import type { Procedure } from "./procedure-answers.ts"
import { t } from "../../messages/message.ts"

export interface Stage {
    readonly name: string
    readonly at: string | null
    readonly text: string
    readonly state: "done" | "current" | "open"
}

type StageInput = Pick<Procedure, "phase" | "history" | "answerBy" | "appealBy">

/** The five stages. A stage that was left out because nothing was appealed stays open. */
export function stagesOf({ phase, history, answerBy, appealBy }: StageInput): readonly Stage[] {
    const at = (kind: StageInput["history"][number]["kind"]) => history.findLast((entry) => entry.kind === kind)
    const [opened, answered, decided, appealed] = [at("opened"), at("answered"), at("decided"), at("appealed")]
    const [appealDecided, reinstated] = [at("appeal_decided"), at("reinstated")]
    const returnFrom = (appealDecided ?? decided)?.returnFrom ?? null
    const state = (isDone: boolean, isCurrent: boolean) => (isDone ? "done" : isCurrent ? "current" : "open")
    return [
        { name: t("Concern"), at: opened?.at ?? null, text: t("letter sent"), state: "done" },
        {
            name: t("Answer"),
            at: answered?.at ?? answerBy,
            text: answered ? t("received") : phase === "answer_awaited" ? t("due") : t("none"),
            state: state(phase !== "answer_awaited", true),
        },
        {
            name: t("Decision"),
            at: decided?.at ?? null,
            text: decided ? t("two signatures") : t("two people decide"),
            state: state(decided !== undefined, phase === "to_decide"),
        },
        {
            name: t("Appeal"),
            at: (appealDecided ?? appealed)?.at ?? appealBy,
            text: appealDecided
                ? t("decided")
                : appealed
                  ? t("two others decide")
                  : appealBy === null
                    ? ""
                    : t("last day to appeal"),
            state: state(
                appealDecided !== undefined || (decided !== undefined && phase === "closed"),
                phase === "open_to_appeal" || phase === "appeal_to_decide",
            ),
        },
        {
            name: t("Return"),
            at: reinstated?.at ?? returnFrom,
            text: reinstated ? t("reinstated") : returnFrom === null ? "" : t("if the terms are met"),
            state: state(reinstated !== undefined, false),
        },
    ]
}

export interface Message {
    readonly key: string
    readonly at: string
    readonly kind: string
    readonly tone: Tone
    /** Whether the partner wrote it. */
    readonly isPartners: boolean
    readonly subject: string
    readonly text: string
}

const letterKinds: Readonly<Record<string, readonly [name: string, tone: Tone]>> = {
    statement_of_concern: [t("statement of concern"), "due"],
    extension: [t("more time"), "plain"],
    no_sanction: [t("decision"), "good"],
    reprimand: [t("decision"), "bad"],
    suspension: [t("decision"), "bad"],
    termination: [t("decision"), "bad"],
    decision_upheld: [t("appeal decision"), "bad"],
    decision_relaxed: [t("appeal decision"), "due"],
    decision_lifted: [t("appeal decision"), "good"],
}

/** All letters and the partner's answers, newest first. */
export function exchangeOf({ letters, history }: Pick<Procedure, "letters" | "history">): readonly Message[] {
    const sent = letters.map(({ id, sentAt, kind, subject, text }): Message => {
        const [name, tone] = letterKinds[kind] ?? [t("letter"), "plain"]
        return { key: id, at: sentAt, kind: name, tone, isPartners: false, subject, text }
    })
    const own = { isPartners: true, subject: "" }
    const answers = letters.flatMap(({ id, answer, answeredAt }): Message[] =>
        answer === null || answeredAt === null
            ? []
            : [{ ...own, key: `answer ${id}`, at: answeredAt, kind: t("answer"), tone: "plain", text: answer }],
    )
    const appeals = history.flatMap(({ kind, at, texts }): Message[] =>
        kind === "appealed" ? [{ ...own, key: kind, at, kind: t("appeal"), tone: "due", text: texts?.text ?? "" }] : [],
    )
    // At the same instant, the answer is newer than the letter.
    return [...sent, ...answers, ...appeals].toSorted(
        (a, b) => Date.parse(b.at) - Date.parse(a.at) || Number(b.isPartners) - Number(a.isPartners),
    )
}

/** The history of an inquiry as one list, oldest first, from what the inquiry contains. */
import type { Tone } from "../../../kit/notice.tsx"
import type { Opened } from "./inquiry-answers.ts"
import { t, valueText } from "../../../messages/message.ts"

export interface HistoryItem {
    readonly at: string
    readonly title: string
    /** The person who acted; null for a partner. */
    readonly by: string | null
    readonly text: string
    readonly tone: Tone
}

interface Named {
    readonly person: (id: string) => string
    readonly partner: (id: string) => string
}

export function historyItems(subject: Opened, names: Named): readonly HistoryItem[] {
    const items: HistoryItem[] = [
        { at: subject.openedAt, title: t("Opened"), by: subject.openedBy, text: "", tone: "plain" },
        ...subject.excluded.map(({ at, person, by, reason, wasMember }): HistoryItem => {
            const excluded = { person: names.person(person) }
            const title = wasMember
                ? t("Member excluded: {person}", excluded)
                : t("Person excluded: {person}", excluded)
            return { at, title, by, text: reason, tone: "due" }
        }),
        ...subject.questions.flatMap((question): HistoryItem[] => [
            {
                at: question.askedAt,
                title: t("Question to {partner}", { partner: names.partner(question.partner) }),
                by: question.askedBy,
                text: question.text,
                tone: "plain",
            },
            ...(question.answer === null
                ? []
                : [
                      {
                          at: question.answer.at,
                          title: t("Answer of {partner}", { partner: names.partner(question.partner) }),
                          by: null,
                          text: question.answer.text,
                          tone: "good" as const,
                      },
                  ]),
        ]),
        ...subject.findings.flatMap(({ proposedAt, proposedBy, conclusion, confirmedAt }): HistoryItem[] => [
            { at: proposedAt, title: t("Finding proposed"), by: proposedBy, text: conclusion, tone: "plain" },
            ...(confirmedAt === null
                ? []
                : [{ at: confirmedAt, title: t("Finding confirmed"), by: null, text: "", tone: "good" as const }]),
        ]),
        ...subject.history.map(({ at, kind, outcome, reason, by }): HistoryItem => {
            const title =
                kind === "closed" ? t("Closed: {outcome}", { outcome: valueText(outcome ?? "") }) : t("Reopened")
            return { at, title, by, text: reason, tone: kind === "closed" ? "good" : "due" }
        }),
    ]
    return items.toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at))
}

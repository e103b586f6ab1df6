/** The tasks of this partner: requirements, follow-ups, embargo invitations and recalls, the most urgent first. */
import { formatInstant, parseInstant } from "@tocsin/base/instant"
import { hasCaseAccess } from "../../../../server/src/trust/partners/partner.ts"
import { useRead } from "../api.ts"
import { isOpen } from "../embargoes/terms.ts"
import { requirementTitles } from "../organisation/requirement-text.ts"
import { useConsents, useMe, useRequirements, useWarnings } from "../viewer.ts"
import type { SearchedWarning } from "../warnings/zero-report.tsx"
import { t } from "../../messages/message.ts"

export interface Task {
    readonly id: string
    readonly title: string
    readonly to: string
    readonly dueAt: string
    readonly isOverdue: boolean
    readonly icon: "flag" | "file" | "lock" | "alarm"
    /** A follow-up that a zero report answers. */
    readonly toSearch?: SearchedWarning
}

/** Reads the tasks; while something loads, its tasks are missing. */
export function useTasks(): Task[] {
    const mayReadCases = hasCaseAccess(useMe().partner.status)
    const requirements = useRequirements().data?.requirements ?? []
    const followUps = useRead(mayReadCases ? "/api/follow-ups" : null).data?.followUps ?? []
    const recalls = useRead(mayReadCases ? "/api/recalls" : null).data?.recalls ?? []
    const consents = useConsents().data
    const warnings = useWarnings().data?.warnings ?? []
    const titleOf = (id: string) => warnings.find((warning) => warning.id === id)?.title ?? t("a warning")
    const tasks: Task[] = [
        ...recalls
            .filter(({ confirmedAt }) => confirmedAt === null)
            .map(({ id, name, at }): Task => ({
                id,
                title: t("Delete {copy}", { copy: name }),
                to: "/",
                dueAt: at,
                isOverdue: true,
                icon: "alarm",
            })),
        ...requirements
            .filter(({ state }) => state !== "met")
            .map(({ kind, state, withheldFrom }): Task => ({
                id: kind,
                title: requirementTitles[kind],
                to: "/to-do",
                dueAt: withheldFrom,
                isOverdue: state === "overdue",
                icon: "file",
            })),
        ...followUps
            .filter(({ state }) => state === "due" || state === "overdue")
            .map(({ warning, dueAt, state, since, sightingAt }): Task => ({
                id: `${warning} ${since}`,
                title: t("Follow-up, {warning}", { warning: titleOf(warning) }),
                to: `/warnings/${warning}`,
                dueAt,
                isOverdue: state === "overdue",
                icon: "flag",
                ...(sightingAt === null && { toSearch: { id: warning, title: titleOf(warning), since } }),
            })),
        ...(consents?.invitations ?? [])
            .filter((invitation) => isOpen(invitation, consents?.now ?? ""))
            .map(({ id, answerBy }): Task => ({
                id,
                title: t("Answer an embargo invitation"),
                to: "/to-do/embargoes",
                dueAt: answerBy ?? consents?.now ?? formatInstant(0),
                isOverdue: false,
                icon: "lock",
            })),
    ]
    return tasks.toSorted((a, b) => parseInstant(a.dueAt) - parseInstant(b.dueAt))
}

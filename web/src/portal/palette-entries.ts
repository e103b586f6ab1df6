/** The entries of the portal's palette, from answers that the portal gave to this person. Pure. */
import type { NavItem } from "../kit/layout/frame.tsx"
import { type Entry, screenEntries, themeEntry } from "../kit/palette/find-entries.ts"
import type { Letter, Warning, WarningQuestion } from "./answers.ts"
import type { Task } from "./to-do/tasks.ts"
import { t } from "../messages/message.ts"

/** The loaded answers. An empty list was not loaded, or is not for this person. */
export interface PaletteContent {
    readonly items: readonly NavItem[]
    readonly warnings: readonly Pick<Warning, "id" | "title">[]
    readonly tasks: readonly Pick<Task, "title" | "to">[]
    readonly letters: readonly Pick<Letter, "subject">[]
    readonly questions: readonly Pick<WarningQuestion, "text">[]
    /** Whether the person may report sightings. */
    readonly mayReport: boolean
}

export function paletteEntries({ items, warnings, tasks, letters, questions, mayReport }: PaletteContent): Entry[] {
    const toReport = mayReport ? warnings : []
    return [
        ...tasks.map(({ title, to }) => ({ kind: "task" as const, name: title, to })),
        ...warnings.map(({ id, title }) => ({ kind: "warning" as const, name: title, to: `/warnings/${id}` })),
        { kind: "action", name: t("Make a token"), to: "/organisation/access" },
        themeEntry,
        ...screenEntries(items),
        ...toReport.map(({ id, title }) => ({
            kind: "action" as const,
            name: t("Report a sighting: {warning}", { warning: title }),
            to: `/warnings/${id}/reports`,
        })),
        ...warnings.map(({ id, title }) => ({
            kind: "action" as const,
            name: t("Ask the operator: {warning}", { warning: title }),
            to: `/warnings/${id}/questions`,
        })),
        ...letters.map(({ subject }) => ({ kind: "message" as const, name: subject, to: "/messages" })),
        ...questions.map(({ text }) => ({ kind: "message" as const, name: text, to: "/messages/asked" })),
    ]
}

/** The entries of the command palette, and how they are found by their names. Pure. */
import type { NavItem } from "../layout/frame.tsx"
import { t } from "../../messages/message.ts"

export type EntryKind = "action" | "screen" | "case" | "partner" | "artifact" | "warning" | "task" | "message"

export interface Entry {
    readonly kind: EntryKind
    readonly name: string
    /** Where it leads; null: an action without a page. */
    readonly to: string | null
}

export const themeEntry: Entry = { kind: "action", name: t("Switch between light and dark"), to: null }

/** The screens of the navigation, with their tabs. */
export function screenEntries(items: readonly NavItem[]): Entry[] {
    return items.flatMap(({ to, name, tabs = [] }) => [
        { kind: "screen" as const, name, to },
        ...tabs.flatMap((tab) =>
            tab.to === to ? [] : [{ kind: "screen" as const, name: `${name}: ${tab.name}`, to: tab.to }],
        ),
    ])
}

/** Returns the entries whose names contain every word of the query: first those that start with it. */
export function findEntries(entries: readonly Entry[], query: string): readonly Entry[] {
    const words = query.toLowerCase().split(/\s+/).filter(Boolean)
    if (words.length === 0) return entries
    const start = words[0] ?? ""
    return entries
        .map((entry) => ({ entry, name: entry.name.toLowerCase() }))
        .filter(({ name }) => words.every((word) => name.includes(word)))
        .toSorted((a, b) => Number(b.name.startsWith(start)) - Number(a.name.startsWith(start)))
        .map(({ entry }) => entry)
}

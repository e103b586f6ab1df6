/** The palette's window with what this person may see. Its reads are those of the portal's own pages. */
import { useMemo } from "react"
import type { NavItem } from "../kit/layout/frame.tsx"
import { PaletteWindow } from "../kit/palette/palette-window.tsx"
import { paletteEntries } from "./palette-entries.ts"
import { useTasks } from "./to-do/tasks.ts"
import { useLetters, useWarningQuestions, useWarnings, useWhyNot } from "./viewer.ts"

interface PortalPaletteWindowProps {
    items: readonly NavItem[]
    onDone: () => void
}

const none: readonly never[] = []

export function PortalPaletteWindow({ items, onDone }: PortalPaletteWindowProps) {
    const warnings = useWarnings().data?.warnings ?? none
    const letters = useLetters().data?.letters ?? none
    const questions = useWarningQuestions().data?.questions ?? none
    const tasks = useTasks()
    const mayReport = useWhyNot()("sighting:own") === null
    const entries = useMemo(
        () => paletteEntries({ items, warnings, tasks, letters, questions, mayReport }),
        [items, warnings, tasks, letters, questions, mayReport],
    )
    return <PaletteWindow entries={entries} onDone={onDone} />
}

/** Shows a progress bar in the last line of a terminal. Without a terminal, it shows nothing. */
import { escapeForTerminal } from "@tocsin/base/terminal-text"

/** A step, counted from 1. */
export interface Step {
    readonly doing: string
    readonly now: number
    readonly of: number
    /** The thing in progress. */
    readonly what?: string | undefined
}

/** The output that shows the bar. */
export interface Screen {
    readonly isTTY?: boolean
    readonly columns?: number
    readonly write: (text: string) => unknown
}

const barMax = 40
const barMin = 10

/** Replaces the bar by the next step; null clears the line, if a bar was drawn. */
export function progressOn(screen: Screen): (step: Step | null) => void {
    let isDrawn = false
    return (step) => {
        if (screen.isTTY !== true || (step === null && !isDrawn)) return
        isDrawn = step !== null
        screen.write(`\r\u001b[K${step === null ? "" : barOf(step, (screen.columns || 80) - 1)}`)
    }
}

/** Formats a bar in ASCII, never wider than `width`, because a wrapped line cannot be cleared. */
export function barOf({ doing, now, of: total, what: kind }: Step, width: number): string {
    const count = ` ${String(now).padStart(String(total).length)}/${total} `
    const replaceAll = escapeForTerminal(kind === undefined ? doing : `${doing} ${kind}`).replaceAll(
        /[^\x20-\x7e]/g,
        "?",
    )
    const room = width - count.length - 2
    const threshold = Math.max(Math.min(barMax, room - replaceAll.length), Math.min(barMin, room))
    if (threshold <= 0) return `${now}/${total}`.slice(0, Math.max(0, width))
    const full = Math.round((threshold * Math.min(now, total)) / Math.max(1, total))
    return `[${"#".repeat(full)}${"-".repeat(threshold - full)}]${count}${replaceAll}`.slice(0, width)
}

/** Shows a progress bar in the last line of a terminal. Without a terminal, it shows nothing. */
import { escapeForTerminal } from "@tocsin/base/terminal-text"

/** A step, counted from 1. */
export interface ProgressStep {
    readonly action: string
    readonly current: number
    readonly total: number
    /** The thing in progress. */
    readonly item?: string | undefined
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
export function progressBarOn(screen: Screen): (step: ProgressStep | null) => void {
    let isDrawn = false
    return (step) => {
        if (screen.isTTY !== true || (step === null && !isDrawn)) return
        isDrawn = step !== null
        screen.write(`\r\u001b[K${step === null ? "" : progressBar(step, (screen.columns || 80) - 1)}`)
    }
}

/** Formats a bar in ASCII, never wider than `width`, because a wrapped line cannot be cleared. */
export function progressBar({ action, current, total, item }: ProgressStep, width: number): string {
    const count = ` ${String(current).padStart(String(total).length)}/${total} `
    const label = escapeForTerminal(item === undefined ? action : `${action} ${item}`).replaceAll(/[^\x20-\x7e]/g, "?")
    const room = width - count.length - 2
    const barWidth = Math.max(Math.min(barMax, room - label.length), Math.min(barMin, room))
    if (barWidth <= 0) return `${current}/${total}`.slice(0, Math.max(0, width))
    const full = Math.round((barWidth * Math.min(current, total)) / Math.max(1, total))
    return `[${"#".repeat(full)}${"-".repeat(barWidth - full)}]${count}${label}`.slice(0, width)
}

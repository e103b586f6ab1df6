/** A bar on a terminal, in its last line; elsewhere nothing at all. */
import { shown } from "@tocsin/base/terminal-text"

/** How far something is, counted from 1. */
export interface Step {
    readonly doing: string
    readonly now: number
    readonly of: number
    /** What is at work. */
    readonly what?: string | undefined
}

/** What a bar is drawn on. */
export interface Screen {
    readonly isTTY?: boolean
    readonly columns?: number
    readonly write: (text: string) => unknown
}

const barMax = 40
const barMin = 10

/** Draws a step in place of the one before; null clears the line, which is not touched where none was drawn. */
export function progressOn(screen: Screen): (step: Step | null) => void {
    let isDrawn = false
    return (step) => {
        if (screen.isTTY !== true || (step === null && !isDrawn)) return
        isDrawn = step !== null
        screen.write(`\r\u001b[K${step === null ? "" : barOf(step, (screen.columns || 80) - 1)}`)
    }
}

/** In ASCII, and never wider than `width`: a line that wraps cannot be taken back. */
export function barOf({ doing, now, of: total, what: kind }: Step, width: number): string {
    const count = ` ${String(now).padStart(String(total).length)}/${total} `
    const replaceAll = shown(kind === undefined ? doing : `${doing} ${kind}`).replaceAll(/[^\x20-\x7e]/g, "?")
    const room = width - count.length - 2
    const bar = Math.max(Math.min(barMax, room - replaceAll.length), Math.min(barMin, room))
    if (bar <= 0) return `${now}/${total}`.slice(0, Math.max(0, width))
    const full = Math.round((bar * Math.min(now, total)) / Math.max(1, total))
    return `[${"#".repeat(full)}${"-".repeat(bar - full)}]${count}${replaceAll}`.slice(0, width)
}

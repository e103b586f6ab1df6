/** The steps of a partner with one warning, and the first steps that its guidance names. Pure. */
import { parseInstant } from "@tocsin/base/instant"
import type { FollowUp, Warning } from "../../answers.ts"
import { availableParts, unacknowledged, unfetched, warnedAt } from "../inbox.ts"
import { t } from "../../../messages/message.ts"

export type StepName = "notified" | "fetch" | "acknowledge" | "protect" | "report"

export interface Step {
    readonly name: StepName
    readonly title: string
    /** How many copies are done; null: the step has no copies. */
    readonly copies: { readonly done: number; readonly all: number } | null
    /** When it was done, or must be. */
    readonly at: string | null
    readonly isDone: boolean
    readonly state: "done" | "current" | "open"
}

/** Returns the steps. The first one that is not done is the current one. */
export function stepsOf(warning: Warning, followUps: readonly FollowUp[]): Step[] {
    const parts = availableParts(warning)
    const left = unfetched(warning).length
    const open = unacknowledged(warning).length
    const last = followUps.toSorted((a, b) => parseInstant(b.since) - parseInstant(a.since))[0]
    const acknowledged = parts.filter(({ acknowledgedAt }) => acknowledgedAt !== null).length
    const steps = [
        { name: "notified", title: t("Notified"), isDone: parts.length > 0, copies: null, at: warnedAt(warning) },
        {
            name: "fetch",
            title: t("Fetch"),
            isDone: parts.length > 0 && left === 0,
            copies: { done: parts.length - left, all: parts.length },
            at: null,
        },
        {
            name: "acknowledge",
            title: t("Acknowledge"),
            isDone: left === 0 && open === 0 && parts.length > 0,
            copies: { done: acknowledged, all: parts.length },
            at: null,
        },
        {
            name: "protect",
            title: t("Protect"),
            isDone: last !== undefined && last.protectionAt !== null,
            copies: null,
            at: last?.protectionAt ?? last?.dueAt ?? null,
        },
        {
            name: "report",
            title: t("Report sightings"),
            isDone: last !== undefined && last.sightingAt !== null,
            copies: null,
            at: last?.sightingAt ?? last?.dueAt ?? null,
        },
    ] as const
    const current = steps.findIndex(({ isDone }) => !isDone)
    return steps.map((step, n) => ({ ...step, state: step.isDone ? "done" : n === current ? "current" : "open" }))
}

export interface FirstStep {
    readonly title: string
    readonly text: string
}

const stepsMax = 5
const boldStart = /^(?:\d+\.\s+|[-*]\s+)?\*\*(.+?)\*\*\s*([\s\S]*)$/

/** Finds the first paragraphs or list items that begin with a bold sentence; empty: the text has no such start. */
export function firstSteps(markdown: string): FirstStep[] {
    const blocks = markdown.split(/\n\s*\n|\n(?=\d+\.\s)/).map((block) => block.trim())
    const found: FirstStep[] = []
    for (const block of blocks) {
        const match = boldStart.exec(block)
        if (match !== null) found.push({ title: plain(match[1] ?? ""), text: plain(match[2] ?? "") })
        else if (found.length > 0 && block.startsWith("#")) break
        if (found.length === stepsMax) break
    }
    return found
}

/** Drops line ends and the marks of code and emphasis. */
const plain = (text: string): string => text.replaceAll(/[*`]/g, "").replaceAll(/\s+/g, " ").trim()

/**
 * Compares hypotheses about the source of a leak. Each is weighed against chance, so that any two can be compared. An
 * e-value cannot distinguish a copy from the same copy made again; the audit log can.
 */
import { valueText } from "@tocsin/base/value-text"
import type { Findings, RankedRecipient } from "../evidence.ts"

/** The keys of the hypotheses, in order. */
export const hypothesisKeys = ["copy", "remade", "other", "unmarked", "master", "chance"] as const

/** The name of a hypothesis about how a leak came about. */
export type HypothesisKey = (typeof hypothesisKeys)[number]

/** A hypothesis and how well it explains the leak. */
export interface Hypothesis {
    readonly key: HypothesisKey
    /** The recipient of the copy; null if the hypothesis names none. */
    readonly recipient: string | null
    /** log10 of the likelihood ratio against chance. */
    readonly log10: number
    readonly support: Support
    /** log10 of the likelihood ratio of the best copy against this hypothesis; null for the best copy. */
    readonly behind: number | null
}

/** The English titles of the hypotheses. */
export const hypothesisTitles: Readonly<Record<HypothesisKey, string>> = {
    copy: "The best-fitting copy",
    remade: "The same copy, reproduced at the operator",
    other: "The copy of the runner-up",
    unmarked: "A text without marks: written independently, or before it was marked",
    master: "The unmarked text, which is the same for all who have it",
    chance: "A text that has this wording by chance",
}

/** Lists the hypotheses. The list is empty if no recipient had a copy. */
export function hypothesesOf({ ranking, unmarked }: Pick<Findings, "ranking" | "unmarked">): Hypothesis[] {
    const [best] = ranking
    const next = runnerUpOf({ ranking })
    if (best === undefined) return []
    const hypothesis = (key: HypothesisKey, recipient: string | null, log10: number): Hypothesis => ({
        key,
        recipient,
        log10,
        support: supportOf(log10),
        behind: key === "copy" ? null : best.log10e - log10,
    })
    return [
        hypothesis("copy", best.recipient, best.log10e),
        hypothesis("remade", best.recipient, best.log10e),
        ...(next === null ? [] : [hypothesis("other", next.recipient, next.log10e)]),
        hypothesis("unmarked", null, unmarked.log10lr),
        hypothesis("master", null, unmarked.log10lr),
        hypothesis("chance", null, 0),
    ]
}

/** Lists the hypotheses without copies, for a text that the unmarked text explains best. */
export function hypothesesWithoutCopies(findings: Pick<Findings, "ranking" | "unmarked">): Hypothesis[] {
    const others = hypothesesOf(findings).filter(({ recipient }) => recipient === null)
    return others.map((hypothesis) => ({ ...hypothesis, behind: null }))
}

/** Finds the runner-up: the next best recipient whose copy is not identified. Null if there is none. */
export function runnerUpOf({ ranking }: Pick<Findings, "ranking">): RankedRecipient | null {
    return ranking.slice(1).find(({ identified }) => !identified) ?? null
}

/** The verbal scale that is printed next to each number. */
export const scale =
    "a factor from 2 is weak support, from 10 moderate, from 100 moderately strong, from 1000 strong, " +
    "from 10 000 very strong, from a million extremely strong"

/** The terms of the scale, the weakest first. */
export const supports = [
    "speaks_against",
    "no_support",
    "weak_support",
    "moderate_support",
    "moderately_strong_support",
    "strong_support",
    "very_strong_support",
    "extremely_strong_support",
] as const

/** A term of the verbal scale. */
export type Support = (typeof supports)[number]

/**
 * Names the strength of evidence by ENFSI's guideline for evaluative reporting (2015). Below a factor of two, evidence
 * supports neither side.
 */
export function supportOf(log10e: number): Support {
    if (log10e <= -Math.log10(2)) return "speaks_against"
    if (log10e < Math.log10(2)) return "no_support"
    if (log10e < 1) return "weak_support"
    if (log10e < 2) return "moderate_support"
    if (log10e < 3) return "moderately_strong_support"
    if (log10e < 4) return "strong_support"
    return log10e < 6 ? "very_strong_support" : "extremely_strong_support"
}

/** Returns the term of the scale in words. */
export const supportInWords = (log10e: number): string => valueText(supportOf(log10e))

/**
 * Estimates how many more slots of two forms would identify the best copy. 0 if a copy is identified, or if the
 * unmarked text explains the leak.
 */
export function missingSlotsOf({ verdict, ranking, threshold, unmarked }: Findings): number {
    if (unmarked.explains) return 0
    const short = threshold - (ranking[0]?.log10e ?? 0)
    return verdict === "traced" ? 0 : Math.max(0, Math.ceil(short / Math.log10(2)))
}

/**
 * What else than one copy could explain a leak, and how well: each weighed against the same thing, that what was read
 * is chance, so that any two can be compared. No e-value tells a copy from the same copy made again: that the record tells.
 */
import type { Findings, Ranked } from "../evidence.ts"

export const hypothesisKeys = ["copy", "remade", "other", "unmarked", "master", "chance"] as const
export type HypothesisKey = (typeof hypothesisKeys)[number]

export interface Hypothesis {
    readonly key: HypothesisKey
    /** Whose copy; null where it is nobody's. */
    readonly recipient: string | null
    readonly title: string
    /** log10 of how much better it explains what was read than chance does. */
    readonly log10: number
    readonly words: string
    /** log10 of how much better the copy that fits best explains it than this; null of that copy itself. */
    readonly behind: number | null
}

const titles: Readonly<Record<HypothesisKey, string>> = {
    copy: "The copy that fits best",
    remade: "The same copy, made again at the operator",
    other: "Another copy: the runner-up",
    unmarked: "A text without marks: written independently, or before it was marked",
    master: "The unmarked text, which is alike for all who have it",
    chance: "A text whose wording is as it is by chance",
}

/** None where nobody had a copy. */
export function hypothesesOf({ ranking, unmarked }: Pick<Findings, "ranking" | "unmarked">): Hypothesis[] {
    const [best] = ranking
    const next = runnerUpOf({ ranking })
    if (best === undefined) return []
    const pick = (key: HypothesisKey, recipient: string | null, log10: number): Hypothesis => ({
        ...{ key, recipient, title: titles[key], log10, words: inWords(log10) },
        behind: key === "copy" ? null : best.log10e - log10,
    })
    return [
        pick("copy", best.recipient, best.log10e),
        pick("remade", best.recipient, best.log10e),
        ...(next === null ? [] : [pick("other", next.recipient, next.log10e)]),
        pick("unmarked", null, unmarked.log10lr),
        pick("master", null, unmarked.log10lr),
        pick("chance", null, 0),
    ]
}

/** For a text that no copy explains better than the unmarked text does: what it may be else than a copy. */
export function hypothesesWithoutCopies(findings: Pick<Findings, "ranking" | "unmarked">): Hypothesis[] {
    const others = hypothesesOf(findings).filter(({ recipient }) => recipient === null)
    return others.map((hypothesis) => ({ ...hypothesis, behind: null }))
}

/** Of all whose copies are not named, after the one that fits best; null where there is nobody. */
export function runnerUpOf({ ranking }: Pick<Findings, "ranking">): Ranked | null {
    return ranking.slice(1).find(({ identified }) => !identified) ?? null
}

/** The verbal scale, printed beside each number: from which factor on it says what. */
export const scale =
    "factor 2 weak, 10 moderate, 100 moderately strong, 1000 strong, 10 000 very strong, above a million extremely strong support"

/** A word for the strength, below a factor of two neither way, by the verbal scale of ENFSI's guideline for evaluative reporting (2015). */
export function inWords(log10e: number): string {
    if (log10e <= -Math.log10(2)) return "speaks against"
    if (log10e < Math.log10(2)) return "says nothing"
    if (log10e < 1) return "weak support"
    if (log10e < 2) return "moderate support"
    if (log10e < 3) return "moderately strong support"
    if (log10e < 4) return "strong support"
    return log10e < 6 ? "very strong support" : "extremely strong support"
}

/** About how many more slots of two forms would name who fits best; 0 where somebody is named, or no copy is the source. */
export function lackingOf({ verdict, ranking, bar, unmarked }: Findings): number {
    if (unmarked.explains) return 0
    const short = bar - (ranking[0]?.log10e ?? 0)
    return verdict === "traced" ? 0 : Math.max(0, Math.ceil(short / Math.log10(2)))
}

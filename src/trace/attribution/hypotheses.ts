/**
 * What else than one copy could explain a leak, and how well: each weighed against the same thing, that what was read
 * is chance, so that any two can be compared. No e-value tells a copy from the same copy made again: that the record tells.
 */
import type { Findings, Ranked } from "../../lib/evidence.ts"
import { inWords } from "./attribution.ts"

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
    const of = (key: HypothesisKey, recipient: string | null, log10: number): Hypothesis => ({
        ...{ key, recipient, title: titles[key], log10, words: inWords(log10) },
        behind: key === "copy" ? null : best.log10e - log10,
    })
    return [
        of("copy", best.recipient, best.log10e),
        of("remade", best.recipient, best.log10e),
        ...(next === null ? [] : [of("other", next.recipient, next.log10e)]),
        of("unmarked", null, unmarked.log10lr),
        of("master", null, unmarked.log10lr),
        of("chance", null, 0),
    ]
}

/** For a text that no copy explains better than the unmarked text does: what it may be else than a copy. */
export function hypothesesWithoutCopies(findings: Pick<Findings, "ranking" | "unmarked">): Hypothesis[] {
    const others = hypothesesOf(findings).filter(({ recipient }) => recipient === null)
    return others.map((one) => ({ ...one, behind: null }))
}

/** Of all whose copies are not named, after the one that fits best; null where there is nobody. */
export function runnerUpOf({ ranking }: Pick<Findings, "ranking">): Ranked | null {
    return ranking.slice(1).find(({ accused }) => !accused) ?? null
}

/** The verbal scale, printed beside each number: from which factor on it says what. */
export const scale =
    "factor 2 weak, 10 moderate, 100 moderately strong, 1000 strong, 10 000 very strong, above a million extremely strong support"

/** Scores one leak for weighing several leaks together. */
import { firstWeight } from "@tocsin/marks/evidence/incident"
import type { Weighed } from "@tocsin/marks/evidence/cross-case"
import type { Result, Tested } from "./attribution.ts"

/**
 * Returns the scores of the version with most slots read, whichever recipient fits. Returns null where the leak was not
 * recognised or reads as the master.
 */
export function weighedBy({
    best: first,
    others,
    tests,
}: Pick<Result, "best" | "others" | "tests">): (Weighed & { readonly read: string }) | null {
    const tested = first === null ? [] : [first, ...others]
    const best = tested.reduce<Tested | null>((a, b) => (a === null || isMore(b, a) ? b : a), null)
    if (best === null || best.findings.verdict === "unrelated" || best.findings.unmarked.explains) return null
    // The figure of a later try is 1/0.8 times an e-value (see packages/marks, evidence/incident).
    const less = best.spending?.factor ? Math.log10(firstWeight) : 0
    const log10e = new Map(best.findings.ranking.map((ranked) => [ranked.recipient, ranked.log10e + less]))
    return { document: nameOf(best), tests, log10e, read: JSON.stringify(best.symbols) }
}

function isMore(a: Tested, b: Tested): boolean {
    const [total, than] = [a.findings.slots.read, b.findings.slots.read]
    return total > than || (total === than && nameOf(a) < nameOf(b))
}

const nameOf = ({ artifact, version }: Tested): string => `${artifact}:${version}`

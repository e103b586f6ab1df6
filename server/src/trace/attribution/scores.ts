/** Scores one leak for weighing several leaks together. */
import { firstWeight } from "@tocsin/marks/evidence/incident"
import type { LeakResult } from "@tocsin/marks/evidence/cross-case"
import type { AttributionResult, TestedVersion } from "./attribution.ts"

/**
 * Returns the scores of the version with most slots read, whichever recipient fits. Returns null where the leak was not
 * recognised or reads as the master.
 */
export function leakScoresOf({
    best: first,
    others,
    tests,
}: Pick<AttributionResult, "best" | "others" | "tests">): (LeakResult & { readonly read: string }) | null {
    const tested = first === null ? [] : [first, ...others]
    const best = tested.reduce<TestedVersion | null>((a, b) => (a === null || hasMoreSlotsRead(b, a) ? b : a), null)
    if (best === null || best.findings.verdict === "unrelated" || best.findings.unmarked.explains) return null
    // The figure of a later try is 1/0.8 times an e-value (see packages/marks, evidence/incident).
    const correction = best.spending?.factor ? Math.log10(firstWeight) : 0
    const log10e = new Map(best.findings.ranking.map((ranked) => [ranked.recipient, ranked.log10e + correction]))
    return { document: versionKey(best), tests, log10e, read: JSON.stringify(best.symbols) }
}

function hasMoreSlotsRead(a: TestedVersion, b: TestedVersion): boolean {
    const [readA, readB] = [a.findings.slots.read, b.findings.slots.read]
    return readA > readB || (readA === readB && versionKey(a) < versionKey(b))
}

const versionKey = ({ artifact, version }: TestedVersion): string => `${artifact}:${version}`

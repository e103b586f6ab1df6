/**
 * Results: what a tester found of a version of a rule, of guidance or of indicators that it was given. Its author sees
 * them; no other partner does. A later result of the same partner for the same version takes the place of the earlier.
 */
import { type Verdict, environmentMax } from "@tocsin/client/limits"
import { refuse } from "@tocsin/base/refusal"
import type { ArtifactClass } from "../artifacts/artifact.ts"

export interface Result {
    readonly verdict: Verdict
    /** How often it found what it is to find; null: not counted. */
    readonly hits: number | null
    /** How often it found what it is not to find; null: not counted. */
    readonly falsePositives: number | null
    /** On what it was tried, and how. */
    readonly environment: string
}

export const countMax = 1_000_000_000
/** Of one partner for one version, the corrections included. */
export const resultsMax = 20

const tested: readonly ArtifactClass[] = ["guidance", "indicators", "rules"]

export function isTested(kind: ArtifactClass): boolean {
    return tested.includes(kind)
}

export function validateResult({ verdict, hits, falsePositives, environment }: Result): void {
    const isCount = (item: number | null) =>
        item === null || (Number.isSafeInteger(item) && item >= 0 && item <= countMax)
    if (!(isCount(hits) && isCount(falsePositives))) {
        refuse("invalid", "test_result.bad_count", `a count is a whole number from 0 to \`${countMax}\``)
    }
    if (verdict === "false positives" && !(falsePositives !== null && falsePositives > 0)) {
        refuse("invalid", "test_result.count_missing", "say how many false positives there were")
    }
    if (!(environment.length <= environmentMax)) {
        refuse("invalid", "test_result.too_long", `a note has \`${environmentMax}\` characters at most`)
    }
}

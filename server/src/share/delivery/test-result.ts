/**
 * Test results: what a tester reports about a version of a rule, of guidance or of indicators that it holds.
 *
 * Only the operator sees them. A later result of the same partner for the same version replaces the earlier one.
 */
import { type Verdict, environmentMax } from "@tocsin/client/limits"
import { refuse } from "@tocsin/base/refusal"
import type { ArtifactClass } from "../artifacts/artifact.ts"

/** A test result of a partner. */
export interface TestResult {
    readonly verdict: Verdict
    /** How often it detected what it should detect; null: not counted. */
    readonly hits: number | null
    /** How often it detected what it should not detect; null: not counted. */
    readonly falsePositives: number | null
    /** How and on what it was tested. */
    readonly environment: string
}

export const countMax = 1_000_000_000
/** The number of results of one partner for one version, corrections included. */
export const resultsMax = 20

const testedClasses: readonly ArtifactClass[] = ["guidance", "indicators", "rules"]

/** Whether test results can be reported for this class. */
export function isTestable(kind: ArtifactClass): boolean {
    return testedClasses.includes(kind)
}

/** Refuses `test_result.bad_count`, `test_result.count_missing`, `test_result.too_long`. */
export function validateResult({ verdict, hits, falsePositives, environment }: TestResult): void {
    const isCount = (item: number | null) =>
        item === null || (Number.isSafeInteger(item) && item >= 0 && item <= countMax)
    if (!(isCount(hits) && isCount(falsePositives))) {
        refuse("invalid", "test_result.bad_count", `bad count: enter a whole number from \`0\` to \`${countMax}\``, {
            max: countMax,
        })
    }
    if (verdict === "false_positives" && !(falsePositives !== null && falsePositives > 0)) {
        refuse(
            "invalid",
            "test_result.count_missing",
            "the number of false positives is missing: enter a count above `0`",
        )
    }
    if (!(environment.length <= environmentMax)) {
        refuse(
            "invalid",
            "test_result.too_long",
            `the note is too long: use at most \`${environmentMax}\` characters`,
            { max: environmentMax },
        )
    }
}

/**
 * The number of random cases per property: few by default, many with `SLOW`. The seed is fixed, so that only code
 * changes fail a test; `SEED` changes it.
 */
import fc from "fast-check"

fc.configureGlobal({ numRuns: runs(100, 1000), seed: Number(process.env["SEED"] ?? 1) })

export function runs(few: number, many: number): number {
    return process.env["SLOW"] ? many : few
}

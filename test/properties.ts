/**
 * How many random cases a property tries: few while one works, many when `SLOW` is set. The same cases each time, so that
 * a test fails by what was changed and by nothing else; `SEED` chooses others.
 */
import fc from "fast-check"

fc.configureGlobal({ numRuns: runs(100, 1000), seed: Number(process.env["SEED"] ?? 1) })

export function runs(few: number, many: number): number {
    return process.env["SLOW"] ? many : few
}

/** How many random cases a property tries: few while one works, many when `SLOW` is set. */
import fc from "fast-check"

fc.configureGlobal({ numRuns: runs(100, 2000) })

export function runs(few: number, many: number): number {
    return process.env["SLOW"] ? many : few
}

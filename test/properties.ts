/** How many random cases a property tries: few while one works, many when `SLOW` is set. */
import fc from "fast-check"

fc.configureGlobal({ numRuns: process.env["SLOW"] ? 2000 : 100 })

/**
 * `npm run bench:tracing [-- corpus density calibration lengths speed years tries] [--leaks N] [--only WORDS]`: what
 * marks can and cannot do, with fixed seeds. Exits with 1 if an innocent was identified more often than the error
 * allows, a rule has too few slots, or the corpus misses its target.
 */
import { parseArgs } from "node:util"
import { printCalibration } from "./calibration.ts"
import { printCorpus } from "./corpus.ts"
import { printDensity } from "./density.ts"
import { printLengths } from "./lengths.ts"
import { printSpeed } from "./speed.ts"
import { printTries } from "./tries.ts"
import { printYears } from "./years.ts"

const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
        leaks: { type: "string", default: "10000" },
        recipients: { type: "string", default: "1000000" },
        only: { type: "string", default: "" },
    },
})
const isWanted = (part: string) => positionals.length === 0 || positionals.includes(part)

if (isWanted("density") && !(await printDensity())) process.exitCode = 1
if (isWanted("corpus") && !(await printCorpus(Math.min(200, Number(values.leaks)), values.only))) process.exitCode = 1
if (isWanted("speed")) await printSpeed(Number(values.recipients))
if (isWanted("lengths")) printLengths(Math.min(1000, Number(values.leaks)), values.only)
if (isWanted("calibration") && !printCalibration(Number(values.leaks), values.only)) process.exitCode = 1
if (isWanted("years") && !printYears(Number(values.leaks))) process.exitCode = 1
if (isWanted("tries") && !printTries(Math.min(2000, Number(values.leaks)))) process.exitCode = 1

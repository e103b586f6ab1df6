/**
 * `npm run bench`: the product's rates, each next to the limit of its parts, measured in the same run. The ratios
 * count, because absolute numbers depend on the machine. Exits with 1 if a floor is missed.
 *
 * `npm run bench -- NAME… SIZE…`: runs these figures only, with sizes where they apply, as in `polling 1000 1000000`.
 */
import os from "node:os"
import { startServers } from "./asking.ts"
import { measureAuditLog } from "./audit-log.ts"
import { hasPgDump, measureBackups } from "./backups.ts"
import { makeBareTables } from "./bare-server.ts"
import { consoleSizes, measureFirstPage } from "./console.ts"
import { measureCopies } from "./copies.ts"
import { measureDecision } from "./deciding.ts"
import { measureDownloads } from "./downloads.ts"
import { measureExposure } from "./exposing.ts"
import { waitUntilIdle } from "./indicators.ts"
import { measureFactSets } from "./kinds.ts"
import { measureMatrix } from "./matrix.ts"
import { type Figure, printFigure } from "./measure.ts"
import { measurePolling } from "./polling.ts"
import { fetchersCount, startProgram } from "./program.ts"
import { measurePublication } from "./publishing.ts"
import { measureProof, measureSignIn } from "./sign-in.ts"
import { measureSuspension } from "./suspension.ts"

const clients = 8
/** About as many bytes as a sealed copy of 20 KB. */
const copyBytes = 21_000

/** The number of objects. */
const sizesPolled = [1_000, 10_000, 100_000]

const isSize = (item: string) => /^[1-9]\d*$/.test(item)
const wantedFigures = process.argv.slice(2).filter((item) => !isSize(item))
const sizes = process.argv.slice(2).filter(isSize).map(Number)
const missedFigures: string[] = []

async function runFigure(name: string, work: () => Promise<Figure>): Promise<void> {
    if (wantedFigures.length > 0 && !wantedFigures.includes(name)) return
    const figure = await work()
    printFigure(figure)
    if (figure.target?.isMet === false) missedFigures.push(name)
}

const { model = "unknown" } = os.cpus()[0] ?? {}
process.stdout.write(`${os.cpus().length} × ${model}, Node ${process.version}: median (least to most)\n\n`)
await runFigure("kinds", measureFactSets)
await runFigure("exposing", measureExposure)
for (const size of consoleSizes) await runFigure("console", () => measureFirstPage(size))
await runFigure("audit-log", measureAuditLog)
if (hasPgDump()) await runFigure("backup", measureBackups)
else process.stdout.write("backup: left out, because pg_dump is not installed\n\n")
// Figures with a program of their own were measured before.
if (
    wantedFigures.length > 0 &&
    wantedFigures.every((item) => ["kinds", "exposing", "console", "audit-log", "backup"].includes(item))
)
    process.exit(process.exitCode)
const program = await startProgram()
try {
    await runFigure("copies", () => measureCopies(program))
    await runFigure("matrix", () => measureMatrix(program))
    await runFigure("deciding", () => measureDecision(program))
    await runFigure("sign-in", () => measureSignIn(program))
    await runFigure("proof", () => measureProof(program))
    await makeBareTables(program)
    const servers = await startServers(program, copyBytes, clients)
    try {
        await waitUntilIdle(program)
        for (const count of [clients, fetchersCount])
            await runFigure("downloads", () => measureDownloads(program, servers, count, copyBytes))
        await runFigure("suspension", () => measureSuspension(program, servers))
        await runFigure("polling", () => measurePolling(program, servers, sizes.length > 0 ? sizes : sizesPolled))
        await runFigure("publishing", () => measurePublication(program, servers))
    } finally {
        await servers.stop()
    }
} finally {
    await program.stop()
}
if (missedFigures.length > 0) process.exitCode = 1

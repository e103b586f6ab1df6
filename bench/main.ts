/**
 * `npm run bench`: the product's rates, each next to the limit of its parts, measured in the same run. The ratios
 * count, because absolute numbers depend on the machine. Exits with 1 if a floor is missed.
 *
 * `npm run bench -- NAME… SIZE…`: runs these figures only, with sizes where they apply, as in `polling 1000 1000000`.
 */
import os from "node:os"
import { startServers } from "./asking.ts"
import { makeBareTables } from "./bare-server.ts"
import { consoleSizes, firstPage } from "./console.ts"
import { copies } from "./copies.ts"
import { deciding } from "./deciding.ts"
import { downloads } from "./downloads.ts"
import { exposing } from "./exposing.ts"
import { settled } from "./indicators.ts"
import { kinds } from "./kinds.ts"
import { matrices } from "./matrix.ts"
import { type Figure, print } from "./measure.ts"
import { polling } from "./polling.ts"
import { fetchersCount, startProgram } from "./program.ts"
import { publishing } from "./publishing.ts"
import { suspension } from "./suspension.ts"

const clients = 8
/** About as many bytes as a sealed copy of 20 KB. */
const copyBytes = 21_000

/** The number of objects. */
const sizesPolled = [1_000, 10_000, 100_000]

const isSize = (item: string) => /^[1-9]\d*$/.test(item)
const wanted = process.argv.slice(2).filter((item) => !isSize(item))
const sizes = process.argv.slice(2).filter(isSize).map(Number)
const failed: string[] = []

async function figure(name: string, work: () => Promise<Figure>): Promise<void> {
    if (wanted.length > 0 && !wanted.includes(name)) return
    const figure = await work()
    print(figure)
    if (figure.floor?.kept === false) failed.push(name)
}

const { model = "unknown" } = os.cpus()[0] ?? {}
process.stdout.write(`${os.cpus().length} × ${model}, Node ${process.version}: median (least to most)\n\n`)
await figure("kinds", kinds)
await figure("exposing", exposing)
for (const size of consoleSizes) await figure("console", () => firstPage(size))
// Figures with a program of their own were measured before.
if (wanted.length > 0 && wanted.every((item) => ["kinds", "exposing", "console"].includes(item)))
    process.exit(process.exitCode)
const program = await startProgram()
try {
    await figure("copies", () => copies(program))
    await figure("matrix", () => matrices(program))
    await figure("deciding", () => deciding(program))
    await makeBareTables(program)
    const servers = await startServers(program, copyBytes, clients)
    try {
        await settled(program)
        for (const count of [clients, fetchersCount])
            await figure("downloads", () => downloads(program, servers, count, copyBytes))
        await figure("suspension", () => suspension(program, servers))
        await figure("polling", () => polling(program, servers, sizes.length > 0 ? sizes : sizesPolled))
        await figure("publishing", () => publishing(program, servers))
    } finally {
        await servers.stop()
    }
} finally {
    await program.stop()
}
if (failed.length > 0) process.exitCode = 1

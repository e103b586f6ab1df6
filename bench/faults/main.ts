/**
 * `npm run faults [-- ROUNDS] [WORDS…]`: kills, stops and starves the program in each scenario, and reads everything
 * back after each round. WORDS choose the scenarios whose name has one of them. `SEED=7` tries other moments. Exits
 * with 1 if anything acknowledged was lost, or anything was served that must not be.
 */
import fs from "node:fs"
import { type Scenario, scenarios } from "./scenarios.ts"
import { type World, countOf, createWorld, endServer } from "./world.ts"

const args = process.argv.slice(2)
const rounds = Number(args.find((arg) => /^\d+$/.test(arg)) ?? 20)
const words = args.filter((arg) => !/^\d+$/.test(arg))
const seed = Number(process.env["SEED"] ?? 1)

/** Mulberry32: the same numbers for the same seed. */
function randomFrom(start: number): () => number {
    let state = start
    return () => {
        state = (state + 0x6d2b79f5) | 0
        let mixed = Math.imul(state ^ (state >>> 15), state | 1)
        mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
        return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
    }
}

async function runScenario(world: World, scenario: Scenario): Promise<boolean> {
    if (scenario.needsRoot === true && process.getuid?.() !== 0) {
        process.stdout.write(`${scenario.name.padEnd(48)} skipped: needs root\n`)
        return true
    }
    const random = randomFrom(seed)
    const count = Math.min(rounds, scenario.roundsMax ?? rounds)
    const faults = new Map<string, number>()
    const start = performance.now()
    for (let n = 0; n < count; n++) {
        const found = await scenario.run(world, random).catch((error: unknown) => [String(error).slice(0, 500)])
        for (const fault of found) faults.set(fault, (faults.get(fault) ?? 0) + 1)
    }
    const seconds = (performance.now() - start) / 1000
    const result = faults.size === 0 ? "nothing lost" : "FAULTS"
    const cells = [scenario.name.padEnd(48), String(count).padStart(6), seconds.toFixed(0).padStart(8)]
    process.stdout.write(`${cells.join(" ")}  ${result}\n`)
    for (const [fault, times] of faults) process.stdout.write(`    ${times} × ${fault}\n`)
    return faults.size === 0
}

const chosen = scenarios.filter(({ name }) => words.length === 0 || words.some((word) => name.includes(word)))
process.stdout.write(`seed ${seed}\n${"fault".padEnd(48)} rounds  seconds  result\n`)
const world = await createWorld(rounds * chosen.length)
try {
    for (const scenario of chosen) if (!(await runScenario(world, scenario))) process.exitCode = 1
    const { cases, suspended } = world.ledger
    const acknowledged = `${countOf(world.ledger)} downloads, ${cases.size} cases, ${suspended.size} suspensions`
    process.stdout.write(`acknowledged, and read back: ${acknowledged}\n`)
} finally {
    await endServer(world, "SIGTERM")
    fs.rmSync(world.home, { recursive: true, force: true })
}

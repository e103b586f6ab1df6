/**
 * What a contributor and CI run: every check, one after the other, and at the end which of them failed.
 *
 * With arguments, it runs these test files or folders only: `npm test -- server/src/share/waves`.
 */
import { spawnSync } from "node:child_process"
import path from "node:path"
import { slowFiles } from "./slow-files.ts"

type Step = readonly [name: string, command: string, ...args: string[]]

const steps: readonly Step[] = [
    ["format", "oxfmt", "--check", "."],
    ["types", "tsc", "-p", "."],
    ["lint", "oxlint"],
    ["dead code", "knip"],
    ["lockfile", "node", "scripts/lockfile.ts"],
    ["lockfile addresses", "lockfile-lint"],
    ["web build", "node", "scripts/web.ts"],
    ["chromium", "node", "scripts/chromium.ts"],
    ["tests", "vitest", "run"],
]

function passes([name, command, ...args]: Step): boolean {
    console.log(`\n── ${name}: ${command} ${args.join(" ")}`)
    return spawnSync(command, args, { stdio: "inherit" }).status === 0
}

function runAll(): boolean {
    console.log(`${steps.length} checks: ${steps.map(([name]) => name).join(", ")}.`)
    console.log(
        "The tests need 8 to 10 minutes. Attacks, faults and long journeys: npm run test:slow. One file: npm " +
            "test -- FILE.",
    )
    const failed = steps.filter((step) => !passes(step)).map(([name]) => name)
    console.log(failed.length === 0 ? `\nall ${steps.length} checks passed` : `\nfailed: ${failed.join(", ")}`)
    return failed.length === 0
}

/** Runs some test files. Files that `npm test` leaves to `npm run test:slow` run too when they are named. */
function runSome(args: readonly string[]): boolean {
    const isSlow = args.some((arg) => slowFiles.some((pattern) => path.matchesGlob(path.normalize(arg), pattern)))
    const env = isSlow ? { ...process.env, SLOW: "1" } : process.env
    return spawnSync("vitest", ["run", ...args], { stdio: "inherit", env }).status === 0
}

const args = process.argv.slice(2)
process.exit((args.length === 0 ? runAll() : runSome(args)) ? 0 : 1)

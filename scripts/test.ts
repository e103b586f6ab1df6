/**
 * What a contributor and CI run: every check, one after the other, and at the end which of them failed.
 */
import { spawnSync } from "node:child_process"

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

const failed = steps.filter((step) => !passes(step)).map(([name]) => name)
console.log(failed.length === 0 ? `\nall ${steps.length} checks passed` : `\nfailed: ${failed.join(", ")}`)
process.exit(failed.length === 0 ? 0 : 1)

/**
 * `npm run test:slow`: the tests that try random cases, on many more of them, and those that `npm test` leaves out
 * because they take long. The others are the same each time, and `npm test` has run them.
 */
import { spawnSync } from "node:child_process"
import fs from "node:fs"
import path from "node:path"
import { slowFiles } from "./slow-files.ts"

const root = path.join(import.meta.dirname, "..")

function triesRandomCases(file: string): boolean {
    return /"fast-check"|properties\.ts"|process\.env\["SLOW"\]/.test(fs.readFileSync(path.join(root, file), "utf8"))
}

function passes(command: string, ...args: string[]): boolean {
    const env = { ...process.env, SLOW: "1" }
    return spawnSync(command, args, { cwd: root, stdio: "inherit", env }).status === 0
}

const random = fs.globSync("{packages/*/src,server,web/src,test}/**/*.test.ts", { cwd: root }).filter(triesRandomCases)
const files = new Set([...random, ...fs.globSync(slowFiles, { cwd: root })])
const isBuilt = passes("node", "scripts/web.ts") && passes("node", "scripts/chromium.ts")
process.exit(isBuilt && passes("vitest", "run", ...files) ? 0 : 1)

/**
 * `npm run test:slow`: the tests that try random cases, on many more of them. The others are the same each time, and
 * `npm test` has run them.
 */
import { spawnSync } from "node:child_process"
import fs from "node:fs"
import path from "node:path"

const root = path.join(import.meta.dirname, "..")

function triesRandomCases(file: string): boolean {
    return /"fast-check"|process\.env\["SLOW"\]/.test(fs.readFileSync(path.join(root, file), "utf8"))
}

const files = fs.globSync("{src,test}/**/*.test.ts", { cwd: root }).filter(triesRandomCases)
const { status } = spawnSync("vitest", ["run", "--project", "unit", "--project", "database", ...files], {
    cwd: root,
    stdio: "inherit",
    env: { ...process.env, SLOW: "1" },
})
process.exit(status ?? 1)

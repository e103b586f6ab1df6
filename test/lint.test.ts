/** Each oxlint rule that enforces an architecture rule finds a planted fault. */
import { spawnSync } from "node:child_process"
import fs from "node:fs"
import os from "node:os"
import path from "node:path"
import { afterAll, beforeAll, expect, test } from "vitest"

const lines = (count: number) => "export const a = 1\n" + "// a line\n".repeat(count - 1)
const long = (count: number) => `export function walk() {${"\n".repeat(count - 1)}}`

const planted: readonly (readonly [file: string, text: string, rule: string])[] = [
    ["packages/marks/src/long.ts", lines(401), "eslint(max-lines)"],
    ["packages/marks/src/long.test.ts", lines(601), "eslint(max-lines)"],
    ["packages/marks/src/function.ts", long(71), "eslint(max-lines-per-function)"],
    ["web/src/function.tsx", `export const A = () => (<p>${"\n".repeat(70)}</p>)`, "eslint(max-lines-per-function)"],
    ["packages/marks/src/wide.ts", "export function a(b, c, d, e, f, g) {}", "eslint(max-params)"],
    ["packages/marks/src/default.ts", "export default 1", "import(no-default-export)"],
    ["server/src/commands/starting.ts", `export { spawn } from "node:child_process"`, "eslint(no-restricted-imports)"],
    ["web/src/inner.tsx", "node.innerHTML = b", "eslint(no-restricted-properties)"],
    ["web/src/danger.tsx", "export const A = () => <p dangerouslySetInnerHTML={b} />", "react(no-danger)"],
    ["server/src/commands/eval.ts", `eval("1")`, "eslint(no-eval)"],
    ["server/src/commands/eval-of-global.ts", `globalThis.eval("1")`, "eslint(no-eval)"],
    ["server/src/commands/function.ts", `export const a = new Function("return 1")`, "eslint(no-new-func)"],
    ["packages/marks/src/skip.test.ts", `test.skip("a", b)`, "vitest(no-disabled-tests)"],
    ["packages/marks/src/cross.test.ts", `xdescribe("a", b)`, "vitest(no-disabled-tests)"],
    ["packages/marks/src/only.test.ts", `describe.only("a", b)`, "vitest(no-focused-tests)"],
]
const sound: readonly (readonly [file: string, text: string])[] = [
    ["packages/marks/src/short.ts", lines(400)],
    ["packages/marks/src/short.test.ts", lines(600)],
    ["packages/marks/src/short-function.ts", long(70)],
    ["server/src/platform/starting.ts", `export { spawn } from "node:child_process"`],
]

const root = fs.mkdtempSync(path.join(os.tmpdir(), "lint-"))
let found: readonly { readonly code: string; readonly filename: string }[] = []

beforeAll(() => {
    const { options: _, ...config } = JSON.parse(fs.readFileSync(".oxlintrc.json", "utf8")) as Record<string, unknown>
    for (const [file, text] of [...planted, ...sound, [".oxlintrc.json", JSON.stringify(config)]]) {
        const name = path.join(root, file ?? "")
        fs.mkdirSync(path.dirname(name), { recursive: true })
        fs.writeFileSync(name, text ?? "")
    }
    const oxlint = path.resolve("node_modules/oxlint/bin/oxlint")
    const { stdout } = spawnSync(process.execPath, [oxlint, "-f", "json"], { cwd: root, encoding: "utf8" })
    found = (JSON.parse(stdout) as { diagnostics: typeof found }).diagnostics
})

afterAll(() => fs.rmSync(root, { recursive: true }))

const rulesAt = (file: string) => found.filter(({ filename }) => filename === file).map(({ code }) => code)

test.each(planted.map(([file, , rule]) => ({ file, rule })))("$file: $rule", ({ file, rule }) => {
    expect(rulesAt(file)).toContain(rule)
})

test.each(sound)("%s has no fault", (file) => {
    expect(rulesAt(file)).toEqual([])
})

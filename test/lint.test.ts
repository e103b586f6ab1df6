/** Each rule of oxlint that holds a law of the house finds a planted fault. */
import { spawnSync } from "node:child_process"
import fs from "node:fs"
import os from "node:os"
import path from "node:path"
import { afterAll, beforeAll, expect, test } from "vitest"

const lines = (count: number) => "export const a = 1\n" + "// a line\n".repeat(count - 1)
const long = (count: number) => `export function walk() {${"\n".repeat(count - 1)}}`

const planted: readonly (readonly [file: string, text: string, rule: string])[] = [
    ["src/lib/long.ts", lines(401), "eslint(max-lines)"],
    ["src/lib/long.test.ts", lines(601), "eslint(max-lines)"],
    ["src/lib/function.ts", long(71), "eslint(max-lines-per-function)"],
    ["src/web/function.tsx", `export const A = () => (<p>${"\n".repeat(70)}</p>)`, "eslint(max-lines-per-function)"],
    ["src/lib/wide.ts", "export function a(b, c, d, e, f, g) {}", "eslint(max-params)"],
    ["src/lib/default.ts", "export default 1", "import(no-default-export)"],
    ["src/run/starting.ts", `export { spawn } from "node:child_process"`, "eslint(no-restricted-imports)"],
    ["src/web/inner.tsx", "node.innerHTML = b", "eslint(no-restricted-properties)"],
    ["src/web/danger.tsx", "export const A = () => <p dangerouslySetInnerHTML={b} />", "react(no-danger)"],
    ["src/run/eval.ts", `eval("1")`, "eslint(no-eval)"],
    ["src/run/eval-of-global.ts", `globalThis.eval("1")`, "eslint(no-eval)"],
    ["src/run/function.ts", `export const a = new Function("return 1")`, "eslint(no-new-func)"],
    ["src/lib/skip.test.ts", `test.skip("a", b)`, "vitest(no-disabled-tests)"],
    ["src/lib/cross.test.ts", `xdescribe("a", b)`, "vitest(no-disabled-tests)"],
    ["src/lib/only.test.ts", `describe.only("a", b)`, "vitest(no-focused-tests)"],
]
const sound: readonly (readonly [file: string, text: string])[] = [
    ["src/lib/short.ts", lines(400)],
    ["src/lib/short.test.ts", lines(600)],
    ["src/lib/short-function.ts", long(70)],
    ["src/platform/starting.ts", `export { spawn } from "node:child_process"`],
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

test.each(sound)("%s is sound", (file) => {
    expect(rulesAt(file)).toEqual([])
})

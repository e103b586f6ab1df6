import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { afterAll, beforeAll, expect, test } from "vitest"
import { runInSubprocess } from "./sandbox.ts"

const limits = { timeMs: 20_000, memoryMb: 64, answerBytesMax: 1000 }
let folder = ""

beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "apart-"))
    writeFileSync(join(folder, "secret.txt"), "secret")
})
afterAll(() => rmSync(folder, { recursive: true }))

let programs = 0

async function runLimited(program: string, changed: Partial<typeof limits> = {}): Promise<string> {
    const file = join(folder, `${programs++}.mjs`)
    writeFileSync(file, program)
    const sandboxed = await runInSubprocess(pathToFileURL(file), [file], "a question", { ...limits, ...changed })
    return "answer" in sandboxed ? sandboxed.answer : `ended: ${sandboxed.ended}`
}

const tries = (kind: string) => `try { ${kind}; console.log("done") } catch (fault) { console.log(fault.code) }`

test("a subprocess answers a request", async () => {
    expect(await runLimited(`for await (const one of process.stdin) process.stdout.write("to " + one)`)).toBe(
        "to a question",
    )
})

test.each([
    ["reads no other file", `(await import("node:fs")).readFileSync("${"{folder}"}/secret.txt")`],
    ["lists no folder", `(await import("node:fs")).readdirSync("/")`],
    ["writes nothing", `(await import("node:fs")).writeFileSync("${"{folder}"}/new.txt", "x")`],
    ["starts no process", `(await import("node:child_process")).execFileSync("true")`],
    ["starts no thread", `new (await import("node:worker_threads")).Worker("1", { eval: true })`],
])("a subprocess %s", async (_, kind) => {
    expect(await runLimited(tries(kind.replace("{folder}", folder)))).toBe("ERR_ACCESS_DENIED\n")
})

test("a subprocess has an empty environment", async () => {
    expect(await runLimited("console.log(Object.keys(process.env).length)")).toBe("0\n")
})

test.each([
    ["takes too long", "for (;;);", { timeMs: 300 }, "time"],
    ["answers too much", `for (;;) console.log("x".repeat(1000))`, {}, "size"],
    ["needs too much memory", "const all = []; for (;;) all.push(new Array(1e6).fill(all.length))", {}, "broke"],
    ["needs too much memory in WebAssembly", "new WebAssembly.Memory({ initial: 64 * 16 + 1 })", {}, "broke"],
    ["crashes", "throw new Error()", {}, "broke"],
])("a subprocess that %s is ended", async (_, program, changed, reason) => {
    expect(await runLimited(program, changed)).toBe(`ended: ${reason}`)
})

test("more subprocesses than the limit wait for a free place", async () => {
    const list = await Promise.all(Array.from({ length: 5 }, (_, n) => runLimited(`console.log(${n})`)))
    expect(list).toEqual(["0\n", "1\n", "2\n", "3\n", "4\n"])
})

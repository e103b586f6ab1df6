/** A demonstration removes what it made, also after a kill, and nothing else. */
import { spawnSync } from "node:child_process"
import fs from "node:fs"
import os from "node:os"
import path from "node:path"
import { afterEach, beforeEach, expect, test } from "vitest"
import { type RunningCommand, createHome, startTocsin } from "../../../test/support/command.ts"
import { silentLog } from "../platform/log/log.ts"
import { removeLeftovers } from "./demo-folder.ts"

let home: string
let usual: string | undefined
const running: RunningCommand[] = []

beforeEach(() => {
    home = createHome()
    usual = process.env["TMPDIR"]
    process.env["TMPDIR"] = at("tmp")
    fs.mkdirSync(at("tmp"))
})
afterEach(() => {
    for (const { child } of running.splice(0)) child.kill("SIGKILL")
    if (usual === undefined) delete process.env["TMPDIR"]
    else process.env["TMPDIR"] = usual
    fs.rmSync(home, { recursive: true, force: true })
})

const at = (...names: string[]) => path.join(home, ...names)

/** Runs until it prints its addresses; `made` is the folder of its PostgreSQL. */
async function demo(): Promise<{ its: RunningCommand; made: string }> {
    const input = await startTocsin(home, ["demo", "--no-history", "--console-port", "0", "--portal-port", "0"], {
        env: { TMPDIR: at("tmp") },
    })
    running.push(input)
    const { pid } = input.child
    const folder = fs.readdirSync(at("tmp")).find((name) => {
        const mark = at("tmp", name, "made-by.json")
        return fs.existsSync(mark) && (JSON.parse(fs.readFileSync(mark, "utf8")) as { pid: number }).pid === pid
    })
    return { its: input, made: fs.realpathSync(at("tmp", folder ?? "none", "data", "postgres")) }
}

test("leaves nothing after Ctrl-C, SIGTERM, or the start that follows a kill -9", async () => {
    const killed = await demo()
    await killed.its.end("SIGKILL")
    expect(fs.existsSync(killed.made)).toBe(true)
    const second = await demo()
    expect(fs.existsSync(killed.made)).toBe(false)
    const third = await demo()
    expect(fs.existsSync(second.made)).toBe(true)
    expect(await second.its.end("SIGINT")).toBe(0)
    expect(await third.its.end("SIGTERM")).toBe(0)
    expect([second.made, third.made].map((made) => fs.existsSync(made))).toEqual([false, false])
    expect(fs.readdirSync(at("tmp"))).toEqual([])
}, 240_000)

/** Makes a folder like a demonstration's, with a file in it. */
function folderOf(name: string, mark: object | null, mode = 0o700): string {
    const folder = at("tmp", `tocsin-demo-${name}`)
    fs.mkdirSync(path.join(folder, "data"), { recursive: true })
    fs.chmodSync(folder, mode)
    fs.writeFileSync(path.join(folder, "data", "file"), "")
    if (mark) fs.writeFileSync(path.join(folder, "made-by.json"), JSON.stringify(mark))
    return folder
}

const host = os.hostname()
const gone = () => spawnSync(process.execPath, ["--version"]).pid

test("leaves folders that it did not make", async () => {
    const kept = [
        folderOf("unmarked", null),
        folderOf("running", { host, pid: process.pid }),
        folderOf("another-machine", { host: `not-${host}`, pid: gone() }),
        folderOf("open-to-others", { host, pid: gone() }, 0o755),
    ]
    const left = folderOf("left", { host, pid: gone() })
    const others = at("others")
    fs.mkdirSync(others)
    fs.writeFileSync(path.join(others, "file"), "")
    fs.symlinkSync(others, path.join(left, "data", "postgres"))
    await removeLeftovers(silentLog)
    expect(fs.existsSync(left)).toBe(false)
    const files = [...kept.map((folder) => path.join(folder, "data", "file")), path.join(others, "file")]
    expect(files.filter((file) => !fs.existsSync(file))).toEqual([])
})

/**
 * Runs the author's check: a command of the person at this machine, on a file of theirs. The server never runs commands
 * that it was given.
 *
 * The file is in a folder for its owner only. The folder is removed afterwards, also when the program is stopped.
 */
import { type ChildProcess, spawn } from "node:child_process"
import { rmSync } from "node:fs"
import { mkdtemp, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { CheckFor, CheckResult } from "../check.ts"

/** The characters of the command's output that are kept. */
const outputMax = 4000

/** Makes a check that runs `command` in `shell` on files called `name`. */
export const checkFor: CheckFor = (shell, command, name, timeMs) => async (text) => {
    const folder = await mkdtemp(join(tmpdir(), "tocsin-check-"))
    let child: ChildProcess | null = null
    const stop = (signal: NodeJS.Signals): void => {
        killAll(child)
        rmSync(folder, { recursive: true, force: true })
        process.kill(process.pid, signal)
    }
    for (const signal of stopSignals) process.once(signal, stop)
    try {
        const path = join(folder, name)
        await writeFile(path, text, { mode: 0o700 })
        child = spawn(shell, ["-c", `${command} "$1"`, shell, path], {
            detached: true,
            stdio: ["ignore", "pipe", "pipe"],
        })
        return await waitForEnd(child, timeMs)
    } finally {
        for (const signal of stopSignals) process.off(signal, stop)
        rmSync(folder, { recursive: true, force: true })
    }
}

const stopSignals = ["SIGINT", "SIGTERM", "SIGHUP"] as const

function waitForEnd(child: ChildProcess, timeMs: number): Promise<CheckResult> {
    return new Promise((resolve, reject) => {
        let output = ""
        let isLate = false
        const onOutput = (chunk: Buffer): void => {
            output = (output + chunk.toString("utf8")).slice(-outputMax)
        }
        child.stdout?.on("data", onOutput)
        child.stderr?.on("data", onOutput)
        const timer = setTimeout(() => {
            isLate = true
            killAll(child)
        }, timeMs)
        child.once("error", (error) => {
            clearTimeout(timer)
            reject(error)
        })
        child.once("exit", (code) => {
            clearTimeout(timer)
            // Processes that the command left running may hold the pipes and the copy.
            killAll(child)
            resolve({ outcome: isLate ? "late" : code === 0 ? "well" : "badly", output })
        })
    })
}

/** Kills the command and all processes that it started. */
function killAll(child: ChildProcess | null): void {
    if (child?.pid === undefined) return
    try {
        process.kill(-child.pid, "SIGKILL")
    } catch {
        child.kill("SIGKILL")
    }
}

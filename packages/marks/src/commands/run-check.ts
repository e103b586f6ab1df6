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
import type { CheckFor, Checked } from "../check.ts"

/** The characters of the command's output that are kept. */
const saidMax = 4000

/** Makes a check that runs `command` in `shell` on files called `name`. */
export const checkFor: CheckFor = (shell, command, name, timeMs) => async (text) => {
    const folder = await mkdtemp(join(tmpdir(), "tocsin-check-"))
    let child: ChildProcess | null = null
    const stop = (signal: NodeJS.Signals): void => {
        killAll(child)
        rmSync(folder, { recursive: true, force: true })
        process.kill(process.pid, signal)
    }
    for (const signal of stops) process.once(signal, stop)
    try {
        const path = join(folder, name)
        await writeFile(path, text, { mode: 0o700 })
        child = spawn(shell, ["-c", `${command} "$1"`, shell, path], {
            detached: true,
            stdio: ["ignore", "pipe", "pipe"],
        })
        return await ended(child, timeMs)
    } finally {
        for (const signal of stops) process.off(signal, stop)
        rmSync(folder, { recursive: true, force: true })
    }
}

const stops = ["SIGINT", "SIGTERM", "SIGHUP"] as const

function ended(child: ChildProcess, timeMs: number): Promise<Checked> {
    return new Promise((resolve, reject) => {
        let input = ""
        let isLate = false
        const hear = (chunk: Buffer): void => {
            input = (input + chunk.toString("utf8")).slice(-saidMax)
        }
        child.stdout?.on("data", hear)
        child.stderr?.on("data", hear)
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
            resolve({ ended: isLate ? "late" : code === 0 ? "well" : "badly", said: input })
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

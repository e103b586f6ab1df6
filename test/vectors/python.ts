/** The verifier in Python as one process, because each start takes half a second. */
import { spawn, spawnSync } from "node:child_process"
import { once } from "node:events"
import path from "node:path"
import { createInterface } from "node:readline/promises"

export const hasPython = spawnSync("python3", ["--version"]).status === 0

export interface Python {
    /** Runs the program with these arguments. */
    readonly verify: (args: readonly string[]) => Promise<{ status: number; stdout: string; stderr: string }>
    /** Judges changed files, as test/vectors/verify.py says. */
    readonly judge: (request: { readonly files: object; readonly changes: readonly object[] }) => Promise<string[]>
    readonly stop: () => Promise<void>
}

export function startPython(): Python {
    if (!hasPython) return { verify: fail, judge: fail, stop: async () => undefined }
    const file = path.join(import.meta.dirname, "verify.py")
    const child = spawn("python3", ["-B", file], { stdio: ["pipe", "pipe", "inherit"] })
    const answers = createInterface(child.stdout)[Symbol.asyncIterator]()
    async function ask<T>(request: object): Promise<T> {
        child.stdin.write(`${JSON.stringify(request)}\n`)
        return JSON.parse((await answers.next()).value ?? "") as T
    }
    return {
        verify: (args) => ask({ arguments: args }),
        judge: ask,
        stop: async () => {
            child.stdin.end()
            await once(child, "close")
        },
    }
}

const fail = (): Promise<never> => Promise.reject(new Error("python3 is not installed"))

/**
 * Runs one of our programs on hostile input in a subprocess. It can read only its own files and start nothing. It has
 * no environment and limited memory, and is killed after its time limit.
 *
 * Node's permissions of version 24 do not cover the network. The subprocess runs only our code and zlib, or
 * WebAssembly.
 */
import { spawn } from "node:child_process"
import { existsSync, readdirSync, realpathSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { limitConcurrency } from "./limit-concurrency.ts"

export interface SandboxLimits {
    readonly timeMs: number
    /** Limit of JavaScript memory, and the same again for WebAssembly. */
    readonly memoryMb: number
    readonly answerBytesMax: number
}

/** `ended`: it exceeded a limit or failed. */
export type SandboxResult = { readonly answer: string } | { readonly ended: "time" | "size" | "broke" }

const runLimited = limitConcurrency(2)

/** Runs the program at `entry` with `question` on its standard input. `reads` are the files and folders it may read. */
export async function runInSubprocess(
    entry: URL,
    reads: readonly string[],
    question: string,
    limits: SandboxLimits,
): Promise<SandboxResult> {
    return await runLimited(() => run(entry, reads, question, limits))
}

function run(entry: URL, reads: readonly string[], question: string, limits: SandboxLimits): Promise<SandboxResult> {
    const flags = [
        "--permission",
        "--no-warnings",
        ...reads.map((path) => `--allow-fs-read=${path}`),
        `--max-old-space-size=${limits.memoryMb}`,
        `--wasm-max-mem-pages=${limits.memoryMb * 16}`,
    ]
    const child = spawn(process.execPath, [...flags, fileURLToPath(entry)], { env: {}, cwd: "/", stdio: "pipe" })
    return new Promise((resolve) => {
        const chunks: Buffer[] = []
        let size = 0
        let ended: "time" | "size" | "broke" = "broke"
        const end = (limit: "time" | "size") => {
            ended = limit
            child.kill("SIGKILL")
        }
        const timer = setTimeout(() => end("time"), limits.timeMs)
        child.stdout.on("data", (chunk: Buffer) => {
            size += chunk.length
            if (size > limits.answerBytesMax) end("size")
            else chunks.push(chunk)
        })
        child.stderr.resume()
        child.stdin.on("error", () => undefined)
        child.on("error", () => undefined)
        child.on("close", (code) => {
            clearTimeout(timer)
            const whole = code === 0 && size <= limits.answerBytesMax
            resolve(whole ? { answer: Buffer.concat(chunks).toString("utf8") } : { ended })
        })
        child.stdin.end(question)
    })
}

/**
 * Returns the files of a program in this folder: the server's code, our packages and the libraries, wherever they are
 * installed.
 */
export function codePaths(entry: URL): string[] {
    const code = dirname(dirname(dirname(fileURLToPath(entry))))
    const found = [code, join(dirname(code), "package.json")]
    for (let folder = code; folder !== dirname(folder); folder = dirname(folder)) {
        const libraries = join(folder, "node_modules")
        if (existsSync(libraries)) found.push(libraries, ...linkedPackages(join(libraries, "@tocsin")))
    }
    return found
}

/**
 * Returns the targets of linked packages. In a checkout, our packages are links to folders, and Node reads the folders.
 */
function linkedPackages(scope: string): string[] {
    return existsSync(scope) ? readdirSync(scope).map((name) => realpathSync(join(scope, name))) : []
}

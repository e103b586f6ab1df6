/**
 * Starts age plugins (`age-plugin-NAME`) on the machine of the person that opens a copy. The server never does this.
 *
 * Plugins are searched only in absolute folders of PATH and started without a shell. Their environment omits the
 * portal's address and the token.
 */
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process"
import { constants } from "node:fs"
import { access, stat } from "node:fs/promises"
import { delimiter, isAbsolute, join } from "node:path"
import type { Plugin, StartPlugin } from "../age-plugin.ts"
import { refuse } from "@tocsin/base/refusal"

/** The time without output after which a plugin is ended. A person may have to find a key and touch it. */
const defaultSilenceMsMax = 3 * 60_000
const endTimeoutMs = 2000
const afterExitMs = 100
const errorOutputMax = 2000

/** Starts plugins from the PATH of `env`. `silenceMsMax` is the longest time without output, in milliseconds. */
export function agePlugins(env: NodeJS.ProcessEnv, silenceMsMax = defaultSilenceMsMax): StartPlugin {
    return async (name) => {
        if (!/^[a-z0-9-]+$/.test(name)) throw new Error(`\`${name}\` is not a plugin's name`)
        const program = `age-plugin-${name}`
        const path = await findProgram(program, env["PATH"] ?? "")
        if (path === null) {
            refuse("missing", "plugin.not_found", `no program \`${program}\` in PATH: install it`)
        }
        const ownVariables = Object.entries(env).filter(([key]) => !key.startsWith("TOCSIN_"))
        const child = spawn(path, ["--age-plugin=identity-v1"], {
            env: Object.fromEntries(ownVariables),
            stdio: ["pipe", "pipe", "pipe"],
        })
        await waitForStart(child, program)
        return connectPlugin(child, program, silenceMsMax)
    }
}

async function findProgram(program: string, path: string): Promise<string | null> {
    const name = process.platform === "win32" ? `${program}.exe` : program
    for (const folder of path.split(delimiter).filter(isAbsolute)) {
        const file = join(folder, name)
        const isExecutable = await access(file, constants.X_OK).then(
            async () => (await stat(file)).isFile(),
            () => false,
        )
        if (isExecutable) return file
    }
    return null
}

async function waitForStart(child: ChildProcessWithoutNullStreams, program: string): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<boolean>()
    child.once("spawn", () => resolve(true)).once("error", () => resolve(false))
    if (await promise) return
    refuse("conflict", "plugin.not_started", `cannot start \`${program}\`: check that the file is executable`)
}

function connectPlugin(child: ChildProcessWithoutNullStreams, program: string, silenceMsMax: number): Plugin {
    let errorOutput = ""
    child.stderr.on("data", (piece: Buffer) => {
        errorOutput = (errorOutput + piece.toString("latin1")).slice(-errorOutputMax)
    })
    // A plugin that ends early does not read its input. Its output shows that it ended.
    child.stdin.on("error", () => undefined)
    const closed = new Promise<void>((resolve) => {
        child.once("close", () => resolve())
        // A process that the plugin left running may hold its pipes open.
        child.once("exit", () => setTimeout(resolve, afterExitMs))
    })
    const withSilenceLimit = async <T>(work: Promise<T>): Promise<T> => {
        const timeout = Promise.withResolvers<never>()
        const timer = setTimeout(() => timeout.reject(new Error("late")), silenceMsMax)
        try {
            return await Promise.race([work, timeout.promise])
        } catch (error) {
            if (!(error instanceof Error && error.message === "late")) throw error
            child.kill("SIGKILL")
            return refuse("conflict", "plugin.timed_out", `\`${program}\` did not answer in time: try again`)
        } finally {
            clearTimeout(timer)
        }
    }
    return {
        write: (text) =>
            withSilenceLimit(new Promise<void>((resolve) => void child.stdin.write(text, "latin1", () => resolve()))),
        output: readOutput(child, withSilenceLimit),
        end: async () => {
            child.stdin.end()
            const timer = setTimeout(() => child.kill("SIGKILL"), endTimeoutMs)
            child.stdout.resume()
            await closed
            clearTimeout(timer)
            child.stdout.destroy()
            child.stderr.destroy()
            return errorOutput
        },
    }
}

async function* readOutput(
    child: ChildProcessWithoutNullStreams,
    withSilenceLimit: <T>(work: Promise<T>) => Promise<T>,
): AsyncGenerator<Uint8Array, void> {
    const pieces = child.stdout[Symbol.asyncIterator]() as AsyncIterator<Buffer>
    for (;;) {
        const next = await withSilenceLimit(pieces.next())
        if (next.done) return
        yield next.value
    }
}

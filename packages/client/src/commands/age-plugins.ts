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
const usualQuietMs = 3 * 60_000
const endMs = 2000
const afterExitMs = 100
const complaintMax = 2000

/** Starts plugins from the PATH of `env`. `quietMs` is the longest time without output, in milliseconds. */
export function agePlugins(env: NodeJS.ProcessEnv, quietMs = usualQuietMs): StartPlugin {
    return async (name) => {
        if (!/^[a-z0-9-]+$/.test(name)) throw new Error(`\`${name}\` is no plugin's name`)
        const program = `age-plugin-${name}`
        const path = await found(program, env["PATH"] ?? "")
        if (path === null) {
            refuse("missing", "plugin.not_found", `there is no program \`${program}\` in the folders of PATH`)
        }
        const without = Object.entries(env).filter(([key]) => !key.startsWith("TOCSIN_"))
        const child = spawn(path, ["--age-plugin=identity-v1"], {
            env: Object.fromEntries(without),
            stdio: ["pipe", "pipe", "pipe"],
        })
        await started(child, program)
        return pluginOn(child, program, quietMs)
    }
}

async function found(program: string, path: string): Promise<string | null> {
    const name = process.platform === "win32" ? `${program}.exe` : program
    for (const folder of path.split(delimiter).filter(isAbsolute)) {
        const file = join(folder, name)
        const isThere = await access(file, constants.X_OK).then(
            async () => (await stat(file)).isFile(),
            () => false,
        )
        if (isThere) return file
    }
    return null
}

async function started(child: ChildProcessWithoutNullStreams, program: string): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<boolean>()
    child.once("spawn", () => resolve(true)).once("error", () => resolve(false))
    if (await promise) return
    refuse("conflict", "plugin.not_started", `\`${program}\` is there, and cannot be started`)
}

function pluginOn(child: ChildProcessWithoutNullStreams, program: string, quietMs: number): Plugin {
    let complaint = ""
    child.stderr.on("data", (piece: Buffer) => {
        complaint = (complaint + piece.toString("latin1")).slice(-complaintMax)
    })
    // A plugin that ends early does not read its input. Its output shows that it ended.
    child.stdin.on("error", () => undefined)
    const gone = new Promise<void>((resolve) => {
        child.once("close", () => resolve())
        // A process that the plugin left running may hold its pipes open.
        child.once("exit", () => setTimeout(resolve, afterExitMs))
    })
    const orSilent = async <Of>(work: Promise<Of>): Promise<Of> => {
        const late = Promise.withResolvers<never>()
        const timer = setTimeout(() => late.reject(new Error("late")), quietMs)
        try {
            return await Promise.race([work, late.promise])
        } catch (error) {
            if (!(error instanceof Error && error.message === "late")) throw error
            child.kill("SIGKILL")
            return refuse("conflict", "plugin.timed_out", `\`${program}\` says nothing for too long, and was ended`)
        } finally {
            clearTimeout(timer)
        }
    }
    return {
        write: (text) =>
            orSilent(new Promise<void>((resolve) => void child.stdin.write(text, "latin1", () => resolve()))),
        printed: printedBy(child, orSilent),
        end: async () => {
            child.stdin.end()
            const timer = setTimeout(() => child.kill("SIGKILL"), endMs)
            child.stdout.resume()
            await gone
            clearTimeout(timer)
            child.stdout.destroy()
            child.stderr.destroy()
            return complaint
        },
    }
}

async function* printedBy(
    child: ChildProcessWithoutNullStreams,
    orSilent: <Of>(work: Promise<Of>) => Promise<Of>,
): AsyncGenerator<Uint8Array, void> {
    const pieces = child.stdout[Symbol.asyncIterator]() as AsyncIterator<Buffer>
    for (;;) {
        const next = await orSilent(pieces.next())
        if (next.done) return
        yield next.value
    }
}

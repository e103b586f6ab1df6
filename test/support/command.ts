/** Runs `tocsin` as a separate process: to its end, or as a server. */
import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import fs from "node:fs"
import os from "node:os"
import path from "node:path"
import { fileURLToPath } from "node:url"

const main = fileURLToPath(new URL("../../server/src/main.ts", import.meta.url))

export interface CommandResult {
    readonly code: number | null
    readonly out: string
    readonly err: string
}

export interface RunningCommand {
    /** Standard output at the start. */
    readonly firstOutput: string
    readonly child: ChildProcess
    /** Standard output so far. */
    output(): string
    /** Standard error so far. */
    log(): string
    /** Resolves with the exit code. */
    readonly ended: Promise<number | null>
    end(signal: NodeJS.Signals): Promise<number | null>
}

/** Creates a home folder for settings and keys. PostgreSQL's user may enter it. */
export function createHome(): string {
    const home = fs.mkdtempSync(path.join(os.tmpdir(), "tocsin-home-"))
    fs.chmodSync(home, 0o755)
    return home
}

/** Starts `tocsin` with a home folder. */
export function startProcess(
    home: string,
    args: readonly string[],
    env: NodeJS.ProcessEnv,
    program = main,
): ChildProcess {
    const plain = { PATH: process.env["PATH"], HOME: home, ...env }
    return spawn(process.execPath, [program, ...args], { env: plain, cwd: home, stdio: ["pipe", "pipe", "pipe"] })
}

/** `input`: what standard input gives. */
export async function runTocsin(
    home: string,
    args: readonly string[],
    env: NodeJS.ProcessEnv = {},
    input = "",
): Promise<CommandResult> {
    const child = startProcess(home, args, env)
    // The command may end before it has read anything.
    child.stdin?.on("error", () => undefined).end(input)
    const output = { out: "", err: "" }
    child.stdout?.setEncoding("utf8").on("data", (text: string) => (output.out += text))
    child.stderr?.setEncoding("utf8").on("data", (text: string) => (output.err += text))
    const [code] = (await once(child, "close")) as [number | null]
    return { code, ...output }
}

interface StartOptions {
    readonly env?: NodeJS.ProcessEnv
    readonly ready?: string
    /** Keeps standard input open. */
    readonly asks?: boolean
    /** The main file of another version. */
    readonly program?: string
}

/** Resolves after the first line of output or, with `ready`, after the log contains it. */
export async function startTocsin(
    home: string,
    args: readonly string[],
    { env = {}, ready, asks = false, program = main }: StartOptions = {},
): Promise<RunningCommand> {
    const child = startProcess(home, args, env, program)
    if (!asks) child.stdin?.end()
    const output = { out: "", err: "" }
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const checkReady = () => (ready === undefined ? output.out.endsWith("\n") : output.err.includes(ready)) && resolve()
    child.stdout?.setEncoding("utf8").on("data", (text: string) => {
        output.out += text
        checkReady()
    })
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
        output.err += text
        checkReady()
    })
    const ended = once(child, "close").then(([code]) => code as number | null)
    void ended.then((code) => reject(new Error(`ended with ${code}: ${output.err}`)))
    await promise
    return {
        child,
        ended,
        firstOutput: output.out,
        output: () => output.out,
        log: () => output.err,
        end: async (signal) => {
            child.kill(signal)
            return await ended
        },
    }
}

export interface Operator {
    readonly name: string
    readonly link: string
}

/** Reads the addresses of a started server from its `--json` output. */
export function addressOf(server: RunningCommand, side: "console" | "portal"): string {
    const addresses = JSON.parse(server.firstOutput) as Record<string, { host: string; port: number }>
    return `http://${addresses[side]?.host}:${addresses[side]?.port}`
}

/** Opens a sign-in link like the browser's page; returns the cookie, or the code of the refusal. */
export async function signIn(address: string, secret: string): Promise<{ cookie: string; code: string }> {
    const answer = await fetch(`${address}/api/session`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ secret }),
    })
    const { code = "" } = (await answer.json()) as { code?: string }
    return { cookie: answer.headers.get("set-cookie") ?? "", code }
}

/** Sends requests as a signed-in person: returns the body, or throws an error that shows it. */
export function requestAs(address: string, cookie: string) {
    const credential = cookie.split(";")[0] ?? ""
    return async <Answer = Record<string, unknown>>(method: string, at: string, body?: unknown): Promise<Answer> => {
        const answer = await fetch(address + at, {
            method,
            headers: { cookie: credential, ...(body !== undefined && { "content-type": "application/json" }) },
            ...(body !== undefined && { body: JSON.stringify(body) }),
        })
        const text = await answer.text()
        if (!answer.ok) throw new Error(`${method} ${at}: ${answer.status} ${text}`)
        return JSON.parse(text) as Answer
    }
}

export type RequestAs = ReturnType<typeof requestAs>

/**
 * Connects the partner's commands to a portal: the address, the token, and the messages if it does not answer.
 *
 * An option overrides the environment, which overrides what `tocsin login` saved. A token is never an argument, because
 * all users of the machine see arguments.
 */
import { homedir } from "node:os"
import { dirname, join, resolve } from "node:path"
import { setTimeout as pause } from "node:timers/promises"
import type { Command } from "commander"
import { Type } from "typebox"
import { Check } from "typebox/value"
import { NoAnswer } from "../requests.ts"
import { type Client, type SigningKey, connect, importSigningKey } from "../connect.ts"
import { parseInstant } from "@tocsin/base/instant"
import type { TerminalPrompt, StartPlugin } from "../age-plugin.ts"
import { Refusal, refuse } from "@tocsin/base/refusal"
import { makeFolder, readPrivate, replaceFile } from "./files.ts"
import {
    type ExitCode,
    type CommandOutput,
    UsageError,
    runWithExitCode,
    processOutput,
} from "@tocsin/base/command-line"
import { promptAt } from "./prompt.ts"
import { type ProgressStep, progressBarOn } from "./progress.ts"
import { escapeForTerminal } from "@tocsin/base/terminal-text"

export { isId } from "../store.ts"

/** The surroundings of a command. Tests supply their own. */
export interface World extends CommandOutput {
    readonly env: Readonly<Record<string, string | undefined>>
    readonly home: string
    /** Shows progress in place of the last step; null clears it. Does nothing without a terminal. */
    readonly progress: (step: ProgressStep | null) => void
    readonly prompt: TerminalPrompt
    /** Starts programs that hold age identities. */
    readonly plugins?: StartPlugin | undefined
    readonly fetch?: typeof fetch | undefined
    /** Ends early when the signal aborts. */
    readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>
    readonly now?: (() => number) | undefined
    readonly chance?: (() => number) | undefined
}

const progress = progressBarOn(process.stderr)

function message(line: string): void {
    progress(null)
    processOutput.message(escapeForTerminal(line))
}

/** The real surroundings of a command. */
export const realWorld: World = {
    result: (line) => {
        progress(null)
        processOutput.result(escapeForTerminal(line))
    },
    message,
    env: process.env,
    home: homedir(),
    progress,
    prompt: promptAt(process.stdin, process.stderr, message),
    sleep: async (ms, signal) => {
        await pause(ms, undefined, { ...(signal && { signal }) }).catch(() => undefined)
    },
}

/** Options of commands that need the portal. */
export interface OnlineOptions {
    readonly url?: string | undefined
    readonly tokenFile?: string | undefined
    readonly dpopKey?: string | undefined
    readonly allowPlainHttp?: boolean | undefined
    readonly json?: boolean | undefined
}

/** Adds the options of commands that need the portal. */
export function onlineOptions(command: Command): Command {
    return command
        .option("--url <url>", "the portal's address (or TOCSIN_URL)")
        .option("--token-file <file>", "a file that holds your token (or TOCSIN_TOKEN)")
        .option("--dpop-key <file>", "the key to which your token is bound (or TOCSIN_DPOP_KEY)")
        .option("--allow-plain-http", "allow http:// addresses; the token is then sent unencrypted")
        .option("--json", "print JSON instead of text")
}

/** Runs a command's work and turns refusals, wrong usage and missing answers into a message and an exit code. */
export function runClientCommand(world: World, work: () => Promise<ExitCode>): Promise<ExitCode> {
    return runWithExitCode(world, async () => {
        try {
            return await work()
        } catch (error) {
            if (!(error instanceof NoAnswer)) throw error
            world.message(`no answer: ${error.message}`)
            return 1
        }
    })
}

/** The content of the file that `tocsin login` saves. Keys stay in their own files. */
export interface Config {
    readonly url: string
    readonly token?: string | undefined
    /** A machine client, in place of a token, and the path of its key. */
    readonly client?: { readonly id: string; readonly key: string } | undefined
    /** The path of the key to which tokens are bound. */
    readonly dpopKey?: string | undefined
}

/** The path of that file. */
export function configPath({ env, home }: Pick<World, "env" | "home">): string {
    return env["TOCSIN_CONFIG"] ?? join(env["XDG_CONFIG_HOME"] ?? join(home, ".config"), "tocsin", "client.json")
}

const configBytesMax = 64 * 1024

const text = Type.String()
const keyFields = { dpopKey: Type.Optional(text) }
const configSchema = Type.Union([
    Type.Object({ url: text, token: text, ...keyFields }),
    Type.Object({ url: text, client: Type.Object({ id: text, key: text }), ...keyFields }),
])

/** Reads the saved settings; null if there are none. Refuses `online.bad_config` and `files.readable_by_others`. */
export async function readConfig(world: Pick<World, "env" | "home">): Promise<Config | null> {
    const path = configPath(world)
    const text = await readPrivate(path, configBytesMax)
    if (text === null) return null
    try {
        const config: unknown = JSON.parse(text)
        if (Check(configSchema, config)) return config
    } catch {
        // The refusal below reports it.
    }
    return refuse(
        "invalid",
        "online.bad_config",
        `\`${path}\` is not a saved login: remove it and run \`tocsin login\` again`,
    )
}

/** Saves the settings and returns the path. */
export async function saveConfig(world: Pick<World, "env" | "home">, config: Config): Promise<string> {
    const path = configPath(world)
    await makeFolder(dirname(path))
    await replaceFile(path, `${JSON.stringify(config, null, 4)}\n`)
    return path
}

/** Reads the token from a file or from the environment; null if neither is given. */
export async function readToken(options: OnlineOptions, { env }: Pick<World, "env">): Promise<string | null> {
    if (options.tokenFile === undefined) return env["TOCSIN_TOKEN"] ?? null
    const text = await readPrivate(options.tokenFile, configBytesMax)
    if (text === null) throw new UsageError(`no file \`${options.tokenFile}\`: check --token-file`)
    return text.trim()
}

/**
 * Connects by these options. A saved token or machine client is only used for the address that it was saved for, and a
 * saved key only with them.
 */
export async function connectByOptions(options: OnlineOptions, world: World): Promise<Client> {
    const namedUrl = options.url ?? world.env["TOCSIN_URL"]
    const token = await readToken(options, world)
    const config = namedUrl !== undefined && token !== null ? null : await readConfig(world)
    const url = namedUrl ?? config?.url
    if (url === undefined)
        throw new UsageError("no portal address: give --url, set TOCSIN_URL, or run `tocsin login` first")
    if (token !== null) return await clientFor({ url, token, dpopKey: dpopKeyPath(options, world) }, options, world)
    if (config === null) {
        throw new UsageError("no token: give --token-file, set TOCSIN_TOKEN, or run `tocsin login` first")
    }
    if (URL.parse(config.url)?.href !== URL.parse(url)?.href) {
        throw new UsageError(
            `the saved token is for \`${config.url}\`: give --token-file or set TOCSIN_TOKEN for \`${url}\``,
        )
    }
    return await clientFor({ ...config, url, dpopKey: dpopKeyPath(options, world) ?? config.dpopKey }, options, world)
}

/** The path of the key to which the token is bound, as an option or the environment names it. */
export function dpopKeyPath(options: OnlineOptions, { env }: Pick<World, "env">): string | undefined {
    const path = options.dpopKey ?? env["TOCSIN_DPOP_KEY"]
    return path === undefined ? undefined : resolve(path)
}

/** Builds a client from settings. Refuses `client.bad_signing_key` for a file without a key. */
export async function clientFor(config: Config, options: OnlineOptions, world: World): Promise<Client> {
    const { fetch, chance, sleep, now } = world
    const { url, client, token = "", dpopKey } = config
    return connect({
        url,
        token: client === undefined ? token : { id: client.id, key: await readSigningKey(client.key) },
        dpopKey: dpopKey === undefined ? undefined : await readSigningKey(dpopKey),
        fetch,
        chance,
        sleep,
        now,
        allowPlainHttp: options.allowPlainHttp,
    })
}

async function readSigningKey(path: string): Promise<SigningKey> {
    const text = await readPrivate(path, configBytesMax)
    if (text === null) throw new UsageError(`no key file \`${path}\`: run \`tocsin keys dpop\``)
    try {
        return await importSigningKey(JSON.parse(text))
    } catch (error) {
        if (error instanceof SyntaxError) return await importSigningKey(null)
        throw error
    }
}

/** Writes JSON in one line that is safe on a terminal: control, format and bidirectional characters are escaped. */
export function jsonLine(value: unknown): string {
    return JSON.stringify(value).replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (char) =>
        [...Array(char.length).keys()].map((i) => `\\u${char.charCodeAt(i).toString(16).padStart(4, "0")}`).join(""),
    )
}

/** Reads an instant as the portal takes it. A malformed instant is wrong usage. */
export function parseInstantOption(text: string): string {
    try {
        return new Date(parseInstant(text)).toISOString()
    } catch (error) {
        throw error instanceof Refusal ? new UsageError(error.message) : error
    }
}

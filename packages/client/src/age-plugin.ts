/**
 * Implements the client side of the age plugin protocol (https://c2sp.org/age-plugin), state machine `identity-v1`.
 *
 * Another program on the partner's machine unwraps a file's key, so that the identity may stay in a token or a card.
 * The person at the machine chooses the plugin. Its output is limited, treated as data, and escaped before it is
 * shown.
 */
import { base64nopad } from "@scure/base"
import { decodeBech32 } from "./bech32.ts"
import { refuse } from "@tocsin/base/refusal"

/** A stanza of the protocol. */
export interface Stanza {
    readonly args: readonly string[]
    readonly body: Uint8Array
}

/** A running plugin. Each failure throws a `Refusal`. */
export interface Plugin {
    readonly write: (text: string) => Promise<void>
    /** The plugin's output until its end. Refuses `plugin.timed_out` if no output comes for too long. */
    readonly output: AsyncIterable<Uint8Array>
    /** Ends the plugin and returns the last part of its error output. */
    readonly end: () => Promise<string>
}

/** Starts `age-plugin-NAME`. Refuses `plugin.not_found` and `plugin.not_started`. */
export type StartPlugin = (name: string) => Promise<Plugin>

/** The person at the terminal. Null answers mean that there is no person to ask. */
export interface TerminalPrompt {
    readonly show: (text: string) => void
    /** Returns true for `yes`. `no` is null if the plugin offers no other choice. */
    readonly choose: (text: string, yes: string, no: string | null) => Promise<boolean | null>
    readonly ask: (text: string, isSecret: boolean) => Promise<string | null>
}

/** The most output of a plugin for one file, and the most characters shown of one of its texts. */
const limits = { lineChars: 8192, bodyBytes: 64 * 1024, stanzas: 256, textCharsShown: 500 } as const
const fileKeyBytes = 16
const lineBytes = 48
const namePattern = /^age-plugin-([a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?)-$/

/**
 * Reads the plugin's name from an identity `AGE-PLUGIN-NAME-1…`; null if the identity is not a plugin's, or is damaged.
 */
export function pluginNameOf(identity: string): string | null {
    if (identity !== identity.toUpperCase()) return null
    return namePattern.exec(decodeBech32(identity)?.prefix ?? "")?.[1] ?? null
}

/**
 * Unwraps a file's key with a plugin, and ends the plugin. Null if no stanza is for these identities. Refuses
 * `plugin.failed`, `plugin.no_terminal` and `plugin.bad_answer`; the plugin's own calls may refuse more.
 */
export async function unwrapWithPlugin(
    plugin: Plugin,
    identities: readonly string[],
    stanzas: readonly Stanza[],
    prompt: TerminalPrompt,
): Promise<Uint8Array | null> {
    const state: PluginState = { key: null, errors: [], hasNoTerminal: false, isDone: false }
    let errorOutput = ""
    try {
        await plugin.write(
            [
                ...identities.map((identity) => stanzaText(["add-identity", identity])),
                ...stanzas.map(({ args, body }) => stanzaText(["recipient-stanza", "0", ...args], body)),
                stanzaText(["done"]),
            ].join(""),
        )
        for await (const stanza of readStanzas(plugin.output)) {
            if (stanza.args[0] === "done") {
                state.isDone = true
                break
            }
            await plugin.write(await answerCommand(stanza, state, prompt))
        }
    } finally {
        errorOutput = await plugin.end()
    }
    return keyOf(state, errorOutput)
}

interface PluginState {
    key: Uint8Array | null
    readonly errors: string[]
    hasNoTerminal: boolean
    isDone: boolean
}

function keyOf({ key, errors, hasNoTerminal, isDone }: PluginState, errorOutput: string): Uint8Array | null {
    if (key !== null && isDone) return key
    if (hasNoTerminal) {
        refuse("conflict", "plugin.no_terminal", "the plugin needs an answer: run the command in a terminal")
    }
    if (errors.length > 0) refuse("conflict", "plugin.failed", `the plugin says: ${errors[0]}`)
    if (isDone) return null
    const message = oneLineOf(errorOutput)
    return refuse("conflict", "plugin.failed", `the plugin ended too early${message === "" ? "" : `: ${message}`}`)
}

/** Answers a command of the plugin and updates the state. */
async function answerCommand({ args, body }: Stanza, state: PluginState, prompt: TerminalPrompt): Promise<string> {
    const [command = "", first = "", second] = args
    const text = (): string => oneLineOf(textOf(body))
    switch (command) {
        case "msg":
            prompt.show(text())
            return stanzaText(["ok"])
        case "confirm": {
            const no = second === undefined ? null : labelOf(second)
            const choice = await prompt.choose(text(), labelOf(first), no)
            state.hasNoTerminal ||= choice === null
            return choice === null ? stanzaText(["fail"]) : stanzaText(["ok", choice ? "yes" : "no"])
        }
        case "request-public":
        case "request-secret": {
            const answer = await prompt.ask(text(), command === "request-secret")
            state.hasNoTerminal ||= answer === null
            return answer === null ? stanzaText(["fail"]) : stanzaText(["ok"], new TextEncoder().encode(answer))
        }
        case "file-key":
            if (args.length !== 2 || first !== "0" || body.length !== fileKeyBytes || state.key !== null) refuseAnswer()
            state.key = body
            return stanzaText(["ok"])
        case "error":
            state.errors.push(text() || "an error without a message")
            return stanzaText(["ok"])
        default:
            return stanzaText(["unsupported"])
    }
}

function labelOf(base64: string): string {
    return oneLineOf(textOf(fromBase64(base64)))
}

function textOf(bytes: Uint8Array): string {
    try {
        return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes)
    } catch {
        return refuseAnswer()
    }
}

/** Shortens a text to one line, without control characters. */
function oneLineOf(text: string): string {
    const value = text.replaceAll(/[\p{C}\p{Z}]+/gu, " ").trim()
    return value.length > limits.textCharsShown ? `${value.slice(0, limits.textCharsShown)}…` : value
}

/** Writes a stanza as in an age header: lines of 48 bytes, the last one shorter. */
export function stanzaText(args: readonly string[], body: Uint8Array = new Uint8Array()): string {
    const lines = Array.from({ length: Math.floor(body.length / lineBytes) + 1 }, (_, i) =>
        base64nopad.encode(body.subarray(i * lineBytes, (i + 1) * lineBytes)),
    )
    return `-> ${args.join(" ")}\n${lines.join("\n")}\n`
}

/** Reads stanzas strictly and drops an incomplete one at the end. Refuses `plugin.bad_answer`. */
export async function* readStanzas(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Stanza, void> {
    let args: string[] | null = null
    let [body, count]: [number[], number] = [[], 0]
    for await (const line of readLines(chunks)) {
        if (args === null) {
            args = parseArgs(line)
            continue
        }
        const bytes = fromBase64(line)
        if (bytes.length > lineBytes || body.length + bytes.length > limits.bodyBytes) refuseAnswer()
        body.push(...bytes)
        if (bytes.length === lineBytes) continue
        if (++count > limits.stanzas) refuseAnswer()
        yield { args, body: Uint8Array.from(body) }
        ;[args, body] = [null, []]
    }
}

async function* readLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string, void> {
    const latin = new TextDecoder("latin1")
    let rest = ""
    for await (const chunk of chunks) {
        const lines = (rest + latin.decode(chunk)).split("\n")
        rest = lines.pop() ?? ""
        if (rest.length > limits.lineChars || lines.some((line) => line.length > limits.lineChars)) refuseAnswer()
        yield* lines
    }
}

function parseArgs(line: string): string[] {
    return /^->( [\x21-\x7e]+)+$/.test(line) ? line.slice(3).split(" ") : refuseAnswer()
}

/** Refuses `plugin.bad_answer` unless the text is canonical base64 without padding. */
function fromBase64(text: string): Uint8Array {
    try {
        return base64nopad.decode(text)
    } catch {
        return refuseAnswer()
    }
}

function refuseAnswer(): never {
    return refuse("invalid", "plugin.bad_answer", "the plugin does not follow the age plugin protocol: update it")
}

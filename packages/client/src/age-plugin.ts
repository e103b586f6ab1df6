/**
 * The client's side of the age plugin protocol (https://c2sp.org/age-plugin), of its state machine `identity-v1`: another
 * program on the partner's own machine unwraps a file's key, so that what opens it may stay in a token or a card.
 *
 * The plugin is chosen by whoever sits there; what it says is bounded all the same, and is data, never shown as it came.
 */
import { base64nopad } from "@scure/base"
import { decodeBech32 } from "./bech32.ts"
import { refuse } from "@tocsin/base/refusal"

export interface Stanza {
    readonly args: readonly string[]
    readonly body: Uint8Array
}

/** A plugin that was started. Whatever of it fails throws a `Refusal`. */
export interface Plugin {
    readonly write: (text: string) => Promise<void>
    /** What it prints, to its end; throws `plugin.timed_out` where nothing comes for too long. */
    readonly printed: AsyncIterable<Uint8Array>
    /** Ends it, and gives the last of what it complained of. */
    readonly end: () => Promise<string>
}

/** Starts `age-plugin-NAME`. Throws `plugin.not_found`, `plugin.not_started`. */
export type StartPlugin = (name: string) => Promise<Plugin>

/** The person who sits there. Null: there is nobody to ask. */
export interface Person {
    readonly tell: (text: string) => void
    /** True for `yes`; `no` is null where the plugin names no other choice. */
    readonly choose: (text: string, yes: string, no: string | null) => Promise<boolean | null>
    readonly ask: (text: string, isSecret: boolean) => Promise<string | null>
}

/** What a plugin may say for one file, and what is shown of one of its texts. */
const limits = { lineChars: 8192, bodyBytes: 64 * 1024, stanzas: 256, wordsShown: 500 } as const
const fileKeyBytes = 16
const lineBytes = 48
const namePattern = /^age-plugin-([a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?)-$/

/** Whose plugin an identity is for, as `AGE-PLUGIN-NAME-1…`; null where it is no plugin's, or is damaged. */
export function pluginOf(identity: string): string | null {
    if (identity !== identity.toUpperCase()) return null
    return namePattern.exec(decodeBech32(identity)?.prefix ?? "")?.[1] ?? null
}

/**
 * The file's key, by a plugin that is ended afterwards; null where none of the stanzas is for these identities. Throws
 * `plugin.failed`, `plugin.no_terminal`, `plugin.bad_answer`, and what the plugin's own doors throw.
 */
export async function unwrapBy(
    plugin: Plugin,
    identities: readonly string[],
    stanzas: readonly Stanza[],
    person: Person,
): Promise<Uint8Array | null> {
    const state: State = { key: null, errors: [], isNobodyThere: false, isDone: false }
    let complaint = ""
    try {
        await plugin.write(
            [
                ...identities.map((identity) => stanzaText(["add-identity", identity])),
                ...stanzas.map(({ args, body }) => stanzaText(["recipient-stanza", "0", ...args], body)),
                stanzaText(["done"]),
            ].join(""),
        )
        for await (const stanza of stanzasIn(plugin.printed)) {
            if (stanza.args[0] === "done") {
                state.isDone = true
                break
            }
            await plugin.write(await answerTo(stanza, state, person))
        }
    } finally {
        complaint = await plugin.end()
    }
    return keyOf(state, complaint)
}

interface State {
    key: Uint8Array | null
    readonly errors: string[]
    isNobodyThere: boolean
    isDone: boolean
}

function keyOf({ key, errors, isNobodyThere, isDone }: State, complaint: string): Uint8Array | null {
    if (key !== null && isDone) return key
    if (isNobodyThere) {
        refuse(
            "conflict",
            "plugin.no_terminal",
            "the plugin asks for something, and nobody has answered: do it on a terminal",
        )
    }
    if (errors.length > 0) refuse("conflict", "plugin.failed", `the plugin says: ${errors[0]}`)
    if (isDone) return null
    const input = wordsOf(complaint)
    return refuse(
        "conflict",
        "plugin.failed",
        `the plugin ended too early${input === "" ? "" : `, and says: ${input}`}`,
    )
}

/** What is answered to a command of the plugin's, by which the state changes. */
async function answerTo({ args, body }: Stanza, state: State, person: Person): Promise<string> {
    const [command = "", first = "", second] = args
    const text = (): string => wordsOf(textOf(body))
    switch (command) {
        case "msg":
            person.tell(text())
            return stanzaText(["ok"])
        case "confirm": {
            const no = second === undefined ? null : labelOf(second)
            const chosen = await person.choose(text(), labelOf(first), no)
            state.isNobodyThere ||= chosen === null
            return chosen === null ? stanzaText(["fail"]) : stanzaText(["ok", chosen ? "yes" : "no"])
        }
        case "request-public":
        case "request-secret": {
            const answer = await person.ask(text(), command === "request-secret")
            state.isNobodyThere ||= answer === null
            return answer === null ? stanzaText(["fail"]) : stanzaText(["ok"], new TextEncoder().encode(answer))
        }
        case "file-key":
            if (args.length !== 2 || first !== "0" || body.length !== fileKeyBytes || state.key !== null) badAnswer()
            state.key = body
            return stanzaText(["ok"])
        case "error":
            state.errors.push(text() || "an error, and not which")
            return stanzaText(["ok"])
        default:
            return stanzaText(["unsupported"])
    }
}

function labelOf(base64: string): string {
    return wordsOf(textOf(fromBase64(base64)))
}

function textOf(bytes: Uint8Array): string {
    try {
        return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes)
    } catch {
        return badAnswer()
    }
}

/** In one line and bounded; controls that could move a terminal are gone. */
function wordsOf(text: string): string {
    const value = text.replaceAll(/[\p{C}\p{Z}]+/gu, " ").trim()
    return value.length > limits.wordsShown ? `${value.slice(0, limits.wordsShown)}…` : value
}

/** As it stands in an age header: lines of 48 bytes, of which the last is shorter. */
export function stanzaText(args: readonly string[], body: Uint8Array = new Uint8Array()): string {
    const lines = Array.from({ length: Math.floor(body.length / lineBytes) + 1 }, (_, i) =>
        base64nopad.encode(body.subarray(i * lineBytes, (i + 1) * lineBytes)),
    )
    return `-> ${args.join(" ")}\n${lines.join("\n")}\n`
}

/** Reads stanzas strictly; what is cut off at the end is none. Throws `plugin.bad_answer`. */
export async function* stanzasIn(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Stanza, void> {
    let args: string[] | null = null
    let [body, count]: [number[], number] = [[], 0]
    for await (const line of linesIn(chunks)) {
        if (args === null) {
            args = argsIn(line)
            continue
        }
        const bytes = fromBase64(line)
        if (bytes.length > lineBytes || body.length + bytes.length > limits.bodyBytes) badAnswer()
        body.push(...bytes)
        if (bytes.length === lineBytes) continue
        if (++count > limits.stanzas) badAnswer()
        yield { args, body: Uint8Array.from(body) }
        ;[args, body] = [null, []]
    }
}

async function* linesIn(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string, void> {
    const latin = new TextDecoder("latin1")
    let rest = ""
    for await (const chunk of chunks) {
        const lines = (rest + latin.decode(chunk)).split("\n")
        rest = lines.pop() ?? ""
        if (rest.length > limits.lineChars || lines.some((line) => line.length > limits.lineChars)) badAnswer()
        yield* lines
    }
}

function argsIn(line: string): string[] {
    return /^->( [\x21-\x7e]+)+$/.test(line) ? line.slice(3).split(" ") : badAnswer()
}

/** Refuses `plugin.bad_answer` unless the text is canonical base64 without padding. */
function fromBase64(text: string): Uint8Array {
    try {
        return base64nopad.decode(text)
    } catch {
        return badAnswer()
    }
}

function badAnswer(): never {
    return refuse("invalid", "plugin.bad_answer", "the plugin does not speak as the age plugin protocol has it")
}

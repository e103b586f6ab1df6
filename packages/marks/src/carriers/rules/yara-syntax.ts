/** Parses YARA rules as far as it takes to write a rule in another way. The engine checks and compiles them. */
import type { Piece } from "./drafts.ts"

/** A token of YARA with its offsets. */
export interface YaraToken extends Piece {
    readonly kind: "word" | "name" | "text" | "regex" | "hex" | "number" | "sign"
    readonly text: string
}

/** An entry of a rule's `meta` section. */
export interface YaraMeta extends Piece {
    readonly key: string
    readonly value: YaraToken
}

/** A string that a rule looks for. */
export interface YaraString extends Piece {
    readonly name: YaraToken
    readonly value: YaraToken
    readonly modifiers: readonly YaraToken[]
    /** Whether every modifier is a word alone. */
    readonly plain: boolean
}

/** A rule of YARA, with its sections as tokens. */
export interface YaraRule extends Piece {
    readonly name: string
    readonly tags: readonly YaraToken[]
    readonly meta: readonly YaraMeta[]
    readonly strings: readonly YaraString[]
    readonly condition: readonly YaraToken[]
    /** The texts of its comments. */
    readonly comments: string
}

/** Every rule that is understood whole; linear in the text. */
export function yaraRules(text: string): YaraRule[] {
    const { tokens, comments } = tokensOf(text)
    const rules: YaraRule[] = []
    for (let at = 0; at < tokens.length; at++) {
        if (tokens[at]?.text !== "rule" || tokens[at]?.kind !== "word") continue
        const reader = new RuleReader(tokens, at)
        const rule = reader.readRule()
        if (rule === null) continue
        const inside = comments.filter(({ start }) => start > rule.start && start < rule.end)
        rules.push({ ...rule, comments: inside.map((piece) => text.slice(piece.start, piece.end)).join("\n") })
        at = reader.at - 1
    }
    return rules
}

const token = new RegExp(
    String.raw`(?<comment>\/\/[^\n]*|\/\*[^]*?(?:\*\/|$))|(?<text>"[^"\\\n]*(?:\\.[^"\\\n]*)*")` +
        String.raw`|(?<name>[$#@]\w*\*?|!\w+)|(?<number>0x[0-9a-fA-F]+|0o[0-7]+|\d+(?:\.\d+)?(?:KB|MB)?)` +
        String.raw`|(?<word>[A-Za-z_]\w*)|(?<sign>[^\s"])`,
    "y",
)
const regex = /\/[^/\\\n]*(?:\\.[^/\\\n]*)*\/[a-z]*/y
const hex = /\{[^{}"]*\}/y

/** A `{` or `/` begins a value where one is expected: behind `=`, and `/` behind `matches` too. */
function tokensOf(text: string): { tokens: YaraToken[]; comments: Piece[] } {
    const tokens: YaraToken[] = []
    const comments: Piece[] = []
    let at = 0
    const take = (pattern: RegExp): RegExpExecArray | null => {
        pattern.lastIndex = at
        return pattern.exec(text)
    }
    while (at < text.length) {
        if (/\s/.test(text.charAt(at))) {
            at++
            continue
        }
        const before = tokens.at(-1)?.text
        const valued = before === "=" || before === "matches"
        const special =
            valued && text.charAt(at) === "/" && !/^\/[/*]/.test(text.slice(at, at + 2)) ? take(regex) : null
        const bytes = before === "=" && text.charAt(at) === "{" ? take(hex) : null
        const found = special ?? bytes ?? take(token)
        // A text that is never closed: what is behind it is not understood.
        if (found === null || (valued && special === null && found[0] === "/")) break
        const piece = { start: at, end: at + found[0].length }
        at = piece.end
        const groups = found.groups ?? {}
        const kind = special
            ? "regex"
            : bytes
              ? "hex"
              : (Object.keys(groups).find((item) => groups[item] !== undefined) ?? "sign")
        if (kind === "comment") comments.push(piece)
        else tokens.push({ kind: kind as YaraToken["kind"], text: found[0], ...piece })
    }
    return { tokens, comments }
}

class RuleReader {
    readonly #tokens: readonly YaraToken[]
    readonly #start: number
    at: number

    constructor(tokens: readonly YaraToken[], at: number) {
        this.#tokens = tokens
        this.#start = at
        this.at = at + 1
    }

    readRule(): Omit<YaraRule, "comments"> | null {
        const name = this.#take("word")
        const tags: YaraToken[] = []
        if (this.#sign(":")) for (let tag = this.#take("word"); tag !== null; tag = this.#take("word")) tags.push(tag)
        if (name === null || !this.#sign("{")) return null
        const meta = this.#section("meta") ? this.#meta() : []
        const strings = this.#section("strings") ? this.#strings() : []
        if (!this.#section("condition")) return null
        const condition: YaraToken[] = []
        for (let token = this.#here(); token !== undefined && token.text !== "}"; token = this.#here()) {
            condition.push(token)
            this.at++
        }
        const closing = this.#here()
        if (closing === undefined || condition.length === 0) return null
        this.at++
        const start = this.#tokens[this.#start]?.start ?? 0
        return { name: name.text, tags, meta, strings, condition, start, end: closing.end }
    }

    #here(): YaraToken | undefined {
        return this.#tokens[this.at]
    }

    #take(kind: YaraToken["kind"]): YaraToken | null {
        const token = this.#here()
        if (token?.kind !== kind) return null
        this.at++
        return token
    }

    #sign(text: string): boolean {
        const isIt = this.#here()?.text === text
        if (isIt) this.at++
        return isIt
    }

    #section(name: string): boolean {
        const isIt = this.#here()?.text === name && this.#tokens[this.at + 1]?.text === ":"
        if (isIt) this.at += 2
        return isIt
    }

    #meta(): YaraMeta[] {
        const meta: YaraMeta[] = []
        while (this.#tokens[this.at + 1]?.text === "=") {
            const key = this.#take("word")
            this.at++
            if (key === null) break
            this.#sign("-")
            const value = this.#here()
            if (value === undefined) break
            this.at++
            meta.push({ key: key.text, value, start: key.start, end: value.end })
        }
        return meta
    }

    #strings(): YaraString[] {
        const strings: YaraString[] = []
        for (let name = this.#take("name"); name !== null; name = this.#take("name")) {
            if (!this.#sign("=")) break
            const value = this.#here()
            if (value === undefined || !/^(text|regex|hex)$/.test(value.kind)) break
            this.at++
            const modifiers: YaraToken[] = []
            let [plain, end] = [true, value.end]
            for (
                let token = this.#here();
                token !== undefined && isModifier(token, this.#tokens[this.at + 1]);
                token = this.#here()
            ) {
                if (token.kind === "word") modifiers.push(token)
                else plain = false
                end = token.end
                this.at++
            }
            strings.push({ name, value, modifiers, plain, start: name.start, end })
        }
        return strings
    }
}

/** Returns whether a token is a modifier: a word after a value, or a part of brackets after one. */
function isModifier(token: YaraToken, next: YaraToken | undefined): boolean {
    if (token.kind === "name" || token.text === "}") return false
    return !(token.text === "condition" && next?.text === ":")
}

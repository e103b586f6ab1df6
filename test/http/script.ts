/**
 * The script language of the HTTP tests: what somebody asks, and what the answer must be, one line each.
 *
 * A script is a list of scenes (`## title`), a scene a list of blocks with an empty line between them. A block is
 * directives (`as copperline`, `clock 2025-07-03T17:00:00Z`), or one request with its headers, its body, the status
 * (and code) of its answer, and checks of it. Values are JSON, or else plain text; `${name}` stands for what was kept.
 */

export interface Scene {
    readonly title: string
    readonly blocks: readonly Block[]
}

export type Block =
    | { readonly kind: "directive"; readonly line: number; readonly verb: string; readonly rest: string }
    | {
          readonly kind: "request"
          readonly line: number
          readonly request: ScriptRequest
          readonly checks: readonly Check[]
      }

export interface ScriptRequest {
    readonly method: string
    readonly path: string
    readonly headers: readonly (readonly [name: string, value: string])[]
    /** Null: none. */
    readonly body: string | null
    readonly status: number
    /** Of a problem document. */
    readonly code: string | null
}

export type Check =
    | { readonly kind: "let"; readonly line: number; readonly name: string; readonly term: string }
    | { readonly kind: "keep"; readonly line: number; readonly name: string }
    | { readonly kind: "same"; readonly line: number; readonly name: string }
    | { readonly kind: "recorded"; readonly line: number; readonly kinds: readonly string[] }
    | {
          readonly kind: "compare"
          readonly line: number
          readonly term: string
          readonly operator: Operator
          readonly value: string
      }

export type Operator = "=" | "!=" | "~" | "!~" | "has" | "lacks" | ">"

interface Line {
    readonly number: number
    readonly text: string
}

const requestLine = /^(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS|TRACE) (.+)$/
const directive = /^(as|on|clock|work|mail|set)(?: (.*))?$/
const status = /^([1-5]\d\d)(?: ([a-z_]+\.[a-z0-9_]+))?$/
const header = /^([a-z][a-z-]*): ?(.*)$/
const comparison = /^((?:\[[^\]]*\]|\S)+(?: [a-z-]+)?) (=|!=|~|!~|has|lacks|>) (.*)$/

/** Parses a script. Throws for an invalid line, with its number. */
export function parseScript(text: string): Scene[] {
    const scenes: { title: string; blocks: Block[] }[] = []
    let block: Line[] = []
    const endBlock = () => {
        if (block.length === 0) return
        const scene = scenes.at(-1) ?? failAt(block[0], "stands before the first scene")
        scene.blocks.push(...parseBlock(block))
        block = []
    }
    for (const [i, raw] of text.split("\n").entries()) {
        const line = { number: i + 1, text: raw.trimEnd() }
        if (line.text === "" || line.text.startsWith("#")) endBlock()
        else block.push(line)
        if (line.text.startsWith("## ")) scenes.push({ title: line.text.slice(3), blocks: [] })
    }
    endBlock()
    return scenes
}

/** Directives, and then optionally a request. */
function parseBlock(lines: readonly Line[]): Block[] {
    const blocks: Block[] = []
    for (const [i, line] of lines.entries()) {
        const match = requestLine.exec(line.text)
        if (match) return [...blocks, parseRequest(line, match, lines.slice(i + 1))]
        const [, verb, rest] = directive.exec(line.text) ?? failAt(line, "is neither directive nor request")
        blocks.push({ kind: "directive", line: line.number, verb: verb ?? "", rest: rest ?? "" })
    }
    return blocks
}

function parseRequest(first: Line, [, method = "", path = ""]: RegExpExecArray, lines: readonly Line[]): Block {
    const end = lines.findIndex((line) => status.test(line.text))
    if (end === -1) failAt(first, "expects no status")
    const headers: [string, string][] = []
    const body: string[] = []
    for (const { text } of lines.slice(0, end)) {
        const [, name, value] = (body.length === 0 && header.exec(text)) || []
        if (name !== undefined) headers.push([name, value ?? ""])
        else body.push(text)
    }
    const [, number, code] = status.exec(lines[end]?.text ?? "") ?? []
    const request = {
        method,
        path,
        headers,
        body: body.length === 0 ? null : body.join("\n"),
        status: Number(number),
        code: code ?? null,
    }
    return { kind: "request", line: first.number, request, checks: lines.slice(end + 1).map(parseCheck) }
}

function parseCheck(line: Line): Check {
    const at = { line: line.number }
    const [verb, name = "", sign, ...rest] = line.text.split(" ")
    if (verb === "let" && sign === "=") return { kind: "let", ...at, name, term: rest.join(" ") }
    if ((verb === "keep" || verb === "same") && sign === undefined) return { kind: verb, ...at, name }
    if (verb === "recorded") return { kind: "recorded", ...at, kinds: line.text.split(" ").slice(1) }
    const [, term = "", operator, value = ""] = comparison.exec(line.text) ?? failAt(line, "is no check")
    return { kind: "compare", ...at, term, operator: operator as Operator, value }
}

function failAt(line: Line | undefined, reason: string): never {
    throw new Error(`line ${line?.number}: ${reason}: ${line?.text}`)
}

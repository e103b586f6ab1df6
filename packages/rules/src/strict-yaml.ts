/**
 * Parses YAML from outside strictly: YAML 1.2 with its core types. It refuses anchors, aliases, tags and merge keys, so
 * that no value is larger than its text. It also refuses duplicate keys, deep nesting, and numbers that lose their
 * value.
 *
 * The result is a plain tree in which every node has its place.
 */
import { Composer, type CST, type Document, LineCounter, Parser, isAlias, isMap, isScalar, isSeq } from "yaml"
import { type Issue, type Place, error, quote, textStart } from "@tocsin/base/issue"

/** The limits of a text. */
export interface YamlLimits {
    readonly charsMax: number
    readonly depthMax: number
    readonly documentsMax: number
    readonly nodesMax: number
    readonly lineCharsMax: number
}

/** The limits that apply by default. */
export const yamlLimits: YamlLimits = {
    charsMax: 262_144,
    depthMax: 24,
    documentsMax: 64,
    nodesMax: 20_000,
    lineCharsMax: 8192,
}

/** Characters that YAML 1.2 does not permit. */
const unprintable = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\ufffe\uffff]/

/** A plain value. */
export interface YamlScalar {
    readonly kind: "scalar"
    readonly place: Place
    readonly value: string | number | boolean | null
    /** The value as written, without quotes. */
    readonly source: string
}

/** A list. */
export interface YamlList {
    readonly kind: "list"
    readonly place: Place
    readonly items: readonly YamlNode[]
}

/** A key with its value. */
export interface YamlEntry {
    readonly key: string
    readonly place: Place
    readonly value: YamlNode
}

/** A map. */
export interface YamlMap {
    readonly kind: "map"
    readonly place: Place
    readonly entries: readonly YamlEntry[]
}

/** Any node of the tree. */
export type YamlNode = YamlScalar | YamlList | YamlMap

/** The result of reading a text. */
export interface YamlResult {
    /** Empty if there are issues: a text that is not understood as a whole is not checked in part. */
    readonly documents: readonly YamlNode[]
    readonly issues: readonly Issue[]
}

/**
 * Parses a text. Codes: `yaml.invalid`, `yaml.too_large`, `yaml.too_deep`, `yaml.alias`, `yaml.tag`, `yaml.bad_key` and
 * `yaml.bad_number`.
 */
export function readYaml(text: string, limits: YamlLimits = yamlLimits): YamlResult {
    const limitIssue = textIssue(text, limits)
    if (limitIssue !== null) return rejectedRead(limitIssue)
    const lines = new LineCounter()
    const tokens = [...new Parser(lines.addNewLine).parse(text)]
    const at = (offset: number): Place => {
        const { line, col } = lines.linePos(offset)
        return { line: Math.max(line, 1), column: Math.max(col, 1) }
    }
    const exceeded = findExceededLimit(tokens, limits)
    if (exceeded !== null) return rejectedRead(error(at(exceeded.offset), exceeded.code, exceeded.message))
    const reader = new YamlReader(at)
    const composer = new Composer({
        version: "1.2",
        schema: "core",
        uniqueKeys: true,
        strict: true,
        lineCounter: lines,
    })
    const documents = [...composer.compose(tokens)].filter((item) => item.contents !== null || item.errors.length > 0)
    const nodes = documents.map((document) => reader.document(document))
    return reader.issues.length > 0 ? rejectedRead(...reader.issues) : { documents: nodes, issues: [] }
}

/** Checks what is possible before parsing, so that every text is refused quickly. */
function textIssue(text: string, limits: YamlLimits): Issue | null {
    if (!(text.length <= limits.charsMax)) {
        return error(textStart, "yaml.too_large", `YAML may have \`${limits.charsMax}\` characters at most`)
    }
    const lines = text.split("\n")
    const long = lines.findIndex((line) => line.length > limits.lineCharsMax)
    if (long !== -1) {
        const message = `a line may have \`${limits.lineCharsMax}\` characters at most`
        return error({ line: long + 1, column: 1 }, "yaml.too_large", message)
    }
    const odd = lines.findIndex((line) => unprintable.test(line) || !line.isWellFormed())
    if (odd !== -1) return error({ line: odd + 1, column: 1 }, "yaml.invalid", "a character here is no text")
    let openings = 0
    for (const char of text) if (char === "[" || char === "{") openings++
    if (openings > limits.nodesMax) return error(textStart, "yaml.too_large", "there are too many brackets")
    return null
}

function rejectedRead(...issues: Issue[]): YamlResult {
    return { documents: [], issues }
}

interface LimitExceeded {
    readonly offset: number
    readonly code: string
    readonly message: string
}

/** Measures the depth on the flat token tree without recursion, because the composer recurses. */
function findExceededLimit(tokens: readonly CST.Token[], limits: YamlLimits): LimitExceeded | null {
    const documents = tokens.filter((token) => token.type === "document").length
    if (!(documents <= limits.documentsMax)) {
        return {
            offset: 0,
            code: "yaml.too_large",
            message: `too many documents, \`${documents}\`: use \`${limits.documentsMax}\` at most`,
        }
    }
    let nodes = 0
    const stack: { token: CST.Token; depth: number }[] = tokens.map((token) => ({ token, depth: 0 }))
    for (let item = stack.pop(); item !== undefined; item = stack.pop()) {
        const { token, depth } = item
        const offset = "offset" in token ? token.offset : 0
        if (++nodes > limits.nodesMax) {
            return { offset, code: "yaml.too_large", message: `too many values: use \`${limits.nodesMax}\` at most` }
        }
        if (!(depth <= limits.depthMax)) {
            return {
                offset,
                code: "yaml.too_deep",
                message: `too many levels: nest values \`${limits.depthMax}\` deep at most`,
            }
        }
        for (const inner of childrenOf(token)) stack.push({ token: inner, depth: depth + 1 })
    }
    return null
}

function childrenOf(token: CST.Token): CST.Token[] {
    if (token.type === "document") return token.value === undefined ? [] : [token.value]
    if (!("items" in token)) return []
    return token.items.flatMap((item) => {
        const key = "key" in item ? item.key : undefined
        return [key, item.value].filter((item) => item !== null && item !== undefined)
    })
}

class YamlReader {
    readonly issues: Issue[] = []
    readonly #at: (offset: number) => Place

    constructor(at: (offset: number) => Place) {
        this.#at = at
    }

    document(item: Document.Parsed): YamlNode {
        const { explicit, version } = item.directives.yaml
        if (explicit === true && version !== "1.2") this.#fault(0, "yaml.invalid", "this is to be YAML 1.2")
        for (const { pos, message } of [...item.errors, ...item.warnings]) {
            this.#fault(pos[0], "yaml.invalid", (message.split("\n")[0] ?? "").replace(/ at line \d+.*$/, ""))
        }
        return this.#node(item.contents, 0)
    }

    #node(node: unknown, near: number): YamlNode {
        const from = rangeOf(node) ?? near
        const place = this.#at(from)
        if (isAlias(node)) return this.#nothing(from, "yaml.alias", "aliases are not read: write the value again")
        if (node === null || node === undefined) return { kind: "scalar", place, value: null, source: "" }
        if (isMap(node) || isSeq(node) || isScalar(node)) {
            if (node.anchor !== undefined) this.#fault(from, "yaml.alias", "anchors are not read")
            if (node.tag !== undefined && !plainTags.has(node.tag)) {
                this.#fault(from, "yaml.tag", `the tag ${quote(node.tag)} is not read`)
            }
        }
        if (isMap(node)) {
            return { kind: "map", place, entries: node.items.map((pair) => this.#entry(pair.key, pair.value, from)) }
        }
        if (isSeq(node)) return { kind: "list", place, items: node.items.map((item) => this.#node(item, from)) }
        if (isScalar(node)) return this.#scalar(node.value, node.source ?? "", from)
        return this.#nothing(from, "yaml.invalid", "this is not understood")
    }

    #entry(key: unknown, value: unknown, near: number): YamlEntry {
        const from = rangeOf(key) ?? near
        const named = isScalar(key) ? (key.source ?? String(key.value)) : null
        if (named === null || named === "<<" || named === "__proto__") {
            this.#fault(from, "yaml.bad_key", "a key is a plain text, and nothing is merged")
        }
        if (isScalar(key) && key.anchor !== undefined) this.#fault(from, "yaml.alias", "anchors are not read")
        return { key: named ?? "", place: this.#at(from), value: this.#node(value, from) }
    }

    #scalar(value: unknown, source: string, from: number): YamlNode {
        const place = this.#at(from)
        if (typeof value === "number") {
            const safe = Number.isInteger(value) ? Number.isSafeInteger(value) : Number.isFinite(value)
            if (!safe)
                return this.#nothing(from, "yaml.bad_number", `${quote(source)} is no number that keeps its value`)
        }
        if (value === null || typeof value === "string" || typeof value === "number" || typeof value === "boolean") {
            return { kind: "scalar", place, value, source }
        }
        return this.#nothing(from, "yaml.invalid", "this is not understood")
    }

    #nothing(from: number, code: string, message: string): YamlNode {
        this.#fault(from, code, message)
        return { kind: "scalar", place: this.#at(from), value: null, source: "" }
    }

    #fault(from: number, code: string, message: string): void {
        this.issues.push(error(this.#at(from), code, message))
    }
}

/** Tags that the composer notes for values that it resolved itself. */
const plainTags = new Set(
    ["map", "seq", "str", "int", "float", "bool", "null"].map((item) => `tag:yaml.org,2002:${item}`),
)

function rangeOf(node: unknown): number | null {
    const range = typeof node === "object" && node !== null && "range" in node ? node.range : null
    return Array.isArray(range) && typeof range[0] === "number" ? range[0] : null
}

/** Finds the entry of a key; undefined if there is none. */
export function entryOf(node: YamlMap, key: string): YamlEntry | undefined {
    return node.entries.find((yamlEntry) => yamlEntry.key === key)
}

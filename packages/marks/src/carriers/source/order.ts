/**
 * Finds slots in the order of things whose order means nothing: imports of well-known modules, imported names,
 * neighbouring constants, alternatives of which one must match.
 */
import { type SyntaxNode, childIn, isComment, parts, walk } from "../tree.ts"
import { type Draft, type SourceCode, rank, reorder, scopePath, textOf } from "./drafts.ts"

const groupMax = 5
const variantsMax = 120

/** Loading these does nothing that another module could notice. */
const quietPython = new Set(
    `abc argparse array ast base64 binascii bisect calendar collections contextlib copy csv ctypes dataclasses datetime
    decimal difflib enum errno functools getpass glob gzip hashlib heapq hmac html http io ipaddress itertools json
    logging math mimetypes operator os pathlib pickle platform pprint queue random re secrets select shlex shutil
    signal socket sqlite3 ssl stat statistics string struct subprocess sys tempfile textwrap threading time traceback
    types typing unicodedata urllib urllib.error urllib.parse urllib.request uuid xml zipfile zlib http.client
    http.server
    email xml.etree.ElementTree concurrent.futures asyncio`.split(/\s+/),
)

/** Returns slots for lists whose order means nothing, such as imports. */
export function orderDrafts(source: SourceCode): Draft[] {
    const drafts: Draft[] = []
    walk(source.root, (node, parents) => {
        for (const [kind, group] of groupsOf(source, node, parents)) {
            for (let at = 0; at + 1 < group.length; at += groupMax) {
                const pieces = group.slice(at, at + groupMax)
                if (pieces.length > 1) drafts.push(draft(source, kind, pieces, parents))
            }
        }
    })
    return drafts
}

function draft(source: SourceCode, kind: string, pieces: readonly SyntaxNode[], parents: readonly SyntaxNode[]): Draft {
    return {
        kind,
        robustness: "order",
        scope: scopePath(source, parents),
        about: pieces.map((piece) => textOf(source, piece)).join("\n"),
        variants: reorder(source.text, pieces, variantsMax),
        rank: rank.order,
    }
}

function groupsOf(source: SourceCode, node: SyntaxNode, parents: readonly SyntaxNode[]): [string, SyntaxNode[]][] {
    if (node.type === "named_imports") return distinct(source, "imported-names", parts(node))
    if (node.type === "import_from_statement") {
        const names = node.children.filter((child) => child.field === "name")
        const isFuture = textOf(source, node).includes("__future__")
        return isFuture || node.children.some(isComment) ? [] : distinct(source, "imported-names", names)
    }
    if (node.type === "tuple" && isChoice(source, node, parents)) return distinct(source, "choice-order", parts(node))
    if (node.type === "array" && isIncluded(source, node, parents)) return distinct(source, "choice-order", parts(node))
    const choices = choicesOf(source, node)
    if (choices !== null) return distinct(source, "choice-order", choices)
    const entries = entriesOf(source, node, parents)
    if (entries !== null) return distinct(source, "entry-order", entries)
    if (node === source.root)
        return [
            ...findRuns(source, node, "import-order", isQuietImport),
            ...findRuns(source, node, "constant-order", constantName),
        ]
    return []
}

/** Returns a group if its pieces differ and none has a comment next to it. */
function distinct(source: SourceCode, kind: string, pieces: SyntaxNode[]): [string, SyntaxNode[]][] {
    const texts = new Set(pieces.map((piece) => textOf(source, piece)))
    const isPlain = pieces.every((piece) => !textOf(source, piece).includes("\n"))
    return texts.size === pieces.length && isPlain ? [[kind, pieces]] : []
}

/** `except (A, B)` and `value in ("a", "b")`: one of them must match, whichever is tried first. */
function isChoice(source: SourceCode, node: SyntaxNode, parents: readonly SyntaxNode[]): boolean {
    const parent = parents.at(-1)
    if (parent === undefined || node.children.some(isComment)) return false
    if (parent.type === "except_clause" || (parent.type === "as_pattern" && parents.at(-2)?.type === "except_clause")) {
        return parts(node).every(
            (part) => part.type === "identifier" && /^[A-Z]\w*(Error|Exception)$/.test(textOf(source, part)),
        )
    }
    const [, operator, right] = parent.children
    const isMember = parent.type === "comparison_operator" && parent.children.length === 3 && right === node
    if (!isMember || operator === undefined || !/^(not )?in$/.test(textOf(source, operator))) return false
    return parts(node).every((part) => isLiteral(source, part))
}

/** `["a", "b"].includes(value)` */
function isIncluded(source: SourceCode, node: SyntaxNode, parents: readonly SyntaxNode[]): boolean {
    const parent = parents.at(-1)
    const isCalled = parents.at(-2)?.type === "call_expression" && parent?.field === "function"
    if (parent?.type !== "member_expression" || node.children.some(isComment) || !isCalled) return false
    const property = childIn(parent, "property")
    return (
        property !== null &&
        textOf(source, property) === "includes" &&
        parts(node).every((part) => isLiteral(source, part))
    )
}

const plain = /^(["'])[^"'\\$#{}`]*\1$|^:\w+$|^-?\d[\d_]*$|^(true|false|null|nil|None|True|False)$/

/** What one branch of a `case` is for, where it is for several plain values: one must fit, whichever is tried first. */
function choicesOf(source: SourceCode, node: SyntaxNode): SyntaxNode[] | null {
    const { language } = source
    const field = { bash: "value", ruby: "pattern", go: "value" }[language]
    const isCase = { bash: "case_item", ruby: "when", go: "expression_case" }[language] === node.type
    if (!isCase || field === undefined || node.children.some(isComment)) return null
    const found = node.children.filter((child) => child.field === field && child.named)
    const [only] = found
    const nodes = language === "go" && only !== undefined ? parts(only) : found
    const isWord = (piece: SyntaxNode): boolean => language === "bash" && /^[\w*./%-]+$/.test(textOf(source, piece))
    return nodes.length > 1 && nodes.every((piece) => isWord(piece) || plain.test(textOf(source, piece))) ? nodes : null
}

/**
 * Returns the entries of a table of plain values whose order is not observable. Maps of Go and hashtables of
 * PowerShell have no order. In other languages, the file must only look up single entries.
 */
function entriesOf(source: SourceCode, node: SyntaxNode, parents: readonly SyntaxNode[]): SyntaxNode[] | null {
    const types = /^(dictionary|object|hash|literal_value|hash_literal_body)$/
    if (!types.test(node.type) || node.children.some(isComment)) return null
    const entries = parts(node).filter(({ type }) => /^(pair|keyed_element|hash_entry)$/.test(type))
    const isPlain = entries.every((entry) => {
        const [key, value, ...more] = parts(entry)
        const texts = [key, value].map((piece) => (piece === undefined ? "" : textOf(source, piece)))
        return more.length === 0 && texts.every((text, i) => plain.test(text) || (i === 0 && isKey(source, text)))
    })
    if (entries.length !== parts(node).length || !isPlain || !isUnordered(source, parents)) return null
    return entries
}

const isKey = (source: SourceCode, text: string): boolean =>
    /^\w+$/.test(text) && /^(javascript|typescript|tsx|powershell)$/.test(source.language)

function isUnordered(source: SourceCode, parents: readonly SyntaxNode[]): boolean {
    const parent = parents.at(-1)
    if (source.language === "go") {
        const type = parent?.type === "composite_literal" ? childIn(parent, "type") : null
        return type?.type === "map_type"
    }
    if (source.language === "powershell") return !parents.some(({ type }) => type === "cast_expression")
    const above = parent?.type === "call" ? parents.at(-2) : parent
    const name = above === undefined ? null : (childIn(above, "name") ?? childIn(above, "left"))
    const isNamed =
        /^(assignment|variable_declarator)$/.test(above?.type ?? "") && /^(identifier|constant)$/.test(name?.type ?? "")
    return isNamed && name !== null && isOnlyLookedUp(source, textOf(source, name), name.start)
}

/** Returns whether the file assigns a name once, and otherwise only looks up entries. */
function isOnlyLookedUp(source: SourceCode, name: string, at: number): boolean {
    const lookup = /^(\[[^\]:]+\](?!\s*=[^=])|\.(get|fetch|key\?|include\?|has_key\?)\()/
    return [...source.text.matchAll(new RegExp(String.raw`\b${name}\b`, "g"))].every(({ index }) => {
        const after = source.text.slice(index + name.length)
        const isMember = /\bin $/.test(source.text.slice(0, index)) && /^\s*[:)\n]/.test(after)
        return (
            index === at ||
            lookup.test(after) ||
            (isMember && source.language === "python" && !/\bfor \w+ in $/.test(source.text.slice(0, index)))
        )
    })
}

function isLiteral(source: SourceCode, node: SyntaxNode): boolean {
    if (node.type === "string") return /^["'][^\\]*["']$/.test(textOf(source, node))
    return /^(integer|number|true|false|none|null)$/.test(node.type)
}

type NameFinder = (source: SourceCode, node: SyntaxNode) => string | null

/** Returns neighbouring statements with one line each, all with different names. */
function findRuns(source: SourceCode, block: SyntaxNode, kind: string, nameOf: NameFinder): [string, SyntaxNode[]][] {
    const found: [string, SyntaxNode[]][] = []
    let run: SyntaxNode[] = []
    let names = new Set<string>()
    const close = (): void => {
        if (run.length > 1) found.push([kind, run])
        run = []
        names = new Set()
    }
    for (const child of block.children) {
        const name = isAloneOnLine(source, child) ? nameOf(source, child) : null
        const isNext = run.length === 0 || source.text.slice(run.at(-1)?.end, child.start).split("\n").length === 2
        if (name === null || !isNext || names.has(name)) close()
        if (name === null) continue
        run.push(child)
        names.add(name)
    }
    close()
    return found
}

function isAloneOnLine(source: SourceCode, node: SyntaxNode): boolean {
    const { text } = source
    const lineEnd = text.indexOf("\n", node.end)
    const isFirst = node.start === 0 || text[node.start - 1] === "\n"
    const after = text.slice(node.end, lineEnd < 0 ? text.length : lineEnd)
    return isFirst && after.trim() === "" && !textOf(source, node).includes("\n")
}

function isQuietImport(source: SourceCode, node: SyntaxNode): string | null {
    const text = textOf(source, node)
    const python = text.match(/^import ([\w.]+)$/) ?? text.match(/^from ([\w.]+) import [\w, ]+$/)
    if (source.language === "python") return python?.[1] !== undefined && quietPython.has(python[1]) ? text : null
    const bundled = text.match(/^import [\w*{}$, ]+ from (["'])node:[\w/]+\1;?$/)
    const required = text.match(
        /^const [\w{}$, ]+ = require\((["'])(node:)?(fs|path|http|https|net|tls|crypto|os|url|util|zlib)\1\);?$/,
    )
    return (bundled ?? required) === null ? null : text
}

/** The name of a constant that a statement sets to a literal, and nothing else. */
function constantName(source: SourceCode, node: SyntaxNode): string | null {
    if (source.language === "python") {
        const assignment = node.type === "expression_statement" ? node.children[0] : undefined
        if (assignment?.type !== "assignment" || node.children.length !== 1) return null
        const [left, , right] = assignment.children
        if (left?.type !== "identifier" || right === undefined || assignment.children.length !== 3) return null
        return isLiteral(source, right) && !textOf(source, left).startsWith("__") ? textOf(source, left) : null
    }
    const [declarator] = node.type === "lexical_declaration" ? parts(node) : []
    if (declarator === undefined || parts(node).length !== 1) return null
    const name = childIn(declarator, "name")
    const value = childIn(declarator, "value")
    return name?.type === "identifier" && value !== null && isLiteral(source, value) ? textOf(source, name) : null
}

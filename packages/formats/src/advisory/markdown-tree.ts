/**
 * The tree of a Markdown document, in time that grows with its length alone.
 *
 * The parser copies all that it has read each time a list ends, which makes long lists and many of them slow. So a
 * long document is cut where whatever stood open is closed by what follows: at a line that begins at the margin
 * behind an empty one, or with the next item of a list there. Where a part ends in what could still be open, code or
 * raw HTML, it is read again with more behind it. Lists that were cut are put together again, and what links and
 * footnotes point to is made known to every part that names it.
 */
import type { List, Nodes, Root, RootContent } from "mdast"
import { fromMarkdown } from "mdast-util-from-markdown"
import { gfmFromMarkdown } from "mdast-util-gfm"
import { gfm } from "micromark-extension-gfm"
import { isCheapToParse } from "./markdown-limits.ts"

/** Parses one part of a document. Offsets count from the beginning of that part. */
export type ParseMarkdown = (text: string) => Root

const parseWhole: ParseMarkdown = (text) =>
    fromMarkdown(text, { extensions: [gfm()], mdastExtensions: [gfmFromMarkdown()] })

/** Characters of a part, about; documents of fewer than `wholeParts` are parsed as a whole. */
const partChars = 2 * 1024
const wholeParts = 8

interface Part {
    readonly start: number
    readonly text: string
    readonly root: Root
}

/**
 * Returns the tree that the parser gives for the whole document, except that positions have offsets only. A document
 * that would take too long becomes one block of code: it is shown as written, and has no marks.
 */
export function markdownTree(text: string, parse = parseWhole, chars = partChars): Root {
    if (!isCheapToParse(text)) return asOneBlock(text)
    if (text.length < wholeParts * chars) return parse(text)
    const parts = partsOf(text, parse, chars)
    const names = parts.flatMap(({ root }) => namesIn(root))
    if (names.some((name) => /[\\[\]]/.test(name))) return parse(text)
    const known = new Set(names.map(foldName))
    return joinParts(text, known.size === 0 ? parts : parts.map((part) => withNames(part, known, parse)))
}

function asOneBlock(value: string): Root {
    const [start, end] = [0, value.length].map((offset) => ({ line: 1, column: 1, offset }))
    return { type: "root", children: [{ type: "code", value, ...(start && end && { position: { start, end } }) }] }
}

interface Cut {
    readonly at: number
    /** Whether an empty line precedes it. */
    readonly isFresh: boolean
    /** `-`, `*`, `+`, `.` or `)` of an item that begins here. */
    readonly marker: string | null
}

const item = /^(?:([-*+])|\d{1,9}([.)])) +\S/

function cutsOf(text: string): Cut[] {
    const cuts: Cut[] = []
    let isFresh = true
    for (const match of text.matchAll(/[^\n]*\n|[^\n]+$/g)) {
        const line = match[0]
        const [, bullet, number] = item.exec(line) ?? []
        const marker = bullet ?? number ?? null
        if ((isFresh && /^\S/.test(line)) || marker !== null) cuts.push({ at: match.index, isFresh, marker })
        isFresh = line.trim() === ""
    }
    return cuts
}

function partsOf(text: string, parse: ParseMarkdown, chars: number): Part[] {
    const cuts = cutsOf(text)
    const parts: Part[] = []
    let [start, size] = [0, chars]
    for (const cut of [...cuts, null]) {
        if (cut !== null && cut.at < start + size) continue
        const value = text.slice(start, cut?.at)
        const root = parse(value)
        if (cut !== null && !isClosed(value, root.children.at(-1), cut)) {
            size *= 2
            continue
        }
        parts.push({ start, text: value, root })
        ;[start, size] = [start + value.length, chars]
    }
    return parts
}

/** Whether nothing before the cut can reach over it. */
function isClosed(text: string, last: RootContent | undefined, { isFresh, marker }: Cut): boolean {
    if (last === undefined || last.type === "code" || last.type === "html") return false
    return isFresh || (last.type === "list" && markerOf(text, last) === marker)
}

function markerOf(text: string, list: List): string | null {
    const at = list.children.at(-1)?.position?.start.offset ?? 0
    return /^(?:([-*+])|\d{1,9}([.)]))/.exec(text.slice(at, at + 12))?.[0]?.at(-1) ?? null
}

/** Returns the names of links and footnotes that a part defines. */
function namesIn(node: Nodes): string[] {
    if (node.type === "definition") return [node.label ?? node.identifier]
    const below = "children" in node ? node.children.flatMap(namesIn) : []
    return node.type === "footnoteDefinition" ? [`^${node.label ?? node.identifier}`, ...below] : below
}

const foldName = (name: string): string => name.replaceAll(/\s+/g, " ").trim().toLowerCase().toUpperCase()

/** Read again with those names before it that it uses and that are defined anywhere. */
function withNames(part: Part, known: ReadonlySet<string>, parse: ParseMarkdown): Part {
    const used = new Map([...part.text.matchAll(/\[([^[\]]+)\]/g)].map(([, name = ""]) => [foldName(name), name]))
    const names = [...used].filter(([name]) => known.has(name)).map(([, name]) => name.replaceAll(/\s+/g, " "))
    if (names.length === 0) return part
    // A line across closes the last of them.
    const definitions = `${names.map((name) => `[${name}]: x\n\n`).join("")}***\n\n`
    const root = parse(definitions + part.text)
    const isIn = (node: RootContent): boolean => (node.position?.start.offset ?? 0) >= definitions.length
    const trimmedRoot: Root = { type: "root", children: root.children.filter(isIn) }
    shift(trimmedRoot, -definitions.length)
    return { ...part, root: trimmedRoot }
}

function joinParts(text: string, parts: readonly Part[]): Root {
    const children: RootContent[] = []
    for (const { start, root } of parts) {
        shift(root, start)
        const [first, ...rest] = root.children
        const last = children.at(-1)
        if (first?.type === "list" && last?.type === "list" && markerOf(text, first) === markerOf(text, last)) {
            last.children.push(...first.children)
            if (last.position && first.position) last.position.end = first.position.end
        } else if (first !== undefined) children.push(first)
        children.push(...rest)
    }
    return { type: "root", children }
}

function shift(node: Nodes, by: number): void {
    if (node.position?.start.offset !== undefined) node.position.start.offset += by
    if (node.position?.end.offset !== undefined) node.position.end.offset += by
    if ("children" in node) for (const child of node.children) shift(child, by)
}

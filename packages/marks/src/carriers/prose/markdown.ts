/**
 * Markdown: slots in the running prose of paragraphs and list items, and where the author put braces.
 *
 * The document is parsed only to know where prose is; a copy is the text as written, with the chosen words spliced in.
 * Code, links, headings, tables, quotations, emphasis and raw HTML are not touched, save for the author's own braces.
 */
import type { Nodes, Parents } from "mdast"
import { type Span, alternativeSlots, bracedSpans, checkReplaced, valueSlots } from "../alternatives.ts"
import type { Carrier, Slot } from "../carrier.ts"
import { isCheapToParse } from "@tocsin/formats/advisory/markdown-limits"
import { markdownTree } from "@tocsin/formats/advisory/markdown-tree"
import { type Piece, pairSlots, pairsOf } from "./lists.ts"
import { firstFrom } from "../spans.ts"
import { typographySlots, zeroWidthSlots } from "./typography.ts"
import { type Stretch, distinctIds, wordingSlots } from "./slots.ts"

export const markdown: Carrier = { name: "markdown", slots: (text) => proseSlots(text, parseProse(text)) }

/** Prose of a document: where words may be exchanged, and where the author may have put alternatives. */
export interface Prose {
    readonly wording: readonly Stretch[]
    readonly authored: readonly (readonly [start: number, end: number])[]
    /** Parts in which braces belong to the document. */
    readonly code: readonly (readonly [start: number, end: number])[]
    /** Things side by side, on lines of their own, whose order says nothing. */
    readonly pairs: readonly (readonly [Piece, Piece])[]
    /** Whether one decision may apply to several stretches. False where stretches are read one by one. */
    readonly decidesTogether: boolean
}

/** The slots of a document whose prose is known, in text order. Throws `mark.bad_alternative`. */
export function proseSlots(text: string, prose: Prose): Slot[] {
    const idOf = distinctIds()
    const braced = bracedSpans(text).map(([start, end]) => ({ start, end }))
    const running = prose.wording.flatMap((stretch) => outsideBraces(text, stretch, braced))
    const slots = [
        ...valueSlots(text, idOf),
        ...prose.authored.flatMap(([start, end]) => alternativeSlots(text, start, end, idOf)),
        ...wordingSlots(text, running, idOf, prose.decidesTogether),
    ]
    slots.push(...pairSlots(text, prose.pairs, slots, idOf))
    if (prose.decidesTogether) {
        slots.push(...zeroWidthSlots(text, prose.wording, idOf), ...typographySlots(text, running, slots, idOf))
    }
    checkReplaced(text, slots, prose.code)
    return slots.toSorted((a, b) => startOf(a) - startOf(b))
}

function startOf(slot: Slot): number {
    return Math.min(...slot.variants.flat().map((edit) => edit.start))
}

/** The parts of a stretch between braces and quotation marks. */
function outsideBraces(text: string, stretch: Stretch, braced: readonly Pick<Stretch, "start" | "end">[]): Stretch[] {
    const quoted = [...text.slice(stretch.start, stretch.end).matchAll(/"[^"]*"|“[^”]*”|‘[^’]*’|«[^»]*»/g)].map(
        (match) => [stretch.start + match.index, stretch.start + match.index + match[0].length] as const,
    )
    const holes = [...quoted]
    for (let i = firstFrom(braced, stretch.start); (braced[i]?.start ?? Infinity) < stretch.end; i++) {
        const { start: from, end: to } = braced[i] ?? stretch
        if (to > stretch.start) holes.push([from, to])
    }
    const parts: Stretch[] = []
    let { start, opens, afterCode } = stretch
    for (const [from, to] of holes.toSorted((a, b) => a[0] - b[0])) {
        if (from > start) parts.push({ start, end: from, opens, closes: false, afterCode, beforeCode: false })
        ;[start, opens, afterCode] = [Math.max(start, to), false, false]
    }
    if (start < stretch.end) parts.push({ ...stretch, start, opens, afterCode })
    return parts
}

/**
 * Returns the parts where an author may write alternatives: all text except code, addresses and raw HTML. Unparsed
 * text is allowed whole.
 */
export function proseOfMarkdown(text: string): Span[] {
    if (!isCheapToParse(text)) return [{ start: 0, end: text.length }]
    return parseProse(text).authored.map(([start, end]) => ({ start, end }))
}

/** Code that is marked as such: fences, and spans in a line. None in what is not parsed. */
export function codeOfMarkdown(text: string): Span[] {
    const spans: Span[] = []
    if (!isCheapToParse(text)) return spans
    visit(markdownTree(text), [], 0, ({ type, position }) => {
        const [start, end] = [position?.start.offset, position?.end.offset]
        if (start === undefined || end === undefined || (type !== "code" && type !== "inlineCode")) return
        if (type === "inlineCode" || /^\s*(?:`{3}|~{3})/.test(text.slice(start, end))) spans.push({ start, end })
    })
    return spans
}

function parseProse(text: string): Prose {
    const wording: Stretch[] = []
    const authored: (readonly [number, number])[] = []
    const code: (readonly [number, number])[] = []
    const pairs: (readonly [Piece, Piece])[] = []
    visit(markdownTree(text), [], 0, (node, parents, at) => {
        const [start, end] = [node.position?.start.offset, node.position?.end.offset]
        if (start === undefined || end === undefined) return
        if (node.type === "code" || node.type === "inlineCode" || node.type === "html") code.push([start, end])
        if (node.type === "list" && parents.every((parents) => inProse.has(parents.type)))
            pairs.push(...pairsOf(node, introOf(text, parents.at(-1), at)))
        if (node.type !== "text") return
        authored.push([start, end])
        const parent = parents.at(-1)
        if (parent?.type !== "paragraph" || !parents.every((parents) => inProse.has(parents.type))) return
        const follower = parent.children[at + 1]
        wording.push({
            start,
            end,
            opens: at === 0,
            closes: follower === undefined,
            afterCode: parent.children[at - 1]?.type === "inlineCode",
            beforeCode: follower?.type === "inlineCode",
        })
    })
    return { wording, authored, code, pairs, decidesTogether: true }
}

/** Returns the paragraph before a list, as written. */
function introOf(text: string, parent: Parents | undefined, at: number): string {
    const siblings: readonly Nodes[] = parent?.children ?? []
    const intro = siblings[at - 1]
    if (intro?.type !== "paragraph") return ""
    return text.slice(intro.position?.start.offset, intro.position?.end.offset)
}

const inProse = new Set(["root", "paragraph", "list", "listItem"])

function visit(
    node: Nodes,
    parents: readonly Parents[],
    at: number,
    onNode: (node: Nodes, parents: readonly Parents[], at: number) => void,
): void {
    onNode(node, parents, at)
    if (!("children" in node)) return
    const below = [...parents, node]
    node.children.forEach((child, i) => visit(child, below, i, onNode))
}

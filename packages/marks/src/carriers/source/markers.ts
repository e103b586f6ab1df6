/**
 * What an author marks as free, by a comment in the master: a value in a range, one of several, a length, an order.
 *
 *     timeout = 30          # mark: 20..60
 *     port = 20017          # mark: port 20000..20255
 *     agent = "curl/8.1"    # mark: one of curl/8.1|curl/8.2|curl/8.4
 *     filler = "AAAAAAAA"   # mark: length 64..319
 *     headers = {           # mark: order
 *
 * Every variant takes the comment away, so that no copy tells what was free.
 */
import { refuse } from "@tocsin/base/refusal"
import type { Edit } from "../carrier.ts"
import { type SyntaxNode, isComment, parts, walk } from "../tree.ts"
import { type Draft, type SourceCode, rank, reorder, scopePath, textOf } from "./drafts.ts"

const variantsMax = 256
const orderedMax = 5

interface Marker {
    readonly node: SyntaxNode
    readonly parents: readonly SyntaxNode[]
    /** The text after `mark:`. */
    readonly instruction: string
    readonly removal: Edit
    readonly line: { readonly start: number; readonly end: number }
}

/**
 * The drafts of all markers. `others` are the drafts already found: an order moves what they leave alone, if it can.
 * Refuses `mark.marker_unclear` where a marker is not understood or does not fit its line.
 */
export function markedDrafts(source: SourceCode, others: readonly Draft[]): Draft[] {
    const markers = findMarkers(source)
    const values = markers
        .filter(({ instruction }) => instruction !== "order")
        .map((marker) => valueDraft(source, marker))
    const touched = [...others, ...values].flatMap((draft) => draft.variants.flat())
    const orders = markers
        .filter(({ instruction }) => instruction === "order")
        .map((marker) => orderDraft(source, marker, touched))
    return [...values, ...orders]
}

function findMarkers(source: SourceCode): Marker[] {
    const markers: Marker[] = []
    walk(source.root, (node, parents) => {
        if (!isComment(node)) return
        const match = textOf(source, node).match(/^(?:#|\/\/|\/\*)\s*mark:\s*(.*?)\s*(?:\*\/)?$/)
        const instruction = match?.[1]
        if (instruction === undefined) return
        const lineStart = source.text.lastIndexOf("\n", node.start - 1) + 1
        const newline = source.text.indexOf("\n", node.end)
        const lineEnd = newline < 0 ? source.text.length : newline
        const before = source.text.slice(lineStart, node.start)
        const start = node.start - (before.length - before.trimEnd().length)
        const removal = { start, end: node.end, text: "" }
        markers.push({ node, parents: [...parents], instruction, removal, line: { start: lineStart, end: lineEnd } })
    })
    return markers
}

function refuseMarker(source: SourceCode, marker: Marker, reason: string): never {
    const line = source.text.slice(marker.line.start, marker.line.end).trim().slice(0, 80)
    return refuse("invalid", "mark.marker_unclear", `${reason}: \`${line}\``)
}

function valueDraft(source: SourceCode, marker: Marker): Draft {
    const range = marker.instruction.match(/^(?:(length)|[A-Za-z]+)?\s*(\d{1,9})\.\.(\d{1,9})$/)
    const choices = marker.instruction.match(/^one of (.+)$/)
    const [literalPlace, kind, texts] =
        range !== null
            ? rangeVariants(source, marker, {
                  isLength: range[1] !== undefined,
                  low: Number(range[2]),
                  high: Number(range[3]),
              })
            : choices?.[1] !== undefined
              ? choiceVariants(
                    source,
                    marker,
                    choices[1].split("|").map((choice) => choice.trim()),
                )
              : refuseMarker(source, marker, "a marker is a range, `one of`, `length` or `order`")
    const written = source.text.slice(literalPlace.start, literalPlace.end)
    return {
        kind,
        robustness: "value",
        scope: scopePath(source, marker.parents),
        about: source.text.slice(marker.line.start, marker.line.end).trim(),
        variants: texts.map((text) =>
            text === written ? [marker.removal] : [{ ...literalPlace, text }, marker.removal],
        ),
        rank: rank.markedValue,
    }
}

const marker = String.raw`[ \t]*mark:[ \t]*(?:(?:(?:length|[A-Za-z]+)?[ \t]*\d{1,9}\.\.\d{1,9}|order)[ \t]*|one of `
const hashMarker = new RegExp(String.raw`#${marker}[^\n]+)$`, "gm")
const slashMarker = new RegExp(String.raw`//${marker}[^\n]+)$|/\*${marker}[^\n*]+)\*/`, "gm")

/**
 * The text without markers, as its first variants have it: by their form alone, so that code that is not parsed loses
 * them too.
 */
export function withoutMarkers(language: string, text: string): string {
    const form = /^(?:python|ruby|bash|powershell)$/.test(language) ? hashMarker : slashMarker
    let [result, at] = ["", 0]
    for (const { 0: found, index } of text.matchAll(form)) {
        let end = index
        while (end > at && /[ \t]/.test(text.charAt(end - 1))) end -= 1
        result += text.slice(at, end)
        at = index + found.length
    }
    return result + text.slice(at)
}

interface Place {
    readonly start: number
    readonly end: number
}

interface Range {
    readonly isLength: boolean
    readonly low: number
    readonly high: number
}

function rangeVariants(source: SourceCode, marker: Marker, range: Range): [Place, string, string[]] {
    if (!(range.low < range.high)) refuseMarker(source, marker, "a range goes from low to high")
    if (range.isLength) return lengthVariants(source, marker, range)
    const numbers = literals(source, marker).filter(({ isNumber }) => isNumber)
    const [number] = numbers
    if (number === undefined || numbers.length > 1)
        refuseMarker(source, marker, "a range needs exactly one number on its line")
    const written = source.text.slice(number.place.start, number.place.end)
    const value = Number(written.replaceAll("_", ""))
    if (!(value >= range.low && value <= range.high)) refuseMarker(source, marker, "the number is not in its range")
    const isHex = /^0x/i.test(written)
    const values = spreadValues(range.low, range.high, value)
    const texts = values.map((v) => (v === value ? written : isHex ? `0x${v.toString(16)}` : String(v)))
    return [number.place, "marked-number", texts]
}

function lengthVariants(source: SourceCode, marker: Marker, range: Range): [Place, string, string[]] {
    const strings = literals(source, marker).filter(({ isNumber }) => !isNumber)
    const [string] = strings
    if (string === undefined || strings.length > 1)
        refuseMarker(source, marker, "a length needs exactly one string on its line")
    const written = source.text.slice(string.place.start, string.place.end)
    const value = written.length
    if (!/^[\w .+-]+$/.test(written)) refuseMarker(source, marker, "only plain letters and digits can be made longer")
    if (!(value >= range.low && value <= range.high))
        refuseMarker(source, marker, "the string is not as long as its range says")
    const period = periodOf(written)
    const texts = spreadValues(range.low, range.high, value).map((size) =>
        period.repeat(Math.ceil(size / period.length)).slice(0, size),
    )
    return [string.place, "marked-length", texts]
}

/** The shortest beginning that, repeated, gives the whole. */
function periodOf(text: string): string {
    for (let size = 1; size < text.length; size++) {
        const unit = text.slice(0, size)
        if (unit.repeat(Math.ceil(text.length / size)).startsWith(text)) return unit
    }
    return text
}

function choiceVariants(source: SourceCode, marker: Marker, choices: readonly string[]): [Place, string, string[]] {
    const fitting = literals(source, marker).filter(({ place }) =>
        choices.includes(source.text.slice(place.start, place.end)),
    )
    const [literal] = fitting
    if (literal === undefined || fitting.length > 1)
        refuseMarker(source, marker, "exactly one value on the line must be among the choices")
    const written = source.text.slice(literal.place.start, literal.place.end)
    const texts = [written, ...new Set(choices.filter((choice) => choice !== written))]
    if (texts.length < 2 || texts.length > variantsMax)
        refuseMarker(source, marker, "a choice is among 2 to 256 values")
    const isPlain = texts.every((text) => (literal.isNumber ? /^[\d._]+$/.test(text) : !/["'`\\\n$#{}]/.test(text)))
    if (!isPlain) refuseMarker(source, marker, "choices hold no quotes, escapes or expansions")
    return [literal.place, "marked-choice", texts]
}

/** The written value first, then up to 255 others, evenly over the range. */
function spreadValues(low: number, high: number, written: number): number[] {
    const count = Math.min(variantsMax, high - low + 1)
    const grid = Array.from({ length: count }, (_, i) => low + Math.round((i * (high - low)) / (count - 1)))
    const near = grid.reduce((best, value) => (Math.abs(value - written) < Math.abs(best - written) ? value : best))
    return [written, ...grid.filter((value) => value !== near)]
}

/** Returns numbers and strings that are wholly on the marker's line; of a string the part between its quotes. */
function literals(source: SourceCode, { line }: Marker): { place: Place; isNumber: boolean }[] {
    const found: { place: Place; isNumber: boolean }[] = []
    walk(source.root, (node, parents) => {
        if (!node.named || node.start < line.start || node.end > line.end || isComment(node)) return
        if (found.some(({ place }) => node.start < place.end && node.end > place.start - 1)) return
        const text = textOf(source, node)
        if (/string/.test(node.type) && !/string/.test(parents.at(-1)?.type ?? "")) {
            const opening = text.match(/^[a-zA-Z@$]{0,2}("""|'''|["'`])/)?.[0].length ?? 0
            const closing = /("""|''')$/.test(text) && opening > 2 ? 3 : 1
            if (opening > 0)
                found.push({ place: { start: node.start + opening, end: node.end - closing }, isNumber: false })
        } else if (
            /^(0[xX][0-9a-fA-F]+|\d[\d_]*)$/.test(text) &&
            node.children.every((child) => child.children.length === 0)
        ) {
            if (/int|num|decimal|real/.test(node.type))
                found.push({ place: { start: node.start, end: node.end }, isNumber: true })
        }
    })
    return found
}

function orderDraft(source: SourceCode, marker: Marker, touched: readonly Edit[]): Draft {
    const container = containerOn(source, marker)
    const items = container === null ? [] : parts(container)
    if (container === null || items.some((item) => /splat|spread/.test(item.type))) {
        refuseMarker(source, marker, "an order needs a list or a map, without spreads, that begins on its line")
    }
    const free = items.filter((item) => !touched.some((edit) => edit.start < item.end && edit.end > item.start))
    const movable = (free.length > 1 ? free : items).slice(0, orderedMax)
    if (movable.length < 2) refuseMarker(source, marker, "an order needs at least two entries")
    return {
        kind: "marked-order",
        robustness: "order",
        scope: scopePath(source, marker.parents),
        about: textOf(source, container),
        variants: reorder(source.text, movable, variantsMax).map((edits) => [...edits, marker.removal]),
        rank: rank.markedOrder,
    }
}

const containers =
    /^(dictionary|object|list|array|set|hash|hash_literal_expression|array_expression|literal_value|initializer_list)$/

/** The outermost list or map that begins on the marker's line. */
function containerOn(source: SourceCode, { line }: Marker): SyntaxNode | null {
    let found: SyntaxNode | null = null
    walk(source.root, (node) => {
        if (found !== null || !node.named || !containers.test(node.type)) return
        if (node.start >= line.start && node.start < line.end) found = node
    })
    return found
}

/**
 * Finds slots in lists whose order means nothing: two neighbours change places.
 *
 * Each bullet must be one line without a word that refers to another line. The sentence before the list must end with
 * a colon and mention no order. Sorting removes the mark.
 */
import type { List, ListItem } from "mdast"
import type { Slot } from "../carrier.ts"
import { overlapCheck } from "../spans.ts"

/** A part of a text with its offsets; `end` is exclusive. */
export interface Piece {
    readonly start: number
    readonly end: number
    readonly text: string
}

const ordered =
    /\b(?:order|sequence|steps?|first|last|turn|priority|priorities|ranked|most|least|then|following steps)\b/i
const referringWord = new RegExp(
    String.raw`\b(?:it|its|they|them|their|this|that|these|those|such|he|she|then|also|therefore|same|former` +
        "|latter|again|other|another|others|first|second|third|next|final|finally|last|above|below" +
        String.raw`|previous|rest|else|everything|and|or)\W*$|\b(?:first|second|third|then|next|finally|lastly|also` +
        String.raw`|above|below|these|those|such|same|other|another|others|rest|they|them|it)\b`,
    "i",
)
const charsMax = 100

/** Returns pairs of neighbours; none where the order may mean something. `intro` is the text before the list. */
export function pairsOf(list: List, intro: string): (readonly [Piece, Piece])[] {
    if (list.ordered === true || !intro.trimEnd().endsWith(":") || ordered.test(intro)) return []
    const pieces = list.children.map(pieceOf)
    const whole = pieces.flatMap((piece) => (piece === null ? [] : [piece]))
    const endings = new Set(whole.map(({ text }) => /[.;,:]?$/.exec(text)?.[0] ?? ""))
    const haveSameEnding = endings.size === 1 && !endings.has(";") && !endings.has(",")
    if (whole.length !== pieces.length || !haveSameEnding || new Set(whole.map(({ text }) => text)).size < whole.length)
        return []
    return whole.flatMap((first, i) => {
        const second = whole[i + 1]
        return i % 2 === 0 && second !== undefined ? [[first, second] as const] : []
    })
}

function pieceOf({ children }: ListItem): Piece | null {
    const [only, more] = children
    if (only?.type !== "paragraph" || more !== undefined) return null
    if (!only.children.every(({ type }) => type === "text" || type === "inlineCode")) return null
    const [start, end] = [only.position?.start.offset, only.position?.end.offset]
    const text = only.children.map((child) => ("value" in child ? child.value : "")).join("`")
    if (start === undefined || end === undefined || text.length > charsMax || /\n/.test(text)) return null
    return referringWord.test(text) ? null : { start, end, text }
}

/** A slot for each pair that no other slot touches. */
export function pairSlots(
    text: string,
    pairs: readonly (readonly [Piece, Piece])[],
    others: readonly Slot[],
    idOf: (base: string) => string,
): Slot[] {
    const isTaken = overlapCheck(others)
    const isFree = ({ start, end }: Piece): boolean => !isTaken(start, end)
    return pairs
        .filter((pair) => pair.every(isFree))
        .map(([a, b]): Slot => {
            const [first, second] = [text.slice(a.start, a.end), text.slice(b.start, b.end)]
            const edits = [
                { start: a.start, end: a.end, text: second },
                { start: b.start, end: b.end, text: first },
            ]
            const id = idOf(`list-order:${first}\n${second}`)
            return { id, kind: "list-order", robustness: "order", variants: [[], edits] }
        })
}

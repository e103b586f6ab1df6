/** What the carriers of rules have in common: prose in places, things that can change places, and the way to slots. */
import type { Slot } from "../carrier.ts"
import { proseSlots } from "../prose/markdown.ts"
import { withIds, withoutConflicts, withoutErrors } from "../../lexicon/fixed-terms.ts"
import { type Draft, rank, reorder } from "../source/drafts.ts"

/** A part of a text; `end` is exclusive. */
export interface Piece {
    readonly start: number
    readonly end: number
}

const groupMax = 5
const variantsMax = 120
/** The maximum length of long groups. Each order repeats all pieces, so groups of long pieces are smaller. */
const longMax = 3
const longChars = 200
/** Groups of one list, and splices of one document: what has more is marked in part. */
const groupsMax = 100
const editsMax = 200_000

/** Wording, and what the author wrote in braces, in those places of a text that are prose. */
export function proseSlotsIn(text: string, places: readonly Piece[]): Slot[] {
    const inOrder = places.toSorted((a, b) => a.start - b.start)
    const gaps: (readonly [number, number])[] = []
    let at = 0
    for (const { start, end } of inOrder) {
        gaps.push([at, start])
        at = end
    }
    gaps.push([at, text.length])
    return proseSlots(text, {
        wording: inOrder.map((place) => ({ ...place, opens: true, closes: true, afterCode: false, beforeCode: false })),
        authored: inOrder.map(({ start, end }) => [start, end] as const),
        code: gaps,
        pairs: [],
        decidesTogether: false,
    })
}

/** Whether no slot touches a piece. */
export function isFreeIn(length: number, slots: readonly Slot[]): (piece: Piece) => boolean {
    const taken = new Uint8Array(length + 1)
    for (const { start, end } of slots.flatMap((slot) => slot.variants.flat())) taken.fill(1, start, end)
    return ({ start, end }) => !taken.subarray(start, end).includes(1)
}

interface OrderKind {
    readonly text: string
    readonly kind: string
    readonly scope: string
    /** `wording`: no program sorts it. */
    readonly robustness?: "order" | "fragile" | "wording"
}

/** Things whose order says nothing, in small groups. Two that look alike stay where they are. */
export function orderDrafts({ text, kind, scope, robustness = "order" }: OrderKind, pieces: readonly Piece[]): Draft[] {
    const written = (piece: Piece): string => text.slice(piece.start, piece.end)
    const piecesByText = Map.groupBy(pieces, written)
    const distinct = pieces.filter((piece) => piecesByText.get(written(piece))?.length === 1)
    const isLong = distinct.some(({ start, end }) => end - start > longChars)
    const groups = Math.ceil(distinct.length / (isLong ? longMax : groupMax))
    const edge = (n: number): number => Math.round((n * distinct.length) / groups)
    return Array.from({ length: Math.min(groups, groupsMax) }, (_, n) => distinct.slice(edge(n), edge(n + 1))).flatMap(
        (group) => {
            if (group.length < 2) return []
            const about = group.map(written).join("\n")
            const variants = reorder(text, group, variantsMax)
            return [{ kind, robustness, scope, about, variants, rank: rank.order }]
        },
    )
}

/** One place, or several that are one decision, written another way. */
export function formDraft(
    { kind, scope }: { readonly kind: string; readonly scope: string },
    about: string,
    others: readonly Draft["variants"][number][],
): Draft[] {
    const variants = [[], ...others]
    return others.length === 0 ? [] : [{ kind, robustness: "wording", scope, about, variants, rank: rank.form }]
}

/** The slots of a document, in text order. `isValidCopy` is asked about copies. */
export function ruleSlots(
    text: string,
    prose: readonly Slot[],
    drafts: readonly Draft[],
    isValidCopy: (copy: string) => boolean,
): Slot[] {
    const isFree = isFreeIn(text.length, prose)
    let edits = 0
    const applicable = drafts.filter(({ variants }) => {
        const flatEdits = variants.flat()
        edits += flatEdits.length
        return edits <= editsMax && flatEdits.every(isFree)
    })
    const slots = [...prose, ...withIds(withoutConflicts(text.length, applicable))]
    return withoutErrors(
        text,
        slots.toSorted((a, b) => startOf(a) - startOf(b)),
        isValidCopy,
    )
}

function startOf(slot: Slot): number {
    return Math.min(...slot.variants.flat().map((edit) => edit.start))
}

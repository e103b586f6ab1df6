/**
 * Turns drafts into slots: removes one of two drafts that touch the same text, gives each slot an id, and proves that
 * no slot breaks the document.
 */
import { sha256 } from "@noble/hashes/sha2.js"
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js"
import { refuse } from "@tocsin/base/refusal"
import { type Edit, type Slot, applyCodeword } from "../carriers/carrier.ts"
import { type Draft, editsOf, rank } from "../carriers/source/drafts.ts"

const roundsMax = 16

/**
 * Removes conflicts. Where two drafts touch the same characters, the higher rank stays, then the one with more
 * variants. A moved part may contain edits of other drafts, but none may cross its edge.
 */
export function withoutConflicts(length: number, drafts: readonly Draft[]): Draft[] {
    const byRank = drafts.toSorted((a, b) => b.rank - a.rank || b.variants.length - a.variants.length)
    const taken = new Uint8Array(length + 1)
    const inside = new Uint8Array(length + 1)
    const edges = new Uint8Array(length + 1)
    const changed = new Uint8Array(length + 1)
    const guarded = new Uint8Array(length + 1)
    const within = (values: Uint8Array, { start, end }: Span): boolean => values.subarray(start, end).includes(1)
    return byRank.filter((draft) => {
        const moves = editsOf(draft).filter(({ from }) => from !== undefined)
        const edits = editsOf(draft).filter(({ from }) => from === undefined)
        const guards = draft.guards ?? []
        // What the author marked is another value in the same place, as a name is another name.
        const isName = draft.kind === "local-name" || draft.rank >= rank.markedOrder
        const isFree =
            edits.every((edit) => !within(taken, edit) && (isName || !within(guarded, edit))) &&
            edits.every(({ start, end }) => !within(edges, { start: start + 1, end })) &&
            moves.every(({ start, end }) => inside[start] === 0 && inside[end] === 0) &&
            guards.every((guard) => !within(changed, guard))
        if (!isFree) {
            if (draft.rank >= 4) refuse("invalid", "mark.marker_unclear", "two markers are about the same text")
            return false
        }
        for (const { start, end } of edits) {
            taken.fill(1, start, end)
            inside.fill(1, start + 1, end)
            if (!isName) changed.fill(1, start, end)
        }
        for (const { start, end } of moves) {
            edges[start] = 1
            edges[end] = 1
        }
        for (const { start, end } of guards) guarded.fill(1, start, end)
        return true
    })
}

type Span = Pick<Edit, "start" | "end">

/** Returns slots in text order. An id does not depend on text elsewhere. */
export function withIds(drafts: readonly Draft[]): Slot[] {
    const counts = new Map<string, number>()
    const sorted = drafts.toSorted((a, b) => firstEdit(a) - firstEdit(b))
    return sorted.map(({ kind, scope, about, robustness, variants }) => {
        const content = bytesToHex(sha256(utf8ToBytes([kind, scope, about].join("\0")))).slice(0, 16)
        const nth = counts.get(content) ?? 0
        counts.set(content, nth + 1)
        return { id: `${kind}/${content}${nth === 0 ? "" : `/${nth}`}`, kind, robustness, variants }
    })
}

function firstEdit(draft: Draft): number {
    return Math.min(...editsOf(draft).map((edit: Edit) => edit.start))
}

/** Proves each variant: applies variants of all slots together, and removes slots whose text is not `sound`. */
export function withoutErrors(text: string, slots: readonly Slot[], isValidCopy: (copy: string) => boolean): Slot[] {
    const rounds = Math.min(roundsMax, Math.max(0, ...slots.map((slot) => slot.variants.length)))
    let remaining = new Set(slots)
    for (let round = 0; round < rounds; round++) {
        const isValidTogether = (some: ReadonlySet<Slot>): boolean => {
            const list = slots.filter((slot) => some.has(slot))
            return isValidCopy(
                applyCodeword(
                    text,
                    list,
                    list.map((slot) => round % slot.variants.length),
                ),
            )
        }
        // What the author marked comes first, so that nothing else can break it.
        const markedFirst = [...remaining].toSorted((a, b) => Number(isMarked(b)) - Number(isMarked(a)))
        remaining = validTogether(new Set(), markedFirst, isValidTogether)
    }
    return slots.filter((slot) => remaining.has(slot))
}

/** Returns the slots that stay sound together, by bisection. A few unsound ones cost a few parses each. */
function validTogether(
    known: ReadonlySet<Slot>,
    candidates: readonly Slot[],
    isValidTogether: (some: ReadonlySet<Slot>) => boolean,
): Set<Slot> {
    const slots = new Set([...known, ...candidates])
    if (candidates.length === 0 || isValidTogether(slots)) return slots
    const [only] = candidates
    if (candidates.length > 1) {
        const half = candidates.length >> 1
        return validTogether(
            validTogether(known, candidates.slice(0, half), isValidTogether),
            candidates.slice(half),
            isValidTogether,
        )
    }
    if (only !== undefined && isMarked(only)) {
        refuse("invalid", "mark.marker_unclear", "a marked value, once changed, can no longer be parsed")
    }
    return new Set(known)
}

const isMarked = (slot: Slot): boolean => slot.kind.startsWith("marked-")

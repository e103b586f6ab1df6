/** Finds the offsets of the entries of a YAML map. */
import { Scalar, type YAMLMap, isMap, isScalar, isSeq } from "yaml"
import type { Piece } from "./drafts.ts"

/** An entry of a YAML map, with the offsets of its key. */
export interface Entry {
    readonly key: string
    readonly quoted: boolean
    /** The offsets of the key. */
    readonly start: number
    readonly end: number
    readonly value: unknown
}

/** Returns the entries of a map whose keys are scalars. */
export function entriesOf(text: string, map: YAMLMap): Entry[] {
    return map.items.flatMap(({ key, value }) => {
        const span = isScalar(key) ? spanOf(key) : null
        if (span === null || !isScalar(key)) return []
        const plain = text.slice(span.start, span.end)
        return [{ key: String(key.value), quoted: plain !== key.value, ...span, value }]
    })
}

/** Returns the offsets of a YAML node in its text; null where it has none. */
export function spanOf(node: unknown): Piece | null {
    if (!isScalar(node) && !isMap(node) && !isSeq(node)) return null
    const range = node.range ?? null
    return range === null ? null : { start: range[0], end: range[1] }
}

/** A plain value in one line, with its quotes; null for anything else. */
export function oneLine(text: string, node: unknown): Piece | null {
    const span = isScalar(node) ? spanOf(node) : null
    if (span === null || !isScalar(node) || span.end <= span.start) return null
    const plain = node.type === Scalar.PLAIN || node.type === Scalar.QUOTE_SINGLE || node.type === Scalar.QUOTE_DOUBLE
    return plain && !text.slice(span.start, span.end).includes("\n") ? span : null
}

/** Whether nothing, and so no comment, follows in the line. */
export function isBare(text: string, at: number): boolean {
    const ends = text.indexOf("\n", at)
    return /^[\s\],}]*$/.test(text.slice(at, ends === -1 ? text.length : ends))
}

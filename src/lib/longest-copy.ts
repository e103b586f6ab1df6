import type { Slot } from "./carriers/carrier.ts"

/** The length in bytes of the longest copy that any word can give: all copies are padded to its bucket. */
export function longestCopyBytes(masterBytes: number, slots: readonly Slot[]): number {
    const grown = slots.map((slot) =>
        Math.max(
            0,
            ...slot.variants.map((edits) =>
                edits.reduce((sum, edit) => sum + bytesOf(edit.text) - (edit.end - edit.start), 0),
            ),
        ),
    )
    return masterBytes + grown.reduce((sum, one) => sum + one, 0)
}

const encoder = new TextEncoder()

function bytesOf(text: string): number {
    return encoder.encode(text).length
}

/**
 * Carries marks in plain text: wordings in blocks of lines that read like prose, and the author's braces anywhere.
 *
 * A block is prose if it ends like a sentence, and no line is indented or begins like a patch, a table or a shell.
 */
import type { Carrier } from "../carrier.ts"
import { proseSlots } from "./markdown.ts"
import type { Stretch } from "./slots.ts"

export const plain: Carrier = {
    name: "plain",
    slots: (text) =>
        proseSlots(text, {
            wording: blocksOf(text),
            authored: [[0, text.length]],
            code: [],
            pairs: [],
            decidesTogether: true,
        }),
}

const notProse = /^(?:\s{4}|\t|[-+@>|#=$<%~`])/m
const sentenceEnd = /[.!?:)]["”’]?\s*$/

function blocksOf(text: string): Stretch[] {
    const blocks = [...text.matchAll(/(?:^|(?<=\n))[^\n]*\S[^\n]*(?:\n[^\n]*\S[^\n]*)*/g)]
    return blocks.flatMap((match) => {
        if (notProse.test(match[0]) || !sentenceEnd.test(match[0])) return []
        const end = match.index + match[0].trimEnd().length
        return [{ start: match.index, end, opens: true, closes: true, afterCode: false, beforeCode: false }]
    })
}

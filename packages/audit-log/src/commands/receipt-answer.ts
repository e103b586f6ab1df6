/** Takes a receipt out of the answer of the portal, and describes it. */
import type { Fields } from "../signed-note.ts"

const answerStart = '{"receipt":'
const answerBytesMax = 1024 * 1024

/** A receipt as the portal answers it is taken out of its answer; all else stays as it is. */
export async function* unwrapReceipt(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    const heldChunks: Uint8Array[] = []
    let bytes = 0
    let isAnswer: boolean | null = null
    for await (const chunk of chunks) {
        isAnswer ??= Buffer.from(chunk.subarray(0, answerStart.length)).toString("latin1") === answerStart
        bytes += chunk.length
        if (!isAnswer || bytes > answerBytesMax) {
            yield* heldChunks.splice(0)
            yield chunk
        } else heldChunks.push(chunk)
    }
    const text = Buffer.concat(heldChunks).toString("utf8")
    const receipt = parseReceiptAnswer(text)
    if (receipt !== null) yield Buffer.from(receipt)
    else yield* heldChunks
}

function parseReceiptAnswer(text: string): string | null {
    try {
        const answer = JSON.parse(text) as { receipt?: unknown }
        return typeof answer.receipt === "string" && Object.keys(answer).length === 1 ? answer.receipt : null
    } catch {
        return null
    }
}

/** Says what a receipt is about. */
export function describeReceipt({ kind, at, partner }: Fields): string {
    const [by, what, when] = [partner, kind, at].map((value) => (typeof value === "string" ? value : "?"))
    return `receipt, partner ${by}, ${what} at ${when}`
}

/** Reads files for `tocsin verify` that are verified as a whole, not by lines. */
import type { Rejection } from "@tocsin/audit-log/export"
import { Refusal } from "@tocsin/base/refusal"

const bytesMax = 256 * 1024 * 1024
const beginningMax = 200

/** Reads a file; null if it is empty or begins as something else. */
export async function readWhole(
    chunks: AsyncIterable<Uint8Array>,
    begins: RegExp,
    tooLong: () => never,
): Promise<string | null> {
    const chunksRead: Uint8Array[] = []
    let bytes = 0
    for await (const chunk of chunks) {
        if (chunksRead.length === 0 && !begins.test(beginningOf(chunk))) return null
        chunksRead.push(chunk)
        bytes += chunk.length
        if (bytes > bytesMax) tooLong()
    }
    return chunksRead.length === 0 ? null : Buffer.concat(chunksRead).toString("utf8")
}

const beginningOf = (chunk: Uint8Array): string => Buffer.from(chunk.subarray(0, beginningMax)).toString("latin1")

/** Turns a refusal into a rejection. */
export function rejectionOf(error: unknown): Rejection {
    if (!(error instanceof Refusal)) throw error
    return { ok: false, index: null, code: error.code, reason: error.message }
}

/** Computes the scores of very many recipients in parallel threads. */
import type { Symbol } from "@tocsin/marks/carriers/carrier"
import { groupsOf, nonceBytes } from "@tocsin/marks/code"
import type { Rows } from "@tocsin/marks/code/codewords"
import type { RowSums } from "@tocsin/marks/evidence"
import { runInThread, threadsMax } from "./thread-pool.ts"
import type { CodewordInput } from "./thread-jobs.ts"

/** Computes the same rows as `rowsFor` of the document's codebook. */
export async function computeRowsInThreads(
    codewordInput: CodewordInput,
    symbols: readonly Symbol[],
    nonces: Uint8Array,
): Promise<Rows> {
    const groups = groupsOf(codewordInput.key, codewordInput.places)
    const count = nonces.length / nonceBytes
    const bits = new Uint32Array(new SharedArrayBuffer(count * groups * Uint32Array.BYTES_PER_ELEMENT))
    const parts = partsOf(count).map(async ([from, to]) => {
        const into = bits.subarray(from * groups, to * groups)
        await runInThread("draw", {
            ...codewordInput,
            symbols,
            nonces: nonces.slice(from * nonceBytes, to * nonceBytes),
            into,
        })
    })
    await Promise.all(parts)
    return { groups, bits }
}

/** Computes sums of rows in shared memory. */
export const computeSumsInThreads: RowSums = async ({ groups, bits }, fits, others) => {
    const count = groups === 0 ? 0 : bits.length / groups
    const results = new Float64Array(count)
    const parts = partsOf(count).map(async ([from, to]) => {
        const rows = { groups, bits: bits.subarray(from * groups, to * groups) }
        results.set(await runInThread("sum", { rows, fits, others }), from)
    })
    await Promise.all(parts)
    return results
}

/** Several parts for each thread, so that no thread waits long for the slowest. */
function partsOf(count: number): (readonly [from: number, to: number])[] {
    const size = Math.max(1024, Math.ceil(count / (4 * threadsMax)))
    return Array.from({ length: Math.ceil(count / size) }, (_, n) => [n * size, Math.min(count, (n + 1) * size)])
}

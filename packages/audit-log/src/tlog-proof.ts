/** Reads and writes proofs of logs (C2SP tlog-proof): index and proof of a leaf, and a signed checkpoint. */
import { base64 } from "@scure/base"
import { fromBase64, parseProof } from "./checkpoint.ts"
import type { Hash } from "./merkle.ts"
import { refuse } from "@tocsin/base/refusal"

/** The first line. */
export const tlogProofFormat = "c2sp.org/tlog-proof@v1"

export interface TlogProof {
    /** The data from which a reader computes the leaf. Only the proof authenticates it. */
    readonly extra: Uint8Array | null
    readonly index: number
    /** From the leaf's sibling up. */
    readonly proof: readonly Hash[]
    /** The signed checkpoint. */
    readonly note: string
}

const bytesMax = 1024 * 1024

/** Writes a proof, including the last newline. */
export function formatTlogProof({ extra, index, proof, note }: TlogProof): string {
    const lines = [
        tlogProofFormat,
        ...(extra === null ? [] : [`extra ${base64.encode(extra)}`]),
        `index ${index}`,
        ...proof.map((hash) => base64.encode(hash)),
    ]
    return `${lines.join("\n")}\n\n${note}`
}

/** Reads a proof, without verification. Refuses `tlog_proof.malformed`. */
export function parseTlogProof(text: string): TlogProof {
    if (text.length > bytesMax) refuseProof(`it must have at most \`${bytesMax}\` bytes`)
    const end = text.indexOf("\n\n")
    const [first, ...lines] = end < 0 ? [] : text.slice(0, end).split("\n")
    if (first !== tlogProofFormat) refuseProof(`it must begin with \`${tlogProofFormat}\``)
    const extra = lines[0]?.startsWith("extra ") === true ? fromBase64(lines.shift()?.slice(6) ?? "") : undefined
    if (extra === null) refuseProof("its second line must be base64")
    const [, digits] = /^index (0|[1-9]\d{0,15})$/.exec(lines.shift() ?? "") ?? []
    if (digits === undefined || !Number.isSafeInteger(Number(digits))) refuseProof("it must name an index")
    const proof = parseProof(lines, refuseProof)
    return { extra: extra ?? null, index: Number(digits), proof, note: text.slice(end + 2) }
}

function refuseProof(rule: string): never {
    refuse("invalid", "tlog_proof.malformed", `bad proof of a log: ${rule}`)
}

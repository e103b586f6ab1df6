/** Reads and writes proofs of logs (C2SP tlog-proof): index and proof of a leaf, and a signed checkpoint. */
import { base64 } from "@scure/base"
import { decodeNote, fromBase64, parseProof } from "./checkpoint.ts"
import type { Hash } from "./merkle.ts"
import { refuse } from "@tocsin/base/refusal"

/** The first line. */
const tlogProofFormat = "c2sp.org/tlog-proof@v1"

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

/**
 * Reads the bytes of a proof, without verification. Refuses `tlog_proof.malformed` with the number of the line, and
 * `checkpoint.note_malformed` where the checkpoint is not UTF-8.
 */
export function parseTlogProof(bytes: Uint8Array): TlogProof {
    if (bytes.length > bytesMax) refuseAt(1, `the proof must have at most \`${bytesMax}\` bytes`)
    const [first, ...lines] = linesBefore(bytes)
    if (first !== tlogProofFormat) refuseAt(1, `it must be \`${tlogProofFormat}\``)
    const note = decodeNote(bytes.subarray([first, ...lines, ""].join("\n").length + 1))
    const extra = lines[0]?.startsWith("extra ") === true ? fromBase64(lines.shift()?.slice(6) ?? "") : undefined
    if (extra === null) refuseAt(2, "it must be `extra` and base64")
    const indexLine = extra === undefined ? 2 : 3
    const [, digits] = /^index (0|[1-9]\d{0,15})$/.exec(lines.shift() ?? "") ?? []
    if (digits === undefined || !Number.isSafeInteger(Number(digits))) refuseAt(indexLine, "it must name an index")
    const proof = parseProof(lines, (rule, place) => refuseAt(indexLine + 1 + place, rule))
    return { extra: extra ?? null, index: Number(digits), proof, note }
}

/** Whether a file begins as a proof. */
export const isTlogProof = (bytes: Uint8Array): boolean =>
    new TextDecoder("latin1").decode(bytes.subarray(0, tlogProofFormat.length + 1)) === `${tlogProofFormat}\n`

/** The lines before the first empty one. Each octet becomes one character. */
function linesBefore(bytes: Uint8Array): string[] {
    const lines: string[] = []
    for (let from = 0; ;) {
        const end = bytes.indexOf(0x0a, from)
        if (end === from) return lines
        if (end < 0) refuseAt(lines.length + 1, "an empty line and a checkpoint must follow")
        lines.push(Array.from(bytes.subarray(from, end), (octet) => String.fromCharCode(octet)).join(""))
        from = end + 1
    }
}

function refuseAt(line: number, rule: string): never {
    refuse("invalid", "tlog_proof.malformed", `bad proof of a log in line \`${line}\`: ${rule}`, { line })
}

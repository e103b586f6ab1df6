/**
 * Reads, writes and judges requests to witnesses (C2SP tlog-witness, `add-checkpoint`).
 *
 * A witness keeps the newest checkpoint of each log. It signs the next one only if the proof shows that it contains
 * everything before.
 */
import { base64 } from "@scure/base"
import { type Checkpoint, parseLeadingCheckpoint, parseNote, parseProof } from "./checkpoint.ts"
import { type Hash, hashesEqual, provesConsistency, rootOf } from "./merkle.ts"
import { type NoteKey, type Verifiers, verifiedSignatures } from "./note-keys.ts"
import { Refusal, refuse } from "@tocsin/base/refusal"

export interface WitnessRequest {
    /** The size that the witness signed last, to the knowledge of the log. */
    readonly oldSize: number
    readonly proof: readonly Hash[]
    /** The signed checkpoint. */
    readonly note: string
}

/** The most bytes of a request. */
export const witnessRequestBytesMax = 96 * 1024

/** Writes the body of a request. */
export function formatWitnessRequest({ oldSize, proof, note }: WitnessRequest): string {
    return `old ${oldSize}\n${proof.map((hash) => `${base64.encode(hash)}\n`).join("")}\n${note}`
}

/** Reads the body of a request. Refuses `witness.malformed`. */
export function parseWitnessRequest(body: string): WitnessRequest {
    const end = body.indexOf("\n\n")
    const [first = "", ...lines] = end < 0 ? [] : body.slice(0, end).split("\n")
    const [, digits] = /^old (0|[1-9]\d{0,15})$/.exec(first) ?? []
    if (digits === undefined || !Number.isSafeInteger(Number(digits))) refuseBody("it must begin with `old SIZE`")
    const proof = parseProof(lines, refuseBody)
    return { oldSize: Number(digits), proof, note: body.slice(end + 2) }
}

function refuseBody(rule: string): never {
    refuse("invalid", "witness.malformed", `bad request to a witness: ${rule}`)
}

/** The newest checkpoint of a log that a witness signed: size 0 before the first. */
export type WitnessedTree = Pick<Checkpoint, "size" | "root">

export const emptyTree: WitnessedTree = { size: 0, root: rootOf([]) }

/** The status of the answer. 409 comes with the size that the witness signed last. */
export type WitnessVerdict =
    | { readonly status: 200; readonly text: string; readonly checkpoint: Checkpoint }
    | { readonly status: 400 | 403 | 404 | 409 | 422; readonly reason: string }

/** The origin in a request, before anything is verified. Refuses `checkpoint.…` and `witness.malformed`. */
export const originOf = ({ note }: WitnessRequest): string => parseLeadingCheckpoint(parseNote(note).text).origin

/**
 * Decides what to answer to a request for a log with these keys. `signed` is what the witness signed last; the caller
 * must let nothing else change it until the next checkpoint is stored.
 */
export function judgeRequest(
    request: WitnessRequest,
    keys: readonly NoteKey[],
    signed: WitnessedTree,
    verifiers: Verifiers,
): WitnessVerdict {
    try {
        const { text } = parseNote(request.note)
        const checkpoint = parseLeadingCheckpoint(text)
        if (verifiedSignatures(request.note, keys, verifiers).length === 0) {
            return { status: 403, reason: "no trusted key signed it" }
        }
        const problem = problemOf(request, checkpoint, signed)
        return problem ?? { status: 200, text, checkpoint }
    } catch (error) {
        if (!(error instanceof Refusal)) throw error
        return { status: error.code === "checkpoint.bad_signature" ? 403 : 400, reason: error.message }
    }
}

function problemOf(
    { oldSize, proof }: WitnessRequest,
    { size, root }: Checkpoint,
    signed: WitnessedTree,
): WitnessVerdict | null {
    if (oldSize > size) return { status: 400, reason: "the old size is larger than the checkpoint" }
    if (oldSize !== signed.size) return { status: 409, reason: "this is not the size that was signed last" }
    if (size === oldSize && !hashesEqual(root, signed.root))
        return { status: 409, reason: "the tree that was signed last has this size and another root" }
    const isProven = oldSize === 0 ? proof.length === 0 : provesConsistency(proof, oldSize, signed.root, size, root)
    return isProven ? null : { status: 422, reason: "the proof does not show that the log only grew" }
}

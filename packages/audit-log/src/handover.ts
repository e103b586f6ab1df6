/**
 * Hands a log over to its next key: a checkpoint that names the next key and that the former and the next key sign.
 *
 * The next key is in the signed text. Any signature can be appended to a checkpoint, so two signatures alone would
 * prove nothing. A handover proves nothing either if the former key was stolen. docs/reference/formats/tiles.md
 * specifies the text.
 */
import {
    type Checkpoint,
    formatCheckpoint,
    formatVerifierKey,
    openNote,
    parseLeadingCheckpoint,
    type VerifierKey,
    type VerifySignature,
} from "./checkpoint.ts"
import { hashesEqual } from "./merkle.ts"
import { formatNoteKey, type NoteKey, parseNoteKey } from "./note-keys.ts"
import { Refusal, refuse } from "@tocsin/base/refusal"

/** The tree at the handover, and the next key. */
export interface Handover {
    readonly checkpoint: Checkpoint
    /** The Ed25519 key. */
    readonly next: VerifierKey
}

const lineStart = "next-key "

/** Writes the text of a handover. The first of the next keys is the Ed25519 key. */
export function formatHandover(checkpoint: Checkpoint, nextKeys: readonly NoteKey[]): string {
    return `${formatCheckpoint(checkpoint)}${nextKeys.map((key) => `${lineStart}${formatNoteKey(key)}\n`).join("")}`
}

/**
 * Reads the handover of the log with this key, which must have signed it, as the next key must have. Refuses
 * `checkpoint.…`, and `checkpoint.bad_handover` where it names no other key of the same log.
 */
export function openHandover(note: string, former: VerifierKey, verify: VerifySignature): Handover {
    const text = openNote(note, former, verify)
    const checkpoint = parseLeadingCheckpoint(text)
    const lines = text.slice(0, -1).split("\n").slice(3)
    if (!lines.every((line) => line.startsWith(lineStart))) refuseHandover()
    const [next, mlDsa44, ...more] = lines.map((line) => parseNoteKey(line.slice(lineStart.length)))
    const isOfLog = [next, mlDsa44].every((key) => key === undefined || key.name === checkpoint.origin)
    const areKinds = next?.kind === "ed25519" && (mlDsa44 === undefined || mlDsa44.kind === "ml_dsa_44")
    if (next === undefined || more.length > 0 || !isOfLog || !areKinds) refuseHandover()
    if (checkpoint.origin !== former.name || hashesEqual(next.publicKey, former.publicKey)) refuseHandover()
    openNote(note, next, verify)
    return { checkpoint, next }
}

/**
 * Follows handovers from a key to the one that signed `note`, in the order of the list. Empty: the key signed it
 * itself. Null: no handover leads there. Refuses what `openHandover` refuses for a handover by a key on the way.
 */
export function followHandovers(
    from: VerifierKey,
    note: string,
    handovers: readonly string[],
    verify: VerifySignature,
): Handover[] | null {
    return follow(from, (key) => isSignedBy(note, key, verify), handovers, verify)
}

/** Follows handovers from a key to another one, as `followHandovers`. */
export function followHandoversTo(
    from: VerifierKey,
    to: VerifierKey,
    handovers: readonly string[],
    verify: VerifySignature,
): Handover[] | null {
    return follow(from, (key) => formatVerifierKey(key) === formatVerifierKey(to), handovers, verify)
}

function follow(
    from: VerifierKey,
    isEnd: (key: VerifierKey) => boolean,
    handovers: readonly string[],
    verify: VerifySignature,
): Handover[] | null {
    const steps: Handover[] = []
    let key = from
    for (const handover of handovers) {
        if (isEnd(key)) break
        if (namesKey(handover, key) || !isSignedBy(handover, key, verify)) continue
        const step = openHandover(handover, key, verify)
        steps.push(step)
        key = step.next
    }
    return isEnd(key) ? steps : null
}

/** Whether a handover names this key as the next one, which signed it too. */
const namesKey = (handover: string, key: VerifierKey): boolean =>
    handover.split("\n")[3] === `${lineStart}${formatVerifierKey(key)}`

/** Whether the note has a signature of this key. Refuses a wrong signature. */
function isSignedBy(note: string, key: VerifierKey, verify: VerifySignature): boolean {
    try {
        openNote(note, key, verify)
        return true
    } catch (error) {
        if (error instanceof Refusal && error.code === "checkpoint.unsigned") return false
        throw error
    }
}

function refuseHandover(): never {
    refuse("invalid", "checkpoint.bad_handover", "the handover must name the next Ed25519 key of the same log")
}

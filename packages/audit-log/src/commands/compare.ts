/** Compares accepted exports with each other, and with older checkpoints: whether one history continues the other. */
import { bytesToHex } from "@noble/hashes/utils.js"
import { canonical } from "@tocsin/base/canonical"
import {
    type Checkpoint,
    keyHash,
    openNote,
    parseCheckpoint,
    parseNote,
    parseVerifierKey,
    type VerifierKey,
} from "../checkpoint.ts"
import { append, type Hash, nodeHash, hashesEqual } from "../merkle.ts"
import { type AcceptedExport, leafOf } from "../export.ts"
import { Refusal, refuse } from "@tocsin/base/refusal"
import { type Fields, type Lines, readLine, textField, type Trust, trustAnyKey } from "../signed-note.ts"

/** An export that was accepted, and can be read a second time. */
export interface Export {
    readonly path: string
    readonly accepted: AcceptedExport
    readonly open: () => Lines
}

/** What came of a comparison of two files. */
export interface Comparison {
    readonly ok: boolean
    /** The first leaf that differs; null where none does. */
    readonly index: number | null
    readonly code: string | null
    readonly compared: readonly [string, string]
    readonly reason: string
}

/**
 * Exports of one log, each with the next larger one; exports of different logs are not compared. Any key can have the
 * name of a log, so exports by keys that the reader did not give are of one log only where the key is the same.
 */
export async function compareExports(exports: readonly Export[]): Promise<Comparison[]> {
    const comparisons: Comparison[] = []
    for (const exportsOfName of Map.groupBy(exports, ({ accepted }) => accepted.origin).values()) {
        const logs = [
            ...Map.groupBy(exportsOfName, ({ accepted }) => accepted.keyKnown || accepted.verifierKey).values(),
        ]
        for (const exportsOfLog of logs) comparisons.push(...(await compareInOrder(exportsOfLog)))
        for (const [i, [other]] of logs.entries()) {
            const first = logs[0]?.[0]
            if (i > 0 && first !== undefined && other !== undefined) comparisons.push(notCompared(first, other))
        }
    }
    return comparisons
}

async function compareInOrder(exports: readonly Export[]): Promise<Comparison[]> {
    const comparisons: Comparison[] = []
    const bySize = exports.toSorted((a, b) => a.accepted.size - b.accepted.size)
    for (const [i, older] of bySize.entries()) {
        const newer = bySize[i + 1]
        if (newer !== undefined) comparisons.push(await compareTwo(older, newer))
    }
    return comparisons
}

const notCompared = (a: Export, b: Export): Comparison => ({
    ok: false,
    index: null,
    code: "verify.unknown_keys",
    compared: [a.path, b.path],
    reason: "two unknown keys with the same name signed them, so they were not compared: give the keys of the log",
})

async function compareTwo(older: Export, newer: Export): Promise<Comparison> {
    const compared = [older.path, newer.path] as const
    const index = await findFirstDifference(older, newer)
    const [a, b] = [checkpointText(older.accepted), checkpointText(newer.accepted)]
    if (index === null) {
        const reason = older.accepted.size === newer.accepted.size ? `both have ${a}` : `${b} continues ${a}`
        return { ok: true, index, code: null, compared, reason }
    }
    const reason = `the histories differ from leaf ${index} on, and both checkpoints are signed: ${a}, and ${b}`
    return { ok: false, index, code: "verify.histories_diverge", compared, reason }
}

const checkpointText = ({ size, root }: Pick<AcceptedExport, "size" | "root">): string =>
    `size ${size} with root ${root}`

/** Compares two accepted exports. Compares what the leaves commit to, because either export may withhold bodies. */
async function findFirstDifference(older: Export, newer: Export): Promise<number | null> {
    const [olderLeaves, newerLeaves] = [readLeaves(older), readLeaves(newer)]
    try {
        for (let index = 0; index < older.accepted.size; index++) {
            const [a, b] = [await olderLeaves.next(), await newerLeaves.next()]
            if (a.done === true || b.done === true || a.value !== b.value) return index
        }
        return null
    } finally {
        await olderLeaves.return()
        await newerLeaves.return()
    }
}

async function* readLeaves({ open }: Export): AsyncGenerator<string, void> {
    let isFirstLine = true
    for await (const group of open()) {
        for (const line of group) {
            if (!isFirstLine) yield canonical(parseLeaf(readLine(line)))
            isFirstLine = false
        }
    }
}

const parseLeaf = (fields: Fields) => ({
    at: textField(fields, "at"),
    commitment: textField(fields, "commitment"),
    kind: textField(fields, "kind"),
})

// --- Older checkpoints

/** A checkpoint from an earlier time, with the key that verifies it. */
export interface EarlierCheckpoint {
    readonly path: string
    readonly note: string
}

/** A signed note, or the answer of `GET /api/audit-log/checkpoint`, which holds one. */
export function readCheckpoint(path: string, content: string): EarlierCheckpoint {
    try {
        const answer = JSON.parse(content) as { readonly checkpoint?: unknown }
        if (typeof answer.checkpoint === "string") return { path, note: answer.checkpoint }
    } catch {
        // No JSON: then it is the note itself.
    }
    return { path, note: content }
}

/** Whether the export has the checkpoint in its past. */
export async function compareWithCheckpoint(
    earlier: EarlierCheckpoint,
    exported: Export,
    trust: Trust,
): Promise<Comparison> {
    const compared = [earlier.path, exported.path] as const
    try {
        const { size, root } = openCheckpoint(earlier, exported.accepted, trust)
        if (size > exported.accepted.size) {
            refuse(
                "invalid",
                "verify.shorter_than_signed",
                `the export has ${exported.accepted.size} leaves, and the checkpoint has ${size}: give a newer export`,
            )
        }
        const foundRoot = await computeRootAt(exported, size)
        const later = checkpointText({ size, root: bytesToHex(root) })
        const reason = `${checkpointText(exported.accepted)} continues ${later}`
        if (hashesEqual(foundRoot, root)) return { ok: true, index: null, code: null, compared, reason }
        return refuse(
            "invalid",
            "verify.histories_diverge",
            `the first ${size} leaves of the export have root ${bytesToHex(foundRoot)}, ` +
                `and the checkpoint has ${bytesToHex(root)}`,
        )
    } catch (error) {
        if (!(error instanceof Refusal)) throw error
        return { ok: false, index: null, code: error.code, compared, reason: error.message }
    }
}

/** The checkpoint may have the signature of an earlier key, if the reader gave that key too. */
function openCheckpoint({ note }: EarlierCheckpoint, accepted: AcceptedExport, trust: Trust): Checkpoint {
    const key = parseVerifierKey(accepted.verifierKey)
    const { signatures } = parseNote(note)
    if (signatures.every(({ name }) => name !== key.name)) {
        refuse("invalid", "verify.log_mismatch", "the checkpoint belongs to another log: give one of this log")
    }
    const others = trust.keys === trustAnyKey ? [] : trust.keys.filter(({ name }) => name === key.name)
    const isSigner = (item: VerifierKey) =>
        signatures.some((signature) => hashesEqual(signature.keyHash, keyHash(item)))
    return parseCheckpoint(openNote(note, [key, ...others].find(isSigner) ?? key, trust.verify))
}

/** Computes the root of the first `size` leaves. */
export async function computeRootAt({ open }: Pick<Export, "open">, size: number): Promise<Hash> {
    let edge: Hash[] = []
    let index = -1
    for await (const group of open()) {
        for (const line of group.slice(0, size - index)) {
            if (index >= 0) edge = append(index, leafOf(parseLeaf(readLine(line))), edge).edge
            index += 1
        }
        if (index >= size) break
    }
    return edge.reduceRight((right, left) => nodeHash(left, right))
}

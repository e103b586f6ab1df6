/**
 * Numbering. What was committed becomes a leaf of the tree, and a head is signed, all in one transaction:
 * whatever dies half way leaves the tree as it was.
 */
import { setImmediate as nextTurn } from "node:timers/promises"
import { sha256 } from "@noble/hashes/sha2.js"
import { bytesToHex } from "@noble/hashes/utils.js"
import type { Sign, VerifierKey } from "../../../lib/checkpoint.ts"
import { formatCheckpoint, formatVerifierKey, signNote } from "../../../lib/checkpoint.ts"
import { formatInstant, type Instant } from "../../../lib/instant.ts"
import { append, edgePlaces, type Hash, type Node, nodeHash } from "../../../lib/merkle.ts"
import { leafOf, type Leaf } from "../../../lib/record.ts"
import { commit, type Head } from "../../../lib/signed.ts"
import type { Tx } from "../../../platform/db.ts"
import type { Keys } from "../../../platform/keys.ts"
import { seedBytes, signingKeyFrom } from "../../../platform/signing.ts"
import type { Chore } from "../../../platform/worker.ts"
import * as store from "../store.ts"

/** What the record needs of an act: it is kept by the program itself, whoever asks. */
export interface Turn {
    readonly tx: Tx
    readonly now: Instant
    readonly doors: { readonly keys: Keys }
}

const batchMax = 1000
/** Leaves that are made in one turn of the process, before others have theirs. */
const leavesOfTurn = 32

/** For the worker: numbers what is waiting. */
export const numbering: Chore = {
    name: "numbering",
    run: (doors) =>
        doors.db.transaction(
            async (tx) => (await sequence({ tx, now: await doors.clock.now(tx), doors })) === batchMax,
        ),
}

/** Makes leaves of the events that are committed and none yet, and signs the new head. Gives how many it took. */
export async function sequence({ tx, now, doors }: Turn): Promise<number> {
    await store.lockSequencer(tx)
    const events = await store.takeUnnumbered(tx, batchMax)
    if (events.length === 0) return 0
    const start = await store.treeSize(tx)
    let edge = await edgeOf(tx, start)
    const leaves: store.NewLeaf[] = []
    const nodes: Node[] = []
    for (const event of events) {
        const [index, hash] = [start + leaves.length, leafOf(leafFields(event))]
        const grown = append(index, hash, edge)
        leaves.push({ index, seq: event.seq, hash })
        nodes.push(...grown.nodes)
        edge = grown.edge
        if (leaves.length % leavesOfTurn === 0) await nextTurn()
    }
    await store.insertLeaves(tx, leaves)
    await store.insertNodes(tx, nodes)
    const root = edge.reduceRight((right, left) => nodeHash(left, right))
    await signHead({ tx, now, doors }, start + leaves.length, root)
    return leaves.length
}

/**
 * The log's name and key. The name is made of the key, so that no two programs share one and none tells whose it
 * is; the key is derived from the key-encryption key, and lives as long.
 */
export function logKey(keys: Keys): VerifierKey & { readonly sign: Sign } {
    const key = signingKeyFrom(keys.derive("record-heads", seedBytes))
    return { ...key, name: `tocsin/${bytesToHex(sha256(key.publicKey)).slice(0, 16)}` }
}

/** The head in the form that exports carry. */
export function headFrom(keys: Keys, note: string): Head {
    const key = logKey(keys)
    return { origin: key.name, verifierKey: formatVerifierKey(key), checkpoint: note }
}

/** What the leaf of an event commits to. Of a sealed one, nobody is told the kind either: it is committed to. */
export function leafFields({ at, kind, body, salt, sealed }: store.EventRow): Leaf {
    const committed = sealed ? { kind, body } : body
    return { at: formatInstant(at), kind: sealed ? "sealed" : kind, commitment: bytesToHex(commit(salt, committed)) }
}

async function signHead({ tx, now, doors }: Turn, size: number, root: Hash): Promise<void> {
    const key = logKey(doors.keys)
    const note = signNote(formatCheckpoint({ origin: key.name, size, root }), key, key.sign)
    await store.insertCheckpoint(tx, { size, root: Buffer.from(root), note, at: now })
}

async function edgeOf(tx: Tx, size: number): Promise<Hash[]> {
    const places = edgePlaces(size)
    const found = await store.nodesAt(tx, places)
    return places.map(({ level, pos }) => {
        const node = found.find((one) => one.level === level && one.pos === pos)
        if (!node) throw new Error(`the tree has lost its node ${level}/${pos}`)
        return node.hash
    })
}

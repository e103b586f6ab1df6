/** Compares stored leaves with the events that they are of. */
import type { EventRow } from "../../../kernel/store.ts"
import { bytesToHex } from "@noble/hashes/utils.js"
import { formatInstant } from "@tocsin/base/instant"
import { same } from "@tocsin/audit-log/merkle"
import { leafOf, type Leaf, type Rejected } from "@tocsin/audit-log/export"
import { commit } from "@tocsin/audit-log/signed-note"
import type { Tx } from "../../../platform/postgres/db.ts"
import * as store from "../store.ts"

const pageSize = 500

/** What the leaf of an event commits to. Of a sealed one, nobody is told the kind either: it is committed to. */
export function leafFields({ at, kind, body, salt, sealed }: EventRow): Leaf {
    const committed = sealed ? { kind, body } : body
    return { at: formatInstant(at), kind: sealed ? "sealed" : kind, commitment: bytesToHex(commit(salt, committed)) }
}

/**
 * The first leaf from `start` up to `end` whose event is gone, or no longer hashes to what was stored with it. A change of
 * both is found by the tree, which names that leaf or the one before it. `see` is handed each sound leaf's hash.
 */
export async function findFirstFault(
    tx: Tx,
    start: number,
    end: number,
    see: (hash: Uint8Array) => void = () => undefined,
): Promise<Rejected | null> {
    for (let from = start; from < end; from += pageSize) {
        const page = await store.listLeafEvents(tx, from, Math.min(from + pageSize, end))
        for (const [i, leaf] of page.entries()) {
            if (leaf.index !== from + i) return lostLeaf(from + i)
            if (!same(leafOf(leafFields(leaf)), leaf.hash)) {
                const why = `the event of leaf \`${leaf.index}\` is not what was numbered`
                return { ok: false, index: leaf.index, code: "audit_log.altered", why }
            }
            see(leaf.hash)
        }
        const reached = from + page.length
        if (reached < Math.min(from + pageSize, end)) return lostLeaf(reached)
    }
    return null
}

function lostLeaf(index: number): Rejected {
    return { ok: false, index, code: "audit_log.incomplete", why: `leaf \`${index}\` is missing` }
}

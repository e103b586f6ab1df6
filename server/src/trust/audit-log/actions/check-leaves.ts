/** Compares stored leaves with their events. */
import type { EventRow } from "../../../kernel/store.ts"
import { bytesToHex } from "@noble/hashes/utils.js"
import { formatInstant } from "@tocsin/base/instant"
import { hashesEqual } from "@tocsin/audit-log/merkle"
import { leafOf, type Leaf, type Rejection } from "@tocsin/audit-log/export"
import { commit } from "@tocsin/audit-log/signed-note"
import type { Tx } from "../../../platform/postgres/db.ts"
import * as store from "../store.ts"

const pageSize = 500

/** The fields that an event's leaf commits to. A confidential leaf also hides the kind in the commitment. */
export function leafFields({ at, kind, body, salt, confidential }: EventRow): Leaf {
    const committed = confidential ? { kind, body } : body
    return {
        at: formatInstant(at),
        kind: confidential ? "confidential" : kind,
        commitment: bytesToHex(commit(salt, committed)),
    }
}

/**
 * Finds the first leaf in [`start`, `end`) whose event is missing or does not match the stored hash. A change of both
 * shows only in the tree. `onLeaf` gets the hash of each sound leaf.
 */
export async function findFirstFault(
    tx: Tx,
    start: number,
    end: number,
    onLeaf: (hash: Uint8Array) => void = () => undefined,
): Promise<Rejection | null> {
    for (let from = start; from < end; from += pageSize) {
        const page = await store.listLeafEvents(tx, from, Math.min(from + pageSize, end))
        for (const [i, leaf] of page.entries()) {
            if (leaf.index !== from + i) return missingLeaf(from + i)
            if (!hashesEqual(leafOf(leafFields(leaf)), leaf.hash)) {
                const reason = `the event of leaf \`${leaf.index}\` was altered: restore a backup, and report it`
                return { ok: false, index: leaf.index, code: "audit_log.altered", reason }
            }
            onLeaf(leaf.hash)
        }
        const reached = from + page.length
        if (reached < Math.min(from + pageSize, end)) return missingLeaf(reached)
    }
    return null
}

function missingLeaf(index: number): Rejection {
    return {
        ok: false,
        index,
        code: "audit_log.incomplete",
        reason: `leaf \`${index}\` is missing: restore a backup, and report it`,
    }
}

/** Lets several callers share one transaction and commit. Their concurrent queries share statements. */
import pg from "pg"
import { isDatabaseDown } from "../platform/postgres/database-down.ts"
import { RolledBack, type Tx, onlyReads } from "../platform/postgres/db.ts"
import type { Services } from "./services.ts"
import { causeOf } from "../platform/log/log.ts"

/**
 * Runs work in one transaction. Null: the work failed or the database refused a statement, nothing was written, and
 * each caller must be served alone. Throws where the database is down, or where the commit may have succeeded.
 */
export async function runInSharedTransaction<Answers>(
    { db, log }: Pick<Services, "db" | "log">,
    work: (tx: Tx) => Promise<Answers>,
): Promise<Answers | null> {
    let isCommitting = false
    try {
        return await db.transaction(async (tx) => {
            const answers = await work(withSharedReads(tx))
            isCommitting = true
            return answers
        })
    } catch (error) {
        const isUndone = error instanceof pg.DatabaseError || error instanceof RolledBack
        if (isDatabaseDown(error) || (isCommitting && !isUndone)) throw error
        log.warn("a transaction for several callers failed: each is served alone", { error: causeOf(error) })
        return null
    }
}

/**
 * A transaction that sends equal concurrent reads once. A write clears this, so that later reads are sent again.
 * Callers must not change the rows.
 */
function withSharedReads(tx: Tx): Tx {
    const reads = new Map<string, Map<string, Promise<unknown[]>>>()
    return {
        query: async <Row>(text: string, values?: readonly unknown[]) => {
            if (!onlyReads(text)) {
                reads.clear()
                return await tx.query<Row>(text, values)
            }
            const readsOfText = reads.get(text) ?? new Map<string, Promise<unknown[]>>()
            reads.set(text, readsOfText)
            const key = JSON.stringify(values ?? null)
            const read = readsOfText.get(key) ?? tx.query<unknown>(text, values)
            readsOfText.set(key, read)
            return (await read) as Row[]
        },
        queryAtCommit: (text, values) => tx.queryAtCommit(text, values),
    }
}

/**
 * Combines calls of one turn of the event loop into one statement, per transaction and `common` value. `carry` gets
 * the calls in order. Each caller gets all rows and its own `place`.
 */
export function combineCalls<Call, Common, Row>(
    runStatement: (tx: Tx, calls: readonly Call[], common: Common) => Promise<Row[]>,
): (tx: Tx, call: Call, common: Common) => Promise<{ readonly rows: readonly Row[]; readonly index: number }> {
    interface OpenBatch {
        readonly calls: Call[]
        readonly rows: Promise<Row[]>
    }
    const batchesByTx = new WeakMap<Tx, Map<string, OpenBatch>>()
    return async (tx, call, common) => {
        const batches = batchesByTx.get(tx) ?? new Map<string, OpenBatch>()
        batchesByTx.set(tx, batches)
        const key = JSON.stringify(common)
        let batch = batches.get(key)
        if (batch === undefined) {
            const { promise, resolve, reject } = Promise.withResolvers<Row[]>()
            const calls: Call[] = []
            batch = { calls, rows: promise }
            batches.set(key, batch)
            process.nextTick(() => {
                batches.delete(key)
                runStatement(tx, calls, common).then(resolve, reject)
            })
        }
        const index = batch.calls.push(call) - 1
        return { rows: await batch.rows, index }
    }
}

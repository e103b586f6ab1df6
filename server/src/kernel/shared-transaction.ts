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
export async function inOneTransaction<Answers>(
    { db, log }: Pick<Services, "db" | "log">,
    work: (tx: Tx) => Promise<Answers>,
): Promise<Answers | null> {
    let isCommitting = false
    try {
        return await db.transaction(async (tx) => {
            const answers = await work(sharingReads(tx))
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
function sharingReads(tx: Tx): Tx {
    const reads = new Map<string, Map<string, Promise<unknown[]>>>()
    return {
        query: async <Row>(text: string, values?: readonly unknown[]) => {
            if (!onlyReads(text)) {
                reads.clear()
                return await tx.query<Row>(text, values)
            }
            const ofText = reads.get(text) ?? new Map<string, Promise<unknown[]>>()
            reads.set(text, ofText)
            const key = JSON.stringify(values ?? null)
            const read = ofText.get(key) ?? tx.query<unknown>(text, values)
            ofText.set(key, read)
            return (await read) as Row[]
        },
        finish: (text, values) => tx.finish(text, values),
    }
}

/**
 * Combines calls of one turn of the event loop into one statement, per transaction and `common` value. `carry` gets
 * the calls in order. Each caller gets all rows and its own `place`.
 */
export function inOneStatement<Ask, Common, Row>(
    carry: (tx: Tx, asks: readonly Ask[], common: Common) => Promise<Row[]>,
): (tx: Tx, ask: Ask, common: Common) => Promise<{ readonly rows: readonly Row[]; readonly place: number }> {
    interface Gathered {
        readonly asks: Ask[]
        readonly rows: Promise<Row[]>
    }
    const gathered = new WeakMap<Tx, Map<string, Gathered>>()
    return async (tx, ask, common) => {
        const ofTx = gathered.get(tx) ?? new Map<string, Gathered>()
        gathered.set(tx, ofTx)
        const key = JSON.stringify(common)
        let open = ofTx.get(key)
        if (open === undefined) {
            const { promise, resolve, reject } = Promise.withResolvers<Row[]>()
            const asks: Ask[] = []
            open = { asks, rows: promise }
            ofTx.set(key, open)
            process.nextTick(() => {
                ofTx.delete(key)
                carry(tx, asks, common).then(resolve, reject)
            })
        }
        const place = open.asks.push(ask) - 1
        return { rows: await open.rows, place }
    }
}

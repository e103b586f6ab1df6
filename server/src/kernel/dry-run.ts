/**
 * Work that is done for its answer alone: whatever it wrote, and whatever locks it took, is gone when it returns. Only
 * numbers that a sequence gave out stay given.
 */
import type { Tx } from "../platform/postgres/db.ts"

/** Returns what the work returned, or throws what it threw; of what it did in this transaction nothing stays. */
export async function inTrial<T>(tx: Tx, work: () => Promise<T>): Promise<T> {
    await tx.query("savepoint trial")
    try {
        return await work()
    } finally {
        await tx.query("rollback to savepoint trial")
        await tx.query("release savepoint trial")
    }
}

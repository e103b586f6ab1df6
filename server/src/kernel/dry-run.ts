/** Runs work only for its answer. Writes and locks are gone when it returns; used sequence numbers are not. */
import { forgetKeys } from "../platform/crypto/vault.ts"
import type { Tx } from "../platform/postgres/db.ts"

/** Runs work in a savepoint and rolls it back. Returns its answer, or throws its error. */
export async function dryRun<T>(tx: Tx, work: () => Promise<T>): Promise<T> {
    await tx.query("savepoint dry_run")
    try {
        return await work()
    } finally {
        await tx.query("rollback to savepoint dry_run")
        await tx.query("release savepoint dry_run")
        forgetKeys(tx)
    }
}

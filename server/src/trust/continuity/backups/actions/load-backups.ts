/** Tells when the newest backup was made, and since when one is overdue. */
import type { Instant } from "@tocsin/base/instant"
import type { ActionContext } from "../../../../kernel/action-context.ts"
import type { Tx } from "../../../../platform/postgres/db.ts"
import { type BackupState, overdueSince } from "../plan.ts"
import * as store from "../store.ts"

/** All instants are wall-clock times, because a backup ages also while the demonstration's time stands still. */
export async function loadBackupState({ tx, services }: ActionContext): Promise<BackupState> {
    const newest = await store.findNewestBackup(tx, services.realNow())
    const intervalMs = services.backupIntervalMs
    const since = newest?.takenAt ?? (await store.findDatabaseStart(tx))
    return {
        newest: newest && { takenAt: newest.takenAt, bytes: newest.bytes },
        overdueSince: overdueSince(since, intervalMs, services.realNow()),
        isExpected: intervalMs > 0,
    }
}

/** When the newest backup was taken; null: there is none, or the database is older than backups. */
export const loadNewestBackupAt = (tx: Tx, realNow: Instant): Promise<Instant | null> =>
    store.findNewestBackupAt(tx, realNow)

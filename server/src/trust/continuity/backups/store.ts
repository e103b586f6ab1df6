/** Reads and writes the list of backups. */
import type { Instant } from "@tocsin/base/instant"
import type { Tx } from "../../../platform/postgres/db.ts"

/** The clocks of database and server may differ so much. */
const aheadMs = 60_000

export interface Backup {
    readonly takenAt: Instant
    readonly bytes: number
    /** Of the file. */
    readonly sha256: Buffer
    /** Whether it is in the folder of the settings, and for the operators' recipients. */
    readonly isScheduled: boolean
}

export async function insertBackup(tx: Tx, backup: Backup & { readonly id: string }): Promise<void> {
    await tx.query("insert into backups (id, taken_at, bytes, sha256, is_scheduled) values ($1, $2, $3, $4, $5)", [
        backup.id,
        new Date(backup.takenAt),
        backup.bytes,
        backup.sha256,
        backup.isScheduled,
    ])
}

/** The newest scheduled backup. One of a time to come is left out: the clock was ahead then. */
export async function findNewestBackup(tx: Tx, realNow: Instant): Promise<Pick<Backup, "takenAt" | "bytes"> | null> {
    const [row] = await tx.query<Pick<Backup, "takenAt" | "bytes">>(
        `select taken_at as "takenAt", bytes from backups where is_scheduled and taken_at <= $1
         order by taken_at desc limit 1`,
        [new Date(realNow + aheadMs)],
    )
    return row ?? null
}

/** When this database was made. */
export async function findDatabaseStart(tx: Tx): Promise<Instant> {
    const [row] = await tx.query<{ at: Instant }>("select min(at) as at from migrations")
    return row?.at ?? 0
}

/** Finds when the newest backup was taken, also in a database of an older version, which may lack the table. */
export async function findNewestBackupAt(tx: Tx, realNow: Instant): Promise<Instant | null> {
    const [found] = await tx.query<{ there: boolean }>("select to_regclass('backups') is not null as there")
    if (found?.there !== true) return null
    const sql = "select max(taken_at) as at from backups where taken_at <= $1"
    const [row] = await tx.query<{ at: Instant | null }>(sql, [new Date(realNow + aheadMs)])
    return row?.at ?? null
}

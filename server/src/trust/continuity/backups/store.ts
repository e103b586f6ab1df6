/** Reads and writes the list of backups. */
import type { Instant } from "@tocsin/base/instant"
import type { Tx } from "../../../platform/postgres/db.ts"

export interface Backup {
    readonly takenAt: Instant
    readonly bytes: number
    /** Of the file. */
    readonly sha256: Buffer
}

export async function insertBackup(tx: Tx, backup: Backup & { readonly id: string }): Promise<void> {
    await tx.query("insert into backups (id, taken_at, bytes, sha256) values ($1, $2, $3, $4)", [
        backup.id,
        new Date(backup.takenAt),
        backup.bytes,
        backup.sha256,
    ])
}

/** The newest backup that was read back. */
export async function findNewestBackup(tx: Tx): Promise<Backup | null> {
    const [row] = await tx.query<Backup>(
        'select taken_at as "takenAt", bytes, sha256 from backups order by taken_at desc limit 1',
    )
    return row ?? null
}

/** When this database was made. */
export async function findDatabaseStart(tx: Tx): Promise<Instant> {
    const [row] = await tx.query<{ at: Instant }>("select min(at) as at from migrations")
    return row?.at ?? 0
}

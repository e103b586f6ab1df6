/** What must be known to make a copy again: the master secret of each epoch, sealed, and the manifests. */
import type { Instant } from "../../lib/instant.ts"
import type { Tx } from "../../platform/db.ts"

export interface MasterRow {
    readonly epoch: number
    readonly master_box: Buffer
}

export async function newestMaster(tx: Tx): Promise<MasterRow | undefined> {
    return (await tx.query<MasterRow>("select epoch, master_box from mark_masters order by epoch desc limit 1"))[0]
}

export async function masterOfEpoch(tx: Tx, epoch: number): Promise<MasterRow | undefined> {
    return (await tx.query<MasterRow>("select epoch, master_box from mark_masters where epoch = $1", [epoch]))[0]
}

/** False where another made this epoch first. */
export async function insertMaster(tx: Tx, row: MasterRow, now: Instant): Promise<boolean> {
    const rows = await tx.query(
        `insert into mark_masters (epoch, master_box, created_at) values ($1, $2, $3)
         on conflict do nothing returning epoch`,
        [row.epoch, row.master_box, new Date(now)],
    )
    return rows.length === 1
}

export interface ManifestRow {
    readonly artifact: string
    readonly version: number
    readonly epoch: number
    readonly slots: number
    readonly manifest: Buffer
}

export async function manifestOf(tx: Tx, artifact: string, version: number): Promise<ManifestRow | undefined> {
    const rows = await tx.query<ManifestRow>(
        `select artifact, version, epoch, slots, manifest from marked_versions
         where artifact = $1 and version = $2 order by epoch desc limit 1`,
        [artifact, version],
    )
    return rows[0]
}

/** False where another committed it first. */
export async function insertManifest(tx: Tx, row: ManifestRow, now: Instant): Promise<boolean> {
    const rows = await tx.query(
        `insert into marked_versions (artifact, version, epoch, slots, manifest, at) values ($1, $2, $3, $4, $5, $6)
         on conflict do nothing returning epoch`,
        [row.artifact, row.version, row.epoch, row.slots, row.manifest, new Date(now)],
    )
    return rows.length === 1
}

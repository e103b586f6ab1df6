/**
 * What must be known to make a copy again: the master secret of each epoch, sealed, and the manifests. And the copies that
 * persons of the operator have read.
 */
import type { Colluders } from "../../lib/code.ts"
import type { Instant } from "../../lib/instant.ts"
import { type Tx, oneOrAll } from "../../platform/db.ts"
import { lockToCount } from "../../platform/locks.ts"
import type { ArtifactClass } from "../artifacts/artifact.ts"

export interface MasterRow {
    readonly epoch: number
    readonly master_box: Buffer
}

export async function newestMaster(tx: Tx): Promise<MasterRow | undefined> {
    return (await tx.query<MasterRow>("select epoch, master_box from mark_masters order by epoch desc limit 1"))[0]
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
    readonly colluders: Colluders
    readonly manifest: Buffer
    /** Null where its copies have no canaries, and empty where none of them is a host. */
    readonly canary_zone: string | null
}

/** With the secret of its epoch; null where that is lost. */
export async function manifestOf(
    tx: Tx,
    artifact: string,
    version: number,
): Promise<(ManifestRow & { readonly master_box: Buffer | null }) | undefined> {
    const rows = await tx.query<ManifestRow & { readonly master_box: Buffer | null }>(
        `select artifact, version, epoch, slots, colluders, manifest, canary_zone, master_box
         from marked_versions left join mark_masters using (epoch)
         where artifact = $1 and version = $2 order by epoch desc limit 1`,
        [artifact, version],
    )
    return rows[0]
}

export type ManifestRead = ReturnType<typeof manifestOf>

/** The newest of each of these versions that has one, in hex. */
export async function manifestsOf(
    tx: Tx,
    versions: readonly { readonly artifact: string; readonly version: number }[],
): Promise<{ artifact: string; version: number; manifest: string }[]> {
    return await tx.query(
        `select distinct on (artifact, version) artifact, version, encode(manifest, 'hex') as manifest
         from marked_versions join unnest($1::uuid[], $2::int[]) as wanted (artifact, version) using (artifact, version)
         order by artifact, version, epoch desc`,
        [versions.map((one) => one.artifact), versions.map((one) => one.version)],
    )
}

/** False where another committed it first. */
export async function insertManifest(
    tx: Tx,
    row: ManifestRow & { readonly slots_box: Buffer },
    now: Instant,
): Promise<boolean> {
    const { artifact, version, epoch, slots, colluders, manifest, canary_zone: zone, slots_box: box } = row
    const rows = await tx.query(
        `insert into marked_versions (artifact, version, epoch, slots, colluders, manifest, slots_box, at, canary_zone)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict do nothing returning epoch`,
        [artifact, version, epoch, slots, colluders, manifest, box, new Date(now), zone],
    )
    return rows.length === 1
}

/** Those before it count no more until it is over. Returns its number. */
export async function insertLaid(
    tx: Tx,
    { caseId, class: kind, box }: { readonly caseId: string; readonly class: string; readonly box: Buffer },
    now: Instant,
): Promise<number> {
    const rows = await tx.query<{ seq: number }>(
        "insert into laid_designs (case_id, class, box, at) values ($1, $2, $3, $4) returning seq",
        [caseId, kind, box, new Date(now)],
    )
    return rows[0]?.seq ?? 0
}

export async function setLaidEnded(tx: Tx, seq: number, at: Instant): Promise<void> {
    await tx.query("update laid_designs set ended_at = $2 where seq = $1", [seq, new Date(at)])
}

export async function setLaidUntil(tx: Tx, seq: number, until: Instant): Promise<void> {
    await tx.query("update laid_designs set until = $2 where seq = $1", [seq, new Date(until)])
}

/** Of those that are not over. */
export async function newestLaid(tx: Tx, caseId: string, kind: string, now: Instant): Promise<Buffer | null> {
    const rows = await tx.query<{ box: Buffer }>(
        `select box from laid_designs
         where case_id = $1 and class = $2 and ended_at is null and (until is null or until > $3)
         order by seq desc limit 1`,
        [caseId, kind, new Date(now)],
    )
    return rows[0]?.box ?? null
}

/** Null of a version that was committed before slots were kept. */
export async function slotsBoxOf(tx: Tx, artifact: string, version: number, epoch: number): Promise<Buffer | null> {
    const rows = await tx.query<{ slots_box: Buffer | null }>(
        "select slots_box from marked_versions where artifact = $1 and version = $2 and epoch = $3",
        [artifact, version, epoch],
    )
    return rows[0]?.slots_box ?? null
}

export interface StaffCopyRow {
    readonly event: number
    readonly person: string
    readonly case_id: string
    readonly artifact: string
    readonly version: number
    readonly copy_hash: Buffer
    readonly copy_salt: Buffer
    readonly at: Instant
}

export async function insertStaffCopy(tx: Tx, row: StaffCopyRow): Promise<void> {
    await tx.query(
        `insert into staff_copies (event, person, case_id, artifact, version, copy_hash, copy_salt, at)
         values ($1, $2, $3, $4, $5, $6, $7, $8)`,
        [row.event, row.person, row.case_id, row.artifact, row.version, row.copy_hash, row.copy_salt, new Date(row.at)],
    )
}

/** Of one case (null: of all), oldest first. */
export async function staffCopies(
    tx: Tx,
    caseId: string | null,
): Promise<Pick<StaffCopyRow, "person" | "artifact" | "version" | "at">[]> {
    return await tx.query(
        `select person, artifact, version, at from staff_copies where ${oneOrAll("case_id", 1, caseId)} order by event`,
        [caseId],
    )
}

/** Of one version, up to an instant, oldest first. */
export async function staffCopiesOf(
    tx: Tx,
    of: Pick<StaffCopyRow, "artifact" | "version">,
    until: Instant,
): Promise<Pick<StaffCopyRow, "person" | "copy_salt" | "copy_hash">[]> {
    return await tx.query(
        `select person, copy_salt, copy_hash from staff_copies
         where artifact = $1 and version = $2 and at <= $3 order by event`,
        [of.artifact, of.version, new Date(until)],
    )
}

/** One read of a person after the other: of two at once, both count. */
export async function lockMasterReads(tx: Tx, person: string): Promise<void> {
    await lockToCount(tx, person)
}

interface MasterRead {
    readonly person: string
    readonly artifact: string
    readonly version: number
    readonly class: ArtifactClass
    /** In real time. */
    readonly readAt: Instant
    /** By the program's time; null: it was not the last that one reads alone. */
    readonly limitReachedAt: Instant | null
}

export async function mastersRead(
    tx: Tx,
    { person, class: kind, since }: Pick<MasterRead, "person" | "class"> & { readonly since: Instant },
): Promise<Pick<MasterRead, "artifact" | "version">[]> {
    return await tx.query(
        `select distinct artifact, version from master_reads where person = $1 and class = $2 and read_at > $3`,
        [person, kind, new Date(since)],
    )
}

export async function insertMasterRead(tx: Tx, row: MasterRead): Promise<void> {
    const { person, artifact, version, class: kind, readAt, limitReachedAt } = row
    await tx.query(
        `insert into master_reads (person, artifact, version, class, read_at, limit_reached_at)
         values ($1, $2, $3, $4, $5, $6)`,
        [person, artifact, version, kind, new Date(readAt), limitReachedAt === null ? null : new Date(limitReachedAt)],
    )
}

export interface LimitReached {
    readonly person: string
    readonly class: ArtifactClass
    readonly at: Instant
}

export async function limitsReached(tx: Tx, after: Instant): Promise<LimitReached[]> {
    return await tx.query(
        `select person, class, max(limit_reached_at) as at from master_reads where limit_reached_at > $1
         group by person, class order by 3, 1, 2`,
        [new Date(after)],
    )
}

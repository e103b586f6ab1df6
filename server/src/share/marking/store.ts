/**
 * The tables from which copies can be made again: encrypted master secrets of each epoch, and manifests. Also staff
 * copies and reads of masters.
 */
import type { Colluders } from "@tocsin/marks/code"
import type { Instant } from "@tocsin/base/instant"
import { type Tx, oneOrAll } from "../../platform/postgres/db.ts"
import { lockToCountReads } from "../../kernel/locks.ts"
import type { ArtifactClass } from "../artifacts/artifact.ts"

export interface MasterRow {
    readonly epoch: number
    readonly master_ciphertext: Buffer
}

export async function findNewestMaster(tx: Tx): Promise<MasterRow | undefined> {
    return (
        await tx.query<MasterRow>("select epoch, master_ciphertext from mark_masters order by epoch desc limit 1")
    )[0]
}

/** Counts the secrets, and finds when the newest was created; null where there is none. */
export async function countMasters(tx: Tx): Promise<{ readonly count: number; readonly since: Instant | null }> {
    const [row] = await tx.query<{ count: number; since: Instant | null }>(
        "select count(*)::int as count, max(created_at) as since from mark_masters",
    )
    return row ?? { count: 0, since: null }
}

/** Inserts the secret of an epoch. False where another process was first. */
export async function insertMaster(tx: Tx, row: MasterRow, now: Instant): Promise<boolean> {
    const rows = await tx.query(
        `insert into mark_masters (epoch, master_ciphertext, created_at) values ($1, $2, $3)
         on conflict do nothing returning epoch`,
        [row.epoch, row.master_ciphertext, new Date(now)],
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
    /** Null where copies have no canaries, and empty where no canary is a host. */
    readonly canary_zone: string | null
}

/** Finds a manifest with the secret of its epoch; null where the secret is lost. */
export async function findManifest(
    tx: Tx,
    artifact: string,
    version: number,
): Promise<(ManifestRow & { readonly master_ciphertext: Buffer | null }) | undefined> {
    const rows = await tx.query<ManifestRow & { readonly master_ciphertext: Buffer | null }>(
        `select artifact_id as artifact, version, epoch, slots, colluders, manifest, canary_zone, master_ciphertext
         from marked_versions left join mark_masters using (epoch)
         where artifact_id = $1 and version = $2 order by epoch desc limit 1`,
        [artifact, version],
    )
    return rows[0]
}

export type ManifestPromise = ReturnType<typeof findManifest>

/** Lists the newest manifest of each of these versions, in hex. */
export async function listManifests(
    tx: Tx,
    versions: readonly { readonly artifact: string; readonly version: number }[],
): Promise<{ artifact: string; version: number; manifest: string }[]> {
    return await tx.query(
        `select distinct on (artifact, wanted.version) artifact, wanted.version, encode(manifest, 'hex') as manifest
         from marked_versions m join unnest($1::uuid[], $2::int[]) as wanted (artifact, version)
             on m.artifact_id = wanted.artifact and m.version = wanted.version
         order by artifact, wanted.version, epoch desc`,
        [versions.map((version) => version.artifact), versions.map((version) => version.version)],
    )
}

/** Inserts a manifest. False where another process was first. */
export async function insertManifest(
    tx: Tx,
    row: ManifestRow & { readonly slots_ciphertext: Buffer },
    now: Instant,
): Promise<boolean> {
    const {
        artifact,
        version,
        epoch,
        slots,
        colluders,
        manifest,
        canary_zone: zone,
        slots_ciphertext: ciphertext,
    } = row
    const rows = await tx.query(
        `insert into marked_versions (artifact_id, version, epoch, slots, colluders, manifest, slots_ciphertext, at,
         canary_zone)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict do nothing returning epoch`,
        [artifact, version, epoch, slots, colluders, manifest, ciphertext, new Date(now), zone],
    )
    return rows.length === 1
}

/** Inserts a code design, which takes precedence over earlier ones until its end. Returns its number. */
export async function insertCodeDesign(
    tx: Tx,
    {
        caseId,
        class: kind,
        ciphertext,
    }: { readonly caseId: string; readonly class: string; readonly ciphertext: Buffer },
    now: Instant,
): Promise<number> {
    const rows = await tx.query<{ seq: number }>(
        "insert into code_designs (case_id, class, ciphertext, at) values ($1, $2, $3, $4) returning seq",
        [caseId, kind, ciphertext, new Date(now)],
    )
    return rows[0]?.seq ?? 0
}

export async function endCodeDesign(tx: Tx, seq: number, at: Instant): Promise<void> {
    await tx.query("update code_designs set ended_at = $2 where seq = $1", [seq, new Date(at)])
}

export async function setCodeDesignExpiry(tx: Tx, seq: number, until: Instant): Promise<void> {
    await tx.query("update code_designs set expires_at = $2 where seq = $1", [seq, new Date(until)])
}

/** Finds the newest design that has not ended. */
export async function findActiveCodeDesign(tx: Tx, caseId: string, kind: string, now: Instant): Promise<Buffer | null> {
    const rows = await tx.query<{ ciphertext: Buffer }>(
        `select ciphertext from code_designs
         where case_id = $1 and class = $2 and ended_at is null and (expires_at is null or expires_at > $3)
         order by seq desc limit 1`,
        [caseId, kind, new Date(now)],
    )
    return rows[0]?.ciphertext ?? null
}

/** Null for a version committed before slots were stored. */
export async function findSlotsCiphertext(
    tx: Tx,
    artifact: string,
    version: number,
    epoch: number,
): Promise<Buffer | null> {
    const rows = await tx.query<{ slots_ciphertext: Buffer | null }>(
        "select slots_ciphertext from marked_versions where artifact_id = $1 and version = $2 and epoch = $3",
        [artifact, version, epoch],
    )
    return rows[0]?.slots_ciphertext ?? null
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
        `insert into staff_copies (event_id, person_id, case_id, artifact_id, version, copy_hash, copy_salt, at)
         values ($1, $2, $3, $4, $5, $6, $7, $8)`,
        [row.event, row.person, row.case_id, row.artifact, row.version, row.copy_hash, row.copy_salt, new Date(row.at)],
    )
}

/** Lists the staff copies of one case (null: all), oldest first. */
export async function listStaffCopies(
    tx: Tx,
    caseId: string | null,
): Promise<Pick<StaffCopyRow, "person" | "artifact" | "version" | "at">[]> {
    return await tx.query(
        `select person_id as person, artifact_id as artifact, version, at from staff_copies
         where ${oneOrAll("case_id", 1, caseId)} order by event_id`,
        [caseId],
    )
}

/** Lists the staff copies of one version until an instant, oldest first. */
export async function listStaffCopiesOf(
    tx: Tx,
    row: Pick<StaffCopyRow, "artifact" | "version">,
    until: Instant,
): Promise<Pick<StaffCopyRow, "person" | "copy_salt" | "copy_hash">[]> {
    return await tx.query(
        `select person_id as person, copy_salt, copy_hash from staff_copies
         where artifact_id = $1 and version = $2 and at <= $3 order by event_id`,
        [row.artifact, row.version, new Date(until)],
    )
}

/** Locks the reads of a person, so that concurrent reads are counted one after the other. */
export async function lockMasterReads(tx: Tx, person: string): Promise<void> {
    await lockToCountReads(tx, person)
}

interface MasterRead {
    readonly person: string
    readonly artifact: string
    readonly version: number
    readonly class: ArtifactClass
    /** In wall-clock time. */
    readonly readAt: Instant
    /** In program time, where this read reached the limit; null otherwise. */
    readonly limitReachedAt: Instant | null
}

export async function listMastersRead(
    tx: Tx,
    { person, class: kind, since }: Pick<MasterRead, "person" | "class"> & { readonly since: Instant },
): Promise<Pick<MasterRead, "artifact" | "version">[]> {
    return await tx.query(
        `select distinct artifact_id as artifact, version from master_reads
         where person_id = $1 and class = $2 and read_at > $3`,
        [person, kind, new Date(since)],
    )
}

export async function insertMasterRead(tx: Tx, row: MasterRead): Promise<void> {
    const { person, artifact, version, class: kind, readAt, limitReachedAt } = row
    await tx.query(
        `insert into master_reads (person_id, artifact_id, version, class, read_at, limit_reached_at)
         values ($1, $2, $3, $4, $5, $6)`,
        [person, artifact, version, kind, new Date(readAt), limitReachedAt === null ? null : new Date(limitReachedAt)],
    )
}

export interface ReachedLimit {
    readonly person: string
    readonly class: ArtifactClass
    readonly at: Instant
}

export async function listLimitsReached(tx: Tx, after: Instant): Promise<ReachedLimit[]> {
    return await tx.query(
        `select person_id as person, class, max(limit_reached_at) as at from master_reads where limit_reached_at > $1
         group by person_id, class order by 3, 1, 2`,
        [new Date(after)],
    )
}

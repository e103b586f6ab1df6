/** The tables of artifacts, versions, samples and recalls. */
import type { Instant } from "@tocsin/base/instant"
import { type Tx, oneOrAll } from "../../platform/postgres/db.ts"
import type { ArtifactClass, Pap, Tlp } from "./artifact.ts"
import type { SampleExpectation } from "./sample.ts"

export interface ArtifactRow {
    readonly id: string
    readonly case_id: string
    readonly class: ArtifactClass
    readonly tlp: Tlp
    readonly pap: Pap
    readonly name_ciphertext: Buffer
    readonly created_at: Instant
}

export async function insertArtifact(tx: Tx, row: ArtifactRow): Promise<void> {
    await tx.query(
        `insert into artifacts (id, case_id, class, tlp, pap, name_ciphertext, created_at)
         values ($1, $2, $3, $4, $5, $6, $7)`,
        [row.id, row.case_id, row.class, row.tlp, row.pap, row.name_ciphertext, new Date(row.created_at)],
    )
}

export interface VersionRow {
    readonly artifact: string
    readonly version: number
    readonly content_ciphertext: Buffer
    /** Whether the key of the case's proofs of concept encrypts the content. False: the case's key does. */
    readonly has_poc_key: boolean
    readonly colluders: number
    readonly created_by: string
    readonly created_at: Instant
}

const versionColumns =
    "artifact_id as artifact, version, content_ciphertext, has_poc_key, colluders, created_by, created_at"

export async function insertVersion(tx: Tx, row: VersionRow): Promise<void> {
    await tx.query(
        `insert into artifact_versions
             (artifact_id, version, content_ciphertext, has_poc_key, colluders, created_by, created_at)
         values ($1, $2, $3, $4, $5, $6, $7)`,
        [
            row.artifact,
            row.version,
            row.content_ciphertext,
            row.has_poc_key,
            row.colluders,
            row.created_by,
            new Date(row.created_at),
        ],
    )
}

export interface ArtifactWithVersionRow extends ArtifactRow {
    /** The newest version. */
    readonly version: number
    readonly colluders: number
    readonly version_by: string
    readonly version_at: Instant
}

export async function listCasesWithArtifacts(tx: Tx): Promise<string[]> {
    return (await tx.query<{ id: string }>("select distinct case_id as id from artifacts")).map(({ id }) => id)
}

/** Lists the artifacts of these cases with their newest versions' numbers. */
export async function listArtifactRows(tx: Tx, cases: readonly string[]): Promise<ArtifactWithVersionRow[]> {
    return await tx.query<ArtifactWithVersionRow>(
        `select a.*, v.version, v.colluders, v.created_by as version_by, v.created_at as version_at from artifacts a
         join lateral (select version, colluders, created_by, created_at from artifact_versions
             where artifact_id = a.id order by version desc limit 1) v on true
         where a.case_id = any($1) order by a.created_at, a.id`,
        [cases],
    )
}

/**
 * Lists the artifacts of these cases without version facts, for each projection. The array is a subselect, so that one
 * query plan serves any number of cases.
 */
export async function listHeaderRows(tx: Tx, cases: readonly string[]): Promise<ArtifactRow[]> {
    return await tx.query<ArtifactRow>(
        "select * from artifacts where case_id = any((select $1::uuid[])::uuid[]) order by created_at, id",
        [cases],
    )
}

export interface ArtifactLabelRow {
    readonly id: string
    readonly case: string
    readonly class: ArtifactClass
    readonly version: number
}

/** Artifacts without a version at the instant are missing. */
const selectLabels = `select a.id, a.case_id as case, a.class, v.version from artifacts a
    join lateral (select version from artifact_versions
        where artifact_id = a.id and created_at <= $2 order by version desc limit 1) v on true`

/** Lists the artifacts at that instant, without ciphertext and authors. */
export async function listLabels(tx: Tx, caseId: string | null, instant: Instant): Promise<ArtifactLabelRow[]> {
    return await tx.query<ArtifactLabelRow>(
        `${selectLabels} where ${oneOrAll("a.case_id", 1, caseId)} order by a.created_at, a.id`,
        [caseId, new Date(instant)],
    )
}

export async function findLabel(tx: Tx, id: string, instant: Instant): Promise<ArtifactLabelRow | undefined> {
    return (await tx.query<ArtifactLabelRow>(`${selectLabels} where a.id = $1`, [id, new Date(instant)]))[0]
}

export async function lockArtifact(tx: Tx, id: string): Promise<ArtifactRow | undefined> {
    return (await tx.query<ArtifactRow>("select * from artifacts where id = $1 for update", [id]))[0]
}

export async function findArtifactRow(tx: Tx, id: string): Promise<ArtifactRow | undefined> {
    return (await tx.query<ArtifactRow>("select * from artifacts where id = $1", [id]))[0]
}

export type MasterRow = Pick<ArtifactRow, "case_id" | "class" | "name_ciphertext"> &
    Pick<VersionRow, "version" | "content_ciphertext" | "has_poc_key" | "colluders" | "created_by" | "created_at">

const masterColumns = `a.case_id, a.class, a.name_ciphertext,
    v.version, v.content_ciphertext, v.has_poc_key, v.colluders, v.created_by, v.created_at`

/** Reads one version of each of these artifacts. */
export async function listMasterRows(
    tx: Tx,
    versions: readonly { readonly artifact: string; readonly version: number }[],
): Promise<(MasterRow & { readonly artifact: string })[]> {
    if (versions.length === 0) return []
    return await tx.query(
        `select v.artifact_id as artifact, ${masterColumns} from artifacts a
         join artifact_versions v on v.artifact_id = a.id
         join unnest($1::uuid[], $2::int[]) as requested (artifact, version)
             on requested.artifact = v.artifact_id and requested.version = v.version`,
        [versions.map(({ artifact }) => artifact), versions.map(({ version }) => version)],
    )
}

/** Reads an artifact with one version (null: the newest). */
export async function findMasterRow(tx: Tx, id: string, version: number | null): Promise<MasterRow | undefined> {
    const rows = await tx.query<MasterRow>(
        `select ${masterColumns} from artifacts a join artifact_versions v on v.artifact_id = a.id
         where a.id = $1 and ($2::int is null or v.version = $2) order by v.version desc limit 1`,
        [id, version],
    )
    return rows[0]
}

export async function findVersionRow(
    tx: Tx,
    artifact: string,
    version: number | null,
): Promise<VersionRow | undefined> {
    const rows = await tx.query<VersionRow>(
        `select ${versionColumns} from artifact_versions where artifact_id = $1 and ($2::int is null or version = $2)
         order by version desc limit 1`,
        [artifact, version],
    )
    return rows[0]
}

export interface SampleRow {
    readonly id: string
    readonly artifact: string
    readonly must: SampleExpectation
    readonly sample_ciphertext: Buffer
    readonly added_by: string
    readonly added_at: Instant
}

export async function insertSample(tx: Tx, row: SampleRow): Promise<void> {
    await tx.query(
        `insert into artifact_samples (id, artifact_id, must, sample_ciphertext, added_by, added_at)
         values ($1, $2, $3, $4, $5, $6)`,
        [row.id, row.artifact, row.must, row.sample_ciphertext, row.added_by, new Date(row.added_at)],
    )
}

export async function listSampleRows(tx: Tx, artifact: string): Promise<SampleRow[]> {
    return await tx.query<SampleRow>(
        `select id, artifact_id as artifact, must, sample_ciphertext, added_by, added_at from artifact_samples
         where artifact_id = $1 order by seq`,
        [artifact],
    )
}

export async function deleteSample(tx: Tx, artifact: string, id: string): Promise<boolean> {
    const rows = await tx.query("delete from artifact_samples where artifact_id = $1 and id = $2 returning id", [
        artifact,
        id,
    ])
    return rows.length > 0
}

export interface RecallRow {
    readonly id: string
    readonly case: string
    readonly event: number
    readonly artifact: string
    readonly version: number | null
    readonly reasonCiphertext: Buffer
    readonly by: string
    readonly at: Instant
    readonly liftedBy: string | null
    readonly liftedAt: Instant | null
}

export async function insertRecall(tx: Tx, row: Omit<RecallRow, "case" | "liftedBy" | "liftedAt">): Promise<void> {
    await tx.query(
        `insert into recalls (id, event_id, artifact_id, version, reason_ciphertext, recalled_by, recalled_at)
         values ($1, $2, $3, $4, $5, $6, $7)`,
        [row.id, row.event, row.artifact, row.version, row.reasonCiphertext, row.by, new Date(row.at)],
    )
}

const recallColumns = `r.id, a.case_id as case, r.event_id as event, r.artifact_id as artifact, r.version,
    r.reason_ciphertext as "reasonCiphertext",
    r.recalled_by as by, r.recalled_at as at, r.ended_by as "liftedBy", r.ended_at as "liftedAt"
    from recalls r join artifacts a on a.id = r.artifact_id`

/** Lists the recalls of one artifact (null: all), in order. */
export async function listRecallRows(tx: Tx, artifact: string | null): Promise<RecallRow[]> {
    return await tx.query<RecallRow>(
        `select ${recallColumns} where ${oneOrAll("r.artifact_id", 1, artifact)} order by r.event_id`,
        [artifact],
    )
}

export async function findRecallRow(tx: Tx, id: string): Promise<RecallRow | undefined> {
    return (await tx.query<RecallRow>(`select ${recallColumns} where r.id = $1`, [id]))[0]
}

export async function liftRecall(
    tx: Tx,
    id: string,
    lift: { readonly by: string; readonly at: Instant; readonly approval: string },
): Promise<void> {
    await tx.query("update recalls set ended_by = $2, ended_at = $3, approval_id = $4 where id = $1", [
        id,
        lift.by,
        new Date(lift.at),
        lift.approval,
    ])
}

/** Lists the cases of these artifacts. */
export async function listCases(tx: Tx, artifacts: readonly string[]): Promise<string[]> {
    const rows = await tx.query<{ case: string }>(
        `select distinct case_id as "case" from artifacts where id = any($1::uuid[]) order by 1`,
        [artifacts],
    )
    return rows.map((row) => row.case)
}

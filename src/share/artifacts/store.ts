/** The rows of artifacts and their versions. */
import type { Instant } from "../../lib/instant.ts"
import type { Tx } from "../../platform/db.ts"
import type { ArtifactClass, Pap, Tlp } from "./artifact.ts"

export interface ArtifactRow {
    readonly id: string
    readonly case_id: string
    readonly class: ArtifactClass
    readonly tlp: Tlp
    readonly pap: Pap
    readonly name_box: Buffer
    readonly created_at: Instant
}

export async function insertArtifact(tx: Tx, row: ArtifactRow): Promise<void> {
    await tx.query(
        `insert into artifacts (id, case_id, class, tlp, pap, name_box, created_at)
         values ($1, $2, $3, $4, $5, $6, $7)`,
        [row.id, row.case_id, row.class, row.tlp, row.pap, row.name_box, new Date(row.created_at)],
    )
}

export interface VersionRow {
    readonly artifact: string
    readonly version: number
    readonly content_box: Buffer
    readonly created_by: string
    readonly created_at: Instant
}

export async function insertVersion(tx: Tx, row: VersionRow): Promise<void> {
    await tx.query(
        `insert into artifact_versions (artifact, version, content_box, created_by, created_at)
         values ($1, $2, $3, $4, $5)`,
        [row.artifact, row.version, row.content_box, row.created_by, new Date(row.created_at)],
    )
}

export interface Held extends ArtifactRow {
    /** The newest. */
    readonly version: number
    readonly version_by: string
    readonly version_at: Instant
}

/** The artifacts of one case, or of all, each with its newest version's number. */
export async function artifactRows(tx: Tx, caseId: string | null): Promise<Held[]> {
    return await tx.query<Held>(
        `select a.*, v.version, v.created_by as version_by, v.created_at as version_at from artifacts a
         join lateral (select version, created_by, created_at from artifact_versions
             where artifact = a.id order by version desc limit 1) v on true
         where $1::uuid is null or a.case_id = $1 order by a.created_at, a.id`,
        [caseId],
    )
}

export interface Labelled {
    readonly id: string
    readonly case: string
    readonly class: ArtifactClass
    readonly version: number
}

/** As `artifactRows`, without what is ciphertext and who wrote it. */
export async function labels(tx: Tx, caseId: string | null): Promise<Labelled[]> {
    return await tx.query<Labelled>(
        `select a.id, a.case_id as case, a.class,
         (select max(version) from artifact_versions where artifact = a.id) as version from artifacts a
         where $1::uuid is null or a.case_id = $1 order by a.created_at, a.id`,
        [caseId],
    )
}

export async function lockArtifact(tx: Tx, id: string): Promise<ArtifactRow | undefined> {
    return (await tx.query<ArtifactRow>("select * from artifacts where id = $1 for update", [id]))[0]
}

export async function artifactRow(tx: Tx, id: string): Promise<ArtifactRow | undefined> {
    return (await tx.query<ArtifactRow>("select * from artifacts where id = $1", [id]))[0]
}

export async function versionRow(tx: Tx, artifact: string, version: number | null): Promise<VersionRow | undefined> {
    const rows = await tx.query<VersionRow>(
        `select * from artifact_versions where artifact = $1 and ($2::int is null or version = $2)
         order by version desc limit 1`,
        [artifact, version],
    )
    return rows[0]
}

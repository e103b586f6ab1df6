/** The tables of advisories, revisions, public documents and list entries. */
import type { AdvisoryContent, Revision } from "@tocsin/formats/advisory/advisory"
import type { Instant } from "@tocsin/base/instant"
import type { Tx } from "../../platform/postgres/db.ts"
import type { ListName } from "./documents.ts"

export interface AdvisoryRow {
    readonly case: string
    readonly id: string
    readonly year: number
    readonly number: number
    readonly publishedAt: Instant
    readonly revisedAt: Instant
}

export async function findAdvisory(tx: Tx, caseId: string): Promise<AdvisoryRow | undefined> {
    const rows = await tx.query<AdvisoryRow>(
        `select case_id as "case", id, year, number, published_at as "publishedAt", revised_at as "revisedAt"
         from advisories where case_id = $1`,
        [caseId],
    )
    return rows[0]
}

/** Lists the advisories of these cases. */
export async function listAdvisoriesOfCases(
    tx: Tx,
    cases: readonly string[],
): Promise<Pick<AdvisoryRow, "case" | "id">[]> {
    return await tx.query(`select case_id as "case", id from advisories where case_id = any($1)`, [cases])
}

const publicationLock = 3

/** Locks publication until the transaction ends, so that numbers have no gaps and lists have one order. */
export async function lockToPublish(tx: Tx): Promise<void> {
    await tx.query(`select pg_advisory_xact_lock(${publicationLock}, 0)`)
}

export async function findNextNumber(tx: Tx, year: number): Promise<number> {
    const rows = await tx.query<{ number: number }>(
        "select number from advisories where year = $1 order by number desc limit 1",
        [year],
    )
    return (rows[0]?.number ?? 0) + 1
}

/** Requires the lock of `lockToPublish`. */
const nextGeneration = "(select coalesce(max(generation), 0) + 1 from advisories)"

/** Returns the number of the last change of public content; 0 before the first publication. */
export async function findGeneration(tx: Tx): Promise<number> {
    const rows = await tx.query<{ generation: number }>(
        "select generation from advisories order by generation desc limit 1",
    )
    return rows[0]?.generation ?? 0
}

export async function insertAdvisory(tx: Tx, row: AdvisoryRow): Promise<void> {
    await tx.query(
        `insert into advisories (case_id, id, year, number, published_at, revised_at, generation)
         values ($1, $2, $3, $4, $5, $6, ${nextGeneration})`,
        [row.case, row.id, row.year, row.number, new Date(row.publishedAt), new Date(row.revisedAt)],
    )
}

export async function setRevised(tx: Tx, id: string, at: Instant): Promise<void> {
    await tx.query(`update advisories set revised_at = $2, generation = ${nextGeneration} where id = $1`, [
        id,
        new Date(at),
    ])
}

export interface RevisionRow extends Revision {
    readonly content: AdvisoryContent
}

/** Lists the revisions of an advisory, oldest first. */
export async function listRevisions(tx: Tx, advisory: string): Promise<RevisionRow[]> {
    return await tx.query<RevisionRow>(
        "select number, at, summary, content from advisory_revisions where advisory_id = $1 order by number",
        [advisory],
    )
}

/** Lists the revisions of each of these advisories, oldest first. */
export async function listRevisionsOfAdvisories(
    tx: Tx,
    advisories: readonly string[],
): Promise<(RevisionRow & { readonly advisory: string })[]> {
    if (advisories.length === 0) return []
    return await tx.query(
        `select advisory_id as advisory, number, at, summary, content from advisory_revisions
         where advisory_id = any($1) order by advisory_id, number`,
        [advisories],
    )
}

export async function insertRevision(tx: Tx, advisory: string, row: RevisionRow): Promise<void> {
    await tx.query(
        "insert into advisory_revisions (advisory_id, number, at, summary, content) values ($1, $2, $3, $4, $5)",
        [advisory, row.number, new Date(row.at), row.summary, JSON.stringify(row.content)],
    )
}

export interface DocumentRow {
    readonly path: string
    readonly type: string
    readonly body: string
    readonly sha256: string
    readonly sha512: string
    readonly signature: string | null
    /** The fingerprint of the key that signed; null without a signature, or of a version before 0027. */
    readonly signedBy: string | null
}

export async function insertDocuments(
    tx: Tx,
    { advisory, revision }: { readonly advisory: string; readonly revision: number },
    rows: readonly DocumentRow[],
): Promise<void> {
    const pick = <Key extends keyof DocumentRow>(key: Key) => rows.map((row) => row[key])
    await tx.query(
        `insert into advisory_documents (advisory_id, revision, path, type, body, sha256, sha512, signature, signed_by)
         select $1, $2, * from unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
             $9::text[])`,
        [
            advisory,
            revision,
            pick("path"),
            pick("type"),
            pick("body"),
            pick("sha256"),
            pick("sha512"),
            pick("signature"),
            pick("signedBy"),
        ],
    )
}

export interface PublicDocumentRow extends Pick<DocumentRow, "type" | "body" | "sha256"> {
    readonly advisory: string
    readonly revision: number
    readonly at: Instant
}

/** Lists every document of every revision, of one case, or (null) of the newest advisories. */
export async function listPublicDocuments(tx: Tx, caseId: string | null, limit: number): Promise<PublicDocumentRow[]> {
    return await tx.query<PublicDocumentRow>(
        `select d.advisory_id as advisory, d.revision, r.at, d.type, d.body, d.sha256
         from advisory_documents d join advisory_revisions r on r.advisory_id = d.advisory_id and r.number = d.revision
         where d.advisory_id in (select id from advisories where $1::uuid is null or case_id = $1
                              order by published_at desc, id limit $2)
         order by d.advisory_id, d.revision, d.path`,
        [caseId, limit],
    )
}

export interface CurrentDocumentRow extends DocumentRow {
    readonly revisedAt: Instant
}

/** Finds the newest document at a path, unless a newer revision of its advisory lacks it. */
export async function findDocumentAt(tx: Tx, path: string): Promise<CurrentDocumentRow | undefined> {
    const rows = await tx.query<CurrentDocumentRow>(
        `select d.path, d.type, d.body, d.sha256, d.sha512, d.signature, d.signed_by as "signedBy",
         a.revised_at as "revisedAt"
         from advisory_documents d join advisories a on a.id = d.advisory_id
         where d.path = $1 and d.revision =
             (select max(r.number) from advisory_revisions r where r.advisory_id = d.advisory_id)`,
        [path],
    )
    return rows[0]
}

export interface SignedRow extends Pick<DocumentRow, "path" | "body"> {
    readonly revision: number
}

/** Locks documents that one of these keys signed, or an older version. Leaves out those that are locked already. */
export async function lockSignedBy(tx: Tx, fingerprints: readonly string[], limit: number): Promise<SignedRow[]> {
    return await tx.query<SignedRow>(
        `select path, revision, body from advisory_documents
         where signature is not null and (signed_by is null or signed_by = any($1)) limit $2 for update skip locked`,
        [fingerprints, limit],
    )
}

export async function setSignatures(
    tx: Tx,
    rows: readonly SignedRow[],
    { signedBy, signatures }: { readonly signedBy: string; readonly signatures: readonly string[] },
): Promise<void> {
    await tx.query(
        `update advisory_documents d set signature = n.signature, signed_by = $1
         from unnest($2::text[], $3::int[], $4::text[]) as n(path, revision, signature)
         where d.path = n.path and d.revision = n.revision`,
        [signedBy, rows.map(({ path }) => path), rows.map(({ revision }) => revision), signatures],
    )
}

export async function setEntries(tx: Tx, advisory: string, entries: Readonly<Record<ListName, string>>): Promise<void> {
    await tx.query(
        `insert into advisory_entries (advisory_id, list, body) select $1, * from unnest($2::text[], $3::text[])
         on conflict (list, advisory_id) do update set body = excluded.body`,
        [advisory, Object.keys(entries), Object.values(entries)],
    )
}

export interface JoinedEntries {
    /** The entries, newest first. */
    readonly text: string
    /** The last change of the newest entry; null where there is none. */
    readonly at: Instant | null
}

/** Joins the newest `limit` entries of a list (null: all) in the database. */
export async function joinEntries(
    tx: Tx,
    list: ListName,
    separator: string,
    limit: number | null,
): Promise<JoinedEntries> {
    const rows = await tx.query<JoinedEntries>(
        `select coalesce(string_agg(body, $2 order by revised_at desc, id desc), '') as text, max(revised_at) as at
         from (select e.body, a.revised_at, a.id from advisories a
               join advisory_entries e on e.advisory_id = a.id and e.list = $1
               order by a.revised_at desc, a.id desc limit $3) as newest`,
        [list, separator, limit],
    )
    return rows[0] ?? { text: "", at: null }
}

export async function hasMoreThan(tx: Tx, count: number): Promise<boolean> {
    const rows = await tx.query("select from advisories limit 1 offset $1", [count])
    return rows.length > 0
}

export async function hasYear(tx: Tx, year: number): Promise<boolean> {
    const rows = await tx.query("select from advisories where year = $1 limit 1", [year])
    return rows.length > 0
}

export async function countAdvisories(tx: Tx): Promise<number> {
    const [row] = await tx.query<{ count: number }>("select count(*)::int as count from advisories")
    return row?.count ?? 0
}

/** Returns the last publication or revision; null where there is none. */
export async function findNewestAt(tx: Tx): Promise<Instant | null> {
    const rows = await tx.query<{ at: Instant }>(
        "select revised_at as at from advisories order by revised_at desc, id desc limit 1",
    )
    return rows[0]?.at ?? null
}

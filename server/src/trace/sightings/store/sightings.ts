/** Stores sightings. Their content never changes; only withdrawal and counting are updated. */
import type { Instant } from "@tocsin/base/instant"
import { type Tx, oneOrAll } from "../../../platform/postgres/db.ts"
import type { ClockQuality } from "@tocsin/client/limits"

export interface SightingRow {
    readonly id: string
    readonly partner: string
    readonly person: string
    readonly case: string
    readonly reference: string
    readonly version: string
    readonly ciphertext: Buffer
    readonly observedAt: Instant
    readonly zeroReportSince: Instant | null
    readonly clock: ClockQuality
    readonly at: Instant
    readonly withdrawnAt: Instant | null
}

/** A version to insert, and its event. */
export interface NewRow extends SightingRow {
    readonly event: number
}

const insertion = `insert into sightings
    (id, event_id, partner_id, person_id, case_id, reference, version, report_ciphertext, observed_at,
    zero_report_since_at, clock, at, withdrawn_at)
    select id, event, partner, person, case_id, reference, version, decode(ciphertext, 'hex'), observed_at,
    zero_report_since_at, clock, at, withdrawn_at
    from unnest($1::uuid[], $2::bigint[], $3::uuid[], $4::uuid[], $5::uuid[], $6::uuid[], $7::text[], $8::text[],
                $9::timestamptz[], $10::timestamptz[], $11::text[], $12::timestamptz[], $13::timestamptz[])
         as r (id, event, partner, person, case_id, reference, version, ciphertext, observed_at, zero_report_since_at,
         clock, at, withdrawn_at)`

function valuesOf(rows: readonly NewRow[]): unknown[] {
    const column = <Value>(pick: (row: NewRow) => Value) => rows.map(pick)
    const date = (instant: Instant | null) => (instant === null ? null : new Date(instant).toISOString())
    return [
        column(({ id }) => id),
        column(({ event }) => event),
        column(({ partner }) => partner),
        column(({ person }) => person),
        column((row) => row.case),
        column(({ reference }) => reference),
        column(({ version }) => version),
        column(({ ciphertext }) => ciphertext.toString("hex")),
        column(({ observedAt }) => date(observedAt)),
        column(({ zeroReportSince }) => date(zeroReportSince)),
        column(({ clock }) => clock),
        column(({ at }) => date(at)),
        column(({ withdrawnAt }) => date(withdrawnAt)),
    ]
}

/** Inserts sightings. */
export async function insertSightings(tx: Tx, rows: readonly NewRow[]): Promise<void> {
    await tx.query(insertion, valuesOf(rows))
}

/** Inserts sightings with the commit. */
export function insertSightingsLast(tx: Tx, rows: readonly NewRow[]): void {
    tx.queryAtCommit(insertion, valuesOf(rows))
}

export interface SightingFilter {
    readonly partner: string | null
    readonly case: string | null
}

const columns = `id, partner_id as partner, person_id as person, case_id as case, reference, version,
report_ciphertext as ciphertext, observed_at as "observedAt",
    zero_report_since_at as "zeroReportSince", clock, at, withdrawn_at as "withdrawnAt"`

/** Lists sightings, newest first. */
export async function listSightings(tx: Tx, { partner, case: id }: SightingFilter): Promise<SightingRow[]> {
    return await tx.query<SightingRow>(
        `select ${columns} from sightings
         where ${oneOrAll("partner_id", 1, partner)} and ${oneOrAll("case_id", 2, id)} order by event_id desc, id`,
        [partner, id],
    )
}

/** Lists a partner's sightings by its own ids. */
export async function listSightingsByReference(
    tx: Tx,
    partner: string,
    references: readonly string[],
): Promise<SightingRow[]> {
    return await tx.query<SightingRow>(
        `select ${columns} from sightings where partner_id = $1 and reference = any($2::uuid[])
         order by event_id desc, id`,
        [partner, references],
    )
}

export type ReportVersionRow = Pick<
    SightingRow,
    "id" | "reference" | "version" | "zeroReportSince" | "at" | "withdrawnAt"
>

/** Lists one partner's versions for a case without content, newest first. */
export async function listVersions(tx: Tx, partner: string, caseId: string): Promise<ReportVersionRow[]> {
    return await tx.query<ReportVersionRow>(
        `select id, reference, version, zero_report_since_at as "zeroReportSince", at, withdrawn_at as "withdrawnAt"
         from sightings
         where partner_id = $1 and case_id = $2 order by event_id desc, id`,
        [partner, caseId],
    )
}

export type VersionRow = Pick<SightingRow, "id" | "case" | "reference" | "version" | "withdrawnAt">

/** Lists a partner's versions in these cases, by its own ids. */
export async function listVersionsByReference(
    tx: Tx,
    partner: string,
    cases: readonly string[],
    references: readonly string[],
): Promise<VersionRow[]> {
    return await tx.query<VersionRow>(
        `select id, case_id as case, reference, version, withdrawn_at as "withdrawnAt" from sightings
         where partner_id = $1 and case_id = any((select $2::uuid[])::uuid[])
           and reference = any((select $3::uuid[])::uuid[])`,
        [partner, cases, references],
    )
}

/** Counts a partner's sightings by case, without cases that have none. */
export async function countSightings(tx: Tx, partner: string, cases: readonly string[]): Promise<Map<string, number>> {
    const rows = await tx.query<{ case: string; count: number }>(
        `select case_id as case, count(*)::int as count from sightings
         where partner_id = $1 and case_id = any((select $2::uuid[])::uuid[]) group by case_id`,
        [partner, cases],
    )
    return new Map(rows.map((row) => [row.case, row.count]))
}

/** Sets versions as withdrawn, or with null as counting again. */
export async function setWithdrawn(tx: Tx, ids: readonly string[], at: Instant | null): Promise<void> {
    await tx.query("update sightings set withdrawn_at = $2 where id = any($1::uuid[])", [ids, at && new Date(at)])
}

/** Lists a partner's reports that counted as exploitation of a case. */
export async function listCountedReports(
    tx: Tx,
    partner: string,
    caseId: string,
): Promise<Pick<SightingRow, "id" | "at">[]> {
    return await tx.query("select id, at from sightings where partner_id = $1 and case_id = $2 and counted", [
        partner,
        caseId,
    ])
}

/** Marks reports as counted. */
export async function setCounted(tx: Tx, ids: readonly string[]): Promise<void> {
    await tx.query("update sightings set counted = true where id = any($1::uuid[])", [ids])
}

const exploitationVersions = `select id, observed_at from (
         select distinct on (partner_id, reference) id, observed_at, zero_report_since_at, withdrawn_at from sightings
         where case_id = $1 order by partner_id, reference, version collate "C" desc) as latest
     where zero_report_since_at is null and withdrawn_at is null`

/** Finds the earliest exploitation among the latest versions that are not withdrawn. */
export async function findFirstExploitation(tx: Tx, caseId: string): Promise<Instant | null> {
    const rows = await tx.query<{ at: Instant | null }>(
        `select min(observed_at) as at from (${exploitationVersions}) as exploitation`,
        [caseId],
    )
    return rows[0]?.at ?? null
}

/** Lists the ids of these versions. */
export async function listExploitationIds(tx: Tx, caseId: string): Promise<string[]> {
    return (await tx.query<{ id: string }>(`select id from (${exploitationVersions}) as exploitation`, [caseId])).map(
        ({ id }) => id,
    )
}

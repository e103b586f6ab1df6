/** The rows of sightings. What a report says is inserted and read, never changed; only that it is withdrawn, and was heard, is written. */
import type { Instant } from "../../../lib/instant.ts"
import { type Tx, oneOrAll } from "../../../platform/db.ts"
import type { ClockQuality } from "../sighting.ts"

export interface SightingRow {
    readonly id: string
    readonly partner: string
    readonly person: string
    readonly case: string
    readonly reference: string
    readonly version: string
    readonly box: Buffer
    readonly seenAt: Instant
    readonly lookedSince: Instant | null
    readonly clock: ClockQuality
    readonly at: Instant
    readonly withdrawnAt: Instant | null
}

export async function insertSightings(tx: Tx, event: number, rows: readonly SightingRow[]): Promise<void> {
    const column = <Of>(of: (row: SightingRow) => Of) => rows.map(of)
    const date = (instant: Instant | null) => (instant === null ? null : new Date(instant).toISOString())
    await tx.query(
        `insert into sightings
         (id, event, partner, person, case_id, reference, version, report_box, seen_at, looked_since, clock, at,
          withdrawn_at)
         select id, $1, partner, person, case_id, reference, version, decode(box, 'hex'), seen_at, looked_since, clock, at,
                withdrawn_at
         from unnest($2::uuid[], $3::uuid[], $4::uuid[], $5::uuid[], $6::uuid[], $7::text[], $8::text[],
                     $9::timestamptz[], $10::timestamptz[], $11::text[], $12::timestamptz[], $13::timestamptz[])
              as r (id, partner, person, case_id, reference, version, box, seen_at, looked_since, clock, at, withdrawn_at)`,
        [
            event,
            column(({ id }) => id),
            column(({ partner }) => partner),
            column(({ person }) => person),
            column((row) => row.case),
            column(({ reference }) => reference),
            column(({ version }) => version),
            column(({ box }) => box.toString("hex")),
            column(({ seenAt }) => date(seenAt)),
            column(({ lookedSince }) => date(lookedSince)),
            column(({ clock }) => clock),
            column(({ at }) => date(at)),
            column(({ withdrawnAt }) => date(withdrawnAt)),
        ],
    )
}

export interface SightingFilter {
    readonly partner: string | null
    readonly case: string | null
}

const columns = `id, partner, person, case_id as case, reference, version, report_box as box, seen_at as "seenAt",
    looked_since as "lookedSince", clock, at, withdrawn_at as "withdrawnAt"`

/** Newest first. */
export async function sightings(tx: Tx, { partner, case: id }: SightingFilter): Promise<SightingRow[]> {
    return await tx.query<SightingRow>(
        `select ${columns} from sightings
         where ${oneOrAll("partner", 1, partner)} and ${oneOrAll("case_id", 2, id)} order by event desc, id`,
        [partner, id],
    )
}

/** Of a partner, by what it calls them. */
export async function sightingsCalled(tx: Tx, partner: string, references: readonly string[]): Promise<SightingRow[]> {
    return await tx.query<SightingRow>(
        `select ${columns} from sightings where partner = $1 and reference = any($2::uuid[]) order by event desc, id`,
        [partner, references],
    )
}

export async function countSightings(tx: Tx, partner: string, caseId: string): Promise<number> {
    const rows = await tx.query<{ count: number }>(
        "select count(*)::int as count from sightings where partner = $1 and case_id = $2",
        [partner, caseId],
    )
    return rows[0]?.count ?? 0
}

export async function setWithdrawn(tx: Tx, ids: readonly string[], at: Instant | null): Promise<void> {
    await tx.query("update sightings set withdrawn_at = $2 where id = any($1::uuid[])", [ids, at && new Date(at)])
}

/** The reports by which a partner was heard of a case, and when they came. */
export async function heard(tx: Tx, partner: string, caseId: string): Promise<Pick<SightingRow, "id" | "at">[]> {
    return await tx.query("select id, at from sightings where partner = $1 and case_id = $2 and heard", [
        partner,
        caseId,
    ])
}

export async function setHeard(tx: Tx, ids: readonly string[]): Promise<void> {
    await tx.query("update sightings set heard = true where id = any($1::uuid[])", [ids])
}

/** Of the latest version of each report: the earliest that says exploitation and was not withdrawn. */
export async function firstSeen(tx: Tx, caseId: string): Promise<Instant | null> {
    const rows = await tx.query<{ at: Instant | null }>(
        `select min(seen_at) as at from (
             select distinct on (partner, reference) seen_at, looked_since, withdrawn_at from sightings
             where case_id = $1 order by partner, reference, version collate "C" desc) as latest
         where looked_since is null and withdrawn_at is null`,
        [caseId],
    )
    return rows[0]?.at ?? null
}

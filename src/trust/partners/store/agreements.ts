/** The rows of agreements and their acceptances. */
import type { Instant } from "../../../lib/instant.ts"
import type { Tx } from "../../../platform/db.ts"
import type { Acceptance } from "../agreement.ts"

export interface AgreementRow {
    readonly version: number
    readonly text_box: Buffer
    readonly created_at: Instant
}

/** The newest version that was there at this instant; null where there was none. */
export async function versionAt(tx: Tx, instant: Instant): Promise<number | null> {
    const [row] = await tx.query<{ version: number | null }>(
        "select max(version) as version from agreements where created_at <= $1",
        [new Date(instant)],
    )
    return row?.version ?? null
}

export async function agreements(tx: Tx): Promise<AgreementRow[]> {
    return await tx.query<AgreementRow>("select * from agreements order by version")
}

export async function agreement(tx: Tx, version: number): Promise<AgreementRow | undefined> {
    const rows = await tx.query<AgreementRow>("select * from agreements where version = $1", [version])
    return rows[0]
}

export async function newestVersion(tx: Tx): Promise<number> {
    const [row] = await tx.query<{ version: number | null }>("select max(version) as version from agreements")
    return row?.version ?? 0
}

export async function insertAgreement(tx: Tx, row: AgreementRow): Promise<void> {
    await tx.query("insert into agreements (version, text_box, created_at) values ($1, $2, $3)", [
        row.version,
        row.text_box,
        new Date(row.created_at),
    ])
}

/** What was accepted up to this instant, by every partner or by one, in order. */
export async function acceptances(tx: Tx, instant: Instant, partner: string | null): Promise<Acceptance[]> {
    return await tx.query<Acceptance>(
        `select partner, version, person, at, ends_at as "endsAt" from acceptances
         where at <= $1 and ($2::uuid is null or partner = $2) order by at, version`,
        [new Date(instant), partner],
    )
}

/** Written once for the same partner, version and instant. */
export async function insertAcceptance(tx: Tx, one: Acceptance): Promise<void> {
    await tx.query(
        `insert into acceptances (partner, version, person, at, ends_at) values ($1, $2, $3, $4, $5)
         on conflict do nothing`,
        [one.partner, one.version, one.person, new Date(one.at), one.endsAt === null ? null : new Date(one.endsAt)],
    )
}

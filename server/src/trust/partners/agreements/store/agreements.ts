/** Reads and writes the rows of agreements and acceptances. */
import type { Instant } from "@tocsin/base/instant"
import { type Tx, oneOrAll } from "../../../../platform/postgres/db.ts"
import type { Acceptance, AgreementVersion } from "../agreement.ts"
import type { Period } from "../obligation.ts"

export interface AgreementRow {
    readonly version: number
    readonly text_ciphertext: Buffer
    readonly periods: readonly Period[]
    readonly longest_embargo_days: number
    readonly created_at: Instant
    readonly applies_at: Instant
}

const agreementColumns = `version, text_ciphertext, requirements as periods, longest_embargo_days, created_at,
applies_at`

export async function listAgreements(tx: Tx): Promise<AgreementRow[]> {
    return await tx.query<AgreementRow>(`select ${agreementColumns} from agreements order by version`)
}

export async function findAgreement(tx: Tx, version: number): Promise<AgreementRow | undefined> {
    const rows = await tx.query<AgreementRow>(`select ${agreementColumns} from agreements where version = $1`, [
        version,
    ])
    return rows[0]
}

/** Terms of a version: periodic obligations, advance consent, start. */
export interface Terms extends AgreementVersion {
    readonly periods: readonly Period[]
    readonly longestEmbargoDays: number
}

/** Lists the terms of versions announced by this instant, oldest first. */
export async function listTermsAt(tx: Tx, instant: Instant): Promise<Terms[]> {
    return await tx.query(
        `select version, requirements as periods, longest_embargo_days as "longestEmbargoDays", created_at as since,
             applies_at as "appliesAt"
         from agreements where created_at <= $1 order by version`,
        [new Date(instant)],
    )
}

export async function insertAgreement(tx: Tx, row: AgreementRow): Promise<void> {
    await tx.query(
        `insert into agreements (version, text_ciphertext, requirements, longest_embargo_days, created_at, applies_at)
         values ($1, $2, $3, $4, $5, $6)`,
        [
            row.version,
            row.text_ciphertext,
            JSON.stringify(row.periods),
            row.longest_embargo_days,
            ...[row.created_at, row.applies_at].map((at) => new Date(at)),
        ],
    )
}

/** Whether a version began to apply after `after` and by `until`. */
export async function hasStarted(tx: Tx, after: Instant, until: Instant): Promise<boolean> {
    const rows = await tx.query("select 1 from agreements where applies_at > $1 and applies_at <= $2 limit 1", [
        new Date(after),
        new Date(until),
    ])
    return rows.length > 0
}

/** Lists acceptances up to this instant, of all partners (null) or one, in order. */
export async function listAcceptances(tx: Tx, instant: Instant, partner: string | null): Promise<Acceptance[]> {
    return await tx.query<Acceptance>(
        `select partner_id as partner, version, person_id as person, at, ends_at as "endsAt" from acceptances
         where at <= $1 and ${oneOrAll("partner_id", 2, partner)} order by at, version`,
        [new Date(instant), partner],
    )
}

/** Inserts an acceptance, once per partner, version and instant. */
export async function insertAcceptance(tx: Tx, acceptance: Acceptance): Promise<void> {
    await tx.query(
        `insert into acceptances (partner_id, version, person_id, at, ends_at) values ($1, $2, $3, $4, $5)
         on conflict do nothing`,
        [
            acceptance.partner,
            acceptance.version,
            acceptance.person,
            new Date(acceptance.at),
            acceptance.endsAt === null ? null : new Date(acceptance.endsAt),
        ],
    )
}

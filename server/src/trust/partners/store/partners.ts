/** Reads and writes partners and their facts. Facts are added, never changed. */
import type { Instant } from "@tocsin/base/instant"
import { type Tx, oneOrAll } from "../../../platform/postgres/db.ts"
import { combineCalls } from "../../../kernel/shared-transaction.ts"
import type { FactChange, FactRow } from "../facts.ts"

export interface PartnerRow {
    readonly id: string
    readonly details_ciphertext: Buffer
    readonly created_at: Instant
}

export async function insertPartner(tx: Tx, row: PartnerRow): Promise<void> {
    await tx.query("insert into partners (id, details_ciphertext, created_at) values ($1, $2, $3)", [
        row.id,
        row.details_ciphertext,
        new Date(row.created_at),
    ])
}

export async function findPartner(tx: Tx, id: string): Promise<PartnerRow | undefined> {
    const rows = await tx.query<PartnerRow>("select * from partners where id = $1", [id])
    return rows[0]
}

/** Serialises changes of a partner's keys and acceptances. Foreign keys to the partner are not blocked. */
export async function lockPartner(tx: Tx, id: string): Promise<void> {
    await tx.query("select 1 from partners where id = $1 for no key update", [id])
}

export async function listPartners(tx: Tx): Promise<PartnerRow[]> {
    return await tx.query<PartnerRow>("select * from partners order by created_at, id")
}

export async function insertFact(
    tx: Tx,
    partner: string,
    change: FactChange,
    basis: { readonly from: Instant; readonly by: string | null },
): Promise<void> {
    await tx.query(
        "insert into partner_facts (partner_id, fact, value, from_at, recorded_by) values ($1, $2, $3, $4, $5)",
        [partner, change.fact, JSON.stringify(change.value), new Date(basis.from), basis.by],
    )
}

export type HistoryRow = FactRow & { readonly partner: string; readonly by: string | null }

const columns = `partner_id as partner, seq, fact, value, from_at as "from", recorded_by as "by"`

/** Lists all decisions about a partner, in order. */
export async function listHistory(tx: Tx, partner: string): Promise<HistoryRow[]> {
    const { rows } = await queryHistories(tx, partner, null)
    return rows.filter((row) => row.partner === partner)
}

const queryHistories = combineCalls((tx, partners: readonly string[], _: null) =>
    tx.query<HistoryRow>(
        `select ${columns} from partner_facts where partner_id = any((select $1::uuid[])::uuid[]) order by seq`,
        [partners],
    ),
)

/** Lists decisions about all partners (null) or one that became valid up to an instant, in order of decision. */
export async function listHistories(tx: Tx, until: Instant, partner: string | null): Promise<HistoryRow[]> {
    return await tx.query<HistoryRow>(
        `select ${columns} from partner_facts where from_at <= $1 and ${oneOrAll("partner_id", 2, partner)}
         order by seq`,
        [new Date(until), partner],
    )
}

/** Whether any partner ever had a duty of this regime. */
export async function isKnownRegime(tx: Tx, regime: string): Promise<boolean> {
    const rows = await tx.query("select from partner_facts where fact = 'duties' and value @> $1 limit 1", [
        JSON.stringify([{ regime }]),
    ])
    return rows.length > 0
}

/** Lists partners with a fact that became valid after `after` and by `until`. */
export async function listChangedBetween(tx: Tx, after: Instant, until: Instant): Promise<string[]> {
    const rows = await tx.query<{ partner: string }>(
        `select distinct partner_id as partner from partner_facts where from_at > $1 and from_at <= $2 order by
            partner_id`,
        [new Date(after), new Date(until)],
    )
    return rows.map(({ partner }) => partner)
}

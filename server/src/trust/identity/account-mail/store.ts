/** Reads and writes the rows of account mail. */
import type { Instant } from "@tocsin/base/instant"
import type { Tx } from "../../../platform/postgres/db.ts"
import { mailQueue } from "../../mail/actions/store-mail.ts"
import type { AccountMailKind } from "./account-mail.ts"

export interface AccountMailRow {
    readonly id: string
    readonly person: string
    readonly kind: AccountMailKind
    /** Whether the person's earlier sign-ins end when this link is sent. */
    readonly isRecovery: boolean
    readonly attempts: number
    readonly createdAt: Instant
}

const columns = `id, person_id as person, kind, is_recovery as "isRecovery", attempts, created_at as "createdAt"`

export const mails = mailQueue<AccountMailRow>("account_mails", columns, "not_before <= $1")

/** Inserts a mail that is sent at `notBefore` (wall-clock time). */
export async function insertMail(
    tx: Tx,
    { id, person, kind, isRecovery, createdAt }: Omit<AccountMailRow, "attempts">,
    notBefore: Instant,
): Promise<void> {
    await tx.query(
        `insert into account_mails (id, person_id, kind, is_recovery, state, next_at, not_before, created_at)
         values ($1, $2, $3, $4, 'due', $5, $5, $6)`,
        [id, person, kind, isRecovery, new Date(notBefore), new Date(createdAt)],
    )
}

/** Counts links since this instant, of the staff (null) or of one partner. */
export async function countLinks(tx: Tx, partner: string | null, since: Instant): Promise<number> {
    const [row] = await tx.query<{ count: number }>(
        `select count(*)::int as count from account_mails m join persons p on p.id = m.person_id
         where m.kind = 'link' and p.partner_id is not distinct from $1::uuid and m.created_at > $2`,
        [partner, new Date(since)],
    )
    return row?.count ?? 0
}

/** Cancels the unsent links of a person. False where there is none. */
export async function cancelLinks(tx: Tx, person: string): Promise<boolean> {
    const rows = await tx.query(
        `update account_mails set state = 'cancelled' where person_id = $1 and kind = 'link' and state = 'due'
         returning id`,
        [person],
    )
    return rows.length > 0
}

/** When the recovery of a person sends its link; undefined where none is open. */
export async function findRecovery(tx: Tx, person: string): Promise<Instant | undefined> {
    const [row] = await tx.query<{ at: Instant }>(
        `select not_before as at from account_mails
         where person_id = $1 and kind = 'link' and is_recovery and state = 'due'`,
        [person],
    )
    return row?.at
}

/** Finds a recent mail in any state, because it can bounce before its state is saved. */
export async function findRecentMail(tx: Tx, id: string, notBefore: Instant): Promise<AccountMailRow | undefined> {
    const rows = await tx.query<AccountMailRow>(
        `select ${columns} from account_mails where id = $1 and created_at > $2`,
        [id, new Date(notBefore)],
    )
    return rows[0]
}

/** Marks a sent mail as failed, because it came back. False where it is in another state. */
export async function setReturned(tx: Tx, id: string): Promise<boolean> {
    const rows = await tx.query(
        "update account_mails set state = 'failed' where id = $1 and state in ('due', 'sent') returning id",
        [id],
    )
    return rows.length > 0
}

export interface LinkMail {
    readonly person: string
    readonly state: "due" | "sent" | "failed"
    readonly at: Instant
}

/** Cancels the links that wait to be mailed, of everybody. */
export async function cancelAllLinks(tx: Tx): Promise<void> {
    await tx.query("update account_mails set state = 'cancelled' where kind = 'link' and state = 'due'")
}

/** The last link of each staff member that was not cancelled, with the state of its mail. */
export async function listStaffLinks(tx: Tx): Promise<LinkMail[]> {
    return await tx.query<LinkMail>(
        `select distinct on (m.person_id) m.person_id as person, m.state, m.not_before as at
         from account_mails m join persons p on p.id = m.person_id
         where p.partner_id is null and m.kind = 'link' and m.state <> 'cancelled'
         order by m.person_id, m.created_at desc`,
    )
}

/** Queries of the recipients of notices, and of returned mail about confidential matters. */
import type { Instant } from "@tocsin/base/instant"
import type { Tx } from "../../../../platform/postgres/db.ts"
import type { BounceOutcome } from "../../../../trust/mail/bounce.ts"

export interface SentNotice {
    readonly partner: string
    readonly person: string
    readonly confidential: boolean
}

/** Finds a notice in any state: mail can come back before its sending is stored. */
export async function findRecentNotice(tx: Tx, id: string, since: Instant): Promise<SentNotice | undefined> {
    const rows = await tx.query<SentNotice>(
        `select partner_id as partner, person_id as person, confidential from notices where id = $1 and
            coalesce(sent_at, created_at) > $2`,
        [id, new Date(since)],
    )
    return rows[0]
}

/** Stores the fate of a notice. False where this fate or a worse one is stored already. */
export async function setReturned(tx: Tx, id: string, outcome: BounceOutcome): Promise<boolean> {
    const rows = await tx.query(
        `update notices set returned = $2
         where id = $1 and (returned is null or (returned = 'delayed' and $2 = 'failed'))
         returning id`,
        [id, outcome],
    )
    return rows.length > 0
}

/** Counts the persons whose notices about this matter did not arrive. */
export async function countUnreachedRecipients(tx: Tx, matter: string): Promise<number> {
    const [row] = await tx.query<{ count: number }>(
        `select count(distinct person_id)::int as count from notices
         where matter_id = $1 and (returned is not null or state in ('failed', 'bounced'))`,
        [matter],
    )
    return row?.count ?? 0
}

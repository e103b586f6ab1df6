/** Whom a notice was sent to. */
import type { Instant } from "../../../lib/instant.ts"
import type { Tx } from "../../../platform/db.ts"

export interface SentNotice {
    readonly partner: string
    readonly person: string
    readonly sealed: boolean
}

export async function sentNotice(tx: Tx, id: string, since: Instant): Promise<SentNotice | undefined> {
    const rows = await tx.query<SentNotice>(
        "select partner, person, sealed from notices where id = $1 and state = 'sent' and sent_at > $2",
        [id, new Date(since)],
    )
    return rows[0]
}

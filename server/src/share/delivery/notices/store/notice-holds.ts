/** Queries of notices that a worker is sending. */
import type { Instant } from "@tocsin/base/instant"
import type { Tx } from "../../../../platform/postgres/db.ts"

export async function holdNotice(tx: Tx, id: string, until: Instant): Promise<void> {
    await tx.query("update notices set next_at = $2 where id = $1", [id, new Date(until)])
}

/** Whether the notice is still held until this instant. Locks it until the transaction ends. */
export async function lockHeldNotice(tx: Tx, id: string, until: Instant): Promise<boolean> {
    const rows = await tx.query("select 1 from notices where id = $1 and state = 'due' and next_at = $2 for update", [
        id,
        new Date(until),
    ])
    return rows.length > 0
}

/** Counts notices that are due and not sent. Confidential notices are left out. */
export async function countDueNotices(tx: Tx): Promise<number> {
    const [row] = await tx.query<{ count: number }>(
        "select count(*)::int as count from notices where state = 'due' and not confidential",
    )
    return row?.count ?? 0
}

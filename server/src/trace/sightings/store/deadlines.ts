/** Stores deadlines of cases and waves, append-only. */
import type { Tx } from "../../../platform/postgres/db.ts"
import type { Deadline } from "../follow-up-deadline.ts"

/** Inserts a deadline. */
export async function insertDeadline(
    tx: Tx,
    caseId: string,
    deadline: Deadline & { readonly setBy: string },
): Promise<void> {
    await tx.query(
        "insert into follow_up_deadlines (case_id, wave_id, hours, set_by, at) values ($1, $2, $3, $4, $5)",
        [caseId, deadline.wave, deadline.hours, deadline.setBy, new Date(deadline.at)],
    )
}

/** Lists the deadlines of a case, oldest first. */
export async function listDeadlines(tx: Tx, caseId: string): Promise<Deadline[]> {
    return await tx.query<Deadline>(
        "select wave_id as wave, hours, at from follow_up_deadlines where case_id = $1 order by seq",
        [caseId],
    )
}

/** Reads and writes the state of queued mail in one table with `id`, `state`, `attempts` and `next_at`. */
import type { Instant } from "@tocsin/base/instant"
import type { Tx } from "../../../platform/postgres/db.ts"
import { isDueSql } from "../../../kernel/retry-time.ts"
import { waitMsMax } from "../message.ts"

/** `condition`: a further condition of due mail; `$1` is the wall-clock time. All three are parts of our own SQL. */
export function mailQueue<Row extends object>(table: string, columns: string, condition: string) {
    return {
        /** Finds a row if any mail may be due. */
        unsentQuery: `select from ${table} where state = 'due'`,
        /** Claims the next due mail, locked until the transaction ends. */
        claimDue: async (tx: Tx, realNow: Instant): Promise<Row | undefined> => {
            const rows = await tx.query<Row>(
                `select ${columns} from ${table}
                 where state = 'due' and ${isDueSql("next_at", "$1", waitMsMax)} and ${condition}
                 order by attempts > 0, next_at limit 1 for update skip locked`,
                [new Date(realNow)],
            )
            return rows[0]
        },
        holdUntil: async (tx: Tx, id: string, until: Instant): Promise<void> => {
            await tx.query(`update ${table} set next_at = $2 where id = $1`, [id, new Date(until)])
        },
        /** Whether the mail is still reserved until this instant. Locks it until the transaction ends. */
        lockHeld: async (tx: Tx, id: string, until: Instant): Promise<boolean> => {
            const rows = await tx.query(
                `select 1 from ${table} where id = $1 and state = 'due' and next_at = $2 for update`,
                [id, new Date(until)],
            )
            return rows.length > 0
        },
        saveAttempt: async (tx: Tx, id: string, state: "due" | "sent" | "failed", nextAt: Instant): Promise<void> => {
            await tx.query(`update ${table} set state = $2, attempts = attempts + 1, next_at = $3 where id = $1`, [
                id,
                state,
                new Date(nextAt),
            ])
        },
    }
}

/** The record's rows. Events are inserted and read, never changed. */
import type { Instant } from "../../lib/instant.ts"
import type { Tx } from "../../platform/db.ts"

export interface EventRow {
    readonly at: Instant
    readonly kind: string
    readonly body: Readonly<Record<string, unknown>>
    readonly salt: Buffer
    readonly sealed: boolean
}

/** The event and what is owed to it, in one statement. */
export async function insertEvent(tx: Tx, event: EventRow): Promise<number> {
    const [row] = await tx.query<{ seq: number }>(
        `with event as (
            insert into events (at, kind, body, salt, sealed) values ($1, $2, $3, $4, $5) returning seq
         ) insert into todos (seq, due_at) select seq, clock_timestamp() from event returning seq`,
        [new Date(event.at), event.kind, JSON.stringify(event.body), event.salt, event.sealed],
    )
    if (!row) throw new Error("the event was not written")
    return row.seq
}

/** Inserts events, with their entries in the queues of the handlers and of the sequencer. */
import type { Json } from "@tocsin/base/canonical"
import type { Instant } from "@tocsin/base/instant"
import type { Db, Tx } from "../platform/postgres/db.ts"
import { type SqlExpression, noteChangeSql } from "./change-detection.ts"
import { combineCalls } from "./shared-transaction.ts"

export interface EventRow {
    readonly at: Instant
    readonly kind: string
    readonly body: Readonly<Record<string, Json>>
    readonly salt: Buffer
    readonly confidential: boolean
    /** The partner whose feeds change; null: none. */
    readonly scope: string | null
}

/** An event that changes no feed. */
export type EventWithoutHandler = Omit<EventRow, "scope">

/** Inserts the event, its pending event, its unsequenced leaf and the note of its change in one statement. */
const insertion = `with event as (
        insert into events (at, kind, body, salt, confidential) values ($1, $2, $3, $4, $5) returning seq, kind
     ), changed as (
        ${noteChangeSql("$6")}
     ), pending as (
        insert into pending_events (seq, kind, due_at) select seq, kind, clock_timestamp() from event
     ) insert into unsequenced_events (seq) select seq from event returning seq`

const valuesOf = ({ at, kind, body, salt, confidential, scope }: EventRow) => {
    return [new Date(at), kind, JSON.stringify(body), salt, confidential, scope]
}

/** Inserts an event and returns its number. */
export async function insertEvent(tx: Tx, event: EventRow): Promise<number> {
    const [row] = await tx.query<{ seq: number }>(insertion, valuesOf(event))
    if (!row) throw new Error("the event was not written")
    return row.seq
}

/** Inserts an event without a pending event. Events of one turn of a transaction share one statement. */
export async function insertEventWithoutHandler(tx: Tx, event: EventWithoutHandler): Promise<number> {
    const { rows, index } = await insertTogether(tx, event, null)
    const seq = rows[index]?.seq
    if (seq === undefined) throw new Error("the event was not written")
    return seq
}

const insertTogether = combineCalls(async (tx, events: readonly EventWithoutHandler[], _: null) => {
    const rows = events.map(({ at, salt, kind, body, confidential }, n) => {
        return { n, kind, body, confidential, at: new Date(at), salt: `\\x${salt.toString("hex")}` }
    })
    return await tx.query<{ readonly seq: number }>(
        `with event as (
            insert into events (at, kind, body, salt, confidential)
            select at, kind, body, salt, confidential from json_to_recordset($1)
            as input (n int, at timestamptz, kind text, body jsonb, salt bytea, confidential boolean)
            order by n returning seq
         ), unsequenced as (
            insert into unsequenced_events (seq) select seq from event
         ) select seq from event order by seq`,
        [JSON.stringify(rows)],
    )
})

/** Inserts an event together with the commit. */
export function insertEventAtCommit(tx: Tx, event: EventRow): void {
    tx.queryAtCommit(insertion, valuesOf(event))
}

/**
 * Inserts those events whose number the table `at` holds, at the instant there, without pending events. Runs in its
 * own transaction and returns the numbers in the table.
 */
export async function insertEventsAt(
    db: Db,
    at: SqlExpression,
    events: readonly (Omit<EventWithoutHandler, "at"> & { readonly n: number })[],
): Promise<ReadonlySet<number>> {
    const rows = events.map(({ salt, ...rest }) => ({ ...rest, salt: `\\x${salt.toString("hex")}` }))
    const validSql = `select n, at from ${at.sql}`
    if (rows.length === 0) return numbersOf(await db.statement(validSql, at.values))
    const valid = await db.statement<{ n: number }>(
        `with held as materialized (${validSql}),
         event as (
            insert into events (at, kind, body, salt, confidential)
            select at, kind, body, salt, confidential
            from held join json_to_recordset($${at.values.length + 1})
            as input (n int, kind text, body jsonb, salt bytea, confidential boolean)
            using (n) order by n returning seq
         ), unsequenced as (
            insert into unsequenced_events (seq) select seq from event
         ) select n from held`,
        [...at.values, JSON.stringify(rows)],
    )
    return numbersOf(valid)
}

const numbersOf = (rows: readonly { readonly n: number }[]): ReadonlySet<number> => new Set(rows.map(({ n }) => n))

/** Whether any event exists. */
export async function hasEvents(tx: Tx): Promise<boolean> {
    return (await tx.query("select 1 from events limit 1")).length > 0
}

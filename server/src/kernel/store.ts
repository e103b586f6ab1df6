/** Inserts events, with their entries in the queues of the handlers and of the sequencer. */
import type { Json } from "@tocsin/base/canonical"
import type { Instant } from "@tocsin/base/instant"
import type { Db, Tx } from "../platform/postgres/db.ts"
import { type Expression, noteChange } from "./change-detection.ts"
import { inOneStatement } from "./shared-transaction.ts"

export interface EventRow {
    readonly at: Instant
    readonly kind: string
    readonly body: Readonly<Record<string, Json>>
    readonly salt: Buffer
    readonly sealed: boolean
    /** The partner whose feeds change; null: none. */
    readonly scope: string | null
}

/** An event that changes no feed. */
export type Silent = Omit<EventRow, "scope">

/** Inserts the event, its pending event, its unsequenced leaf and the note of its change in one statement. */
const insertion = `with event as (
        insert into events (at, kind, body, salt, confidential) values ($1, $2, $3, $4, $5) returning seq, kind
     ), changed as (
        ${noteChange("$6")}
     ), todo as (
        insert into pending_events (seq, kind, due_at) select seq, kind, clock_timestamp() from event
     ) insert into unsequenced_events (seq) select seq from event returning seq`

const valuesOf = ({ at, kind, body, salt, sealed, scope }: EventRow) => {
    return [new Date(at), kind, JSON.stringify(body), salt, sealed, scope]
}

/** Inserts an event and returns its number. */
export async function insertEvent(tx: Tx, event: EventRow): Promise<number> {
    const [row] = await tx.query<{ seq: number }>(insertion, valuesOf(event))
    if (!row) throw new Error("the event was not written")
    return row.seq
}

/** Inserts an event without a pending event. Events of one turn of a transaction share one statement. */
export async function insertEnd(tx: Tx, event: Silent): Promise<number> {
    const { rows, place } = await endsTogether(tx, event, null)
    const seq = rows[place]?.seq
    if (seq === undefined) throw new Error("the event was not written")
    return seq
}

const endsTogether = inOneStatement(async (tx, events: readonly Silent[], _: null) => {
    const rows = events.map(({ at, salt, kind, body, sealed }, n) => {
        return { n, kind, body, sealed, at: new Date(at), salt: `\\x${salt.toString("hex")}` }
    })
    return await tx.query<{ readonly seq: number }>(
        `with event as (
            insert into events (at, kind, body, salt, confidential)
            select at, kind, body, salt, sealed from json_to_recordset($1)
            as one (n int, at timestamptz, kind text, body jsonb, salt bytea, sealed boolean) order by n returning seq
         ), waiting as (
            insert into unsequenced_events (seq) select seq from event
         ) select seq from event order by seq`,
        [JSON.stringify(rows)],
    )
})

/** Inserts an event together with the commit. */
export function insertEventLast(tx: Tx, event: EventRow): void {
    tx.finish(insertion, valuesOf(event))
}

/**
 * Inserts those events whose number the table `at` holds, at the instant there, without pending events. Runs in its
 * own transaction and returns the numbers in the table.
 */
export async function insertEventsAt(
    db: Db,
    at: Expression,
    events: readonly (Omit<Silent, "at"> & { readonly n: number })[],
): Promise<ReadonlySet<number>> {
    const rows = events.map(({ salt, ...rest }) => ({ ...rest, salt: `\\x${salt.toString("hex")}` }))
    const checked = `select n, at from ${at.sql}`
    if (rows.length === 0) return numbersOf(await db.statement(checked, at.values))
    const held = await db.statement<{ n: number }>(
        `with held as materialized (${checked}),
         event as (
            insert into events (at, kind, body, salt, confidential)
            select at, kind, body, salt, sealed
            from held join json_to_recordset($${at.values.length + 1})
            as one (n int, kind text, body jsonb, salt bytea, sealed boolean)
            using (n) order by n returning seq
         ), waiting as (
            insert into unsequenced_events (seq) select seq from event
         ) select n from held`,
        [...at.values, JSON.stringify(rows)],
    )
    return numbersOf(held)
}

const numbersOf = (rows: readonly { readonly n: number }[]): ReadonlySet<number> => new Set(rows.map(({ n }) => n))

/** Whether any event exists. */
export async function hasEvents(tx: Tx): Promise<boolean> {
    return (await tx.query("select 1 from events limit 1")).length > 0
}

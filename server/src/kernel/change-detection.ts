/**
 * Whether anything has changed that entitlement is computed from. Triggers of the tables note which transaction changed
 * them, for one partner or for all; a state is what a snapshot of PostgreSQL could see. Rows come to be
 * seen in any order, so neither a number nor an instant would name a state: a snapshot does.
 */
import { type Instant, formatInstant } from "@tocsin/base/instant"
import { type Clock, trustedUntil } from "../platform/time/clock.ts"
import type { Db, Tx } from "../platform/postgres/db.ts"
import type { BackgroundJob } from "./worker.ts"

export interface State {
    /** As PostgreSQL writes a `pg_snapshot`. */
    readonly snapshot: string
    /** Until when what has waited for its instant may open; null where nobody looks. */
    readonly trustedUntil: Instant | null
}

/**
 * What can be seen from here on includes all of it: asked before what is read is read. Null in a transaction that has
 * written, for what it sees may never be.
 */
export async function findStateNow(tx: Tx, clock: Clock): Promise<State | null> {
    const [row] = await tx.query<State>(
        `select pg_current_snapshot()::text as snapshot, ${trustedUntil} as "trustedUntil"
         where pg_current_xact_id_if_assigned() is null`,
        [],
    )
    return row ? { ...row, ...(clock.isMoved && { trustedUntil: null }) } : null
}

/** Whether nothing has changed since for this partner, or for everybody; and until when what waits may open. */
export async function isUnchanged(tx: Tx, clock: Clock, { snapshot }: State, partner: string) {
    const [row] = await tx.query<{ same: boolean } & Pick<State, "trustedUntil">>(
        `select not exists (select from changes where scope in ($2, '00000000-0000-0000-0000-000000000000')
             and tx >= pg_snapshot_xmin($1::pg_snapshot) and not pg_visible_in_snapshot(tx, $1::pg_snapshot)) as same,
         ${trustedUntil} as "trustedUntil"`,
        [snapshot, partner],
    )
    return { same: row?.same === true, trustedUntil: clock.isMoved ? null : (row?.trustedUntil ?? null) }
}

/** What was computed for a person of a partner, and for which instants. */
export interface Computed {
    readonly partner: string
    readonly person: string
    readonly state: State
    readonly from: Instant
    /** Inclusive. */
    readonly until: Instant
}

/** With the credential by which it is asked for again. */
export interface AskedAgain extends Computed {
    readonly credential: Buffer
}

/** SQL, with its values from `$1` on. */
export interface Expression {
    readonly sql: string
    readonly values: readonly unknown[]
}

/**
 * A table: the number `n` of each of these that is what would be computed now, and whose credential is the person's still; and the program's
 * time, `at`. It takes the locks of a read, and looks once they are held: a statement of which it is a part decides and acts in
 * one. Whoever would have to wait for a lock is left out.
 */
export function stillSame(clock: Clock, realNow: Instant, askedAgains: readonly AskedAgain[]): Expression {
    const notified = clock.told?.()
    return {
        sql: "leases_now($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        values: [
            askedAgains.map(({ partner }) => partner),
            askedAgains.map(({ person }) => person),
            askedAgains.map(({ credential }) => credential),
            askedAgains.map(({ state }) => state.snapshot),
            askedAgains.map(({ from }) => formatInstant(from)),
            askedAgains.map(({ until }) => formatInstant(until)),
            formatInstant(realNow),
            notified === undefined ? null : formatInstant(notified),
            clock.isMoved === true,
        ],
    }
}

const keptFor = "1 hour"
/** What is forgotten is forgotten with others, so that it seldom ends leases. */
const forgottenAfter = "70 minutes"
const atOnceMax = 10_000

/** To forget is a change for everybody: nobody asks any more about a state from before, whatever clocks say of how old it is. */
export const pruneChangesJob: BackgroundJob = {
    name: "forgetting-changes",
    isUnhurried: true,
    run: async ({ db }: { readonly db: Db }) => {
        const rows = await db.transaction((tx) =>
            tx.query(
                `with gone as (
                    delete from changes where (scope, tx) in (select scope, tx from changes
                        where at < clock_timestamp() - interval '${keptFor}'
                        and exists (select from changes where at < clock_timestamp() - interval '${forgottenAfter}')
                        order by at limit ${atOnceMax} for update skip locked)
                    returning 1
                 ), noted as (
                    insert into changes (scope, tx) select '00000000-0000-0000-0000-000000000000', pg_current_xact_id()
                    where exists (select from gone)
                 ) select from gone`,
            ),
        )
        return rows.length === atOnceMax
    },
}

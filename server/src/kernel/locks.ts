/**
 * Advisory locks that set suspensions against reads: shared, per partner and for the program, while something is
 * read; exclusive while standing, policy, duties or waves change. Held until the transaction ends.
 *
 * Row locks would let many readers hold up a suspension; these queue in order.
 */
import type { Tx } from "../platform/postgres/db.ts"

const programKey = 1
const partnerClass = 2
const shownClass = 3
const reportClass = 5
const countClass = 7
const tracingKey = 6
const exploitationKey = 10

/** Taken by every read of a partner, before anything that decides is read. */
export async function lockToRead(tx: Tx, partner: string): Promise<void> {
    await tx.query(`select ${readLocks("$1::text")}`, [partner])
}

/**
 * As `lockToRead` for several partners at once, without waiting: the partners whose locks are held now. A partner that a change
 * holds, or waits for, is not among them; nothing is read for it in this transaction.
 */
export async function tryToRead(tx: Tx, partners: readonly string[]): Promise<ReadonlySet<string>> {
    const rows = await tx.query<{ partner: string }>(
        `with program as materialized (select pg_try_advisory_xact_lock_shared(${programKey}, 0) as held)
         select partner from unnest($1::text[]) as partner
         where (select held from program) and pg_try_advisory_xact_lock_shared(${partnerClass}, hashtext(partner))`,
        [partners],
    )
    return new Set(rows.map(({ partner }) => partner))
}

/**
 * The same within a statement that finds out which partner it is: columns to select, of an expression for its id as
 * text. Where that is null nothing is locked. What is read beside them was read before they were held.
 */
export function readLocks(partner: string): string {
    return `case when ${partner} is not null then pg_advisory_xact_lock_shared(${programKey}, 0)::text end,
         case when ${partner} is not null
             then pg_advisory_xact_lock_shared(${partnerClass}, hashtext(${partner}))::text end`
}

/** Taken by a change of one partner's facts: waits for that partner's reads under way, and lets no new one in. */
export async function lockToChangePartner(tx: Tx, partner: string): Promise<void> {
    await tx.query(
        `select pg_advisory_xact_lock_shared(${programKey}, 0),
         pg_advisory_xact_lock(${partnerClass}, hashtext($1))`,
        [partner],
    )
}

/** Taken to give what a partner is shown its instants: one after the other. What is shown is read once it is held. */
export async function lockToShow(tx: Tx, partner: string): Promise<void> {
    await tx.query(`select pg_advisory_xact_lock(${shownClass}, hashtext($1))`, [partner])
}

/** Taken to keep what a partner reports: one report after the other, so that what is told twice is one. */
export async function lockToReport(tx: Tx, partner: string): Promise<void> {
    await tx.query(`select pg_advisory_xact_lock(${reportClass}, hashtext($1))`, [partner])
}

/** Taken to count what a person reads: one read after the other. */
export async function lockToCount(tx: Tx, person: string): Promise<void> {
    await tx.query(`select pg_advisory_xact_lock(${countClass}, hashtext($1))`, [person])
}

/** Taken by a change of what is decided for everybody: policy, waves. */
export async function lockToChangeProgram(tx: Tx): Promise<void> {
    await tx.query(`select pg_advisory_xact_lock(${programKey}, 0)`)
}

/** Taken by a report of exploitation before it reads what is known of its case; reports do not wait for each other. */
export async function lockToMark(tx: Tx): Promise<void> {
    await tx.query(`select pg_advisory_xact_lock_shared(${exploitationKey}, 0)`)
}

/** Taken before a case counts as not exploited: waits for the reports under way. */
export async function lockToClear(tx: Tx): Promise<void> {
    await tx.query(`select pg_advisory_xact_lock(${exploitationKey}, 0)`)
}

/** Taken by an attribution before it reads what was tried earlier: two at once would both count the same slots. */
export async function lockToTrace(tx: Tx): Promise<void> {
    await tx.query(`select pg_advisory_xact_lock(${tracingKey}, 0)`)
}

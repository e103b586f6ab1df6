/**
 * Takes the advisory locks that order suspensions and reads.
 *
 * Reads share them, per partner and for the program. A change of status, policy, duties or waves takes them
 * exclusively. They are held until the transaction ends. Advisory locks queue in order; with row locks many readers
 * could delay a suspension.
 */
import type { Tx } from "../platform/postgres/db.ts"

const programKey = 1
const partnerClass = 2
const feedClass = 3
const reportClass = 5
const countClass = 7
const tracingKey = 6
const exploitationKey = 10
const importKey = 11
const logoutClass = 12

/** Taken by every read of a partner, before any fact of the decision is read. */
export async function lockToRead(tx: Tx, partner: string): Promise<void> {
    await tx.query(`select ${readLocksSql("$1::text")}`, [partner])
}

/**
 * Takes the read locks of several partners at once, without waiting, and returns the partners whose locks are held.
 * Leaves out partners whose lock a change holds or waits for; nothing may be read for these in this transaction.
 */
export async function tryLockToRead(tx: Tx, partners: readonly string[]): Promise<ReadonlySet<string>> {
    const rows = await tx.query<{ partner: string }>(
        `with program as materialized (select pg_try_advisory_xact_lock_shared(${programKey}, 0) as held)
         select partner from unnest($1::text[]) as partner
         where (select held from program) and pg_try_advisory_xact_lock_shared(${partnerClass}, hashtext(partner))`,
        [partners],
    )
    return new Set(rows.map(({ partner }) => partner))
}

/**
 * SQL columns that take the read locks inside a statement that finds the partner. `partner` is an SQL expression for
 * its id as text; null takes no lock. Other columns of the same statement are read before the locks are held.
 */
export function readLocksSql(partner: string): string {
    return `case when ${partner} is not null then pg_advisory_xact_lock_shared(${programKey}, 0)::text end,
         case when ${partner} is not null
             then pg_advisory_xact_lock_shared(${partnerClass}, hashtext(${partner}))::text end`
}

/** Taken by a change of one partner's facts. Waits for running reads of that partner and blocks new ones. */
export async function lockToChangePartner(tx: Tx, partner: string): Promise<void> {
    await tx.query(
        `select pg_advisory_xact_lock_shared(${programKey}, 0),
         pg_advisory_xact_lock(${partnerClass}, hashtext($1))`,
        [partner],
    )
}

/** Taken to set the instants of a partner's feed, one caller at a time. Read the feed after the lock is held. */
export async function lockToUpdateFeed(tx: Tx, partner: string): Promise<void> {
    await tx.query(`select pg_advisory_xact_lock(${feedClass}, hashtext($1))`, [partner])
}

/** Taken to save a partner's report, one at a time, so that a repeated report is saved once. */
export async function lockToReport(tx: Tx, partner: string): Promise<void> {
    await tx.query(`select pg_advisory_xact_lock(${reportClass}, hashtext($1))`, [partner])
}

/** Taken to count what a person reads, one read at a time. */
export async function lockToCountReads(tx: Tx, person: string): Promise<void> {
    await tx.query(`select pg_advisory_xact_lock(${countClass}, hashtext($1))`, [person])
}

/** Taken by a change that affects all partners: policy or waves. */
export async function lockToChangeProgram(tx: Tx): Promise<void> {
    await tx.query(`select pg_advisory_xact_lock(${programKey}, 0)`)
}

/** Taken by a report of exploitation before it reads the state of its case. Reports do not wait for each other. */
export async function lockToReportExploitation(tx: Tx): Promise<void> {
    await tx.query(`select pg_advisory_xact_lock_shared(${exploitationKey}, 0)`)
}

/** Taken before a case is set to not exploited. Waits for running reports. */
export async function lockToClearExploitation(tx: Tx): Promise<void> {
    await tx.query(`select pg_advisory_xact_lock(${exploitationKey}, 0)`)
}

/** Taken by an attribution before it reads earlier attempts. Two at once would count the same slots twice. */
export async function lockToAttribute(tx: Tx): Promise<void> {
    await tx.query(`select pg_advisory_xact_lock(${tracingKey}, 0)`)
}

/** Taken by an import of partners before it reads the directory, so that two at once add no partner twice. */
export async function lockToImport(tx: Tx): Promise<void> {
    await tx.query(`select pg_advisory_xact_lock(${importKey}, 0)`)
}

/** Taken by a sign-on and by a logout of the same accounts or sessions at a provider, so that no sign-on misses it. */
export async function lockToLogOut(tx: Tx, hashes: readonly Buffer[]): Promise<void> {
    for (const hash of hashes.map((bytes) => bytes.readInt32BE()).toSorted((a, b) => a - b)) {
        await tx.query(`select pg_advisory_xact_lock(${logoutClass}, $1)`, [hash])
    }
}

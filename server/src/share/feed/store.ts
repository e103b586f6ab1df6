/**
 * The tables of the feed: batches of items added together, and runs of consecutive instants that were delivered or
 * ended.
 */
import type { Instant } from "@tocsin/base/instant"
import type { Tx } from "../../platform/postgres/db.ts"

/** Microseconds since 1970. */
export type Micros = number

export interface EntryRow {
    /** A hash in hex. */
    readonly entry: string
    readonly added: Micros
    readonly delivered: boolean
}

/** The collections that have a feed. */
export type Collection = "warnings" | "sightings" | "csaf" | "misp"

export interface Reader {
    readonly partner: string
    readonly person: string
}

/** One reader's log of one collection. */
export type FeedLog = Reader & { readonly collection: Collection }

const entryHex = 32

interface Run {
    readonly first: Micros
    readonly last: Micros
}

interface Batch extends Run {
    readonly entries: Buffer
}

/** Lists the items that have not ended, in order of addition. */
export async function listEntries(tx: Tx, { partner, person, collection }: FeedLog): Promise<EntryRow[]> {
    const [batches, runs] = await Promise.all([
        tx.query<Batch>(
            `select first, last, entries from feed_batches
             where person_id = $1 and collection = $2 and not ended order by last`,
            [person, collection],
        ),
        tx.query<Run & { readonly kind: "delivered" | "ended" }>(
            `select kind, first, last from feed_runs r where partner_id = $1 and exists (
                 select from feed_batches b where b.person_id = $2 and b.collection = $3 and not b.ended
                     and r.first <= b.last and r.last >= b.first)
             order by last`,
            [partner, person, collection],
        ),
    ])
    const isDelivered = containsFrom(runs.filter(({ kind }) => kind === "delivered"))
    const isEnded = containsFrom(runs.filter(({ kind }) => kind === "ended"))
    const rows: EntryRow[] = []
    for (const { first, entries } of batches) {
        const hex = entries.toString("hex")
        for (let at = 0, added = first; at < hex.length; at += entryHex, added++) {
            if (isEnded(added)) continue
            rows.push({ entry: hex.slice(at, at + entryHex), added, delivered: isDelivered(added) })
        }
    }
    return rows
}

/** Returns a predicate for instants in these sorted runs. Call it with increasing instants. */
function containsFrom(runs: readonly Run[]): (added: Micros) => boolean {
    let index = 0
    return (added) => {
        for (let run = runs[index]; run !== undefined && run.last < added; run = runs[index]) index++
        const run = runs[index]
        return run !== undefined && run.first <= added
    }
}

/** Groups consecutive instants into runs. */
function runsOf(added: readonly Micros[]): Run[] {
    const runs: { first: Micros; last: Micros }[] = []
    for (const value of added.toSorted((a, b) => a - b)) {
        const run = runs.at(-1)
        if (run !== undefined && value <= run.last + 1) run.last = value
        else runs.push({ first: value, last: value })
    }
    return runs
}

/** Returns the latest instant given to an item of this partner; 0 where there is none. */
export async function findLastInstant(tx: Tx, partner: string): Promise<Micros> {
    const rows = await tx.query<{ last: Micros }>(
        "select coalesce((select last from feed_batches where partner_id = $1 order by last desc limit 1), 0) as last",
        [partner],
    )
    return rows[0]?.last ?? 0
}

/** Inserts the entries: the first at this instant, each other one a microsecond later. */
export async function insertBatch(
    tx: Tx,
    { partner, person, collection }: FeedLog,
    entries: readonly string[],
    first: Micros,
): Promise<void> {
    await tx.query(
        `insert into feed_batches (partner_id, last, first, person_id, collection, entries)
         values ($1, $2, $3, $4, $5, $6)`,
        [partner, first + entries.length - 1, first, person, collection, Buffer.from(entries.join(""), "hex")],
    )
}

/** Ends these items; none of them may have ended before. */
export async function endEntries(tx: Tx, log: FeedLog, added: readonly Micros[], now: Instant): Promise<void> {
    const { partner, person, collection } = log
    await insertRuns(tx, partner, "ended", added, now)
    await tx.query(
        `update feed_batches b set ended = true
         where person_id = $1 and collection = $2 and not ended and last - first + 1 =
             (select sum(least(r.last, b.last) - greatest(r.first, b.first) + 1) from feed_runs r
              where r.partner_id = b.partner_id and r.kind = 'ended' and r.first <= b.last and r.last >= b.first)`,
        [person, collection],
    )
}

/** Marks these items as delivered. The caller holds the lock, and none may be marked already. */
export async function setDelivered(tx: Tx, partner: string, added: readonly Micros[]): Promise<void> {
    await insertRuns(tx, partner, "delivered", added, null)
}

async function insertRuns(
    tx: Tx,
    partner: string,
    kind: "delivered" | "ended",
    added: readonly Micros[],
    at: Instant | null,
): Promise<void> {
    const runs = runsOf(added)
    await tx.query(
        `insert into feed_runs (partner_id, kind, first, last, ended_at)
         select $1, $2, first, last, $5 from unnest($3::bigint[], $4::bigint[]) as run (first, last)`,
        [
            partner,
            kind,
            runs.map(({ first }) => first),
            runs.map(({ last }) => last),
            at === null ? null : new Date(at),
        ],
    )
}

/** Returns which of these items are marked as delivered. */
export async function listDelivered(tx: Tx, partner: string, added: readonly Micros[]): Promise<Micros[]> {
    const sorted = added.toSorted((a, b) => a - b)
    const [first, last] = [sorted[0] ?? 0, sorted.at(-1) ?? 0]
    // Of the runs that end later, only the next can begin before.
    const runs = await tx.query<Run>(
        `select first, last from feed_runs where partner_id = $1 and kind = 'delivered' and last >= $2 and last <= $3
         union all select first, last from (select first, last from feed_runs
             where partner_id = $1 and kind = 'delivered' and last > $3 order by last limit 1) as next where first <= $3
         order by last`,
        [partner, first, last],
    )
    return sorted.filter(containsFrom(runs))
}

/** Returns the state id of a reader's log; null before any item was shown. */
export async function findStateId(tx: Tx, person: string, collection: Collection): Promise<string | null> {
    const rows = await tx.query<{ stateId: string }>(
        `select state_id as "stateId" from feed_states where person_id = $1 and collection = $2`,
        [person, collection],
    )
    return rows[0]?.stateId ?? null
}

export async function setStateId(tx: Tx, person: string, collection: Collection, stateId: string): Promise<void> {
    await tx.query(
        `insert into feed_states (person_id, collection, state_id) values ($1, $2, $3)
         on conflict (person_id, collection) do update set state_id = excluded.state_id`,
        [person, collection, stateId],
    )
}

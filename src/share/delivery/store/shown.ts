/** The rows of what was shown to a partner's person, in the order in which it came. */
import type { Instant } from "../../../lib/instant.ts"
import type { Tx } from "../../../platform/db.ts"

/** Microseconds since 1970. */
export type Micros = number

export interface ShownRow {
    /** In hex. */
    readonly entry: string
    readonly added: Micros
    readonly delivered: boolean
}

/** What somebody can be shown things in. */
export type Collection = "warnings" | "sightings" | "csaf" | "misp"

/** What is still there. */
export async function shownTo(tx: Tx, person: string, collection: Collection): Promise<ShownRow[]> {
    return await tx.query<ShownRow>(
        `select encode(entry, 'hex') as entry, added, delivered from shown
         where person = $1 and collection = $2 and ended_at is null order by added`,
        [person, collection],
    )
}

/** The latest instant that was ever given to something of this partner; 0 where there is none. */
export async function lastShown(tx: Tx, partner: string): Promise<Micros> {
    const rows = await tx.query<{ last: Micros }>(
        "select coalesce((select added from shown where partner = $1 order by added desc limit 1), 0) as last",
        [partner],
    )
    return rows[0]?.last ?? 0
}

export interface Reader {
    readonly partner: string
    readonly person: string
}

/** The first gets this instant, each other one the microsecond after the one before it. */
export async function insertShown(
    tx: Tx,
    { partner, person, collection }: Reader & { readonly collection: Collection },
    entries: readonly string[],
    first: Micros,
): Promise<void> {
    await tx.query(
        `insert into shown (partner, person, collection, added, entry)
         select $1, $2, $3, $4::bigint + n - 1, decode(entry, 'hex')
         from unnest($5::text[]) with ordinality as e (entry, n)`,
        [partner, person, collection, first, entries],
    )
}

export async function endShown(tx: Tx, person: string, entries: readonly string[], now: Instant): Promise<void> {
    await tx.query(
        `update shown set ended_at = $3 where person = $1 and ended_at is null
         and entry in (select decode(one, 'hex') from unnest($2::text[]) as one)`,
        [person, entries, new Date(now)],
    )
}

export async function setDelivered(tx: Tx, partner: string, added: readonly Micros[]): Promise<void> {
    await tx.query("update shown set delivered = true where partner = $1 and added = any($2::bigint[])", [
        partner,
        added,
    ])
}

/** Of these, what is known to have been handed out. */
export async function delivered(tx: Tx, partner: string, added: readonly Micros[]): Promise<Micros[]> {
    const rows = await tx.query<{ added: Micros }>(
        "select added from shown where partner = $1 and added = any($2::bigint[]) and delivered",
        [partner, added],
    )
    return rows.map((one) => one.added)
}

/** Names the state of a reader's log; null before anything was shown. */
export async function headOf(tx: Tx, person: string, collection: Collection): Promise<string | null> {
    const rows = await tx.query<{ head: string }>(
        "select head from shown_heads where person = $1 and collection = $2",
        [person, collection],
    )
    return rows[0]?.head ?? null
}

export async function setHead(tx: Tx, person: string, collection: Collection, head: string): Promise<void> {
    await tx.query(
        `insert into shown_heads (person, collection, head) values ($1, $2, $3)
         on conflict (person, collection) do update set head = excluded.head`,
        [person, collection, head],
    )
}

/** Reads and writes the rows of passkeys and of used challenges. */
import { type Instant, dayMs } from "@tocsin/base/instant"
import type { Tx } from "../../../platform/postgres/db.ts"

export interface PasskeyRow {
    readonly id: Buffer
    readonly person: string
    readonly publicKey: Buffer
    readonly counter: number
    readonly transports: string[]
    readonly isBackedUp: boolean
    readonly nameCiphertext: Buffer
    readonly createdAt: Instant
    readonly lastUsedAt: Instant | null
}

const columns = `k.id, k.person_id as person, k.public_key as "publicKey", k.counter::float8 as counter, k.transports,
    k.is_backed_up as "isBackedUp", k.name_ciphertext as "nameCiphertext", k.created_at as "createdAt",
    k.last_used_at as "lastUsedAt"`

const selectLivePasskeys = `select ${columns}, p.partner_id as partner from passkeys k
    join persons p on p.id = k.person_id where k.ended_at is null and p.left_at is null`

/** Inserts a passkey. False where its id is known, of whomever. */
export async function insertPasskey(tx: Tx, row: Omit<PasskeyRow, "lastUsedAt">): Promise<boolean> {
    const rows = await tx.query(
        `insert into passkeys
         (id, person_id, public_key, counter, transports, is_backed_up, name_ciphertext, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict do nothing returning id`,
        [
            row.id,
            row.person,
            row.publicKey,
            row.counter,
            row.transports,
            row.isBackedUp,
            row.nameCiphertext,
            new Date(row.createdAt),
        ],
    )
    return rows.length === 1
}

/** Lists the valid passkeys of a person, oldest first. */
export async function listPasskeys(tx: Tx, person: string): Promise<PasskeyRow[]> {
    return await tx.query<PasskeyRow>(`${selectLivePasskeys} and k.person_id = $1 order by k.created_at, k.id`, [
        person,
    ])
}

/** Counts the valid passkeys of each staff member that has any. */
export async function countPasskeysOfStaff(tx: Tx): Promise<{ person: string; passkeys: number }[]> {
    return await tx.query(
        `select k.person_id as person, count(*)::int as passkeys from passkeys k join persons p on p.id = k.person_id
         where k.ended_at is null and p.left_at is null and p.partner_id is null group by k.person_id`,
    )
}

export interface LivePasskey extends PasskeyRow {
    readonly partner: string | null
}

/** Finds the person of a valid passkey, without a lock. */
export async function findPersonOf(tx: Tx, id: Buffer): Promise<string | undefined> {
    return (await tx.query<LivePasskey>(`${selectLivePasskeys} and k.id = $1`, [id]))[0]?.person
}

/** Finds a valid passkey and locks it, so that of two assertions with one counter one counts. */
export async function lockPasskey(tx: Tx, id: Buffer): Promise<LivePasskey | undefined> {
    return (await tx.query<LivePasskey>(`${selectLivePasskeys} and k.id = $1 for no key update of k`, [id]))[0]
}

export async function markUsed(tx: Tx, id: Buffer, counter: number, realNow: Instant): Promise<void> {
    await tx.query("update passkeys set counter = $2, last_used_at = $3 where id = $1", [
        id,
        counter,
        new Date(realNow),
    ])
}

/** Ends a valid passkey of this person. False where there is none with this id. */
export async function endPasskey(tx: Tx, person: string, id: Buffer, realNow: Instant): Promise<boolean> {
    const rows = await tx.query(
        "update passkeys set ended_at = $3 where id = $1 and person_id = $2 and ended_at is null returning id",
        [id, person, new Date(realNow)],
    )
    return rows.length === 1
}

/** Ends every passkey of a person and returns their ids. */
export async function endPasskeysOfPerson(tx: Tx, person: string, realNow: Instant): Promise<Buffer[]> {
    const rows = await tx.query<{ id: Buffer }>(
        "update passkeys set ended_at = $2 where person_id = $1 and ended_at is null returning id",
        [person, new Date(realNow)],
    )
    return rows.map(({ id }) => id)
}

/** Remembers a used challenge until it expires, and forgets expired ones. False where it was used before. */
export async function insertUsedChallenge(
    tx: Tx,
    hash: Buffer,
    expiresAt: Instant,
    realNow: Instant,
): Promise<boolean> {
    await tx.query(
        `delete from used_challenges where hash in
            (select hash from used_challenges where expires_at <= $1 for update skip locked)`,
        // Another process's clock can be behind.
        [new Date(realNow - dayMs)],
    )
    const rows = await tx.query(
        "insert into used_challenges (hash, expires_at) values ($1, $2) on conflict do nothing returning hash",
        [hash, new Date(expiresAt)],
    )
    return rows.length === 1
}

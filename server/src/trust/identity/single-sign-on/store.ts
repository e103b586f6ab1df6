/** Reads and writes connected accounts. Each signs in one person. */
import type { Instant } from "@tocsin/base/instant"
import type { Tx } from "../../../platform/postgres/db.ts"

export interface IdentityRow {
    readonly id: string
    readonly subjectHash: Buffer
    readonly person: string
    readonly provider: string
    readonly createdAt: Instant
    readonly lastUsedAt: Instant | null
}

const columns = `i.id, i.subject_hash as "subjectHash", i.person_id as person, i.provider, i.created_at as "createdAt",
    i.last_used_at as "lastUsedAt"`

const selectLive = `select ${columns} from connected_identities i join persons p on p.id = i.person_id
    where i.ended_at is null and p.left_at is null`

/** Inserts an identity. False where its account, or this person at this provider, has one. */
export async function insertIdentity(tx: Tx, row: Omit<IdentityRow, "lastUsedAt">): Promise<boolean> {
    const rows = await tx.query(
        `insert into connected_identities (id, subject_hash, person_id, provider, created_at)
         values ($1, $2, $3, $4, $5) on conflict do nothing returning id`,
        [row.id, row.subjectHash, row.person, row.provider, new Date(row.createdAt)],
    )
    return rows.length === 1
}

/** Lists the identities of a person, oldest first. */
export async function listIdentities(tx: Tx, person: string): Promise<IdentityRow[]> {
    return await tx.query<IdentityRow>(`${selectLive} and i.person_id = $1 order by i.created_at, i.id`, [person])
}

/** Finds a valid identity by the hash of issuer and subject. */
export async function findBySubject(tx: Tx, subjectHash: Buffer): Promise<IdentityRow | undefined> {
    return (await tx.query<IdentityRow>(`${selectLive} and i.subject_hash = $1`, [subjectHash]))[0]
}

/** Finds a valid identity by its id. */
export async function findIdentity(tx: Tx, id: string): Promise<IdentityRow | undefined> {
    return (await tx.query<IdentityRow>(`${selectLive} and i.id = $1`, [id]))[0]
}

/** Lists the accounts of this provider that present people connected: the valid ones first, then the newest. */
export async function listAccountsOfProvider(
    tx: Tx,
    provider: string,
): Promise<Pick<IdentityRow, "person" | "subjectHash" | "createdAt">[]> {
    return await tx.query(
        `select i.person_id as person, i.subject_hash as "subjectHash", i.created_at as "createdAt"
         from connected_identities i join persons p on p.id = i.person_id
         where i.provider = $1 and p.left_at is null
         order by i.ended_at is not null, i.created_at desc, i.id`,
        [provider],
    )
}

export async function markUsed(tx: Tx, id: string, realNow: Instant): Promise<void> {
    await tx.query("update connected_identities set last_used_at = $2 where id = $1", [id, new Date(realNow)])
}

/** Ends a valid identity. False where it had ended. */
export async function endIdentity(tx: Tx, id: string, realNow: Instant): Promise<boolean> {
    const rows = await tx.query(
        "update connected_identities set ended_at = $2 where id = $1 and ended_at is null returning id",
        [id, new Date(realNow)],
    )
    return rows.length === 1
}

/** Ends every identity of a person, and returns their providers. */
export async function endIdentitiesOfPerson(tx: Tx, person: string, realNow: Instant): Promise<string[]> {
    const rows = await tx.query<{ provider: string }>(
        "update connected_identities set ended_at = $2 where person_id = $1 and ended_at is null returning provider",
        [person, new Date(realNow)],
    )
    return rows.map(({ provider }) => provider)
}

/** Stores until `end` that a provider ended a session or an account's sessions. Sign-ons under way are over by then. */
export async function upsertLogout(tx: Tx, hash: Buffer, end: Instant): Promise<void> {
    await tx.query(
        `insert into used_challenges (hash, expires_at) values ($1, $2)
         on conflict (hash) do update set expires_at = greatest(used_challenges.expires_at, excluded.expires_at)`,
        [hash, new Date(end)],
    )
}

/** Returns the latest end of the logouts of these hashes, or null. */
export async function findLogoutEnd(tx: Tx, hashes: readonly Buffer[]): Promise<Instant | null> {
    const rows = await tx.query<{ end: Instant | null }>(
        `select max(expires_at) as "end" from used_challenges where hash = any($1)`,
        [hashes],
    )
    return rows[0]?.end ?? null
}

export interface RefusedRemoval {
    readonly person: string
    readonly provider: string
    readonly since: Instant
}

/** Stores the first refusal. False where one is open. */
export async function insertRefusedRemoval(tx: Tx, { person, provider, since }: RefusedRemoval): Promise<boolean> {
    const rows = await tx.query(
        `insert into refused_removals (person_id, provider, refused_at) values ($1, $2, $3)
         on conflict do nothing returning person_id`,
        [person, provider, new Date(since)],
    )
    return rows.length > 0
}

export async function deleteRefusedRemoval(tx: Tx, person: string, provider: string): Promise<void> {
    await tx.query("delete from refused_removals where person_id = $1 and provider = $2", [person, provider])
}

/** Lists refused removals of people who have not left. */
export async function listRefusedRemovals(tx: Tx): Promise<RefusedRemoval[]> {
    return await tx.query<RefusedRemoval>(
        `select r.person_id as person, r.provider, r.refused_at as since
         from refused_removals r join persons p on p.id = r.person_id where p.left_at is null order by r.refused_at`,
    )
}

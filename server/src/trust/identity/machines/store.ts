/** Reads and writes the rows of tokens: their list, last uses and ends. */
import type { Instant } from "@tocsin/base/instant"
import type { Scope } from "../../../models/scopes.ts"
import type { Db, Tx } from "../../../platform/postgres/db.ts"
import { isLiveSql } from "../store.ts"

export interface TokenRow {
    readonly hash: Buffer
    /** The first eight bytes of the hash, in hex. */
    readonly id: string
    readonly nameCiphertext: Buffer | null
    readonly createdAt: Instant
    readonly expiresAt: Instant
    readonly lastUsedAt: Instant | null
    /** The address of the last use. */
    readonly lastUsedFromCiphertext: Buffer | null
    /** The last recorded use from another network. */
    readonly refusedAt: Instant | null
    readonly scopes: readonly Scope[]
    readonly networks: readonly string[]
    readonly key: string | null
    readonly certificate: string | null
}

const tokenId = "encode(substring(hash for 8), 'hex')"

const columns = `hash, ${tokenId} as id, name_ciphertext as "nameCiphertext", created_at as "createdAt",
    expires_at as "expiresAt", last_used_at as "lastUsedAt", last_used_from_ciphertext as "lastUsedFromCiphertext",
    refused_at as "refusedAt", scopes, networks, key_thumbprint as key, certificate_thumbprint as certificate`

/** Selects tokens that a person made, without the tokens of clients and exchanges. */
const isLiveToken = `kind = 'token' and client_id is null and parent_hash is null and ended_at is null
    and expires_at > $2`

export async function listTokens(tx: Tx, person: string, realNow: Instant): Promise<TokenRow[]> {
    return await tx.query<TokenRow>(
        `select ${columns} from credentials where person_id = $1 and ${isLiveToken} order by created_at, hash`,
        [person, new Date(realNow)],
    )
}

/** Finds a valid token of this person by its id, and locks it. */
export async function lockToken(tx: Tx, person: string, id: string, realNow: Instant): Promise<TokenRow | undefined> {
    const rows = await tx.query<TokenRow>(
        `select ${columns} from credentials where person_id = $1 and ${isLiveToken} and ${tokenId} = $3
         for no key update`,
        [person, new Date(realNow), id],
    )
    return rows[0]
}

/** A token that its person made, with the person of a partner. */
export interface SubjectToken extends TokenRow {
    readonly person: string
}

/** Finds a valid token of a partner's present person, and locks it: what is exchanged for it is ended with it. */
export async function lockSubjectToken(tx: Tx, hash: Buffer, realNow: Instant): Promise<SubjectToken | undefined> {
    const rows = await tx.query<SubjectToken>(
        `select ${columns}, person_id as person from credentials where hash = $1 and ${isLiveToken}
         and exists (select from persons p where p.id = person_id and p.left_at is null and p.partner_id is not null)
         for no key update`,
        [hash, new Date(realNow)],
    )
    return rows[0]
}

/** Lets a token end at this instant, if it ended later. */
export async function shortenToken(tx: Tx, hash: Buffer, expiresAt: Instant): Promise<void> {
    await tx.query("update credentials set expires_at = $2 where hash = $1 and expires_at > $2", [
        hash,
        new Date(expiresAt),
    ])
}

/** A token or session with its person and networks. */
export interface UsedCredential {
    readonly hash: Buffer
    readonly person: string
    readonly networks: readonly string[]
}

/** Finds which of these hashes are valid tokens and sessions. */
export async function listUsed(tx: Tx, hashes: readonly Buffer[], realNow: Instant): Promise<UsedCredential[]> {
    return await tx.query<UsedCredential>(
        `select hash, person_id as person, networks from credentials c
         where hash = any($1::bytea[]) and kind in ('token', 'session') and ${isLiveSql("$2")}`,
        [hashes, new Date(realNow)],
    )
}

export interface LastUse {
    readonly hash: Buffer
    readonly at: Instant
    readonly fromCiphertext: Buffer
    readonly deviceCiphertext: Buffer | null
}

/** Stores the last uses of tokens and sessions. */
export async function storeLastUses(tx: Tx, uses: readonly LastUse[]): Promise<void> {
    await tx.query(
        `with latest as materialized (
            select c.hash, u.at, u.origin, u.device
            from unnest($1::bytea[], $2::timestamptz[], $3::bytea[], $4::bytea[]) as u (hash, at, origin, device)
            join credentials c on c.hash = u.hash
            where c.ended_at is null and (c.last_used_at is null or c.last_used_at < u.at)
            for no key update of c skip locked
         ) update credentials set last_used_at = latest.at, last_used_from_ciphertext = latest.origin,
         last_used_on_ciphertext = latest.device
         from latest where credentials.hash = latest.hash`,
        [
            uses.map(({ hash }) => hash),
            uses.map(({ at }) => new Date(at)),
            uses.map(({ fromCiphertext }) => fromCiphertext),
            uses.map(({ deviceCiphertext }) => deviceCiphertext),
        ],
    )
}

/** Notes a use from another network. False where one was noted after `since`. */
export async function noteRefusal(tx: Tx, hash: Buffer, at: Instant, since: Instant): Promise<boolean> {
    const rows = await tx.query(
        `update credentials set refused_at = $2 where hash = $1 and (refused_at is null or refused_at <= $3)
         returning hash`,
        [hash, new Date(at), new Date(since)],
    )
    return rows.length === 1
}

const forgetProofsSql = `delete from used_proofs where hash in
    (select hash from used_proofs where expires_at <= $1 order by expires_at limit 100 for update skip locked)`

/**
 * Marks a proof as used, if the token is valid and bound to its key. False otherwise, and where it was used before.
 * Forgets expired proofs.
 *
 * Does not wait for the disk: a crash of the database can forget the proofs of its last second. Each of them counts for
 * a minute at most, and only for its own request.
 */
export async function markProofUsed(
    db: Db,
    proof: { readonly hash: Buffer; readonly expiresAt: Instant },
    token: { readonly hash: Buffer; readonly key: string },
    realNow: Instant,
): Promise<boolean> {
    const rows = await db.statement(
        `with forgotten as (${forgetProofsSql})
         insert into used_proofs (hash, expires_at) select $2, $3 from credentials
         where hash = $4 and key_thumbprint = $5 and ended_at is null and expires_at > $6
            and set_config('synchronous_commit', 'off', true) = 'off'
         on conflict do nothing returning hash`,
        [
            new Date(realNow - clockSkewMs),
            proof.hash,
            new Date(proof.expiresAt),
            token.hash,
            token.key,
            new Date(realNow),
        ],
    )
    return rows.length === 1
}

/** Another process's clock can be behind by this. */
const clockSkewMs = 5 * 60_000

/** Marks a proof or assertion as used, within a transaction. False where it was used before. */
export async function markUsed(tx: Tx, hash: Buffer, expiresAt: Instant, realNow: Instant): Promise<boolean> {
    await tx.query(forgetProofsSql, [new Date(realNow - clockSkewMs)])
    const rows = await tx.query(
        "insert into used_proofs (hash, expires_at) values ($1, $2) on conflict do nothing returning hash",
        [hash, new Date(expiresAt)],
    )
    return rows.length === 1
}

export interface ClientRow {
    readonly id: string
    readonly person: string
    readonly nameCiphertext: Buffer
    readonly keys: readonly object[]
    readonly scopes: readonly Scope[]
    readonly networks: readonly string[]
    readonly createdAt: Instant
    /** When its keys were replaced; null: they are as registered. */
    readonly keysChangedAt: Instant | null
    readonly lastUsedAt: Instant | null
}

const clientColumns = `m.id, m.person_id as person, m.name_ciphertext as "nameCiphertext", m.keys, m.scopes, m.networks,
    m.created_at as "createdAt", m.keys_changed_at as "keysChangedAt", m.last_used_at as "lastUsedAt"`

export async function insertClient(tx: Tx, row: Omit<ClientRow, "keysChangedAt" | "lastUsedAt">): Promise<void> {
    await tx.query(
        `insert into machine_clients (id, person_id, name_ciphertext, keys, scopes, networks, created_at)
         values ($1, $2, $3, $4, $5, $6, $7)`,
        [
            row.id,
            row.person,
            row.nameCiphertext,
            JSON.stringify(row.keys),
            row.scopes,
            row.networks,
            new Date(row.createdAt),
        ],
    )
}

export async function listClients(tx: Tx, person: string): Promise<ClientRow[]> {
    return await tx.query<ClientRow>(
        `select ${clientColumns} from machine_clients m where person_id = $1 and ended_at is null
         order by created_at, id`,
        [person],
    )
}

export interface PresentClient extends ClientRow {
    readonly partner: string | null
}

/** Finds a valid client of a present person, and locks it: what it gets is ended with it. */
export async function lockClient(tx: Tx, id: string): Promise<PresentClient | undefined> {
    const rows = await tx.query<PresentClient>(
        `select ${clientColumns}, p.partner_id as partner from machine_clients m join persons p on p.id = m.person_id
         where m.id = $1 and m.ended_at is null and p.left_at is null for no key update of m`,
        [id],
    )
    return rows[0]
}

export async function setClientKeys(tx: Tx, id: string, keys: readonly object[], realNow: Instant): Promise<void> {
    await tx.query("update machine_clients set keys = $2, keys_changed_at = $3 where id = $1", [
        id,
        JSON.stringify(keys),
        new Date(realNow),
    ])
}

export async function markClientUsed(tx: Tx, id: string, realNow: Instant): Promise<void> {
    await tx.query("update machine_clients set last_used_at = $2 where id = $1", [id, new Date(realNow)])
}

/** Ends a valid client of this person, and with it its tokens. False where there is none with this id. */
export async function endClient(tx: Tx, person: string, id: string, realNow: Instant): Promise<boolean> {
    const rows = await tx.query(
        `update machine_clients set ended_at = $3 where id = $1 and person_id = $2 and ended_at is null returning id`,
        [id, person, new Date(realNow)],
    )
    return rows.length === 1
}

/** Ends the tokens of a client. */
export async function endClientTokens(tx: Tx, id: string, realNow: Instant): Promise<void> {
    await tx.query("update credentials set ended_at = $2 where client_id = $1 and ended_at is null", [
        id,
        new Date(realNow),
    ])
}

/** Ends all machine clients of a person, and with them their tokens. Returns how many. */
export async function endClientsOfPerson(tx: Tx, person: string, realNow: Instant): Promise<number> {
    const rows = await tx.query(
        "update machine_clients set ended_at = $2 where person_id = $1 and ended_at is null returning id",
        [person, new Date(realNow)],
    )
    return rows.length
}

/** Deletes expired tokens that a client or an exchange got. Nothing refers to them. */
export async function deleteExpiredShortTokens(tx: Tx, person: string, before: Instant): Promise<void> {
    await tx.query(
        `delete from credentials where hash in (
            select hash from credentials where person_id = $1 and (client_id is not null or parent_hash is not null)
            and expires_at < $2 for update skip locked)`,
        [person, new Date(before)],
    )
}

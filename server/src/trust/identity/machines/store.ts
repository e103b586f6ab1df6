/** Reads and writes the rows of tokens: their list, last uses and ends. */
import type { Instant } from "@tocsin/base/instant"
import type { Scope } from "../../../kernel/scopes.ts"
import type { Tx } from "../../../platform/postgres/db.ts"

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

/** Tokens that a person made. What clients and exchanges got for some minutes is left out. */
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

/** Lets a token end at this instant, if it ended later. */
export async function shortenToken(tx: Tx, hash: Buffer, expiresAt: Instant): Promise<void> {
    await tx.query("update credentials set expires_at = $2 where hash = $1 and expires_at > $2", [
        hash,
        new Date(expiresAt),
    ])
}

/** A token with its person and networks. */
export interface UsedToken {
    readonly hash: Buffer
    readonly person: string
    readonly networks: readonly string[]
}

/** Finds which of these hashes are valid tokens. */
export async function listUsedTokens(tx: Tx, hashes: readonly Buffer[], realNow: Instant): Promise<UsedToken[]> {
    return await tx.query<UsedToken>(
        `select hash, person_id as person, networks from credentials
         where hash = any($1::bytea[]) and kind = 'token' and ended_at is null and expires_at > $2`,
        [hashes, new Date(realNow)],
    )
}

export interface TokenUse {
    readonly hash: Buffer
    readonly at: Instant
    readonly fromCiphertext: Buffer
}

/** Stores the last uses of tokens. */
export async function storeTokenUses(tx: Tx, uses: readonly TokenUse[]): Promise<void> {
    await tx.query(
        `with one as materialized (
            select c.hash, u.at, u.origin
            from unnest($1::bytea[], $2::timestamptz[], $3::bytea[]) as u (hash, at, origin)
            join credentials c on c.hash = u.hash
            where c.kind = 'token' and c.ended_at is null and (c.last_used_at is null or c.last_used_at < u.at)
            for no key update of c skip locked
         ) update credentials set last_used_at = one.at, last_used_from_ciphertext = one.origin
         from one where credentials.hash = one.hash`,
        [
            uses.map(({ hash }) => hash),
            uses.map(({ at }) => new Date(at)),
            uses.map(({ fromCiphertext }) => fromCiphertext),
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

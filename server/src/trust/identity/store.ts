/** Reads and writes the rows of people and credentials. A credential is stored by the hash of its secret. */
import type { Instant } from "@tocsin/base/instant"
import { type Tx, oneOrAll } from "../../platform/postgres/db.ts"
import { readLocksSql } from "../../kernel/locks.ts"
import { combineCalls } from "../../kernel/shared-transaction.ts"
import type { CredentialLimits } from "./credential-limits.ts"
import type { CredentialKind } from "./person.ts"

export interface PersonRow {
    readonly id: string
    readonly partner: string | null
    readonly details_ciphertext: Buffer
    readonly roles: string[]
    readonly created_by: string | null
    readonly created_at: Instant
    readonly left_at: Instant | null
}

const personColumns = `id, partner_id as partner, details_ciphertext, roles, created_by, created_at, left_at`

export async function insertPerson(tx: Tx, row: Omit<PersonRow, "left_at">): Promise<void> {
    await tx.query(
        `insert into persons (id, partner_id, details_ciphertext, roles, created_by, created_at)
         values ($1, $2, $3, $4, $5, $6)`,
        [row.id, row.partner, row.details_ciphertext, row.roles, row.created_by, new Date(row.created_at)],
    )
}

export async function findPerson(tx: Tx, id: string): Promise<PersonRow | undefined> {
    const rows = await tx.query<PersonRow>(`select ${personColumns} from persons where id = $1`, [id])
    return rows[0]
}

/** Lists the creators of a person, back to the people whom no person added. */
export async function listCreators(tx: Tx, id: string): Promise<string[]> {
    const rows = await tx.query<{ id: string }>(
        `with recursive line (id) as (
            select created_by from persons where id = $1
            union select p.created_by from persons p join line on p.id = line.id
         ) select id from line where id is not null`,
        [id],
    )
    return rows.map((row) => row.id)
}

/** Lists the creators of each of these people in one statement. People whom no person added are left out. */
export async function listCreatorsByPerson(
    tx: Tx,
    ids: readonly string[],
): Promise<{ person: string; creators: string[] }[]> {
    return await tx.query(
        `with recursive line (person, id) as (
            select id, created_by from persons where id = any($1)
            union select line.person, p.created_by from persons p join line on p.id = line.id
         ) select person, array_agg(id) as creators from line where id is not null group by person`,
        [ids],
    )
}

export async function listPeople(tx: Tx, partner: string | null): Promise<PersonRow[]> {
    return await tx.query<PersonRow>(
        `select ${personColumns} from persons where partner_id is not distinct from $1::uuid order by created_at, id`,
        [partner],
    )
}

export async function listPeopleByIds(tx: Tx, ids: readonly string[]): Promise<PersonRow[]> {
    return await tx.query<PersonRow>(`select ${personColumns} from persons where id = any($1)`, [ids])
}

/** Lists people on any partner's roster who have not left. */
export async function listPeopleOfPartners(tx: Tx): Promise<PersonRow[]> {
    return await tx.query<PersonRow>(
        `select ${personColumns} from persons where partner_id is not null and left_at is null`,
    )
}

/** False where the person had left. */
export async function markLeft(tx: Tx, id: string, now: Instant): Promise<boolean> {
    const rows = await tx.query("update persons set left_at = $2 where id = $1 and left_at is null returning id", [
        id,
        new Date(now),
    ])
    return rows.length === 1
}

export async function setRoles(tx: Tx, id: string, roles: readonly string[]): Promise<void> {
    await tx.query("update persons set roles = $2 where id = $1", [id, roles])
}

/** Locks the present holders of a role until the transaction ends, so that two cannot remove each other. */
export async function lockHolders(tx: Tx, role: "admin" | "approver" | "manager"): Promise<string[]> {
    const rows = await tx.query<{ id: string }>(
        `select id from persons where partner_id is null and left_at is null and $1 = any(roles)
         order by id for no key update`,
        [role],
    )
    return rows.map((row) => row.id)
}

export interface CredentialRow extends Omit<CredentialLimits, "kind"> {
    readonly hash: Buffer
    readonly person: string
    readonly kind: CredentialKind
    readonly reusable: boolean
    readonly nameCiphertext: Buffer | null
    /** The token for which this one was exchanged. */
    readonly parent: Buffer | null
    /** The machine client that got it. */
    readonly client: string | null
}

/** The account of a provider behind a session by single sign-on. */
export interface SignOn {
    /** The id of the connected identity. */
    readonly identity: string
    readonly provider: string
    /** The session has only these of the person's roles; null: all. */
    readonly roleLimit: readonly string[] | null
    /** Keyed hash of the provider's session. */
    readonly providerSession: Buffer | null
}

export interface NewCredential extends CredentialRow {
    readonly createdAt: Instant
    readonly expiresAt: Instant
    /** Of a session: it ends when it is unused for longer, in milliseconds. */
    readonly idleMs: number | null
    /** Of a session by single sign-on. */
    readonly signOn: SignOn | null
}

/**
 * Inserts a credential. A new session by link or passkey counts as confirmed, because its person has just signed in.
 * One by single sign-on does not: an attacker with the provider has no passkey of the person.
 */
export async function insertCredential(tx: Tx, { signOn, ...row }: NewCredential): Promise<void> {
    const { identity = null, roleLimit = null, providerSession = null } = signOn ?? {}
    await tx.query(
        `insert into credentials (hash, person_id, kind, created_at, expires_at, reusable, scopes, networks,
         key_thumbprint, certificate_thumbprint, name_ciphertext, parent_hash, client_id, idle_ms, identity_id,
         role_limit, provider_session_hash, confirmed_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17,
         case when $3 = 'session' and $15::uuid is null then $4::timestamptz end)`,
        [
            row.hash,
            row.person,
            row.kind,
            new Date(row.createdAt),
            new Date(row.expiresAt),
            row.reusable,
            row.scopes,
            row.networks,
            row.key,
            row.certificate,
            row.nameCiphertext,
            row.parent,
            row.client,
            row.idleMs,
            identity,
            roleLimit,
            providerSession,
        ],
    )
}

/** The condition of a valid credential `c`, with `now` as the parameter of the wall-clock time. */
export const isLiveSql = (now: "$1" | "$2" | "$3"): string =>
    `c.ended_at is null and c.expires_at > ${now} and (c.idle_ms is null
    or greatest(c.created_at, c.last_used_at) > ${now}::timestamptz - c.idle_ms * interval '1 millisecond')`

export interface LiveCredential extends CredentialLimits {
    readonly reusable: boolean
    readonly person: string
    readonly partner: string | null
    /** The roles that this credential has: those of the person, within the limit of a session by single sign-on. */
    readonly roles: string[]
}

const liveColumns = `c.kind, c.scopes, c.networks, c.key_thumbprint as key, c.certificate_thumbprint as certificate,
    c.reusable, p.id as person, p.partner_id as partner,
    case when c.role_limit is null then p.roles
         else array(select role from unnest(p.roles) role where role = any(c.role_limit)) end as roles`

const selectLiveCredential = `select ${liveColumns}
    from credentials c join persons p on p.id = c.person_id
    where c.hash = $1 and ${isLiveSql("$2")} and p.left_at is null`

const queryLiveCredentials = combineCalls((tx, hashes: readonly Buffer[], realNow: Instant) =>
    tx.query<LiveCredential & { readonly hash: Buffer }>(
        `select c.hash, ${liveColumns}
         from credentials c join persons p on p.id = c.person_id
         where c.hash = any((select $1::bytea[])::bytea[]) and ${isLiveSql("$2")}
         and p.left_at is null`,
        [hashes, new Date(realNow)],
    ),
)

/** Finds a valid credential. Calls in one transaction share one statement. */
export async function findLiveCredentialTogether(
    tx: Tx,
    hash: Buffer,
    realNow: Instant,
): Promise<LiveCredential | undefined> {
    const { rows } = await queryLiveCredentials(tx, hash, realNow)
    return rows.find((row) => row.hash.equals(hash))
}

/** Finds a credential that is valid at this wall-clock time, with its person. */
export async function findLiveCredential(tx: Tx, hash: Buffer, realNow: Instant): Promise<LiveCredential | undefined> {
    return (await tx.query<LiveCredential>(selectLiveCredential, [hash, new Date(realNow)]))[0]
}

/** Finds a valid credential and takes the read locks of its partner, if it has one. */
export async function lockPartnerOfCredential(
    tx: Tx,
    hash: Buffer,
    realNow: Instant,
): Promise<LiveCredential | undefined> {
    const rows = await tx.query<LiveCredential>(
        `with live as materialized (${selectLiveCredential}) select live.*, ${readLocksSql("partner::text")} from live`,
        [hash, new Date(realNow)],
    )
    return rows[0]
}

/** A valid session. */
export interface Session {
    readonly person: string
    readonly isBySignOn: boolean
    /** Whether it has all roles of its person. */
    readonly isWhole: boolean
}

/** Finds a valid session; undefined for a token. */
export async function findSession(tx: Tx, hash: Buffer, realNow: Instant): Promise<Session | undefined> {
    const rows = await tx.query<Session>(
        `select c.person_id as person, c.identity_id is not null as "isBySignOn",
         c.role_limit is null or p.roles <@ c.role_limit as "isWhole"
         from credentials c join persons p on p.id = c.person_id
         where c.hash = $1 and c.kind = 'session' and ${isLiveSql("$2")}`,
        [hash, new Date(realNow)],
    )
    return rows[0]
}

export async function isSession(tx: Tx, hash: Buffer, realNow: Instant): Promise<boolean> {
    return (await findSession(tx, hash, realNow)) !== undefined
}

/** Selects sessions by single sign-on: of a connected account, of one session of the provider, or both. */
export type SignOnSessions =
    | { readonly identity: string; readonly providerSession: Buffer | null }
    | { readonly identity: null; readonly providerSession: Buffer }

/**
 * Ends sessions by single sign-on, and returns their people. A session of the identity for which the provider named no
 * session ends too.
 */
export async function endSessionsBySignOn(
    tx: Tx,
    { identity, providerSession }: SignOnSessions,
    realNow: Instant,
): Promise<string[]> {
    const rows = await tx.query<{ person: string }>(
        `update credentials set ended_at = $3 where ended_at is null and identity_id is not null
         and ($1::uuid is null or identity_id = $1)
         and ($2::bytea is null or provider_session_hash = $2
              or ($1::uuid is not null and provider_session_hash is null))
         returning person_id as person`,
        [identity, providerSession, new Date(realNow)],
    )
    return [...new Set(rows.map(({ person }) => person))]
}

/** Locks a person until the transaction ends, so that its passkeys and credentials change one after the other. */
export async function lockPerson(tx: Tx, id: string): Promise<void> {
    await tx.query("select from persons where id = $1 for no key update", [id])
}

/** Ends the other sessions and the links of a person. */
export async function endOtherSessions(tx: Tx, person: string, session: Buffer, realNow: Instant): Promise<void> {
    await tx.query(
        `update credentials set ended_at = $3 where person_id = $1 and hash <> $2 and kind in ('session', 'link')
         and not reusable and ended_at is null`,
        [person, session, new Date(realNow)],
    )
}

/** Ends a credential. False where it had ended: of two uses of one link, one succeeds. */
export async function endCredential(tx: Tx, hash: Buffer, realNow: Instant): Promise<boolean> {
    const rows = await tx.query(
        "update credentials set ended_at = $2 where hash = $1 and ended_at is null returning kind",
        [hash, new Date(realNow)],
    )
    return rows.length === 1
}

/** Ends a person's credentials, reusable links only with `endsReusable`. Returns the kinds of those that were valid. */
export async function endCredentialsOfPerson(
    tx: Tx,
    person: string,
    endsReusable: boolean,
    realNow: Instant,
): Promise<CredentialKind[]> {
    const rows = await tx.query<{ kind: CredentialKind; wasLive: boolean }>(
        `with c as (
            select c.hash, ${isLiveSql("$3")} as "wasLive" from credentials c
            where person_id = $1 and ended_at is null and ($2 or not reusable)
         ) update credentials set ended_at = $3 from c
         where credentials.hash = c.hash and ended_at is null returning kind, "wasLive"`,
        [person, endsReusable, new Date(realNow)],
    )
    return rows.filter(({ wasLive }) => wasLive).map(({ kind }) => kind)
}

/** Ends every session and link, of everybody. */
export async function endAllSessions(tx: Tx, realNow: Instant): Promise<void> {
    await tx.query(
        `update credentials set ended_at = $1, last_used_from_ciphertext = null, last_used_on_ciphertext = null
         where kind in ('session', 'link') and ended_at is null`,
        [new Date(realNow)],
    )
}

export async function endLinksOfPerson(tx: Tx, person: string, realNow: Instant): Promise<void> {
    await tx.query(
        `update credentials set ended_at = $2 where person_id = $1 and kind = 'link' and not reusable and ended_at is
            null`,
        [person, new Date(realNow)],
    )
}

export interface CredentialUse {
    readonly person: string
    /** Valid sessions and tokens. */
    readonly sessions: number
    readonly tokens: number
    readonly lastSignInAt: Instant | null
    /** Until when an unused link is valid; null where there is none. */
    readonly linkUntil: Instant | null
}

/** Counts the valid credentials of each staff member that has or had any. */
export async function listCredentialUse(tx: Tx, realNow: Instant): Promise<CredentialUse[]> {
    const valid = (kind: string) => `kind = '${kind}' and ${isLiveSql("$1")}`
    return await tx.query<CredentialUse>(
        `select person_id as person,
         count(*) filter (where ${valid("session")})::int as sessions,
         count(*) filter (where ${valid("token")})::int as tokens,
         max(c.created_at) filter (where kind = 'session') as "lastSignInAt",
         max(c.expires_at) filter (where ${valid("link")}) as "linkUntil"
         from credentials c join persons p on p.id = c.person_id where p.partner_id is null group by person_id`,
        [new Date(realNow)],
    )
}

export interface LeadSpan {
    readonly partner: string
    readonly from: Instant
    readonly until: Instant | null
}

export async function listLeadSpans(tx: Tx, partner: string | null): Promise<LeadSpan[]> {
    if (partner === null) return await tx.query<LeadSpan>(selectLeadSpans, [])
    const { rows } = await queryLeadSpans(tx, partner, null)
    return rows.filter((row) => row.partner === partner)
}

const selectLeadSpans = `select partner_id as partner, created_at as "from", left_at as until from persons
    where partner_id is not null and 'lead' = any(roles)`

const queryLeadSpans = combineCalls((tx, partners: readonly string[], _: null) =>
    tx.query<LeadSpan>(`${selectLeadSpans} and partner_id = any((select $1::uuid[])::uuid[])`, [partners]),
)

export interface RosterStay {
    readonly partner: string
    readonly person: string
    readonly isLead: boolean
    readonly from: Instant
    readonly until: Instant | null
}

export async function listRosterStays(tx: Tx, partner: string | null): Promise<RosterStay[]> {
    return await tx.query<RosterStay>(
        `select partner_id as partner, id as person, 'lead' = any(roles) as "isLead", created_at as "from",
         left_at as until
         from persons where partner_id is not null and ${oneOrAll("partner_id", 1, partner)} order by created_at, id`,
        [partner],
    )
}

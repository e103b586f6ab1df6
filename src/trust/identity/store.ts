/** The rows of persons and credentials. A credential's secret is nowhere; its hash is its key. */
import type { Instant } from "../../lib/instant.ts"
import type { Tx } from "../../platform/db.ts"
import type { CredentialKind } from "./person.ts"

export interface PersonRow {
    readonly id: string
    readonly partner: string | null
    readonly details_box: Buffer
    readonly roles: string[]
    readonly created_by: string | null
    readonly created_at: Instant
    readonly left_at: Instant | null
}

export async function insertPerson(tx: Tx, row: Omit<PersonRow, "left_at">): Promise<void> {
    await tx.query(
        `insert into persons (id, partner, details_box, roles, created_by, created_at) values ($1, $2, $3, $4, $5, $6)`,
        [row.id, row.partner, row.details_box, row.roles, row.created_by, new Date(row.created_at)],
    )
}

export async function person(tx: Tx, id: string): Promise<PersonRow | undefined> {
    const rows = await tx.query<PersonRow>("select * from persons where id = $1", [id])
    return rows[0]
}

/** Whoever added this person, whoever added that one, and so on, back to those whom nobody added. */
export async function creatorsOf(tx: Tx, id: string): Promise<string[]> {
    const rows = await tx.query<{ id: string }>(
        `with recursive line (id) as (
            select created_by from persons where id = $1
            union select p.created_by from persons p join line on p.id = line.id
         ) select id from line where id is not null`,
        [id],
    )
    return rows.map((row) => row.id)
}

export async function personsOf(tx: Tx, partner: string | null): Promise<PersonRow[]> {
    return await tx.query<PersonRow>(
        "select * from persons where partner is not distinct from $1::uuid order by created_at, id",
        [partner],
    )
}

export async function markLeft(tx: Tx, id: string, now: Instant): Promise<void> {
    await tx.query("update persons set left_at = $2 where id = $1 and left_at is null", [id, new Date(now)])
}

export interface CredentialRow {
    readonly hash: Buffer
    readonly person: string
    readonly kind: CredentialKind
    readonly reusable: boolean
}

export async function insertCredential(
    tx: Tx,
    row: CredentialRow & { readonly createdAt: Instant; readonly expiresAt: Instant },
): Promise<void> {
    await tx.query(
        `insert into credentials (hash, person, kind, created_at, expires_at, reusable)
         values ($1, $2, $3, $4, $5, $6)`,
        [row.hash, row.person, row.kind, new Date(row.createdAt), new Date(row.expiresAt), row.reusable],
    )
}

export interface LiveCredential {
    readonly kind: CredentialKind
    readonly reusable: boolean
    readonly person: string
    readonly partner: string | null
    readonly roles: string[]
}

/** The credential and its person, where both are alive at this real time. */
export async function liveCredential(tx: Tx, hash: Buffer, realNow: Instant): Promise<LiveCredential | undefined> {
    const rows = await tx.query<LiveCredential>(
        `select c.kind, c.reusable, p.id as person, p.partner, p.roles from credentials c join persons p on p.id = c.person
         where c.hash = $1 and c.ended_at is null and c.expires_at > $2 and p.left_at is null`,
        [hash, new Date(realNow)],
    )
    return rows[0]
}

/** False where it had ended already: of two who use a link at the same time, one succeeds. */
export async function endCredential(tx: Tx, hash: Buffer, realNow: Instant): Promise<boolean> {
    const rows = await tx.query(
        "update credentials set ended_at = $2 where hash = $1 and ended_at is null returning kind",
        [hash, new Date(realNow)],
    )
    return rows.length === 1
}

export async function endCredentialsOf(tx: Tx, person: string, realNow: Instant): Promise<void> {
    await tx.query("update credentials set ended_at = $2 where person = $1 and ended_at is null", [
        person,
        new Date(realNow),
    ])
}

/** The rows of approvals. */
import type { Instant } from "../../lib/instant.ts"
import type { Tx } from "../../platform/db.ts"
import type { Approval, Effects } from "./approval.ts"

interface Row {
    readonly id: string
    readonly effects: Effects
    readonly effects_hash: Buffer
    readonly requested_by: string
    readonly requested_at: Instant
    readonly signed_by: string | null
    readonly signed_at: Instant | null
    readonly used_at: Instant | null
    readonly voided_at: Instant | null
}

export async function insertApproval(tx: Tx, approval: Approval): Promise<void> {
    await tx.query(
        `insert into approvals (id, act, effects, effects_hash, requested_by, requested_at)
         values ($1, $2, $3, $4, $5, $6)`,
        [
            approval.id,
            approval.effects.act,
            JSON.stringify(approval.effects),
            Buffer.from(approval.effectsHash, "hex"),
            approval.requestedBy,
            new Date(approval.requestedAt),
        ],
    )
}

export async function approval(tx: Tx, id: string): Promise<Approval | undefined> {
    const rows = await tx.query<Row>("select * from approvals where id = $1", [id])
    return rows.map(read)[0]
}

/** The same, and nobody else changes it until this transaction ends. */
export async function lockApproval(tx: Tx, id: string): Promise<Approval | undefined> {
    const rows = await tx.query<Row>("select * from approvals where id = $1 for no key update", [id])
    return rows.map(read)[0]
}

/** Asked for after `since`, and neither signed nor taken back: oldest first. */
export async function unsigned(tx: Tx, since: Instant): Promise<Approval[]> {
    const rows = await tx.query<Row>(
        `select * from approvals where requested_at > $1 and signed_at is null and voided_at is null
         order by requested_at, id`,
        [new Date(since)],
    )
    return rows.map(read)
}

/** The latest, newest first. */
export async function latest(tx: Tx, countMax: number): Promise<Approval[]> {
    const rows = await tx.query<Row>("select * from approvals order by requested_at desc, id limit $1", [countMax])
    return rows.map(read)
}

export async function markSigned(tx: Tx, id: string, person: string, now: Instant): Promise<void> {
    await tx.query("update approvals set signed_by = $2, signed_at = $3 where id = $1", [id, person, new Date(now)])
}

export async function markUsed(tx: Tx, id: string, now: Instant): Promise<void> {
    await tx.query("update approvals set used_at = $2 where id = $1", [id, new Date(now)])
}

export async function markVoided(tx: Tx, id: string, now: Instant): Promise<void> {
    await tx.query("update approvals set voided_at = $2 where id = $1", [id, new Date(now)])
}

function read(row: Row): Approval {
    return {
        id: row.id,
        effects: row.effects,
        effectsHash: row.effects_hash.toString("hex"),
        requestedBy: row.requested_by,
        requestedAt: row.requested_at,
        signedBy: row.signed_by,
        signedAt: row.signed_at,
        usedAt: row.used_at,
        voidedAt: row.voided_at,
    }
}

/** The rows of provisions and of what carries them on, for the members of their inquiry alone. */
import type { Instant } from "../../../lib/instant.ts"
import type { Tx } from "../../../platform/db.ts"

interface AskedRow {
    readonly id: string
    readonly words_box: Buffer
    readonly approval: string
    readonly asked_by: string
    readonly asked_at: Instant
}

export interface ProvisionRow extends AskedRow {
    readonly in_force_at: Instant | null
    /** What it has laid; null until then. */
    readonly laid: number | null
    readonly ended_at: Instant | null
}

export async function insertProvision(tx: Tx, inquiry: string, row: AskedRow): Promise<void> {
    await tx.query(
        `insert into inquiry_provisions (id, inquiry, words_box, approval, asked_by, asked_at) values ($1, $2, $3, $4, $5, $6)`,
        [row.id, inquiry, row.words_box, row.approval, row.asked_by, new Date(row.asked_at)],
    )
}

/** Of one inquiry, oldest first. */
export async function provisions(tx: Tx, inquiry: string): Promise<ProvisionRow[]> {
    return await tx.query<ProvisionRow>("select * from inquiry_provisions where inquiry = $1 order by seq", [inquiry])
}

export async function setInForce(tx: Tx, id: string, laid: number, at: Instant): Promise<void> {
    await tx.query("update inquiry_provisions set in_force_at = $2, laid = $3 where id = $1", [id, new Date(at), laid])
}

export async function setEnded(tx: Tx, id: string, at: Instant): Promise<void> {
    await tx.query("update inquiry_provisions set ended_at = $2 where id = $1", [id, new Date(at)])
}

export interface CarryingRow extends AskedRow {
    readonly provision: string
    readonly carried_at: Instant | null
}

export async function insertCarrying(tx: Tx, row: Omit<CarryingRow, "carried_at">): Promise<void> {
    await tx.query(
        `insert into inquiry_carryings (id, provision, words_box, approval, asked_by, asked_at) values ($1, $2, $3, $4, $5, $6)`,
        [row.id, row.provision, row.words_box, row.approval, row.asked_by, new Date(row.asked_at)],
    )
}

/** Of one inquiry, oldest first. */
export async function carryings(tx: Tx, inquiry: string): Promise<CarryingRow[]> {
    return await tx.query<CarryingRow>(
        `select inquiry_carryings.* from inquiry_carryings join inquiry_provisions on inquiry_provisions.id = provision
         where inquiry = $1 order by inquiry_carryings.seq`,
        [inquiry],
    )
}

export async function setCarried(tx: Tx, id: string, at: Instant): Promise<void> {
    await tx.query("update inquiry_carryings set carried_at = $2 where id = $1", [id, new Date(at)])
}

/** Stores tracing instructions and their extensions, for members only. */
import type { Instant } from "@tocsin/base/instant"
import type { Tx } from "../../../platform/postgres/db.ts"

interface RequestRow {
    readonly id: string
    readonly text_ciphertext: Buffer
    readonly approval: string
    readonly requested_by: string
    readonly requested_at: Instant
}

export interface InstructionRow extends RequestRow {
    readonly activated_at: Instant | null
    /** The number of the code design that it set; null until then. */
    readonly codeDesign: number | null
    readonly ended_at: Instant | null
}

const instructionColumns = `id, text_ciphertext, approval_id as approval, requested_by, requested_at, activated_at,
    code_design_id as "codeDesign", ended_at`

/** Inserts a tracing instruction. */
export async function insertInstruction(tx: Tx, inquiry: string, row: RequestRow): Promise<void> {
    await tx.query(
        `insert into tracing_instructions (id, inquiry_id, text_ciphertext, approval_id, requested_by, requested_at)
         values ($1, $2, $3, $4, $5, $6)`,
        [row.id, inquiry, row.text_ciphertext, row.approval, row.requested_by, new Date(row.requested_at)],
    )
}

/** Lists the tracing instructions of one inquiry, oldest first. */
export async function listInstructions(tx: Tx, inquiry: string): Promise<InstructionRow[]> {
    return await tx.query<InstructionRow>(
        `select ${instructionColumns} from tracing_instructions where inquiry_id = $1 order by seq`,
        [inquiry],
    )
}

/** Sets a tracing instruction as active. */
export async function setActivated(tx: Tx, id: string, codeDesign: number, at: Instant): Promise<void> {
    await tx.query("update tracing_instructions set activated_at = $2, code_design_id = $3 where id = $1", [
        id,
        new Date(at),
        codeDesign,
    ])
}

/** Sets a tracing instruction as ended. */
export async function setEnded(tx: Tx, id: string, at: Instant): Promise<void> {
    await tx.query("update tracing_instructions set ended_at = $2 where id = $1", [id, new Date(at)])
}

export interface ExtensionRow extends RequestRow {
    readonly tracingInstruction: string
    readonly extended_at: Instant | null
}

const extensionColumns = `e.id, e.text_ciphertext, e.approval_id as approval, e.requested_by, e.requested_at,
    e.instruction_id as "tracingInstruction", e.extended_at`

/** Inserts a requested extension. */
export async function insertExtension(tx: Tx, row: Omit<ExtensionRow, "extended_at">): Promise<void> {
    await tx.query(
        `insert into tracing_instruction_extensions (id, instruction_id, text_ciphertext, approval_id, requested_by,
         requested_at) values ($1, $2, $3, $4, $5, $6)`,
        [
            row.id,
            row.tracingInstruction,
            row.text_ciphertext,
            row.approval,
            row.requested_by,
            new Date(row.requested_at),
        ],
    )
}

/** Lists the extensions of one inquiry, oldest first. */
export async function listExtensions(tx: Tx, inquiry: string): Promise<ExtensionRow[]> {
    return await tx.query<ExtensionRow>(
        `select ${extensionColumns} from tracing_instruction_extensions e
         join tracing_instructions i on i.id = instruction_id
         where inquiry_id = $1 order by e.seq`,
        [inquiry],
    )
}

/** Sets an extension as applied. */
export async function setExtended(tx: Tx, id: string, at: Instant): Promise<void> {
    await tx.query("update tracing_instruction_extensions set extended_at = $2 where id = $1", [id, new Date(at)])
}

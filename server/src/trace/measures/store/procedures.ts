/** Stores procedures and their history, which is append-only. */
import type { Tx } from "../../../platform/postgres/db.ts"
import type { ProcedureEntry } from "../procedure.ts"

export interface ProcedureRow {
    readonly id: string
    readonly partner: string
    readonly finding: string
    readonly grounds_ciphertext: Buffer
}

const procedureColumns = `id, partner_id as partner, finding_id as finding, grounds_ciphertext`

export interface ProcedureEntryRow {
    readonly procedure: string
    readonly n: number
    readonly entry: ProcedureEntry
    readonly approval: string | null
    readonly text_ciphertext: Buffer | null
}

const entryColumns = `procedure_id as procedure, n, turn as entry, approval_id as approval, text_ciphertext`

/** Inserts a procedure. */
export async function insertProcedure(tx: Tx, row: ProcedureRow): Promise<void> {
    await tx.query("insert into procedures (id, partner_id, finding_id, grounds_ciphertext) values ($1, $2, $3, $4)", [
        row.id,
        row.partner,
        row.finding,
        row.grounds_ciphertext,
    ])
}

/** Inserts an entry of the history. */
export async function insertEntry(tx: Tx, row: ProcedureEntryRow): Promise<void> {
    await tx.query(
        `insert into procedure_history (procedure_id, n, turn, approval_id, text_ciphertext) values ($1, $2, $3, $4,
            $5)`,
        [row.procedure, row.n, JSON.stringify(row.entry), row.approval, row.text_ciphertext],
    )
}

/** Lists the procedures of one partner (null: all), newest first. */
export async function listProcedures(tx: Tx, partner: string | null): Promise<ProcedureRow[]> {
    return await tx.query<ProcedureRow>(
        `select ${procedureColumns} from procedures where $1::uuid is null or partner_id = $1 order by seq desc`,
        [partner],
    )
}

/** Finds a procedure by id. */
export async function findProcedure(tx: Tx, id: string): Promise<ProcedureRow | undefined> {
    return (await tx.query<ProcedureRow>(`select ${procedureColumns} from procedures where id = $1`, [id]))[0]
}

/** Locks a procedure until the transaction ends, so that entries are added one at a time. */
export async function lockProcedure(tx: Tx, id: string): Promise<ProcedureRow | undefined> {
    return (
        await tx.query<ProcedureRow>(`select ${procedureColumns} from procedures where id = $1 for update`, [id])
    )[0]
}

/** Finds the procedure on a finding. */
export async function findProcedureOfFinding(tx: Tx, finding: string): Promise<ProcedureRow | undefined> {
    return (
        await tx.query<ProcedureRow>(`select ${procedureColumns} from procedures where finding_id = $1`, [finding])
    )[0]
}

/** Lists the history of these procedures, in order. */
export async function listEntries(tx: Tx, procedures: readonly string[]): Promise<ProcedureEntryRow[]> {
    return await tx.query<ProcedureEntryRow>(
        `select ${entryColumns} from procedure_history where procedure_id = any($1) order by procedure_id, n`,
        [procedures],
    )
}

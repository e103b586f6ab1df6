/** Defines a quarantine: the database is behind a high-water file or has another history, and no partner is served. */
import type { AccessEnd, Difference, HighWater } from "../../models/high-water.ts"
import type { Instant } from "@tocsin/base/instant"
import type { Effects } from "../approvals/approval.ts"

/** The same facts in the file and in the database; null where one of them has none. */
export interface FileSummary {
    readonly file: {
        readonly auditLog: number
        readonly receiptLog: number
        readonly changes: number
        readonly program: Instant | null
    }
    readonly database: {
        readonly auditLog: number
        readonly receiptLog: number
        readonly changes: number
        readonly program: Instant
    }
}

/** An ended access in the file, and whether the database applies it now. */
export interface ReappliedEnd {
    readonly kind: AccessEnd["kind"]
    readonly id: string
    readonly status: string | null
    /** `refused`: a person must end it. */
    readonly outcome: "applied" | "refused"
}

/** The quarantine of a restored database, until two people reconcile it. */
export interface Quarantine {
    readonly id: string
    readonly since: Instant
    readonly reasons: readonly Difference[]
    /** By id of the high-water file; each machine has its own. */
    readonly files: Readonly<Record<string, FileSummary>>
    readonly applied: readonly ReappliedEnd[]
    /** The newest change of access at the beginning. */
    readonly number: number
}

/** The evidence of partners' receipts: the number of batches of the receipt log, up to an instant. */
export type ReceiptEvidence = {
    readonly receipts: number
    readonly batches: number
    readonly until: string | null
}

export const noReceiptEvidence: ReceiptEvidence = { receipts: 0, batches: 0, until: null }

/** The effects that two people sign to accept the database's history. */
export function reconciliationEffects({ id, reasons, files }: Quarantine, proven: ReceiptEvidence): Effects {
    const detail = { quarantine: id, reasons: [...reasons].sort(), files: Object.keys(files).sort(), proven }
    return { action: "quarantine.reconcile", recipients: [], artifacts: [], at: null, detail }
}

/** Sums up the file and the database for comparison. */
export function summaryOf(mark: HighWater, database: FileSummary["database"]): FileSummary {
    const { auditLog, receiptLog, epoch, clock } = mark
    return {
        file: {
            auditLog: auditLog?.size ?? 0,
            receiptLog: receiptLog?.size ?? 0,
            changes: epoch?.number ?? 0,
            program: clock?.program ?? null,
        },
        database,
    }
}

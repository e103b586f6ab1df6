/** A quarantine: the database is behind a high-water file, or its past is another one. No partner is served. */
import type { AccessEnd, Difference, HighWater } from "../../models/high-water.ts"
import type { Instant } from "@tocsin/base/instant"
import type { Effects } from "../approvals/approval.ts"

/** What a file and the database have of the same things; null where there is none. */
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

/** An end of access that the file has, and whether it is in force in the database now. */
export interface Applied {
    readonly kind: AccessEnd["kind"]
    readonly id: string
    readonly status: string | null
    /** `refused`: a person has to do it. */
    readonly outcome: "applied" | "refused"
}

export interface Quarantine {
    readonly id: string
    readonly since: Instant
    readonly reasons: readonly Difference[]
    /** By the id of the high-water file: each machine has one. */
    readonly files: Readonly<Record<string, FileSummary>>
    readonly applied: readonly Applied[]
    /** Of the newest change of access when it began. */
    readonly number: number
}

/** What receipts of partners prove: that the receipt log had this many batches, up to an instant. */
export type Proven = {
    readonly receipts: number
    readonly batches: number
    readonly until: string | null
}

export const noProof: Proven = { receipts: 0, batches: 0, until: null }

/** Two people accept the past that the database has, knowing what is missing. */
export function reconcileEffects({ id, reasons, files }: Quarantine, proven: Proven): Effects {
    const detail = { quarantine: id, reasons: [...reasons].sort(), files: Object.keys(files).sort(), proven }
    return { act: "quarantine.reconcile", recipients: [], artifacts: [], at: null, detail }
}

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

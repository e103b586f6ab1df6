/** Reads the size and root of the receipt log, for the high-water file and for receipts of partners. */
import type { Instant } from "@tocsin/base/instant"
import type { LogMark } from "../../../models/high-water.ts"
import type { Tx } from "../../../platform/postgres/db.ts"
import * as store from "../store.ts"

export interface ObservedReceiptLog {
    readonly newest: LogMark | null
    /** Root (hex) at the size of the mark; null where the log is shorter. */
    readonly rootAtMark: string | null
}

/** The size of the log at an instant; null where the database has no later batch, so the log may have been larger. */
export async function findSizeAt(tx: Tx, at: Instant): Promise<number | null> {
    return await store.countBatchesUntil(tx, at)
}

export async function observeReceiptLog(tx: Tx, mark: LogMark | null): Promise<ObservedReceiptLog> {
    const newest = await store.findNewestMark(tx)
    return { newest, rootAtMark: mark && (await store.findRootAt(tx, mark.size)) }
}

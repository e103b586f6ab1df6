/** Reads the size and root of the receipt log, for the high-water file and for receipts of partners. */
import type { LogMark } from "../../../models/high-water.ts"
import type { Tx } from "../../../platform/postgres/db.ts"
import * as store from "../store.ts"

export interface ObservedReceiptLog {
    readonly newest: LogMark | null
    /** Root (hex) at the size of the mark; null where the log is shorter. */
    readonly rootAtMark: string | null
}

export async function observeReceiptLog(tx: Tx, mark: LogMark | null): Promise<ObservedReceiptLog> {
    const newest = await store.findNewestMark(tx)
    return { newest, rootAtMark: mark && (await store.findRootAt(tx, mark.size)) }
}

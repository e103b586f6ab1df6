/** Finds out that a newer version migrated the database while this process runs. */
import { setTimeout as pause } from "node:timers/promises"
import type { Db } from "./db.ts"
import { findNewer } from "./migrate.ts"

const everyMs = 2_000

/**
 * Resolves with the name of a migration that this version cannot run with: end the process then. Never resolves after
 * the signal.
 */
export async function watchSchema(db: Db, signal: AbortSignal): Promise<string> {
    while (!signal.aborted) {
        // A database that does not answer is reported elsewhere.
        const newer = await db.transaction(findNewer).catch(() => undefined)
        if (newer !== undefined) return newer
        await pause(everyMs, undefined, { signal }).catch(() => undefined)
    }
    return await new Promise(() => undefined)
}

/** Defines when backups are made, what they are called, and which of them are kept. */
import { type Instant, dayMs, formatInstant, hourMs } from "@tocsin/base/instant"
import { isHybrid } from "@tocsin/client/recipient"
import { refuse } from "@tocsin/base/refusal"
import { parseRecipient } from "../../../platform/crypto/seal.ts"

/** `tocsin-20261201T120000Z.age`: names sort by time. */
export const fileNameAt = (at: Instant): string =>
    `tocsin-${formatInstant(at).slice(0, 19).replaceAll(/[-:]/g, "")}Z.age`

const ownName = /^tocsin-\d{8}T\d{6}Z\.age$/
/** Of an unfinished backup, before it gets its name. */
const draftName = /^tocsin-\d{8}T\d{6}Z\.age\.[0-9a-f-]{36}\.part$/

export interface FileAge {
    readonly name: string
    readonly changedAt: Instant
}

/** The drafts that a killed process left behind: of more than a day ago, since a long backup still writes to its own. */
export const abandonedDrafts = (files: readonly FileAge[], now: Instant): string[] =>
    files.filter(({ name, changedAt }) => draftName.test(name) && now - changedAt > dayMs).map(({ name }) => name)

/** The names of backups in a folder that are older than the newest `keep`. Other names are never returned. */
export function namesToDelete(names: readonly string[], keep: number): string[] {
    return names
        .filter((name) => ownName.test(name))
        .toSorted()
        .slice(0, -keep)
}

/** A late backup is no fault for this time: it takes a while, and a restart may delay it. */
const graceMs = 2 * hourMs

/** Since when a backup is overdue; null: it is not. `interval` 0: Tocsin makes none. */
export function overdueSince(newest: Instant, intervalMs: number, now: Instant): Instant | null {
    const since = newest + intervalMs + graceMs
    return intervalMs > 0 && now >= since ? since : null
}

/** Refuses `backup.no_recipient` and `seal.bad_recipient`. */
export async function assertRecipients(recipients: readonly string[]): Promise<void> {
    if (recipients.length === 0) {
        refuse(
            "invalid",
            "backup.no_recipient",
            "nobody could open the backup: give `--recipient`, or set `backupRecipients`",
        )
    }
    for (const recipient of recipients) if (!isHybrid(recipient)) parseRecipient(recipient)
}

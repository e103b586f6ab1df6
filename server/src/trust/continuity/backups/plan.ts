/** Defines when backups are made, what they are called, and which of them are kept. */
import { type Instant, dayMs, formatInstant, hourMs } from "@tocsin/base/instant"

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

/** Drafts that a killed process left behind: of more than a day ago, because a running backup changes its own. */
export const abandonedDrafts = (files: readonly FileAge[], now: Instant): string[] =>
    files.filter(({ name, changedAt }) => draftName.test(name) && now - changedAt > dayMs).map(({ name }) => name)

/**
 * The names of the oldest backups in a folder, so that `keep` stay with `newest`. Never `newest`, whatever the clock
 * said before, and no other files.
 */
export function namesToDelete(names: readonly string[], newest: string, keep: number): string[] {
    const older = names.filter((name) => ownName.test(name) && name !== newest).toSorted()
    return older.slice(0, Math.max(0, older.length - keep + 1))
}

/** A late backup is no fault for this time: it takes a while, and a restart may delay it. */
const graceMs = 2 * hourMs

/** Since when a backup is overdue; null: it is not. `interval` 0: Tocsin makes none. */
export function overdueSince(newest: Instant, intervalMs: number, now: Instant): Instant | null {
    const since = newest + intervalMs + graceMs
    return intervalMs > 0 && now >= since ? since : null
}

/** The newest backup of a program, and whether one is overdue. */
export interface BackupState {
    /** Null: none yet. */
    readonly newest: { readonly takenAt: Instant; readonly bytes: number } | null
    /** Null: none is overdue, or backups are made by other means. */
    readonly overdueSince: Instant | null
    /** Whether Tocsin is expected to make backups. */
    readonly isExpected: boolean
}

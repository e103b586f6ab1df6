/**
 * The high-water file: what this program signed, and which access it ended, stored outside the database. A database
 * behind the file was restored or copied. docs/reference/formats/high-water.md describes the file.
 */
import { canonical, type Json, parseCanonical } from "@tocsin/base/canonical"
import { type Instant, formatInstant, parseInstant } from "@tocsin/base/instant"
import { isObject } from "@tocsin/audit-log/signed-note"

export const highWaterFormat = "tocsin-high-water/1"

/** Size and root (hex) of a signed tree. */
export interface LogMark {
    readonly size: number
    readonly root: string
}

/** The newest checkpoint of the audit log, with its signature. */
export interface AuditLogMark extends LogMark {
    readonly checkpoint: string
}

/** The newest access change in the file: its number and its id in the database. */
export interface Epoch {
    readonly number: number
    readonly id: string
}

/** The latest instants in the file. */
export interface ClockMark {
    /** The latest instant of the program's time. */
    readonly program: Instant
    /** The latest instant of the wall clock that was trusted. */
    readonly wall: Instant
    /** How often two people confirmed the clock. A confirmation may set both instants back. */
    readonly confirmations: number
}

export const endKinds = [
    "partner",
    "person",
    "credential",
    "key",
    "passkey",
    "machine_client",
    "spent_budget",
    "data_key",
    "signing_key",
    "publisher_key",
] as const

/**
 * A partner's status, or a person, credential, age key, passkey or machine client whose access ended; what the
 * attributions of a version have spent; a data key that was destroyed permanently; a signing key that ended; or a
 * publisher key that was replaced.
 */
export interface AccessEnd {
    readonly kind: (typeof endKinds)[number]
    /**
     * The id; of a credential its SHA-256 in hex, or the id of a connected account; of a passkey its id in hex; of
     * spent error a pseudonym of the version; of a data key its scope; of a signing key its name and hash;
     * of a publisher key its fingerprint.
     */
    readonly id: string
    /** The status of a partner; spent error as ciphertext; of a publisher key `replaced` or `revoked`; else null. */
    readonly status: string | null
    /** When the end of access takes effect. */
    readonly from: Instant
    /** After this instant the credential has expired, and its entry is not needed; null: never. */
    readonly expires: Instant | null
}

/** The content of a high-water file, which is outside the database. */
export interface HighWater {
    /** Identifies the history of this file. A reconciliation begins a new history. */
    readonly id: string
    /** False for a file that replaces a missing or damaged one. Such a file proves nothing, and must be reconciled. */
    readonly isWhole: boolean
    readonly auditLog: AuditLogMark | null
    readonly receiptLog: LogMark | null
    readonly epoch: Epoch | null
    readonly clock: ClockMark | null
    readonly ends: readonly AccessEnd[]
}

/** The state of a database, to compare with the file. */
export interface ObservedDatabase {
    /** The newest signed checkpoint. */
    readonly auditLog: AuditLogMark | null
    readonly receiptLog: LogMark | null
    readonly epoch: Epoch | null
    readonly clock: ClockMark
    /** The name and hash of each key that signs a log, and the fingerprint of the key that signs advisories. */
    readonly signingKeys: readonly string[]
    /** The database's entries at the positions of the file; null where the database is shorter. */
    readonly atMark: {
        readonly auditRoot: string | null
        readonly receiptRoot: string | null
        readonly epochId: string | null
    }
}

export const differences = [
    "file_missing",
    "file_damaged",
    "file_incomplete",
    "audit_log_behind",
    "audit_log_differs",
    "receipt_log_behind",
    "receipt_log_differs",
    "access_behind",
    "access_differs",
    "clock_behind",
    "restored",
] as const

/** A way in which the database is behind the high-water file. */
export type Difference = (typeof differences)[number]

/** Returns a high-water file without marks. */
export function emptyHighWater(id: string, isWhole: boolean): HighWater {
    return { id, isWhole, auditLog: null, receiptLog: null, epoch: null, clock: null, ends: [] }
}

/** Returns how the database is behind the file, or contradicts it. Empty: the database continues the file. */
export function differencesOf(mark: HighWater, observed: ObservedDatabase): Difference[] {
    const { auditRoot, receiptRoot, epochId } = observed.atMark
    const epochDifference = mark.epoch && differenceOf(mark.epoch.id, epochId, ["access_behind", "access_differs"])
    const found: (Difference | null)[] = [
        mark.isWhole ? null : "file_incomplete",
        mark.auditLog && differenceOf(mark.auditLog.root, auditRoot, ["audit_log_behind", "audit_log_differs"]),
        mark.receiptLog &&
            differenceOf(mark.receiptLog.root, receiptRoot, ["receipt_log_behind", "receipt_log_differs"]),
        epochDifference ?? (hasEndedKey(mark, observed.signingKeys) ? "access_behind" : null),
        mark.clock && isClockBehind(mark.clock, observed.clock) ? "clock_behind" : null,
    ]
    return found.filter((item) => item !== null)
}

/** Whether one of these keys is in the file as ended. */
export function hasEndedKey({ ends }: HighWater, signingKeys: readonly string[]): boolean {
    return ends.some(({ kind, id }) => (kind === "signing_key" || kind === "publisher_key") && signingKeys.includes(id))
}

function differenceOf(known: string, observed: string | null, [behind, differs]: readonly [Difference, Difference]) {
    if (observed === null) return behind
    return observed === known ? null : differs
}

function isClockBehind(mark: ClockMark, observed: ClockMark): boolean {
    if (observed.confirmations !== mark.confirmations) return observed.confirmations < mark.confirmations
    return observed.program < mark.program || observed.wall < mark.wall
}

/** How long an end of access is stored: longer than any backup should exist. */
export const endLifetimeMs = 366 * 86_400_000

/** Returns the file with these observations and ends of access. No mark in it goes back. */
export function advance(
    mark: HighWater,
    observed: Omit<ObservedDatabase, "atMark" | "signingKeys">,
    ends: readonly AccessEnd[],
): HighWater {
    return {
        ...mark,
        auditLog: larger(mark.auditLog, observed.auditLog),
        receiptLog: larger(mark.receiptLog, observed.receiptLog),
        epoch: later(mark.epoch, observed.epoch),
        clock: laterClock(mark.clock, observed.clock),
        ends: mergeEnds(mark.ends, ends, observed.clock.wall),
    }
}

const larger = <T extends LogMark>(mark: T | null, observed: T | null): T | null =>
    mark !== null && (observed === null || observed.size <= mark.size) ? mark : observed

const later = (mark: Epoch | null, observed: Epoch | null): Epoch | null =>
    mark !== null && (observed === null || observed.number <= mark.number) ? mark : observed

function laterClock(mark: ClockMark | null, observed: ClockMark): ClockMark {
    if (mark === null || observed.confirmations > mark.confirmations) return observed
    if (observed.confirmations < mark.confirmations) return mark
    const { confirmations } = observed
    return {
        program: Math.max(mark.program, observed.program),
        wall: Math.max(mark.wall, observed.wall),
        confirmations,
    }
}

/** Merges the ends of access: keeps the newest of each, without those that expired or are older than any backup. */
export function mergeEnds(earlier: readonly AccessEnd[], more: readonly AccessEnd[], wall: Instant): AccessEnd[] {
    const latest = new Map([...earlier, ...more].map((end) => [`${end.kind} ${end.id}`, end]))
    return [...latest.values()].filter(
        ({ kind, from, expires }) =>
            kind === "partner" ||
            kind === "data_key" ||
            kind === "signing_key" ||
            kind === "publisher_key" ||
            (expires === null ? wall - from < endLifetimeMs : wall < expires),
    )
}

// --- The file

/** Computes HMAC-SHA256 under a key derived from the key file, in hex. */
export type Mac = (text: string) => string

/** Formats the file, with a final newline. */
export function formatHighWater(mark: HighWater, mac: Mac): string {
    const fields = fieldsOf(mark)
    return `${canonical({ ...fields, mac: mac(canonical(fields)) })}\n`
}

function fieldsOf({ id, isWhole, auditLog, receiptLog, epoch, clock, ends }: HighWater): { [name: string]: Json } {
    return {
        format: highWaterFormat,
        id,
        isWhole,
        auditLog: auditLog && { size: auditLog.size, root: auditLog.root, checkpoint: auditLog.checkpoint },
        receiptLog: receiptLog && { size: receiptLog.size, root: receiptLog.root },
        epoch: epoch && { number: epoch.number, id: epoch.id },
        clock: clock && {
            program: formatInstant(clock.program),
            wall: formatInstant(clock.wall),
            confirmations: clock.confirmations,
        },
        ends: ends.map(({ kind, id: endId, status, from, expires }) => ({
            kind,
            id: endId,
            status,
            from: formatInstant(from),
            expires: expires === null ? null : formatInstant(expires),
        })),
    }
}

/** Parses the file. Returns null unless each byte is as `formatHighWater` writes it with this key. */
export function parseHighWater(text: string, mac: Mac): HighWater | null {
    try {
        const content = parseCanonical(text.replace(/\n$/, ""))
        if (!isObject(content)) return null
        const { mac: writtenMac, ...fields } = content as { readonly [name: string]: Json }
        if (writtenMac !== mac(canonical(fields)) || fields["format"] !== highWaterFormat) return null
        return readFields(fields as unknown as Fields)
    } catch {
        return null
    }
}

/** The fields as written. They are authenticated before they are parsed. */
interface Fields {
    readonly id: string
    readonly isWhole: boolean
    readonly auditLog: AuditLogMark | null
    readonly receiptLog: LogMark | null
    readonly epoch: Epoch | null
    readonly clock: { readonly program: string; readonly wall: string; readonly confirmations: number } | null
    readonly ends: readonly (Omit<AccessEnd, "from" | "expires"> & {
        readonly from: string
        readonly expires: string | null
    })[]
}

function readFields({ id, isWhole, auditLog, receiptLog, epoch, clock, ends }: Fields): HighWater {
    return {
        id,
        isWhole,
        auditLog,
        receiptLog,
        epoch,
        clock: clock && { ...clock, program: parseInstant(clock.program), wall: parseInstant(clock.wall) },
        ends: ends.map((end) => ({
            ...end,
            from: parseInstant(end.from),
            expires: end.expires === null ? null : parseInstant(end.expires),
        })),
    }
}

/**
 * A regulatory clock of a case, and its filings: which are due when, and which are submitted. A clock is the regime at
 * its start and an append-only history: awareness, fixes, filings. A correction is a new entry.
 */
import type { Instant } from "@tocsin/base/instant"
import { refuse } from "@tocsin/base/refusal"
import { type Filing, type Regime, deadlineAfter } from "./regime.ts"

export const entryKinds = ["aware", "fix", "submitted", "reopened", "closed"] as const

/** The source of awareness. */
export const sourceKinds = ["sighting", "evidence", "person"] as const

/** An entry in the history of a regulatory clock. */
export interface ClockEntry {
    readonly kind: (typeof entryKinds)[number]
    /** When the entry was made. */
    readonly at: Instant
    /** Null where the clock started automatically. */
    readonly by: string | null
    /** Of `aware`, `fix` and `submitted`: the instant reported. Null for a `fix` means none; null for other kinds. */
    readonly since: Instant | null
    /** Of `submitted` and `reopened`. */
    readonly filing: string | null
    /** Of `aware`; the id where there is one. */
    readonly source: { readonly kind: (typeof sourceKinds)[number]; readonly id: string | null } | null
}

/** INVARIANT: the first entry is `aware`, and nothing follows `closed`. */
export type ClockHistory = readonly ClockEntry[]

/** `waiting`: its start does not exist yet. */
export const filingStates = ["waiting", "open", "overdue", "submitted", "submitted_late"] as const

/** The state of one filing of a clock. */
export interface FilingStatus {
    readonly filing: Filing
    /** The start and the deadline; null where the start does not exist yet. */
    readonly from: Instant | null
    readonly dueAt: Instant | null
    readonly submittedAt: Instant | null
    readonly state: (typeof filingStates)[number]
}

export const textMax = 4000
export const referenceMax = 200
/** Limit of one clock. */
export const entriesMax = 500
/** Limit of one case. */
export const clocksMax = 100

/** Returns the latest reported instant of awareness. */
export function awareAt(history: ClockHistory): Instant {
    return history.findLast(({ kind }) => kind === "aware")?.since ?? Infinity
}

/** Returns since when there is a fix: the latest report, else publication; null where there is none. */
export function fixAt(history: ClockHistory, publishedAt: Instant | null): Instant | null {
    const entry = history.findLast(({ kind }) => kind === "fix")
    return entry ? entry.since : publishedAt
}

/** Returns when a filing was submitted, or null. */
export function submittedAt(history: ClockHistory, filing: string): Instant | null {
    return history.findLast((entry) => entry.filing === filing)?.since ?? null
}

/** Tells whether every filing is submitted, so that nothing is due. */
export const isFullySubmitted = ({ filings }: Regime, history: ClockHistory): boolean =>
    filings.every(({ id }) => submittedAt(history, id) !== null)

/** Tells whether the clock is closed. */
export const isClosed = (history: ClockHistory): boolean => history.at(-1)?.kind === "closed"

/**
 * Computes the state of every filing, in the regime's order. Deadlines are exclusive: a filing at its deadline is late.
 */
export function filingStatusesOf(
    { filings }: Regime,
    history: ClockHistory,
    publishedAt: Instant | null,
    now: Instant,
): FilingStatus[] {
    return filings.map((filing) => {
        const from = startOf(filing, history, publishedAt)
        const dueAt = from === null ? null : deadlineAfter(filing, from)
        const submitted = submittedAt(history, filing.id)
        return { filing, from, dueAt, submittedAt: submitted, state: stateOf(dueAt, submitted, now) }
    })
}

/** A fix before awareness starts the time at awareness. */
function startOf({ after }: Filing, history: ClockHistory, publishedAt: Instant | null): Instant | null {
    const aware = awareAt(history)
    if (after === "awareness") return aware
    if (after !== "fix_available") return submittedAt(history, after)
    const fix = fixAt(history, publishedAt)
    return fix === null ? null : Math.max(fix, aware)
}

function stateOf(dueAt: Instant | null, submitted: Instant | null, now: Instant): FilingStatus["state"] {
    if (submitted !== null) return dueAt === null || submitted < dueAt ? "submitted" : "submitted_late"
    if (dueAt === null) return "waiting"
    return now < dueAt ? "open" : "overdue"
}

/**
 * Validates the next entry. Refuses entries after closing, a filing submitted twice, a reopening without submission,
 * and a submission before awareness.
 */
export function validateEntry(
    history: ClockHistory,
    regime: Regime,
    entry: Pick<ClockEntry, "kind" | "filing" | "since">,
): void {
    const { kind, filing, since } = entry
    if (isClosed(history)) refuse("conflict", "filing.clock_closed", "this clock is closed: start another one")
    if (!(history.length < entriesMax))
        refuse("conflict", "filing.too_many", `a clock can have \`${entriesMax}\` entries at most`, { max: entriesMax })
    if (kind === "aware")
        assertPrecedes(
            since,
            regime.filings.map(({ id }) => submittedAt(history, id)),
        )
    if (kind === "submitted") assertPrecedes(awareAt(history), [since])
    if (kind !== "submitted" && kind !== "reopened") return
    filingOf(regime, filing ?? "")
    const isSubmitted = submittedAt(history, filing ?? "") !== null
    if (kind === "submitted" && isSubmitted) {
        refuse("conflict", "filing.already_submitted", "this filing is already submitted: reopen it first")
    }
    if (kind === "reopened" && !isSubmitted) refuse("conflict", "filing.not_submitted", "this filing is not submitted")
}

function assertPrecedes(aware: Instant | null, submitted: readonly (Instant | null)[]): void {
    if (aware === null || submitted.every((at) => at === null || at >= aware)) return
    const line = "a filing cannot precede awareness: correct its instant, or when you became aware"
    refuse("invalid", "filing.before_awareness", line)
}

/** Returns a filing of the regime. Refuses `filing.not_found`. */
export function filingOf({ filings }: Regime, id: string): Filing {
    const found = filings.find((filing) => filing.id === id)
    return found ?? refuse("missing", "filing.not_found", "this regime has no such filing")
}

/** Refuses `filing.in_the_future` for a future instant. */
export function validateNotInFuture(since: Instant | null, now: Instant): void {
    if (since !== null && !(since <= now))
        refuse("invalid", "filing.in_the_future", "the instant is in the future: check it")
}

/** Validates the texts of an entry. A reason is required, except for a submission. */
export function validateTexts(kind: ClockEntry["kind"], text: string, reference: string): void {
    if (!((kind === "submitted" || text.trim() !== "") && text.length <= textMax)) {
        refuse("invalid", "filing.bad_text", `give a reason of ${textMax} characters at most`, { max: textMax })
    }
    if (!(reference.length <= referenceMax && !/\p{Cc}/u.test(reference))) {
        refuse(
            "invalid",
            "filing.bad_reference",
            `a reference must be one line of ${referenceMax} characters at most`,
            { max: referenceMax },
        )
    }
}

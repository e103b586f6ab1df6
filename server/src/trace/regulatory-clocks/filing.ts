/**
 * A regulatory clock of a case, and its filings: which are due when, and which are submitted. A clock is the regime at
 * its start and an append-only history: awareness, fixes, filings. A correction is a new entry.
 */
import type { Instant } from "@tocsin/base/instant"
import { refuse } from "@tocsin/base/refusal"
import { type Filing, type Regime, dueAfter } from "./regime.ts"

export const turnKinds = ["aware", "fix", "submitted", "reopened", "closed"] as const

/** The source of awareness. */
export const sourceKinds = ["sighting", "evidence", "person"] as const

/** An entry in the history of a regulatory clock. */
export interface Turn {
    readonly kind: (typeof turnKinds)[number]
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
export type Turns = readonly Turn[]

/** `waiting`: its start does not exist yet. */
export const filingStates = ["waiting", "open", "overdue", "submitted", "submitted_late"] as const

/** The state of one filing of a clock. */
export interface Owed {
    readonly filing: Filing
    /** The start and the deadline; null where the start does not exist yet. */
    readonly from: Instant | null
    readonly due: Instant | null
    readonly filedAt: Instant | null
    readonly state: (typeof filingStates)[number]
}

export const wordsMax = 4000
export const referenceMax = 200
/** Limit of one clock. */
export const turnsMax = 500
/** Limit of one case. */
export const clocksMax = 100

/** Returns the latest reported instant of awareness. */
export function awareAt(turns: Turns): Instant {
    return turns.findLast(({ kind }) => kind === "aware")?.since ?? Infinity
}

/** Returns since when there is a fix: the latest report, else publication; null where there is none. */
export function fixAt(turns: Turns, publishedAt: Instant | null): Instant | null {
    const entry = turns.findLast(({ kind }) => kind === "fix")
    return entry ? entry.since : publishedAt
}

/** Returns when a filing was submitted, or null. */
export function filedAt(turns: Turns, filing: string): Instant | null {
    return turns.findLast((entry) => entry.filing === filing)?.since ?? null
}

/** Tells whether every filing is submitted, so that nothing is due. */
export const isDone = ({ filings }: Regime, turns: Turns): boolean =>
    filings.every(({ id }) => filedAt(turns, id) !== null)

/** Tells whether the clock is closed. */
export const isClosed = (turns: Turns): boolean => turns.at(-1)?.kind === "closed"

/**
 * Computes the state of every filing, in the regime's order. Deadlines are exclusive: a filing at its deadline is late.
 */
export function owedBy({ filings }: Regime, turns: Turns, publishedAt: Instant | null, now: Instant): Owed[] {
    return filings.map((filing) => {
        const from = startOf(filing, turns, publishedAt)
        const due = from === null ? null : dueAfter(filing, from)
        const filed = filedAt(turns, filing.id)
        return { filing, from, due, filedAt: filed, state: stateOf(due, filed, now) }
    })
}

/** A fix before awareness starts the time at awareness. */
function startOf({ after }: Filing, turns: Turns, publishedAt: Instant | null): Instant | null {
    const aware = awareAt(turns)
    if (after === "awareness") return aware
    if (after !== "fix_available") return filedAt(turns, after)
    const fix = fixAt(turns, publishedAt)
    return fix === null ? null : Math.max(fix, aware)
}

function stateOf(due: Instant | null, filed: Instant | null, now: Instant): Owed["state"] {
    if (filed !== null) return due === null || filed < due ? "submitted" : "submitted_late"
    if (due === null) return "waiting"
    return now < due ? "open" : "overdue"
}

/**
 * Validates the next entry. Refuses entries after closing, a filing submitted twice, a reopening without submission,
 * and a submission before awareness.
 */
export function assertFollows(turns: Turns, regime: Regime, turn: Pick<Turn, "kind" | "filing" | "since">): void {
    const { kind, filing, since } = turn
    if (isClosed(turns)) refuse("conflict", "filing.clock_closed", "this clock is closed: start another one")
    if (!(turns.length < turnsMax))
        refuse("conflict", "filing.too_many", `a clock can have \`${turnsMax}\` entries at most`)
    if (kind === "aware")
        assertPrecedes(
            since,
            regime.filings.map(({ id }) => filedAt(turns, id)),
        )
    if (kind === "submitted") assertPrecedes(awareAt(turns), [since])
    if (kind !== "submitted" && kind !== "reopened") return
    assertHas(regime, filing ?? "")
    const isFiled = filedAt(turns, filing ?? "") !== null
    if (kind === "submitted" && isFiled) {
        refuse("conflict", "filing.already_submitted", "this filing is already submitted: reopen it first")
    }
    if (kind === "reopened" && !isFiled) refuse("conflict", "filing.not_submitted", "this filing is not submitted")
}

function assertPrecedes(aware: Instant | null, filed: readonly (Instant | null)[]): void {
    if (aware === null || filed.every((at) => at === null || at >= aware)) return
    const line = "a filing cannot precede awareness: correct its instant, or when you became aware"
    refuse("invalid", "filing.before_awareness", line)
}

/** Returns a filing of the regime. Refuses `filing.not_found`. */
export function assertHas({ filings }: Regime, id: string): Filing {
    const found = filings.find((filing) => filing.id === id)
    return found ?? refuse("missing", "filing.not_found", "this regime has no such filing")
}

/** Refuses `filing.in_the_future` for an instant to come. */
export function assertPast(since: Instant | null, now: Instant): void {
    if (since !== null && !(since <= now))
        refuse("invalid", "filing.in_the_future", "the instant is in the future: check it")
}

/** Validates the texts of an entry. A reason is required, except for a submission. */
export function validateWords(kind: Turn["kind"], text: string, reference: string): void {
    if (!((kind === "submitted" || text.trim() !== "") && text.length <= wordsMax)) {
        refuse("invalid", "filing.bad_text", `give a reason of ${wordsMax} characters at most`)
    }
    if (!(reference.length <= referenceMax && !/\p{Cc}/u.test(reference))) {
        refuse("invalid", "filing.bad_reference", `a reference must be one line of ${referenceMax} characters at most`)
    }
}

/**
 * A regulatory clock that runs for a case, and its filings: which is due when, and which was made.
 *
 * A clock is never an edited row. It is the regime as it stood when it started, and a list of turns: when the operator became
 * aware, what it said of a fix, what it filed. A correction is another turn, and the one before it stays.
 */
import type { Instant } from "@tocsin/base/instant"
import { refuse } from "@tocsin/base/refusal"
import { type Filing, type Regime, dueAfter } from "./regime.ts"

export const turnKinds = ["aware", "fix", "filed", "taken back", "closed"] as const

/** What made the operator aware. */
export const sourceKinds = ["sighting", "evidence", "person"] as const

export interface Turn {
    readonly kind: (typeof turnKinds)[number]
    /** When it was said. */
    readonly at: Instant
    /** Null: the clock started by itself. */
    readonly by: string | null
    /** `aware`, `fix`, `filed`: when that was. Null: of a `fix`, that there is none; else where nothing is told by it. */
    readonly since: Instant | null
    /** Of `filed` and `taken back`. */
    readonly filing: string | null
    /** Of `aware`; the id where it has one. */
    readonly source: { readonly kind: (typeof sourceKinds)[number]; readonly id: string | null } | null
}

/** INVARIANT: the first turn is `aware`, and nothing follows `closed`. */
export type Turns = readonly Turn[]

/** `waiting`: what its time runs from is not there yet. */
export const filingStates = ["waiting", "open", "overdue", "filed", "filed late"] as const

export interface Owed {
    readonly filing: Filing
    /** Since when its time runs, and until when; null: what it runs from is not there yet. */
    readonly from: Instant | null
    readonly due: Instant | null
    readonly filedAt: Instant | null
    readonly state: (typeof filingStates)[number]
}

export const wordsMax = 4000
export const referenceMax = 200
/** Of one clock. */
export const turnsMax = 500
/** Of one case. */
export const clocksMax = 100

/** When the operator became aware, as it was said last. */
export function awareAt(turns: Turns): Instant {
    return turns.findLast(({ kind }) => kind === "aware")?.since ?? Infinity
}

/** Since when there is a fix: what a person said last, else since publication; null: there is none. */
export function fixAt(turns: Turns, publishedAt: Instant | null): Instant | null {
    const entry = turns.findLast(({ kind }) => kind === "fix")
    return entry ? entry.since : publishedAt
}

export function filedAt(turns: Turns, filing: string): Instant | null {
    return turns.findLast((entry) => entry.filing === filing)?.since ?? null
}

/** Whether every filing is made: whatever becomes of the case, nothing is due by it. */
export const isDone = ({ filings }: Regime, turns: Turns): boolean =>
    filings.every(({ id }) => filedAt(turns, id) !== null)

export const isClosed = (turns: Turns): boolean => turns.at(-1)?.kind === "closed"

/** Every filing of a regime, in its order. Half-open, as every interval: what is filed at its due instant is late. */
export function owedBy({ filings }: Regime, turns: Turns, publishedAt: Instant | null, now: Instant): Owed[] {
    return filings.map((filing) => {
        const from = startOf(filing, turns, publishedAt)
        const due = from === null ? null : dueAfter(filing, from)
        const filed = filedAt(turns, filing.id)
        return { filing, from, due, filedAt: filed, state: stateOf(due, filed, now) }
    })
}

/** A fix that was there before anybody was aware starts nothing before that. */
function startOf({ after }: Filing, turns: Turns, publishedAt: Instant | null): Instant | null {
    const aware = awareAt(turns)
    if (after === "awareness") return aware
    if (after !== "fix available") return filedAt(turns, after)
    const fix = fixAt(turns, publishedAt)
    return fix === null ? null : Math.max(fix, aware)
}

function stateOf(due: Instant | null, filed: Instant | null, now: Instant): Owed["state"] {
    if (filed !== null) return due === null || filed < due ? "filed" : "filed late"
    if (due === null) return "waiting"
    return now < due ? "open" : "overdue"
}

/**
 * Refuses a turn that cannot follow these: anything after the end, a filing made twice, one taken back that was not made, and
 * one made before the operator was aware, whichever of the two instants is told last.
 */
export function assertFollows(turns: Turns, regime: Regime, turn: Pick<Turn, "kind" | "filing" | "since">): void {
    const { kind, filing, since } = turn
    if (isClosed(turns)) refuse("conflict", "filing.clock_closed", "this clock was closed: start another one")
    if (!(turns.length < turnsMax)) refuse("conflict", "filing.too_many", `a clock has \`${turnsMax}\` turns at most`)
    if (kind === "aware")
        assertPrecedes(
            since,
            regime.filings.map(({ id }) => filedAt(turns, id)),
        )
    if (kind === "filed") assertPrecedes(awareAt(turns), [since])
    if (kind !== "filed" && kind !== "taken back") return
    assertHas(regime, filing ?? "")
    const isFiled = filedAt(turns, filing ?? "") !== null
    if (kind === "filed" && isFiled) {
        refuse("conflict", "filing.already_submitted", "it is filed already: take that back first, where it was not so")
    }
    if (kind === "taken back" && !isFiled) refuse("conflict", "filing.not_submitted", "it is not filed")
}

function assertPrecedes(aware: Instant | null, filed: readonly (Instant | null)[]): void {
    if (aware === null || filed.every((at) => at === null || at >= aware)) return
    const line = "a filing cannot precede awareness: correct its instant, or when you became aware"
    refuse("invalid", "filing.before_awareness", line)
}

export function assertHas({ filings }: Regime, id: string): Filing {
    const found = filings.find((filing) => filing.id === id)
    return found ?? refuse("missing", "filing.not_found", "this regime has no such filing")
}

/** Nothing has been that is still to come: neither awareness, nor a fix, nor a filing. */
export function assertPast(since: Instant | null, now: Instant): void {
    if (since !== null && !(since <= now)) refuse("invalid", "filing.in_the_future", "that is still to come")
}

/** What was filed may be said by its reference alone; everything else has a reason. */
export function validateWords(kind: Turn["kind"], text: string, reference: string): void {
    if (!((kind === "filed" || text.trim() !== "") && text.length <= wordsMax)) {
        refuse("invalid", "filing.bad_text", `say why, in ${wordsMax} characters at most`)
    }
    if (!(reference.length <= referenceMax && !/\p{Cc}/u.test(reference))) {
        refuse("invalid", "filing.bad_reference", `a reference is a line of ${referenceMax} characters at most`)
    }
}

/**
 * The embargo clock: until when a case is secret, and what may move that end.
 *
 * An embargo is never an edited date. It is a list of turns, and every answer is computed from that list, so that
 * the history and the answer cannot disagree. It never delays without end, and what is over stays over.
 */
import { type Instant, dayMs } from "../../lib/instant.ts"
import { refuse } from "../../lib/refusal.ts"

export type Turn =
    | { readonly kind: "proposed"; readonly at: Instant; readonly endsAt: Instant }
    | { readonly kind: "agreed"; readonly at: Instant; readonly endsAt: Instant }
    | { readonly kind: "moved"; readonly at: Instant; readonly endsAt: Instant; readonly why: string }
    | { readonly kind: "broken"; readonly at: Instant; readonly why: string }
    | { readonly kind: "ended"; readonly at: Instant }

/**
 * INVARIANT: proposals come first; then at most one `agreed`; `moved` only after it; nothing follows `broken` or
 * `ended`; instants never go back.
 */
export type Embargo = readonly Turn[]

export type Phase = "none" | "proposed" | "running" | "due" | "broken" | "ended"

export interface Limits {
    /** From the day it was agreed to its end, however often it is moved. */
    readonly daysMax: number
    readonly movesMax: number
}

export const shippedLimits: Limits = { daysMax: 90, movesMax: 5 }

/** `due`: its end has come, and publication has not yet recorded it. Half-open: at its end it runs no more. */
export function phase(embargo: Embargo, now: Instant): Phase {
    const last = embargo.at(-1)
    if (last === undefined) return "none"
    if (last.kind === "proposed" || last.kind === "broken" || last.kind === "ended") return last.kind
    return now < last.endsAt ? "running" : "due"
}

/** The instant at which secrecy ends, or ended; null where none was ever agreed. */
export function endOf(embargo: Embargo): Instant | null {
    const agreed = embargo.findLast((turn) => turn.kind === "agreed" || turn.kind === "moved")
    if (agreed === undefined) return null
    const broken = embargo.find((turn) => turn.kind === "broken")
    return broken ? Math.min(broken.at, agreed.endsAt) : agreed.endsAt
}

/** Proposes an end; several may be proposed before one is agreed. */
export function propose(embargo: Embargo, endsAt: Instant, now: Instant, limits: Limits): Embargo {
    mustBeOpen(embargo)
    checkEnd(now, endsAt, now, limits)
    return [...embargo, { kind: "proposed", at: now, endsAt }]
}

export function agree(embargo: Embargo, endsAt: Instant, now: Instant, limits: Limits): Embargo {
    mustBeOpen(embargo)
    checkEnd(now, endsAt, now, limits)
    return [...embargo, { kind: "agreed", at: now, endsAt }]
}

/** Moves the end, earlier or later. */
export function move(embargo: Embargo, endsAt: Instant, why: string, now: Instant, limits: Limits): Embargo {
    const agreed = mustRun(embargo, now)
    const moves = embargo.filter((turn) => turn.kind === "moved").length
    if (!(moves < limits.movesMax)) {
        refuse("conflict", "embargo.moved_too_often", `an embargo can be moved \`${limits.movesMax}\` times at most`)
    }
    checkEnd(agreed.at, endsAt, now, limits)
    return [...embargo, { kind: "moved", at: now, endsAt, why }]
}

/** Ends secrecy at once, because it has failed: a leak, an exploit in the wild, a disclosure by others. */
export function breakOff(embargo: Embargo, why: string, now: Instant): Embargo {
    mustRun(embargo, now)
    return [...embargo, { kind: "broken", at: now, why }]
}

/** Notes that the thing is public: written by publication itself, once its instant has come. */
export function end(embargo: Embargo, now: Instant): Embargo {
    const state = phase(embargo, now)
    if (state !== "due" && state !== "broken") {
        refuse("conflict", "embargo.not_due", `an embargo ends when its instant has come: its state is \`${state}\``)
    }
    return [...embargo, { kind: "ended", at: now }]
}

function mustBeOpen(embargo: Embargo): void {
    if (embargo.some((turn) => turn.kind !== "proposed")) {
        refuse("conflict", "embargo.agreed_already", "this case has an embargo already")
    }
}

function mustRun(embargo: Embargo, now: Instant): Turn {
    const agreed = embargo.find((turn) => turn.kind === "agreed")
    const state = phase(embargo, now)
    if (agreed === undefined || state !== "running") {
        refuse("conflict", "embargo.not_running", `no embargo is running here: its state is \`${state}\``)
    }
    return agreed
}

function checkEnd(agreedAt: Instant, endsAt: Instant, now: Instant, limits: Limits): void {
    if (!(endsAt > now)) refuse("invalid", "embargo.ends_in_the_past", "an embargo must end in the future")
    if (!(endsAt - agreedAt <= limits.daysMax * dayMs)) {
        refuse("invalid", "embargo.too_long", `an embargo can last \`${limits.daysMax}\` days at most`)
    }
}

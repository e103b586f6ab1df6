/**
 * A sanction is the end of a procedure, and a procedure is a list of turns: an obligation is said to be breached, the
 * partner answers or lets its time pass, two decide, the partner appeals or does not, two others decide again.
 *
 * Where it stands is computed from the turns and the instant, so that nothing can be skipped and nothing said twice.
 */
import { type Instant, dayMs } from "@tocsin/base/instant"
import { refuse } from "@tocsin/base/refusal"

/** From the mildest to the hardest. */
export const outcomes = ["none", "reprimand", "suspension", "termination"] as const
export type Outcome = (typeof outcomes)[number]

/** Whoever asked for it, and whoever signed it. */
export type Deciders = readonly [asker: string, signer: string]

/** What was decided; a suspension says from when the partner may come back, nothing else does. */
export interface Decided {
    readonly outcome: Outcome
    readonly returnFrom: Instant | null
}

export type Turn =
    | { readonly kind: "opened"; readonly at: Instant; readonly by: string; readonly answerBy: Instant }
    | { readonly kind: "extended"; readonly at: Instant; readonly by: string; readonly answerBy: Instant }
    | { readonly kind: "answered"; readonly at: Instant; readonly by: string }
    | (Decided & {
          readonly kind: "decided"
          readonly at: Instant
          readonly by: Deciders
          /** Null where there is nothing to appeal against. */
          readonly appealBy: Instant | null
      })
    | { readonly kind: "appealed"; readonly at: Instant; readonly by: string }
    | (Decided & { readonly kind: "decided again"; readonly at: Instant; readonly by: Deciders })
    | { readonly kind: "returned"; readonly at: Instant; readonly by: Deciders }

/** INVARIANT: the turns come in the order of `Turn`, each kind once but `extended`; each is allowed by the phase before it. */
export type Procedure = readonly Turn[]

export type Phase = "answer awaited" | "to decide" | "open to appeal" | "appeal to decide" | "closed"

/** How long a partner has, where nobody says otherwise, and what may be said. */
export const answerDays = { usual: 14, min: 7, max: 90 } as const
export const appealDays = { usual: 30, min: 14, max: 90 } as const
/** A suspension with terms of return names a day within two years. */
const returnWithinMs = 731 * dayMs

type Of<Kind extends Turn["kind"]> = Extract<Turn, { kind: Kind }>

function last<Kind extends Turn["kind"]>(procedure: Procedure, kind: Kind): Of<Kind> | null {
    return procedure.findLast((turn): turn is Of<Kind> => turn.kind === kind) ?? null
}

/** Until when an answer is waited for. Half-open: at that instant it is decided without one. */
export function answerByOf(procedure: Procedure): Instant {
    const turn = last(procedure, "extended") ?? last(procedure, "opened")
    if (turn === null) throw new Error("a procedure begins with `opened`")
    return turn.answerBy
}

export function phaseOf(procedure: Procedure, now: Instant): Phase {
    const answerBy = answerByOf(procedure)
    const decided = last(procedure, "decided")
    if (decided === null) return last(procedure, "answered") || now >= answerBy ? "to decide" : "answer awaited"
    if (last(procedure, "decided again")) return "closed"
    if (last(procedure, "appealed")) return "appeal to decide"
    return decided.appealBy !== null && now < decided.appealBy ? "open to appeal" : "closed"
}

/** What holds now; null while nothing is decided. What the partner has come back from holds no more. */
export function sanctionOf(procedure: Procedure): Decided | null {
    const decided = last(procedure, "decided again") ?? last(procedure, "decided")
    if (decided === null) return null
    const { outcome, returnFrom } = last(procedure, "returned")
        ? { outcome: "none" as const, returnFrom: null }
        : decided
    return { outcome, returnFrom }
}

/** Since when it waits for two to decide; null where it does not. */
export function waitsSince(procedure: Procedure, now: Instant): Instant | null {
    const phase = phaseOf(procedure, now)
    if (phase === "to decide") return last(procedure, "answered")?.at ?? answerByOf(procedure)
    return phase === "appeal to decide" ? (last(procedure, "appealed")?.at ?? null) : null
}

/** Everybody who has decided so far: none of them decides about the appeal. */
export function decidersOf(procedure: Procedure): string[] {
    return procedure.flatMap((turn) => (turn.kind === "decided" ? [...turn.by] : []))
}

export function open(by: string, days: number, now: Instant): Procedure {
    return [{ kind: "opened", at: now, by, answerBy: now + daysWithin(days, answerDays) * dayMs }]
}

/** More time for the answer; never less. */
export function extend(procedure: Procedure, by: string, answerBy: Instant, now: Instant): Procedure {
    if (phaseOf(procedure, now) !== "answer awaited") notNow("no answer is waited for any more")
    const opened = procedure[0]?.at ?? now
    if (!(answerBy > answerByOf(procedure) && answerBy <= opened + answerDays.max * dayMs)) {
        refuse(
            "invalid",
            "procedure.bad_deadline",
            `a deadline is moved later only, and to \`${answerDays.max}\` days after the letter at most`,
        )
    }
    return [...procedure, { kind: "extended", at: now, by, answerBy }]
}

/** In time or late: until two have decided, an answer is heard. */
export function answer(procedure: Procedure, by: string, now: Instant): Procedure {
    if (last(procedure, "decided")) notNow("it is decided already: what is left is an appeal")
    if (last(procedure, "answered")) notNow("it is answered already")
    return [...procedure, { kind: "answered", at: now, by }]
}

export interface Decision extends Decided {
    readonly by: Deciders
    /** For how many days it can be appealed. */
    readonly appealDays: number
}

/** Two decide, once the partner was heard or has let its time pass. */
export function decide(
    procedure: Procedure,
    { by, outcome, returnFrom, appealDays: days }: Decision,
    now: Instant,
): Procedure {
    assertDecidable(procedure, now)
    validateOutcome({ outcome, returnFrom }, now)
    const appealBy = outcome === "none" ? null : now + daysWithin(days, appealDays) * dayMs
    return [...procedure, { kind: "decided", at: now, by, outcome, returnFrom, appealBy }]
}

export function assertDecidable(procedure: Procedure, now: Instant): void {
    const phase = phaseOf(procedure, now)
    if (phase === "to decide") return
    if (phase === "answer awaited") {
        refuse("conflict", "procedure.answer_awaited", "the partner has not answered, and its time is not over")
    }
    notNow("it is decided already")
}

/** The partner's lead appeals, once, in time. Half-open: at the term's very end it is too late. */
export function appeal(procedure: Procedure, by: string, now: Instant): Procedure {
    const phase = phaseOf(procedure, now)
    if (phase === "open to appeal") return [...procedure, { kind: "appealed", at: now, by }]
    if (last(procedure, "appealed"))
        refuse("conflict", "procedure.already_appealed", "it was appealed already, and that is once")
    if (last(procedure, "decided")?.appealBy) {
        refuse("conflict", "procedure.appeal_too_late", "the term for an appeal is over")
    }
    notNow("there is no decision that could be appealed")
}

/** Two others decide again: it stands, or becomes milder, never harder. */
export function decideAgain(
    procedure: Procedure,
    decided: Decided & { readonly by: Deciders },
    now: Instant,
): Procedure {
    assertAppealed(procedure, now)
    const { by, outcome, returnFrom } = decided
    for (const item of by) assertFresh(procedure, item)
    const before = last(procedure, "decided")
    const stands = before !== null && before.outcome === outcome && before.returnFrom === returnFrom
    if (!stands) validateOutcome({ outcome, returnFrom }, now)
    if (before === null || harder(decided, before)) {
        refuse("conflict", "procedure.appeal_harsher", "an appeal never makes it harder than it was")
    }
    return [...procedure, { kind: "decided again", at: now, by, outcome, returnFrom }]
}

export function assertAppealed(procedure: Procedure, now: Instant): void {
    if (phaseOf(procedure, now) !== "appeal to decide") notNow("no appeal waits here")
}

/** Refuses whoever decided before. */
export function assertFresh(procedure: Procedure, person: string): void {
    if (!decidersOf(procedure).includes(person)) return
    refuse("forbidden", "procedure.decided_before", "whoever decided before does not decide about the appeal")
}

function harder(after: Decided, before: Decided): boolean {
    const [a, b] = [outcomes.indexOf(after.outcome), outcomes.indexOf(before.outcome)]
    return a > b || (a === b && (after.returnFrom ?? 0) > (before.returnFrom ?? 0))
}

/** Two let the partner come back from a suspension, not before the day that was told. */
export function restoreAccess(procedure: Procedure, by: Deciders, now: Instant): Procedure {
    assertReinstatable(procedure, now)
    return [...procedure, { kind: "returned", at: now, by }]
}

export function assertReinstatable(procedure: Procedure, now: Instant): void {
    const sanction = sanctionOf(procedure)
    if (sanction?.outcome !== "suspension") notNow("no suspension holds by it")
    if (!(now >= (sanction.returnFrom ?? now))) {
        refuse("conflict", "procedure.return_too_early", "the partner was told a later day for its return")
    }
}

export function validateOutcome({ outcome, returnFrom }: Decided, now: Instant): void {
    if (outcome !== "suspension") {
        if (returnFrom === null) return
        refuse("invalid", "procedure.bad_return", "terms of return are a suspension's alone")
    }
    if (returnFrom !== null && returnFrom >= now && returnFrom <= now + returnWithinMs) return
    refuse(
        "invalid",
        "procedure.bad_return",
        "a suspension says from which day on, within two years, the partner may return",
    )
}

function daysWithin(days: number, { min, max }: { readonly min: number; readonly max: number }): number {
    if (Number.isSafeInteger(days) && days >= min && days <= max) return days
    refuse("invalid", "procedure.bad_term", `a term is \`${min}\` to \`${max}\` whole days`)
}

function notNow(why: string): never {
    refuse("conflict", "procedure.wrong_status", why)
}

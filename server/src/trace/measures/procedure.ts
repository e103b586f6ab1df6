/**
 * A procedure leads to a sanction. Its history: a statement of concern names an obligation, the partner answers or lets
 * the time pass, two people decide, the partner appeals or not, and two other people decide the appeal. The phase is
 * computed from the history and the instant, so no step is skipped or repeated.
 */
import { type Instant, dayMs } from "@tocsin/base/instant"
import { refuse } from "@tocsin/base/refusal"

/** From mildest to strictest. */
export const outcomes = ["none", "reprimand", "suspension", "termination"] as const

/** How a procedure ends. */
export type Outcome = (typeof outcomes)[number]

/** The requester and the signer. */
export type Deciders = readonly [asker: string, signer: string]

/** A decision. Only a suspension sets the day of a possible return. */
export interface Decided {
    readonly outcome: Outcome
    readonly returnFrom: Instant | null
}

/** An entry in the history of a procedure. */
export type Turn =
    | { readonly kind: "opened"; readonly at: Instant; readonly by: string; readonly answerBy: Instant }
    | { readonly kind: "extended"; readonly at: Instant; readonly by: string; readonly answerBy: Instant }
    | { readonly kind: "answered"; readonly at: Instant; readonly by: string }
    | (Decided & {
          readonly kind: "decided"
          readonly at: Instant
          readonly by: Deciders
          /** Null where there is nothing to appeal. */
          readonly appealBy: Instant | null
      })
    | { readonly kind: "appealed"; readonly at: Instant; readonly by: string }
    | (Decided & { readonly kind: "appeal_decided"; readonly at: Instant; readonly by: Deciders })
    | { readonly kind: "reinstated"; readonly at: Instant; readonly by: Deciders }

/**
 * INVARIANT: entries are in the order of `Turn`, each kind once except `extended`. The phase before allows each entry.
 */
export type Procedure = readonly Turn[]

/** The phase of a procedure, computed from its history. */
export type Phase = "answer_awaited" | "to_decide" | "open_to_appeal" | "appeal_to_decide" | "closed"

/** Default and limits of the time to answer. */
export const answerDays = { usual: 14, min: 7, max: 90 } as const
export const appealDays = { usual: 30, min: 14, max: 90 } as const
/** Latest possible return from a suspension. */
const returnWithinMs = 731 * dayMs

type Of<Kind extends Turn["kind"]> = Extract<Turn, { kind: Kind }>

function last<Kind extends Turn["kind"]>(procedure: Procedure, kind: Kind): Of<Kind> | null {
    return procedure.findLast((turn): turn is Of<Kind> => turn.kind === kind) ?? null
}

/** Returns the deadline for an answer. It is exclusive: at that instant a decision needs no answer. */
export function answerByOf(procedure: Procedure): Instant {
    const turn = last(procedure, "extended") ?? last(procedure, "opened")
    if (turn === null) throw new Error("a procedure must begin with `opened`")
    return turn.answerBy
}

/** Computes the phase at an instant. */
export function phaseOf(procedure: Procedure, now: Instant): Phase {
    const answerBy = answerByOf(procedure)
    const decided = last(procedure, "decided")
    if (decided === null) return last(procedure, "answered") || now >= answerBy ? "to_decide" : "answer_awaited"
    if (last(procedure, "appeal_decided")) return "closed"
    if (last(procedure, "appealed")) return "appeal_to_decide"
    return decided.appealBy !== null && now < decided.appealBy ? "open_to_appeal" : "closed"
}

/** Returns the current sanction; null without a decision. After reinstatement the outcome is `none`. */
export function sanctionOf(procedure: Procedure): Decided | null {
    const decided = last(procedure, "appeal_decided") ?? last(procedure, "decided")
    if (decided === null) return null
    const { outcome, returnFrom } = last(procedure, "reinstated")
        ? { outcome: "none" as const, returnFrom: null }
        : decided
    return { outcome, returnFrom }
}

/** Returns since when a decision is due, or null. */
export function waitsSince(procedure: Procedure, now: Instant): Instant | null {
    const phase = phaseOf(procedure, now)
    if (phase === "to_decide") return last(procedure, "answered")?.at ?? answerByOf(procedure)
    return phase === "appeal_to_decide" ? (last(procedure, "appealed")?.at ?? null) : null
}

/** Lists the people who have decided so far. None of them decides the appeal. */
export function decidersOf(procedure: Procedure): string[] {
    return procedure.flatMap((turn) => (turn.kind === "decided" ? [...turn.by] : []))
}

/** Starts a procedure. Refuses `procedure.bad_term`. */
export function open(by: string, days: number, now: Instant): Procedure {
    return [{ kind: "opened", at: now, by, answerBy: now + daysWithin(days, answerDays) * dayMs }]
}

/** Extends the time to answer. It cannot become shorter. */
export function extend(procedure: Procedure, by: string, answerBy: Instant, now: Instant): Procedure {
    if (phaseOf(procedure, now) !== "answer_awaited") notNow("this procedure waits for no answer")
    const opened = procedure[0]?.at ?? now
    if (!(answerBy > answerByOf(procedure) && answerBy <= opened + answerDays.max * dayMs)) {
        refuse(
            "invalid",
            "procedure.bad_deadline",
            `the new deadline must be later, and within \`${answerDays.max}\` days of the letter`,
        )
    }
    return [...procedure, { kind: "extended", at: now, by, answerBy }]
}

/** Adds the answer, in time or late. Possible until two people have decided. */
export function answer(procedure: Procedure, by: string, now: Instant): Procedure {
    if (last(procedure, "decided")) notNow("this procedure is already decided: appeal instead")
    if (last(procedure, "answered")) notNow("this procedure already has an answer")
    return [...procedure, { kind: "answered", at: now, by }]
}

/** A decision with the people who decided, and the time to appeal. */
export interface Decision extends Decided {
    readonly by: Deciders
    /** Days to appeal. */
    readonly appealDays: number
}

/** Adds a decision by two people, after the answer or the deadline. */
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

/** Checks that a decision is due. Refuses `procedure.answer_awaited`. */
export function assertDecidable(procedure: Procedure, now: Instant): void {
    const phase = phaseOf(procedure, now)
    if (phase === "to_decide") return
    if (phase === "answer_awaited") {
        refuse(
            "conflict",
            "procedure.answer_awaited",
            "the partner may still answer: wait for the answer or the deadline",
        )
    }
    notNow("this procedure is already decided")
}

/** Adds an appeal, once and in time. The term's end is exclusive. */
export function appeal(procedure: Procedure, by: string, now: Instant): Procedure {
    const phase = phaseOf(procedure, now)
    if (phase === "open_to_appeal") return [...procedure, { kind: "appealed", at: now, by }]
    if (last(procedure, "appealed"))
        refuse(
            "conflict",
            "procedure.already_appealed",
            "this decision was already appealed: only one appeal is allowed",
        )
    if (last(procedure, "decided")?.appealBy) {
        refuse("conflict", "procedure.appeal_too_late", "the term for an appeal has ended")
    }
    notNow("this procedure has no decision to appeal")
}

/** Adds the appeal's decision by two other people: upheld or milder. Refuses `procedure.appeal_harsher`. */
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
        refuse("conflict", "procedure.appeal_harsher", "an appeal cannot make the decision stricter")
    }
    return [...procedure, { kind: "appeal_decided", at: now, by, outcome, returnFrom }]
}

/** Checks that an appeal waits for its decision. */
export function assertAppealed(procedure: Procedure, now: Instant): void {
    if (phaseOf(procedure, now) !== "appeal_to_decide") notNow("this procedure has no open appeal")
}

/** Refuses `procedure.decided_before` for people who decided before. */
export function assertFresh(procedure: Procedure, person: string): void {
    if (!decidersOf(procedure).includes(person)) return
    refuse("forbidden", "procedure.decided_before", "you decided before: leave the appeal to other people")
}

function harder(after: Decided, before: Decided): boolean {
    const [a, b] = [outcomes.indexOf(after.outcome), outcomes.indexOf(before.outcome)]
    return a > b || (a === b && (after.returnFrom ?? 0) > (before.returnFrom ?? 0))
}

/** Adds the reinstatement from a suspension by two people, on the announced day at the earliest. */
export function restoreAccess(procedure: Procedure, by: Deciders, now: Instant): Procedure {
    assertReinstatable(procedure, now)
    return [...procedure, { kind: "reinstated", at: now, by }]
}

/** Checks that a suspension can end now. Refuses `procedure.return_too_early`. */
export function assertReinstatable(procedure: Procedure, now: Instant): void {
    const sanction = sanctionOf(procedure)
    if (sanction?.outcome !== "suspension") notNow("this procedure has no open suspension")
    if (!(now >= (sanction.returnFrom ?? now))) {
        refuse("conflict", "procedure.return_too_early", "the announced day of return is later: wait for it")
    }
}

/** Validates an outcome and its day of return. Refuses `procedure.bad_return`. */
export function validateOutcome({ outcome, returnFrom }: Decided, now: Instant): void {
    if (outcome !== "suspension") {
        if (returnFrom === null) return
        refuse("invalid", "procedure.bad_return", "only a suspension can have a day of return")
    }
    if (returnFrom !== null && returnFrom >= now && returnFrom <= now + returnWithinMs) return
    refuse("invalid", "procedure.bad_return", "a suspension needs a day of return within two years")
}

function daysWithin(days: number, { min, max }: { readonly min: number; readonly max: number }): number {
    if (Number.isSafeInteger(days) && days >= min && days <= max) return days
    refuse("invalid", "procedure.bad_term", `a term must be \`${min}\` to \`${max}\` whole days`)
}

function notNow(why: string): never {
    refuse("conflict", "procedure.wrong_status", why)
}

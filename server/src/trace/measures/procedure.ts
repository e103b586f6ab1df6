/**
 * A procedure leads to a sanction. Its history: a statement of concern names an obligation, the partner answers or lets
 * the time pass, two people decide, the partner appeals or not, and two other people decide the appeal. The phase is
 * computed from the history and the instant, so no step is skipped or repeated.
 */
import { type Instant, dayMs } from "@tocsin/base/instant"
import { refuse } from "@tocsin/base/refusal"

/** From mildest to strictest. */
export const outcomes = ["none", "reprimand", "suspension", "termination"] as const

/** The outcome of a procedure. */
export type Outcome = (typeof outcomes)[number]

/** The requester and the signer. */
export type Deciders = readonly [requester: string, signer: string]

/** A decision. Only a suspension sets the day of a possible return. */
export interface DecidedOutcome {
    readonly outcome: Outcome
    readonly returnFrom: Instant | null
}

/** An entry in the history of a procedure. */
export type ProcedureEntry =
    | { readonly kind: "opened"; readonly at: Instant; readonly by: string; readonly answerBy: Instant }
    | { readonly kind: "extended"; readonly at: Instant; readonly by: string; readonly answerBy: Instant }
    | { readonly kind: "answered"; readonly at: Instant; readonly by: string }
    | (DecidedOutcome & {
          readonly kind: "decided"
          readonly at: Instant
          readonly by: Deciders
          /** Null where there is nothing to appeal. */
          readonly appealBy: Instant | null
      })
    | { readonly kind: "appealed"; readonly at: Instant; readonly by: string }
    | (DecidedOutcome & { readonly kind: "appeal_decided"; readonly at: Instant; readonly by: Deciders })
    | { readonly kind: "reinstated"; readonly at: Instant; readonly by: Deciders }

/**
 * INVARIANT: entries are in the order of `ProcedureEntry`, each kind once except `extended`. The phase before allows
 * each entry.
 */
export type ProcedureHistory = readonly ProcedureEntry[]

/** The phase of a procedure, computed from its history. */
export type Phase = "answer_awaited" | "to_decide" | "open_to_appeal" | "appeal_to_decide" | "closed"

/** Default and limits of the time to answer. */
export const answerDays = { usual: 14, min: 7, max: 90 } as const
export const appealDays = { usual: 30, min: 14, max: 90 } as const
/** Latest possible return from a suspension. */
const returnWithinMs = 731 * dayMs

type EntryOfKind<Kind extends ProcedureEntry["kind"]> = Extract<ProcedureEntry, { kind: Kind }>

function lastEntry<Kind extends ProcedureEntry["kind"]>(
    history: ProcedureHistory,
    kind: Kind,
): EntryOfKind<Kind> | null {
    return history.findLast((entry): entry is EntryOfKind<Kind> => entry.kind === kind) ?? null
}

/** Returns the deadline for an answer. It is exclusive: at that instant a decision needs no answer. */
export function answerByOf(history: ProcedureHistory): Instant {
    const entry = lastEntry(history, "extended") ?? lastEntry(history, "opened")
    if (entry === null) throw new Error("a procedure must begin with `opened`")
    return entry.answerBy
}

/** Computes the phase at an instant. */
export function phaseOf(history: ProcedureHistory, now: Instant): Phase {
    const answerBy = answerByOf(history)
    const decided = lastEntry(history, "decided")
    if (decided === null) return lastEntry(history, "answered") || now >= answerBy ? "to_decide" : "answer_awaited"
    if (lastEntry(history, "appeal_decided")) return "closed"
    if (lastEntry(history, "appealed")) return "appeal_to_decide"
    return decided.appealBy !== null && now < decided.appealBy ? "open_to_appeal" : "closed"
}

/** Returns the current sanction; null without a decision. After reinstatement the outcome is `none`. */
export function sanctionOf(history: ProcedureHistory): DecidedOutcome | null {
    const decided = lastEntry(history, "appeal_decided") ?? lastEntry(history, "decided")
    if (decided === null) return null
    const { outcome, returnFrom } = lastEntry(history, "reinstated")
        ? { outcome: "none" as const, returnFrom: null }
        : decided
    return { outcome, returnFrom }
}

/** Returns since when a decision is due, or null. */
export function decisionDueSince(history: ProcedureHistory, now: Instant): Instant | null {
    const phase = phaseOf(history, now)
    if (phase === "to_decide") return lastEntry(history, "answered")?.at ?? answerByOf(history)
    return phase === "appeal_to_decide" ? (lastEntry(history, "appealed")?.at ?? null) : null
}

/** Lists the people who have decided so far. None of them decides the appeal. */
export function decidersOf(history: ProcedureHistory): string[] {
    return history.flatMap((entry) => (entry.kind === "decided" ? [...entry.by] : []))
}

/** Starts a procedure. Refuses `procedure.bad_term`. */
export function openHistory(by: string, days: number, now: Instant): ProcedureHistory {
    return [{ kind: "opened", at: now, by, answerBy: now + daysWithin(days, answerDays) * dayMs }]
}

/** Extends the time to answer. It cannot become shorter. */
export function extend(history: ProcedureHistory, by: string, answerBy: Instant, now: Instant): ProcedureHistory {
    if (phaseOf(history, now) !== "answer_awaited")
        refuseWrongStatus("this procedure awaits no answer: its time to answer cannot be extended")
    const opened = history[0]?.at ?? now
    if (!(answerBy > answerByOf(history) && answerBy <= opened + answerDays.max * dayMs)) {
        refuse(
            "invalid",
            "procedure.bad_deadline",
            `the new deadline must be later, and within \`${answerDays.max}\` days of the letter`,
            { max: answerDays.max },
        )
    }
    return [...history, { kind: "extended", at: now, by, answerBy }]
}

/** Adds the answer, in time or late. Possible until two people have decided. */
export function answer(history: ProcedureHistory, by: string, now: Instant): ProcedureHistory {
    if (lastEntry(history, "decided")) refuseWrongStatus("this procedure is already decided: appeal instead")
    if (lastEntry(history, "answered")) refuseWrongStatus("this procedure already has an answer")
    return [...history, { kind: "answered", at: now, by }]
}

/** A decision with the people who decided, and the time to appeal. */
export interface Decision extends DecidedOutcome {
    readonly by: Deciders
    /** Days to appeal. */
    readonly appealDays: number
}

/** Adds a decision by two people, after the answer or the deadline. */
export function decide(
    history: ProcedureHistory,
    { by, outcome, returnFrom, appealDays: days }: Decision,
    now: Instant,
): ProcedureHistory {
    assertDecidable(history, now)
    validateOutcome({ outcome, returnFrom }, now)
    const appealBy = outcome === "none" ? null : now + daysWithin(days, appealDays) * dayMs
    return [...history, { kind: "decided", at: now, by, outcome, returnFrom, appealBy }]
}

/** Checks that a decision is due. Refuses `procedure.answer_awaited`. */
export function assertDecidable(history: ProcedureHistory, now: Instant): void {
    const phase = phaseOf(history, now)
    if (phase === "to_decide") return
    if (phase === "answer_awaited") {
        refuse(
            "conflict",
            "procedure.answer_awaited",
            "the partner may still answer: wait for the answer or the deadline",
        )
    }
    refuseWrongStatus("this procedure is already decided")
}

/** Adds an appeal, once and in time. The term's end is exclusive. */
export function appeal(history: ProcedureHistory, by: string, now: Instant): ProcedureHistory {
    const phase = phaseOf(history, now)
    if (phase === "open_to_appeal") return [...history, { kind: "appealed", at: now, by }]
    if (lastEntry(history, "appealed"))
        refuse(
            "conflict",
            "procedure.already_appealed",
            "this decision was already appealed: only one appeal is allowed",
        )
    if (lastEntry(history, "decided")?.appealBy) {
        refuse("conflict", "procedure.appeal_too_late", "the term for an appeal has ended")
    }
    refuseWrongStatus("this procedure has no decision to appeal")
}

/** Adds the appeal's decision by two other people: upheld or milder. Refuses `procedure.appeal_harsher`. */
export function decideAppeal(
    history: ProcedureHistory,
    decision: DecidedOutcome & { readonly by: Deciders },
    now: Instant,
): ProcedureHistory {
    assertAppealed(history, now)
    const { by, outcome, returnFrom } = decision
    for (const person of by) assertHasNotDecided(history, person)
    const before = lastEntry(history, "decided")
    const isUpheld = before !== null && before.outcome === outcome && before.returnFrom === returnFrom
    if (!isUpheld) validateOutcome({ outcome, returnFrom }, now)
    if (before === null || isStricter(decision, before)) {
        refuse("conflict", "procedure.appeal_harsher", "an appeal cannot make the decision stricter")
    }
    return [...history, { kind: "appeal_decided", at: now, by, outcome, returnFrom }]
}

/** Checks that an appeal waits for its decision. */
export function assertAppealed(history: ProcedureHistory, now: Instant): void {
    if (phaseOf(history, now) !== "appeal_to_decide") refuseWrongStatus("this procedure has no open appeal")
}

/** Refuses `procedure.decided_before` for people who decided before. */
export function assertHasNotDecided(history: ProcedureHistory, person: string): void {
    if (!decidersOf(history).includes(person)) return
    refuse("forbidden", "procedure.decided_before", "you decided before: leave the appeal to other people")
}

function isStricter(after: DecidedOutcome, before: DecidedOutcome): boolean {
    const [a, b] = [outcomes.indexOf(after.outcome), outcomes.indexOf(before.outcome)]
    return a > b || (a === b && (after.returnFrom ?? 0) > (before.returnFrom ?? 0))
}

/** Adds the reinstatement from a suspension by two people, on the announced day at the earliest. */
export function addReinstatement(history: ProcedureHistory, by: Deciders, now: Instant): ProcedureHistory {
    assertReinstatable(history, now)
    return [...history, { kind: "reinstated", at: now, by }]
}

/** Checks that a suspension can end now. Refuses `procedure.return_too_early`. */
export function assertReinstatable(history: ProcedureHistory, now: Instant): void {
    const sanction = sanctionOf(history)
    if (sanction?.outcome !== "suspension") refuseWrongStatus("this procedure has no open suspension")
    if (!(now >= (sanction.returnFrom ?? now))) {
        refuse("conflict", "procedure.return_too_early", "the announced day of return is later: wait for it")
    }
}

/** Validates an outcome and its day of return. Refuses `procedure.bad_return`. */
export function validateOutcome({ outcome, returnFrom }: DecidedOutcome, now: Instant): void {
    if (outcome !== "suspension") {
        if (returnFrom === null) return
        refuse("invalid", "procedure.bad_return", "only a suspension can have a day of return")
    }
    if (returnFrom !== null && returnFrom >= now && returnFrom <= now + returnWithinMs) return
    refuse("invalid", "procedure.bad_return", "a suspension needs a day of return within two years")
}

function daysWithin(days: number, { min, max }: { readonly min: number; readonly max: number }): number {
    if (Number.isSafeInteger(days) && days >= min && days <= max) return days
    refuse("invalid", "procedure.bad_term", `a term must be \`${min}\` to \`${max}\` whole days`, { min, max })
}

function refuseWrongStatus(reason: string): never {
    refuse("conflict", "procedure.wrong_status", reason)
}

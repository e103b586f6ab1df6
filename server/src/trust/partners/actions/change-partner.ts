/**
 * Changes a partner's facts. Each decision is a fact from an instant on.
 *
 * A change waits for running reads of the partner and blocks new ones until it is committed. A change that gives more
 * applies a signed approval; one that gives less needs one person and takes effect at once.
 */
import { type Instant, formatInstant } from "@tocsin/base/instant"
import { refuse } from "@tocsin/base/refusal"
import { withheldFrom } from "../../../platform/time/clock.ts"
import { lockToChangePartner } from "../../../kernel/locks.ts"
import { seal } from "../../../platform/crypto/vault.ts"
import { useApproval, voidOvertaken } from "../../approvals/actions.ts"
import type { Approval, Effects } from "../../approvals/approval.ts"
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import { personOf } from "../../../kernel/actor.ts"
import { assertApart, personHash, personsOf } from "../../identity/actions.ts"
import type { Person } from "../../identity/person.ts"
import { type Duty, validateDuties } from "../reporting-duties/reporting-duties.ts"
import { type Change, type FactRow, type Facts, type Restriction, factsFrom, holds } from "../facts.ts"
import { type Details, type Standing, type Tier, isJoining, validateDetails, reachesCases } from "../partner.ts"
import { findApplication } from "../onboarding/store/applications.ts"
import * as store from "../store/partners.ts"
import { effectsOf, wideningActs, widens } from "../gain.ts"
import { unknownPartner } from "./load-facts.ts"
import { queueLink } from "../roster/actions/send-sign-in-link.ts"

/** The basis of a change: approval, instant, measure. */
export interface Decision {
    /** The signed approval, needed where the change gives more. */
    readonly approval?: string | undefined
    /** From when it is valid; default now, never earlier. */
    readonly from?: Instant | undefined
    /** The measure that it applies, for the audit log. */
    readonly because?: string | undefined
    /** The applied approval of a larger action that this change is part of, in this transaction. */
    readonly within?: Approval | undefined
}

export interface NewPartner extends Details {
    readonly tier: Tier
    readonly standing: Standing
}

export async function addPartner(ctx: ActionContext, input: NewPartner): Promise<string> {
    const { name, mail, tier, standing } = input
    validateDetails(input)
    const id = ctx.services.newId()
    const details = JSON.stringify({ name: name.trim(), mail })
    await store.insertPartner(ctx.tx, {
        id,
        details_ciphertext: await seal(ctx.tx, ctx.services.keys, `partner:${id}`, `partners.details:${id}`, details),
        created_at: ctx.now,
    })
    const on = { from: ctx.now, by: personOf(ctx.actor) }
    await store.insertFact(ctx.tx, id, { fact: "tier", value: tier }, on)
    await store.insertFact(ctx.tx, id, { fact: "standing", value: standing }, on)
    await record(ctx, { kind: "partner.added", partner: id, tier, standing })
    return id
}

/** Changes a partner's status. Suspending a suspended partner changes nothing and succeeds. */
export async function changeStanding(
    ctx: ActionContext,
    partner: string,
    value: Standing,
    on: Decision = {},
): Promise<void> {
    const done = await decide(ctx, partner, { fact: "standing", value }, on)
    if (!done) return
    const { from, before, because, approval } = done
    const { standing: was } = before
    if (isJoining(was) && value === "active") await startAfresh(ctx, partner)
    await record(ctx, { kind: "partner.status_changed", partner, was, standing: value, from, because, approval })
}

/** Ends credentials from before the admission, so that they do not read warnings. Mails each person a new link. */
async function startAfresh(ctx: ActionContext, partner: string): Promise<void> {
    for (const { id } of await rosterNow(ctx, partner)) await queueLink(ctx, partner, id)
}

export async function changeTier(ctx: ActionContext, partner: string, value: Tier, on: Decision = {}): Promise<void> {
    const done = await decide(ctx, partner, { fact: "tier", value }, on)
    if (!done) return
    const { from, before, approval } = done
    await record(ctx, { kind: "partner.tier_changed", partner, was: before.tier, tier: value, from, approval })
}

export async function setDuties(
    ctx: ActionContext,
    partner: string,
    value: readonly Duty[],
    on: Decision = {},
): Promise<void> {
    validateDuties(value)
    const done = await decide(ctx, partner, { fact: "duties", value }, on)
    if (!done) return
    const regimes = value.map((duty) => duty.regime)
    await record(ctx, { kind: "partner.duties_set", partner, regimes, from: done.from, approval: done.approval })
}

/** Restricts one partner, or lifts its restriction (null). */
export async function setRestriction(
    ctx: ActionContext,
    partner: string,
    value: Restriction | null,
    on: Decision = {},
): Promise<void> {
    const done = await decide(ctx, partner, { fact: "restriction", value }, on)
    if (!done) return
    const { from, because, approval } = done
    if (value === null) await record(ctx, { kind: "partner.restriction_lifted", partner, from, because, approval })
    else {
        const { withhold, notBeforePublication, cases } = value
        const subject = { withhold, notBeforePublication, cases }
        await record(ctx, { kind: "partner.restricted", partner, ...subject, from, because, approval })
    }
}

/** Whether the partner has this value now and in every state decided for later. */
export async function holdsOn(ctx: ActionContext, partner: string, change: Change): Promise<boolean> {
    const coming = factsFrom(await store.listHistory(ctx.tx, partner), ctx.now)
    return coming.length === 0 ? unknownPartner() : coming.every((facts) => holds(facts, change))
}

/** Whether the partner has case access now, or in a state decided for later. */
export async function readsCasesFrom(ctx: ActionContext, partner: string): Promise<boolean> {
    return factsFrom(await store.listHistory(ctx.tx, partner), ctx.now).some(({ standing }) => reachesCases(standing))
}

/**
 * The effects that a second person must sign before this change; null where one person is enough. Pass them to
 * `requestApproval`, then the signed approval as `approval`.
 */
export async function effectsToSign(
    ctx: ActionContext,
    partner: string,
    change: Change,
    from: Instant = ctx.now,
): Promise<Effects | null> {
    const before = factsFrom(await store.listHistory(ctx.tx, partner), from)
    if (before.length === 0) unknownPartner()
    return await wideningOf(ctx, partner, before, change)
}

interface Decided {
    readonly before: Facts
    readonly from: Instant
    readonly because: string | null
    readonly approval: string | null
}

/** Locks, checks, applies the approval where needed, and writes. Null where the value is already set. */
async function decide(ctx: ActionContext, partner: string, change: Change, on: Decision): Promise<Decided | null> {
    const from = on.from ?? ctx.now
    if (!(from >= ctx.now)) {
        refuse(
            "invalid",
            "partner.from_in_the_past",
            `\`${formatInstant(from)}\` is in the past: use now or a later instant`,
        )
    }
    await lockToChangePartner(ctx.tx, partner)
    // Also checked against later decisions: undoing a future suspension needs as many people as undoing a present one.
    const history = await store.listHistory(ctx.tx, partner)
    const before = factsFrom(history, from)
    const first = before[0] ?? unknownPartner()
    if (before.every((facts) => holds(facts, change))) return null
    const effects = await wideningOf(ctx, partner, before, change)
    const whole = on.within ? assertReaches(on.within, partner, ctx.now) : null
    if (effects && !whole) await useApproval(ctx, on.approval ?? needsTwo(), effects)
    const isImmediate = on.from === undefined && effects === null
    const holdsFrom = isImmediate ? await takenFrom(ctx, history, change) : from
    await store.insertFact(ctx.tx, partner, change, { from: holdsFrom, by: personOf(ctx.actor) })
    // Older approvals were signed against the former decision. Voids them.
    await voidOvertaken(ctx, wideningActs[change.fact], partner)
    const approval = whole ?? (effects ? (on.approval ?? null) : null)
    return { before: first, from: holdsFrom, because: on.because ?? null, approval }
}

/** The instant of `withheldFrom`, or now where that would give the partner more than it had meanwhile. */
async function takenFrom(ctx: ActionContext, history: readonly FactRow[], change: Change): Promise<Instant> {
    const early = await withheldFrom(ctx.tx, ctx.services, ctx.now)
    const between = early < ctx.now ? factsFrom(history, early) : []
    return between.some((facts) => givesMore(facts, change)) ? ctx.now : early
}

/** Whether the change gives more, for any pair of statuses, also pairs that no person can decide. */
function givesMore(facts: Facts, change: Change): boolean {
    if (change.fact !== "standing") return widens(facts, change)
    return reachesCases(change.value) && !reachesCases(facts.standing)
}

/** Throws where the applied approval is not about this partner and this instant: a fault of the caller. */
function assertReaches({ id, effects, usedAt }: Approval, partner: string, now: Instant): string {
    if (usedAt === now && effects.recipients.includes(partner)) return id
    throw new Error(`the approval ${id} is not about this partner, now`)
}

async function wideningOf(
    ctx: ActionContext,
    partner: string,
    before: readonly Facts[],
    change: Change,
): Promise<Effects | null> {
    const widened = before.find((facts) => widens(facts, change))
    if (!widened) return null
    const here = await rosterNow(ctx, partner)
    if (change.fact === "standing" && isJoining(widened.standing))
        for (const person of here) await assertApart(ctx, person)
    const members = here.map((person) => ({ ...person, details: personHash(ctx, person) }))
    return effectsOf(partner, widened, change, members)
}

/**
 * The people that an admission admits, for the signer to read. The effects hold only a hash of names and addresses.
 */
export async function admissionWords(ctx: ActionContext, partner: string) {
    const here = await rosterNow(ctx, partner)
    return { roster: here.map(({ id, name, mail, roles }) => ({ person: id, name, mail, roles })) }
}

async function rosterNow(ctx: ActionContext, partner: string): Promise<Person[]> {
    return (await personsOf(ctx, partner)).filter((person) => person.leftAt === null)
}

export function needsTwo(): never {
    refuse(
        "conflict",
        "partner.needs_two_people",
        "this change can give the partner more access: request a second signature",
    )
}

/**
 * Refuses `partner.needs_measure` for a partner that is not onboarding: only a measure, with reason, letter and
 * review, changes its status.
 */
export async function assertOnboarding(ctx: ActionContext, partner: string, value: Standing): Promise<void> {
    await lockToChangePartner(ctx.tx, partner)
    const standing = factsFrom(await store.listHistory(ctx.tx, partner), ctx.now)[0]?.standing ?? unknownPartner()
    if (!(isJoining(standing) || standing === value)) {
        refuse(
            "conflict",
            "partner.needs_measure",
            `a partner that is \`${standing}\` cannot change status directly: take a measure`,
        )
    }
    const row = await findApplication(ctx.tx, partner)
    if (standing === "applicant" && row?.decision === null) {
        refuse(
            "conflict",
            "application.not_decided",
            "this partner has an open application: decide the application with a reason",
        )
    }
    // An invitation must meet the criteria, even if the application was declined before.
    if (row && value === "invited" && standing !== "invited") {
        refuse(
            "conflict",
            "application.needs_new_decision",
            "this partner was declined: score and decide its application again",
        )
    }
}

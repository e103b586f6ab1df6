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
import { encryptText } from "../../../platform/crypto/vault.ts"
import { applyApproval } from "../../approvals/actions/request-approval.ts"
import { voidSuperseded } from "../../approvals/actions/void-approvals.ts"
import type { Approval, Effects } from "../../approvals/approval.ts"
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import { personOf } from "../../../kernel/actor.ts"
import { assertMailNotOnOtherSide } from "../../identity/actions/manage-people.ts"
import { personHash, listPeople } from "../../identity/actions/load-people.ts"
import type { Person } from "../../identity/person.ts"
import { type Duty, validateDuties } from "../reporting-duties/reporting-duties.ts"
import { type FactChange, type FactRow, type Facts, type Restriction, factsFrom, hasValue } from "../facts.ts"
import {
    type NameAndMail,
    type PartnerStatus,
    type Tier,
    isOnboarding,
    validateNameAndMail,
    hasCaseAccess,
} from "../partner.ts"
import { isEnded } from "../keys/key.ts"
import { listKeys } from "../keys/store/keys.ts"
import { findApplication } from "../onboarding/store/applications.ts"
import * as store from "../store/partners.ts"
import { changeEffects, givingActions, canGiveMore } from "../approval-effects.ts"
import { unknownPartner } from "./load-facts.ts"
import { queueLink } from "../../identity/account-mail/actions/send-sign-in-link.ts"

/** The basis of a change: approval, instant, measure. */
export interface Decision {
    /** The signed approval, needed where the change gives more. */
    readonly approval?: string | undefined
    /** The instant from which it is valid; default now, never earlier. */
    readonly from?: Instant | undefined
    /** The measure that it applies, for the audit log. */
    readonly measure?: string | undefined
    /** The applied approval of a larger action that this change is part of, in this transaction. */
    readonly appliedApproval?: Approval | undefined
}

export interface NewPartner extends NameAndMail {
    readonly tier: Tier
    readonly status: PartnerStatus
}

/** Adds a partner. No lock is needed for its first duties, because no one reads it before the commit. */
export async function addPartner(
    ctx: ActionContext,
    newPartner: NewPartner,
    duties: readonly Duty[] = [],
): Promise<string> {
    const { name, mail, tier, status } = newPartner
    validateNameAndMail(newPartner)
    const id = ctx.services.newId()
    const details = JSON.stringify({ name: name.trim(), mail })
    await store.insertPartner(ctx.tx, {
        id,
        details_ciphertext: await encryptText(
            ctx.tx,
            ctx.services.keys,
            `partner:${id}`,
            `partners.details:${id}`,
            details,
        ),
        created_at: ctx.now,
    })
    const basis = { from: ctx.now, by: personOf(ctx.actor) }
    await store.insertFact(ctx.tx, id, { fact: "tier", value: tier }, basis)
    await store.insertFact(ctx.tx, id, { fact: "status", value: status }, basis)
    await record(ctx, { kind: "partner.added", partner: id, tier, status })
    if (duties.length === 0) return id
    const regimes = duties.map(({ regime }) => regime)
    await store.insertFact(ctx.tx, id, { fact: "duties", value: duties }, basis)
    await record(ctx, { kind: "partner.duties_set", partner: id, regimes, from: ctx.now, approval: null })
    return id
}

/** Changes a partner's status. Suspending a suspended partner changes nothing and succeeds. */
export async function changePartnerStatus(
    ctx: ActionContext,
    partner: string,
    value: PartnerStatus,
    decision: Decision = {},
): Promise<void> {
    const applied = await applyChange(ctx, partner, { fact: "status", value }, decision)
    if (!applied) return
    const { from, before, measure, approval } = applied
    const { status: was } = before
    if (isOnboarding(was) && value === "active") await resetCredentials(ctx, partner)
    await record(ctx, { kind: "partner.status_changed", partner, was, status: value, from, measure, approval })
}

/** Ends credentials from before the admission, so that they do not read warnings. Mails each person a new link. */
async function resetCredentials(ctx: ActionContext, partner: string): Promise<void> {
    for (const { id } of await listPresentRoster(ctx, partner)) await queueLink(ctx, id)
}

export async function changeTier(
    ctx: ActionContext,
    partner: string,
    value: Tier,
    decision: Decision = {},
): Promise<void> {
    const applied = await applyChange(ctx, partner, { fact: "tier", value }, decision)
    if (!applied) return
    const { from, before, approval } = applied
    await record(ctx, { kind: "partner.tier_changed", partner, was: before.tier, tier: value, from, approval })
}

export async function setDuties(
    ctx: ActionContext,
    partner: string,
    value: readonly Duty[],
    decision: Decision = {},
): Promise<void> {
    validateDuties(value)
    const applied = await applyChange(ctx, partner, { fact: "duties", value }, decision)
    if (!applied) return
    const regimes = value.map((duty) => duty.regime)
    await record(ctx, { kind: "partner.duties_set", partner, regimes, from: applied.from, approval: applied.approval })
}

/** Restricts one partner, or lifts its restriction (null). */
export async function setRestriction(
    ctx: ActionContext,
    partner: string,
    value: Restriction | null,
    decision: Decision = {},
): Promise<void> {
    const applied = await applyChange(ctx, partner, { fact: "restriction", value }, decision)
    if (!applied) return
    const { from, measure, approval } = applied
    if (value === null) await record(ctx, { kind: "partner.restriction_lifted", partner, from, measure, approval })
    else {
        const { withhold, notBeforePublication, cases } = value
        const restriction = { withhold, notBeforePublication, cases }
        await record(ctx, { kind: "partner.restricted", partner, ...restriction, from, measure, approval })
    }
}

/** Whether the partner has this value now and in every state decided for later. */
export async function hasValueFromNow(ctx: ActionContext, partner: string, change: FactChange): Promise<boolean> {
    const states = factsFrom(await store.listHistory(ctx.tx, partner), ctx.now)
    return states.length === 0 ? unknownPartner() : states.every((facts) => hasValue(facts, change))
}

/** Whether the partner has case access now, or in a state decided for later. */
export async function hasCaseAccessFromNow(ctx: ActionContext, partner: string): Promise<boolean> {
    return factsFrom(await store.listHistory(ctx.tx, partner), ctx.now).some(({ status }) => hasCaseAccess(status))
}

/**
 * The effects that a second person must sign before this change; null where one person is enough. Pass them to
 * `requestApproval`, then the signed approval as `approval`.
 */
export async function computeChangeEffects(
    ctx: ActionContext,
    partner: string,
    change: FactChange,
    from: Instant = ctx.now,
): Promise<Effects | null> {
    const before = factsFrom(await store.listHistory(ctx.tx, partner), from)
    if (before.length === 0) unknownPartner()
    return await computeEffects(ctx, partner, before, change)
}

interface AppliedChange {
    readonly before: Facts
    readonly from: Instant
    readonly measure: string | null
    readonly approval: string | null
}

/**
 * Locks the partner, checks the change, applies the approval where needed, and writes the fact. Null where the value is
 * already set.
 */
async function applyChange(
    ctx: ActionContext,
    partner: string,
    change: FactChange,
    decision: Decision,
): Promise<AppliedChange | null> {
    const from = decision.from ?? ctx.now
    if (!(from >= ctx.now)) {
        refuse(
            "invalid",
            "partner.from_in_the_past",
            `\`${formatInstant(from)}\` is in the past: use now or a later instant`,
            { from: formatInstant(from) },
        )
    }
    await lockToChangePartner(ctx.tx, partner)
    // Also checked against later decisions: undoing a future suspension needs as many people as undoing a present one.
    const history = await store.listHistory(ctx.tx, partner)
    const before = factsFrom(history, from)
    const first = before[0] ?? unknownPartner()
    if (before.every((facts) => hasValue(facts, change))) return null
    const effects = await computeEffects(ctx, partner, before, change)
    const outerApproval = decision.appliedApproval ? assertCovers(decision.appliedApproval, partner, ctx.now) : null
    if (effects && !outerApproval) await applyApproval(ctx, decision.approval ?? refuseWithoutApproval(), effects)
    const startsNow = decision.from === undefined && effects === null
    const effectiveFrom = startsNow ? await loadEffectiveFrom(ctx, history, change) : from
    await store.insertFact(ctx.tx, partner, change, { from: effectiveFrom, by: personOf(ctx.actor) })
    // Older approvals were signed against the former decision. Voids them.
    await voidSuperseded(ctx, givingActions[change.fact], partner)
    const approval = outerApproval ?? (effects ? (decision.approval ?? null) : null)
    return { before: first, from: effectiveFrom, measure: decision.measure ?? null, approval }
}

/** The instant of `withheldFrom`, or now where the earlier instant would give the partner more. */
async function loadEffectiveFrom(
    ctx: ActionContext,
    history: readonly FactRow[],
    change: FactChange,
): Promise<Instant> {
    const earliest = await withheldFrom(ctx.tx, ctx.services, ctx.now)
    const states = earliest < ctx.now ? factsFrom(history, earliest) : []
    return states.some((facts) => givesMore(facts, change)) ? ctx.now : earliest
}

/** Whether the change gives more, for any pair of statuses, also pairs that no person can decide. */
function givesMore(facts: Facts, change: FactChange): boolean {
    if (change.fact !== "status") return canGiveMore(facts, change)
    return hasCaseAccess(change.value) && !hasCaseAccess(facts.status)
}

/** Throws where the applied approval is not about this partner and this instant: a fault of the caller. */
function assertCovers({ id, effects, appliedAt }: Approval, partner: string, now: Instant): string {
    if (appliedAt === now && effects.recipients.includes(partner)) return id
    throw new Error(`the approval ${id} is not about this partner, now`)
}

async function computeEffects(
    ctx: ActionContext,
    partner: string,
    before: readonly Facts[],
    change: FactChange,
): Promise<Effects | null> {
    const giving = before.find((facts) => canGiveMore(facts, change))
    if (!giving) return null
    const roster = await listPresentRoster(ctx, partner)
    if (change.fact === "status" && isOnboarding(giving.status))
        for (const person of roster) await assertMailNotOnOtherSide(ctx, person)
    const members = roster.map((person) => ({ ...person, details: personHash(ctx, person) }))
    const keys = (await listKeys(ctx.tx, partner)).filter((key) => key.usableFrom !== null && !isEnded(key, ctx.now))
    const recipients = keys.map(({ recipient }) => recipient)
    return changeEffects(partner, giving, change, members, recipients)
}

/**
 * The people that an admission admits, for the signer to read. The effects hold only a hash of names and addresses.
 */
export async function loadAdmissionText(ctx: ActionContext, partner: string) {
    const roster = await listPresentRoster(ctx, partner)
    return { roster: roster.map(({ id, name, mail, roles }) => ({ person: id, name, mail, roles })) }
}

async function listPresentRoster(ctx: ActionContext, partner: string): Promise<Person[]> {
    return (await listPeople(ctx, partner)).filter((person) => person.leftAt === null)
}

export function refuseWithoutApproval(): never {
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
export async function assertOnboarding(ctx: ActionContext, partner: string, value: PartnerStatus): Promise<void> {
    await lockToChangePartner(ctx.tx, partner)
    const status = factsFrom(await store.listHistory(ctx.tx, partner), ctx.now)[0]?.status ?? unknownPartner()
    if (!(isOnboarding(status) || status === value)) {
        refuse(
            "conflict",
            "partner.needs_measure",
            `a partner that is \`${status}\` cannot change status directly: take a measure`,
            { status },
        )
    }
    const row = await findApplication(ctx.tx, partner)
    if (status === "applicant" && row?.decision === null) {
        refuse(
            "conflict",
            "application.not_decided",
            "this partner has an open application: decide the application with a reason",
        )
    }
    // An invitation must meet the criteria, even if the application was declined before.
    if (row && value === "invited" && status !== "invited") {
        refuse(
            "conflict",
            "application.needs_new_decision",
            "this partner was declined: score and decide its application again",
        )
    }
}

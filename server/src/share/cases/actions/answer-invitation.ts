/** Who was asked to keep an embargo, what each said, and who is asked anew because its end was moved. */
import type { Instant } from "@tocsin/base/instant"
import { refuse } from "@tocsin/base/refusal"
import { withheldFrom } from "../../../platform/time/clock.ts"
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import { listCasesHidden } from "../../../trust/partners/roster/actions/set-access-list.ts"
import { partnerFactsAt, partnerFactsOf, standingOf } from "../../../trust/partners/actions/load-facts.ts"
import { type Tier, reachesCases } from "../../../trust/partners/partner.ts"
import { closingOf, embargoOf, lockCase, lockOpenCase, assertExists, unknownCase } from "../actions.ts"
import {
    type Adherence,
    type Consent,
    type ConsentTurn,
    type ToldTurn,
    adherenceOf,
    answer,
    consentAt,
    exit,
    invite,
    mayAnswer,
    standsFor,
    termsOf,
    toldOf,
    toldUntil,
} from "../consent.ts"
import { type Embargo, endOf, phase, upTo } from "../embargo.ts"
import * as store from "../store.ts"

export type Speaker = store.Speaker

export const theOperator: Speaker = { partner: null, party: null }
export const partnerAs = (partner: string): Speaker => ({ partner, party: null })
export const partyAs = (party: string): Speaker => ({ partner: null, party })

/** The one id by which the embargo's turns know it; null: the operator. */
export const voiceOf = ({ partner, party }: Speaker): string | null => partner ?? party

/** What this one was asked and has said, in that order. */
export async function turnsBy(ctx: ActionContext, id: string, speaker: Speaker): Promise<ConsentTurn[]> {
    const statements = await store.listConsentTurns(ctx.tx, id)
    return statements.filter((statement) => voiceOf(statement) === voiceOf(speaker)).map((statement) => statement.turn)
}

/** Asks a partner. Whether one person may is the release's to say, which knows what a yes would open. */
export async function inviteToEmbargo(
    ctx: ActionContext,
    id: string,
    partner: string,
    withinMs?: number,
): Promise<void> {
    await assertInvitable(ctx, id, partner, withinMs)
    await ask(ctx, id, partnerAs(partner), withinMs)
}

/** Holds the case, and refuses what `inviteToEmbargo` would. */
export async function assertInvitable(
    ctx: ActionContext,
    id: string,
    partner: string,
    withinMs?: number,
): Promise<void> {
    await lockOpenCase(ctx, id)
    // It could not answer: and what a yes opens is asked about while it would open it.
    if (!reachesCases(await standingOf(ctx, partner))) {
        refuse("conflict", "consent.no_case_access", "this partner's standing reaches no cases: it could not answer")
    }
    await turnToAsk(ctx, id, partnerAs(partner), withinMs)
}

/** The partners of a tier that take part early, those that were not asked yet. Holds the case. */
export async function tierToInvite(ctx: ActionContext, id: string, tier: Tier): Promise<string[]> {
    await lockOpenCase(ctx, id)
    const inputs = new Set((await store.listConsentTurns(ctx.tx, id)).map((statement) => statement.partner))
    const those = (await partnerFactsAt(ctx, ctx.now)).filter(
        (partner) => partner.tier === tier && reachesCases(partner.standing) && !inputs.has(partner.partner),
    )
    return those.map(({ partner }) => partner)
}

/** Asks. The case is held already. */
export async function ask(ctx: ActionContext, id: string, speaker: Speaker, withinMs?: number): Promise<void> {
    const turn = await turnToAsk(ctx, id, speaker, withinMs)
    await keep(ctx, id, speaker, turn)
    await record(ctx, { kind: "consent.invited", case: id, ...speaker, because: "asked" })
}

/** Only a yes lets a party read: whatever else was said holds at once, also where a clock is ahead. */
async function keep(ctx: ActionContext, id: string, speaker: Speaker, turn: ConsentTurn): Promise<void> {
    const at = turn.kind === "signed" ? turn.at : await withheldFrom(ctx.tx, ctx.services, turn.at)
    await store.insertConsent(ctx.tx, { case: id, ...speaker, turn: { ...turn, at } })
}

async function turnToAsk(ctx: ActionContext, id: string, speaker: Speaker, withinMs?: number): Promise<ConsentTurn> {
    const embargo = await embargoOf(ctx, id)
    const state = phase(embargo, ctx.now)
    if (state !== "running" && state !== "proposed") {
        refuse("conflict", "consent.no_embargo", `there is no embargo to keep: its state is \`${state}\``)
    }
    return invite(await turnsBy(ctx, id, speaker), endOf(embargo), ctx.now, withinMs)
}

/**
 * Asks everybody anew whose consent does not reach what has become of the embargo in this transaction: whoever signed
 * for an earlier end, and whoever stood by an agreement that covered it before.
 */
export async function askAnew(ctx: ActionContext, id: string, before: Embargo, after: Embargo): Promise<void> {
    const [was, is] = [endOf(before), endOf(after)]
    if (is === null || is <= (was ?? 0) || phase(after, ctx.now) !== "running") return
    const group = Map.groupBy(await store.listConsentTurns(ctx.tx, id), voiceOf)
    const lapsed: Speaker[] = []
    for (const statements of group.values()) {
        const turns = statements.map((statement) => statement.turn)
        const stateAt = (end: Instant | null) => consentAt(turns, end, ctx.now, false)
        const [first] = statements
        if (first && stateAt(was) === "signatory" && stateAt(is) === "lapsed") lapsed.push(first)
    }
    for (const partner of await partnerFactsAt(ctx, ctx.now)) {
        const stood = was !== null && standsFor(before, partner) && !standsFor(after, partner)
        if (stood && !group.has(partner.partner)) lapsed.push(partnerAs(partner.partner))
    }
    for (const { partner, party } of lapsed) {
        if (partner !== null && !reachesCases(await standingOf(ctx, partner))) continue
        const turn = invite(await turnsBy(ctx, id, { partner, party }), is, ctx.now)
        await keep(ctx, id, { partner, party }, turn)
        await record(ctx, { kind: "consent.invited", case: id, partner, party, because: "lapsed" })
    }
}

export interface OnesConsent extends Speaker {
    readonly state: Consent
    readonly adherence: Adherence
    readonly turns: readonly ConsentTurn[]
}

/** Of everybody that was ever asked or left, in the order of their first turns. */
export async function consentsOf(ctx: ActionContext, id: string): Promise<OnesConsent[]> {
    await assertExists(ctx, id)
    const embargo = await embargoOf(ctx, id)
    const facts = new Map((await partnerFactsAt(ctx, ctx.now)).map((partner) => [partner.partner, partner]))
    const group = Map.groupBy(await store.listConsentTurns(ctx.tx, id), voiceOf)
    return [...group.values()].flatMap((statements) => {
        const [first] = statements
        if (!first) return []
        const turns = statements.map((statement) => statement.turn)
        const known = first.partner === null ? undefined : facts.get(first.partner)
        const isStanding = known !== undefined && standsFor(embargo, known)
        return [
            {
                ...{ partner: first.partner, party: first.party, turns },
                state: consentAt(turns, endOf(embargo), ctx.now, isStanding),
                adherence: adherenceOf(turns, embargo, ctx.now, isStanding),
            },
        ]
    })
}

/** The partners that hear of the embargo: who was asked, and neither declined nor left. */
export async function listenersOf(ctx: ActionContext, id: string): Promise<string[]> {
    const group = Map.groupBy(await store.listConsentTurns(ctx.tx, id), (statement) => statement.partner)
    return [...group].flatMap(([partner, statements]) => {
        const turns = statements.map((statement) => statement.turn)
        return partner !== null && consentAt(turns, null, ctx.now, false) !== "declined" ? [partner] : []
    })
}

/** What somebody was asked to keep secret, until when, and what became of it; nothing of what the case is about. */
export interface Invitation {
    readonly case: string
    readonly state: Consent
    /** As far as it is told. */
    readonly publication: Instant | null
    /** Until when an answer counts; null once it was given. */
    readonly answerBy: Instant | null
    /** When the case was closed: there will be no publication. Null while it goes on. */
    readonly closedAt: Instant | null
    /** When it left; null for whoever did not, or was asked anew since. */
    readonly leftAt: Instant | null
    readonly turns: readonly ToldTurn[]
}

/** Of cases that whoever acts may see. */
export async function invitationsTo(ctx: ActionContext, partner: string): Promise<Invitation[]> {
    const invitations: Invitation[] = []
    const hidden = await listCasesHidden(ctx)
    for (const id of await store.listCasesAsking(ctx.tx, partner)) {
        if (hidden.has(id)) continue
        invitations.push(await invitationTo(ctx, id, partnerAs(partner)))
    }
    return invitations
}

export async function invitationTo(ctx: ActionContext, id: string, speaker: Speaker): Promise<Invitation> {
    const embargo = await embargoOf(ctx, id)
    const turns = await turnsBy(ctx, id, speaker)
    const last = turns.at(-1)
    const closedAt = (await closingOf(ctx, id))?.at ?? null
    return {
        case: id,
        closedAt: closedAt !== null && closedAt <= toldUntil(turns, ctx.now) ? closedAt : null,
        state: consentAt(turns, endOf(embargo), ctx.now, false),
        publication: endOf(upTo(embargo, toldUntil(turns, ctx.now))),
        answerBy: last?.kind === "invited" ? last.answerBy : null,
        leftAt: last?.kind === "exited" ? last.at : null,
        turns: toldOf(embargo, turns, ctx.now, voiceOf(speaker)),
    }
}

export async function answerInvitation(ctx: ActionContext, id: string, accepts: boolean): Promise<void> {
    await answerAs(ctx, id, ownVoice(ctx), accepts)
}

export async function answerAs(ctx: ActionContext, id: string, speaker: Speaker, accepts: boolean): Promise<void> {
    const { embargo, turns } = await assertInvited(ctx, id, speaker)
    const end = termsOf(embargo, ctx.now)
    if (end === null && mayAnswer(turns, end, ctx.now)) {
        refuse("conflict", "consent.no_end_proposed", "no end is proposed: there is nothing to keep yet")
    }
    const turn = answer(turns, accepts, end ?? ctx.now, ctx.now)
    await keep(ctx, id, speaker, turn)
    await record(ctx, { kind: "consent.answered", case: id, ...speaker, accepts })
}

/** The acting partner leaves; whoever was never asked leaves what its agreement consents to. */
export async function exitEmbargo(ctx: ActionContext, id: string): Promise<void> {
    await exitAs(ctx, id, ownVoice(ctx))
}

export async function exitAs(ctx: ActionContext, id: string, speaker: Speaker): Promise<void> {
    await lockHeard(ctx, id, await turnsBy(ctx, id, speaker))
    const embargo = await embargoOf(ctx, id)
    const isStanding =
        speaker.partner !== null && standsFor(embargo, await partnerFactsOf(ctx, speaker.partner, ctx.now))
    const turn = exit(await turnsBy(ctx, id, speaker), endOf(embargo), ctx.now, isStanding)
    await keep(ctx, id, speaker, turn)
    await record(ctx, { kind: "consent.exited", case: id, ...speaker })
}

/** Holds the case; refuses whoever was never asked as it would an unknown case. */
export async function assertInvited(
    ctx: ActionContext,
    id: string,
    speaker: Speaker,
): Promise<{ embargo: Embargo; turns: ConsentTurn[] }> {
    const turns = await turnsBy(ctx, id, speaker)
    if (turns.length === 0) unknownCase()
    await lockHeard(ctx, id, turns)
    return { embargo: await embargoOf(ctx, id), turns: await turnsBy(ctx, id, speaker) }
}

/** Holds the case; refuses one that is closed, but tells whoever declined or left before nothing of that. */
async function lockHeard(ctx: ActionContext, id: string, turns: readonly ConsentTurn[]): Promise<void> {
    const isOut = consentAt(turns, null, ctx.now, false) === "declined"
    await (isOut ? lockCase(ctx, id) : lockOpenCase(ctx, id))
}

export function ownVoice(ctx: ActionContext): Speaker {
    if (ctx.actor.kind !== "partner") refuse("forbidden", "consent.not_invited", "only an invited partner answers")
    return partnerAs(ctx.actor.partner)
}

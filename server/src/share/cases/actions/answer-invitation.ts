/**
 * Invitations to an embargo: invites partners and parties, stores their answers, and invites again where a later end
 * lapses consent.
 */
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

/** The id under which the embargo's entries name the speaker; null: the operator. */
export const voiceOf = ({ partner, party }: Speaker): string | null => partner ?? party

/** Lists what this speaker was asked and answered, in order. */
export async function turnsBy(ctx: ActionContext, id: string, speaker: Speaker): Promise<ConsentTurn[]> {
    const statements = await store.listConsentTurns(ctx.tx, id)
    return statements.filter((statement) => voiceOf(statement) === voiceOf(speaker)).map((statement) => statement.turn)
}

/**
 * Invites a partner to the embargo. The caller checks whether one person may do so: the release knows what acceptance
 * opens.
 */
export async function inviteToEmbargo(
    ctx: ActionContext,
    id: string,
    partner: string,
    withinMs?: number,
): Promise<void> {
    await assertInvitable(ctx, id, partner, withinMs)
    await ask(ctx, id, partnerAs(partner), withinMs)
}

/** Locks the case, and refuses what `inviteToEmbargo` refuses. */
export async function assertInvitable(
    ctx: ActionContext,
    id: string,
    partner: string,
    withinMs?: number,
): Promise<void> {
    await lockOpenCase(ctx, id)
    // Without case access the partner could not answer. The effects of acceptance are computed only for partners with
    // access.
    if (!reachesCases(await standingOf(ctx, partner))) {
        refuse("conflict", "consent.no_case_access", "this partner has no case access: it cannot answer an invitation")
    }
    await turnToAsk(ctx, id, partnerAs(partner), withinMs)
}

/** Lists the partners of a tier with case access that are not invited yet. Locks the case. */
export async function tierToInvite(ctx: ActionContext, id: string, tier: Tier): Promise<string[]> {
    await lockOpenCase(ctx, id)
    const invited = new Set((await store.listConsentTurns(ctx.tx, id)).map((statement) => statement.partner))
    const partners = (await partnerFactsAt(ctx, ctx.now)).filter(
        (partner) => partner.tier === tier && reachesCases(partner.standing) && !invited.has(partner.partner),
    )
    return partners.map(({ partner }) => partner)
}

/** Invites a speaker. The caller holds the lock on the case. */
export async function ask(ctx: ActionContext, id: string, speaker: Speaker, withinMs?: number): Promise<void> {
    const turn = await turnToAsk(ctx, id, speaker, withinMs)
    await keep(ctx, id, speaker, turn)
    await record(ctx, { kind: "consent.invited", case: id, ...speaker, because: "asked" })
}

/** Only a signature widens access. All other entries take effect at once, even where a clock is ahead. */
async function keep(ctx: ActionContext, id: string, speaker: Speaker, turn: ConsentTurn): Promise<void> {
    const at = turn.kind === "signed" ? turn.at : await withheldFrom(ctx.tx, ctx.services, turn.at)
    await store.insertConsent(ctx.tx, { case: id, ...speaker, turn: { ...turn, at } })
}

async function turnToAsk(ctx: ActionContext, id: string, speaker: Speaker, withinMs?: number): Promise<ConsentTurn> {
    const embargo = await embargoOf(ctx, id)
    const state = phase(embargo, ctx.now)
    if (state !== "running" && state !== "proposed") {
        refuse("conflict", "consent.no_embargo", `no embargo to accept: its state is \`${state}\``)
    }
    return invite(await turnsBy(ctx, id, speaker), endOf(embargo), ctx.now, withinMs)
}

/**
 * Invites again every speaker whose consent does not cover a later end set in this transaction: signatories of an
 * earlier end, and partners whose agreement covered the earlier end only.
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
        if (first && stateAt(was) === "signatory" && stateAt(is) === "expired") lapsed.push(first)
    }
    for (const partner of await partnerFactsAt(ctx, ctx.now)) {
        const stood = was !== null && standsFor(before, partner) && !standsFor(after, partner)
        if (stood && !group.has(partner.partner)) lapsed.push(partnerAs(partner.partner))
    }
    for (const { partner, party } of lapsed) {
        if (partner !== null && !reachesCases(await standingOf(ctx, partner))) continue
        const turn = invite(await turnsBy(ctx, id, { partner, party }), is, ctx.now)
        await keep(ctx, id, { partner, party }, turn)
        await record(ctx, { kind: "consent.invited", case: id, partner, party, because: "expired" })
    }
}

export interface OnesConsent extends Speaker {
    readonly state: Consent
    readonly adherence: Adherence
    readonly turns: readonly ConsentTurn[]
}

/** Lists the consents of all speakers that were ever invited or left, in order of their first entries. */
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
                partner: first.partner,
                party: first.party,
                turns,
                state: consentAt(turns, endOf(embargo), ctx.now, isStanding),
                adherence: adherenceOf(turns, embargo, ctx.now, isStanding),
            },
        ]
    })
}

/** Lists the partners informed about the embargo: those invited that neither declined nor left. */
export async function listenersOf(ctx: ActionContext, id: string): Promise<string[]> {
    const group = Map.groupBy(await store.listConsentTurns(ctx.tx, id), (statement) => statement.partner)
    return [...group].flatMap(([partner, statements]) => {
        const turns = statements.map((statement) => statement.turn)
        return partner !== null && consentAt(turns, null, ctx.now, false) !== "declined" ? [partner] : []
    })
}

/** An invitation as its recipient sees it: state, end and history, without the content of the case. */
export interface Invitation {
    readonly case: string
    readonly state: Consent
    /** The end of the embargo, as far as the recipient is informed. */
    readonly publication: Instant | null
    /** The answer deadline; null once an answer was given. */
    readonly answerBy: Instant | null
    /** When the case was closed without publication; null while it is open. */
    readonly closedAt: Instant | null
    /** When the partner left; null where it did not, or was invited again since. */
    readonly leftAt: Instant | null
    readonly turns: readonly ToldTurn[]
}

/** Lists the invitations of a partner, for cases that the actor may see. */
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
        refuse("conflict", "consent.no_end_proposed", "no end is proposed yet: answer once there is one")
    }
    const turn = answer(turns, accepts, end ?? ctx.now, ctx.now)
    await keep(ctx, id, speaker, turn)
    await record(ctx, { kind: "consent.answered", case: id, ...speaker, accepts })
}

/**
 * Leaves the embargo as the acting partner. A partner without invitation leaves the advance consent of its agreement.
 */
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

/** Locks the case. Without an invitation, refuses `case.not_found`, as for an unknown case. */
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

/**
 * Locks the case. Refuses a closed case, except for speakers that declined or left: they are not informed of the
 * closure.
 */
async function lockHeard(ctx: ActionContext, id: string, turns: readonly ConsentTurn[]): Promise<void> {
    const isOut = consentAt(turns, null, ctx.now, false) === "declined"
    await (isOut ? lockCase(ctx, id) : lockOpenCase(ctx, id))
}

export function ownVoice(ctx: ActionContext): Speaker {
    if (ctx.actor.kind !== "partner") refuse("forbidden", "consent.not_invited", "only an invited partner can answer")
    return partnerAs(ctx.actor.partner)
}

/** Who was asked to keep an embargo, what each said, and who is asked anew because its end was moved. */
import type { Instant } from "../../../lib/instant.ts"
import { refuse } from "../../../lib/refusal.ts"
import { withheldFrom } from "../../../platform/clock.ts"
import { type Act, record } from "../../../trust/audit/actions.ts"
import { casesHidden } from "../../../trust/partners/actions/circles.ts"
import { partnerFactsAt, partnerFactsOf, standingOf } from "../../../trust/partners/actions/facts.ts"
import { type Tier, reachesCases } from "../../../trust/partners/partner.ts"
import { closingOf, embargoOf, lockCase, lockOpenCase, mustExist, unknownCase } from "../actions.ts"
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
export async function turnsBy(act: Act, id: string, who: Speaker): Promise<ConsentTurn[]> {
    const said = await store.consentTurns(act.tx, id)
    return said.filter((one) => voiceOf(one) === voiceOf(who)).map((one) => one.turn)
}

/** Asks a partner. Whether one person may is the release's to say, which knows what a yes would open. */
export async function inviteToEmbargo(act: Act, id: string, partner: string, withinMs?: number): Promise<void> {
    await mustBeInvitable(act, id, partner, withinMs)
    await ask(act, id, partnerAs(partner), withinMs)
}

/** Holds the case, and refuses what `inviteToEmbargo` would. */
export async function mustBeInvitable(act: Act, id: string, partner: string, withinMs?: number): Promise<void> {
    await lockOpenCase(act, id)
    // It could not answer: and what a yes opens is asked about while it would open it.
    if (!reachesCases(await standingOf(act, partner))) {
        refuse("conflict", "consent.no_case_access", "this partner's standing reaches no cases: it could not answer")
    }
    await turnToAsk(act, id, partnerAs(partner), withinMs)
}

/** The partners of a tier that take part early, those that were not asked yet. Holds the case. */
export async function tierToInvite(act: Act, id: string, tier: Tier): Promise<string[]> {
    await lockOpenCase(act, id)
    const said = new Set((await store.consentTurns(act.tx, id)).map((one) => one.partner))
    const those = (await partnerFactsAt(act, act.now)).filter(
        (one) => one.tier === tier && reachesCases(one.standing) && !said.has(one.partner),
    )
    return those.map(({ partner }) => partner)
}

/** Asks. The case is held already. */
export async function ask(act: Act, id: string, who: Speaker, withinMs?: number): Promise<void> {
    const turn = await turnToAsk(act, id, who, withinMs)
    await keep(act, id, who, turn)
    await record(act, { kind: "consent.invited", case: id, ...who, because: "asked" })
}

/** Only a yes lets a party read: whatever else was said holds at once, also where a clock is ahead. */
async function keep(act: Act, id: string, who: Speaker, turn: ConsentTurn): Promise<void> {
    const at = turn.kind === "signed" ? turn.at : await withheldFrom(act.tx, act.doors, turn.at)
    await store.insertConsent(act.tx, { case: id, ...who, turn: { ...turn, at } })
}

async function turnToAsk(act: Act, id: string, who: Speaker, withinMs?: number): Promise<ConsentTurn> {
    const embargo = await embargoOf(act, id)
    const state = phase(embargo, act.now)
    if (state !== "running" && state !== "proposed") {
        refuse("conflict", "consent.no_embargo", `there is no embargo to keep: its state is \`${state}\``)
    }
    return invite(await turnsBy(act, id, who), endOf(embargo), act.now, withinMs)
}

/**
 * Asks everybody anew whose consent does not reach what has become of the embargo in this transaction: whoever signed
 * for an earlier end, and whoever stood by an agreement that covered it before.
 */
export async function askAnew(act: Act, id: string, before: Embargo, after: Embargo): Promise<void> {
    const [was, is] = [endOf(before), endOf(after)]
    if (is === null || is <= (was ?? 0) || phase(after, act.now) !== "running") return
    const said = Map.groupBy(await store.consentTurns(act.tx, id), voiceOf)
    const lapsed: Speaker[] = []
    for (const its of said.values()) {
        const turns = its.map((one) => one.turn)
        const stateAt = (end: Instant | null) => consentAt(turns, end, act.now, false)
        const [first] = its
        if (first && stateAt(was) === "signatory" && stateAt(is) === "lapsed") lapsed.push(first)
    }
    for (const one of await partnerFactsAt(act, act.now)) {
        const stood = was !== null && standsFor(before, one) && !standsFor(after, one)
        if (stood && !said.has(one.partner)) lapsed.push(partnerAs(one.partner))
    }
    for (const { partner, party } of lapsed) {
        if (partner !== null && !reachesCases(await standingOf(act, partner))) continue
        const turn = invite(await turnsBy(act, id, { partner, party }), is, act.now)
        await keep(act, id, { partner, party }, turn)
        await record(act, { kind: "consent.invited", case: id, partner, party, because: "lapsed" })
    }
}

export interface OnesConsent extends Speaker {
    readonly state: Consent
    readonly adherence: Adherence
    readonly turns: readonly ConsentTurn[]
}

/** Of everybody that was ever asked or left, in the order of their first turns. */
export async function consentsOf(act: Act, id: string): Promise<OnesConsent[]> {
    await mustExist(act, id)
    const embargo = await embargoOf(act, id)
    const facts = new Map((await partnerFactsAt(act, act.now)).map((one) => [one.partner, one]))
    const said = Map.groupBy(await store.consentTurns(act.tx, id), voiceOf)
    return [...said.values()].flatMap((its) => {
        const [first] = its
        if (!first) return []
        const turns = its.map((one) => one.turn)
        const known = first.partner === null ? undefined : facts.get(first.partner)
        const isStanding = known !== undefined && standsFor(embargo, known)
        return [
            {
                ...{ partner: first.partner, party: first.party, turns },
                state: consentAt(turns, endOf(embargo), act.now, isStanding),
                adherence: adherenceOf(turns, embargo, act.now, isStanding),
            },
        ]
    })
}

/** The partners that hear of the embargo: who was asked, and neither declined nor left. */
export async function listenersOf(act: Act, id: string): Promise<string[]> {
    const said = Map.groupBy(await store.consentTurns(act.tx, id), (one) => one.partner)
    return [...said].flatMap(([partner, its]) => {
        const turns = its.map((one) => one.turn)
        return partner !== null && consentAt(turns, null, act.now, false) !== "declined" ? [partner] : []
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
export async function invitationsTo(act: Act, partner: string): Promise<Invitation[]> {
    const invitations: Invitation[] = []
    const hidden = await casesHidden(act)
    for (const id of await store.casesAsking(act.tx, partner)) {
        if (hidden.has(id)) continue
        invitations.push(await invitationTo(act, id, partnerAs(partner)))
    }
    return invitations
}

export async function invitationTo(act: Act, id: string, who: Speaker): Promise<Invitation> {
    const embargo = await embargoOf(act, id)
    const turns = await turnsBy(act, id, who)
    const last = turns.at(-1)
    const closedAt = (await closingOf(act, id))?.at ?? null
    return {
        case: id,
        closedAt: closedAt !== null && closedAt <= toldUntil(turns, act.now) ? closedAt : null,
        state: consentAt(turns, endOf(embargo), act.now, false),
        publication: endOf(upTo(embargo, toldUntil(turns, act.now))),
        answerBy: last?.kind === "invited" ? last.answerBy : null,
        leftAt: last?.kind === "exited" ? last.at : null,
        turns: toldOf(embargo, turns, act.now, voiceOf(who)),
    }
}

export async function answerInvitation(act: Act, id: string, accepts: boolean): Promise<void> {
    await answerAs(act, id, ownVoice(act), accepts)
}

export async function answerAs(act: Act, id: string, who: Speaker, accepts: boolean): Promise<void> {
    const { embargo, turns } = await mustBeAsked(act, id, who)
    const end = termsOf(embargo, act.now)
    if (end === null && mayAnswer(turns, end, act.now)) {
        refuse("conflict", "consent.no_end_proposed", "no end is proposed: there is nothing to keep yet")
    }
    const turn = answer(turns, accepts, end ?? act.now, act.now)
    await keep(act, id, who, turn)
    await record(act, { kind: "consent.answered", case: id, ...who, accepts })
}

/** The acting partner leaves; whoever was never asked leaves what its agreement consents to. */
export async function exitEmbargo(act: Act, id: string): Promise<void> {
    await exitAs(act, id, ownVoice(act))
}

export async function exitAs(act: Act, id: string, who: Speaker): Promise<void> {
    await lockHeard(act, id, await turnsBy(act, id, who))
    const embargo = await embargoOf(act, id)
    const isStanding = who.partner !== null && standsFor(embargo, await partnerFactsOf(act, who.partner, act.now))
    const turn = exit(await turnsBy(act, id, who), endOf(embargo), act.now, isStanding)
    await keep(act, id, who, turn)
    await record(act, { kind: "consent.exited", case: id, ...who })
}

/** Holds the case; refuses whoever was never asked as it would an unknown case. */
export async function mustBeAsked(
    act: Act,
    id: string,
    who: Speaker,
): Promise<{ embargo: Embargo; turns: ConsentTurn[] }> {
    const turns = await turnsBy(act, id, who)
    if (turns.length === 0) unknownCase()
    await lockHeard(act, id, turns)
    return { embargo: await embargoOf(act, id), turns: await turnsBy(act, id, who) }
}

/** Holds the case; refuses one that is closed, but tells whoever declined or left before nothing of that. */
async function lockHeard(act: Act, id: string, turns: readonly ConsentTurn[]): Promise<void> {
    const isOut = consentAt(turns, null, act.now, false) === "declined"
    await (isOut ? lockCase(act, id) : lockOpenCase(act, id))
}

export function ownVoice(act: Act): Speaker {
    if (act.actor.kind !== "partner") refuse("forbidden", "consent.not_invited", "only an invited partner answers")
    return partnerAs(act.actor.partner)
}

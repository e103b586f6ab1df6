/**
 * Invitations to an embargo: invites partners and parties, stores their answers, and invites again where a later end
 * lapses consent.
 */
import type { Instant } from "@tocsin/base/instant"
import { refuse } from "@tocsin/base/refusal"
import { withheldFrom } from "../../../platform/time/clock.ts"
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import { listHiddenCases } from "../../../trust/partners/roster/actions/set-access-list.ts"
import { listPartnerFacts, loadPartnerFacts, loadPartnerStatus } from "../../../trust/partners/actions/load-facts.ts"
import { type Tier, hasCaseAccess } from "../../../trust/partners/partner.ts"
import { findClosure, loadEmbargo, lockCase, lockOpenCase, assertCaseExists, noSuchCase } from "./load-case.ts"
import {
    type Adherence,
    type Consent,
    type ConsentEntry,
    type DisclosedEntry,
    adherenceOf,
    answer,
    consentAt,
    exit,
    invite,
    mayAnswer,
    givesAdvanceConsent,
    termsOf,
    disclosedHistoryOf,
    informedUntil,
} from "../consent.ts"
import { type Embargo, endOf, phase, entriesUntil } from "../embargo.ts"
import * as store from "../store/cases.ts"

export type Participant = store.Participant

export const operatorParticipant: Participant = { partner: null, party: null }
export const partnerParticipant = (partner: string): Participant => ({ partner, party: null })
export const partyParticipant = (party: string): Participant => ({ partner: null, party })

/** Returns the id of the participant in the embargo's entries; null: the operator. */
export const participantIdOf = ({ partner, party }: Participant): string | null => partner ?? party

/** Lists the invitations and answers of this participant, in order. */
export async function listConsentEntries(
    ctx: ActionContext,
    id: string,
    participant: Participant,
): Promise<ConsentEntry[]> {
    const statements = await store.listConsentStatements(ctx.tx, id)
    return statements
        .filter((statement) => participantIdOf(statement) === participantIdOf(participant))
        .map((statement) => statement.entry)
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
    await inviteParticipant(ctx, id, partnerParticipant(partner), withinMs)
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
    if (!hasCaseAccess(await loadPartnerStatus(ctx, partner))) {
        refuse(
            "conflict",
            "consent.no_case_access",
            "this partner has no case access: invite it once its status is active or restricted",
        )
    }
    await prepareInvitation(ctx, id, partnerParticipant(partner), withinMs)
}

/** Lists the partners of a tier with case access that are not invited yet. Locks the case. */
export async function listPartnersToInvite(ctx: ActionContext, id: string, tier: Tier): Promise<string[]> {
    await lockOpenCase(ctx, id)
    const invited = new Set((await store.listConsentStatements(ctx.tx, id)).map((statement) => statement.partner))
    const partners = (await listPartnerFacts(ctx, ctx.now)).filter(
        (partner) => partner.tier === tier && hasCaseAccess(partner.status) && !invited.has(partner.partner),
    )
    return partners.map(({ partner }) => partner)
}

/** Invites a participant. The caller holds the lock on the case. */
export async function inviteParticipant(
    ctx: ActionContext,
    id: string,
    participant: Participant,
    withinMs?: number,
): Promise<void> {
    const entry = await prepareInvitation(ctx, id, participant, withinMs)
    await saveConsentEntry(ctx, id, participant, entry)
    await record(ctx, { kind: "consent.invited", case: id, ...participant, cause: "asked" })
}

/** Only an acceptance widens access. All other entries take effect at once, even where a clock is ahead. */
async function saveConsentEntry(
    ctx: ActionContext,
    id: string,
    participant: Participant,
    entry: ConsentEntry,
): Promise<void> {
    const at = entry.kind === "signed" ? entry.at : await withheldFrom(ctx.tx, ctx.services, entry.at)
    await store.insertConsentEntry(ctx.tx, { case: id, ...participant, entry: { ...entry, at } })
}

async function prepareInvitation(
    ctx: ActionContext,
    id: string,
    participant: Participant,
    withinMs?: number,
): Promise<ConsentEntry> {
    const embargo = await loadEmbargo(ctx, id)
    const state = phase(embargo, ctx.now)
    if (state !== "running" && state !== "proposed") {
        refuse("conflict", "consent.no_embargo", `no embargo to accept: its state is \`${state}\``, { state })
    }
    return invite(await listConsentEntries(ctx, id, participant), endOf(embargo), ctx.now, withinMs)
}

/**
 * Invites every participant again whose consent does not cover a later end set in this transaction: signatories of an
 * earlier end, and partners whose agreement covered the earlier end only.
 */
export async function inviteAgain(ctx: ActionContext, id: string, before: Embargo, after: Embargo): Promise<void> {
    const [endBefore, endAfter] = [endOf(before), endOf(after)]
    if (endAfter === null || endAfter <= (endBefore ?? 0) || phase(after, ctx.now) !== "running") return
    const statementsByParticipant = Map.groupBy(await store.listConsentStatements(ctx.tx, id), participantIdOf)
    const lapsed: Participant[] = []
    for (const statements of statementsByParticipant.values()) {
        const history = statements.map((statement) => statement.entry)
        const stateAt = (end: Instant | null) => consentAt(history, end, ctx.now, false)
        const [first] = statements
        if (first && stateAt(endBefore) === "signatory" && stateAt(endAfter) === "expired") lapsed.push(first)
    }
    for (const partner of await listPartnerFacts(ctx, ctx.now)) {
        const hadAdvanceConsent =
            endBefore !== null && givesAdvanceConsent(before, partner) && !givesAdvanceConsent(after, partner)
        if (hadAdvanceConsent && !statementsByParticipant.has(partner.partner))
            lapsed.push(partnerParticipant(partner.partner))
    }
    for (const { partner, party } of lapsed) {
        if (partner !== null && !hasCaseAccess(await loadPartnerStatus(ctx, partner))) continue
        const entry = invite(await listConsentEntries(ctx, id, { partner, party }), endAfter, ctx.now)
        await saveConsentEntry(ctx, id, { partner, party }, entry)
        await record(ctx, { kind: "consent.invited", case: id, partner, party, cause: "expired" })
    }
}

export interface ParticipantConsent extends Participant {
    readonly state: Consent
    readonly adherence: Adherence
    readonly history: readonly ConsentEntry[]
}

/** Lists the consents of all participants that were ever invited or left, in order of their first entries. */
export async function listConsents(ctx: ActionContext, id: string): Promise<ParticipantConsent[]> {
    await assertCaseExists(ctx, id)
    const embargo = await loadEmbargo(ctx, id)
    const facts = new Map((await listPartnerFacts(ctx, ctx.now)).map((partner) => [partner.partner, partner]))
    const statementsByParticipant = Map.groupBy(await store.listConsentStatements(ctx.tx, id), participantIdOf)
    return [...statementsByParticipant.values()].flatMap((statements) => {
        const [first] = statements
        if (!first) return []
        const history = statements.map((statement) => statement.entry)
        const partnerFacts = first.partner === null ? undefined : facts.get(first.partner)
        const hasAdvanceConsent = partnerFacts !== undefined && givesAdvanceConsent(embargo, partnerFacts)
        return [
            {
                partner: first.partner,
                party: first.party,
                history,
                state: consentAt(history, endOf(embargo), ctx.now, hasAdvanceConsent),
                adherence: adherenceOf(history, embargo, ctx.now, hasAdvanceConsent),
            },
        ]
    })
}

/** Lists the partners informed about the embargo: those invited that neither declined nor left. */
export async function listInformedPartners(ctx: ActionContext, id: string): Promise<string[]> {
    const statementsByPartner = Map.groupBy(
        await store.listConsentStatements(ctx.tx, id),
        (statement) => statement.partner,
    )
    return [...statementsByPartner].flatMap(([partner, statements]) => {
        const history = statements.map((statement) => statement.entry)
        return partner !== null && consentAt(history, null, ctx.now, false) !== "declined" ? [partner] : []
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
    readonly history: readonly DisclosedEntry[]
}

/** Lists the invitations of a partner, for cases that the actor may see. */
export async function listInvitations(ctx: ActionContext, partner: string): Promise<Invitation[]> {
    const invitations: Invitation[] = []
    const hidden = await listHiddenCases(ctx)
    for (const id of await store.listCasesInviting(ctx.tx, partner)) {
        if (hidden.has(id)) continue
        invitations.push(await loadInvitation(ctx, id, partnerParticipant(partner)))
    }
    return invitations
}

export async function loadInvitation(ctx: ActionContext, id: string, participant: Participant): Promise<Invitation> {
    const embargo = await loadEmbargo(ctx, id)
    const history = await listConsentEntries(ctx, id, participant)
    const last = history.at(-1)
    const closedAt = (await findClosure(ctx, id))?.at ?? null
    return {
        case: id,
        closedAt: closedAt !== null && closedAt <= informedUntil(history, ctx.now) ? closedAt : null,
        state: consentAt(history, endOf(embargo), ctx.now, false),
        publication: endOf(entriesUntil(embargo, informedUntil(history, ctx.now))),
        answerBy: last?.kind === "invited" ? last.answerBy : null,
        leftAt: last?.kind === "exited" ? last.at : null,
        history: disclosedHistoryOf(embargo, history, ctx.now, participantIdOf(participant)),
    }
}

export async function answerInvitation(ctx: ActionContext, id: string, accepts: boolean): Promise<void> {
    await answerAsParticipant(ctx, id, participantOfActor(ctx), accepts)
}

export async function answerAsParticipant(
    ctx: ActionContext,
    id: string,
    participant: Participant,
    accepts: boolean,
): Promise<void> {
    const { embargo, history } = await assertInvited(ctx, id, participant)
    const end = termsOf(embargo, ctx.now)
    if (end === null && mayAnswer(history, end, ctx.now)) {
        refuse("conflict", "consent.no_end_proposed", "no end is proposed yet: answer once there is one")
    }
    const entry = answer(history, accepts, end ?? ctx.now, ctx.now)
    await saveConsentEntry(ctx, id, participant, entry)
    await record(ctx, { kind: "consent.answered", case: id, ...participant, accepts })
}

/**
 * Leaves the embargo as the acting partner. A partner without invitation leaves the advance consent of its agreement.
 */
export async function exitEmbargo(ctx: ActionContext, id: string): Promise<void> {
    await exitAsParticipant(ctx, id, participantOfActor(ctx))
}

export async function exitAsParticipant(ctx: ActionContext, id: string, participant: Participant): Promise<void> {
    await lockUnlessOut(ctx, id, await listConsentEntries(ctx, id, participant))
    const embargo = await loadEmbargo(ctx, id)
    const hasAdvanceConsent =
        participant.partner !== null &&
        givesAdvanceConsent(embargo, await loadPartnerFacts(ctx, participant.partner, ctx.now))
    const entry = exit(await listConsentEntries(ctx, id, participant), endOf(embargo), ctx.now, hasAdvanceConsent)
    await saveConsentEntry(ctx, id, participant, entry)
    await record(ctx, { kind: "consent.exited", case: id, ...participant })
}

/** Locks the case. Without an invitation, refuses `case.not_found`, as for an unknown case. */
export async function assertInvited(
    ctx: ActionContext,
    id: string,
    participant: Participant,
): Promise<{ embargo: Embargo; history: ConsentEntry[] }> {
    const history = await listConsentEntries(ctx, id, participant)
    if (history.length === 0) noSuchCase()
    await lockUnlessOut(ctx, id, history)
    return { embargo: await loadEmbargo(ctx, id), history: await listConsentEntries(ctx, id, participant) }
}

/**
 * Locks the case. Refuses a closed case, except for participants that declined or left: they are not informed of the
 * closure.
 */
async function lockUnlessOut(ctx: ActionContext, id: string, history: readonly ConsentEntry[]): Promise<void> {
    const isOut = consentAt(history, null, ctx.now, false) === "declined"
    await (isOut ? lockCase(ctx, id) : lockOpenCase(ctx, id))
}

export function participantOfActor(ctx: ActionContext): Participant {
    if (ctx.actor.kind !== "partner") refuse("forbidden", "consent.not_invited", "only an invited partner can answer")
    return partnerParticipant(ctx.actor.partner)
}

/**
 * A partner's roster: its named persons.
 *
 * A lead adds and removes analysts. Leads come and go by the operator, so that nobody makes or removes an equal. The operator
 * adds a person, or renews a link, by two in every status: both sign the address that the link goes to. The link itself goes to
 * that mailbox alone, so that neither staff nor a lead can act as another person.
 */
import { refuse } from "@tocsin/base/refusal"
import { lockToChangePartner } from "../../../../kernel/locks.ts"
import { useApproval, voidOvertaken } from "../../../approvals/actions.ts"
import type { Effects } from "../../../approvals/approval.ts"
import type { ActionContext } from "../../../../kernel/action-context.ts"
import type { PartnerActor, PartnerRole } from "../../../../kernel/actor.ts"
import { addPerson, endPerson, assertApart, personById, personHash } from "../../../identity/actions.ts"
import type { Person } from "../../../identity/person.ts"
import type { Details } from "../../partner.ts"
import { linkEffects, personEffects } from "../../gain.ts"
import { needsTwo } from "../../actions/change-partner.ts"
import { leaveCircles } from "./set-access-list.ts"
import { partnerFactsOf } from "../../actions/load-facts.ts"
import { sendLink } from "./send-sign-in-link.ts"

export interface NewMember extends Details {
    readonly roles: readonly PartnerRole[]
}

/** Who joined; the sign-in link goes by mail. */
export interface Joined {
    readonly person: string
}

/** A lead adds an analyst to its own roster. */
export async function addMember(ctx: ActionContext, input: NewMember): Promise<Joined> {
    const { partner } = assertLead(ctx)
    if (input.roles.includes("lead")) leadsByOperator()
    return await join(ctx, partner, input)
}

/** The operator adds a person to a partner's roster, by two. */
export async function addMemberTo(
    ctx: ActionContext,
    partner: string,
    input: NewMember,
    approval?: string,
): Promise<Joined> {
    await lockToChangePartner(ctx.tx, partner)
    const effects = await memberEffectsToSign(ctx, partner, input)
    await useApproval(ctx, approval ?? needsTwo(), effects)
    return await join(ctx, partner, input)
}

/** What was signed to admit it, with the roster that it had. */
export async function voidAdmission(ctx: ActionContext, partner: string): Promise<void> {
    await voidOvertaken(ctx, ["partner.activate"], partner)
}

/** What a second person has to sign before the operator adds this person. */
export async function memberEffectsToSign(ctx: ActionContext, partner: string, input: NewMember): Promise<Effects> {
    await partnerFactsOf(ctx, partner, ctx.now)
    await assertApart(ctx, { partner, mail: input.mail })
    return personEffects(partner, input.roles, personHash(ctx, input))
}

/** A lead removes an analyst of its own roster, who loses sessions, tokens and links at once. */
export async function removeMember(ctx: ActionContext, person: string): Promise<void> {
    const { partner } = assertLead(ctx)
    const roles = await rolesOf(ctx, partner, person)
    if (roles.includes("lead")) leadsByOperator()
    await leave(ctx, partner, person)
}

/** Mails a new sign-in link to an analyst; sessions, tokens and links before end. */
export async function renewMemberLink(ctx: ActionContext, person: string): Promise<void> {
    const { partner } = assertLead(ctx)
    const roles = await rolesOf(ctx, partner, person)
    if (roles.includes("lead")) leadsByOperator()
    await sendLink(ctx, partner, person)
}

/** The operator removes anybody of a partner's roster, at once. */
export async function removeMemberOf(ctx: ActionContext, partner: string, person: string): Promise<void> {
    await lockToChangePartner(ctx.tx, partner)
    await rolesOf(ctx, partner, person)
    await leave(ctx, partner, person)
}

async function leave(ctx: ActionContext, partner: string, person: string): Promise<void> {
    await voidAdmission(ctx, partner)
    await endPerson(ctx, person)
    await leaveCircles(ctx, partner, person)
}

/** The operator has a new sign-in link mailed to a partner's person, by two; sessions, tokens and links before end. */
export async function renewLinkFor(
    ctx: ActionContext,
    partner: string,
    person: string,
    approval?: string,
): Promise<void> {
    await lockToChangePartner(ctx.tx, partner)
    const effects = await linkEffectsToSign(ctx, partner, person)
    await useApproval(ctx, approval ?? needsTwo(), effects)
    await voidAdmission(ctx, partner)
    await sendLink(ctx, partner, person)
}

export async function linkEffectsToSign(ctx: ActionContext, partner: string, person: string): Promise<Effects> {
    const member = await memberOf(ctx, partner, person)
    await assertApart(ctx, member)
    return linkEffects(partner, { ...member, details: personHash(ctx, member) })
}

/** To whose mailbox a new link goes, for the signer to read; the effects hold the name and the address as a hash only. */
export async function linkWords(ctx: ActionContext, partner: string, person: string) {
    const { name, mail, roles } = await memberOf(ctx, partner, person)
    return { name, mail, roles }
}

/** The acting lead; keys, agreements and the roster are theirs alone. */
export function assertLead(ctx: ActionContext): PartnerActor {
    if (ctx.actor.kind !== "partner" || !ctx.actor.roles.includes("lead")) {
        refuse("forbidden", "partner.leads_only", "only a lead of the partner does this")
    }
    return ctx.actor
}

/** The acting person of a partner, whatever its roles. */
export function assertMember(ctx: ActionContext): PartnerActor {
    if (ctx.actor.kind !== "partner") refuse("forbidden", "partner.members_only", "only a partner's person does this")
    return ctx.actor
}

async function join(ctx: ActionContext, partner: string, { name, mail, roles }: NewMember): Promise<Joined> {
    await voidAdmission(ctx, partner)
    const person = await addPerson(ctx, { partner, name, mail, roles })
    await sendLink(ctx, partner, person)
    return { person }
}

/** Another partner's person answers as one who does not exist. */
export async function rolesOf(ctx: ActionContext, partner: string, id: string): Promise<readonly string[]> {
    return (await memberOf(ctx, partner, id)).roles
}

async function memberOf(ctx: ActionContext, partner: string, id: string): Promise<Person> {
    const person = await personById(ctx, id)
    if (person?.partner !== partner) refuse("missing", "partner.person_not_found", "no such person on the roster")
    return person
}

function leadsByOperator(): never {
    refuse("forbidden", "partner.leads_managed_by_operator", "leads come and go by the operator")
}

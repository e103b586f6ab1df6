/**
 * Manages a partner's roster, its named people.
 *
 * A lead adds and removes analysts. Only the operator adds and removes leads, so no lead controls another. In every
 * status the operator needs two people to add a person or renew a link: both sign the address. The link goes only to
 * that mailbox, so neither staff nor a lead can act as another person.
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

/** The new person; the sign-in link goes by mail. */
export interface Joined {
    readonly person: string
}

/** Adds an analyst to the caller's own roster, as a lead. */
export async function addMember(ctx: ActionContext, input: NewMember): Promise<Joined> {
    const { partner } = assertLead(ctx)
    if (input.roles.includes("lead")) leadsByOperator()
    return await join(ctx, partner, input)
}

/** Adds a person to a partner's roster, as staff, with a second signature. */
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

/** Voids open admissions of the partner, because they were signed for another roster. */
export async function voidAdmission(ctx: ActionContext, partner: string): Promise<void> {
    await voidOvertaken(ctx, ["partner.activate"], partner)
}

/** The effects that a second person signs before staff add this person. */
export async function memberEffectsToSign(ctx: ActionContext, partner: string, input: NewMember): Promise<Effects> {
    await partnerFactsOf(ctx, partner, ctx.now)
    await assertApart(ctx, { partner, mail: input.mail })
    return personEffects(partner, input.roles, personHash(ctx, input))
}

/** Removes an analyst from the caller's own roster. Sessions, tokens and links end at once. */
export async function removeMember(ctx: ActionContext, person: string): Promise<void> {
    const { partner } = assertLead(ctx)
    const roles = await rolesOf(ctx, partner, person)
    if (roles.includes("lead")) leadsByOperator()
    await leave(ctx, partner, person)
}

/** Mails a new sign-in link to an analyst. Earlier sessions, tokens and links end. */
export async function renewMemberLink(ctx: ActionContext, person: string): Promise<void> {
    const { partner } = assertLead(ctx)
    const roles = await rolesOf(ctx, partner, person)
    if (roles.includes("lead")) leadsByOperator()
    await sendLink(ctx, partner, person)
}

/** Removes any person from a partner's roster at once, as staff. */
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

/**
 * Mails a new sign-in link to a partner's person, as staff, with a second signature. Earlier sessions, tokens and
 * links end.
 */
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

/** The recipient of a new link, for the signer to read. The effects hold only a hash of name and address. */
export async function linkWords(ctx: ActionContext, partner: string, person: string) {
    const { name, mail, roles } = await memberOf(ctx, partner, person)
    return { name, mail, roles }
}

/** The acting lead. Refuses `partner.leads_only`. */
export function assertLead(ctx: ActionContext): PartnerActor {
    if (ctx.actor.kind !== "partner" || !ctx.actor.roles.includes("lead")) {
        refuse("forbidden", "partner.leads_only", "only a lead can do this: ask a lead of your organisation")
    }
    return ctx.actor
}

/** The acting person of a partner, in any role. Refuses `partner.members_only`. */
export function assertMember(ctx: ActionContext): PartnerActor {
    if (ctx.actor.kind !== "partner")
        refuse("forbidden", "partner.members_only", "only people of a partner can do this: sign in at the portal")
    return ctx.actor
}

async function join(ctx: ActionContext, partner: string, { name, mail, roles }: NewMember): Promise<Joined> {
    await voidAdmission(ctx, partner)
    const person = await addPerson(ctx, { partner, name, mail, roles })
    await sendLink(ctx, partner, person)
    return { person }
}

/** Roles of a person on this roster. Refuses `partner.person_not_found` for any other person. */
export async function rolesOf(ctx: ActionContext, partner: string, id: string): Promise<readonly string[]> {
    return (await memberOf(ctx, partner, id)).roles
}

async function memberOf(ctx: ActionContext, partner: string, id: string): Promise<Person> {
    const person = await personById(ctx, id)
    if (person?.partner !== partner)
        refuse("missing", "partner.person_not_found", "no person with this id on the roster")
    return person
}

function leadsByOperator(): never {
    refuse(
        "forbidden",
        "partner.leads_managed_by_operator",
        "only the operator adds and removes leads: ask the operator",
    )
}

/**
 * Manages a partner's roster, its named people.
 *
 * A lead adds and removes analysts. Only the operator adds and removes leads, so no lead controls another. In every
 * status the operator needs two people to add a person or renew a link: both sign the address. The link goes only to
 * that mailbox, so neither staff nor a lead can act as another person.
 */
import { refuse } from "@tocsin/base/refusal"
import { lockToChangePartner } from "../../../../kernel/locks.ts"
import { applyApproval } from "../../../approvals/actions/request-approval.ts"
import { voidSuperseded } from "../../../approvals/actions/void-approvals.ts"
import type { Effects } from "../../../approvals/approval.ts"
import type { ActionContext } from "../../../../kernel/action-context.ts"
import type { PartnerActor, PartnerRole } from "../../../../kernel/actor.ts"
import { addPerson, removePerson, assertMailNotOnOtherSide } from "../../../identity/actions/manage-people.ts"
import type { EndedSignIns } from "../../../identity/actions/end-sign-ins.ts"
import { findPerson, personHash } from "../../../identity/actions/load-people.ts"
import type { Person } from "../../../identity/person.ts"
import type { NameAndMail } from "../../partner.ts"
import { linkEffects, personEffects } from "../../approval-effects.ts"
import { refuseWithoutApproval } from "../../actions/change-partner.ts"
import { removeFromAccessLists } from "./set-access-list.ts"
import { loadPartnerFacts } from "../../actions/load-facts.ts"
import { recoverSignIn, sendLink } from "../../../identity/account-mail/actions/send-sign-in-link.ts"

export interface NewMember extends NameAndMail {
    readonly roles: readonly PartnerRole[]
}

/** The new person; the sign-in link goes by mail. */
export interface AddedMember {
    readonly person: string
}

/** Adds an analyst to the caller's own roster, as a lead. */
export async function addMember(ctx: ActionContext, member: NewMember): Promise<AddedMember> {
    const { partner } = assertLead(ctx)
    if (member.roles.includes("lead")) refuseLeadChange()
    return await joinRoster(ctx, partner, member)
}

/** Adds a person to a partner's roster, as staff, with a second signature. */
export async function addMemberAsStaff(
    ctx: ActionContext,
    partner: string,
    member: NewMember,
    approval?: string,
): Promise<AddedMember> {
    await lockToChangePartner(ctx.tx, partner)
    const effects = await computeMemberEffects(ctx, partner, member)
    await applyApproval(ctx, approval ?? refuseWithoutApproval(), effects)
    return await joinRoster(ctx, partner, member)
}

/** Voids open admissions of the partner, because they were signed for another roster or other keys. */
export async function voidAdmissionApprovals(ctx: ActionContext, partner: string): Promise<void> {
    await voidSuperseded(ctx, ["partner.activate"], partner)
}

/** The effects that a second person signs before staff add this person. */
export async function computeMemberEffects(ctx: ActionContext, partner: string, member: NewMember): Promise<Effects> {
    await loadPartnerFacts(ctx, partner, ctx.now)
    await assertMailNotOnOtherSide(ctx, { partner, mail: member.mail })
    return personEffects(partner, member.roles, personHash(ctx, member))
}

/** Removes an analyst from the caller's own roster. Sessions, tokens and links end at once. */
export async function removeMember(ctx: ActionContext, person: string): Promise<EndedSignIns> {
    const { partner } = assertLead(ctx)
    const roles = await loadRoles(ctx, partner, person)
    if (roles.includes("lead")) refuseLeadChange()
    return await endMembership(ctx, partner, person)
}

/**
 * Restores the sign-in of an analyst by a mailed link: at once where it is urgent, or a day later, until when the
 * analyst can cancel it. Earlier sessions, tokens and links end then.
 */
export async function renewMemberLink(ctx: ActionContext, person: string, isUrgent: boolean): Promise<void> {
    const { partner } = assertLead(ctx)
    const roles = await loadRoles(ctx, partner, person)
    if (roles.includes("lead")) refuseLeadChange()
    await recoverSignIn(ctx, person, isUrgent)
}

/** Removes any person from a partner's roster at once, as staff or for an identity provider. */
export async function removeMemberAsStaff(
    ctx: ActionContext,
    partner: string,
    person: string,
    provider: string | null = null,
): Promise<EndedSignIns> {
    await lockToChangePartner(ctx.tx, partner)
    await loadRoles(ctx, partner, person)
    return await endMembership(ctx, partner, person, provider)
}

async function endMembership(
    ctx: ActionContext,
    partner: string,
    person: string,
    provider: string | null = null,
): Promise<EndedSignIns> {
    await voidAdmissionApprovals(ctx, partner)
    const ended = await removePerson(ctx, person, provider)
    await removeFromAccessLists(ctx, partner, person)
    return ended
}

/**
 * Mails a new sign-in link to a partner's person, as staff, with a second signature: at once where it is urgent, or a
 * day later. Earlier sessions, tokens and links end then.
 */
export async function renewMemberLinkAsStaff(ctx: ActionContext, renewal: LinkRenewal, approval?: string) {
    const { partner, person, isUrgent } = renewal
    await lockToChangePartner(ctx.tx, partner)
    const effects = await computeLinkEffects(ctx, renewal)
    await applyApproval(ctx, approval ?? refuseWithoutApproval(), effects)
    await voidAdmissionApprovals(ctx, partner)
    await recoverSignIn(ctx, person, isUrgent)
}

export interface LinkRenewal {
    readonly partner: string
    readonly person: string
    /** Whether the link is mailed at once. */
    readonly isUrgent: boolean
}

export async function computeLinkEffects(ctx: ActionContext, renewal: LinkRenewal): Promise<Effects> {
    const { partner, person, isUrgent } = renewal
    const member = await loadMember(ctx, partner, person)
    await assertMailNotOnOtherSide(ctx, member)
    return linkEffects(partner, { ...member, details: personHash(ctx, member) }, isUrgent)
}

/** The recipient of a new link, for the signer to read. The effects hold only a hash of name and address. */
export async function loadLinkText(ctx: ActionContext, partner: string, person: string) {
    const { name, mail, roles } = await loadMember(ctx, partner, person)
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

async function joinRoster(ctx: ActionContext, partner: string, { name, mail, roles }: NewMember): Promise<AddedMember> {
    await voidAdmissionApprovals(ctx, partner)
    const person = await addPerson(ctx, { partner, name, mail, roles })
    await sendLink(ctx, person)
    return { person }
}

/** Roles of a person on this roster. Refuses `partner.person_not_found` for any other person. */
export async function loadRoles(ctx: ActionContext, partner: string, id: string): Promise<readonly string[]> {
    return (await loadMember(ctx, partner, id)).roles
}

async function loadMember(ctx: ActionContext, partner: string, id: string): Promise<Person> {
    const person = await findPerson(ctx, id)
    if (person?.partner !== partner)
        refuse("missing", "partner.person_not_found", "no person with this id on the roster")
    return person
}

function refuseLeadChange(): never {
    refuse(
        "forbidden",
        "partner.leads_managed_by_operator",
        "only the operator adds and removes leads: ask the operator",
    )
}

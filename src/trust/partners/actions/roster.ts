/**
 * A partner's roster: its named persons.
 *
 * A lead adds and removes analysts. Leads come and go by the operator, so that nobody makes or removes an equal. The operator
 * adds a person, or renews a link, by two in every status: both sign the address that the link goes to. The link itself goes to
 * that mailbox alone, so that neither staff nor a lead can act as another person.
 */
import { refuse } from "../../../lib/refusal.ts"
import { lockToChangePartner } from "../../../platform/locks.ts"
import { useApproval, voidOvertaken } from "../../approvals/actions.ts"
import type { Effects } from "../../approvals/approval.ts"
import type { Act } from "../../audit/actions.ts"
import type { PartnerActor, PartnerRole } from "../../audit/actor.ts"
import { addPerson, endPerson, mustBeApart, personById, personHash } from "../../identity/actions.ts"
import type { Person } from "../../identity/person.ts"
import type { Details } from "../partner.ts"
import { linkEffects, personEffects } from "../widening.ts"
import { needsTwo } from "./changes.ts"
import { leaveCircles } from "./circles.ts"
import { partnerFactsOf } from "./facts.ts"
import { sendLink } from "./post.ts"

export interface NewMember extends Details {
    readonly roles: readonly PartnerRole[]
}

/** Who joined; the sign-in link goes by mail. */
export interface Joined {
    readonly person: string
}

/** A lead adds an analyst to its own roster. */
export async function addMember(act: Act, input: NewMember): Promise<Joined> {
    const { partner } = mustBeLead(act)
    if (input.roles.includes("lead")) leadsByOperator()
    return await join(act, partner, input)
}

/** The operator adds a person to a partner's roster, by two. */
export async function addMemberTo(act: Act, partner: string, input: NewMember, approval?: string): Promise<Joined> {
    await lockToChangePartner(act.tx, partner)
    const effects = await memberEffectsToSign(act, partner, input)
    await useApproval(act, approval ?? needsTwo(), effects)
    return await join(act, partner, input)
}

/** What was signed to admit it, with the roster that it had. */
export async function voidAdmission(act: Act, partner: string): Promise<void> {
    await voidOvertaken(act, ["partner.activate"], partner)
}

/** What a second person has to sign before the operator adds this person. */
export async function memberEffectsToSign(act: Act, partner: string, input: NewMember): Promise<Effects> {
    await partnerFactsOf(act, partner, act.now)
    await mustBeApart(act, { partner, mail: input.mail })
    return personEffects(partner, input.roles, personHash(act, input))
}

/** A lead removes an analyst of its own roster, who loses sessions, tokens and links at once. */
export async function removeMember(act: Act, person: string): Promise<void> {
    const { partner } = mustBeLead(act)
    const roles = await rolesOf(act, partner, person)
    if (roles.includes("lead")) leadsByOperator()
    await leave(act, partner, person)
}

/** Mails a new sign-in link to an analyst; sessions, tokens and links before end. */
export async function renewMemberLink(act: Act, person: string): Promise<void> {
    const { partner } = mustBeLead(act)
    const roles = await rolesOf(act, partner, person)
    if (roles.includes("lead")) leadsByOperator()
    await sendLink(act, partner, person)
}

/** The operator removes anybody of a partner's roster, at once. */
export async function removeMemberOf(act: Act, partner: string, person: string): Promise<void> {
    await lockToChangePartner(act.tx, partner)
    await rolesOf(act, partner, person)
    await leave(act, partner, person)
}

async function leave(act: Act, partner: string, person: string): Promise<void> {
    await voidAdmission(act, partner)
    await endPerson(act, person)
    await leaveCircles(act, partner, person)
}

/** The operator has a new sign-in link mailed to a partner's person, by two; sessions, tokens and links before end. */
export async function renewLinkFor(act: Act, partner: string, person: string, approval?: string): Promise<void> {
    await lockToChangePartner(act.tx, partner)
    const effects = await linkEffectsToSign(act, partner, person)
    await useApproval(act, approval ?? needsTwo(), effects)
    await voidAdmission(act, partner)
    await sendLink(act, partner, person)
}

export async function linkEffectsToSign(act: Act, partner: string, person: string): Promise<Effects> {
    const its = await memberOf(act, partner, person)
    await mustBeApart(act, its)
    return linkEffects(partner, { ...its, details: personHash(act, its) })
}

/** To whose mailbox a new link goes, for the signer to read; the effects hold the name and the address as a hash only. */
export async function linkWords(act: Act, partner: string, person: string) {
    const { name, mail, roles } = await memberOf(act, partner, person)
    return { name, mail, roles }
}

/** The acting lead; keys, agreements and the roster are theirs alone. */
export function mustBeLead(act: Act): PartnerActor {
    if (act.actor.kind !== "partner" || !act.actor.roles.includes("lead")) {
        refuse("forbidden", "partner.leads_only", "only a lead of the partner does this")
    }
    return act.actor
}

/** The acting person of a partner, whatever its roles. */
export function mustBeMember(act: Act): PartnerActor {
    if (act.actor.kind !== "partner") refuse("forbidden", "partner.members_only", "only a partner's person does this")
    return act.actor
}

async function join(act: Act, partner: string, { name, mail, roles }: NewMember): Promise<Joined> {
    await voidAdmission(act, partner)
    const person = await addPerson(act, { partner, name, mail, roles })
    await sendLink(act, partner, person)
    return { person }
}

/** Another partner's person answers as one who does not exist. */
export async function rolesOf(act: Act, partner: string, id: string): Promise<readonly string[]> {
    return (await memberOf(act, partner, id)).roles
}

async function memberOf(act: Act, partner: string, id: string): Promise<Person> {
    const person = await personById(act, id)
    if (person?.partner !== partner) refuse("missing", "partner.person_not_found", "no such person on the roster")
    return person
}

function leadsByOperator(): never {
    refuse("forbidden", "partner.leads_managed_by_operator", "leads come and go by the operator")
}

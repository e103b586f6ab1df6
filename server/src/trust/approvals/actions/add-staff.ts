/**
 * Adds staff and renews their sign-in links. A person who sees a link can sign in with it, so one admin alone could act
 * as the new account. Every role except auditor alone needs a second signature.
 */
import { refuse } from "@tocsin/base/refusal"
import type { ActionContext } from "../../../kernel/action-context.ts"
import { type OperatorRole, personOf } from "../../../kernel/actor.ts"
import { addPerson, assertMailNotOnOtherSide } from "../../identity/actions/manage-people.ts"
import { listCreators, personHash, listPeople } from "../../identity/actions/load-people.ts"
import { issueCredential, loadPersonAddedByCaller } from "../../identity/actions/sign-in.ts"
import { endAllSignIns } from "../../identity/passkeys/actions/manage-passkeys.ts"
import { type Person, hasOnlyAuditorRole, validatePerson, operatorRoles } from "../../identity/person.ts"
import { requestApproval, applyApproval } from "./request-approval.ts"
import type { Effects } from "../approval.ts"

export interface NewStaffMember {
    readonly name: string
    readonly mail: string
    readonly roles: readonly OperatorRole[]
}

/** The secret of the link, shown once; without it, the approval that waits for a signature. */
export interface SignInLinkResult {
    readonly done: boolean
    readonly approval: string | null
    readonly id?: string
    readonly link?: string
}

/**
 * Adds a staff member. Where two people are needed, the first call requests the approval and the account is added only
 * after the signature.
 */
export async function addStaffMember(
    ctx: ActionContext,
    staffMember: NewStaffMember,
    approval?: string,
): Promise<SignInLinkResult> {
    const { name, mail } = staffMember
    const roles = operatorRoles.filter((role) => staffMember.roles.includes(role))
    validatePerson({ name, mail, roles, partner: null })
    await assertMailNotOnOtherSide(ctx, { mail, partner: null })
    const text = { name, mail, roles }
    let appliedApproval: string | null = null
    if (!hasOnlyAuditorRole(roles)) {
        const effects = newStaffEffects(roles, personHash(ctx, text))
        if (approval === undefined) return { done: false, approval: await requestApproval(ctx, effects, text) }
        appliedApproval = await applyOwnApproval(ctx, approval, effects)
    }
    const id = await addPerson(ctx, { partner: null, name, mail, roles })
    return { done: true, approval: appliedApproval, id, link: await issueCredential(ctx, id, "link") }
}

/**
 * Renews the sign-in link of a staff member that the caller added. Needs a second signature, except for an auditor.
 * Ends the person's other credentials and passkeys, because a device may be lost.
 */
export async function renewStaffLink(ctx: ActionContext, person: string, approval?: string): Promise<SignInLinkResult> {
    const { roles } = await loadPersonAddedByCaller(ctx, person)
    let appliedApproval: string | null = null
    if (!hasOnlyAuditorRole(roles)) {
        const effects = staffLinkEffects(person, roles)
        if (approval === undefined) return { done: false, approval: await requestApproval(ctx, effects) }
        appliedApproval = await applyOwnApproval(ctx, approval, effects)
    }
    await endAllSignIns(ctx, person)
    return { done: true, approval: appliedApproval, link: await issueCredential(ctx, person, "link") }
}

/**
 * Applies an approval of the caller. Only the requester gets the link and counts as creator of the account. Refuses
 * `approval.requester_only`.
 */
async function applyOwnApproval(ctx: ActionContext, approval: string, effects: Effects): Promise<string> {
    const { id, requestedBy } = await applyApproval(ctx, approval, effects)
    if (requestedBy !== personOf(ctx.actor)) {
        refuse("forbidden", "approval.requester_only", "only the requester sees this link: request a link of your own")
    }
    return id
}

/**
 * Adds an approver where no other person could sign for an admin. For the person with access to the machine; no route
 * calls it. Refuses `approval.signer_available`.
 */
export async function addMissingApprover(
    ctx: ActionContext,
    details: Pick<NewStaffMember, "name" | "mail">,
): Promise<string> {
    const staff = (await listPeople(ctx, null)).filter(({ leftAt }) => leftAt === null)
    const listRelatedAccounts = async ({ id }: Person) => [id, ...(await listCreators(ctx, id))]
    const listHolders = async (role: OperatorRole) =>
        await Promise.all(staff.filter(({ roles }) => roles.includes(role)).map(listRelatedAccounts))
    const [admins, approvers] = [await listHolders("admin"), await listHolders("approver")]
    if (admins.some((admin) => approvers.some((other) => !admin.some((id) => other.includes(id))))) {
        refuse("conflict", "approval.signer_available", "an independent approver exists: add people in the console")
    }
    return await addPerson(ctx, { partner: null, ...details, roles: ["approver"] })
}

function newStaffEffects(roles: readonly OperatorRole[], details: string): Effects {
    return { action: "person.join", recipients: [], artifacts: [], at: null, detail: { roles: [...roles], details } }
}

/** The effects of a new link, with the person's present roles, because the link gives access to them. */
function staffLinkEffects(person: string, roles: readonly string[]): Effects {
    const detail = { person, roles: [...roles] }
    return { action: "person.renew_link", recipients: [], artifacts: [], at: null, detail }
}

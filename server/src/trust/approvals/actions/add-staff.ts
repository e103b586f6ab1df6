/**
 * Adds staff and restores their sign-in. Links go to the person's mailbox only. One admin alone could enter its own
 * mailbox, so every role except auditor alone needs a second signature.
 */
import { refuse } from "@tocsin/base/refusal"
import type { ActionContext } from "../../../kernel/action-context.ts"
import { type OperatorRole, personOf } from "../../../kernel/actor.ts"
import { recoverSignIn, sendLink } from "../../identity/account-mail/actions/send-sign-in-link.ts"
import { addPerson, assertMailNotOnOtherSide } from "../../identity/actions/manage-people.ts"
import {
    findPerson,
    listCreators,
    listPeople,
    loadPresentPerson,
    personHash,
    unknownPerson,
} from "../../identity/actions/load-people.ts"
import { type Person, hasOnlyAuditorRole, validatePerson, operatorRoles } from "../../identity/person.ts"
import { requestApproval, applyApproval } from "./request-approval.ts"
import type { Effects } from "../approval.ts"

export interface NewStaffMember {
    readonly name: string
    readonly mail: string
    readonly roles: readonly OperatorRole[]
}

/** Whether it is done; otherwise, the approval that waits for a signature. */
export interface StaffChange {
    readonly done: boolean
    readonly approval: string | null
    /** The new person. */
    readonly id?: string
}

/**
 * Adds a staff member and mails a sign-in link. Where two people are needed, the first call requests the approval and
 * the account is added only after the signature.
 */
export async function addStaffMember(
    ctx: ActionContext,
    staffMember: NewStaffMember,
    approval?: string,
): Promise<StaffChange> {
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
    await sendLink(ctx, id)
    return { done: true, approval: appliedApproval, id }
}

export interface StaffRecovery {
    readonly person: string
    /** Whether the link is mailed at once, and not a day later. */
    readonly isUrgent: boolean
}

/**
 * Mails a new sign-in link to another staff member, who lost the passkeys or never got an earlier link. Needs a
 * second signature, except for an auditor. The person's earlier sign-ins end when the link is sent. Refuses
 * `identity.own_recovery`.
 */
export async function recoverStaffMember(
    ctx: ActionContext,
    { person, isUrgent }: StaffRecovery,
    approval?: string,
): Promise<StaffChange> {
    if ((await findPerson(ctx, person))?.partner !== null) unknownPerson()
    if (person === personOf(ctx.actor)) {
        refuse("forbidden", "identity.own_recovery", "two other people restore your sign-in: ask an admin")
    }
    const member = await loadPresentPerson(ctx, person)
    let appliedApproval: string | null = null
    if (!hasOnlyAuditorRole(member.roles)) {
        const effects = recoveryEffects(member, personHash(ctx, member), isUrgent)
        const { name, mail, roles } = member
        if (approval === undefined) {
            return { done: false, approval: await requestApproval(ctx, effects, { name, mail, roles }) }
        }
        appliedApproval = (await applyApproval(ctx, approval, effects)).id
    }
    await recoverSignIn(ctx, person, isUrgent)
    return { done: true, approval: appliedApproval }
}

/**
 * Applies an approval of the caller, who counts as creator of the account. Refuses `approval.requester_only`.
 */
async function applyOwnApproval(ctx: ActionContext, approval: string, effects: Effects): Promise<string> {
    const { id, requestedBy } = await applyApproval(ctx, approval, effects)
    if (requestedBy !== personOf(ctx.actor)) {
        refuse("forbidden", "approval.requester_only", "only the requester adds this person: ask the requester")
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

/** The effects of a recovery, with the person's present roles and address, because the link gives access to them. */
function recoveryEffects({ id, roles }: Person, details: string, isUrgent: boolean): Effects {
    const detail = { person: id, roles: [...roles], details, urgent: isUrgent }
    return { action: "person.recover", recipients: [], artifacts: [], at: null, detail }
}

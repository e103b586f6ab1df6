/**
 * Adds staff and renews their sign-in links. The person who is shown a link can sign in with it, so one admin alone
 * could act as the new account. Every role except auditor alone needs a second signature.
 */
import { refuse } from "@tocsin/base/refusal"
import type { ActionContext } from "../../../kernel/action-context.ts"
import { type OperatorRole, personOf } from "../../../kernel/actor.ts"
import {
    addPerson,
    creatorsOf,
    endCredentials,
    issueCredential,
    assertAddedBySelf,
    assertApart,
    personHash,
    personsOf,
} from "../../identity/actions.ts"
import { type Person, isAuditorAlone, validatePerson, operatorRoles } from "../../identity/person.ts"
import { requestApproval, useApproval } from "../actions.ts"
import type { Effects } from "../approval.ts"

export interface NewOperator {
    readonly name: string
    readonly mail: string
    readonly roles: readonly OperatorRole[]
}

/** The secret of the link, shown once; without it, the approval that waits for a signature. */
export interface Linked {
    readonly done: boolean
    readonly approval: string | null
    readonly id?: string
    readonly link?: string
}

/**
 * Adds a staff member. Where two people are needed, the first call requests the approval and the account is added only
 * after the signature.
 */
export async function addOperator(ctx: ActionContext, input: NewOperator, approval?: string): Promise<Linked> {
    const { name, mail } = input
    const roles = operatorRoles.filter((role) => input.roles.includes(role))
    validatePerson({ name, mail, roles, partner: null })
    await assertApart(ctx, { mail, partner: null })
    const words = { name, mail, roles }
    let used: string | null = null
    if (!isAuditorAlone(roles)) {
        const needed = joiningEffects(roles, personHash(ctx, words))
        if (approval === undefined) return { done: false, approval: await requestApproval(ctx, needed, words) }
        used = await useOwn(ctx, approval, needed)
    }
    const id = await addPerson(ctx, { partner: null, name, mail, roles })
    return { done: true, approval: used, id, link: await issueCredential(ctx, id, "link") }
}

/**
 * Renews the sign-in link of a staff member that the caller added. Needs a second signature, except for an auditor.
 * Ends the person's other credentials.
 */
export async function renewOperatorLink(ctx: ActionContext, person: string, approval?: string): Promise<Linked> {
    const { roles } = await assertAddedBySelf(ctx, person)
    let used: string | null = null
    if (!isAuditorAlone(roles)) {
        const needed = linkEffects(person, roles)
        if (approval === undefined) return { done: false, approval: await requestApproval(ctx, needed) }
        used = await useOwn(ctx, approval, needed)
    }
    await endCredentials(ctx, person)
    return { done: true, approval: used, link: await issueCredential(ctx, person, "link") }
}

/**
 * Applies an approval of the caller. Only the requester gets the link and counts as creator of the account. Refuses
 * `approval.requester_only`.
 */
async function useOwn(ctx: ActionContext, approval: string, effects: Effects): Promise<string> {
    const { id, requestedBy } = await useApproval(ctx, approval, effects)
    if (requestedBy !== personOf(ctx.actor)) {
        refuse("forbidden", "approval.requester_only", "only the requester sees this link: request a link of your own")
    }
    return id
}

/**
 * Adds an approver where no other person could sign for an admin. For the person with access to the machine; no route
 * calls it. Refuses `approval.signer_available`.
 */
export async function addLackingApprover(
    ctx: ActionContext,
    details: Pick<NewOperator, "name" | "mail">,
): Promise<string> {
    const here = (await personsOf(ctx, null)).filter(({ leftAt }) => leftAt === null)
    const lineOf = async ({ id }: Person) => [id, ...(await creatorsOf(ctx, id))]
    const holding = async (role: OperatorRole) =>
        await Promise.all(here.filter(({ roles }) => roles.includes(role)).map(lineOf))
    const [admins, approvers] = [await holding("admin"), await holding("approver")]
    if (admins.some((admin) => approvers.some((other) => !admin.some((id) => other.includes(id))))) {
        refuse("conflict", "approval.signer_available", "an independent approver exists: add people in the console")
    }
    return await addPerson(ctx, { partner: null, ...details, roles: ["approver"] })
}

function joiningEffects(roles: readonly OperatorRole[], details: string): Effects {
    return { act: "person.join", recipients: [], artifacts: [], at: null, detail: { roles: [...roles], details } }
}

/** The effects of a new link, with the person's present roles, because the link gives access to them. */
function linkEffects(person: string, roles: readonly string[]): Effects {
    const detail = { person, roles: [...roles] }
    return { act: "person.renew_link", recipients: [], artifacts: [], at: null, detail }
}

/**
 * The operator's persons join, and get new links. Whoever is shown a link can sign in by it, so that one who added an
 * account alone would have whatever roles it gave: anybody but a mere auditor takes a second person.
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

/** The secret of the link, shown this once; or without, and it waits for a second person. */
export interface Linked {
    readonly done: boolean
    readonly approval: string | null
    readonly id?: string
    readonly link?: string
}

/** A person of the operator joins; nobody is there before it was signed. */
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
 * A new sign-in link for a person that one has added oneself; as with adding one, that takes two but for an auditor. What
 * that person was signed in by before ends.
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

/** The link goes to whoever asked, who stands as its maker: whoever signed is then nobody that the account goes back to. */
async function useOwn(ctx: ActionContext, approval: string, effects: Effects): Promise<string> {
    const { id, requestedBy } = await useApproval(ctx, approval, effects)
    if (requestedBy !== personOf(ctx.actor)) {
        refuse("forbidden", "approval.requester_only", "a link is shown to whoever asked for it, and to nobody else")
    }
    return id
}

/**
 * An approver for a program in which nobody is left who could sign for an admin: nobody could join by two. For whoever
 * has the machine, and with it every account; no route comes here.
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
        refuse("conflict", "approval.signer_available", "somebody is here who can sign: add persons in the console")
    }
    return await addPerson(ctx, { partner: null, ...details, roles: ["approver"] })
}

function joiningEffects(roles: readonly OperatorRole[], details: string): Effects {
    return { act: "person.join", recipients: [], artifacts: [], at: null, detail: { roles: [...roles], details } }
}

/** With the roles that the person has, so that a link is signed for what it opens. */
function linkEffects(person: string, roles: readonly string[]): Effects {
    const detail = { person, roles: [...roles] }
    return { act: "person.renew_link", recipients: [], artifacts: [], at: null, detail }
}

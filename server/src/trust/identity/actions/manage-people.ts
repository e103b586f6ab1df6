/** Adds people, changes their roles, and removes them. */
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import { type Person, operatorRoles, validatePerson } from "../person.ts"
import * as store from "../store.ts"
import { encryptText } from "../../../platform/crypto/vault.ts"
import { type OperatorRole, personOf } from "../../../kernel/actor.ts"
import { isPartnerMail, isStaffMail, loadPresentPerson, unknownPerson } from "./load-people.ts"
import { refuse } from "@tocsin/base/refusal"
import { type EndedSignIns, endSignIns, nothingEnded } from "./end-sign-ins.ts"
import { endCredentials } from "./sign-in.ts"

/** Adds a person after checks of its fields and address. */
export async function addPerson(
    ctx: ActionContext,
    person: Pick<Person, "partner" | "name" | "mail" | "roles">,
): Promise<string> {
    validatePerson(person)
    await assertMailNotOnOtherSide(ctx, person)
    return await addCheckedPerson(ctx, person)
}

/** Adds a person whose fields and address the caller has checked in this transaction. */
export async function addCheckedPerson(
    ctx: ActionContext,
    person: Pick<Person, "partner" | "name" | "mail" | "roles">,
): Promise<string> {
    const id = ctx.services.newId()
    const details = JSON.stringify({ name: person.name, mail: person.mail })
    await store.insertPerson(ctx.tx, {
        id,
        partner: person.partner,
        details_ciphertext: await encryptText(
            ctx.tx,
            ctx.services.keys,
            `person:${id}`,
            `persons.details:${id}`,
            details,
        ),
        roles: [...person.roles],
        created_by: personOf(ctx.actor),
        created_at: ctx.now,
    })
    await record(ctx, { kind: "person.joined", person: id, partner: person.partner, roles: person.roles })
    return id
}

/**
 * Refuses `identity.mail_in_use` for an address of a person on the other side: staff who read a partner's mail could
 * act as that partner. People who left do not count.
 */
export async function assertMailNotOnOtherSide(
    ctx: ActionContext,
    { partner, mail }: Pick<Person, "partner" | "mail">,
): Promise<void> {
    const isTaken = partner === null ? await isPartnerMail(ctx, mail) : await isStaffMail(ctx, mail)
    if (!isTaken) return
    refuse(
        "conflict",
        "identity.mail_in_use",
        "this address belongs to a person on the other side, staff or partner: use another address",
    )
}

/**
 * Removes a person, and ends every way in which it signs in. The last admin, approver and manager stay. `provider`: the
 * identity provider that asked for it.
 */
export async function removePerson(
    ctx: ActionContext,
    id: string,
    provider: string | null = null,
): Promise<EndedSignIns> {
    const row = (await store.findPerson(ctx.tx, id)) ?? unknownPerson()
    if (row.left_at !== null) return nothingEnded
    if (row.partner === null) await assertRoleStaysHeld(ctx, id, [])
    if (!(await store.markLeft(ctx.tx, id, ctx.now))) return nothingEnded
    const ended = await endSignIns(ctx, id, true)
    await record(ctx, { kind: "person.left", person: id, partner: row.partner, provider, ...ended })
    return ended
}

/**
 * Sets the roles of a staff member. The caller checks whether one person may decide. Sessions, tokens and links for
 * the earlier roles end.
 */
export async function setRoles(ctx: ActionContext, id: string, roles: readonly OperatorRole[]): Promise<void> {
    const person = await loadPresentPerson(ctx, id)
    const sorted = operatorRoles.filter((role) => roles.includes(role))
    validatePerson({ ...person, roles: sorted })
    await assertRoleStaysHeld(ctx, id, sorted)
    await store.setRoles(ctx.tx, id, sorted)
    await endCredentials(ctx, id)
    await record(ctx, { kind: "person.roles_changed", person: id, was: person.roles, roles: sorted })
}

/**
 * Refuses `identity.last_admin`, `identity.last_approver` and `identity.last_manager` where this person would keep
 * only these roles. Without an admin no person can be added, without an approver nothing can be signed, and without a
 * manager no partner can be restricted.
 */
async function assertRoleStaysHeld(ctx: ActionContext, person: string, keptRoles: readonly string[]): Promise<void> {
    for (const role of ["admin", "approver", "manager"] as const) {
        if (keptRoles.includes(role)) continue
        const holders = await store.lockHolders(ctx.tx, role)
        if (holders.includes(person) && holders.length === 1) refuseLastHolder(role)
    }
}

function refuseLastHolder(role: "admin" | "approver" | "manager"): never {
    if (role === "admin") {
        refuse("conflict", "identity.last_admin", "this is the last admin: make another person an admin first")
    }
    if (role === "manager") {
        refuse("conflict", "identity.last_manager", "this is the last manager: make another person a manager first")
    }
    refuse("conflict", "identity.last_approver", "this is the last approver: make another person an approver first")
}

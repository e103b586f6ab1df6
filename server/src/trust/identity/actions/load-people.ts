/** Reads people, and who added them. */
import type { ActionContext } from "../../../kernel/action-context.ts"
import * as store from "../store.ts"
import { type Person, isSameMailbox } from "../person.ts"
import { refuse } from "@tocsin/base/refusal"
import { decryptText, loadKeys } from "../../../platform/crypto/vault.ts"
import { createHmac } from "node:crypto"
import { canonical } from "@tocsin/base/canonical"
import type { OperatorRole, PartnerRole } from "../../../kernel/actor.ts"

export type { CredentialUse } from "../store.ts"

/** Whether a current member of staff has this address. */
export async function isStaffMail(ctx: ActionContext, mail: string): Promise<boolean> {
    return hasMailbox(await listPeople(ctx, null), mail)
}

export async function isPartnerMail(ctx: ActionContext, mail: string): Promise<boolean> {
    return hasMailbox(await decryptPeople(ctx, await store.listPeopleOfPartners(ctx.tx)), mail)
}

const hasMailbox = (people: readonly Person[], mail: string): boolean =>
    people.some((person) => person.leftAt === null && isSameMailbox(person.mail, mail))

/** Loads a person. Refuses `identity.person_not_found` and `identity.person_left`. */
export async function loadPresentPerson(ctx: ActionContext, id: string): Promise<Person> {
    const person = (await findPerson(ctx, id)) ?? unknownPerson()
    if (person.leftAt !== null) refuse("conflict", "identity.person_left", "this person has left")
    return person
}

export function unknownPerson(): never {
    refuse("missing", "identity.person_not_found", "no person with this id")
}

/** Lists the staff (null) or a partner's roster, including people who left. */
export async function listPeople(ctx: ActionContext, partner: string | null): Promise<Person[]> {
    return await decryptPeople(ctx, await store.listPeople(ctx.tx, partner))
}

/** Loads these people, in any order. */
export async function loadPeople(ctx: ActionContext, ids: readonly string[]): Promise<Person[]> {
    return await decryptPeople(ctx, await store.listPeopleByIds(ctx.tx, ids))
}

/** The credentials of staff, by person: valid sessions and tokens, the last sign-in and an unused link. */
export async function loadCredentialUse({
    tx,
    services,
}: ActionContext): Promise<ReadonlyMap<string, store.CredentialUse>> {
    const rows = await store.listCredentialUse(tx, services.realNow())
    return new Map(rows.map((row) => [row.person, row]))
}

/** Lists the present people of staff and of all partners. */
export async function listEveryone(ctx: ActionContext): Promise<Person[]> {
    const staff = await store.listPeople(ctx.tx, null)
    const present = staff.filter((row) => row.left_at === null)
    return await decryptPeople(ctx, [...present, ...(await store.listPeopleOfPartners(ctx.tx))])
}

async function decryptPeople(ctx: ActionContext, rows: readonly store.PersonRow[]): Promise<Person[]> {
    const scopes = rows.map(({ id }) => `person:${id}`)
    await loadKeys(ctx.tx, scopes)
    const people: Person[] = []
    for (const row of rows) people.push(await decryptPerson(ctx, row))
    return people
}

export async function findPerson(ctx: ActionContext, id: string): Promise<Person | null> {
    const row = await store.findPerson(ctx.tx, id)
    return row ? await decryptPerson(ctx, row) : null
}

/** Keyed hash of a person's name and address, for effects that are signed. A plain hash could be guessed. */
export function personHash({ services }: ActionContext, { name, mail }: Pick<Person, "name" | "mail">): string {
    const key = services.keys.derive("person-details", 32)
    return createHmac("sha256", key).update(canonical({ name, mail })).digest("hex")
}

/** Lists the creators of this account: the person who added it, the person who added that one, and so on. */
export async function listCreators(ctx: ActionContext, id: string): Promise<string[]> {
    return await store.listCreators(ctx.tx, id)
}

/** Lists the creators of many accounts in one statement. */
export async function listCreatorsByPerson(
    ctx: ActionContext,
    ids: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> {
    const rows = await store.listCreatorsByPerson(ctx.tx, [...new Set(ids)])
    return new Map(rows.map(({ person, creators }) => [person, creators]))
}

async function decryptPerson(ctx: ActionContext, row: store.PersonRow): Promise<Person> {
    const text = await decryptText(
        ctx.tx,
        ctx.services.keys,
        `person:${row.id}`,
        `persons.details:${row.id}`,
        row.details_ciphertext,
    )
    const { name, mail } = JSON.parse(text) as { name: string; mail: string }
    const roles = row.roles as (OperatorRole | PartnerRole)[]
    return { id: row.id, partner: row.partner, name, mail, roles, leftAt: row.left_at, addedBy: row.created_by }
}

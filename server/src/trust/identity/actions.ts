/** Persons join and leave; secrets become credentials; a presented secret becomes an actor, or nobody. */
import { createHmac, hash } from "node:crypto"
import { canonical } from "@tocsin/base/canonical"
import { refuse } from "@tocsin/base/refusal"
import type { Tx } from "../../platform/postgres/db.ts"
import { holdKeys, seal, unseal } from "../../platform/crypto/vault.ts"
import { type ActionContext, record } from "../../kernel/action-context.ts"
import { type Actor, type OperatorRole, type PartnerActor, type PartnerRole, personOf } from "../../kernel/actor.ts"
import { type CredentialKind, type Person, isSameMailbox, lifetimeMs, validatePerson, operatorRoles } from "./person.ts"
import * as store from "./store.ts"

const secretBytes = 32

export async function addPerson(
    ctx: ActionContext,
    input: Pick<Person, "partner" | "name" | "mail" | "roles">,
): Promise<string> {
    validatePerson(input)
    await assertApart(ctx, input)
    const id = ctx.services.newId()
    const details = JSON.stringify({ name: input.name, mail: input.mail })
    await store.insertPerson(ctx.tx, {
        id,
        partner: input.partner,
        details_ciphertext: await seal(ctx.tx, ctx.services.keys, `person:${id}`, `persons.details:${id}`, details),
        roles: [...input.roles],
        created_by: personOf(ctx.actor),
        created_at: ctx.now,
    })
    await record(ctx, { kind: "person.joined", person: id, partner: input.partner, roles: input.roles })
    return id
}

/**
 * Refuses an address of a person on the other side: staff who read a partner's mail could act as that partner. Persons who
 * left do not count.
 */
export async function assertApart(
    ctx: ActionContext,
    { partner, mail }: Pick<Person, "partner" | "mail">,
): Promise<void> {
    const isTaken = partner === null ? await isOfPartner(ctx, mail) : await isOfStaff(ctx, mail)
    if (!isTaken) return
    refuse(
        "conflict",
        "identity.mail_in_use",
        "this address belongs to a person on the other side, staff or partner: use another address",
    )
}

/** Whether a current member of staff has this address. */
export async function isOfStaff(ctx: ActionContext, mail: string): Promise<boolean> {
    return isAmong(await personsOf(ctx, null), mail)
}

async function isOfPartner(ctx: ActionContext, mail: string): Promise<boolean> {
    return isAmong(await presentAll(ctx, await store.listPartnersPersons(ctx.tx)), mail)
}

const isAmong = (persons: readonly Person[], mail: string): boolean =>
    persons.some((person) => person.leftAt === null && isSameMailbox(person.mail, mail))

/** A person that leaves loses sessions, tokens and links at once. The last admin and the last approver stay. */
export async function endPerson(ctx: ActionContext, id: string): Promise<void> {
    const row = (await store.findPerson(ctx.tx, id)) ?? unknownPerson()
    if (row.left_at !== null) return
    if (row.partner === null) await assertKeepsHolders(ctx, id, [])
    await store.markLeft(ctx.tx, id, ctx.now)
    await store.endCredentialsOf(ctx.tx, id, ctx.services.realNow())
    await record(ctx, { kind: "person.left", person: id, partner: row.partner })
}

/**
 * From now on this person of the operator has these roles. Whether one person may decide so is asked elsewhere. Sessions,
 * tokens and links that were given for the roles before end.
 */
export async function setRoles(ctx: ActionContext, id: string, roles: readonly OperatorRole[]): Promise<void> {
    const person = await assertPresent(ctx, id)
    const sorted = operatorRoles.filter((role) => roles.includes(role))
    validatePerson({ ...person, roles: sorted })
    await assertKeepsHolders(ctx, id, sorted)
    await store.setRoles(ctx.tx, id, sorted)
    await endCredentials(ctx, id)
    await record(ctx, { kind: "person.roles_changed", person: id, was: person.roles, roles: sorted })
}

/** Ends every session, token and link of this person, who signs in again by a new link. */
export async function endCredentials(ctx: ActionContext, person: string): Promise<void> {
    await store.endGivenCredentials(ctx.tx, person, ctx.services.realNow())
    await record(ctx, { kind: "credential.ended", person, of: "all" })
}

/**
 * Refuses `identity.last_admin` and `identity.last_approver` where this person would keep only these roles: without an admin no
 * person could be added, and without an approver nothing could be signed, not even another approver.
 */
async function assertKeepsHolders(ctx: ActionContext, person: string, keeps: readonly string[]): Promise<void> {
    for (const role of ["admin", "approver"] as const) {
        if (keeps.includes(role)) continue
        const holders = await store.lockHolders(ctx.tx, role)
        if (holders.includes(person) && holders.length === 1) assertStays(role)
    }
}

function assertStays(role: "admin" | "approver"): never {
    if (role === "admin") {
        refuse("conflict", "identity.last_admin", "this is the last admin: make another person an admin first")
    }
    refuse("conflict", "identity.last_approver", "this is the last approver: make another person an approver first")
}

/** A person who has not left. */
export async function assertPresent(ctx: ActionContext, id: string): Promise<Person> {
    const person = (await personById(ctx, id)) ?? unknownPerson()
    if (person.leftAt !== null) refuse("conflict", "identity.person_left", "this person has left")
    return person
}

export function unknownPerson(): never {
    refuse("missing", "identity.person_not_found", "no such person")
}

/** The operator's persons (null), or a partner's roster; those who left included. */
export async function personsOf(ctx: ActionContext, partner: string | null): Promise<Person[]> {
    return await presentAll(ctx, await store.listPersons(ctx.tx, partner))
}

async function presentAll(ctx: ActionContext, rows: readonly store.PersonRow[]): Promise<Person[]> {
    const scopes = rows.map(({ id }) => `person:${id}`)
    await holdKeys(ctx.tx, ctx.services.keys, scopes)
    const persons: Person[] = []
    for (const row of rows) persons.push(await present(ctx, row))
    return persons
}

export async function personById(ctx: ActionContext, id: string): Promise<Person | null> {
    const row = await store.findPerson(ctx.tx, id)
    return row ? await present(ctx, row) : null
}

/** A keyed hash of who somebody is, for what is signed: a plain one of a name could be guessed. */
export function personHash({ services }: ActionContext, { name, mail }: Pick<Person, "name" | "mail">): string {
    const key = services.keys.derive("person-details", 32)
    return createHmac("sha256", key).update(canonical({ name, mail })).digest("hex")
}

/** Everybody whose act this account goes back to: whoever added the person, whoever added that one, and so on. */
export async function creatorsOf(ctx: ActionContext, id: string): Promise<string[]> {
    return await store.listCreators(ctx.tx, id)
}

/** As `creatorsOf`, of many in one statement. */
export async function creatorsAmong(
    ctx: ActionContext,
    ids: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> {
    const rows = await store.listCreatorsAmong(ctx.tx, [...new Set(ids)])
    return new Map(rows.map(({ person, creators }) => [person, creators]))
}

async function present(ctx: ActionContext, row: store.PersonRow): Promise<Person> {
    const text = await unseal(
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

/**
 * A fresh secret for this person, who has not left; it is shown once and kept nowhere. `reusable` links are the
 * demonstration's alone.
 */
export async function issueCredential(
    ctx: ActionContext,
    person: string,
    kind: CredentialKind,
    reusable = false,
): Promise<string> {
    const row = (await store.findPerson(ctx.tx, person)) ?? unknownPerson()
    if (row.left_at !== null) refuse("conflict", "identity.person_left", "this person has left")
    const secret = ctx.services.random(secretBytes).toString("base64url")
    const realNow = ctx.services.realNow()
    await store.insertCredential(ctx.tx, {
        hash: hashOf(secret),
        person,
        kind,
        reusable,
        createdAt: realNow,
        expiresAt: realNow + lifetimeMs[kind],
    })
    await record(ctx, { kind: "credential.issued", person, of: kind })
    return secret
}

/** A new sign-in link for oneself; those that were given before and are unused end with it. */
export async function renewLink(ctx: ActionContext, person: string): Promise<string> {
    await store.endLinksOf(ctx.tx, person, ctx.services.realNow())
    return await issueCredential(ctx, person, "link")
}

/**
 * Refuses whoever has not added this person of the operator: adder and added count as one already when something takes
 * two people, and a link for anybody else would let one be two.
 */
export async function assertAddedBySelf(ctx: ActionContext, id: string): Promise<Person> {
    const person = await personById(ctx, id)
    if (person?.partner !== null) unknownPerson()
    if (person.addedBy === null || person.addedBy !== personOf(ctx.actor)) {
        refuse("forbidden", "identity.not_added_by_you", "a new link for somebody comes from whoever added that person")
    }
    return await assertPresent(ctx, id)
}

export type Token = store.TokenRow

/** The own tokens that are good, oldest first; of none its secret. */
export async function ownTokens(ctx: ActionContext): Promise<Token[]> {
    return await store.listTokens(ctx.tx, personOf(ctx.actor) ?? "", ctx.services.realNow())
}

export async function endOwnToken(ctx: ActionContext, id: string): Promise<void> {
    const person = personOf(ctx.actor) ?? ""
    const ended = await store.endTokenOf(ctx.tx, person, id, ctx.services.realNow())
    if (!ended) refuse("missing", "identity.token_not_found", "no such token")
    await record(ctx, { kind: "credential.ended", person, of: "token" })
}

export function hashOf(secret: string): Buffer {
    return hash("sha256", secret, "buffer")
}

/**
 * Who presents this credential; null for nobody. For a partner's person the partner's lock is taken before anything
 * that decides is read, the credential once more behind it, so that a suspension is either seen, or waits for what is decided in this transaction.
 */
export async function findActor(
    tx: Tx,
    side: "console" | "portal",
    hash: Buffer,
    realNow: number,
): Promise<Actor | null> {
    const [first, live] = await Promise.all([
        store.lockPartnerOf(tx, hash, realNow),
        store.findLiveCredential(tx, hash, realNow),
    ])
    if (!first || first.kind === "link" || (first.partner === null) !== (side === "console")) return null
    if (first.partner === null) {
        return { kind: "operator", person: first.person, roles: first.roles as OperatorRole[] }
    }
    if (!live || live.partner === null) return null
    return { kind: "partner", person: live.person, partner: live.partner, roles: live.roles as PartnerRole[] }
}

/** As `actorOf` on the portal's side, for callers that hold the lock of the partner already; null for any other partner. */
export async function findActorUnder(
    tx: Tx,
    held: Promise<ReadonlySet<string>>,
    hash: Buffer,
    realNow: number,
): Promise<Actor | null> {
    const [partners, live] = await Promise.all([held, store.findLiveAmong(tx, hash, realNow)])
    if (!live || live.kind === "link" || live.partner === null || !partners.has(live.partner)) return null
    return { kind: "partner", person: live.person, partner: live.partner, roles: live.roles as PartnerRole[] }
}

/** A partner's person as it is on the roster now; null for who is not. Of what it presents nothing is asked. */
export async function findRosterActor(tx: Tx, person: string): Promise<PartnerActor | null> {
    const row = await store.findPerson(tx, person)
    if (!row || row.partner === null || row.left_at !== null) return null
    return { kind: "partner", person, partner: row.partner, roles: row.roles as PartnerRole[] }
}

/** Whose limits a credential counts against: the partner's, or the operator's person's; null for nobody's. Grants nothing. */
export async function nameBehind(
    tx: Tx,
    side: "console" | "portal",
    hash: Buffer,
    now: number,
): Promise<string | null> {
    const live = await store.findLiveCredential(tx, hash, now)
    if (!live || live.kind === "link" || (live.partner === null) !== (side === "console")) return null
    return live.partner ?? live.person
}

/** Turns a sign-in link's secret into a session of the side it was opened on. */
export async function signIn(ctx: ActionContext, side: "console" | "portal", secret: string): Promise<string> {
    const hash = hashOf(secret)
    const link = await store.findLiveCredential(ctx.tx, hash, ctx.services.realNow())
    const fits = link?.kind === "link" && (link.partner === null) === (side === "console")
    if (!fits || !(link.reusable || (await store.endCredential(ctx.tx, hash, ctx.services.realNow())))) {
        refuse("forbidden", "identity.bad_link", "this sign-in link is not valid (any more)")
    }
    return await issueCredential(ctx, link.person, "session")
}

/**
 * Ends a credential by its hash (hex), as it had ended in a past that the database has lost. False where it is unknown or has
 * ended.
 */
export async function endKnownCredential(ctx: ActionContext, hash: string): Promise<boolean> {
    const bytes = Buffer.from(hash, "hex")
    const live = await store.findLiveCredential(ctx.tx, bytes, ctx.services.realNow())
    if (!live || !(await store.endCredential(ctx.tx, bytes, ctx.services.realNow()))) return false
    await record(ctx, { kind: "credential.ended", person: live.person, of: live.kind })
    return true
}

export async function signOut(ctx: ActionContext, hash: Buffer): Promise<void> {
    await store.endCredential(ctx.tx, hash, ctx.services.realNow())
    await record(ctx, { kind: "person.signed_out", person: personOf(ctx.actor) })
}

/** Adds and removes people, issues credentials, and turns a presented secret into an actor. */
import { createHmac, hash } from "node:crypto"
import { canonical } from "@tocsin/base/canonical"
import { refuse } from "@tocsin/base/refusal"
import type { Tx } from "../../platform/postgres/db.ts"
import { holdKeys, seal, unseal } from "../../platform/crypto/vault.ts"
import { type ActionContext, record } from "../../kernel/action-context.ts"
import { type Actor, type OperatorRole, type PartnerRole, personOf } from "../../kernel/actor.ts"
import { type CredentialKind, type Person, isSameMailbox, lifetimeMs, validatePerson, operatorRoles } from "./person.ts"
import * as store from "./store.ts"

const secretBytes = 32

/** Adds a person after checks of its fields and address. */
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
 * Refuses `identity.mail_in_use` for an address of a person on the other side: staff who read a partner's mail could
 * act as that partner. People who left do not count.
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
 * Sets the roles of a staff member. The caller checks whether one person may decide. Sessions, tokens and links for
 * the earlier roles end.
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

/** Ends every session, token and link of this person. Signing in again needs a new link. */
export async function endCredentials(ctx: ActionContext, person: string): Promise<void> {
    await store.endGivenCredentials(ctx.tx, person, ctx.services.realNow())
    await record(ctx, { kind: "credential.ended", person, of: "all" })
}

/**
 * Refuses `identity.last_admin` and `identity.last_approver` where this person would keep only these roles: without
 * an admin no person could be added, and without an approver nothing could be signed, not even another approver.
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

/** Loads a person. Refuses `identity.person_not_found` and `identity.person_left`. */
export async function assertPresent(ctx: ActionContext, id: string): Promise<Person> {
    const person = (await personById(ctx, id)) ?? unknownPerson()
    if (person.leftAt !== null) refuse("conflict", "identity.person_left", "this person has left")
    return person
}

export function unknownPerson(): never {
    refuse("missing", "identity.person_not_found", "no person with this id")
}

/** Lists the staff (null) or a partner's roster, including people who left. */
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

/** Keyed hash of a person's name and address, for effects that are signed. A plain hash could be guessed. */
export function personHash({ services }: ActionContext, { name, mail }: Pick<Person, "name" | "mail">): string {
    const key = services.keys.derive("person-details", 32)
    return createHmac("sha256", key).update(canonical({ name, mail })).digest("hex")
}

/** Lists the creators of this account: the person who added it, the person who added that one, and so on. */
export async function creatorsOf(ctx: ActionContext, id: string): Promise<string[]> {
    return await store.listCreators(ctx.tx, id)
}

/** Lists the creators of many accounts in one statement. */
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
 * Issues a credential and returns its secret, which is shown once and stored nowhere. Only the demonstration's links
 * are `reusable`. Refuses `identity.person_left`.
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

/** Issues a new sign-in link for the caller. Earlier unused links end. */
export async function renewLink(ctx: ActionContext, person: string): Promise<string> {
    await store.endLinksOf(ctx.tx, person, ctx.services.realNow())
    return await issueCredential(ctx, person, "link")
}

/**
 * Refuses `identity.not_added_by_you` unless the caller added this staff member. A link for another account would let
 * one person act as two.
 */
export async function assertAddedBySelf(ctx: ActionContext, id: string): Promise<Person> {
    const person = await personById(ctx, id)
    if (person?.partner !== null) unknownPerson()
    if (person.addedBy === null || person.addedBy !== personOf(ctx.actor)) {
        refuse(
            "forbidden",
            "identity.not_added_by_you",
            "you did not add this person: ask the person's creator for a new link",
        )
    }
    return await assertPresent(ctx, id)
}

export type Token = store.TokenRow

/** Lists the caller's valid tokens without secrets, oldest first. */
export async function ownTokens(ctx: ActionContext): Promise<Token[]> {
    return await store.listTokens(ctx.tx, personOf(ctx.actor) ?? "", ctx.services.realNow())
}

export async function endOwnToken(ctx: ActionContext, id: string): Promise<void> {
    const person = personOf(ctx.actor) ?? ""
    const ended = await store.endTokenOf(ctx.tx, person, id, ctx.services.realNow())
    if (!ended) refuse("missing", "identity.token_not_found", "no valid token with this id")
    await record(ctx, { kind: "credential.ended", person, of: "token" })
}

export function hashOf(secret: string): Buffer {
    return hash("sha256", secret, "buffer")
}

/**
 * Finds the actor of a credential; null where it is not valid.
 *
 * For a partner's person, takes the partner's lock before reading any fact of the decision, then reads the credential
 * again. So a suspension is either seen, or waits for this transaction.
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

/** Finds a portal actor for callers that already hold the partner's lock; null for any other partner. */
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

/**
 * The id whose rate limits a credential counts against: partner or staff member; null where unknown. Gives no access.
 */
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

/** Turns a sign-in link's secret into a session of that side. Refuses `identity.bad_link`. */
export async function signIn(ctx: ActionContext, side: "console" | "portal", secret: string): Promise<string> {
    const hash = hashOf(secret)
    const link = await store.findLiveCredential(ctx.tx, hash, ctx.services.realNow())
    const fits = link?.kind === "link" && (link.partner === null) === (side === "console")
    if (!fits || !(link.reusable || (await store.endCredential(ctx.tx, hash, ctx.services.realNow())))) {
        refuse("forbidden", "identity.bad_link", "this sign-in link is not valid: request a new link")
    }
    return await issueCredential(ctx, link.person, "session")
}

/** Ends a credential by its hash (hex), after a restore that lost this end. False where it is unknown or has ended. */
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

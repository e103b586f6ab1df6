/** Persons join and leave; secrets become credentials; a presented secret becomes an actor, or nobody. */
import { createHash } from "node:crypto"
import { refuse } from "../../lib/refusal.ts"
import type { Tx } from "../../platform/db.ts"
import { lockToRead } from "../../platform/locks.ts"
import { seal, unseal } from "../../platform/vault.ts"
import { type Act, record } from "../audit/actions.ts"
import { type Actor, type OperatorRole, type PartnerRole, personOf } from "../audit/actor.ts"
import { type CredentialKind, type Person, lifetimeMs, mustBePerson } from "./person.ts"
import * as store from "./store.ts"

const secretBytes = 32

export async function addPerson(act: Act, input: Pick<Person, "partner" | "name" | "mail" | "roles">): Promise<string> {
    mustBePerson(input)
    const id = act.doors.newId()
    const details = JSON.stringify({ name: input.name, mail: input.mail })
    await store.insertPerson(act.tx, {
        id,
        partner: input.partner,
        details_box: await seal(act.tx, act.doors.keys, `person:${id}`, `persons.details:${id}`, details),
        roles: [...input.roles],
        created_by: personOf(act.actor),
        created_at: act.now,
    })
    await record(act, { kind: "person.joined", person: id, partner: input.partner, roles: input.roles })
    return id
}

/** Whoever leaves loses sessions, tokens and links at once. */
export async function endPerson(act: Act, id: string): Promise<void> {
    const row = await store.person(act.tx, id)
    if (!row) refuse("missing", "identity.unknown_person", "no such person")
    if (row.left_at !== null) return
    await store.markLeft(act.tx, id, act.now)
    await store.endCredentialsOf(act.tx, id, act.doors.realNow())
    await record(act, { kind: "person.left", person: id, partner: row.partner })
}

/** The operator's persons (null), or a partner's roster; those who left included. */
export async function personsOf(act: Act, partner: string | null): Promise<Person[]> {
    const persons: Person[] = []
    for (const row of await store.personsOf(act.tx, partner)) persons.push(await present(act, row))
    return persons
}

export async function personById(act: Act, id: string): Promise<Person | null> {
    const row = await store.person(act.tx, id)
    return row ? await present(act, row) : null
}

/** Everybody whose act this account goes back to: whoever added the person, whoever added that one, and so on. */
export async function creatorsOf(act: Act, id: string): Promise<string[]> {
    return await store.creatorsOf(act.tx, id)
}

async function present(act: Act, row: store.PersonRow): Promise<Person> {
    const text = await unseal(act.tx, act.doors.keys, `person:${row.id}`, `persons.details:${row.id}`, row.details_box)
    const { name, mail } = JSON.parse(text) as { name: string; mail: string }
    const roles = row.roles as (OperatorRole | PartnerRole)[]
    return { id: row.id, partner: row.partner, name, mail, roles, leftAt: row.left_at }
}

/** A fresh secret for this person; it is shown once and kept nowhere. `reusable` links are the demonstration's alone. */
export async function issueCredential(
    act: Act,
    person: string,
    kind: CredentialKind,
    reusable = false,
): Promise<string> {
    const secret = act.doors.random(secretBytes).toString("base64url")
    const realNow = act.doors.realNow()
    await store.insertCredential(act.tx, {
        hash: hashOf(secret),
        person,
        kind,
        reusable,
        createdAt: realNow,
        expiresAt: realNow + lifetimeMs[kind],
    })
    await record(act, { kind: "credential.issued", person, of: kind })
    return secret
}

export function hashOf(secret: string): Buffer {
    return createHash("sha256").update(secret).digest()
}

/**
 * Who presents this credential; null for nobody. For a partner's person the partner's lock is taken before anything
 * that decides is read, so that a suspension is either seen, or waits for what is decided in this transaction.
 */
export async function actorOf(
    tx: Tx,
    side: "console" | "portal",
    hash: Buffer,
    realNow: number,
): Promise<Actor | null> {
    const first = await store.liveCredential(tx, hash, realNow)
    if (!first || first.kind === "link" || (first.partner === null) !== (side === "console")) return null
    if (first.partner === null) {
        return { kind: "operator", person: first.person, roles: first.roles as OperatorRole[] }
    }
    await lockToRead(tx, first.partner)
    const live = await store.liveCredential(tx, hash, realNow)
    if (!live || live.partner === null) return null
    return { kind: "partner", person: live.person, partner: live.partner, roles: live.roles as PartnerRole[] }
}

/** Turns a sign-in link's secret into a session of the side it was opened on. */
export async function signIn(act: Act, side: "console" | "portal", secret: string): Promise<string> {
    const hash = hashOf(secret)
    const link = await store.liveCredential(act.tx, hash, act.doors.realNow())
    const fits = link?.kind === "link" && (link.partner === null) === (side === "console")
    if (!fits || !(link.reusable || (await store.endCredential(act.tx, hash, act.doors.realNow())))) {
        refuse("forbidden", "identity.bad_link", "this sign-in link is not valid (any more)")
    }
    return await issueCredential(act, link.person, "session")
}

export async function signOut(act: Act, hash: Buffer): Promise<void> {
    await store.endCredential(act.tx, hash, act.doors.realNow())
    await record(act, { kind: "person.signed_out", person: personOf(act.actor) })
}

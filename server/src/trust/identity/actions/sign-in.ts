/** Issues credentials, finds the actor of a request, and ends sessions and tokens. */
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import * as store from "../store.ts"
import { type CredentialKind, type Person, lifetimeMs as lifetimes, tokenNameMax } from "../person.ts"
import { findPerson, loadPresentPerson, unknownPerson } from "./load-people.ts"
import { dayMs } from "@tocsin/base/instant"
import { refuse } from "@tocsin/base/refusal"
import { hasHiddenCharacters } from "@tocsin/base/visible-text"
import { decryptText, encryptText } from "../../../platform/crypto/vault.ts"
import { type Actor, type OperatorRole, type PartnerRole, personOf } from "../../../kernel/actor.ts"
import { hash } from "node:crypto"
import type { Tx } from "../../../platform/postgres/db.ts"

const secretBytes = 32

/** Ends every session, token and link of this person. Signing in again needs a new link. */
export async function endCredentials(ctx: ActionContext, person: string): Promise<void> {
    await store.endIssuedCredentials(ctx.tx, person, ctx.services.realNow())
    await record(ctx, { kind: "credential.ended", person, credentialKind: "all" })
}

interface CredentialOptions {
    readonly reusable?: boolean
    /** In milliseconds of wall-clock time. */
    readonly lifetimeMs?: number
}

/**
 * Issues a credential and returns its secret, which is shown once and stored nowhere. Only the demonstration's links
 * are `reusable`. Refuses `identity.person_left`.
 */
export async function issueCredential(
    ctx: ActionContext,
    person: string,
    kind: CredentialKind,
    { reusable = false, lifetimeMs = lifetimes[kind] }: CredentialOptions = {},
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
        expiresAt: realNow + lifetimeMs,
    })
    await record(ctx, { kind: "credential.issued", person, credentialKind: kind })
    return secret
}

/**
 * Issues a new sign-in link for the caller. Earlier unused links end. Refuses `identity.session_needed` for a token: it
 * would outlive its end by the link's session, and could add a passkey.
 */
export async function renewSignInLink(ctx: ActionContext, person: string, session: Buffer | null): Promise<string> {
    if (session === null || !(await store.isSession(ctx.tx, session, ctx.services.realNow()))) {
        refuse("forbidden", "identity.session_needed", "a token makes no sign-in link: sign in with a browser")
    }
    await store.lockPerson(ctx.tx, person)
    await store.endLinksOfPerson(ctx.tx, person, ctx.services.realNow())
    return await issueCredential(ctx, person, "link")
}

/**
 * Refuses `identity.not_added_by_you` unless the caller added this staff member. A link for another account would let
 * one person act as two.
 */
export async function loadPersonAddedByCaller(ctx: ActionContext, id: string): Promise<Person> {
    const person = await findPerson(ctx, id)
    if (person?.partner !== null) unknownPerson()
    if (person.addedBy === null || person.addedBy !== personOf(ctx.actor)) {
        refuse(
            "forbidden",
            "identity.not_added_by_you",
            "you did not add this person: ask the person's creator for a new link",
        )
    }
    return await loadPresentPerson(ctx, id)
}

/** A token as its person sees it. */
export interface Token extends Omit<store.TokenRow, "nameCiphertext"> {
    /** Null for a token of the demonstration. */
    readonly name: string | null
}

/** Lists the caller's valid tokens without secrets, oldest first. */
export async function listCallerTokens(ctx: ActionContext): Promise<Token[]> {
    const person = personOf(ctx.actor) ?? ""
    const tokens: Token[] = []
    for (const { nameCiphertext, ...token } of await store.listTokens(ctx.tx, person, ctx.services.realNow())) {
        const { tx, services } = ctx
        const place = tokenNamePlace(token.id)
        const name = nameCiphertext && (await decryptText(tx, services.keys, `person:${person}`, place, nameCiphertext))
        tokens.push({ ...token, name })
    }
    return tokens
}

/**
 * Issues a named token to the caller and returns its secret, which is shown once. Refuses `identity.bad_token_name`.
 */
export async function issueToken(ctx: ActionContext, name: string, days: number): Promise<string> {
    const isName = name.trim().length > 0 && name.length <= tokenNameMax && !hasHiddenCharacters(name)
    if (!isName) {
        refuse("invalid", "identity.bad_token_name", `name the token with 1 to ${tokenNameMax} visible characters`, {
            max: tokenNameMax,
        })
    }
    const person = personOf(ctx.actor) ?? ""
    const secret = await issueCredential(ctx, person, "token", { lifetimeMs: days * dayMs })
    const hash = hashOf(secret)
    const { tx, services } = ctx
    const place = tokenNamePlace(hash.toString("hex", 0, 8))
    await store.nameToken(tx, hash, await encryptText(tx, services.keys, `person:${person}`, place, name.trim()))
    return secret
}

const tokenNamePlace = (id: string): string => `credentials.name:${id}`

export async function endCallerToken(ctx: ActionContext, id: string): Promise<void> {
    const person = personOf(ctx.actor) ?? ""
    const ended = await store.endTokenOfPerson(ctx.tx, person, id, ctx.services.realNow())
    if (!ended) refuse("missing", "identity.token_not_found", "no valid token with this id")
    await record(ctx, { kind: "credential.ended", person, credentialKind: "token" })
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
    const [locked, live] = await Promise.all([
        store.lockPartnerOfCredential(tx, hash, realNow),
        store.findLiveCredential(tx, hash, realNow),
    ])
    if (!locked || locked.kind === "link" || (locked.partner === null) !== (side === "console")) return null
    if (locked.partner === null) {
        return { kind: "operator", person: locked.person, roles: locked.roles as OperatorRole[] }
    }
    if (!live || live.partner === null) return null
    return { kind: "partner", person: live.person, partner: live.partner, roles: live.roles as PartnerRole[] }
}

/** Finds a portal actor for callers that already hold the partner's lock; null for any other partner. */
export async function findActorUnderLock(
    tx: Tx,
    lockedPartners: Promise<ReadonlySet<string>>,
    hash: Buffer,
    realNow: number,
): Promise<Actor | null> {
    const [partners, live] = await Promise.all([lockedPartners, store.findLiveCredentialTogether(tx, hash, realNow)])
    if (!live || live.kind === "link" || live.partner === null || !partners.has(live.partner)) return null
    return { kind: "partner", person: live.person, partner: live.partner, roles: live.roles as PartnerRole[] }
}

/**
 * The id whose rate limits a credential counts against: partner or staff member; null where unknown. Gives no access.
 */
export async function findCallerId(
    tx: Tx,
    side: "console" | "portal",
    hash: Buffer,
    realNow: number,
): Promise<string | null> {
    const live = await store.findLiveCredential(tx, hash, realNow)
    if (!live || live.kind === "link" || (live.partner === null) !== (side === "console")) return null
    return live.partner ?? live.person
}

/** Turns a sign-in link's secret into a session of that side. Refuses `identity.bad_link`. */
export async function signIn(ctx: ActionContext, side: "console" | "portal", secret: string): Promise<string> {
    const hash = hashOf(secret)
    const link = await store.findLiveCredential(ctx.tx, hash, ctx.services.realNow())
    const isValidLink = link?.kind === "link" && (link.partner === null) === (side === "console")
    if (!isValidLink || !(link.reusable || (await store.endCredential(ctx.tx, hash, ctx.services.realNow())))) {
        refuse("forbidden", "identity.bad_link", "this sign-in link is not valid: request a new link")
    }
    return await issueCredential(ctx, link.person, "session")
}

/** Ends a credential by its hash (hex), after a restore that lost this end. False where it is unknown or has ended. */
export async function endCredentialAfterRestore(ctx: ActionContext, hash: string): Promise<boolean> {
    const bytes = Buffer.from(hash, "hex")
    const live = await store.findLiveCredential(ctx.tx, bytes, ctx.services.realNow())
    if (!live || !(await store.endCredential(ctx.tx, bytes, ctx.services.realNow()))) return false
    await record(ctx, { kind: "credential.ended", person: live.person, credentialKind: live.kind })
    return true
}

export async function signOut(ctx: ActionContext, hash: Buffer): Promise<void> {
    await store.endCredential(ctx.tx, hash, ctx.services.realNow())
    await record(ctx, { kind: "person.signed_out", person: personOf(ctx.actor) })
}

/** Issues credentials, finds the actor of a request, and ends sessions and tokens. */
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import * as store from "../store.ts"
import { listPasskeys } from "../passkeys/store.ts"
import { type CredentialLimits, assertScope, fitsSender } from "../credential-limits.ts"
import { type CredentialKind, lifetimeMs as lifetimes } from "../person.ts"
import { sessionLimitsOf } from "../sessions/session.ts"
import { unknownPerson } from "./load-people.ts"
import { refuse } from "@tocsin/base/refusal"
import { encryptText } from "../../../platform/crypto/vault.ts"
import { type Actor, type OperatorRole, type PartnerRole, personOf } from "../../../kernel/actor.ts"
import { hash } from "node:crypto"
import { type Scope, scopes as allScopes } from "../../../models/scopes.ts"
import { type Sender, unknownSender } from "../../../models/sender.ts"
import { endClientsOfPerson } from "../machines/store.ts"
import type { Tx } from "../../../platform/postgres/db.ts"

const secretBytes = 32

/** Ends every session, token, link and machine client of this person. Signing in again needs a new link. */
export async function endCredentials(ctx: ActionContext, person: string): Promise<void> {
    await store.endCredentialsOfPerson(ctx.tx, person, false, ctx.services.realNow())
    await endClientsOfPerson(ctx.tx, person, ctx.services.realNow())
    await record(ctx, { kind: "credential.ended", person, credentialKind: "all" })
}

interface CredentialOptions {
    readonly reusable?: boolean
    /** In milliseconds of wall-clock time. */
    readonly lifetimeMs?: number
    /** Of a token. Tokens of the demonstration have all scopes and no limits. */
    readonly limits?: Omit<CredentialLimits, "kind">
    readonly name?: string | null
    /** The token for which this one is exchanged. */
    readonly parent?: Buffer | null
    /** The machine client that gets it. */
    readonly client?: string | null
    /** Of a session by single sign-on. */
    readonly signOn?: store.SignOn | null
}

const unlimited = { scopes: allScopes, networks: [], key: null, certificate: null }
const noScopes = { ...unlimited, scopes: [] }

/**
 * Issues a credential and returns its secret, which is shown once and stored nowhere. Only the demonstration's links
 * are `reusable`. Refuses `identity.person_left`.
 */
export async function issueCredential(
    ctx: ActionContext,
    person: string,
    kind: CredentialKind,
    options: CredentialOptions = {},
): Promise<string> {
    const { reusable = false, name = null, parent = null, client = null, signOn = null } = options
    const limits = kind === "token" ? (options.limits ?? unlimited) : noScopes
    const row = (await store.findPerson(ctx.tx, person)) ?? unknownPerson()
    if (row.left_at !== null) refuse("conflict", "identity.person_left", "this person has left")
    const secret = ctx.services.random(secretBytes).toString("base64url")
    const hash = hashOf(secret)
    const realNow = ctx.services.realNow()
    const { lifetimeMs, idleMs } =
        kind === "session" ? sessionLimitsOf(row.roles) : { lifetimeMs: lifetimes[kind], idleMs: null }
    await store.insertCredential(ctx.tx, {
        ...limits,
        hash,
        person,
        kind,
        reusable,
        createdAt: realNow,
        expiresAt: realNow + (options.lifetimeMs ?? lifetimeMs),
        idleMs,
        nameCiphertext: name === null ? null : await encryptName(ctx, person, hash, name),
        parent,
        client,
        signOn,
    })
    const provider = signOn?.provider ?? null
    const { scopes } = limits
    const issued = { person, credentialKind: kind, scopes, machineClient: client, provider }
    await record(ctx, { kind: "credential.issued", ...issued })
    return secret
}

const encryptName = ({ tx, services }: ActionContext, person: string, hash: Buffer, name: string): Promise<Buffer> =>
    encryptText(tx, services.keys, `person:${person}`, tokenNamePlace(hash.toString("hex", 0, 8)), name)

/** Refuses `identity.session_needed` for a token: its holder must not change how the person signs in. */
export async function assertSession(ctx: ActionContext, session: Buffer | null): Promise<void> {
    if (session !== null && (await store.isSession(ctx.tx, session, ctx.services.realNow()))) return
    refuse("forbidden", "identity.session_needed", "a token cannot do this: sign in with a browser")
}

/** Refuses what `assertSession` and `assertAllRoles` refuse. */
export async function assertWholeSession(ctx: ActionContext, session: Buffer | null): Promise<void> {
    await assertSession(ctx, session)
    await assertAllRoles(ctx, session)
}

/** Refuses `identity.own_session_needed` unless this is a session by a link or a passkey. */
export async function assertOwnSession(ctx: ActionContext, session: Buffer | null): Promise<void> {
    const found = session && (await store.findSession(ctx.tx, session, ctx.services.realNow()))
    if (found && !found.isBySignOn) return
    refuse(
        "forbidden",
        "identity.own_session_needed",
        "neither a token nor single sign-on may do this: sign in with a link or a passkey",
    )
}

/**
 * Refuses `identity.session_limited` for a session that has only some of the person's roles: a new token or passkey has
 * all roles.
 */
export async function assertAllRoles(ctx: ActionContext, credential: Buffer | null): Promise<void> {
    const session = credential && (await store.findSession(ctx.tx, credential, ctx.services.realNow()))
    if (session && !session.isWhole) {
        refuse(
            "forbidden",
            "identity.session_limited",
            "this session has only some of your roles: sign in with a link or a passkey",
        )
    }
}

/**
 * Issues a new sign-in link for a caller without a passkey. Earlier unused links end. Refuses
 * `identity.own_session_needed` for a token and for single sign-on, because the link would outlast both. Refuses
 * `identity.has_passkey`: a stolen session must not make a link that outlives it.
 */
export async function renewSignInLink(ctx: ActionContext, person: string, session: Buffer | null): Promise<string> {
    await store.lockPerson(ctx.tx, person)
    await assertOwnSession(ctx, session)
    if ((await listPasskeys(ctx.tx, person)).length > 0) {
        refuse("conflict", "identity.has_passkey", "you have a passkey: sign in with it")
    }
    await store.endLinksOfPerson(ctx.tx, person, ctx.services.realNow())
    return await issueCredential(ctx, person, "link")
}

export const tokenNamePlace = (id: string): string => `credentials.name:${id}`

export function hashOf(secret: string): Buffer {
    return hash("sha256", secret, "buffer")
}

/** How a request uses its credential. */
export interface CredentialUse {
    readonly sender: Sender
    /** The scope that a token needs; null: none. */
    readonly scope: Scope | null
}

/** Returns whether a credential gives access. A link only signs in, and a limited session can have no role. */
const hasAccess = ({ kind, roles }: store.LiveCredential): boolean => kind !== "link" && roles.length > 0

/**
 * Finds the actor of a credential; null where it is not valid, or not for this sender. Refuses
 * `identity.scope_missing`.
 *
 * For a partner's person, takes the partner's lock before reading any fact of the decision, then reads the credential
 * again. So a suspension is either seen, or waits for this transaction.
 */
export async function findActor(
    tx: Tx,
    side: "console" | "portal",
    hash: Buffer,
    realNow: number,
    { sender, scope }: CredentialUse = { sender: unknownSender, scope: null },
): Promise<Actor | null> {
    const [locked, live] = await Promise.all([
        store.lockPartnerOfCredential(tx, hash, realNow),
        store.findLiveCredential(tx, hash, realNow),
    ])
    if (!locked || !hasAccess(locked) || (locked.partner === null) !== (side === "console")) return null
    if (!fitsSender(locked, sender)) return null
    assertScope(locked, scope)
    if (locked.partner === null) {
        return { kind: "operator", person: locked.person, roles: locked.roles as OperatorRole[] }
    }
    if (!live || !hasAccess(live) || live.partner === null) return null
    return { kind: "partner", person: live.person, partner: live.partner, roles: live.roles as PartnerRole[] }
}

/** Finds a portal actor for callers that already hold the partner's lock; null for any other partner. */
export async function findActorUnderLock(
    tx: Tx,
    lockedPartners: Promise<ReadonlySet<string>>,
    hash: Buffer,
    { sender, scope, realNow }: CredentialUse & { readonly realNow: number },
): Promise<Actor | null> {
    const [partners, live] = await Promise.all([lockedPartners, store.findLiveCredentialTogether(tx, hash, realNow)])
    if (!live || !hasAccess(live) || live.partner === null || !partners.has(live.partner)) return null
    if (!fitsSender(live, sender)) return null
    assertScope(live, scope)
    return { kind: "partner", person: live.person, partner: live.partner, roles: live.roles as PartnerRole[] }
}

/**
 * The id whose rate limits a credential counts against: partner or staff member; null where unknown. Gives no access.
 */
export async function findCallerId(
    tx: Tx,
    side: "console" | "portal",
    hash: Buffer,
    { sender, realNow }: { readonly sender: Sender; readonly realNow: number },
): Promise<string | null> {
    const live = await store.findLiveCredential(tx, hash, realNow)
    if (!live || live.kind === "link" || (live.partner === null) !== (side === "console")) return null
    if (!fitsSender(live, sender)) return null
    return live.partner ?? live.person
}

/** The session that a browser has when it signs in by a link, and whether its person agreed to replace it. */
export interface PresentSession {
    readonly credential: Buffer | null
    readonly isReplaced: boolean
}

const noSession: PresentSession = { credential: null, isReplaced: false }

/**
 * Turns a sign-in link's secret into a session of that side. Refuses `identity.bad_link`, and
 * `identity.other_person_signed_in`: a link that a stranger sent must not put a person into the stranger's account.
 */
export async function signIn(
    ctx: ActionContext,
    side: "console" | "portal",
    secret: string,
    present = noSession,
): Promise<string> {
    const hash = hashOf(secret)
    const link = await store.findLiveCredential(ctx.tx, hash, ctx.services.realNow())
    const isValidLink = link?.kind === "link" && (link.partner === null) === (side === "console")
    // A recovery that ends this person's sign-ins also ends the new session, or comes first and ends the link.
    if (isValidLink) await store.lockPerson(ctx.tx, link.person)
    if (isValidLink && !link.reusable && !present.isReplaced) await assertNoOtherPerson(ctx, present, link.person)
    if (!isValidLink || !(link.reusable || (await store.endCredential(ctx.tx, hash, ctx.services.realNow())))) {
        refuse("forbidden", "identity.bad_link", "this sign-in link is not valid: request a new link")
    }
    return await issueCredential(ctx, link.person, "session")
}

async function assertNoOtherPerson(ctx: ActionContext, { credential }: PresentSession, person: string): Promise<void> {
    const session = credential && (await store.findSession(ctx.tx, credential, ctx.services.realNow()))
    if (!session || session.person === person) return
    refuse(
        "conflict",
        "identity.other_person_signed_in",
        "another person is signed in in this browser: continue only if you expected this link",
    )
}

/** Ends the session with which a browser signs in again, so that one browser has one session. A token stays. */
export async function endPresentedSession(ctx: ActionContext, credential: Buffer | null): Promise<void> {
    const realNow = ctx.services.realNow()
    const session = credential && (await store.findSession(ctx.tx, credential, realNow))
    if (!session || !(await store.endCredential(ctx.tx, credential, realNow))) return
    await record(ctx, { kind: "credential.ended", person: session.person, credentialKind: "session" })
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

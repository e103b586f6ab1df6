/**
 * Signs people in through an identity provider, and connects their accounts (docs/design/0060).
 *
 * An account is its issuer and subject, never its mail address. A person connects it while signed in; no account adds
 * a person. Each refusal of a sign-in is the same, and the operator's log has its reason.
 */
import type { Instant } from "@tocsin/base/instant"
import { refuse } from "@tocsin/base/refusal"
import { type ActionContext, record } from "../../../../kernel/action-context.ts"
import { personOf } from "../../../../kernel/actor.ts"
import { lockToLogOut } from "../../../../kernel/locks.ts"
import { PendingWork, type Side } from "../../../../kernel/route.ts"
import type {
    IdentityProvider,
    Outcome,
    SignOnIdentity,
    SignOnSecrets,
} from "../../../../platform/single-sign-on/identity-provider.ts"
import { loadPresentPerson } from "../../actions/load-people.ts"
import { assertOwnSession, hashOf, issueCredential } from "../../actions/sign-in.ts"
import { confirmIfPossible } from "../../passkeys/actions/manage-passkeys.ts"
import type { Assertion } from "../../passkeys/passkey.ts"
import { insertUsedChallenge } from "../../passkeys/store.ts"
import { endSessionsBySignOn, lockPerson } from "../../store.ts"
import { type SignOnState, decryptSignOn, encryptSignOn, signOnMs } from "./encrypt-sign-on.ts"
import { isForPerson, isForSide, roleLimitOf } from "./check-provider.ts"
import * as store from "../store.ts"
import { hashAt } from "./end-identities.ts"

const secretBytes = 32

const originOf = ({ services }: ActionContext, side: Side): string =>
    side === "console" ? services.consoleOrigin : services.portalOrigin

const redirectUriOf = (ctx: ActionContext, side: Side, provider: string): string =>
    `${originOf(ctx, side)}/sso/${provider}`

const providersOf = ({ services }: ActionContext, side: Side): readonly IdentityProvider[] =>
    services.identityProviders.filter(({ settings }) => isForSide(settings, side))

const findProvider = (ctx: ActionContext, side: Side, id: string): IdentityProvider | undefined =>
    providersOf(ctx, side).find(({ settings }) => settings.id === id)

/**
 * Lists the providers that a stranger may see: at the console those of the program, at the portal only the one that
 * the stranger names, because a list would name partners.
 */
export function listProviders(ctx: ActionContext, side: Side, named: string | undefined): readonly IdentityProvider[] {
    const providers = providersOf(ctx, side)
    return side === "console" ? providers : providers.filter(({ settings }) => settings.id === named)
}

/** A provider that does not exist, and one of the other side, are refused like any wrong sign-on. */
function providerFor(ctx: ActionContext, side: Side, id: string): IdentityProvider {
    return findProvider(ctx, side, id) ?? refuseSignOn(ctx, id, "unknown_provider")
}

const outcomes = new WeakMap<object, Outcome<unknown>>()

/**
 * Returns what the provider answers to a request, named by its body. The first call throws `PendingWork`, so that no
 * transaction waits for the provider. Refuses `identity.sso_unavailable`.
 */
function askProvider<T>(ctx: ActionContext, body: object, provider: string, ask: () => Promise<Outcome<T>>): T {
    const outcome = outcomes.get(body) as Outcome<T> | undefined
    if (outcome === undefined) throw new PendingWork(ask().then((answer) => outcomes.set(body, answer)))
    if (outcome.result === "done") return outcome.value
    if (outcome.result === "refused") refuseSignOn(ctx, provider, outcome.reason)
    ctx.services.log.error("an identity provider does not answer as it should", { id: provider, code: outcome.reason })
    refuse(
        "unavailable",
        "identity.sso_unavailable",
        "the provider of single sign-on does not answer: try again later, or sign in with a passkey or a link",
    )
}

function refuseSignOn({ services }: ActionContext, provider: string, reason: string): never {
    services.log.warn("a single sign-on was refused", { id: provider, code: reason })
    refuse(
        "forbidden",
        "identity.sso_refused",
        "single sign-on was refused: start again, or sign in with a passkey or a link and connect your account there",
    )
}

/** A started sign-on: the provider's address for the browser, and the cookie. */
export interface StartedSignOn {
    readonly address: string
    readonly cookie: string
}

interface Start {
    readonly side: Side
    readonly body: { readonly provider: string; readonly returnTo: string; readonly assertion?: Assertion }
}

/** Begins a sign-in. */
export function startSignIn(ctx: ActionContext, start: Start): StartedSignOn {
    return startSignOn(ctx, start, { request: requestSignOn(ctx, start), connects: null })
}

/**
 * Begins to connect the caller's account. The caller confirms it with a passkey where it has one. Refuses
 * `identity.own_session_needed`, `identity.not_for_you` and `identity.connected_already`.
 */
export async function startConnecting(
    ctx: ActionContext,
    session: Buffer | null,
    start: Start,
): Promise<StartedSignOn> {
    const settings = findProvider(ctx, start.side, start.body.provider)?.settings
    await assertOwnSession(ctx, session)
    const person = await loadPresentPerson(ctx, personOf(ctx.actor) ?? "")
    if (settings === undefined || !isForPerson(settings, person)) {
        refuse("forbidden", "identity.not_for_you", "this provider is not for your mail address: choose another one")
    }
    if ((await store.listIdentities(ctx.tx, person.id)).some(({ provider }) => provider === settings.id)) {
        refuse("conflict", "identity.connected_already", "you are connected to this provider: disconnect it first")
    }
    const request = requestSignOn(ctx, start)
    await confirmIfPossible(ctx, start.body.assertion)
    return startSignOn(ctx, start, {
        request,
        connects: { person: person.id, session: session?.toString("hex") ?? "" },
    })
}

type SignOnRequest = SignOnSecrets & { readonly address: string }

function requestSignOn(ctx: ActionContext, { side, body }: Start): SignOnRequest {
    const provider = providerFor(ctx, side, body.provider)
    const secret = () => ctx.services.random(secretBytes).toString("base64url")
    return askProvider(ctx, body, body.provider, async () => {
        const secrets = { state: secret(), nonce: secret(), verifier: secret() }
        const outcome = await provider.startAt(redirectUriOf(ctx, side, body.provider), secrets)
        return outcome.result === "done" ? { ...outcome, value: { ...secrets, address: outcome.value } } : outcome
    })
}

function startSignOn(
    { services }: ActionContext,
    { side, body: { provider, returnTo } }: Start,
    { request: { address, ...secrets }, connects }: Pick<SignOnState, "connects"> & { readonly request: SignOnRequest },
): StartedSignOn {
    const expiresAt = services.realNow() + signOnMs
    return {
        address,
        cookie: encryptSignOn(services.keys, { ...secrets, side, provider, connects, returnTo, expiresAt }),
    }
}

interface Finish {
    readonly side: Side
    /** The cookie of the sign-on that this browser began. */
    readonly cookie: string | null
    readonly credential: Buffer | null
    /** The query with which the provider sent the browser back. */
    readonly body: { readonly provider: string; readonly query: string }
}

/** A completed sign-on: the secret of the session, or null where an account was connected. */
export interface FinishedSignOn {
    readonly session: string | null
    readonly returnTo: string
}

/**
 * Ends a sign-on that this browser began. Its state counts once. Refuses `identity.sso_refused` for everything else:
 * another browser, another provider, an answer that is not the provider's, and an account without a person.
 */
export async function finishSignOn(ctx: ActionContext, finish: Finish): Promise<FinishedSignOn> {
    const { side, body } = finish
    const provider = providerFor(ctx, side, body.provider)
    const { keys, realNow } = ctx.services
    const signOnState = decryptSignOn(keys, finish.cookie, side, realNow())
    if (signOnState?.provider !== body.provider) refuseSignOn(ctx, body.provider, "not_begun_here")
    const address = new URL(`${redirectUriOf(ctx, side, body.provider)}?${body.query.replace(/^\?/, "")}`)
    const identity = askProvider(ctx, body, body.provider, () => provider.redeem(address, signOnState))
    if (
        !(await insertUsedChallenge(ctx.tx, hashOf(`sign-on ${signOnState.state}`), signOnState.expiresAt, realNow()))
    ) {
        refuseSignOn(ctx, body.provider, "used_before")
    }
    const { returnTo } = signOnState
    if (signOnState.connects === null)
        return { session: await signIn(ctx, provider, identity, signOnState.expiresAt), returnTo }
    await connect(ctx, { provider, identity, connects: signOnState.connects, credential: finish.credential })
    return { session: null, returnTo }
}

const subjectHash = (ctx: ActionContext, { settings }: IdentityProvider, { subject }: SignOnIdentity): Buffer =>
    hashAt(ctx.services, "subject", [settings.issuer, subject])

const sessionHash = ({ services }: ActionContext, issuer: string, session: string | null): Buffer | null =>
    session === null ? null : hashAt(services, "session", [issuer, session])

/** Of the sign-ons of an account that name no session at the provider. */
const withoutSession = (subject: Buffer): Buffer => hashOf(`without session ${subject.toString("hex")}`)

async function signIn(
    ctx: ActionContext,
    provider: IdentityProvider,
    account: SignOnIdentity,
    expiresAt: Instant,
): Promise<string> {
    const { settings } = provider
    const hash = subjectHash(ctx, provider, account)
    const known = await store.findBySubject(ctx.tx, hash)
    if (known === undefined) refuseSignOn(ctx, settings.id, "unknown_account")
    await lockPerson(ctx.tx, known.person)
    // Read again behind the lock: it may have been disconnected.
    const identity = await store.findBySubject(ctx.tx, hash)
    if (identity?.id !== known.id) refuseSignOn(ctx, settings.id, "unknown_account")
    const providerSession = sessionHash(ctx, settings.issuer, account.session)
    const ending = providerSession === null ? [hash, withoutSession(hash)] : [hash, providerSession]
    await lockToLogOut(ctx.tx, ending)
    const logoutEnd = await store.findLogoutEnd(ctx.tx, ending)
    // The provider ended the session while this sign-on was under way.
    if (logoutEnd !== null && expiresAt <= logoutEnd) refuseSignOn(ctx, settings.id, "logged_out")
    // Its provider's `id` was changed: SCIM would not find the person.
    if (identity.provider !== settings.id) refuseSignOn(ctx, settings.id, "other_id")
    const person = await loadPresentPerson(ctx, identity.person)
    if (!isForPerson(settings, person)) refuseSignOn(ctx, settings.id, "other_person")
    const roleLimit = roleLimitOf(settings, person.roles, account.groups)
    if (roleLimit?.length === 0) refuseSignOn(ctx, settings.id, "no_role")
    await store.markUsed(ctx.tx, identity.id, ctx.services.realNow())
    const signOn = { identity: identity.id, provider: settings.id, roleLimit, providerSession }
    return await issueCredential(ctx, person.id, "session", { signOn })
}

interface Connection {
    readonly provider: IdentityProvider
    readonly identity: SignOnIdentity
    readonly connects: NonNullable<SignOnState["connects"]>
    readonly credential: Buffer | null
}

/** Connects an account in the session that began it. The account of another person is refused. */
async function connect(ctx: ActionContext, { provider, identity, connects, credential }: Connection): Promise<void> {
    const { settings } = provider
    const isSameSession = personOf(ctx.actor) === connects.person && credential?.toString("hex") === connects.session
    if (!isSameSession) refuseSignOn(ctx, settings.id, "other_session")
    await lockPerson(ctx.tx, connects.person)
    await assertOwnSession(ctx, credential)
    const person = await loadPresentPerson(ctx, connects.person)
    if (!isForPerson(settings, person)) refuseSignOn(ctx, settings.id, "other_person")
    const row = {
        id: ctx.services.newId(),
        subjectHash: subjectHash(ctx, provider, identity),
        person: person.id,
        provider: settings.id,
        createdAt: ctx.services.realNow(),
    }
    if (!(await store.insertIdentity(ctx.tx, row))) refuseSignOn(ctx, settings.id, "connected_before")
    await record(ctx, { kind: "identity.connected", person: person.id, provider: settings.id })
}

/**
 * Ends sessions at the provider's request, and sign-ons that are under way. A token counts once. An unknown account
 * changes nothing.
 */
export async function logOut(
    ctx: ActionContext,
    side: Side,
    { provider: id, body }: { readonly provider: string; readonly body: { readonly logout_token: string } },
): Promise<void> {
    const provider = providerFor(ctx, side, id)
    const { issuer } = provider.settings
    const { services, tx } = ctx
    const realNow = services.realNow()
    const claims = askProvider(ctx, body, id, () => provider.checkLogout(body.logout_token, realNow))
    const tokenHash = hashAt(services, "logout", [issuer, claims.id])
    if (!(await insertUsedChallenge(tx, tokenHash, realNow + signOnMs, realNow))) {
        refuseSignOn(ctx, id, "used_before")
    }
    const providerSession = sessionHash(ctx, issuer, claims.session)
    const identity =
        claims.subject === null
            ? null
            : await store.findBySubject(tx, hashAt(services, "subject", [issuer, claims.subject]))
    if (identity === undefined) return
    const ofProvider = identity === null ? providerSession && { identity: null, providerSession } : null
    const sessions = identity === null ? ofProvider : { identity: identity.id, providerSession }
    if (sessions === null) return
    if (identity !== null) await lockPerson(tx, identity.person)
    const subject = identity?.subjectHash
    const ended = providerSession === null ? [subject] : [providerSession, subject && withoutSession(subject)]
    const hashes = ended.filter((hash) => hash !== undefined)
    await lockToLogOut(tx, hashes)
    for (const hash of hashes) await store.upsertLogout(tx, hash, realNow + signOnMs)
    for (const person of await endSessionsBySignOn(tx, sessions, realNow)) {
        await record(ctx, { kind: "credential.ended", person, credentialKind: "session", provider: id })
    }
}

/** A provider that the caller can connect, or has connected. */
export interface Connectable {
    readonly id: string
    readonly name: string
    readonly connectedAt: number | null
    readonly lastUsedAt: number | null
}

/** Lists the caller's providers: those for it, and those that it has connected. */
export async function listConnectable(ctx: ActionContext, side: Side): Promise<Connectable[]> {
    const person = await loadPresentPerson(ctx, personOf(ctx.actor) ?? "")
    const identities = new Map((await store.listIdentities(ctx.tx, person.id)).map((row) => [row.provider, row]))
    const providers = providersOf(ctx, side).filter(({ settings }) => isForPerson(settings, person))
    const names = new Map(providers.map(({ settings }) => [settings.id, settings.name]))
    for (const id of identities.keys()) if (!names.has(id)) names.set(id, id)
    return [...names].map(([id, name]) => {
        const { createdAt: connectedAt = null, lastUsedAt = null } = identities.get(id) ?? {}
        return { id, name, connectedAt, lastUsedAt }
    })
}

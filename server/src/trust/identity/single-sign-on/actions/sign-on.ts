/**
 * Signs people in through an identity provider, and connects their accounts (docs/design/0060).
 *
 * An account is its issuer and subject, never its mail address. A person connects it while signed in; no account makes
 * a person. Each refusal of a sign-in is the same, and the operator's log has its reason.
 */
import { refuse } from "@tocsin/base/refusal"
import { type ActionContext, record } from "../../../../kernel/action-context.ts"
import { personOf } from "../../../../kernel/actor.ts"
import { PendingWork, type Side, hide } from "../../../../kernel/route.ts"
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
import { type PendingSignOn, pendingMs, seal, unseal } from "./seal-pending.ts"
import { isForPerson, isForSide, roleLimitOf } from "./check-provider.ts"
import * as store from "../store.ts"
import { hashAt } from "./end-identities.ts"

const secretBytes = 32

const originOf = ({ services }: ActionContext, side: Side): string =>
    side === "console" ? services.consoleOrigin : services.portalOrigin

const redirectUriOf = (ctx: ActionContext, side: Side, provider: string): string =>
    `${originOf(ctx, side)}/sso/${provider}`

/** Lists the providers of a side. */
export const providersFor = ({ services }: ActionContext, side: Side): readonly IdentityProvider[] =>
    services.identityProviders.filter(({ settings }) => isForSide(settings, side))

/** A provider that does not exist, and one of the other side, get the same answer. */
function findProvider(ctx: ActionContext, side: Side, id: string): IdentityProvider {
    return providersFor(ctx, side).find(({ settings }) => settings.id === id) ?? hide()
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

/** A sign-on that begins: where the browser goes, and its cookie. */
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
    return sealStart(ctx, start, { begun: begin(ctx, start), connects: null })
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
    const { settings } = findProvider(ctx, start.side, start.body.provider)
    await assertOwnSession(ctx, session)
    const person = await loadPresentPerson(ctx, personOf(ctx.actor) ?? "")
    if (!isForPerson(settings, person)) {
        refuse("forbidden", "identity.not_for_you", "this provider is not for your mail address: choose another one")
    }
    if ((await store.listIdentities(ctx.tx, person.id)).some(({ provider }) => provider === settings.id)) {
        refuse("conflict", "identity.connected_already", "you are connected to this provider: disconnect it first")
    }
    const begun = begin(ctx, start)
    await confirmIfPossible(ctx, start.body.assertion)
    return sealStart(ctx, start, { begun, connects: { person: person.id, session: session?.toString("hex") ?? "" } })
}

type Begun = SignOnSecrets & { readonly address: string }

function begin(ctx: ActionContext, { side, body }: Start): Begun {
    const provider = findProvider(ctx, side, body.provider)
    const secret = () => ctx.services.random(secretBytes).toString("base64url")
    return askProvider(ctx, body, body.provider, async () => {
        const secrets = { state: secret(), nonce: secret(), verifier: secret() }
        const outcome = await provider.startAt(redirectUriOf(ctx, side, body.provider), secrets)
        return outcome.result === "done" ? { ...outcome, value: { ...secrets, address: outcome.value } } : outcome
    })
}

function sealStart(
    { services }: ActionContext,
    { side, body: { provider, returnTo } }: Start,
    { begun: { address, ...secrets }, connects }: Pick<PendingSignOn, "connects"> & { readonly begun: Begun },
): StartedSignOn {
    const expiresAt = services.realNow() + pendingMs
    return { address, cookie: seal(services.keys, { ...secrets, side, provider, connects, returnTo, expiresAt }) }
}

interface Finish {
    readonly side: Side
    /** The cookie of the sign-on that this browser began. */
    readonly cookie: string | null
    readonly credential: Buffer | null
    /** The query with which the provider sent the browser back. */
    readonly body: { readonly provider: string; readonly query: string }
}

/** A sign-on that ended well: the secret of the session, unless an account was connected. */
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
    const provider = findProvider(ctx, side, body.provider)
    const { keys, realNow } = ctx.services
    const pending = unseal(keys, finish.cookie, side, realNow())
    if (pending?.provider !== body.provider) refuseSignOn(ctx, body.provider, "not_begun_here")
    const address = new URL(`${redirectUriOf(ctx, side, body.provider)}?${body.query.replace(/^\?/, "")}`)
    const identity = askProvider(ctx, body, body.provider, () => provider.redeem(address, pending))
    if (!(await insertUsedChallenge(ctx.tx, hashOf(`sign-on ${pending.state}`), pending.expiresAt, realNow()))) {
        refuseSignOn(ctx, body.provider, "used_before")
    }
    const { returnTo } = pending
    if (pending.connects === null) return { session: await signIn(ctx, provider, identity), returnTo }
    await connect(ctx, { provider, identity, connects: pending.connects, credential: finish.credential })
    return { session: null, returnTo }
}

const subjectHash = (ctx: ActionContext, { settings }: IdentityProvider, { subject }: SignOnIdentity): Buffer =>
    hashAt(ctx.services, "subject", [settings.issuer, subject])

async function signIn(ctx: ActionContext, provider: IdentityProvider, account: SignOnIdentity): Promise<string> {
    const { settings } = provider
    const hash = subjectHash(ctx, provider, account)
    const known = await store.findBySubject(ctx.tx, hash)
    if (known === undefined) refuseSignOn(ctx, settings.id, "unknown_account")
    await lockPerson(ctx.tx, known.person)
    // Read again behind the lock: it may have been disconnected.
    const identity = await store.findBySubject(ctx.tx, hash)
    if (identity?.id !== known.id) refuseSignOn(ctx, settings.id, "unknown_account")
    const person = await loadPresentPerson(ctx, identity.person)
    if (!isForPerson(settings, person)) refuseSignOn(ctx, settings.id, "other_person")
    const roleLimit = roleLimitOf(settings, person.roles, account.groups)
    if (roleLimit?.length === 0) refuseSignOn(ctx, settings.id, "no_role")
    await store.markUsed(ctx.tx, identity.id, ctx.services.realNow())
    const providerSession =
        account.session === null ? null : hashAt(ctx.services, "session", [settings.issuer, account.session])
    const signOn = { identity: identity.id, provider: settings.id, roleLimit, providerSession }
    return await issueCredential(ctx, person.id, "session", { signOn })
}

interface Connection {
    readonly provider: IdentityProvider
    readonly identity: SignOnIdentity
    readonly connects: NonNullable<PendingSignOn["connects"]>
    readonly credential: Buffer | null
}

/** Connects an account in the session that began it. The account of another person is refused. */
async function connect(ctx: ActionContext, { provider, identity, connects, credential }: Connection): Promise<void> {
    const { settings } = provider
    const isSameSession = personOf(ctx.actor) === connects.person && credential?.toString("hex") === connects.session
    if (!isSameSession) refuseSignOn(ctx, settings.id, "other_session")
    await assertOwnSession(ctx, credential)
    await lockPerson(ctx.tx, connects.person)
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

/** Ends sessions at the provider's request. A token counts once. An account without a person is no refusal. */
export async function logOut(
    ctx: ActionContext,
    side: Side,
    { provider: id, body }: { readonly provider: string; readonly body: { readonly logout_token: string } },
): Promise<void> {
    const provider = findProvider(ctx, side, id)
    const { issuer } = provider.settings
    const { services, tx } = ctx
    const realNow = services.realNow()
    const claims = askProvider(ctx, body, id, () => provider.checkLogout(body.logout_token, realNow))
    const tokenHash = hashAt(services, "logout", [issuer, claims.id])
    if (!(await insertUsedChallenge(tx, tokenHash, realNow + pendingMs, realNow))) {
        refuseSignOn(ctx, id, "used_before")
    }
    const providerSession = claims.session === null ? null : hashAt(services, "session", [issuer, claims.session])
    const identity =
        claims.subject === null
            ? null
            : await store.findBySubject(tx, hashAt(services, "subject", [issuer, claims.subject]))
    if (identity === undefined) return
    const sessions = identity === null ? providerSession && { identity: null, providerSession } : null
    const which = identity === null ? sessions : { identity: identity.id, providerSession }
    if (which === null) return
    for (const person of await endSessionsBySignOn(tx, which, realNow)) {
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
    const open = providersFor(ctx, side).filter(({ settings }) => isForPerson(settings, person))
    const names = new Map(open.map(({ settings }) => [settings.id, settings.name]))
    for (const id of identities.keys()) if (!names.has(id)) names.set(id, id)
    return [...names].map(([id, name]) => {
        const { createdAt: connectedAt = null, lastUsedAt = null } = identities.get(id) ?? {}
        return { id, name, connectedAt, lastUsedAt }
    })
}

/** Makes challenges, and checks the assertions that answer them: to sign in, to change passkeys, to sign. */
import { refuse } from "@tocsin/base/refusal"
import type { ActionContext } from "../../../../kernel/action-context.ts"
import { personOf } from "../../../../kernel/actor.ts"
import type { Side } from "../../../../kernel/route.ts"
import { hashOf, issueCredential } from "../../actions/sign-in.ts"
import { lockPerson } from "../../store.ts"
import type { Assertion, SignedEffects, StoredSignature, Subject } from "../passkey.ts"
import { type RelyingParty, relyingPartyOf } from "../relying-party.ts"
import * as store from "../store.ts"
import { challengeMs, expiryOf, makeChallenge, nonceBytes } from "./challenges.ts"
import { challengeIn, refuseAssertion, verifyAssertion } from "./verify-browser.ts"

export const sideOf = ({ actor }: ActionContext): Side => (actor.kind === "partner" ? "portal" : "console")

/** The relying party of a side. Refuses `passkey.not_available` where browsers allow no passkeys at its address. */
export function loadRelyingParty({ services }: ActionContext, side: Side): RelyingParty {
    const party = relyingPartyOf(side === "console" ? services.consoleOrigin : services.portalOrigin)
    if (party !== null) return party
    refuse(
        "conflict",
        "passkey.not_available",
        "browsers allow no passkeys at this address: open it by https and a host name, or on `localhost`",
    )
}

/** The options with which a browser asks for an assertion. */
export interface AssertionOptions {
    readonly challenge: string
    readonly rpId: string
    readonly timeout: number
    readonly userVerification: "required"
    /** Empty: any passkey of this host. */
    readonly allowCredentials: readonly { readonly id: string; readonly transports: readonly string[] }[]
}

/** Makes a challenge for a subject. */
export function challengeFor({ services }: ActionContext, subject: Subject): string {
    return makeChallenge(subject, challengeKey(services), services.random(nonceBytes), services.realNow())
}

export const challengeKey = ({ keys }: ActionContext["services"]): Buffer => keys.derive("passkey-challenges", 32)

/** Options for signing in; they name no person. */
export function signInOptions(ctx: ActionContext, side: Side): AssertionOptions {
    const { id: rpId } = loadRelyingParty(ctx, side)
    const challenge = challengeFor(ctx, { purpose: "sign_in", side })
    return { challenge, rpId, timeout: challengeMs, userVerification: "required", allowCredentials: [] }
}

/** Options for an assertion of the caller. Refuses `passkey.none` where the caller has no passkey. */
export async function callerOptions(
    ctx: ActionContext,
    subject: Extract<Subject, { person: string }>,
): Promise<AssertionOptions> {
    const { id: rpId } = loadRelyingParty(ctx, sideOf(ctx))
    const passkeys = await store.listPasskeys(ctx.tx, subject.person)
    if (passkeys.length === 0) {
        refuse("conflict", "passkey.none", "you have no passkey: add one under “Your access”")
    }
    const allowCredentials = passkeys.map(({ id, transports }) => ({ id: id.toString("base64url"), transports }))
    return {
        challenge: challengeFor(ctx, subject),
        rpId,
        timeout: challengeMs,
        userVerification: "required",
        allowCredentials,
    }
}

/**
 * Checks an assertion for a subject and returns its passkey. A challenge counts once.
 *
 * Refuses `passkey.bad_assertion` for an unknown or ended passkey, another subject, side, origin or person, an expired
 * or used challenge, a wrong signature, and a counter that did not grow: the authenticator may have been copied.
 */
export async function useAssertion(
    ctx: ActionContext,
    side: Side,
    subject: Subject,
    assertion: Assertion,
): Promise<store.LivePasskey> {
    const realNow = ctx.services.realNow()
    const challenge = challengeIn(assertion.clientDataJSON)
    const expiresAt = expiryOf(challenge, subject, challengeKey(ctx.services), realNow) ?? refuseAssertion()
    const id = Buffer.from(assertion.id, "base64url")
    await lockPerson(ctx.tx, (await store.findPersonOf(ctx.tx, id)) ?? refuseAssertion())
    const passkey = (await store.lockPasskey(ctx.tx, id)) ?? refuseAssertion()
    if ((passkey.partner === null) !== (side === "console")) refuseAssertion()
    if ("person" in subject && subject.person !== passkey.person) refuseAssertion()
    const counter = await verifyAssertion(assertion, loadRelyingParty(ctx, side), passkey)
    if (!(await store.insertUsedChallenge(ctx.tx, hashOf(challenge), expiresAt, realNow))) refuseAssertion()
    await store.markUsed(ctx.tx, passkey.id, counter, realNow)
    return passkey
}

/** Signs in with a passkey and returns the secret of the session. */
export async function signInWithPasskey(ctx: ActionContext, side: Side, assertion: Assertion): Promise<string> {
    const { person } = await useAssertion(ctx, side, { purpose: "sign_in", side }, assertion)
    return await issueCredential(ctx, person, "session")
}

/** Checks the assertion over these approvals, and returns it as it is kept beside each. */
export async function checkSignature(
    ctx: ActionContext,
    approvals: readonly SignedEffects[],
    assertion: Assertion,
): Promise<StoredSignature> {
    const person = personOf(ctx.actor) ?? ""
    const passkey = await useAssertion(ctx, "console", { purpose: "sign_approvals", person, approvals }, assertion)
    const { clientDataJSON, authenticatorData, signature } = assertion
    return {
        approvals,
        person,
        passkey: passkey.id.toString("base64url"),
        publicKey: passkey.publicKey.toString("base64url"),
        clientDataJSON,
        authenticatorData,
        signature,
    }
}

/** Adds, lists and removes a person's passkeys. */
import { refuse } from "@tocsin/base/refusal"
import { type ActionContext, record } from "../../../../kernel/action-context.ts"
import { personOf } from "../../../../kernel/actor.ts"
import { decryptText, encryptText } from "../../../../platform/crypto/vault.ts"
import { hasHiddenCharacters } from "@tocsin/base/visible-text"
import { loadPresentPerson } from "../../actions/load-people.ts"
import { endOtherSessions, lockPerson } from "../../store.ts"
import type { Assertion, Registration } from "../passkey.ts"
import * as store from "../store.ts"
import { assertOwnSession, assertWholeSession, endCredentials, hashOf } from "../../actions/sign-in.ts"
import { challengeMs, expiryOf } from "./challenges.ts"
import { algorithms, challengeIn, refuseAssertion, userHandleOf, verifyRegistration } from "./verify-browser.ts"
import { challengeFor, challengeKey, loadRelyingParty, sideOf, useAssertion } from "./use-passkey.ts"

export const nameMax = 60
/** Limit of one person. */
export const passkeysMax = 20

/** A passkey as its person sees it. */
export interface Passkey {
    readonly id: string
    readonly name: string
    readonly createdAt: number
    readonly lastUsedAt: number | null
    /** Whether its provider keeps a copy, for example in an account. */
    readonly isBackedUp: boolean
}

/** Lists the caller's passkeys, oldest first. */
export async function listCallerPasskeys(ctx: ActionContext): Promise<Passkey[]> {
    const passkeys: Passkey[] = []
    for (const row of await store.listPasskeys(ctx.tx, personOf(ctx.actor) ?? "")) {
        const { createdAt, lastUsedAt, isBackedUp } = row
        const id = row.id.toString("base64url")
        passkeys.push({ id, name: await decryptName(ctx, row), createdAt, lastUsedAt, isBackedUp })
    }
    return passkeys
}

/** Counts the passkeys of staff, by person. */
export async function countStaffPasskeys({ tx }: ActionContext): Promise<ReadonlyMap<string, number>> {
    return new Map((await store.countPasskeysOfStaff(tx)).map(({ person, passkeys }) => [person, passkeys]))
}

/**
 * Options with which a browser makes a new passkey (`PublicKeyCredentialCreationOptionsJSON`).
 *
 * A session from a link adds only the first passkey. A later one needs an assertion of a passkey that the person has,
 * so that a stolen link or session adds none. Single sign-on does not add the first one, because an attacker with the
 * provider could then sign. A token adds none at all.
 */
export async function registrationOptions(ctx: ActionContext, session: Buffer | null, assertion?: Assertion) {
    const { id: rpId } = loadRelyingParty(ctx, sideOf(ctx))
    const person = await loadPresentPerson(ctx, personOf(ctx.actor) ?? "")
    await lockPerson(ctx.tx, person.id)
    await assertWholeSession(ctx, session)
    const passkeys = (await store.listPasskeys(ctx.tx, person.id)).map(({ id }) => id.toString("base64url"))
    if (!(passkeys.length < passkeysMax)) {
        refuse("conflict", "passkey.too_many", `a person has \`${passkeysMax}\` passkeys at most: remove one first`, {
            max: passkeysMax,
        })
    }
    if (passkeys.length > 0) await confirmChange(ctx, assertion)
    else await assertOwnSession(ctx, session)
    return {
        rp: { id: rpId, name: "Tocsin" },
        user: { id: userHandleOf(person.id), name: person.mail, displayName: person.name },
        challenge: challengeFor(ctx, { purpose: "add_passkey", person: person.id, passkeys }),
        pubKeyCredParams: algorithms.map((alg) => ({ type: "public-key" as const, alg })),
        timeout: challengeMs,
        attestation: "none" as const,
        excludeCredentials: passkeys.map((id) => ({ type: "public-key" as const, id })),
        authenticatorSelection: {
            residentKey: "required" as const,
            requireResidentKey: true,
            userVerification: "required" as const,
        },
    }
}

/** Checks the assertion of the caller for one change of how it signs in. */
async function confirmChange(ctx: ActionContext, assertion: Assertion | undefined): Promise<void> {
    if (assertion === undefined)
        refuse("forbidden", "passkey.confirmation_needed", "this change is not confirmed: confirm it with your passkey")
    const person = personOf(ctx.actor) ?? ""
    await useAssertion(ctx, sideOf(ctx), { purpose: "change_passkeys", person }, assertion)
}

/**
 * Adds a passkey to the caller. Its challenge counts only while the person has the passkeys for which it was made.
 * Refuses what `verifyRegistration` refuses.
 */
export async function addPasskey(
    ctx: ActionContext,
    session: Buffer | null,
    { name, registration }: { readonly name: string; readonly registration: Registration },
): Promise<string> {
    const person = personOf(ctx.actor) ?? ""
    assertName(name)
    await lockPerson(ctx.tx, person)
    await assertWholeSession(ctx, session)
    const passkeys = (await store.listPasskeys(ctx.tx, person)).map(({ id }) => id.toString("base64url"))
    if (passkeys.length === 0) await assertOwnSession(ctx, session)
    const realNow = ctx.services.realNow()
    const challenge = challengeIn(registration.clientDataJSON)
    const subject = { purpose: "add_passkey", person, passkeys } as const
    const expiresAt = expiryOf(challenge, subject, challengeKey(ctx.services), realNow) ?? refuseAssertion()
    const { id, ...verified } = await verifyRegistration(registration, loadRelyingParty(ctx, sideOf(ctx)))
    if (!(await store.insertUsedChallenge(ctx.tx, hashOf(challenge), expiresAt, realNow))) refuseAssertion()
    const nameCiphertext = await encryptText(ctx.tx, ctx.services.keys, `person:${person}`, placeOf(id), name.trim())
    const transports = [...registration.transports]
    const row = { id, person, ...verified, transports, nameCiphertext, createdAt: realNow }
    if (!(await store.insertPasskey(ctx.tx, row))) {
        refuse("conflict", "passkey.known", "this passkey is in use already: use another authenticator")
    }
    const passkey = id.toString("base64url")
    await record(ctx, {
        kind: "passkey.added",
        person,
        passkey,
        publicKey: verified.publicKey.toString("base64url"),
    })
    return passkey
}

/**
 * Removes a passkey of the caller, and ends the caller's other sessions and links: its device may be lost. Refuses
 * `passkey.last`: the person could not sign in again.
 */
export async function removePasskey(
    ctx: ActionContext,
    session: Buffer | null,
    { id, assertion }: { readonly id: string; readonly assertion: Assertion },
): Promise<void> {
    const person = personOf(ctx.actor) ?? ""
    await lockPerson(ctx.tx, person)
    await assertWholeSession(ctx, session)
    const bytes = Buffer.from(id, "base64url")
    const passkeys = await store.listPasskeys(ctx.tx, person)
    if (!passkeys.some((passkey) => passkey.id.equals(bytes))) {
        refuse("missing", "passkey.not_found", "you have no passkey with this id")
    }
    if (passkeys.length === 1) refuse("conflict", "passkey.last", "this is your last passkey: add another one first")
    await confirmChange(ctx, assertion)
    const realNow = ctx.services.realNow()
    await store.endPasskey(ctx.tx, person, bytes, realNow)
    await record(ctx, { kind: "passkey.removed", person, passkey: bytes.toString("base64url") })
    await endOtherSessions(ctx.tx, person, session ?? Buffer.alloc(0), realNow)
    await record(ctx, { kind: "credential.ended", person, credentialKind: "session" })
}

/** Checks an assertion of the caller where it has a passkey, so that a stolen session adds no way to sign in. */
export async function confirmIfPossible(ctx: ActionContext, assertion: Assertion | undefined): Promise<void> {
    const passkeys = await store.listPasskeys(ctx.tx, personOf(ctx.actor) ?? "")
    if (passkeys.length > 0) await confirmChange(ctx, assertion)
}

/** Ends a passkey by its id (hex), after a restore that lost this end. False where it is unknown or has ended. */
export async function endPasskeyAfterRestore(ctx: ActionContext, id: string): Promise<boolean> {
    const passkey = await store.lockPasskey(ctx.tx, Buffer.from(id, "hex"))
    if (passkey === undefined) return false
    await store.endPasskey(ctx.tx, passkey.person, passkey.id, ctx.services.realNow())
    await record(ctx, { kind: "passkey.removed", person: passkey.person, passkey: passkey.id.toString("base64url") })
    // A session that is left could add the first passkey again.
    await endCredentials(ctx, passkey.person)
    return true
}

function assertName(name: string): void {
    const isValid = name.trim().length > 0 && name.length <= nameMax && !hasHiddenCharacters(name)
    if (!isValid)
        refuse("invalid", "passkey.bad_name", `name the passkey with 1 to ${nameMax} visible characters`, {
            max: nameMax,
        })
}

const placeOf = (id: Buffer): string => `passkeys.name:${id.toString("base64url")}`

async function decryptName(ctx: ActionContext, { id, person, nameCiphertext }: store.PasskeyRow): Promise<string> {
    return await decryptText(ctx.tx, ctx.services.keys, `person:${person}`, placeOf(id), nameCiphertext)
}

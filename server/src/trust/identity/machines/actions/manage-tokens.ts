/** Issues, lists, rotates and ends a person's tokens. */
import { refuse } from "@tocsin/base/refusal"
import { type ActionContext, record } from "../../../../kernel/action-context.ts"
import { personOf } from "../../../../kernel/actor.ts"
import { decryptText } from "../../../../platform/crypto/vault.ts"
import { endCredential, isSession, lockPerson } from "../../store.ts"
import { assertNetworks } from "../../credential-limits.ts"
import { assertWholeSession, assertAllRoles, issueCredential, tokenNamePlace } from "../../actions/sign-in.ts"
import { type NewToken, lifetimeMsOf, overlapMsOf, tokenName, tokensMax } from "../token.ts"
import { lastUsePlace } from "./collect-uses.ts"
import * as store from "../store.ts"

/** A token as its person sees it. */
export interface Token extends Omit<store.TokenRow, "hash" | "nameCiphertext" | "lastUsedFromCiphertext"> {
    /** Null for a token of the demonstration. */
    readonly name: string | null
    readonly lastUsedFrom: string | null
}

/** Lists the caller's valid tokens without secrets, oldest first. */
export async function listCallerTokens(ctx: ActionContext): Promise<Token[]> {
    const person = personOf(ctx.actor) ?? ""
    const tokens: Token[] = []
    for (const row of await store.listTokens(ctx.tx, person, ctx.services.realNow())) {
        const { hash: _, nameCiphertext, lastUsedFromCiphertext, ...token } = row
        const open = async (place: string, ciphertext: Buffer | null) =>
            ciphertext && (await decryptText(ctx.tx, ctx.services.keys, `person:${person}`, place, ciphertext))
        const name = await open(tokenNamePlace(token.id), nameCiphertext)
        tokens.push({ ...token, name, lastUsedFrom: await open(lastUsePlace(token.id), lastUsedFromCiphertext) })
    }
    return tokens
}

/**
 * Issues a named token to the caller and returns its secret, which is shown once. Refuses `identity.bad_token_name`,
 * `identity.bad_network`, `identity.too_many_tokens`, and `identity.session_needed` for a token: the new token would
 * outlast it.
 */
export async function issueToken(ctx: ActionContext, session: Buffer | null, token: NewToken): Promise<string> {
    const { name, days, ...limits } = token
    const person = personOf(ctx.actor) ?? ""
    await lockPerson(ctx.tx, person)
    await assertWholeSession(ctx, session)
    assertNetworks(limits.networks)
    const options = { name: tokenName(name), lifetimeMs: lifetimeMsOf(days), limits }
    await assertRoom(ctx, person)
    return await issueCredential(ctx, person, "token", options)
}

/** Refuses `identity.too_many_tokens`. Call it behind the person's lock. */
async function assertRoom(ctx: ActionContext, person: string): Promise<void> {
    const { length } = await store.listTokens(ctx.tx, person, ctx.services.realNow())
    if (length < tokensMax) return
    refuse("conflict", "identity.too_many_tokens", `a person has \`${tokensMax}\` tokens at most: revoke one first`, {
        max: tokensMax,
    })
}

/**
 * Replaces a token by one with the same name, scopes and limits, and returns its secret. The old one remains valid for
 * the overlap.
 *
 * A token rotates only itself, and the new one ends when the old one would have ended: a thief gains no time. A session
 * gives the new one the old one's whole lifetime again.
 */
export async function rotateToken(
    ctx: ActionContext,
    credential: Buffer | null,
    { id, hours }: { readonly id: string; readonly hours: number },
): Promise<string> {
    const { tx, services } = ctx
    const person = personOf(ctx.actor) ?? ""
    const realNow = services.realNow()
    await lockPerson(tx, person)
    if (hours > 0) await assertRoom(ctx, person)
    const old = (await store.lockToken(tx, person, id, realNow)) ?? refuseUnknownToken()
    await assertAllRoles(ctx, credential)
    const bySession = credential !== null && (await isSession(tx, credential, realNow))
    if (!bySession && !(credential !== null && old.hash.equals(credential))) {
        refuse("forbidden", "identity.session_needed", "a token rotates only itself: sign in with a browser")
    }
    const name = (await listCallerTokens(ctx)).find((token) => token.id === id)?.name ?? null
    const lifetimeMs = old.expiresAt - (bySession ? old.createdAt : realNow)
    const { scopes, networks, key, certificate } = old
    const limits = { scopes, networks, key, certificate }
    const secret = await issueCredential(ctx, person, "token", { name, lifetimeMs, limits })
    const endsAt = realNow + overlapMsOf(hours)
    if (hours === 0) await endCredential(tx, old.hash, realNow)
    else await store.shortenToken(tx, old.hash, endsAt)
    await record(ctx, { kind: "credential.rotated", person, overlapHours: hours })
    return secret
}

/** Ends a token of the caller, and the tokens that were exchanged for it. */
export async function endCallerToken(ctx: ActionContext, id: string): Promise<void> {
    const person = personOf(ctx.actor) ?? ""
    await lockPerson(ctx.tx, person)
    const realNow = ctx.services.realNow()
    const token = (await store.lockToken(ctx.tx, person, id, realNow)) ?? refuseUnknownToken()
    await endCredential(ctx.tx, token.hash, realNow)
    await record(ctx, { kind: "credential.ended", person, credentialKind: "token" })
}

function refuseUnknownToken(): never {
    refuse("missing", "identity.token_not_found", "no valid token with this id")
}

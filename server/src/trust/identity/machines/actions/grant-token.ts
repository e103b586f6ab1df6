/** Grants tokens of ten minutes: to machine clients (RFC 7523), and in exchange for a token (RFC 8693). */
import { type JWK, decodeJwt, importJWK, jwtVerify } from "jose"
import { dayMs } from "@tocsin/base/instant"
import { refuse } from "@tocsin/base/refusal"
import type { ActionContext } from "../../../../kernel/action-context.ts"
import { type Scope, scopes as allScopes } from "../../../../models/scopes.ts"
import type { Sender } from "../../../../models/sender.ts"
import { fitsSender, isInside } from "../../credential-limits.ts"
import { hashOf, issueCredential } from "../../actions/sign-in.ts"
import * as store from "../store.ts"
import { accessTokenType, assertionType, exchangeGrant, tokenPath } from "../token.ts"
import { proofAlgorithms } from "./verify-proof.ts"

const lifetimeMs = 10 * 60_000
const assertionMsMax = 5 * 60_000
const toleranceMs = 30_000
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

export interface GrantRequest {
    readonly grant_type: string
    readonly scope?: string
    readonly client_id?: string
    readonly client_assertion_type?: string
    readonly client_assertion?: string
    readonly subject_token?: string
    readonly subject_token_type?: string
}

export interface Grant {
    readonly secret: string
    readonly scopes: readonly Scope[]
    /** Whether the token needs a proof with each request. */
    readonly isBound: boolean
    readonly seconds: number
}

/** Grants a token. Refuses with the codes of RFC 6749 and RFC 9449, after `oauth.`. */
export async function grantToken(ctx: ActionContext, request: GrantRequest, sender: Sender): Promise<Grant> {
    if (sender.hasBadProof) refuseProof()
    if (request.grant_type === "client_credentials") return await grantToClient(ctx, request, sender)
    if (request.grant_type === exchangeGrant) return await exchangeToken(ctx, request, sender)
    return refuse(
        "invalid",
        "oauth.unsupported_grant_type",
        "this grant type is not supported: use `client_credentials` or a token exchange",
    )
}

/** Marks the proof of the request as used and returns its key; null without a proof. */
async function useProof({ tx, services }: ActionContext, { proof }: Sender): Promise<string | null> {
    if (proof === null) return null
    if (await store.markUsed(tx, proof.hash, proof.expiresAt, services.realNow())) return proof.key
    return refuseProof()
}

function refuseProof(): never {
    refuse("invalid", "oauth.invalid_dpop_proof", "the proof does not count: sign a new one for this request")
}

async function grantToClient(ctx: ActionContext, request: GrantRequest, sender: Sender): Promise<Grant> {
    const { tx, services } = ctx
    const realNow = services.realNow()
    const client = await authenticateClient(ctx, request)
    if (!isInside(client.networks, sender.address) || client.partner === null) refuseClient()
    const scopes = scopesIn(request.scope ?? client.scopes.join(" "), client.scopes)
    const key = await useProof(ctx, sender)
    await store.markClientUsed(tx, client.id, realNow)
    await store.deleteExpiredShortTokens(tx, client.person, realNow - dayMs)
    const limits = { scopes, networks: client.networks, key, certificate: null }
    const secret = await issueCredential(ctx, client.person, "token", { lifetimeMs, limits, client: client.id })
    return { secret, scopes, isBound: key !== null, seconds: lifetimeMs / 1000 }
}

/** Finds the client of an assertion and locks it. Every fault gets the same answer. */
async function authenticateClient(ctx: ActionContext, request: GrantRequest): Promise<store.PresentClient> {
    const { client_assertion: assertion = "", client_assertion_type: type, client_id: named } = request
    const id = issuerOf(assertion)
    if (type !== assertionType || id === null || (named !== undefined && named !== id)) refuseClient()
    const client = (await store.lockClient(ctx.tx, id)) ?? refuseClient()
    const realNow = ctx.services.realNow()
    const claims = await verifyAssertion(ctx, assertion, client)
    const expiresAt = (claims?.exp ?? 0) * 1000
    const { jti } = claims ?? {}
    if (typeof jti !== "string" || jti === "" || jti.length > 256 || expiresAt > realNow + assertionMsMax)
        refuseClient()
    const hash = hashOf(JSON.stringify(["assertion", id, jti]))
    if (!(await store.markUsed(ctx.tx, hash, expiresAt + toleranceMs, realNow))) refuseClient()
    return client
}

function issuerOf(assertion: string): string | null {
    try {
        const { iss } = decodeJwt(assertion)
        return iss !== undefined && uuid.test(iss) ? iss : null
    } catch {
        return null
    }
}

async function verifyAssertion({ services }: ActionContext, assertion: string, client: store.ClientRow) {
    const { portalOrigin } = services
    for (const jwk of client.keys as readonly JWK[]) {
        const alg = jwk.kty === "EC" ? "ES256" : "EdDSA"
        const verified = await jwtVerify(assertion, await importJWK(jwk, alg), {
            algorithms: proofAlgorithms.filter((known) => known === alg),
            issuer: client.id,
            subject: client.id,
            audience: [portalOrigin, `${portalOrigin}${tokenPath}`],
            requiredClaims: ["exp", "jti"],
            clockTolerance: toleranceMs / 1000,
            currentDate: new Date(services.realNow()),
        }).catch(() => null)
        if (verified !== null) return verified.payload
    }
    return null
}

function refuseClient(): never {
    refuse(
        "invalid",
        "oauth.invalid_client",
        "the client assertion does not count: sign a new one with a registered key",
    )
}

/**
 * Exchanges a token that its person made for one with some of its scopes. The new token ends with the first. A granted
 * or exchanged token cannot be exchanged.
 */
async function exchangeToken(ctx: ActionContext, request: GrantRequest, sender: Sender): Promise<Grant> {
    const realNow = ctx.services.realNow()
    const { subject_token: subject = "", subject_token_type: type = "", scope = "" } = request
    if (type !== accessTokenType) refuseSubject()
    const key = await useProof(ctx, sender)
    const token = (await store.lockSubjectToken(ctx.tx, hashOf(subject), realNow)) ?? refuseSubject()
    // A proof binds the new token. A bound token needs a proof of its own key.
    const isUnbound = token.key === null
    if (!fitsSender(token, { ...sender, key: isUnbound ? null : key })) refuseSubject()
    const scopes = scopesIn(scope, token.scopes)
    const lifetime = Math.min(lifetimeMs, token.expiresAt - realNow)
    await store.deleteExpiredShortTokens(ctx.tx, token.person, realNow - dayMs)
    const { networks, certificate, hash: parent } = token
    const limits = { scopes, networks, key, certificate }
    const secret = await issueCredential(ctx, token.person, "token", { lifetimeMs: lifetime, limits, parent })
    return { secret, scopes, isBound: key !== null, seconds: Math.floor(lifetime / 1000) }
}

function refuseSubject(): never {
    refuse("invalid", "oauth.invalid_grant", "this token cannot be exchanged: send a valid one that a person made")
}

/** Reads scopes. Refuses any that the caller does not have, and none at all. */
function scopesIn(text: string, granted: readonly Scope[]): Scope[] {
    const names = new Set(text.split(" ").filter((name) => name !== ""))
    const scopes = allScopes.filter((scope) => names.has(scope) && granted.includes(scope))
    if (scopes.length > 0 && scopes.length === names.size) return scopes
    refuse("invalid", "oauth.invalid_scope", "these scopes are not granted: ask for some that the client or token has")
}

/**
 * Speaks with an identity provider by OpenID Connect: authorization code flow with PKCE, and back-channel logout.
 *
 * Only the configured issuer counts. Tokens need an asymmetric signature of a key that the provider publishes.
 * Libraries are loaded on first use. A fault of the provider or of a stranger is returned as an outcome, not thrown.
 */
import type { RemoteJWKSet } from "jose"
import type { Configuration, ServerMetadata } from "openid-client"
import type { OperatorRole, PartnerRole } from "../../kernel/actor.ts"
import { HostUnreachable, isSecureAddress, openNamedHostFetch } from "../outgoing/named-host-fetch.ts"

export interface ProviderSettings {
    /** The provider's name in addresses and in the audit log. */
    readonly id: string
    /** The name that people see. */
    readonly name: string
    readonly issuer: string
    readonly clientId: string
    readonly clientSecret: string
    /** Staff, or partners' people whose mail address is in one of these domains. */
    readonly for: "staff" | { readonly domains: readonly string[] }
    /** Which roles each group allows; null: all roles that the person has. */
    readonly roles: Readonly<Record<string, readonly (OperatorRole | PartnerRole)[]>> | null
    readonly scope: string
    /** The secret with which the provider may end people's access by SCIM; absent: it may not. */
    readonly scimSecret?: string | undefined
}

/** The secrets that bind an answer of the provider to one request of one browser. */
export interface SignOnSecrets {
    readonly state: string
    readonly nonce: string
    /** Of PKCE (RFC 7636). */
    readonly verifier: string
}

/** The account that signed in at the provider. */
export interface SignOnIdentity {
    readonly subject: string
    /** The provider's session, where it names one. */
    readonly session: string | null
    readonly groups: readonly string[]
}

/** The sessions that a provider ends. */
export interface LogoutClaims {
    readonly subject: string | null
    readonly session: string | null
    /** The token's own id. */
    readonly id: string
}

/** `unavailable`: the provider does not answer, or not as it should. `reason` is for the operator's log. */
export type Outcome<T> =
    | { readonly result: "done"; readonly value: T }
    | { readonly result: "refused" | "unavailable"; readonly reason: string }

export interface IdentityProvider {
    readonly settings: ProviderSettings
    /** The address at which the person signs in. */
    startAt(redirectUri: string, secrets: SignOnSecrets): Promise<Outcome<string>>
    /** Redeems the code in the address to which the provider sent the browser back. */
    redeem(address: URL, secrets: SignOnSecrets): Promise<Outcome<SignOnIdentity>>
    /** Checks a logout token (OpenID Connect Back-Channel Logout 1.0). `now` is wall-clock time. */
    checkLogout(token: string, now: number): Promise<Outcome<LogoutClaims>>
}

const secondsMax = 5
const discoveryMs = { reuse: 10 * 60_000, retry: 5_000 }
/** Maximum number of sign-ins that are checked at once. Further ones are refused as `unavailable`. */
const redeemedMax = 32
const groupsMax = 1_000
const logoutSecondsMax = 120
/** Never `none`, and never an algorithm whose key is the client's secret. */
const algorithms = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519"]

const done = <T>(value: T): Outcome<T> => ({ result: "done", value })
const unavailable = (error: unknown) => ({ result: "unavailable" as const, reason: reasonOf(error) })
const refused = (error: unknown) => ({ result: "refused" as const, reason: reasonOf(error) })

/** Names a fault by its code or class: messages can contain what a stranger sent. */
function reasonOf(error: unknown): string {
    if (!(error instanceof Error)) return "unknown"
    return "code" in error && typeof error.code === "string" ? error.code : error.constructor.name
}

export function openIdentityProvider(settings: ProviderSettings): IdentityProvider {
    const loadMetadata = keepMetadata(settings, () => performance.now())
    let redeeming = 0
    const redeem: IdentityProvider["redeem"] = async (address, secrets) => {
        if (redeeming >= redeemedMax) return unavailable(new HostUnreachable())
        redeeming += 1
        try {
            const metadata = await loadMetadata()
            return await redeemCode({ settings, metadata }, address, secrets)
        } catch (error) {
            return unavailable(error)
        } finally {
            redeeming -= 1
        }
    }
    return {
        settings,
        redeem,
        startAt: async (redirectUri, secrets) => {
            try {
                return done(await addressOf({ settings, metadata: await loadMetadata() }, redirectUri, secrets))
            } catch (error) {
                return unavailable(error)
            }
        },
        checkLogout: openLogoutCheck(settings, loadMetadata),
    }
}

/** Loads the discovery document. It is kept for minutes, and a failure for seconds. */
function keepMetadata({ issuer, clientId }: ProviderSettings, now: () => number): () => Promise<ServerMetadata> {
    let known: { readonly until: number; readonly metadata: Promise<ServerMetadata> } | null = null
    const load = async (): Promise<ServerMetadata> => {
        const { customFetch, discovery } = await import("openid-client")
        const config = await discovery(new URL(issuer), clientId, undefined, undefined, {
            [customFetch]: openNamedHostFetch(issuer),
            timeout: secondsMax,
            execute: await exceptionsFor(issuer),
        })
        // Removes the methods that the library adds.
        const metadata = JSON.parse(JSON.stringify(config.serverMetadata())) as ServerMetadata
        const { authorization_endpoint: opened = "", token_endpoint: token = "", jwks_uri: keys = "" } = metadata
        const isUsable = metadata.issuer === issuer && [opened, token, keys].every(isSecureAddress)
        if (!isUsable) throw new HostUnreachable("this is another provider's document")
        const offered = metadata.id_token_signing_alg_values_supported ?? ["RS256"]
        const signed = offered.filter((algorithm) => algorithms.includes(algorithm))
        if (signed.length === 0) throw new HostUnreachable("no signature that counts")
        return { ...metadata, id_token_signing_alg_values_supported: signed }
    }
    return () => {
        if (known !== null && now() < known.until) return known.metadata
        const metadata = load()
        known = { until: now() + discoveryMs.reuse, metadata }
        metadata.catch(() => (known = { until: now() + discoveryMs.retry, metadata }))
        return metadata
    }
}

/** A provider on this machine may have no https. */
async function exceptionsFor(issuer: string): Promise<((client: Configuration) => void)[]> {
    if (!issuer.startsWith("http:")) return []
    // oxlint-disable-next-line typescript/no-deprecated -- marked so that it stands out
    return [(await import("openid-client")).allowInsecureRequests]
}

interface Party {
    readonly settings: ProviderSettings
    readonly metadata: ServerMetadata
}

/** Makes a client without kept keys: each sign-in reads the provider's present keys. */
async function clientOf({ settings, metadata }: Party): Promise<Configuration> {
    const { issuer, clientId, clientSecret } = settings
    const library = await import("openid-client")
    const { token_endpoint_auth_methods_supported: methods = ["client_secret_basic"] } = metadata
    const authentication = methods.includes("client_secret_basic")
        ? library.ClientSecretBasic(clientSecret)
        : library.ClientSecretPost(clientSecret)
    const client = new library.Configuration(metadata, clientId, { client_secret: clientSecret }, authentication)
    client.timeout = secondsMax
    library.enableNonRepudiationChecks(client)
    for (const allow of await exceptionsFor(issuer)) allow(client)
    return client
}

async function addressOf(party: Party, redirectUri: string, { state, nonce, verifier }: SignOnSecrets) {
    const { buildAuthorizationUrl, calculatePKCECodeChallenge } = await import("openid-client")
    return buildAuthorizationUrl(await clientOf(party), {
        redirect_uri: redirectUri,
        scope: party.settings.scope,
        state,
        nonce,
        code_challenge: await calculatePKCECodeChallenge(verifier),
        code_challenge_method: "S256",
    }).href
}

async function redeemCode(
    party: Party,
    address: URL,
    { state, nonce, verifier }: SignOnSecrets,
): Promise<Outcome<SignOnIdentity>> {
    const library = await import("openid-client")
    const client = await clientOf(party)
    const send = openNamedHostFetch(party.settings.issuer)
    let fault: HostUnreachable | null = null
    client[library.customFetch] = async (...request) => {
        try {
            return await send(...request)
        } catch (error) {
            fault = error instanceof HostUnreachable ? error : new HostUnreachable()
            throw error
        }
    }
    try {
        const checks = { expectedState: state, expectedNonce: nonce, pkceCodeVerifier: verifier, idTokenExpected: true }
        const claims = (await library.authorizationCodeGrant(client, address, checks)).claims()
        if (claims === undefined || claims.sub === "") return refused(new HostUnreachable())
        const { sub: subject, sid, groups } = claims
        return done({ subject, session: textOf(sid), groups: textsOf(groups) })
    } catch (error) {
        if (fault !== null) return unavailable(fault)
        const isOurFault = error instanceof Error && "error" in error && error.error === "invalid_client"
        return isOurFault ? { result: "unavailable", reason: "invalid_client" } : refused(error)
    }
}

const textOf = (value: unknown): string | null => (typeof value === "string" && value !== "" ? value : null)

/** Anything but a list of texts counts as no group. */
function textsOf(value: unknown): readonly string[] {
    if (!Array.isArray(value) || value.length > groupsMax) return []
    return value.filter((item: unknown) => typeof item === "string")
}

const logoutEvent = "http://schemas.openid.net/event/backchannel-logout"

function openLogoutCheck(
    { issuer, clientId }: ProviderSettings,
    loadMetadata: () => Promise<ServerMetadata>,
): IdentityProvider["checkLogout"] {
    let known: { readonly address: string; readonly keys: RemoteJWKSet } | null = null
    const loadKeys = async () => {
        const { createRemoteJWKSet, customFetch } = await import("jose")
        const { jwks_uri: address = "" } = await loadMetadata()
        if (known?.address === address) return known.keys
        const send = openNamedHostFetch(issuer)
        // Unknown keys cause two requests a minute at most.
        const keys = createRemoteJWKSet(new URL(address), { cooldownDuration: 30_000, [customFetch]: send })
        known = { address, keys }
        return keys
    }
    return async (token, now) => {
        const { jwtVerify } = await import("jose")
        try {
            const keys = await loadKeys()
            const { payload } = await jwtVerify(token, keys, {
                issuer,
                audience: clientId,
                algorithms,
                requiredClaims: ["iat", "jti", "events"],
                maxTokenAge: logoutSecondsMax,
                clockTolerance: 30,
                currentDate: new Date(now),
            })
            const { sub, sid, jti, nonce, events } = payload
            const claims = { subject: textOf(sub), session: textOf(sid), id: textOf(jti) ?? "" }
            const isLogout = typeof events === "object" && events !== null && logoutEvent in events
            const hasTarget = claims.subject !== null || claims.session !== null
            if (!isLogout || nonce !== undefined || !hasTarget || claims.id === "") return refused(new Error())
            return done(claims)
        } catch (error) {
            return error instanceof HostUnreachable ? unavailable(error) : refused(error)
        }
    }
}

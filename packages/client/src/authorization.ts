/**
 * Authorizes requests: with a token, with the short tokens of a machine client (RFC 7523), and with a proof of a key
 * for each request (DPoP, RFC 9449).
 */
import { refuse } from "@tocsin/base/refusal"
import { type Authorization, type Connection, readObject, sendRequest } from "./requests.ts"
import { type SigningKey, digestOf } from "./signing-key.ts"

/** A machine client, whose public key is registered at the portal. It gets tokens of some minutes. */
export interface MachineClient {
    /** Its `client_id`. */
    readonly id: string
    readonly key: SigningKey
}

/** Authorizes with this token or machine client, and with proofs of the key if there is one. */
export function authorize(
    credential: string | MachineClient,
    dpopKey: SigningKey | undefined,
    now: () => number,
): Authorization {
    const source = typeof credential === "string" ? null : tokensOf(credential, dpopKey, now)
    const token = typeof credential === "string" ? parseToken(credential) : ""
    return {
        headersFor: async (connection, method, url) => {
            const secret = source === null ? token : await source.load(connection)
            if (dpopKey === undefined) return { authorization: `Bearer ${secret}` }
            const ath = await digestOf(secret)
            return { authorization: `DPoP ${secret}`, dpop: await signProof(dpopKey, { method, url, ath }, now()) }
        },
        forgetToken: () => source !== null && source.forget(),
    }
}

function parseToken(token: string): string {
    if (/^[A-Za-z0-9_-]{40,64}$/.test(token)) return token
    return refuse("invalid", "client.bad_token", "this is not a token: give 40 to 64 letters, digits, `_` and `-`")
}

interface ProvenRequest {
    readonly method: string
    readonly url: URL
    /** The digest of the token; none in a request for a token. */
    readonly ath?: string
}

async function signProof(key: SigningKey, { method, url, ath }: ProvenRequest, now: number): Promise<string> {
    const htu = `${url.origin}${url.pathname}`
    const claims = { htm: method, htu, jti: crypto.randomUUID(), iat: Math.floor(now / 1000) }
    return await key.sign({ typ: "dpop+jwt", jwk: key.publicJwk }, { ...claims, ...(ath !== undefined && { ath }) })
}

const tokenPath = "/oauth/token"
const assertionSeconds = 120
/** A token is replaced this long before it ends. */
const marginMs = 30_000

interface ShortToken {
    readonly secret: string
    readonly replaceAt: number
}

/** The tokens of a machine client. Concurrent requests wait for the same one. */
function tokensOf(client: MachineClient, dpopKey: SigningKey | undefined, now: () => number) {
    let token: Promise<ShortToken> | null = null
    const fetchToken = async (connection: Connection): Promise<ShortToken> => {
        const { access_token: secret, expires_in: seconds } = await requestToken(
            { ...connection, authorization: proofOnly(dpopKey, now) },
            client,
            now,
        )
        return { secret: parseToken(secret), replaceAt: now() + seconds * 1000 - marginMs }
    }
    const begin = (connection: Connection) => {
        const next = fetchToken(connection)
        next.catch(() => {
            if (token === next) token = null
        })
        return next
    }
    return {
        load: async (connection: Connection): Promise<string> => {
            const known = token
            const current = await known
            if (current !== null && now() < current.replaceAt) return current.secret
            if (token === known || token === null) token = begin(connection)
            return (await token).secret
        },
        forget: (): boolean => {
            token = null
            return true
        },
    }
}

const proofOnly = (key: SigningKey | undefined, now: () => number): Authorization => ({
    headersFor: async (_, method, url) =>
        key === undefined ? {} : { dpop: await signProof(key, { method, url }, now()) },
    forgetToken: () => false,
})

interface TokenAnswer {
    readonly access_token: string
    readonly expires_in: number
}

async function requestToken(connection: Connection, { id, key }: MachineClient, now: () => number) {
    const audience = `${connection.url.origin}${connection.url.pathname.replace(/\/+$/, "")}${tokenPath}`
    const form = async () => {
        const iat = Math.floor(now() / 1000)
        const claims = { iss: id, sub: id, aud: audience, jti: crypto.randomUUID(), iat, exp: iat + assertionSeconds }
        return {
            grant_type: "client_credentials",
            client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            client_assertion: await key.sign({ typ: "JWT" }, claims),
        }
    }
    return await sendRequest(connection, { method: "POST", path: tokenPath, form }, (response) =>
        readObject<TokenAnswer>(response, ["access_token", "expires_in"], connection.limits.answerBytesMax),
    )
}

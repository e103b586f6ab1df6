/** A real OpenID provider on this machine, whose answers a test can change, and a browser that visits it. */
import { once } from "node:events"
import http, { type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { type CryptoKey, SignJWT, type JWTPayload, decodeJwt, exportJWK, generateKeyPair } from "jose"
import Provider, { type ClientMetadata, type Configuration } from "oidc-provider"

export interface TestAccount {
    readonly sub: string
    readonly groups?: unknown
    readonly email?: string
    readonly email_verified?: boolean
}

export interface TestProvider {
    readonly issuer: string
    /** Who signs in at the next visit. */
    account: TestAccount
    /** Changes the discovery document. */
    onDiscovery: (document: Record<string, unknown>) => unknown
    /** Replaces the ID token. */
    onToken: (token: string, claims: JWTPayload) => string | Promise<string>
    /** Whether it answers each request with 503. */
    isDown: boolean
    /** Requests so far, by path. */
    readonly requested: string[]
    /** Signs claims with the present key. */
    sign(claims: JWTPayload, header?: object): Promise<string>
    /** Signs with another key from now on. */
    rotateKey(): Promise<void>
    /** Logs a session out at each client, as the provider does. */
    logOut(client: string, sub: string, sid: string): Promise<void>
    close(): Promise<void>
}

interface Options {
    readonly clients: ClientMetadata[]
    /** Receives the back-channel requests of the provider. */
    readonly onLogout?: (address: string, body: string) => Promise<number>
    readonly port?: number
}

interface Signer {
    readonly kid: string
    readonly key: CryptoKey
    readonly provider: Provider
}

let keys = 0

export async function openTestProvider({ clients, onLogout, port = 0 }: Options): Promise<TestProvider> {
    let signer: Signer
    const server = http.createServer((request, response) => void answer(request, response))
    server.listen(port, "127.0.0.1")
    await once(server, "listening")
    const issuer = `http://localhost:${(server.address() as AddressInfo).port}`
    const makeSigner = async (): Promise<Signer> => {
        const kid = `key-${keys++}`
        const { privateKey: key } = await generateKeyPair("RS256", { extractable: true })
        const jwk = { ...(await exportJWK(key)), kid, alg: "RS256", use: "sig" }
        const provider = new Provider(issuer, configurationOf(clients, world, jwk, onLogout))
        return { kid, key, provider }
    }
    const world: TestProvider = {
        issuer,
        account: { sub: "nobody" },
        onDiscovery: (document) => document,
        onToken: (token) => token,
        isDown: false,
        requested: [],
        sign: (claims, header = {}) =>
            new SignJWT(claims).setProtectedHeader({ alg: "RS256", kid: signer.kid, ...header }).sign(signer.key),
        rotateKey: async () => void (signer = await makeSigner()),
        logOut: async (id, sub, sid) => {
            const client = await signer.provider.Client.find(id)
            await (
                client as unknown as { backchannelLogout(sub: string, sid: string): Promise<void> }
            ).backchannelLogout(sub, sid)
        },
        close: async () => {
            server.closeAllConnections()
            await new Promise((resolve) => server.close(resolve))
        },
    }
    async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
        const { pathname } = new URL(request.url ?? "", issuer)
        world.requested.push(pathname)
        if (world.isDown) return void response.writeHead(503).end()
        if (pathname.startsWith("/interaction/")) {
            await signer.provider.interactionFinished(request, response, { login: { accountId: world.account.sub } })
            return
        }
        const change = {
            "/.well-known/openid-configuration": (body: Record<string, unknown>) => world.onDiscovery(body),
            "/token": async (body: Record<string, unknown>) =>
                typeof body["id_token"] === "string"
                    ? { ...body, id_token: await world.onToken(body["id_token"], decodeJwt(body["id_token"])) }
                    : body,
        }[pathname]
        if (change) changeAnswer(response, change)
        await signer.provider.callback()(request, response)
    }
    signer = await makeSigner()
    return world
}

/** Replaces the body of a JSON answer. */
function changeAnswer(response: ServerResponse, change: (body: Record<string, unknown>) => unknown): void {
    const end = response.end.bind(response)
    response.end = ((piece?: string | Buffer) => {
        const text = piece?.toString() ?? ""
        void (async () => {
            const changed = JSON.stringify(await change(JSON.parse(text) as Record<string, unknown>))
            response.setHeader("content-length", Buffer.byteLength(changed))
            end(changed)
        })()
        return response
    }) as typeof response.end
}

function configurationOf(
    clients: ClientMetadata[],
    world: TestProvider,
    jwk: object,
    onLogout: Options["onLogout"],
): Configuration {
    return {
        clients,
        jwks: { keys: [jwk] },
        cookies: { keys: ["test"] },
        scopes: ["openid", "groups", "email"],
        claims: { openid: ["sub", "sid"], groups: ["groups"], email: ["email", "email_verified"] },
        conformIdTokenClaims: false,
        features: { devInteractions: { enabled: false }, backchannelLogout: { enabled: true } },
        interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
        findAccount: (_, id) => {
            const { sub: __, ...claims } = world.account
            return { accountId: id, claims: () => ({ ...claims, sub: id }) as never }
        },
        loadExistingGrant: async (ctx) => {
            const { client, session, provider } = ctx.oidc
            const grant = new provider.Grant({ clientId: client?.clientId ?? "", accountId: session?.accountId ?? "" })
            grant.addOIDCScope("openid groups email")
            await grant.save()
            return grant
        },
        fetch: async (input, init) => {
            const body = await new Request(input, init).text()
            const address = String(input instanceof Request ? input.url : input)
            return new Response(null, { status: (await onLogout?.(address, body)) ?? 404 })
        },
    }
}

/** Visits a provider until it sends the browser back to a page that is not its own. */
export async function visitProvider(address: string, cookies: Map<string, string> = new Map()): Promise<URL> {
    const { origin } = new URL(address)
    let next = new URL(address)
    for (let n = 0; n < 10; n++) {
        if (next.origin !== origin) return next
        const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join("; ")
        const response = await fetch(next, { redirect: "manual", headers: { cookie } })
        for (const line of response.headers.getSetCookie()) {
            const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? []
            if (value === "") cookies.delete(name)
            else cookies.set(name, value)
        }
        const location = response.headers.get("location")
        if (location === null) throw new Error(`the provider answers ${response.status}: ${await response.text()}`)
        next = new URL(location, next)
    }
    throw new Error("the provider redirects without end")
}

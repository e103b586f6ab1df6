/**
 * Sends every outgoing HTTP request: a small POST to an address that a partner entered.
 *
 * The address is not trusted. The host is resolved once per call, and the call is made only if every address is
 * public; that address is used. TLS is verified by name. Redirects are not followed, answers are not stored, and only
 * the class of the status is reported. The whole call takes five seconds at most. There is no proxy, cookie or kept
 * connection, and the environment changes none of this.
 */
import { Resolver } from "node:dns/promises"
import { request } from "node:http"
import { type TLSSocket, connect } from "node:tls"
import { isPublicAddress } from "../../models/public-address.ts"
import { type WebAddress, readWebAddress } from "../../models/web-address.ts"

/**
 * `refused`: refused by Tocsin because of the target, or by the server before the request. `withheld`: it may no longer
 * be sent.
 */
export type Outcome = "2xx" | "3xx" | "4xx" | "410" | "5xx" | "timeout" | "refused" | "withheld"

export interface Post {
    readonly address: string
    readonly headers: Readonly<Record<string, string>>
    readonly body: Uint8Array
    /** Checked before the first byte of the request. */
    readonly maySend: () => Promise<boolean>
}

export interface Outgoing {
    /** Sends the request. Never throws: each failure is an outcome. */
    post(post: Post): Promise<Outcome>
}

export interface Network {
    /** Returns all addresses of a name, IPv4 and IPv6. */
    readonly resolve: (name: string) => Promise<readonly string[]>
    /** Returns the target of a connection to port 443 of an address. */
    readonly dial: (address: string) => { readonly host: string; readonly port: number }
    /** Certificates that are trusted instead of the system's. */
    readonly trustedCertificates: string | undefined
    readonly msMax: number
}

const port = 443
const bodyBytesMax = 1024
const headerBytesMax = 8 * 1024
const answersMax = 32
const systemNetwork: Network = {
    resolve: addressesOf,
    dial: (host) => ({ host, port }),
    trustedCertificates: undefined,
    msMax: 5_000,
}

/** Opens the sender. Tests pass a network of their own; unsafe targets are refused before it is used. */
export function openOutgoing(overrides: Partial<Network> = {}): Outgoing {
    const network = { ...systemNetwork, ...overrides }
    return { post: (post) => postWithin(network, post) }
}

/** Refuses every call, for programs without outgoing requests. */
export const noOutgoing: Outgoing = { post: async () => "refused" }

/** Resolves a name by the system's name servers, without its hosts file. */
async function addressesOf(name: string): Promise<string[]> {
    const resolver = new Resolver({ timeout: 2_000, tries: 2 })
    const found = await Promise.allSettled([resolver.resolve4(name), resolver.resolve6(name)])
    return found.flatMap((promiseSettledResult) =>
        promiseSettledResult.status === "fulfilled" ? promiseSettledResult.value : [],
    )
}

/** Sends within the time limit. At its end, closes every open connection and prevents new ones. */
async function postWithin(network: Network, post: Post): Promise<Outcome> {
    const late = Promise.withResolvers<Outcome>()
    const closing = new AbortController()
    const timer = setTimeout(() => late.resolve("timeout"), network.msMax)
    const work = postTo(network, post, closing.signal).catch((): Outcome => "refused")
    try {
        return await Promise.race([work, late.promise])
    } finally {
        clearTimeout(timer)
        closing.abort()
    }
}

async function postTo(network: Network, post: Post, closing: AbortSignal): Promise<Outcome> {
    const address = readWebAddress(post.address)
    if (address === null) return "refused"
    const target = await resolvePublicAddress(network, address)
    if (target === null || closing.aborted) return "refused"
    const socket = await connectTls(network, address, target, closing)
    if (!(await post.maySend())) return "withheld"
    return socket.destroyed ? "refused" : await sendRequest(socket, address, post)
}

/** Returns the address to connect to; null unless all addresses of the name are public. */
async function resolvePublicAddress({ resolve }: Network, { host, isName }: WebAddress): Promise<string | null> {
    const answers = isName ? await resolve(host) : [host]
    const areAllPublic = answers.length > 0 && answers.length <= answersMax && answers.every(isPublicAddress)
    return areAllPublic ? (answers[0] ?? null) : null
}

async function connectTls(
    network: Network,
    { host, isName }: WebAddress,
    target: string,
    closing: AbortSignal,
): Promise<TLSSocket> {
    const socket = connect({
        ...network.dial(target),
        ...(isName && { servername: host }),
        ...(network.trustedCertificates !== undefined && { ca: network.trustedCertificates }),
        ALPNProtocols: ["http/1.1"],
        minVersion: "TLSv1.2",
        rejectUnauthorized: true,
    })
    closing.addEventListener("abort", () => socket.destroy())
    await new Promise<void>((resolve, reject) => {
        socket.once("secureConnect", resolve)
        // The listener stays, because a later error is reported by the request.
        socket.on("error", reject).once("close", () => reject(new Error("closed")))
    })
    return socket
}

/** Sends the request. Resolves when the answer's head has arrived and its body has ended or reached the limit. */
async function sendRequest(socket: TLSSocket, { host, isName, path }: WebAddress, post: Post): Promise<Outcome> {
    return await new Promise<Outcome>((resolve, reject) => {
        const outgoing = request({
            // A request with its own connection needs no agent.
            createConnection: () => socket,
            method: "POST",
            path,
            maxHeaderSize: headerBytesMax,
            headers: {
                host: isName || !host.includes(":") ? host : `[${host}]`,
                "user-agent": "Tocsin-Webhooks/1",
                "content-type": "application/json",
                "content-length": post.body.length,
                connection: "close",
                ...post.headers,
            },
        })
        outgoing.once("error", reject)
        outgoing.once("response", (answer) => {
            const outcome = outcomeOf(answer.statusCode ?? 0)
            let bytes = 0
            answer.on("data", (piece: Buffer) => {
                bytes += piece.length
                if (bytes >= bodyBytesMax) resolve(outcome)
            })
            for (const event of ["end", "close", "error"]) answer.once(event, () => resolve(outcome))
        })
        outgoing.end(post.body)
    })
}

function outcomeOf(status: number): Outcome {
    if (status === 410) return "410"
    const classes = { 2: "2xx", 3: "3xx", 4: "4xx", 5: "5xx" } as const
    return classes[Math.floor(status / 100) as 2 | 3 | 4 | 5] ?? "refused"
}

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
 * `refused`: by us because of the target, or by the server before the request. `withheld`: it may no longer be sent.
 */
export type Outcome = "2xx" | "3xx" | "4xx" | "410" | "5xx" | "timeout" | "refused" | "withheld"

export interface Post {
    readonly address: string
    readonly headers: Readonly<Record<string, string>>
    readonly body: Uint8Array
    /** Checked before the first byte of the request. */
    readonly mayGo: () => Promise<boolean>
}

export interface Outgoing {
    /** Sends the request. Never throws: each failure is an outcome. */
    post(post: Post): Promise<Outcome>
}

export interface Ways {
    /** All addresses of a name, by IPv4 and IPv6. */
    readonly resolve: (name: string) => Promise<readonly string[]>
    /** Returns the target of a connection to port 443 of an address. */
    readonly dial: (address: string) => { readonly host: string; readonly port: number }
    /** Certificates that are trusted in place of the system's. */
    readonly trusted: string | undefined
    readonly msMax: number
}

const port = 443
const bodyBytesMax = 1024
const headerBytesMax = 8 * 1024
const answersMax = 32
const usual: Ways = {
    resolve: addressesOf,
    dial: (host) => ({ host, port }),
    trusted: undefined,
    msMax: 5_000,
}

/** Tests hand in a network of their own; what is refused is refused before it. */
export function openOutgoing(ways: Partial<Ways> = {}): Outgoing {
    const input = { ...usual, ...ways }
    return { post: (post) => postWithin(input, post) }
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

/** Everything that is open when the time is over is closed, and whatever would be opened later. */
async function postWithin(ways: Ways, post: Post): Promise<Outcome> {
    const late = Promise.withResolvers<Outcome>()
    const ending = new AbortController()
    const timer = setTimeout(() => late.resolve("timeout"), ways.msMax)
    const work = postTo(ways, post, ending.signal).catch((): Outcome => "refused")
    try {
        return await Promise.race([work, late.promise])
    } finally {
        clearTimeout(timer)
        ending.abort()
    }
}

async function postTo(ways: Ways, post: Post, ending: AbortSignal): Promise<Outcome> {
    const address = readWebAddress(post.address)
    if (address === null) return "refused"
    const pinned = await pinnedOf(ways, address)
    if (pinned === null || ending.aborted) return "refused"
    const socket = await connected(ways, address, pinned, ending)
    if (!(await post.mayGo())) return "withheld"
    return socket.destroyed ? "refused" : await asked(socket, address, post)
}

/** The one to connect to; null unless all answers are public. */
async function pinnedOf({ resolve }: Ways, { host, isName }: WebAddress): Promise<string | null> {
    const answers = isName ? await resolve(host) : [host]
    const allPublic = answers.length > 0 && answers.length <= answersMax && answers.every(isPublicAddress)
    return allPublic ? (answers[0] ?? null) : null
}

async function connected(
    ways: Ways,
    { host, isName }: WebAddress,
    pinned: string,
    ending: AbortSignal,
): Promise<TLSSocket> {
    const socket = connect({
        ...ways.dial(pinned),
        ...(isName && { servername: host }),
        ...(ways.trusted !== undefined && { ca: ways.trusted }),
        ALPNProtocols: ["http/1.1"],
        minVersion: "TLSv1.2",
        rejectUnauthorized: true,
    })
    ending.addEventListener("abort", () => socket.destroy())
    await new Promise<void>((resolve, reject) => {
        socket.once("secureConnect", resolve)
        // The listener stays, because a later error is reported by the request.
        socket.on("error", reject).once("close", () => reject(new Error("closed")))
    })
    return socket
}

/** Answers once the head of the answer is there, and its body ended or was long enough. */
async function asked(socket: TLSSocket, { host, isName, path }: WebAddress, post: Post): Promise<Outcome> {
    return await new Promise<Outcome>((resolve, reject) => {
        const asking = request({
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
        asking.once("error", reject)
        asking.once("response", (answer) => {
            const outcome = outcomeOf(answer.statusCode ?? 0)
            let bytes = 0
            answer.on("data", (piece: Buffer) => {
                bytes += piece.length
                if (bytes >= bodyBytesMax) resolve(outcome)
            })
            for (const event of ["end", "close", "error"]) answer.once(event, () => resolve(outcome))
        })
        asking.end(post.body)
    })
}

function outcomeOf(status: number): Outcome {
    if (status === 410) return "410"
    const classes = { 2: "2xx", 3: "3xx", 4: "4xx", 5: "5xx" } as const
    return classes[Math.floor(status / 100) as 2 | 3 | 4 | 5] ?? "refused"
}

/**
 * Sends requests to an identity provider or a witness that the operator named.
 *
 * The operator names the host, so it may be in a private network. Any other host, which only an identity provider's
 * discovery document names, must have public addresses. Requests use https (on this machine also http), follow no
 * redirect, ignore proxies of the environment, and end after five seconds. Answers have one MiB at most.
 */
import { type LookupAddress, lookup as lookupName } from "node:dns"
import { type IncomingMessage, request as requestHttp, Agent as HttpAgent } from "node:http"
import { Agent as HttpsAgent, request as requestHttps } from "node:https"
import { type LookupFunction, isIP } from "node:net"
import { isPublicAddress } from "../../models/public-address.ts"

export interface NamedHostRequest {
    readonly method: string
    readonly headers: Headers | Readonly<Record<string, string>>
    readonly body?: unknown
}

export type NamedHostFetch = (address: string, request: NamedHostRequest) => Promise<Response>

/** Thrown where a host does not answer, answers with a fault of its own, or has an address that is not called. */
export class HostUnreachable extends Error {}

const msMax = 5_000
const answerBytesMax = 1024 * 1024

/** Whether the address of a named host may be called or opened: https, or http on this machine. */
export function isSecureAddress(address: string): boolean {
    const url = URL.parse(address)
    if (url === null || url.username !== "" || url.password !== "") return false
    return url.protocol === "https:" || (url.protocol === "http:" && isThisMachine(url.hostname))
}

const isThisMachine = (host: string): boolean => ["localhost", "127.0.0.1", "[::1]"].includes(host)

/** Opens the requests to the host of this address. */
export function openNamedHostFetch(named: string): NamedHostFetch {
    const namedHost = new URL(named).hostname
    return async (address, request) => {
        const url = URL.parse(address)
        if (url === null || !isSecureAddress(address)) throw new HostUnreachable("this address is not called")
        const isNamed = url.hostname === namedHost
        const host = url.hostname.replaceAll(/^\[|\]$/g, "")
        if (!isNamed && isIP(host) > 0 && !isPublicAddress(host)) throw new HostUnreachable("not a public address")
        const answer = await send(url, request, isNamed ? undefined : lookupPublic)
        if (answer.status >= 500) throw new HostUnreachable(`the host answers ${answer.status}`)
        return answer
    }
}

/** Resolves a name, and fails unless each of its addresses is public. */
const lookupPublic: LookupFunction = (name, options, done) => {
    lookupName(name, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
        const arePublic = !error && addresses.length > 0 && addresses.every(({ address }) => isPublicAddress(address))
        const [first] = addresses
        if (!arePublic) done(new HostUnreachable("not a public address"), "", 0)
        else if (options.all) done(null, addresses)
        else done(null, first?.address ?? "", first?.family)
    })
}

async function send(url: URL, { method, headers, body }: NamedHostRequest, lookup?: LookupFunction): Promise<Response> {
    const isPlain = url.protocol === "http:"
    // Of the library's requests to identity providers, only the one for tokens has a body.
    const sent = body instanceof URLSearchParams || typeof body === "string" ? Buffer.from(body.toString()) : undefined
    const options = {
        method,
        headers: {
            ...Object.fromEntries(new Headers({ ...headersOf(headers) })),
            connection: "close",
            ...(sent && { "content-length": sent.length }),
        },
        signal: AbortSignal.timeout(msMax),
        // A separate agent ignores proxies of the environment.
        agent: isPlain ? new HttpAgent({ keepAlive: false }) : new HttpsAgent({ keepAlive: false }),
        ...(lookup && { lookup }),
    }
    return await new Promise<Response>((resolve, reject) => {
        const fail = (error: Error) => reject(new HostUnreachable("the host does not answer", { cause: error }))
        const onAnswer = (answer: IncomingMessage) => void read(answer).then(resolve, fail)
        const outgoing = isPlain
            ? requestHttp(url, options, onAnswer)
            : requestHttps(url, { ...options, rejectUnauthorized: true, minVersion: "TLSv1.2" }, onAnswer)
        outgoing.once("error", fail)
        outgoing.end(sent)
    })
}

const headersOf = (headers: NamedHostRequest["headers"]): Record<string, string> =>
    headers instanceof Headers ? Object.fromEntries(headers) : { ...headers }

async function read(answer: IncomingMessage): Promise<Response> {
    const pieces: Buffer[] = []
    let bytes = 0
    for await (const piece of answer) {
        pieces.push(piece as Buffer)
        bytes += (piece as Buffer).length
        if (bytes > answerBytesMax) throw new HostUnreachable("the answer is too long")
    }
    const headers = new Headers()
    for (const [name, value] of Object.entries(answer.headers)) headers.set(name, String(value))
    const status = answer.statusCode ?? 0
    const hasBody = status !== 204 && status !== 304
    return new Response(hasBody ? Buffer.concat(pieces) : null, { status: Math.max(status, 200), headers })
}

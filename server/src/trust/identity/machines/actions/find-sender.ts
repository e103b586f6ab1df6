/** Finds the sender of a request: address, proof of a key (RFC 9449), and client certificate (RFC 8705). */
import { X509Certificate, hash } from "node:crypto"
import type { IncomingHttpHeaders } from "node:http"
import type { Side } from "../../../../kernel/route.ts"
import type { Services } from "../../../../kernel/services.ts"
import { type Sender, unknownSender } from "../../../../models/sender.ts"
import { isDpopHeader } from "../../../../platform/http/machine-routes.ts"
import { makeTrustCheck } from "../../../../platform/http/trusted-proxies.ts"
import { tokenPath } from "../token.ts"
import { useProof } from "./use-proof.ts"
import { verifyProof } from "./verify-proof.ts"

export interface SenderOptions {
    readonly services: Services
    readonly side: Side
    readonly trustedProxies?: readonly string[]
    /** The header in which a trusted proxy sends the verified client certificate. Default: none. */
    readonly clientCertificateHeader?: string
}

/** The parts of a request from which its sender is found. */
interface Request {
    readonly method: string
    readonly url: string
    readonly headers: IncomingHttpHeaders
    /** The client's address, behind trusted proxies. */
    readonly ip: string
    readonly routeOptions: { readonly url?: string | undefined }
    readonly raw: { readonly socket: { readonly remoteAddress?: string | undefined } }
}

/**
 * Finds the sender of a request. Marks its proof as used, so call it once per request.
 *
 * A proof without the scheme `DPoP`, or the scheme without a proof, counts as a bad proof.
 */
export async function findSender(options: SenderOptions, request: Request, credential: Buffer | null): Promise<Sender> {
    const base = { ...unknownSender, address: request.ip, certificate: certificateOf(options, request) }
    const { authorization } = request.headers
    const proof = request.headers["dpop"]
    const isBound = authorization !== undefined && isDpopHeader(authorization)
    if (authorization === undefined) {
        if (proof === undefined || request.routeOptions.url !== tokenPath) return base
        const unused = await verify(options, request, null)
        return { ...base, proof: unused, hasBadProof: unused === null }
    }
    if (!isBound && proof === undefined) return base
    const unused = isBound && credential !== null ? await verify(options, request, credential) : null
    const isFresh = unused !== null && credential !== null && (await useProof(options.services, credential, unused))
    return isFresh ? { ...base, key: unused.key } : { ...base, hasBadProof: true }
}

async function verify({ services, side }: SenderOptions, request: Request, token: Buffer | null) {
    const proof = request.headers["dpop"]
    const origin = side === "console" ? services.consoleOrigin : services.portalOrigin
    if (typeof proof !== "string" || !request.url.startsWith("/")) return null
    const url = `${origin}${request.url}`
    return await verifyProof(proof, { method: request.method, url, token }, services.realNow())
}

/**
 * SHA-256 of the client certificate that a trusted proxy verified, in base64url. Null where the peer is not a trusted
 * proxy.
 */
function certificateOf(options: SenderOptions, request: Request): string | null {
    const { clientCertificateHeader: name = "", trustedProxies = [] } = options
    const value = name === "" ? undefined : request.headers[name.toLowerCase()]
    if (typeof value !== "string" || value === "" || value.length > headerCharsMax) return null
    const isTrusted = makeTrustCheck(trustedProxies)
    if (isTrusted === false || !isTrusted(request.raw.socket.remoteAddress ?? "")) return null
    try {
        return hash("sha256", new X509Certificate(certificateIn(value)).raw, "base64url")
    } catch {
        return null
    }
}

const headerCharsMax = 16_384

/** Reads a certificate as a byte sequence (RFC 9440), or as PEM in percent-encoding as nginx writes it. */
function certificateIn(value: string): Buffer | string {
    const bytes = /^:([A-Za-z0-9+/]+={0,2}):$/.exec(value)?.[1]
    return bytes === undefined ? decodeURIComponent(value) : Buffer.from(bytes, "base64")
}

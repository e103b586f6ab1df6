/** Verifies proofs of possession (DPoP, RFC 9449): signature, request, token and age, but not whether one was used. */
import { hash } from "node:crypto"
import { type JWTHeaderParameters, calculateJwkThumbprint, importJWK, jwtVerify } from "jose"
import type { Instant } from "@tocsin/base/instant"
import type { UnusedProof } from "../../../../models/sender.ts"

/** How far a proof's instant may be from wall-clock time. */
export const proofAgeMaxMs = 60_000
export const proofAlgorithms = ["ES256", "EdDSA"]

const proofCharsMax = 4096
const idCharsMax = 256
const keysMax = 1000

/** The request that a proof must name. */
export interface ProvenRequest {
    readonly method: string
    /** The public address, as people reach it. Query and fragment do not count. */
    readonly url: string
    /** SHA-256 of the token; null for a request for a token. */
    readonly token: Buffer | null
}

/** Returns the key and the identity of a valid proof; null for any other text. */
export async function verifyProof(
    proof: string,
    request: ProvenRequest,
    realNow: Instant,
): Promise<UnusedProof | null> {
    if (proof.length > proofCharsMax) return null
    try {
        const { payload, protectedHeader } = await jwtVerify(proof, publicKeyIn, {
            typ: "dpop+jwt",
            algorithms: proofAlgorithms,
            currentDate: new Date(realNow),
        })
        const { jti, iat, htm, htu, ath } = payload
        if (typeof jti !== "string" || jti === "" || jti.length > idCharsMax) return null
        if (typeof iat !== "number" || Math.abs(iat * 1000 - realNow) > proofAgeMaxMs) return null
        if (htm !== request.method || typeof htu !== "string" || !isSameAddress(htu, request.url)) return null
        if (request.token === null ? ath !== undefined : ath !== request.token.toString("base64url")) return null
        const { thumbprint: key } = await loadKey(protectedHeader)
        return {
            key,
            hash: hash("sha256", JSON.stringify(["proof", key, jti]), "buffer"),
            expiresAt: iat * 1000 + proofAgeMaxMs + 1,
        }
    } catch {
        // Not a proof, or not signed by its key.
        return null
    }
}

function isSameAddress(address: string, expectedAddress: string): boolean {
    if (!URL.canParse(address) || !URL.canParse(expectedAddress)) return false
    const [{ origin, pathname }, expected] = [new URL(address), new URL(expectedAddress)]
    return origin === expected.origin && pathname === expected.pathname
}

interface PublicKey {
    readonly key: Awaited<ReturnType<typeof importJWK>>
    readonly thumbprint: string
}

/** Keys of earlier proofs, by their text. */
const keys = new Map<string, Promise<PublicKey>>()

const publicKeyIn = async (header: JWTHeaderParameters) => (await loadKey(header)).key

async function loadKey({ alg, jwk }: JWTHeaderParameters): Promise<PublicKey> {
    const text = JSON.stringify([alg, jwk])
    const known = keys.get(text)
    if (known !== undefined) return await known
    const loaded = importPublicKey(alg, jwk)
    await loaded
    const [oldest] = keys.keys()
    if (keys.size >= keysMax && oldest !== undefined) keys.delete(oldest)
    keys.set(text, loaded)
    return await loaded
}

const membersOf: Readonly<Record<string, readonly string[]>> = { ES256: ["crv", "x", "y"], EdDSA: ["crv", "x"] }
const curveOf: Readonly<Record<string, string>> = { ES256: "P-256", EdDSA: "Ed25519" }
const typeOf: Readonly<Record<string, string>> = { ES256: "EC", EdDSA: "OKP" }

/** Reads a public key for an algorithm. Throws for a key of another type, and for one with a private or secret part. */
export async function importPublicKey(alg: string, jwk: unknown): Promise<PublicKey> {
    const fields = (typeof jwk === "object" && jwk !== null ? jwk : {}) as Readonly<Record<string, unknown>>
    const isFit = fields["kty"] === typeOf[alg] && fields["crv"] === curveOf[alg]
    const isPublic = !["d", "k", "p", "q", "dp", "dq", "qi", "oth"].some((name) => name in fields)
    const members = membersOf[alg] ?? []
    if (!isFit || !isPublic || !members.every((name) => typeof fields[name] === "string")) {
        throw new Error("not a public key for this algorithm")
    }
    const bare = Object.fromEntries(["kty", ...members].map((name) => [name, String(fields[name])]))
    return { key: await importJWK(bare, alg), thumbprint: await calculateJwkThumbprint(bare) }
}

/**
 * Signing in as the server does it, in a transaction that is on disk: by a link and by a passkey. And the check of a
 * proof (DPoP) that each request of a bound token needs, next to its bare signature check.
 */
import { createSigningKey, importSigningKey, thumbprintOf } from "@tocsin/client/signing-key"
import { Authenticator } from "../test/support/authenticator.ts"
import { hashOf, issueCredential, signIn } from "../server/src/trust/identity/actions/sign-in.ts"
import { useProof } from "../server/src/trust/identity/machines/actions/use-proof.ts"
import { verifyProof } from "../server/src/trust/identity/machines/actions/verify-proof.ts"
import { addPasskey, registrationOptions } from "../server/src/trust/identity/passkeys/actions/manage-passkeys.ts"
import { signInOptions, signInWithPasskey } from "../server/src/trust/identity/passkeys/actions/use-passkey.ts"
import { scopes } from "../server/src/models/scopes.ts"
import { type Figure, compareWithLimits, formatReading, readingOf } from "./measure.ts"
import { type BenchProgram, system } from "./program.ts"

const rounds = 20
const timesARound = 20
const signInMsMax = 50
const proofMsMax = 0.3
const origin = "http://localhost:8440"

export async function measureSignIn(world: BenchProgram): Promise<Figure> {
    const program = { ...world, services: { ...world.services, consoleOrigin: origin } }
    const acting: BenchProgram["acting"] = (actor, work) =>
        world.acting(actor, (ctx) => work({ ...ctx, services: program.services }))
    const { author } = world
    if (author.kind !== "operator") throw new Error("the author is not staff")
    const authenticator = await registerPasskey(acting, author)
    const behaviour = { origin, rpId: "localhost" }
    const byLink = async () => {
        const links = await acting(system, (ctx) =>
            Promise.all(range.map(() => issueCredential(ctx, author.person, "link"))),
        )
        return await eachMs(links, (link) => acting(system, (ctx) => signIn(ctx, "console", link)))
    }
    const byPasskey = async () => {
        const options = await acting(system, async (ctx) => range.map(() => signInOptions(ctx, "console")))
        const assertions = options.map(({ challenge }) => authenticator.get(challenge, behaviour))
        return await eachMs(assertions, (assertion) =>
            acting(system, (ctx) => signInWithPasskey(ctx, "console", assertion)),
        )
    }
    const { measured, limits } = await compareWithLimits(rounds, byPasskey, [byLink])
    const [link = readingOf([])] = limits
    return {
        title: "Signing in, until the session is on disk",
        lines: [
            ["by a passkey", formatReading(measured, "ms", 2)],
            ["by a link", formatReading(link, "ms", 2)],
        ],
        target: { text: `${signInMsMax} ms each`, isMet: Math.max(measured.median, link.median) <= signInMsMax },
    }
}

const range = [...Array(timesARound).keys()]

async function eachMs<T>(items: readonly T[], work: (item: T) => Promise<unknown>): Promise<number> {
    const start = performance.now()
    for (const item of items) await work(item)
    return (performance.now() - start) / items.length
}

async function registerPasskey(
    acting: BenchProgram["acting"],
    member: BenchProgram["author"] & { readonly person: string },
): Promise<Authenticator> {
    const link = await acting(system, (ctx) => issueCredential(ctx, member.person, "link"))
    const session = hashOf(await acting(system, (ctx) => signIn(ctx, "console", link)))
    const authenticator = new Authenticator()
    const { challenge } = await acting(member, (ctx) => registrationOptions(ctx, session))
    const registration = authenticator.create(challenge, { origin, rpId: "localhost" })
    await acting(member, (ctx) => addPasskey(ctx, session, { name: "Laptop", registration }))
    return authenticator
}

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" }

export async function measureProof(world: BenchProgram): Promise<Figure> {
    const { services, author } = world
    if (author.kind !== "operator") throw new Error("the author is not staff")
    const jwk = await createSigningKey()
    const key = await importSigningKey(jwk)
    const publicKey = await crypto.subtle.importKey("jwk", { ...key.publicJwk }, algorithm, false, ["verify"])
    const limits = { scopes, networks: [], key: await thumbprintOf(jwk), certificate: null }
    const token = hashOf(await world.acting(system, (ctx) => issueCredential(ctx, author.person, "token", { limits })))
    const request = { method: "GET", url: `${origin}/api/me`, token }
    const sign = () => {
        const claims = { htm: request.method, htu: request.url, jti: crypto.randomUUID() }
        const ath = token.toString("base64url")
        const header = { typ: "dpop+jwt", jwk: key.publicJwk }
        return key.sign(header, { ...claims, ath, iat: Math.floor(services.realNow() / 1000) })
    }
    const verify = async (proof: string) => {
        const found = await verifyProof(proof, request, services.realNow())
        return found ?? fail()
    }
    const proofs = () => Promise.all(range.map(sign))
    const whole = async () =>
        await eachMs(await proofs(), async (proof) => {
            if (!(await useProof(services, token, await verify(proof)))) fail()
        })
    const check = async () => await eachMs(await proofs(), verify)
    const bare = async () =>
        await eachMs(await proofs(), async (proof) => {
            const [header, body, signature] = proof.split(".")
            const [text, bytes] = [`${header}.${body}`, Buffer.from(signature ?? "", "base64url")]
            if (!(await crypto.subtle.verify(algorithm, publicKey, bytes, Buffer.from(text)))) fail()
        })
    const statement = async () => await eachMs(range, () => services.db.statement("select 1", []))
    return figureOf(await compareWithLimits(rounds, check, [bare, whole, statement]))
}

function fail(): never {
    throw new Error("a valid proof does not count")
}

function figureOf({ measured, limits }: Awaited<ReturnType<typeof compareWithLimits>>): Figure {
    const [bare = readingOf([]), whole = readingOf([]), statement = readingOf([])] = limits
    const over = measured.median - bare.median
    return {
        title: "The check of a proof (DPoP) of one request",
        lines: [
            ["signature, request, token and age", formatReading(measured, "ms", 3)],
            ["the same, and marked as used", formatReading(whole, "ms", 3)],
            ["limit: the bare signature check", formatReading(bare, "ms", 3)],
            ["limit: one statement, there and back", formatReading(statement, "ms", 3)],
        ],
        target: { text: `${proofMsMax} ms over the bare check`, isMet: over <= proofMsMax },
    }
}

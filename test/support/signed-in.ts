/** Sends JSON requests to the demonstration's apps as one of its people. Throws for any status except 200. */
import { Decrypter } from "age-encryption"
import type { LightMyRequestResponse } from "fastify"
import type { Method, Side } from "../../server/src/kernel/route.ts"
import type { Demonstration } from "./demonstration.ts"
import { mailedLinkSecret } from "./sign-in-mail.ts"

/** Parsed JSON of unknown type, so that tests can read any field. */
type Answer = ReturnType<typeof JSON.parse>

export interface Person {
    readonly id: string
    /** The partner's id; null: the person is staff. */
    readonly partner: string | null
    readonly token: string
    readonly raw: (method: Method, path: string, body?: object) => Promise<LightMyRequestResponse>
    readonly get: (path: string) => Promise<Answer>
    readonly post: (path: string, body?: object) => Promise<Answer>
    readonly put: (path: string, body: object) => Promise<Answer>
    /** Returns a refusal like `404 request.not_found`. */
    readonly refusal: (method: Method, path: string, body?: object) => Promise<string>
    /** Fetches the copy of an artifact by its file name, and opens it with the partner's key. */
    readonly copy: (name: string) => Promise<string>
}

/** Tokens that replace the seeded ones, by demonstration and person. */
const renewedTokens = new WeakMap<Demonstration, Map<string, string>>()

/**
 * Signs in and creates a token after a change of roles or an admission, which ends the earlier one. A partner's member
 * uses the last mailed link; staff use the demonstration's link.
 */
export async function signInAgain(world: Demonstration, name: string): Promise<void> {
    const { id, partner } = signedInAs(world, name)
    const side: Side = partner === null ? "console" : "portal"
    const app = world.apps[side]
    const secret = partner === null ? demoLink(world, id) : mailedLinkSecret(world, mailOf(world, id))
    const session = await app.inject({ method: "POST", url: "/api/session", payload: { secret } })
    const headers = { cookie: `tocsin-${side}=${session.cookies[0]?.value}` }
    const { token } = (
        await app.inject({
            method: "POST",
            url: "/api/tokens",
            headers,
            payload: { name: "tool", scopes: ["poll", "fetch", "report", "manage"] },
        })
    ).json<{ token: string }>()
    renewedTokens.set(world, new Map([...(renewedTokens.get(world) ?? []), [id, token]]))
}

/** The demonstration's link of a staff member, by first name. */
export const staffLink = (world: Demonstration, name: string): string => demoLink(world, signedInAs(world, name).id)

const demoLink = ({ seeded }: Demonstration, id: string): string =>
    seeded.operators.find(({ person }) => person === id)?.link ?? ""

function mailOf({ seeded }: Demonstration, id: string): string {
    const { name } = seeded.partners.flatMap(({ people }) => people).find(({ person }) => person === id) ?? {}
    const members = seeded.partners.flatMap(({ cast }) => cast.people)
    return members.find((castPerson) => castPerson.name === name)?.mail ?? ""
}

/** Finds a staff member by first name (`ingrid`), or a partner's analyst (`halcyon`) or lead (`halcyon.lead`). */
export function signedInAs(world: Demonstration, name: string): Person {
    const [key, role = "analyst"] = name.split(".")
    const partner = world.seeded.partners.find(({ cast }) => cast.key === key)
    const people = partner?.people.filter(({ roles }) => (roles as string[]).includes(role)) ?? world.seeded.operators
    const found = people.find((item) => partner || item.name.toLowerCase().startsWith(`${name} `))
    if (!found) throw new Error(`nobody is called \`${name}\``)
    const side: Side = partner ? "portal" : "console"
    const token = renewedTokens.get(world)?.get(found.person) ?? found.token
    const raw: Person["raw"] = (method, path, body) =>
        world.apps[side].inject({
            method,
            url: path,
            headers: { authorization: `Bearer ${token}` },
            ...(body && { payload: body }),
        })
    const send = async (method: "GET" | "POST" | "PUT", path: string, body?: object): Promise<Answer> => {
        const answer = await raw(method, path, body)
        if (answer.statusCode !== 200) throw new Error(`${method} ${path}: ${answer.statusCode} ${answer.body}`)
        return answer.json()
    }
    const get = (path: string) => send("GET", path)
    return {
        id: found.person,
        partner: partner?.id ?? null,
        token,
        raw,
        get,
        post: (path, body) => send("POST", path, body),
        put: (path, body) => send("PUT", path, body),
        refusal: async (method, path, body) => {
            const answer = await raw(method, path, body)
            return `${answer.statusCode} ${String(answer.json<{ code?: string }>().code)}`
        },
        copy: async (file) => {
            const path = `/api/artifacts/${artifactNamed(await get("/api/warnings"), file)}/copy`
            const answer = await raw("GET", path)
            if (answer.statusCode !== 200) throw new Error(`${path}: ${answer.statusCode} ${answer.body}`)
            const age = new Decrypter()
            age.addIdentity(partner?.identity ?? "")
            return await age.decrypt(answer.rawPayload, "text")
        },
    }
}

/** Returns the id under which a partner's warnings show the artifact with this file name. */
export function artifactNamed(
    { warnings }: { readonly warnings: readonly { readonly artifacts: readonly { id: string; name: string }[] }[] },
    file: string,
): string {
    const found = warnings.flatMap(({ artifacts }) => artifacts).find(({ name }) => name === file)
    if (!found) throw new Error(`no \`${file}\` is to be seen`)
    return found.id
}

/** Signs an approval as the second person. */
export async function signApprovalAs(signer: Person, approval: string): Promise<void> {
    const { pending } = await signer.get("/api/approvals")
    const { effectsHash } = pending.find((item: { id: string }) => item.id === approval)
    await signer.post(`/api/approvals/${approval}/sign`, { effectsHash })
}

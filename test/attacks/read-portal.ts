/** Reads everything that a partner's member can read: each portal address, with every id that it shows. */
import type { FastifyInstance, LightMyRequestResponse } from "fastify"
import type { Route } from "../../server/src/kernel/route.ts"
import { allRoutes } from "../../server/src/routes.ts"
import type { ActionContext } from "../../server/src/kernel/action-context.ts"

export const portalRoutes: readonly Route<ActionContext>[] = allRoutes.filter(({ side }) => side !== "console")

export interface Look {
    readonly path: string
    readonly status: number
    /** Names, values and order, without random parts. */
    readonly headers: string
    readonly body: string
}

/** Returns everything by which a caller can distinguish two answers. */
export function whole({ statusCode, headers, rawPayload }: LightMyRequestResponse): Omit<Look, "path"> {
    const { date: _, "x-request-id": __, ...others } = headers
    return { status: statusCode, headers: JSON.stringify(others), body: rawPayload.toString("latin1") }
}

const nothing = "0d1b9c1e-5a55-4c8e-9a11-0b6a4f6c00ff"

/** The values for an address, by the path before its first `{`. */
interface Told {
    readonly warnings: readonly string[]
    readonly artifacts: readonly string[]
    readonly keys: readonly string[]
    readonly letters: readonly string[]
    readonly receipts: readonly string[]
}

/** Lists the advisory records that were read and found. */
export function recordsIn(looks: readonly Look[]): string[] {
    const there = looks.flatMap(({ path, status }) => (status === 200 ? [path] : []))
    return there.flatMap((path) => {
        const [found, osv] = /^\/advisories\/[^/]+\/cve-[\d-]+(\.osv)?\.json$/.exec(path) ?? []
        return found === undefined ? [] : [osv === undefined ? "CVE" : "OSV"]
    })
}

type Get = (path: string) => Promise<LightMyRequestResponse>

const ask = (app: FastifyInstance, token: string | null): Get => {
    const headers = token === null ? {} : { authorization: `Bearer ${token}` }
    return async (url) => await app.inject({ method: "GET", url, headers })
}

/** Sealed freshly each time, so only the length is compared. */
const sealed = /^\/api\/(?:artifacts\/[^/]+\/copy|keys\/[^/]+\/(?:test|confirm))$/

/**
 * Reads as the token's person; `null`: without sign-in. Skips streams, which do not end. `only`: matching addresses.
 */
export async function looksOf(app: FastifyInstance, token: string | null, only = /^/): Promise<Look[]> {
    const get = ask(app, token)
    const looks: Look[] = []
    const look = async (path: string) => {
        const answer = await get(path)
        const look = whole(answer)
        looks.push({ path, ...look, body: sealed.test(path) ? String(look.body.length) : look.body })
        return answer
    }
    const notification = token === null ? none : await toldTo(get)
    for (const { method, path } of portalRoutes) {
        if (method !== "GET" || path === "/api/events" || !only.test(path)) continue
        for (const item of await filled(path, notification, get)) await look(item)
    }
    for (const path of unlisted.filter((item) => only.test(item))) await look(path)
    return looks
}

const unlisted = ["/api/openapi.json", "/robots.txt", "/sitemap.xml", "/rss.xml", "/api/nothing"]

const none: Told = { warnings: [], artifacts: [], keys: [], letters: [], receipts: [] }

type Ids = readonly { readonly id: string }[]

async function toldTo(get: Get): Promise<Told> {
    const list = async (path: string, subject: string) =>
        ((await get(path)).json<Record<string, Ids>>()[subject] ?? []).map(({ id }) => id)
    const { warnings } = (await get("/api/warnings")).json<{ warnings: { id: string; artifacts: Ids }[] }>()
    return {
        warnings: warnings.map(({ id }) => id),
        artifacts: warnings.flatMap(({ artifacts }) => artifacts.map(({ id }) => id)),
        keys: await list("/api/keys", "keys"),
        letters: await list("/api/letters", "letters"),
        receipts: await list("/api/receipts", "receipts"),
    }
}

async function filled(path: string, notification: Told, get: Get): Promise<string[]> {
    if (path === "/api/receipt-log/consistency") return [`${path}?from=1&to=1`]
    const [prefix, parts] = path.split("/tile/")
    if (parts !== undefined) return [`${prefix}/tile/${parts.replace("{level}", "0").replaceAll(/\{\w\}/g, "000")}`]
    if (path.startsWith("/taxii2/"))
        return (await collections(path, get)).map((collection) => collection.replace("{id}", nothing))
    if (path.includes("{year}/{name}")) return await documents(path.replace("{year}/{name}", ""), get)
    if (path.endsWith("/{year}/")) return ["2025", "1999", "x"].map((year) => path.replace("{year}", year))
    if (path.endsWith("/{year}")) return ["2025", "2024", "1999"].map((year) => path.replace("{year}", year))
    if (!path.includes("{")) return [path]
    if (path.startsWith("/scim/")) return [path.replace("{id}", nothing)]
    if (path === "/advisories/{id}/{name}") return await records(get)
    if (path === "/csaf/openpgp/{name}") return [...(await publisherKeys(get)), path.replace("{name}", "x.asc")]
    const [, kind = ""] = /^\/(?:api\/)?([a-z-]+)\/\{id\}/.exec(path) ?? []
    const ids = kind === "advisories" ? await published(get) : notification[kind as keyof Told]
    // A new address must be added here, so that it is read.
    if (ids === undefined) throw new Error(`nothing is known that \`${path}\` could be asked about`)
    return [...ids, nothing].map((id) => path.replace("{id}", id))
}

async function publisherKeys(get: Get): Promise<string[]> {
    const answer = await get("/.well-known/csaf/provider-metadata.json")
    if (answer.statusCode !== 200) return []
    const metadata = answer.json<{ public_openpgp_keys?: readonly { readonly url: string }[] }>()
    return (metadata.public_openpgp_keys ?? []).map(({ url }) => new URL(url).pathname)
}

async function published(get: Get): Promise<string[]> {
    const { body } = await get("/advisories")
    return [...body.matchAll(/href="[^"]*\/advisories\/([^/"]+)"/g)].map(([, id = ""]) => id)
}

/** Reads each CVE and OSV record that a page links to, and a missing one. */
async function records(get: Get): Promise<string[]> {
    const list = [`/advisories/${nothing}/cve-2025-1.osv.json`]
    for (const id of await published(get)) {
        const { body } = await get(`/advisories/${id}`)
        list.unshift(...[...body.matchAll(/href="(\/advisories\/[^/"]+\/[^"]+)"/g)].map(([, path = ""]) => path))
    }
    return list
}

/** Reads every file of an index; for one of them, also its hashes and signature. */
async function documents(folder: string, get: Get): Promise<string[]> {
    const index = await get(`${folder}index.txt`)
    const files = index.statusCode === 200 ? index.body.split("\n").filter((item) => item !== "") : []
    const beside = files.slice(-1).flatMap((file) => [".sha256", ".sha512", ".asc"].map((ending) => file + ending))
    return [...files, ...beside, "2025/nl-nothing.json"].map((file) => folder + file)
}

const objectsMax = 3

async function collections(path: string, get: Get): Promise<string[]> {
    if (!path.includes("{collection}")) return [path]
    const each = ["warnings", "sightings", "nothing"].map((item) => path.replace("{collection}", item))
    if (!path.includes("{object}")) return each.flatMap((item) => [item, `${item}?limit=2`, `${item}?limit=1000`])
    const list: string[] = []
    for (const item of each) {
        const [objects = ""] = item.split("{object}")
        const { objects: found = [] } = (await get(`${objects}?limit=1000`)).json<{ objects?: Ids }>()
        // The lists contain all of them, so a few single reads are enough.
        const some = found.slice(-objectsMax).map(({ id }) => id)
        list.push(...[...some, "report--1"].map((id) => item.replace("{object}", id)))
    }
    return list
}

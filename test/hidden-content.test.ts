/**
 * The database cannot tell hidden content from missing content: it gets the same statements, with the same row counts
 * and the same answer. So no timing can differ. Covers every name that an outsider can learn, every channel, and every
 * reason to withhold.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { recallArtifact } from "../server/src/share/artifacts/actions/recall-artifact.ts"
import { aliasFor } from "../server/src/share/delivery/actions/resolve-alias.ts"
import { restrictPartner } from "../server/src/trace/measures/actions/restrict-access.ts"
import { setAccessList } from "../server/src/trust/partners/roster/actions/manage-access-lists.ts"
import { artifactClasses } from "../server/src/share/artifacts/artifact.ts"
import { whole } from "./attacks/read-portal.ts"
import { type Three, three } from "./attacks/three-partners.ts"
import { newId } from "./support/database.ts"
import { type Portal, openPortal, createToken } from "./support/polled-pages.ts"
import { type TestPartner, newPartner } from "./support/program.ts"
import { listStatements } from "./support/statements.ts"

let world: Three
let portal: Portal
const hidden = { objects: [] as string[], documents: [] as string[], sighting: "", status: "", collection: "" }

const taxii = "/taxii2/api/collections"

async function get(url: string, token: string) {
    return await portal.app.inject({ method: "GET", url, headers: { authorization: `Bearer ${token}` } })
}

const sightingOf = (id: string, subject: string) => {
    const at = "2025-07-01T00:00:00.000Z"
    const input = { type: "sighting", spec_version: "2.1", id, created: at, modified: at, first_seen: at }
    return { objects: [{ ...input, sighting_of_ref: subject }] }
}

async function post(url: string, token: string, payload: object) {
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/taxii+json" }
    return await portal.app.inject({ method: "POST", url, payload, headers })
}

async function shownTo(token: string) {
    const { objects } = (await get(`${taxii}/warnings/objects/?limit=1000`, token)).json<{
        objects: { id: string }[]
    }>()
    const documents = (await get("/csaf/partner/red/index.txt", token)).body.split("\n").filter((item) => item !== "")
    return { objects: objects.map(({ id }) => id), documents }
}

beforeAll(async () => {
    world = await three()
    portal = await openPortal(world.its)
    const { tokens } = world
    const [ones, thirds] = [await shownTo(tokens.one), await shownTo(tokens.third)]
    const byType = new Map(
        ones.objects.filter((id) => !thirds.objects.includes(id)).map((id) => [id.split("--")[0], id]),
    )
    hidden.objects = [...byType.values()]
    hidden.documents = ones.documents.filter((name) => !thirds.documents.includes(name))
    hidden.sighting = `sighting--${newId()}`
    const seen = hidden.objects.find((id) => id.startsWith("vulnerability")) ?? ""
    const posted = await post(`${taxii}/sightings/objects/`, tokens.one, sightingOf(hidden.sighting, seen))
    hidden.status = posted.json<{ id: string }>().id
    const { collections } = (await get(`${taxii}/`, tokens.one)).json<{ collections: { id: string }[] }>()
    hidden.collection = collections[0]?.id ?? ""
}, 120_000)
afterAll(async () => {
    await portal.app.close()
    await world.its.database.close()
})

interface Way {
    readonly method?: "GET" | "POST" | "DELETE"
    /** The names of the hidden object, as the asking partner or another one knows them. */
    readonly names: (asker: TestPartner) => readonly string[]
    readonly path: (name: string) => string
    readonly payload?: (name: string) => object
}

const names = (kind: "warning" | "artifact", asker: TestPartner | null) => {
    const inner = kind === "warning" ? world.x.id : (world.x.artifacts.summary ?? "")
    const own = asker === null ? [] : [aliasFor(world.its.services.keys, asker.id, kind, inner)]
    return [aliasFor(world.its.services.keys, world.one.id, kind, inner), inner, ...own]
}
const beside = ["", ".sha256", ".sha512", ".asc"]

const ways: Readonly<Record<string, Way>> = {
    "a TAXII object": { names: () => hidden.objects, path: (name) => `${taxii}/warnings/objects/${name}/` },
    "its versions": { names: () => hidden.objects, path: (name) => `${taxii}/warnings/objects/${name}/versions/` },
    "TAXII objects by a filter": {
        names: () => hidden.objects,
        path: (name) => `${taxii}/warnings/objects/?match[id]=${name}`,
    },
    "a TAXII manifest by a filter": {
        names: () => hidden.objects,
        path: (name) => `${taxii}/warnings/manifest/?match[id]=${name}`,
    },
    "another's TAXII collection": { names: () => [hidden.collection], path: (name) => `${taxii}/${name}/` },
    "what is in another's TAXII collection": {
        names: () => [hidden.collection],
        path: (name) => `${taxii}/${name}/objects/`,
    },
    "another's TAXII sighting": {
        names: () => [hidden.sighting],
        path: (name) => `${taxii}/sightings/objects/${name}/`,
    },
    "another's TAXII sighting, to delete": {
        method: "DELETE",
        names: () => [hidden.sighting],
        path: (name) => `${taxii}/sightings/objects/${name}/`,
    },
    "a TAXII sighting of it": {
        method: "POST",
        names: () => hidden.objects,
        path: () => `${taxii}/sightings/objects/`,
        payload: (name) => sightingOf(`sighting--${newId()}`, name),
    },
    "another's TAXII status": { names: () => [hidden.status], path: (name) => `/taxii2/api/status/${name}/` },
    ...Object.fromEntries(
        beside.flatMap((ending) =>
            ["", "v2.1/"].map((version): [string, Way] => [
                `a CSAF document${ending} ${version}`,
                { names: () => hidden.documents, path: (name) => `/csaf/partner/${version}red/${name}${ending}` },
            ]),
        ),
    ),
    "a MISP event": { names: (asker) => names("warning", asker), path: (name) => `/api/warnings/${name}/misp` },
    "a warning": { names: (asker) => names("warning", asker), path: (name) => `/api/warnings/${name}` },
    "a copy": { names: () => names("artifact", null), path: (name) => `/api/artifacts/${name}/copy` },
}

const uuid = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g

/** Replaces a name by an unknown one of the same form. */
const invented = (name: string): string => name.replaceAll(uuid, () => newId())

/** Returns the answer without its request and random parts, and the statements behind it. */
async function notified({ method = "GET", path, payload }: Way, name: string, token: string) {
    const url = path(name)
    let answer: Awaited<ReturnType<typeof get>> | null = null
    const statements = await listStatements(async () => {
        const body = payload && { payload: payload(name), headers: { "content-type": "application/taxii+json" } }
        const headers = { authorization: `Bearer ${token}`, ...body?.headers }
        answer = await portal.app.inject({ method, url, headers, ...(body && { payload: body.payload }) })
    })
    const value = JSON.stringify(answer === null ? null : whole(answer))
    return { its: value.replaceAll(name, "<name>").replaceAll(uuid, "<id>"), statements }
}

const states: readonly (readonly [string, () => Promise<TestPartner>])[] = [
    ["its tier has none of it", () => newPartner(world.its, "entry")],
    [
        "it was taken out of the case",
        async () => {
            const partner = await newPartner(world.its, "validate")
            const withhold = [...artifactClasses]
            const subject = {
                partner: partner.id,
                withhold,
                notBeforePublication: false,
                cases: [world.x.id],
                reason: "A risk.",
            }
            await world.its.acting(world.its.manager, (ctx) => restrictPartner(ctx, subject))
            return partner
        },
    ],
    [
        "its person is outside the circle",
        async () => {
            const partner = await newPartner(world.its, "validate")
            await world.its.acting(partner.lead, (ctx) => setAccessList(ctx, world.x.id, [partner.lead.person]))
            return partner
        },
    ],
    [
        "all of it was recalled",
        async () => {
            for (const artifact of Object.values(world.x.artifacts)) await recalled(artifact)
            return await newPartner(world.its, "validate")
        },
    ],
]

const called = new Set<string>()
async function recalled(artifact: string): Promise<void> {
    if (called.has(artifact)) return
    called.add(artifact)
    await world.its.acting(world.its.author, (ctx) =>
        recallArtifact(ctx, artifact, { version: null, reason: "It was wrong." }),
    )
}

/** Longer than any lease. */
const pastLeases = 11_000

test.each(Object.entries(ways).filter(([, { method = "GET" }]) => method === "GET"))(
    "%s exists for its recipient",
    async (_, { names: namesOf, path }) => {
        const [name = ""] = namesOf(world.one)
        expect((await get(path(name), world.tokens.one)).statusCode).toBe(200)
    },
)

describe.each(states)("A-02 to a partner because %s", (_, newOne) => {
    let askers: { readonly partner: TestPartner; readonly token: string }[] = []
    beforeAll(async () => {
        askers = []
        for (let n = 0; n < 2; n++) {
            const partner = await newOne()
            askers.push({ partner, token: await createToken(world.its, partner) })
        }
        // The first request except GET records which access ended before it.
        for (const { token } of askers) await post(`${taxii}/sightings/objects/`, token, sightingOf("", ""))
    })

    test.each(Object.entries(ways))("looks the same as a missing one: %s", async (__, way) => {
        const [item, other] = askers
        if (item === undefined || other === undefined) throw new Error("nobody asks")
        const names = way.names(item.partner)
        expect(names.length).toBeGreaterThan(0)
        for (const name of names) {
            // The first time, again, and after all caches have expired.
            for (const wait of [0, 0, pastLeases]) {
                world.its.clock.now += wait
                const nothing = invented(name)
                expect(nothing).not.toBe(name)
                expect(await notified(way, name, item.token)).toEqual(await notified(way, nothing, other.token))
            }
        }
    })
})

test("what other partners could not delete, its owner deletes", async () => {
    const url = `${taxii}/sightings/objects/${hidden.sighting}/`
    const headers = { authorization: `Bearer ${world.tokens.one}` }
    expect((await portal.app.inject({ method: "DELETE", url, headers })).statusCode).toBe(200)
    expect((await get(url, world.tokens.one)).statusCode).toBe(404)
})

test("no request caused a server error", () => {
    expect(portal.faults).toEqual([])
})

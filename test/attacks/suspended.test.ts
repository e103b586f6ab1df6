/**
 * Every address that answers an active partner, with existing ids. After the partner's suspension, the same request by
 * the same person is answered like a missing address.
 */
import { generateX25519Identity, identityToRecipient } from "age-encryption"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import type { Route } from "../../server/src/kernel/route.ts"
import { pathOf } from "../../server/src/platform/http/listener.ts"
import type { ActionContext } from "../../server/src/kernel/action-context.ts"
import { suspendPartner } from "../../server/src/trace/measures/actions/restrict-access.ts"
import { issueCredential } from "../../server/src/trust/identity/actions/sign-in.ts"
import { permissions } from "../../server/src/kernel/permissions.ts"
import { addKey } from "../../server/src/trust/partners/keys/actions/manage-keys.ts"
import { listEvents, system } from "../support/actors.ts"
import { type Portal, openPortal } from "../support/polled-pages.ts"
import { type Look, looksOf, portalRoutes, whole } from "./read-portal.ts"
import { type Three, three, write } from "./three-partners.ts"

let world: Three
let portal: Portal
/** The answers of each address before the suspension, by the caller's role. */
const before = new Map<string, readonly Look[]>()
const tokens = new Map<string, string>()
let events = 0

const closed = portalRoutes.filter(({ method, permission: needs, path }) => {
    return method === "GET" && permissions[needs]?.open !== true && path !== "/api/events"
})
const named = ({ method, path }: Route<ActionContext>): string => `${method} ${path}`
/** Picks the most specific matching route. */
const routeOf = (url: string): Route<ActionContext> | undefined =>
    closed
        .filter((route) =>
            new RegExp(`^${pathOf(route).replaceAll(".", "\\.").replaceAll(/:\w+/g, "[^/]+")}$`).test(url),
        )
        .toSorted((a, b) => a.path.split("{").length - b.path.split("{").length)[0]
const pathIn = ({ path }: Look): string => path.split("?")[0] ?? ""

const get = async (url: string, token: string): Promise<Look> => {
    const headers = { authorization: `Bearer ${token}` }
    return { path: url, ...whole(await portal.app.inject({ method: "GET", url, headers })) }
}

const taxii = "/taxii2/api/collections"

/** Posts a sighting, so that the other collection and its status contain something. */
async function sighted(token: string): Promise<string> {
    const { body } = await get(`${taxii}/warnings/objects/?match[type]=vulnerability`, token)
    const { objects } = JSON.parse(body) as { objects: { id: string }[] }
    const at = "2025-07-01T00:00:00.000Z"
    const sighting = {
        type: "sighting",
        spec_version: "2.1",
        id: "sighting--0d1b9c1e-5a55-4c8e-9a11-0b6a4f6c0031",
        created: at,
        modified: at,
        first_seen: at,
        sighting_of_ref: objects[0]?.id,
    }
    const answer = await portal.app.inject({
        method: "POST",
        url: `${taxii}/sightings/objects/`,
        payload: JSON.stringify({ objects: [sighting] }),
        headers: { authorization: `Bearer ${token}`, "content-type": "application/taxii+json" },
    })
    expect(answer.json()).toMatchObject({ success_count: 1 })
    return answer.json<{ id: string }>().id
}

beforeAll(async () => {
    world = await three()
    const { its: setup, one: partner } = world
    // Each of a partner's feeds has a document.
    await write(setup, { name: "mixed", tiers: ["validate"], tlp: { summary: "GREEN", guidance: "AMBER+STRICT" } })
    // A key that waits for its confirmation.
    const waiting = await identityToRecipient(await generateX25519Identity())
    await setup.acting(partner.lead, (ctx) => addKey(ctx, waiting))
    portal = await openPortal(setup)
    for (const role of ["analyst", "lead"] as const) {
        const token = await setup.acting(system, (ctx) => issueCredential(ctx, partner[role].person, "token"))
        tokens.set(role, token)
        const status = await sighted(token)
        // Fetches everything once, so that receipts exist.
        await looksOf(portal.app, token, /copy$/)
        const looks = await looksOf(portal.app, token)
        before.set(role, [...looks, await get(`/taxii2/api/status/${status}/`, token)])
    }
    await setup.acting(setup.manager, (ctx) => suspendPartner(ctx, { partner: partner.id, reason: "it leaked" }))
    events = (await listEvents(setup.database)).length
}, 240_000)
afterAll(async () => {
    await portal.app.close()
    await world.its.database.close()
})

/** Own data that is empty here: no letters, and receipts that are in no log yet. The tiles are off. */
const withoutAny = [
    "GET /api/receipt-log/checkpoint",
    "GET /api/receipt-log/consistency",
    "GET /api/receipt-log/tiles/checkpoint",
    "GET /api/receipt-log/tiles/tile/{level}/{a}",
    "GET /api/receipt-log/tiles/tile/{level}/{a}/{b}",
    "GET /api/receipt-log/tiles/tile/{level}/{a}/{b}/{c}",
    "GET /api/receipts/{id}",
    "GET /api/letters/{id}",
]

const looksBy = (role: string) => before.get(role) ?? []
const isOwn = (route: Route<ActionContext>): boolean => permissions[route.permission]?.status !== "cases"

test("each address answers an active partner, or is listed here as one that does not", () => {
    const answered = [...before.values()].flat().filter(({ status }) => status === 200)
    const known = new Set(
        answered.map((look) => routeOf(pathIn(look))).flatMap((route) => (route ? [named(route)] : [])),
    )
    const missing = closed.filter((route) => !known.has(named(route)))
    expect(missing.map(named).toSorted().join("\n")).toBe(withoutAny.toSorted().join("\n"))
    expect(missing.filter((route) => !isOwn(route))).toEqual([])
})

test("requests for both collections and both CSAF versions find something", () => {
    const there = looksBy("analyst").filter(({ status, body }) => status === 200 && body.length > 2)
    const paths = there.map(pathIn)
    const object = String.raw`(?:report|sighting|note|indicator|relationship|course-of-action)--[0-9a-f-]{36}/`
    for (const collection of ["warnings", "sightings"]) {
        for (const rest of ["", "objects/", "manifest/", `objects/${object}`, `objects/${object}versions/`]) {
            expect(paths).toContainEqual(expect.stringMatching(new RegExp(`^${taxii}/${collection}/${rest}$`)))
        }
    }
    for (const folder of ["red", "amber", "v2\\.1/red", "v2\\.1/amber-strict"]) {
        const document = String.raw`2025/[^/]+\.json`
        const rests = ["", "/", "/index\\.txt", "/changes\\.csv", "/feed-[a-z-]+\\.json", "/2025/"]
        for (const rest of [
            ...rests,
            ...["", "\\.sha256", "\\.sha512", "\\.asc"].map((item) => `/${document}${item}`),
        ]) {
            expect(paths).toContainEqual(expect.stringMatching(new RegExp(`^/csaf/partner/${folder}${rest}$`)))
        }
    }
    expect(paths).toContainEqual(expect.stringMatching(/\/misp$/))
})

describe.each(["analyst", "lead"])("B-03 once its partner is suspended, its %s", (role) => {
    test.each(["the token that it had", "a new one"])("sees no trace at any of them: by %s", async (by) => {
        const { its: setup, one: partner, x, shared } = world
        const person = partner[role as "analyst" | "lead"].person
        const fresh = await setup.acting(system, (ctx) => issueCredential(ctx, person, "token"))
        const token = by === "a new one" ? fresh : (tokens.get(role) ?? "")
        const nowheres = new Map<string, string>()
        for (const subject of ["/api/", "/taxii2/", "/csaf/partner/"]) {
            const { path: _, ...answer } = await get(`${subject}nowhere-at-all`, token)
            expect(answer.status).toBe(404)
            nowheres.set(subject, JSON.stringify(answer))
        }
        const words = [...Object.values(x.text), ...Object.values(shared.text)]
        // The letter of its suspension names what it holds, by the titles that it knows.
        const titles = [x.text["title"], shared.text["title"]]
        const notified: string[] = []
        for (const look of looksBy(role)) {
            const route = routeOf(pathIn(look))
            if (route === undefined) continue
            const { path, ...answer } = await get(look.path, token)
            const text = answer.headers + answer.body
            const unknown = path === "/api/letters" ? words.filter((word) => !titles.includes(word)) : words
            expect([path, unknown.filter((word) => text.includes(word))]).toEqual([path, []])
            const nowhere = [...nowheres].find(([subject]) => path.startsWith(subject))?.[1]
            if (!isOwn(route) && JSON.stringify(answer) !== nowhere) notified.push(`${answer.status} ${path}`)
        }
        expect(notified).toEqual([])
    })
})

test("and no delivery of them is recorded", async () => {
    const kinds = (await listEvents(world.its.database)).slice(events).map(({ kind }) => kind)
    expect(kinds.filter((kind) => /served|delivered|shown/.test(kind))).toEqual([])
    expect(portal.faults).toEqual([])
})

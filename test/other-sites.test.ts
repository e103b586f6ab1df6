/**
 * Other sites may read the public CSAF files, as CSAF 2.1 asks (section 7.1, requirement 25), and the schema of the
 * embargo in STIX. They may read nothing else.
 */
import type { FastifyInstance, InjectOptions } from "fastify"
import { afterAll, beforeAll, expect, test } from "vitest"
import type { Side } from "../server/src/kernel/route.ts"
import { silentLog } from "../server/src/platform/log/log.ts"
import { allRoutes } from "../server/src/routes.ts"
import { makeServer } from "../server/src/server.ts"
import { issueCredential } from "../server/src/trust/identity/actions/sign-in.ts"
import { system } from "./support/actors.ts"
import { type Program, newPartner, createProgram } from "./support/program.ts"

const forAll = [
    "/.well-known/csaf/provider-metadata.json",
    "/.well-known/csaf/v2.0/provider-metadata.json",
    "/.well-known/csaf/v2.1/provider-metadata.json",
    "/.well-known/security.txt",
    "/csaf/openpgp.asc",
    "/csaf/openpgp/{name}",
    "/csaf/service.json",
    "/csaf/v2.1/clear",
    "/csaf/v2.1/clear/",
    "/csaf/v2.1/clear/changes.csv",
    "/csaf/v2.1/clear/feed-clear.json",
    "/csaf/v2.1/clear/index.txt",
    "/csaf/v2.1/clear/{year}/",
    "/csaf/v2.1/clear/{year}/{name}",
    "/csaf/v2.1/service.json",
    "/csaf/white",
    "/csaf/white/",
    "/csaf/white/changes.csv",
    "/csaf/white/feed-white.json",
    "/csaf/white/index.txt",
    "/csaf/white/{year}/",
    "/csaf/white/{year}/{name}",
    "/stix/embargo-1.0.0.schema.json",
]

let world: Program
let token: string
const apps = new Map<Side, FastifyInstance>()
beforeAll(async () => {
    world = await createProgram()
    const { lead } = await newPartner(world, "validate")
    token = await world.acting(system, (ctx) => issueCredential(ctx, lead.person, "token"))
    for (const side of ["console", "portal"] as const) {
        const settings = { web: null, secureCookies: false, requestsPerMinuteMax: 1_000_000 }
        apps.set(side, await makeServer({ services: { ...world.services, log: silentLog }, side, ...settings }))
    }
}, 120_000)
afterAll(async () => {
    for (const app of apps.values()) await app.close()
    await world.database.close()
})

const elsewhere = { origin: "https://viewer.example", "sec-fetch-site": "cross-site", "sec-fetch-mode": "cors" }

async function asked(
    side: Side,
    method: string,
    path: string,
    headers = {},
): Promise<{ status: number; any: unknown }> {
    const url = path.replaceAll(/\{\w+\}/g, "2025")
    const options = { method, url, headers: { ...elsewhere, ...headers } } as InjectOptions
    const { statusCode = 0, headers: got = {} } = (await apps.get(side)?.inject(options)) ?? {}
    return { status: statusCode, any: got["access-control-allow-origin"] }
}

test("any site may read each public CSAF file and the embargo schema", async () => {
    const found: string[] = []
    for (const { method, path, side } of allRoutes) {
        if (side === "console" || method !== "GET") continue
        const { status, any } = await asked("portal", method, path)
        if (any === undefined) continue
        expect({ path, any }).toEqual({ path, any: "*" })
        expect([200, 404]).toContain(status)
        expect(await asked("portal", "HEAD", path)).toEqual({ status, any })
        found.push(path)
    }
    expect(found.toSorted()).toEqual(forAll)
})

test("other sites may use no other address, method or side, even in the browser of a signed-in person", async () => {
    const others = [
        ...(["console", "portal"] as const).flatMap((side) => [
            ...allRoutes
                .filter((route) => route.side === side || route.side === "both")
                .map((route) => ({ ...route, side })),
            ...["/", "/healthz", "/api/openapi.json", "/csaf/", "/csaf/white/2025/a/b", "/.well-known/"].map(
                (path) => ({
                    side,
                    path,
                    method: "GET" as const,
                }),
            ),
        ]),
        ...forAll.flatMap((path) =>
            ["POST", "PUT", "OPTIONS"].map((method) => ({ side: "portal" as const, path, method })),
        ),
        ...forAll.map((path) => ({ side: "console" as const, path, method: "GET" as const })),
    ].filter(({ side, path, method }) => side === "console" || method !== "GET" || !forAll.includes(path))
    expect(others.length).toBeGreaterThan(300)
    for (const { side, method, path } of others) {
        for (const headers of [{}, { authorization: `Bearer ${token}` }]) {
            const answer = await asked(side, method, path, headers)
            expect({ side, method, path, ...answer }).toEqual({ side, method, path, status: 403, any: undefined })
        }
    }
})

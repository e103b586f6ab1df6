/** The database fails during a request: the caller sees only a failure, and nothing remains. */
import { isDeepStrictEqual } from "node:util"
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest"
import { parseInstant } from "@tocsin/base/instant"
import { type Db, openDb } from "../../server/src/platform/postgres/db.ts"
import { makeServer } from "../../server/src/server.ts"
import { artifactNamed, signedInAs } from "../support/signed-in.ts"
import { type Demonstration, type SeededMaster, copyDemonstration, seedMaster } from "../support/demonstration.ts"
import { runSql } from "../support/sql.ts"
import { dyingAfterCommit, dyingBefore, stateOf } from "./dying-database.ts"

const validate = parseInstant("2025-06-24T17:00:00Z")

let master: SeededMaster
let world: Demonstration
beforeAll(async () => {
    master = await seedMaster()
})
afterAll(async () => await master.close())
beforeEach(async () => {
    world = await copyDemonstration(master)
    await world.moveTo(validate)
    return async () => await world.close()
})

const problem = {
    type: "about:blank",
    title: "Internal Server Error",
    status: 500,
    code: "request.failed",
    detail: "internal error: see the server log",
}
const down = {
    type: "about:blank",
    title: "Service Unavailable",
    status: 503,
    code: "request.database_down",
    detail: "the database does not answer: try again in a few seconds",
}

/** Sends one request to a separate app over this database. */
async function askedOver(
    db: Db,
    side: "portal" | "console",
    request: { method: "GET" | "POST"; url: string; payload?: object },
) {
    const app = await makeServer({
        services: { ...world.services, db },
        side,
        web: null,
        secureCookies: false,
        requestsPerMinuteMax: 100_000,
    })
    const { token } = signedInAs(world, side === "portal" ? "halcyon" : "ingrid")
    const answer = await app.inject({ ...request, headers: { authorization: `Bearer ${token}` } })
    await app.close()
    return answer
}

const copyOf = async (name: string) =>
    `/api/artifacts/${artifactNamed(await signedInAs(world, "halcyon").get("/api/warnings"), name)}/copy`

test("a download that dies before any of its statements is neither served nor recorded", async () => {
    const url = await copyOf("technical.md")
    const before = await stateOf(world.services.db)
    let statement = 0
    for (let died = true; died;) {
        statement += 1
        const db = dyingBefore(world.services.db, statement)
        const answer = await askedOver(db, "portal", { method: "GET", url })
        died = db.died()
        expect(answer.statusCode, `statement ${statement}`).toBe(died ? 503 : 200)
        if (!died) break
        expect(answer.json()).toEqual(down)
        expect(await stateOf(world.services.db), `statement ${statement}`).toEqual(before)
    }
    expect(statement).toBeGreaterThan(20)
})

test("a download whose connection dies after a commit is not served, and its records stay", async () => {
    const url = await copyOf("technical.md")
    const before = (await fetchedByHalcyon()).length
    let commit = 0
    for (let died = true; died;) {
        commit += 1
        const db = dyingAfterCommit(world.services.db, commit)
        const answer = await askedOver(db, "portal", { method: "GET", url })
        died = db.died()
        expect(answer.statusCode, `commit ${commit}`).toBe(died ? 500 : 200)
        if (died) expect(answer.json()).toEqual(problem)
    }
    expect(commit).toBeGreaterThan(1)
    // One of those that died was recorded: the one with the last commit.
    expect(await fetchedByHalcyon()).toHaveLength(before + 2)
    const first = await signedInAs(world, "halcyon").copy("technical.md")
    expect(await signedInAs(world, "halcyon").copy("technical.md")).toBe(first)
})

async function fetchedByHalcyon(): Promise<unknown[]> {
    const partner = signedInAs(world, "halcyon").partner
    const { fetched } = await signedInAs(world, "daria").get(`/api/deliveries?partner=${partner}`)
    return fetched
}

test("a suspension that dies before any of its statements has suspended no partner, or is complete", async () => {
    const halcyon = signedInAs(world, "halcyon")
    const payload = { kind: "interim_suspension", partner: halcyon.partner, reason: "it leaked" }
    const before = await stateOf(world.services.db)
    let statement = 0
    for (let isCommitted = false; !isCommitted;) {
        statement += 1
        const db = dyingBefore(world.services.db, statement)
        const answer = await askedOver(db, "console", { method: "POST", url: "/api/measures", payload })
        expect(answer.statusCode, `statement ${statement}`).toBe(db.died() ? 503 : 200)
        isCommitted = !isDeepStrictEqual(await stateOf(world.services.db), before)
    }
    // After the commit, the high-water file is written; a person who got 503 retries.
    expect(statement).toBeGreaterThan(10)
    expect(await halcyon.refusal("GET", "/api/warnings")).toBe("404 request.not_found")
    const again = await askedOver(world.services.db, "console", { method: "POST", url: "/api/measures", payload })
    expect(again.statusCode).toBe(200)
    expect((await signedInAs(world, "halcyon.lead").get("/api/letters")).letters).toHaveLength(1)
})

test("cut connections during many downloads: each is served and recorded, or neither; service continues", async () => {
    const url = await copyOf("summary.md")
    const halcyon = signedInAs(world, "halcyon")
    const cut = `select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and datname =
            current_database()`
    const answers = Promise.all(Array.from({ length: 40 }, () => halcyon.raw("GET", url)))
    for (let i = 0; i < 3; i++) await runSql(world.database.url, cut)
    const statuses = (await answers).map(({ statusCode }) => statusCode)
    expect(statuses.filter((status) => status !== 200 && status !== 503)).toEqual([])
    const served = (await answers).filter(({ statusCode }) => statusCode === 200)
    const rows = await world.services.db.transaction((tx) =>
        tx.query<{ id: string }>("select d.id from deliveries d join events e on e.seq = d.event_id"),
    )
    const events = await world.services.db.transaction((tx) =>
        tx.query<{ id: string }>("select body->>'delivery' as id from events where kind = 'copy.delivered'"),
    )
    const ids = rows.map(({ id }) => id)
    expect(ids.toSorted()).toEqual(events.map(({ id }) => id).toSorted())
    expect(ids).toEqual(expect.arrayContaining(served.map(({ headers }) => headers["tocsin-receipt"])))
    expect((await halcyon.raw("GET", url)).statusCode).toBe(200)
})

test("without a database, every address answers that it failed, and nothing else", async () => {
    const nowhere = openDb("postgres://nobody@127.0.0.1:1/nothing")
    for (const [side, url] of [
        ["portal", "/api/warnings"],
        ["console", "/api/cases"],
        ["console", "/api/audit-log/export"],
    ] as const) {
        const answer = await askedOver(nowhere, side, { method: "GET", url })
        expect(answer.statusCode).toBe(503)
        expect(answer.json()).toEqual(down)
    }
    await nowhere.close()
})

test("without a database, each side is alive, is not ready, and gives the portal's strangers no reason", async () => {
    const nowhere = openDb("postgres://nobody@127.0.0.1:1/nothing")
    const answered = async (side: "portal" | "console", url: string) => {
        const answer = await askedOver(nowhere, side, { method: "GET", url })
        return [answer.statusCode, answer.json()]
    }
    for (const side of ["portal", "console"] as const) {
        expect(await answered(side, "/healthz")).toEqual([200, { ok: true }])
    }
    expect(await answered("portal", "/readyz")).toEqual([503, { ok: false }])
    expect(await answered("console", "/readyz")).toEqual([
        503,
        {
            ok: false,
            checks: [
                { check: "database", ok: false, code: "unreachable" },
                { check: "worker", ok: false, code: "unknown" },
                { check: "clock", ok: false, code: "unknown" },
                { check: "disk", ok: true, code: null },
            ],
        },
    ])
    await nowhere.close()
})

/** A repeated poll is answered in one statement: the same bytes, recorded, and only with access. */
import { setTimeout as pause } from "node:timers/promises"
import { afterEach, beforeEach, expect, test } from "vitest"
import { listEvents } from "../../../../test/support/actors.ts"
import { type Portal, openPortal } from "../../../../test/support/polled-pages.ts"
import {
    type Program,
    type TestPartner,
    releaseWaveNow,
    newArtifact,
    newCase,
    newPartner,
    createProgram,
} from "../../../../test/support/program.ts"
import { countRoundTrips } from "../../../../test/support/statements.ts"
import { dayMs, parseInstant } from "@tocsin/base/instant"
import { issueCredential } from "../../trust/identity/actions/sign-in.ts"
import { endCallerToken, listCallerTokens } from "../../trust/identity/machines/actions/manage-tokens.ts"
import { removePerson } from "../../trust/identity/actions/manage-people.ts"
import { changePartnerStatus } from "../../trust/partners/actions/change-partner.ts"

let world: Program
let partner: TestPartner
let portal: Portal
let token: string
let real = 0

beforeEach(async () => {
    world = await createProgram()
    real = world.clock.now = parseInstant("2025-06-24T17:00:00Z")
    partner = await newPartner(world, "validate")
    const subject = await newCase(world, "toolshell")
    await releaseWaveNow(world, subject, "validate", [
        await newArtifact(world, subject, "summary", "toolshell/summary.md"),
    ])
    portal = await openPortal(world, { realNow: () => real })
    token = await newToken()
}, 120_000)
afterEach(async () => {
    await portal.app.close()
    await world.database.close()
})

const newToken = () => world.acting(partner.analyst, (ctx) => issueCredential(ctx, partner.analyst.person, "token"))
const page = "/taxii2/api/collections/warnings/objects/?limit=3"
const none = "/taxii2/api/collections/warnings/objects/?added_after=2100-01-01T00:00:00Z"

async function asked(url: string, by = token) {
    const { statusCode, body, headers } = await portal.app.inject({ url, headers: { authorization: `Bearer ${by}` } })
    const { date, ...others } = headers
    return { statusCode, body, headers: others, date: typeof date }
}

const served = async () => (await listEvents(world.database)).filter(({ kind }) => kind === "objects.served")
const leased = async (url: string) => {
    for (let n = 0; n < 2; n++) await asked(url)
}
const statementsOf = async (url: string, by = token) => (await countRoundTrips(() => asked(url, by))).statements

test.each([page, none, `${page}&match[type]=report`, `${page}&match[version]=all`])(
    "%s: answers the same in one statement",
    async (url) => {
        const first = await asked(url)
        expect(first.statusCode).toBe(200)
        await asked(url)
        expect(await statementsOf(url)).toBe(1)
        expect(await asked(url)).toEqual(first)
    },
)

test("records it like any other poll", async () => {
    await leased(page)
    expect(await statementsOf(page)).toBe(1)
    const events = await served()
    expect(events).toHaveLength(3)
    const [, usual, again] = events.map(({ body }) => body)
    expect(again).toEqual(usual)
    await asked(none)
    expect(await served()).toHaveLength(3)
})

test("refuses what is always refused", async () => {
    await leased(page)
    for (const url of [`${page}0&limit=0`, `${page}&next=x`, page.replace("limit=3", "limit=0"), `${page}&x=1`]) {
        const [first, again] = [await asked(url), await asked(url)]
        expect(first.statusCode).toBe(400)
        expect(again).toEqual(first)
    }
})

const manager = <T>(work: Parameters<typeof world.acting<T>>[1]) => world.acting(world.manager, work)
const ends: readonly (readonly [what: string, end: () => Promise<unknown>, status: number])[] = [
    ["the partner is suspended", () => manager((ctx) => changePartnerStatus(ctx, partner.id, "suspended")), 404],
    ["the person leaves", () => manager((ctx) => removePerson(ctx, partner.analyst.person)), 401],
    ["the token is ended", () => endToken(), 401],
    ["the token runs out", async () => (real += 400 * dayMs), 401],
]

async function endToken(): Promise<void> {
    await world.acting(partner.analyst, async (ctx) => {
        for (const { id } of await listCallerTokens(ctx)) await endCallerToken(ctx, id)
    })
}

test.each(ends)("%s: ends at once, without a record", async (_, end, status) => {
    await leased(page)
    expect(await statementsOf(page)).toBe(1)
    const before = (await served()).length
    await end()
    for (const url of [page, none]) expect((await asked(url)).statusCode).toBe(status)
    expect((await served()).length).toBe(before)
})

test("makes a poll wait for a running suspension", async () => {
    await leased(page)
    const over = Promise.withResolvers<void>()
    const suspending = manager(async (ctx) => {
        await changePartnerStatus(ctx, partner.id, "suspended")
        await over.promise
    })
    await pause(50)
    const waiting = [asked(page), asked(none)]
    await pause(50)
    over.resolve()
    await suspending
    for (const item of waiting) expect((await item).statusCode).toBe(404)
    expect(await served()).toHaveLength(2)
})

test("makes a suspension wait for an earlier poll", async () => {
    await leased(page)
    const answers = Promise.all(Array.from({ length: 20 }, () => asked(page)))
    await manager((ctx) => changePartnerStatus(ctx, partner.id, "suspended"))
    const count = (await answers).filter(({ statusCode }) => statusCode === 200).length
    expect(await served()).toHaveLength(2 + count)
})

test("knows another credential of the person after its first poll, and never an unknown one", async () => {
    await leased(page)
    const other = await newToken()
    const first = await asked(page, other)
    expect(first.statusCode).toBe(200)
    expect(await statementsOf(page, other)).toBe(1)
    expect((await asked(page, "A".repeat(43))).statusCode).toBe(401)
})

/** Another partner that polled before and would be answered again. */
async function neighbour(url: string) {
    const partner = await newPartner(world, "validate")
    const by = await world.acting(partner.analyst, (ctx) => issueCredential(ctx, partner.analyst.person, "token"))
    for (let n = 0; n < 2; n++) await asked(url, by)
    return { id: partner.id, by }
}

test.each([page, none])("%s: answers several partners in one statement, each with its own", async (url) => {
    const { by } = await neighbour(url)
    await leased(url)
    const [own, other] = [await asked(url), await asked(url, by)]
    const before = await served()
    let answers: unknown[] = []
    const both = () => Promise.all([asked(url), asked(url, by)])
    expect((await countRoundTrips(async () => (answers = await both()))).statements).toBe(1)
    expect(answers).toEqual([own, other])
    const after = (await served()).slice(before.length)
    expect(after.map(({ body }) => body["partner"])).toEqual(url === page ? [partner.id, expect.any(String)] : [])
    expect(new Set(after.map(({ body }) => body["partner"])).size).toBe(after.length)
})

test("leaves out only the partner that lost access", async () => {
    const { by } = await neighbour(page)
    await leased(page)
    await endToken()
    const before = (await served()).length
    const [own, other] = await Promise.all([asked(page), asked(page, by)])
    expect([own.statusCode, other.statusCode]).toEqual([401, 200])
    expect(await served()).toHaveLength(before + 1)
})

test("lets a partner that waits for its suspension delay no other", async () => {
    const { by, id } = await neighbour(page)
    await leased(page)
    const over = Promise.withResolvers<void>()
    const suspending = manager(async (ctx) => {
        await changePartnerStatus(ctx, id, "suspended")
        await over.promise
    })
    await pause(50)
    const waiting = asked(page, by)
    expect((await asked(page)).statusCode).toBe(200)
    over.resolve()
    await suspending
    expect((await waiting).statusCode).toBe(404)
})

test("answers other collections and new objects as usual", async () => {
    await leased(none)
    expect(await statementsOf(none)).toBe(1)
    for (let n = 0; n < 2; n++) expect(await statementsOf(page)).toBeGreaterThan(1)
    expect(await statementsOf(page)).toBe(1)
    const sightings = page.replace("warnings", "sightings")
    await asked(sightings)
    const once = await statementsOf(sightings)
    for (let n = 0; n < 3; n++) expect(await statementsOf(sightings)).toBe(once)
})

async function post(objects: readonly object[]) {
    const url = "/taxii2/api/collections/sightings/objects/"
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/taxii+json;version=2.1" }
    return await portal.app.inject({ method: "POST", url, headers, payload: JSON.stringify({ objects }) })
}

const at = "2025-06-24T16:00:00.000Z"
const sightingOf = (ref: string, n = 0) => ({
    type: "sighting",
    spec_version: "2.1",
    created: at,
    modified: at,
    sighting_of_ref: ref,
    id: `sighting--0d1b9c1e-5a55-4c8e-9a11-00000000000${n}`,
})
const unknown = `vulnerability--0d1b9c1e-5a55-4c8e-9a11-000000000009`

async function deliveries(): Promise<number> {
    return await world.acting(world.manager, async ({ tx }) => {
        const rows = await tx.query("select 1 from deliveries where partner_id = $1", [partner.id])
        return rows.length
    })
}

test.each([
    ["before", [refusedPage, posted]],
    ["after", [posted, posted, refusedPage]],
])("delivers nothing that a refused poll dated, and records every first time: a post %s it", async (_, steps) => {
    for (const step of steps) await step()
    for (const url of [page, page]) expect((await asked(`${url}00`)).statusCode).toBe(200)
    expect(await deliveries()).toBe(1)
})

async function refusedPage(): Promise<void> {
    expect((await asked(page.replace("limit=3", "limit=0"))).statusCode).toBe(400)
}

async function posted(): Promise<void> {
    expect((await post([sightingOf(unknown)])).statusCode).toBe(202)
}

test("shows posted and deleted objects at once", async () => {
    const { body } = await asked(`${page}&match[type]=vulnerability`)
    const [id = ""] = (JSON.parse(body) as { objects: { id: string }[] }).objects.map((object) => object.id)
    const own = "/taxii2/api/collections/sightings/objects/"
    const count = async () => {
        const answer = await asked(own)
        expect(answer.statusCode).toBe(200)
        return ((JSON.parse(answer.body) as { objects?: object[] }).objects ?? []).length
    }
    for (let n = 1; n < 3; n++) {
        await post([sightingOf(id, n)])
        for (let m = 0; m < 3; m++) expect(await count()).toBe(n)
    }
    const headers = { authorization: `Bearer ${token}` }
    await portal.app.inject({ method: "DELETE", url: `${own}${sightingOf(id, 1).id}/`, headers })
    expect(await count()).toBe(1)
})

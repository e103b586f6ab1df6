/** Bounds the database statements of a poll, so that they do not grow unnoticed. */
import { afterAll, beforeAll, expect, test } from "vitest"
import { type Portal, openPortal, createToken } from "../../../../test/support/polled-pages.ts"
import {
    type Program,
    releaseWaveNow,
    newArtifact,
    newCase,
    newPartner,
    createProgram,
} from "../../../../test/support/program.ts"
import { parseInstant } from "@tocsin/base/instant"
import { databaseClock } from "../../platform/time/clock.ts"
import type { Tx } from "../../platform/postgres/db.ts"
import { countRoundTrips } from "../../../../test/support/statements.ts"
import { listEvents } from "../../../../test/support/actors.ts"

let world: Program
let portal: Portal
let token: string
const real = { now: 0 }
beforeAll(async () => {
    world = await createProgram()
    real.now = world.services.realNow()
    world.clock.now = parseInstant("2025-06-24T17:00:00Z")
    const partner = await newPartner(world, "validate")
    token = await createToken(world, partner)
    for (let n = 0; n < 2; n++) {
        const subject = await newCase(world, "toolshell")
        await releaseWaveNow(world, subject, "validate", [
            await newArtifact(world, subject, "summary", "toolshell/summary.md"),
        ])
    }
    // Asks the database for the time as in service, and uses the program's time.
    const now = async (tx: Tx) => (await databaseClock.now(tx), world.clock.now)
    portal = await openPortal(world, { clock: { now, externalNow: () => world.clock.now }, realNow: () => real.now })
}, 120_000)
afterAll(async () => {
    await portal.app.close()
    await world.database.close()
})

async function poll(path: string): Promise<number> {
    const headers = { authorization: `Bearer ${token}` }
    const answer = await portal.app.inject({ url: `/taxii2/api/collections/warnings/objects/${path}`, headers })
    expect(answer.statusCode).toBe(200)
    return (answer.json() as { objects?: readonly object[] }).objects?.length ?? 0
}

const page = "?limit=2"
const later = "?added_after=2100-01-01T00:00:00Z"
/** Longer than any lease; a reader that polls after that gets none. */
const pastLeases = 11_000

test.each([
    ["a page", page, 2, { statements: 36, trips: 5 }, { statements: 1, trips: 1 }],
    ["a poll that finds nothing", later, 0, { statements: 35, trips: 5 }, { statements: 1, trips: 1 }],
])("takes at most these statements for %s, after the reader's first poll", async (_, path, found, decided, leased) => {
    const served = async () => (await listEvents(world.database)).filter(({ kind }) => kind === "objects.served").length
    for (const most of [decided, leased]) {
        for (let n = 0; n < 2; n++) expect(await poll(path)).toBe(found)
        if (most === decided) for (const time of [world.clock, real]) time.now += pastLeases
        const before = await served()
        const { statements, roundTrips: trips } = await countRoundTrips(() => poll(path))
        expect(statements).toBeLessThanOrEqual(most.statements)
        expect(trips).toBeLessThanOrEqual(most.trips)
        expect(await served()).toBe(before + Math.sign(found))
    }
})

test("takes at most these statements for a first delivery, for the first page and each later one", async () => {
    const partner = await newPartner(world, "validate")
    const headers = { authorization: `Bearer ${await createToken(world, partner)}` }
    let next = ""
    const following = async () => {
        const answer = await portal.app.inject({
            url: `/taxii2/api/collections/warnings/objects/${page}${next}`,
            headers,
        })
        const given = answer.json<{ more: boolean; next: string; objects: object[] }>()
        expect([answer.statusCode, given.objects.length, given.more]).toEqual([200, 2, true])
        next = `&next=${given.next}`
    }
    // The first poll encodes everything. The second gets a lease, and its statements are counted. Later ones need no
    // decision.
    for (const most of [
        { statements: 48, trips: 17 },
        { statements: 55, trips: 12 },
        { statements: 11, trips: 6 },
    ]) {
        const { statements, roundTrips: trips } = await countRoundTrips(following)
        expect(statements).toBeLessThanOrEqual(most.statements)
        expect(trips).toBeLessThanOrEqual(most.trips)
    }
})

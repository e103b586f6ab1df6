/**
 * Bounds the database statements of a post, whatever it contains, so that they do not grow unnoticed. Deletes objects,
 * also of a case under legal hold.
 */
import { randomUUID } from "node:crypto"
import { afterAll, beforeAll, expect, test } from "vitest"
import { listEvents } from "../../../../test/support/actors.ts"
import { type Portal, openPortal, createToken } from "../../../../test/support/polled-pages.ts"
import {
    type Program,
    releaseWaveNow,
    newArtifact,
    newCase,
    newPartner,
    createProgram,
    signAsApprover,
} from "../../../../test/support/program.ts"
import { countRoundTrips } from "../../../../test/support/statements.ts"
import { parseInstant } from "@tocsin/base/instant"
import { databaseClock } from "../../platform/time/clock.ts"
import { forgetObjectsJob } from "../../trace/sightings/actions/post-objects.ts"
import { liftCaseHold, placeHold } from "../../share/cases/actions/hold-case.ts"
import type { ApprovalInput } from "../../trust/approvals/approval.ts"

const at = "2025-06-24T16:00:00.000Z"
const version = { spec_version: "2.1", created: at, modified: at }

let world: Program
let portal: Portal
let headers: Readonly<Record<string, string>>
/** Vulnerabilities of two warnings. */
let shown: string[]
const cases: string[] = []
beforeAll(async () => {
    world = await createProgram()
    world.clock.now = parseInstant("2025-06-24T17:00:00Z")
    const partner = await newPartner(world, "validate")
    headers = {
        authorization: `Bearer ${await createToken(world, partner)}`,
        "content-type": "application/taxii+json;version=2.1",
    }
    for (let n = 0; n < 2; n++) {
        const subject = await newCase(world, n === 0 ? "toolshell" : "bypass")
        cases.push(subject)
        await releaseWaveNow(world, subject, "validate", [
            await newArtifact(world, subject, "summary", "toolshell/summary.md"),
        ])
    }
    // Asks the database for the time as in service, and uses the program's time.
    portal = await openPortal(world, { clock: { now: async (tx) => (await databaseClock.now(tx), world.clock.now) } })
    const url = "/taxii2/api/collections/warnings/objects/?match[type]=report"
    const reports = (await portal.app.inject({ url, headers })).json<{ objects: { object_refs: string[] }[] }>().objects
    shown = reports.flatMap((report) => report.object_refs.slice(0, 1))
}, 120_000)
afterAll(async () => {
    await portal.app.close()
    await world.database.close()
})

async function post(objects: readonly object[]) {
    const url = "/taxii2/api/collections/sightings/objects/"
    const answer = await portal.app.inject({ method: "POST", url, headers, payload: JSON.stringify({ objects }) })
    expect(answer.statusCode).toBe(202)
    return answer.json<{ success_count: number; failure_count: number }>()
}

/** Builds a sighting of each item, with `count` objects. */
function seen(items: readonly string[], count: number): object[] {
    const values = Array.from({ length: count - 2 * items.length }, (_, n) => ({
        type: "ipv4-addr",
        spec_version: "2.1",
        id: `ipv4-addr--${randomUUID()}`,
        value: `203.0.113.${n}`,
    }))
    const sighted = items.flatMap((item) => {
        const data = {
            type: "observed-data",
            ...version,
            id: `observed-data--${randomUUID()}`,
            number_observed: 1,
            first_observed: at,
            last_observed: at,
            object_refs: values.map(({ id }) => id),
        }
        const id = `sighting--${randomUUID()}`
        return [{ type: "sighting", ...version, id, sighting_of_ref: item, observed_data_refs: [data.id] }, data]
    })
    return [...sighted, ...values]
}

const reported = async () =>
    (await listEvents(world.database)).filter(({ kind }) => kind === "sighting.reported").length

test.each([
    ["ten objects", 1, 10, { statements: 32, trips: 10 }],
    ["a hundred objects", 1, 100, { statements: 32, trips: 10 }],
    ["a hundred objects of two warnings", 2, 100, { statements: 33, trips: 10 }],
])("takes at most these statements for a post of %s, after the reader's first poll", async (_, cases, count, most) => {
    const showns = shown.slice(0, cases)
    expect(new Set(showns).size).toBe(cases)
    // The first sighting of a case ends its leases.
    for (let n = 0; n < 3; n++) {
        await post(seen(showns, count))
    }
    const before = await reported()
    const objects = seen(showns, count)
    const { statements, roundTrips: trips } = await countRoundTrips(async () =>
        expect(await post(objects)).toMatchObject({ success_count: count, failure_count: 0 }),
    )
    expect(statements).toBeLessThanOrEqual(most.statements)
    expect(trips).toBeLessThanOrEqual(most.trips)
    expect(await reported()).toBe(before + cases)
})

test("fails an object with an odd value in place of a text, and accepts the others", async () => {
    const odd = { toString: 1 }
    const tlp = { type: "marking-definition", ...version, id: "", definition_type: "tlp", definition: { tlp: "red" } }
    const [sighting = {}, data = {}] = seen(shown.slice(0, 1), 3)
    const broken = [sighting, data, tlp].flatMap((item) => Object.keys(item).map((name) => ({ ...item, [name]: odd })))
    const good = seen(shown.slice(0, 1), 5)
    for (const item of broken) {
        expect(await post([...good, { id: `note--${randomUUID()}`, ...item }])).toMatchObject({
            success_count: good.length,
            failure_count: 1,
        })
    }
})

test("accepts a description of 64 KB and returns it whole", async () => {
    const [sighting = {}, data = {}] = seen(shown.slice(0, 1), 3)
    const description = `${"An odd request.\n".repeat(4095)}The end.`
    const { success_count: taken } = await post([{ ...sighting, description }, data])
    expect(taken).toBe(2)
    const { id } = sighting as { id: string }
    const url = `/taxii2/api/collections/sightings/objects/${id}/`
    const { objects } = (await portal.app.inject({ url, headers })).json<{ objects: { description: string }[] }>()
    expect(objects[0]?.description).toBe(description)
    const listed = (await portal.app.inject({ url: "/api/sightings", headers })).json<{
        sightings: { note: string }[]
    }>()
    expect(listed.sightings.map(({ note }) => note)).toContain(description)
})

test.each(["last", "first"])("deletes only the %s version of a posted object", async (which) => {
    const [sighting = {}, data = {}] = seen(shown.slice(0, 1), 3)
    const later = { ...sighting, modified: "2025-06-24T16:30:00.000Z" }
    const { id } = sighting as { id: string }
    await post([sighting, data])
    await post([later])
    const url = `/taxii2/api/collections/sightings/objects/${id}/`
    const versions = async () =>
        (await portal.app.inject({ url: `${url}versions/`, headers })).json<{ versions: string[] }>().versions
    const list = await versions()
    expect(list).toHaveLength(2)
    const { authorization = "" } = headers
    const gone = await portal.app.inject({
        method: "DELETE",
        url: `${url}?match[version]=${which}`,
        headers: { authorization },
    })
    expect(gone.statusCode).toBe(200)
    expect(await versions()).toEqual(which === "last" ? list.slice(0, 1) : list.slice(1))
})

/** Posts a sighting of the first warning, deletes it, posts it again, and returns all answers. */
async function deleteAndPostAgain(): Promise<unknown[]> {
    const [sighting = {}, data = {}] = seen(shown.slice(0, 1), 3)
    const url = `/taxii2/api/collections/sightings/objects/${(sighting as { id: string }).id}/`
    const answers: unknown[] = []
    const ask = async (method: "GET" | "DELETE") => {
        const { statusCode, json } = await portal.app.inject({
            ...{ method, url, headers: { authorization: headers["authorization"] ?? "" } },
        })
        answers.push([statusCode, statusCode === 200 ? json<{ objects?: object[] }>().objects?.length : null])
    }
    await post([sighting, data])
    for (const method of ["GET", "DELETE", "GET", "DELETE"] as const) await ask(method)
    answers.push((await post([sighting, data])).success_count)
    await ask("GET")
    await ask("DELETE")
    return answers
}

async function liftHold(caseId: string): Promise<void> {
    const lift = (input: ApprovalInput) => world.acting(world.manager, (ctx) => liftCaseHold(ctx, caseId, input))
    const { approval } = await lift({ reason: "It is over." })
    await signAsApprover(world, approval)
    await lift({ approval })
}

test("a legal hold keeps deleted objects until it is lifted, and their partner gets the same answers", async () => {
    const kept = async () =>
        (await world.database.db.transaction((tx) => tx.query("select from deleted_sighting_objects"))).length
    const work = async () => await forgetObjectsJob.run(world.services)
    await work()
    const answers = await deleteAndPostAgain()
    expect(answers).toEqual([[200, 1], [200, undefined], [404, null], [404, null], 2, [200, 1], [200, undefined]])
    expect(await kept()).toBe(2)
    await work()
    expect(await kept()).toBe(0)
    for (const caseId of cases)
        await world.acting(world.manager, (ctx) => placeHold(ctx, caseId, "A court asks for it."))
    expect(await deleteAndPostAgain()).toEqual(answers)
    await work()
    expect(await kept()).toBe(2)
    for (const caseId of cases) await liftHold(caseId)
    expect(await kept()).toBe(2)
    await work()
    expect(await kept()).toBe(0)
})

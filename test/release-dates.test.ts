/**
 * No date on a partner's channels is earlier than the release to that partner, and each channel states that instant.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { parseInstant } from "@tocsin/base/instant"
import { type Person, signedInAs } from "./support/signed-in.ts"
import { type Demonstration, type SeededMaster, copyDemonstration, seedMaster } from "./support/demonstration.ts"

interface StixObject {
    readonly id: string
    readonly type: string
    readonly created_by_ref?: string
    readonly created: string
    readonly modified: string
    readonly published?: string
    readonly valid_from?: string
}

let master: SeededMaster
let world: Demonstration
beforeAll(async () => {
    master = await seedMaster()
    world = await copyDemonstration(master)
    await world.moveTo(parseInstant("2025-07-04T00:00:00Z"))
    await world.work()
}, 120_000)
afterAll(async () => {
    await world.close()
    await master.close()
})

const taxii = async ({ token }: Person): Promise<readonly StixObject[]> => {
    const headers = { authorization: `Bearer ${token}`, accept: "application/taxii+json;version=2.1" }
    const url = "/taxii2/api/collections/warnings/objects/?limit=1000"
    return (await world.apps.portal.inject({ url, headers })).json<{ objects: StixObject[] }>().objects
}

const instantsIn = (text: string): string[] => text.match(/\b20\d\d-\d\d-\d\dT[\d:.]+Z/g) ?? []

describe.each([
    ["a partner of the first wave", "halcyon", "2025-06-24T17:00:00Z"],
    ["a partner of the second wave", "copperline", "2025-07-03T17:00:00Z"],
])("%s", (_, key, released) => {
    const early = (text: string) => instantsIn(text).filter((instant) => parseInstant(instant) < parseInstant(released))

    test("reads the instant of its release in TAXII", async () => {
        const objects = await taxii(signedInAs(world, key))
        const report = objects.find(({ type }) => type === "report")
        const by = report?.created_by_ref
        expect(report?.published).toBe(released.replace("Z", ".000Z"))
        // STIX objects of an author are sent unchanged.
        const own = objects.filter(
            (stixObject) => stixObject.created_by_ref === by && !/^(identity|extension-)/.test(stixObject.type),
        )
        expect(own.length).toBeGreaterThan(10)
        for (const stixObject of own) expect(early(JSON.stringify(stixObject))).toEqual([])
        for (const stixObject of own)
            expect([stixObject.id, stixObject.created]).toEqual([stixObject.id, released.replace("Z", ".000Z")])
    })

    test("reads it in CSAF and in its feed", async () => {
        const person = signedInAs(world, key)
        const feeds = ["/csaf/partner/amber/feed-amber.json", "/csaf/partner/v2.1/amber-strict/feed-amber-strict.json"]
        for (const path of feeds) {
            const { feed } = await person.get(path)
            expect(early(JSON.stringify(feed))).toEqual([])
            expect(feed.entry).toHaveLength(2)
            for (const { content, published } of feed.entry) {
                expect(published).toBe(released)
                const document = await person.get(content.src.replace(/^https?:\/\/[^/]+/, ""))
                expect(document.document.tracking.initial_release_date).toBe(released)
                expect(early(JSON.stringify(document))).toEqual([])
            }
        }
        expect(early((await person.raw("GET", "/csaf/partner/amber/changes.csv")).body)).toEqual([])
    })

    test("reads it in MISP", async () => {
        const person = signedInAs(world, key)
        const { warnings } = await person.get("/api/warnings")
        const { Event: event } = await person.get(`/api/warnings/${warnings[0].id}/misp`)
        expect(event.date).toBe(released.slice(0, 10))
        const seconds: string[] = [
            event.timestamp,
            ...event.Attribute.map((item: { timestamp: string }) => item.timestamp),
        ]
        expect(Math.min(...seconds.map(Number)) * 1000).toBe(parseInstant(released))
    })

    test("reads it in the portal", async () => {
        const { warnings } = await signedInAs(world, key).get("/api/warnings")
        expect(early(JSON.stringify(warnings))).toEqual([])
    })
})

test("the objects have the same ids and other content for all partners", async () => {
    const [first, second] = [await taxii(signedInAs(world, "halcyon")), await taxii(signedInAs(world, "copperline"))]
    const undated = (objects: readonly StixObject[]) =>
        objects.map(({ created: _, modified: __, published: ___, valid_from: ____, ...rest }) => rest)
    expect(undated(second)).toEqual(undated(first))
})

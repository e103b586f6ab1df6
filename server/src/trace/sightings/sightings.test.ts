/** Sightings on a real database: what is kept of them, once, and who sees it. */
import * as fc from "fast-check"
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { codeOf, member, recorded } from "../../../../test/acting.ts"
import { newId } from "../../../../test/database.ts"
import {
    type Program,
    type TestPartner,
    fall,
    newArtifact,
    newCase,
    newPartner,
    program,
} from "../../../../test/program.ts"
import { eventHandlers } from "../../event-handlers.ts"
import { dayMs, parseInstant } from "@tocsin/base/instant"
import { handleNextEvent } from "../../kernel/worker.ts"
import { embargoDecisions, rejectProposal } from "../../share/cases/actions/negotiate-embargo.ts"
import { aliasFor } from "../../share/delivery/actions/aliases.ts"
import { setCircle } from "../../trust/partners/roster/actions/access-lists-for-partner.ts"
import { savePosted, saveStatus, nameOfObject, ownObjects, ownStatus } from "./actions/post-objects.ts"
import {
    hearFirst,
    saveSightings,
    ownSightings,
    reportSighting,
    sightingsOf,
    takeBackSighting,
} from "./actions/report-sighting.ts"
import { type Report, isSameReport, validateReport, objectsMax, sightingsMax } from "./sighting.ts"

const now = parseInstant("2025-07-05T12:00:00Z")
const seen: Report = {
    seenAt: now - 3_600_000,
    lookedSince: null,
    clock: "synchronised",
    product: "SharePoint Server 2019",
    indicators: ["198.51.100.7", "/_layouts/15/ToolPane.aspx"],
    confidence: 80,
    note: "Two servers of a customer.",
}

describe("a report", () => {
    const long = (length: number) => "x".repeat(length)
    test.each<[string, Partial<Report>, string]>([
        ["seen just now", { seenAt: now }, "done"],
        ["seen in a moment", { seenAt: now + 1 }, "sighting.in_the_future"],
        ["of nothing, since a moment before", { lookedSince: seen.seenAt - 1 }, "done"],
        ["of nothing, of no time", { lookedSince: seen.seenAt }, "sighting.bad_period"],
        ["of nothing, backwards", { lookedSince: seen.seenAt + 1 }, "sighting.bad_period"],
        ["of no product, without indicators or a note", { product: "", indicators: [], note: "" }, "done"],
        ["of a product with a line break", { product: "a\nb" }, "sighting.bad_product"],
        ["of a long product", { product: long(201) }, "sighting.bad_product"],
        ["with a long note", { note: long(65_537) }, "sighting.bad_note"],
        ["without a confidence", { confidence: null }, "done"],
        ["with a confidence of 101", { confidence: 101 }, "sighting.bad_confidence"],
        ["with a confidence of a half", { confidence: 0.5 }, "sighting.bad_confidence"],
        ["with an empty indicator", { indicators: [" "] }, "sighting.bad_indicators"],
        ["with a long indicator", { indicators: [long(4001)] }, "sighting.bad_indicators"],
        ["with many indicators", { indicators: Array<string>(201).fill("a") }, "sighting.bad_indicators"],
        [
            "with indicators that are long together",
            { indicators: Array<string>(17).fill(long(4000)) },
            "sighting.bad_indicators",
        ],
    ])("%s", async (_, changed, code) => {
        expect(await codeOf((async () => validateReport({ ...seen, ...changed }, now))())).toBe(code)
    })

    test("is the same as another where each thing that it says is", () => {
        const some = fc.record({
            seenAt: fc.nat(),
            lookedSince: fc.option(fc.nat()),
            clock: fc.constantFrom("estimated", "unknown"),
            product: fc.string(),
            indicators: fc.array(fc.string()),
            confidence: fc.option(fc.nat(100)),
            note: fc.string(),
        })
        const key = fc.constantFrom(...(Object.keys(seen) as (keyof Report)[]))
        fc.assert(
            fc.property(some, some, key, (item, other, changed) => {
                expect(isSameReport(item, { ...item, indicators: [...item.indicators] })).toBe(true)
                const differs = JSON.stringify(item[changed]) !== JSON.stringify(other[changed])
                expect(isSameReport(item, { ...item, [changed]: other[changed] })).toBe(!differs)
            }),
        )
    })
})

describe("what is reported", () => {
    let world: Program
    let partner: TestPartner
    let second: TestPartner
    let caseId: string

    beforeAll(async () => {
        world = await program()
        partner = await newPartner(world, "validate")
        second = await newPartner(world, "validate")
    }, 120_000)
    afterAll(() => world.database.close())
    beforeEach(async () => {
        world.clock.now = parseInstant("2025-06-24T17:00:00Z")
        caseId = await newCase(world, "toolshell")
        await fall(world, caseId, "validate", [await newArtifact(world, caseId, "summary", "toolshell/summary.md")])
        world.clock.now = now
    }, 120_000)

    const report = (id: string, changed: Partial<Report> = {}, actor = partner.analyst) =>
        world.acting(actor, (ctx) => reportSighting(ctx, caseId, id, { ...seen, ...changed }))
    const own = (actor = partner.analyst) => world.acting(actor, ownSightings)
    const ofCase = () => world.acting(world.investigator, (ctx) => sightingsOf(ctx, caseId))
    const events = async () => (await recorded(world.database)).filter(({ kind }) => kind === "sighting.reported")

    test("is on record by ids alone, sealed, and seen by the operator with who and when", async () => {
        const before = (await events()).length
        await report("5f3a2c1e-0000-4000-8000-000000000001")
        const [signedSighting] = await ofCase()
        expect(signedSighting).toEqual({
            ...seen,
            partner: partner.id,
            person: partner.analyst.person,
            name: "analyst",
            case: caseId,
            reference: "5f3a2c1e-0000-4000-8000-000000000001",
            reportedAt: now,
            correctedAt: null,
            withdrawnAt: null,
        })
        const notified = (await events()).slice(before)
        expect(notified).toHaveLength(1)
        expect(Object.keys(notified[0]?.body ?? {}).toSorted()).toEqual([
            "by",
            "case",
            "objects",
            "partner",
            "sightings",
        ])
        const [event] = await world.database.db.transaction((tx) =>
            tx.query<{ sealed: boolean }>(
                "select confidential as sealed from events where kind = 'sighting.reported' order by seq desc",
            ),
        )
        expect(event?.sealed).toBe(true)
    })

    test("K-11 stands in no table in clear", async () => {
        await report(newId())
        const [dump] = await world.database.db.transaction((tx) =>
            tx.query<{ all: string }>("select string_agg(s::text, '') as all from sightings s"),
        )
        for (const word of ["SharePoint", "198.51.100.7", "ToolPane", "customer"]) {
            expect(dump?.all).not.toContain(word)
            expect(dump?.all).not.toContain(Buffer.from(word).toString("hex"))
        }
    })

    test("twice with one id is one report; another one with it is refused", async () => {
        const id = newId()
        const before = (await events()).length
        await Promise.all([report(id), report(id), report(id)])
        expect((await events()).length).toBe(before + 1)
        expect(await codeOf(report(id, { note: "Three servers." }))).toBe("sighting.id_taken")
        expect(await ofCase()).toHaveLength(1)
    })

    test("A-13 is seen by no other partner, which may call its own the same", async () => {
        const id = newId()
        await report(id)
        const warning = aliasFor(world.services.keys, partner.id, "warning", caseId)
        expect((await own()).map((item) => [item.reference, item.warning])).toContainEqual([id, warning])
        expect((await own(second.analyst)).filter((item) => item.reference === id)).toEqual([])
        await report(id, { note: "One more." }, second.analyst)
        expect((await ofCase()).map(({ note }) => note)).toEqual(["One more.", seen.note])
    })

    test("A-15 is not there for the partner's own persons outside of the circle, nor is its id taken", async () => {
        const outsider = await member(world.acting, partner.id, ["analyst"])
        const id = newId()
        await report(id)
        await world.acting(partner.lead, (ctx) => setCircle(ctx, caseId, [partner.lead.person, partner.analyst.person]))
        expect((await own(outsider)).filter((item) => item.reference === id)).toEqual([])
        const other = await newCase(world, "bypass")
        await world.acting(outsider, (ctx) => reportSighting(ctx, other, id, seen))
        expect((await own(outsider)).filter((item) => item.reference === id)).toHaveLength(1)
    })

    test("counts by its latest version, and can be withdrawn by one", async () => {
        const reference = newId()
        const keep = (version: string, note: string, withdrawn = false) =>
            world.acting(partner.analyst, (ctx) =>
                saveSightings(ctx, caseId, [{ ...seen, note, reference, version, withdrawn }], 0),
            )
        await keep("2025-07-05T10:00:00000000000", "first")
        world.clock.now += 1000
        await keep("2025-07-05T11:00:00000000000", "second")
        world.clock.now += 1000
        await keep("2025-07-05T10:30:00000000000", "between")
        const counted = async () => (await ofCase()).find((signedSighting) => signedSighting.reference === reference)
        expect(await counted()).toMatchObject({ note: "second", reportedAt: now, correctedAt: now + 1000 })
        await keep("2025-07-05T12:00:00000000000", "", true)
        expect(await counted()).toMatchObject({ withdrawnAt: world.clock.now })
    })

    const hear = (ids: readonly string[]) =>
        world.acting(world.investigator, (ctx) => hearFirst(ctx, caseId, partner.id, ids))
    const lastTold = async () => (await events()).at(-1)?.body["sightings"] as string[]

    test("may be that nothing was seen: nobody is heard by it, and by a later one still is", async () => {
        await report(newId(), { lookedSince: now - 7_200_000 })
        expect(await hear(await lastTold())).toBe(false)
        expect(await ofCase()).toMatchObject([{ lookedSince: now - 7_200_000, seenAt: seen.seenAt }])
        await report(newId())
        expect(await hear(await lastTold())).toBe(true)
    })

    test("is not heard where its partner revoked or corrected it by a later version: the next one is, once", async () => {
        let at = 0
        const keep = async (reference: string, changed: object = {}) => {
            const version = `2025-07-05T10:00:0${(at += 1)}.000000000`
            const item = { ...seen, reference, version, withdrawn: false, ...changed }
            await world.acting(partner.analyst, (ctx) => saveSightings(ctx, caseId, [item], 0))
            return await lastTold()
        }
        const [revoked, corrected] = [newId(), newId()]
        const early = [await keep(revoked), await keep(revoked, { withdrawn: true })]
        early.push(await keep(corrected), await keep(corrected, { lookedSince: seen.seenAt - 1 }))
        for (const ids of early) expect(await hear(ids)).toBe(false)
        const next = newId()
        expect(await hear(await keep(next))).toBe(true)
        expect(await hear(await keep(next, { note: "Three servers." }))).toBe(false)
        expect(await hear(await keep(newId()))).toBe(false)
    })

    describe("rouses staff", () => {
        const work = async () => {
            while (await handleNextEvent(world.services, eventHandlers));
        }
        const withdraw = (id: string) => world.acting(partner.analyst, (ctx) => takeBackSighting(ctx, id))
        const reject = async () => {
            const waiting = (await world.acting(world.author, embargoDecisions)).find(
                (decision) => decision.case === caseId,
            )
            await world.acting(world.author, (ctx) => rejectProposal(ctx, caseId, waiting?.n ?? -1, "it was withdrawn"))
            await work()
        }
        /** How often an end was proposed, and how often anybody was told. */
        const roused = async () => {
            const proposed = (await recorded(world.database)).filter(
                ({ kind, body }) => kind === "embargo.termination_proposed" && body["case"] === caseId,
            )
            const notices = await world.database.db.transaction((tx) =>
                tx.query("select from notices union all select from staff_notices"),
            )
            return [proposed.length, notices.length]
        }
        const describe = (reference: string, withdrawn: boolean) =>
            world.acting(partner.analyst, (ctx) =>
                saveSightings(ctx, caseId, [{ ...seen, reference, version, withdrawn }], 0),
            )
        const version = "2025-07-05T10:00:00000000000"

        test("once for each partner and day: not again by what it withdraws and reports again, and by another partner", async () => {
            const first = newId()
            await describe(first, false)
            await work()
            expect((await roused())[0]).toBe(1)
            await withdraw(first)
            await reject()
            const before = await roused()
            for (const id of [newId(), newId()]) {
                await report(id)
                await work()
                await withdraw(id)
            }
            // The same version comes again, and stands again.
            await describe(first, false)
            await work()
            expect(await roused()).toEqual(before)
            expect((await events()).filter(({ body }) => body["case"] === caseId)).toHaveLength(4)
            await report(newId(), {}, second.analyst)
            await work()
            expect((await roused())[0]).toBe(2)
            await reject()
            await withdraw(first)
            world.clock.now += dayMs
            for (const id of [newId(), newId()]) await report(id)
            await work()
            expect((await roused())[0]).toBe(3)
        })

        test("by what stands: not by what was taken back before anybody heard of it, and then by the next", async () => {
            const early = newId()
            await report(early)
            await withdraw(early)
            await work()
            expect((await roused())[0]).toBe(0)
            await report(newId())
            await work()
            expect((await roused())[0]).toBe(1)
        })
    })

    describe("is taken back", () => {
        const takeBack = (id: string, actor = partner.lead) => world.acting(actor, (ctx) => takeBackSighting(ctx, id))

        test("by anybody of its partner who sees it, once, and its id is not taken again", async () => {
            const id = newId()
            await report(id)
            world.clock.now += 1000
            await takeBack(id)
            await takeBack(id)
            expect((await ofCase()).map(({ withdrawnAt }) => withdrawnAt)).toEqual([now + 1000])
            const notified = (await recorded(world.database)).filter(({ kind }) => kind === "sighting.withdrawn")
            expect(notified.filter(({ body }) => body["case"] === caseId)).toHaveLength(1)
            expect(await codeOf(report(id))).toBe("sighting.already_withdrawn")
        })

        test("A-13 A-15 by nobody else: not by another partner, nor from outside of the circle", async () => {
            const id = newId()
            await report(id)
            const outsider = await member(world.acting, partner.id, ["analyst"])
            const inside = [partner.lead.person, partner.analyst.person]
            await world.acting(partner.lead, (ctx) => setCircle(ctx, caseId, inside))
            const none = await codeOf(takeBack(newId()))
            expect(none).toBe("request.not_found")
            expect(await codeOf(takeBack(id, second.lead))).toBe(none)
            expect(await codeOf(takeBack(id, outsider))).toBe(none)
            expect((await ofCase()).map(({ withdrawnAt }) => withdrawnAt)).toEqual([null])
        })
    })

    describe("by a machine", () => {
        const object = (n: number, type = "identity") => {
            const id = `${type}--0d1b9c1e-5a55-4c8e-9a11-${String(n).padStart(12, "0")}`
            return { id, type, version: "2025-07-05T10:00:00Z", text: JSON.stringify({ id, name: "Halcyon SOC" }) }
        }
        const namedBy = (objects: readonly ReturnType<typeof object>[]) =>
            world.acting(partner.analyst, async (ctx) =>
                objects.map(({ id, ...rest }) => ({ ...rest, name: nameOfObject(ctx, id) })),
            )
        const sent = async (list: readonly ReturnType<typeof object>[]) => {
            const objects = await namedBy(list)
            const refused = await world.acting(partner.analyst, (ctx) =>
                savePosted(ctx, [{ case: caseId, sightings: [], objects }]),
            )
            return refused.get(caseId)?.code ?? "done"
        }

        test("K-11 stands in no table in clear, its id neither", async () => {
            await sent([object(1)])
            const [dump] = await world.database.db.transaction((tx) =>
                tx.query<{ all: string }>("select string_agg(o::text, '') as all from sighting_objects o"),
            )
            for (const word of ["Halcyon", "0d1b9c1e"]) {
                expect(dump?.all).not.toContain(word)
                expect(dump?.all).not.toContain(Buffer.from(word).toString("hex"))
            }
        })

        test("is so much, and no more: nothing of the rest is kept", async () => {
            await sent([...Array(objectsMax - 1).keys()].map((n) => object(n)))
            expect(await sent([object(objectsMax), object(objectsMax + 1)])).toBe("sighting.too_many_objects")
            expect(await sent([object(objectsMax)])).toBe("done")
            const other = await newCase(world, "toolshell")
            const item = { sightings: [], objects: await namedBy([object(0), object(objectsMax + 1)]) }
            const posted = [caseId, other].map((subject) => ({ ...item, case: subject }))
            const refused = await world.acting(partner.analyst, (ctx) => savePosted(ctx, posted))
            expect([...refused.keys()]).toEqual([caseId])
            const kept = await world.acting(partner.analyst, ownObjects)
            expect(kept.filter((row) => row.case === other)).toHaveLength(2)
            expect(kept.filter((row) => row.case === caseId)).toHaveLength(objectsMax)
        }, 60_000)

        test("has a status for a day and more, for who posted it alone, and then no more", async () => {
            const ids = [newId(), newId()] as const
            const keep = (id: string) => world.acting(partner.analyst, (ctx) => saveStatus(ctx, id, { id }))
            const found = (actor = partner.analyst) => world.acting(actor, (ctx) => ownStatus(ctx, ids[0]))
            const age = (hours: number) =>
                world.database.db.transaction((tx) =>
                    tx.query("update sighting_statuses set at = at - make_interval(hours => $1)", [hours]),
                )
            await keep(ids[0])
            await age(47)
            await keep(newId())
            expect(await found()).toBe(JSON.stringify({ id: ids[0] }))
            expect([await found(partner.lead), await found(second.analyst)]).toEqual([null, null])
            await age(2)
            await keep(ids[1])
            expect(await found()).toBeNull()
        })
    })

    test("is so much, and no more, of one partner and case", async () => {
        const many = [...Array(sightingsMax).keys()].map((n) => {
            const reference = `00000000-0000-4000-8000-${String(n).padStart(12, "0")}`
            return { ...seen, reference, version: "2025-07-05T10:00:00000000000", withdrawn: false }
        })
        await world.acting(partner.analyst, (ctx) => saveSightings(ctx, caseId, many, 0))
        expect(await codeOf(report(newId()))).toBe("sighting.too_many")
        expect(await codeOf(report(newId(), {}, second.analyst))).toBe("done")
    }, 60_000)
})

/** Sightings on a real database: what is stored once, and who sees it. */
import * as fc from "fast-check"
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { awaitRefusalCode, createPartnerMember, listEvents } from "../../../../test/support/actors.ts"
import { newId } from "../../../../test/support/database.ts"
import {
    type Program,
    type TestPartner,
    releaseWaveNow,
    newArtifact,
    newCase,
    newPartner,
    createProgram,
} from "../../../../test/support/program.ts"
import { eventHandlers } from "../../event-handlers.ts"
import { dayMs, parseInstant } from "@tocsin/base/instant"
import { handleNextEvent } from "../../kernel/worker.ts"
import { listEmbargoDecisions, rejectProposal } from "../../share/cases/actions/negotiate-embargo.ts"
import { aliasFor } from "../../share/delivery/actions/resolve-alias.ts"
import { setAccessList } from "../../trust/partners/roster/actions/manage-access-lists.ts"
import {
    savePosts,
    saveStatus,
    nameOfObject,
    listObjectsForPartner,
    findStatusForPerson,
} from "./actions/post-objects.ts"
import {
    markReportsCounted,
    saveSightings,
    listSightingsForPartner,
    reportSighting,
    listSightings,
    withdrawReport,
} from "./actions/report-sighting.ts"
import { type Report, isSameReport, validateReport, objectsMax, sightingsMax } from "./sighting.ts"

const now = parseInstant("2025-07-05T12:00:00Z")
const seen: Report = {
    observedAt: now - 3_600_000,
    zeroReportSince: null,
    clock: "synchronised",
    product: "SharePoint Server 2019",
    indicators: ["198.51.100.7", "/_layouts/15/ToolPane.aspx"],
    confidence: 80,
    note: "Two servers of a customer.",
}

describe("a report", () => {
    const long = (length: number) => "x".repeat(length)
    test.each<[string, Partial<Report>, string]>([
        ["seen just now", { observedAt: now }, "done"],
        ["seen in a moment", { observedAt: now + 1 }, "sighting.in_the_future"],
        ["of nothing, since a moment before", { zeroReportSince: seen.observedAt - 1 }, "done"],
        ["of nothing, of no time", { zeroReportSince: seen.observedAt }, "sighting.bad_period"],
        ["of nothing, backwards", { zeroReportSince: seen.observedAt + 1 }, "sighting.bad_period"],
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
        expect(await awaitRefusalCode((async () => validateReport({ ...seen, ...changed }, now))())).toBe(code)
    })

    test("equals another one only where all fields are equal", () => {
        const some = fc.record({
            observedAt: fc.nat(),
            zeroReportSince: fc.option(fc.nat()),
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

describe("stored reports", () => {
    let world: Program
    let partner: TestPartner
    let second: TestPartner
    let caseId: string

    beforeAll(async () => {
        world = await createProgram()
        partner = await newPartner(world, "validate")
        second = await newPartner(world, "validate")
    }, 120_000)
    afterAll(() => world.database.close())
    beforeEach(async () => {
        world.clock.now = parseInstant("2025-06-24T17:00:00Z")
        caseId = await newCase(world, "toolshell")
        await releaseWaveNow(world, caseId, "validate", [
            await newArtifact(world, caseId, "summary", "toolshell/summary.md"),
        ])
        world.clock.now = now
    }, 120_000)

    const report = (id: string, changed: Partial<Report> = {}, actor = partner.analyst) =>
        world.acting(actor, (ctx) => reportSighting(ctx, caseId, id, { ...seen, ...changed }))
    const own = (actor = partner.analyst) => world.acting(actor, listSightingsForPartner)
    const ofCase = () => world.acting(world.investigator, (ctx) => listSightings(ctx, caseId))
    const events = async () => (await listEvents(world.database)).filter(({ kind }) => kind === "sighting.reported")

    test("are recorded by ids in confidential events, and shown to staff with person and instant", async () => {
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

    test("K-11 appear in no table in clear", async () => {
        await report(newId())
        const [dump] = await world.database.db.transaction((tx) =>
            tx.query<{ all: string }>("select string_agg(s::text, '') as all from sightings s"),
        )
        for (const word of ["SharePoint", "198.51.100.7", "ToolPane", "customer"]) {
            expect(dump?.all).not.toContain(word)
            expect(dump?.all).not.toContain(Buffer.from(word).toString("hex"))
        }
    })

    test("count once for one id, and refuse another report with that id", async () => {
        const id = newId()
        const before = (await events()).length
        await Promise.all([report(id), report(id), report(id)])
        expect((await events()).length).toBe(before + 1)
        expect(await awaitRefusalCode(report(id, { note: "Three servers." }))).toBe("sighting.id_taken")
        expect(await ofCase()).toHaveLength(1)
    })

    test("A-13 are hidden from other partners, which may use the same ids", async () => {
        const id = newId()
        await report(id)
        const warning = aliasFor(world.services.keys, partner.id, "warning", caseId)
        expect((await own()).map((item) => [item.reference, item.warning])).toContainEqual([id, warning])
        expect((await own(second.analyst)).filter((item) => item.reference === id)).toEqual([])
        await report(id, { note: "One more." }, second.analyst)
        expect((await ofCase()).map(({ note }) => note)).toEqual(["One more.", seen.note])
    })

    test("A-15 are hidden outside the access list, and leave their ids free there", async () => {
        const outsider = await createPartnerMember(world.acting, partner.id, ["analyst"])
        const id = newId()
        await report(id)
        await world.acting(partner.lead, (ctx) =>
            setAccessList(ctx, caseId, [partner.lead.person, partner.analyst.person]),
        )
        expect((await own(outsider)).filter((item) => item.reference === id)).toEqual([])
        const other = await newCase(world, "bypass")
        await world.acting(outsider, (ctx) => reportSighting(ctx, other, id, seen))
        expect((await own(outsider)).filter((item) => item.reference === id)).toHaveLength(1)
    })

    test("count by the latest version, and can be withdrawn", async () => {
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
        world.acting(world.investigator, (ctx) => markReportsCounted(ctx, caseId, partner.id, ids))
    const lastTold = async () => (await events()).at(-1)?.body["sightings"] as string[]

    test("can be zero reports, which do not count as exploitation, unlike a later sighting", async () => {
        await report(newId(), { zeroReportSince: now - 7_200_000 })
        expect(await hear(await lastTold())).toBe(false)
        expect(await ofCase()).toMatchObject([{ zeroReportSince: now - 7_200_000, observedAt: seen.observedAt }])
        await report(newId())
        expect(await hear(await lastTold())).toBe(true)
    })

    test("do not count where a later version corrects them; the next one does", async () => {
        let at = 0
        const keep = async (reference: string, changed: object = {}) => {
            const version = `2025-07-05T10:00:0${(at += 1)}.000000000`
            const item = { ...seen, reference, version, withdrawn: false, ...changed }
            await world.acting(partner.analyst, (ctx) => saveSightings(ctx, caseId, [item], 0))
            return await lastTold()
        }
        const [revoked, corrected] = [newId(), newId()]
        const early = [await keep(revoked), await keep(revoked, { withdrawn: true })]
        early.push(await keep(corrected), await keep(corrected, { zeroReportSince: seen.observedAt - 1 }))
        for (const ids of early) expect(await hear(ids)).toBe(false)
        const next = newId()
        expect(await hear(await keep(next))).toBe(true)
        expect(await hear(await keep(next, { note: "Three servers." }))).toBe(false)
        expect(await hear(await keep(newId()))).toBe(false)
    })

    describe("exploitation alarms", () => {
        const work = async () => {
            while (await handleNextEvent(world.services, eventHandlers));
        }
        const withdraw = (id: string) => world.acting(partner.analyst, (ctx) => withdrawReport(ctx, id))
        const reject = async () => {
            const waiting = (await world.acting(world.author, listEmbargoDecisions)).find(
                (decision) => decision.case === caseId,
            )
            await world.acting(world.author, (ctx) => rejectProposal(ctx, caseId, waiting?.n ?? -1, "it was withdrawn"))
            await work()
        }
        /** Counts proposed ends of embargoes and notices to staff. */
        const roused = async () => {
            const proposed = (await listEvents(world.database)).filter(
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

        test("are raised once for each partner and day, and again by another partner", async () => {
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
            // The same version arrives again and counts again.
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

        test("are raised by reports not withdrawn before the event handler ran, and then by the next one", async () => {
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

    describe("withdrawal", () => {
        const takeBack = (id: string, actor = partner.lead) => world.acting(actor, (ctx) => withdrawReport(ctx, id))

        test("is possible once for any person of the partner with access, and keeps the id taken", async () => {
            const id = newId()
            await report(id)
            world.clock.now += 1000
            await takeBack(id)
            await takeBack(id)
            expect((await ofCase()).map(({ withdrawnAt }) => withdrawnAt)).toEqual([now + 1000])
            const notified = (await listEvents(world.database)).filter(({ kind }) => kind === "sighting.withdrawn")
            expect(notified.filter(({ body }) => body["case"] === caseId)).toHaveLength(1)
            expect(await awaitRefusalCode(report(id))).toBe("sighting.already_withdrawn")
        })

        test("A-13 A-15 is impossible for other partners and outside the access list", async () => {
            const id = newId()
            await report(id)
            const outsider = await createPartnerMember(world.acting, partner.id, ["analyst"])
            const inside = [partner.lead.person, partner.analyst.person]
            await world.acting(partner.lead, (ctx) => setAccessList(ctx, caseId, inside))
            const none = await awaitRefusalCode(takeBack(newId()))
            expect(none).toBe("request.not_found")
            expect(await awaitRefusalCode(takeBack(id, second.lead))).toBe(none)
            expect(await awaitRefusalCode(takeBack(id, outsider))).toBe(none)
            expect((await ofCase()).map(({ withdrawnAt }) => withdrawnAt)).toEqual([null])
        })
    })

    describe("objects of a client", () => {
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
                savePosts(ctx, [{ case: caseId, sightings: [], objects }]),
            )
            return refused.get(caseId)?.code ?? "done"
        }

        test("K-11 appear in no table in clear, nor do their ids", async () => {
            await sent([object(1)])
            const [dump] = await world.database.db.transaction((tx) =>
                tx.query<{ all: string }>("select string_agg(o::text, '') as all from sighting_objects o"),
            )
            for (const word of ["Halcyon", "0d1b9c1e"]) {
                expect(dump?.all).not.toContain(word)
                expect(dump?.all).not.toContain(Buffer.from(word).toString("hex"))
            }
        })

        test("have a limit, above which nothing of the rest is stored", async () => {
            await sent([...Array(objectsMax - 1).keys()].map((n) => object(n)))
            expect(await sent([object(objectsMax), object(objectsMax + 1)])).toBe("sighting.too_many_objects")
            expect(await sent([object(objectsMax)])).toBe("done")
            const other = await newCase(world, "toolshell")
            const item = { sightings: [], objects: await namedBy([object(0), object(objectsMax + 1)]) }
            const posted = [caseId, other].map((subject) => ({ ...item, case: subject }))
            const refused = await world.acting(partner.analyst, (ctx) => savePosts(ctx, posted))
            expect([...refused.keys()]).toEqual([caseId])
            const kept = await world.acting(partner.analyst, listObjectsForPartner)
            expect(kept.filter((row) => row.case === other)).toHaveLength(2)
            expect(kept.filter((row) => row.case === caseId)).toHaveLength(objectsMax)
        }, 60_000)

        test("have a status for at least a day, for the poster only", async () => {
            const ids = [newId(), newId()] as const
            const keep = (id: string) => world.acting(partner.analyst, (ctx) => saveStatus(ctx, id, { id }))
            const found = (actor = partner.analyst) => world.acting(actor, (ctx) => findStatusForPerson(ctx, ids[0]))
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

    test("have a limit for one partner and case", async () => {
        const many = [...Array(sightingsMax).keys()].map((n) => {
            const reference = `00000000-0000-4000-8000-${String(n).padStart(12, "0")}`
            return { ...seen, reference, version: "2025-07-05T10:00:00000000000", withdrawn: false }
        })
        await world.acting(partner.analyst, (ctx) => saveSightings(ctx, caseId, many, 0))
        expect(await awaitRefusalCode(report(newId()))).toBe("sighting.too_many")
        expect(await awaitRefusalCode(report(newId(), {}, second.analyst))).toBe("done")
    }, 60_000)
})

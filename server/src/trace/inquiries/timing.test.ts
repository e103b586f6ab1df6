import fc from "fast-check"
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { awaitRefusalCode, createStaffMember, listEvents } from "../../../../test/support/actors.ts"
import { newId } from "../../../../test/support/database.ts"
import {
    type Program,
    type TestPartner,
    releaseWaveNow,
    fetchCopyText,
    newArtifact,
    newCase,
    newPartner,
    createProgram,
} from "../../../../test/support/program.ts"
import { evenAt, log10lr, shippedModel, timeHypotheses } from "@tocsin/marks/bundle/timing"
import { dayMs, parseInstant } from "@tocsin/base/instant"
import { attribute } from "../attribution/actions/attribute-leak.ts"
import { readCrossCaseEvidence } from "../attribution/actions/read-cross-case-evidence.ts"
import { supportInWords } from "@tocsin/marks/evidence/hypotheses"
import { addLeak, addObservation } from "../evidence/actions/add-evidence.ts"
import { clockQualities } from "@tocsin/client/limits"
import { addToInquiry, openInquiry, weighHypothesis } from "./actions/open-inquiry.ts"
import { readTiming } from "./actions/compute-timing.ts"
import { combineLeaks } from "./actions/combine-leaks.ts"
import { initialHypotheses, withAssessment } from "./inquiry.ts"

const day = (days: number) => days * dayMs
const seen = { at: day(100), clock: "synchronised" } as const
const factor = (heldSince: number, clock: (typeof clockQualities)[number] = "synchronised") =>
    10 ** log10lr(day(heldSince), { ...seen, clock }, shippedModel)

describe("what time says", () => {
    test.each([
        ["a day after it was held: as much as it ever says", 99, 10 ** 0.9],
        ["ten days after", 90, (180 * 5) / 15 ** 2],
        ["sixty days after: it speaks against", 40, (180 * 5) / 65 ** 2],
        ["before it was held: as little as it ever says", 101, 0.01],
    ])("%s", (_, heldSince, expected) => {
        expect(factor(heldSince)).toBeCloseTo(expected, 3)
    })

    test("a clock that nothing is known of leaves it open which came first", () => {
        expect(factor(101, "synchronised")).toBe(0.01)
        expect(factor(101, "unknown")).toBeGreaterThan(1)
        expect(factor(104, "unknown")).toBe(0.01)
    })

    test("is never more than weak support, and never reaches a bar, whenever what was held and seen", () => {
        const instant = fc.double({ min: -1e13, max: 1e13, noNaN: true })
        fc.assert(
            fc.property(instant, instant, fc.constantFrom(...clockQualities), (heldSince, at, clock) => {
                const log10 = log10lr(heldSince, { at, clock }, shippedModel)
                expect(["weak support", "no support", "speaks against"]).toContain(supportInWords(log10))
                // The lowest bar that anybody may ask for: an error of a hundredth, and one suspect.
                expect(log10).toBeLessThan(Math.log10(1 / 1e-2))
            }),
        )
    })

    test("gives each hypothesis a weight: partners share theirs, and a patch counts from publication on", () => {
        const held = ["A", "B"].map((partner) => ({ partner, at: day(98) }))
        const set = withAssessment(initialHypotheses, "insider", { for: "", against: "", weight: 4 }, "00")
        const rows = timeHypotheses(set, { observation: seen, holdings: held, publicSince: null }, shippedModel)
        expect(rows.map(({ key, partner, weight }) => [key, partner, weight])).toEqual([
            ["finder", null, 10],
            ["independent", null, 10],
            ["patch", null, 10],
            ["insider", null, 4],

            ["compromise", null, 10],
            ["partner", "A", 5],
            ["partner", "B", 5],
        ])
        const log10 = (key: string, known: object = {}) =>
            timeHypotheses(
                initialHypotheses,
                { observation: seen, holdings: held, publicSince: null, ...known },
                shippedModel,
            ).find((timed) => timed.key === key)?.log10
        expect(log10("independent")).toBe(0)
        expect(log10("patch")).toBe(-2)
        expect(log10("patch", { publicSince: day(98) })).toBe(log10("partner"))
        expect([log10("finder"), log10("insider"), log10("compromise")]).toEqual([null, null, null])
        expect(
            timeHypotheses(
                initialHypotheses,
                { observation: null, holdings: held, publicSince: null },
                shippedModel,
            ).every((timed) => timed.log10 === null),
        ).toBe(true)
    })

    test("the weights say how strong evidence has to be for one partner to stand even with all else", () => {
        const rowsOf = (held: number, weight?: number) => {
            const set =
                weight === undefined
                    ? initialHypotheses
                    : withAssessment(initialHypotheses, "partner", { for: "", against: "", weight }, "00")
            const partners = Array.from({ length: held }, (_, n) => ({ partner: `P${n}`, at: day(1) }))
            return timeHypotheses(set, { observation: null, holdings: partners, publicSince: null }, shippedModel)
        }
        expect(evenAt(rowsOf(12))).toBeCloseTo(Math.log10(71), 12)
        expect(evenAt(rowsOf(1, 50))).toBeCloseTo(0, 12)
        expect(evenAt(rowsOf(12, 0))).toBe(null)
        expect(evenAt(rowsOf(0))).toBe(null)
    })
})

describe("of an inquiry", () => {
    let world: Program
    let caseId: string
    let inquiry: string
    let leak: string
    const partners: TestPartner[] = []

    beforeAll(async () => {
        world = await createProgram()
        for (let n = 0; n < 3; n++) partners.push(await newPartner(world, "validate"))
        caseId = await newCase(world, "toolshell")
        const technical = await newArtifact(world, caseId, "technical", "toolshell/technical.md")
        world.clock.now = parseInstant("2025-06-24T17:00:00Z")
        await releaseWaveNow(world, caseId, "validate", [technical])
        let copy = ""
        for (const partner of partners.slice(0, 2)) {
            copy = await fetchCopyText(world, partner, technical)
            world.clock.now += dayMs
        }
        const words = { name: "paste.txt", source: "a site", note: "", clock: "synchronised" as const }
        world.clock.now += 3 * dayMs
        leak = await world.acting(world.investigator, async (ctx) => {
            const content = Buffer.from(copy.slice(0, 2000))
            const evidence = await addLeak(ctx, { ...words, case: null, content, observedAt: ctx.now })
            await attribute(ctx, evidence)
            return evidence
        })
    }, 120_000)
    afterAll(() => world.database.close())

    beforeEach(async () => {
        world.clock.now += 1000
        const about = { title: "The paste", case: caseId, evidence: [leak], members: [] }
        inquiry = await world.acting(world.investigator, (ctx) => openInquiry(ctx, about))
    })

    const timing = () => world.acting(world.investigator, (ctx) => readTiming(ctx, inquiry))
    const exploited = async (at: number, subject: string = caseId) => {
        const item = { kind: "exploitation", cve: null, clock: "synchronised", source: "a log", note: "" } as const
        const evidence = await world.acting(world.investigator, (ctx) =>
            addObservation(ctx, { ...item, case: subject, at }),
        )
        await world.acting(world.investigator, (ctx) =>
            addToInquiry(ctx, inquiry, { members: [], evidence: [evidence] }),
        )
        return evidence
    }

    test("counts the first observation of the case, and lists the partners that held something in order", async () => {
        expect((await timing()).firstObservation?.id).toBe(leak)
        await exploited(parseInstant("2025-06-01T00:00:00Z"), await newCase(world, "bypass"))
        expect((await timing()).firstObservation?.id).toBe(leak)
        const first = await exploited(parseInstant("2025-06-25T05:00:00Z"))
        const { firstObservation: earliest, rows } = await timing()
        expect(earliest).toMatchObject({ id: first, kind: "exploitation" })
        expect(rows.filter(({ key }) => key === "partner")).toMatchObject([
            { partner: partners[0]?.id, since: parseInstant("2025-06-24T17:00:00Z"), log10: 0.9 },
            { partner: partners[1]?.id, since: parseInstant("2025-06-25T17:00:00Z"), log10: -2 },
        ])
    })

    test("changes no e-value and identifies no copy: joint and cross-case evidence stay as they were", async () => {
        const together = () => world.acting(world.investigator, (ctx) => combineLeaks(ctx, inquiry))
        const ledger = () => world.acting(world.investigator, readCrossCaseEvidence)
        const before = [await together(), await ledger()]
        await exploited(parseInstant("2025-06-24T17:30:00Z"))
        await world.acting(world.investigator, (ctx) =>
            weighHypothesis(ctx, inquiry, "partner", { for: "", against: "", weight: 100 }),
        )
        expect((await timing()).rows.some(({ log10 }) => log10 === 0.9)).toBe(true)
        expect([await together(), await ledger()]).toEqual(before)
    })

    test("each look is on record, sealed; for whoever is no member there is none", async () => {
        await timing()
        expect((await listEvents(world.database)).at(-1)).toMatchObject({
            kind: "inquiry.read",
            body: { inquiry, about: "timing", by: world.investigator.person },
        })
        const outsider = await createStaffMember(world.acting, ["investigator"])
        const before = (await listEvents(world.database)).length
        for (const which of [inquiry, newId()]) {
            expect(await awaitRefusalCode(world.acting(outsider, (ctx) => readTiming(ctx, which)))).toBe(
                "inquiry.not_found",
            )
        }
        expect(await listEvents(world.database)).toHaveLength(before)
    })
})

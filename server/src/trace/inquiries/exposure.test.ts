import { writeRows } from "../../../../test/support/change-notes.ts"
import { Check } from "typebox/value"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { awaitRefusalCode, listEvents } from "../../../../test/support/actors.ts"
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
import { dayMs, formatInstant, hourMs, parseInstant } from "@tocsin/base/instant"
import type { Input } from "../../kernel/route.ts"
import { linkCases } from "../../share/cases/actions/link-cases.ts"
import { acknowledge, fetchCopy } from "../../share/delivery/actions/fetch-copy.ts"
import { aliasFor } from "../../share/delivery/actions/resolve-alias.ts"
import { sendNoticesJob, createNotices } from "../../share/delivery/notices/actions/create-notices.ts"
import { listWaves } from "../../share/waves/actions.ts"
import type { WaveTier } from "../../share/waves/wave.ts"
import { type ActionContext, record } from "../../kernel/action-context.ts"
import { changePartnerStatus } from "../../trust/partners/actions/change-partner.ts"
import { type Duty, dutyTable } from "../../trust/partners/reporting-duties/reporting-duties.ts"
import { addObservation } from "../evidence/actions/add-evidence.ts"
import { listSightingsForPartner, reportSighting, withdrawReport } from "../sightings/actions/report-sighting.ts"
import type { PartnerExposure } from "./exposure.ts"
import { type ExposureRequest, readExposure } from "./actions/read-exposure.ts"
import { routes } from "./routes/inquiries.ts"

const validate = parseInstant("2025-06-24T17:00:00Z")
const advance = parseInstant("2025-07-03T17:00:00Z")
const entry = parseInstant("2025-07-07T17:00:00Z")
let world: Program
let caseId: string
let bypass: string
let poc: string
const person: Record<"first" | "silent" | "second" | "third" | "gone", TestPartner> = {} as typeof person

/** The tests ask about one story: three waves, two fetches, one acknowledgement, one partner that was gone in time. */
beforeAll(async () => {
    world = await createProgram()
    const services = { ...world.services, mail: { send: async () => undefined } }
    for (const [name, tier] of [
        ["first", "validate"],
        ["silent", "validate"],
        ["second", "advance"],
        ["third", "entry"],
        ["gone", "advance"],
    ] as const) {
        person[name] = await newPartner(world, tier)
    }
    caseId = await newCase(world, "toolshell")
    bypass = await newCase(world, "bypass")
    await world.acting(world.author, (ctx) => linkCases(ctx, bypass, caseId, "bypass_of"))
    poc = await newArtifact(world, caseId, "poc", "toolshell/poc.py")
    const summary = await newArtifact(world, caseId, "summary", "toolshell/summary.md")
    const falls = async (tier: WaveTier, at: number, recipients: TestPartner[]) => {
        world.clock.now = at
        await releaseWaveNow(world, caseId, tier, [poc, summary])
        await world.acting({ kind: "system", component: "notify" }, async (ctx) => {
            const wave = (await listWaves(ctx, caseId)).find((wave) => wave.tier === tier)
            await createNotices(
                ctx,
                { case: caseId, wave: wave?.id ?? "" },
                recipients.map((partner) => partner.id),
            )
        })
        world.clock.now = at + 60_000
        while (await sendNoticesJob.sendNext(services));
    }
    await falls("validate", validate, [person.first, person.silent])
    world.clock.now = validate + hourMs
    await fetchCopyText(world, person.first, poc)
    await fetchCopyText(world, person.first, summary)
    world.clock.now = validate + 2 * hourMs
    const warning = aliasFor(world.services.keys, person.first.id, "warning", caseId)
    await world.acting(person.first.analyst, (ctx) => acknowledge(ctx, warning))
    world.clock.now = validate + dayMs
    await world.acting(world.manager, (ctx) => changePartnerStatus(ctx, person.gone.id, "suspended"))
    await falls("advance", advance, [person.second])
    world.clock.now = advance + hourMs
    await fetchCopyText(world, person.second, poc)
    await falls("entry", entry, [person.third])
    world.clock.now = entry + hourMs
    await fetchCopyText(world, person.third, poc)
    world.clock.now = parseInstant("2025-07-10T00:00:00Z")
}, 120_000)
afterAll(() => world.database.close())

const ask = (
    before: string,
    subject: { case: string; class: "poc" | "summary" | "patch" } = { case: "CVE-2025-49704", class: "poc" },
) => world.acting(world.investigator, (ctx) => readExposure(ctx, { ...subject, before: parseInstant(before) }))
const named = (partners: readonly PartnerExposure[] | undefined) =>
    Object.fromEntries(
        Object.entries(person).map(([name, { id }]) => [
            name,
            partners?.find((exposed) => exposed.partner === id) ?? null,
        ]),
    )
const nothing = { entitledFrom: null, notifiedAt: null, fetchedAt: null, acknowledgedAt: null, held: [], readers: [] }

test("shows who held the proof of concept before 7 July: two waves, not the third, each state apart", async () => {
    const { cases } = await ask("2025-07-07T00:00:00Z")
    expect(cases).toMatchObject([{ case: caseId, isQueried: true }])
    expect(named(cases[0]?.partners)).toMatchObject({
        first: {
            entitledFrom: validate,
            notifiedAt: validate + 60_000,
            fetchedAt: validate + hourMs,
            acknowledgedAt: validate + 2 * hourMs,
            held: [{ artifact: poc, version: 1, at: validate + hourMs }],
        },
        silent: {
            ...nothing,
            entitledFrom: validate,
            notifiedAt: validate + 60_000,
            readers: expect.arrayContaining([person.silent.lead.person, person.silent.analyst.person]),
        },
        second: { entitledFrom: advance, fetchedAt: advance + hourMs, acknowledgedAt: null },
        third: nothing,
        gone: nothing,
    })
    expect((await listEvents(world.database)).at(-1)).toMatchObject({
        kind: "exposure.asked",
        body: { cases: [caseId], class: "poc", before: parseInstant("2025-07-07T00:00:00Z") },
    })
})

test("the instant itself is not before itself", async () => {
    const at = async (instant: number) => named((await ask(formatInstant(instant))).cases[0]?.partners)["first"]
    expect(await at(validate)).toMatchObject(nothing)
    expect(await at(validate + 1)).toMatchObject({ entitledFrom: validate, notifiedAt: null, fetchedAt: null })
    expect(await at(validate + hourMs)).toMatchObject({ notifiedAt: validate + 60_000, fetchedAt: null })
    expect(await at(validate + hourMs + 1)).toMatchObject({ fetchedAt: validate + hourMs, acknowledgedAt: null })
})

test("a partner that joined between two waves could have had it from then on, even if it is gone since", async () => {
    const late = await newPartner(world, "entry")
    const { cases } = await ask("2025-07-10T00:00:01Z")
    const row = () => cases[0]?.partners.find((exposed) => exposed.partner === late.id)
    expect(row()?.entitledFrom).toBeGreaterThan(entry)
    world.clock.now += 1000
    await world.acting(world.manager, (ctx) => changePartnerStatus(ctx, late.id, "suspended"))
    world.clock.now += dayMs
    const again = await ask(formatInstant(world.clock.now))
    expect(again.cases[0]?.partners.find((exposed) => exposed.partner === late.id)).toMatchObject({
        entitledFrom: row()?.entitledFrom,
        fetchedAt: null,
    })
})

test("a bypass tells who held what it bypasses", async () => {
    const { cases } = await ask("2025-07-07T00:00:00Z", { case: "CVE-2025-53770", class: "poc" })
    expect(cases).toMatchObject([
        { case: bypass, isQueried: true },
        { case: caseId, isQueried: false },
    ])
    expect(named(cases[0]?.partners)["first"]).toMatchObject(nothing)
    expect(named(cases[1]?.partners)["first"]).toMatchObject({ fetchedAt: validate + hourMs })
    const byId = await ask("2025-07-07T00:00:00Z", { case: bypass, class: "poc" })
    expect(byId.cases).toEqual(cases)
})

test("a class that nobody was given was held by nobody", async () => {
    const { cases } = await ask("2025-07-10T00:00:00Z", { case: caseId, class: "patch" })
    for (const row of cases[0]?.partners ?? []) expect(row).toMatchObject(nothing)
})

describe("narrowed", () => {
    const late = "2025-07-10T00:00:00Z"
    const pick = (only: Partial<ExposureRequest>) =>
        world.acting(world.investigator, (ctx) =>
            readExposure(ctx, { case: caseId, class: "poc", before: parseInstant(late), ...only }),
        )

    test("to one partner, each of its persons apart: who was told, who fetched, who confirmed", async () => {
        const { cases } = await pick({ partner: person.first.id })
        const [row] = cases[0]?.partners ?? []
        expect(cases[0]?.partners).toMatchObject([{ partner: person.first.id }])
        const { lead, analyst } = person.first
        const notified = { notifiedAt: validate + 60_000 }
        expect(Object.fromEntries((row?.people ?? []).map((person) => [person.person, person]))).toEqual({
            [lead.person]: { person: lead.person, ...notified, fetchedAt: null, acknowledgedAt: null },
            [analyst.person]: {
                person: analyst.person,
                ...notified,
                fetchedAt: validate + hourMs,
                acknowledgedAt: validate + 2 * hourMs,
            },
        })
        expect(row?.held).toMatchObject([{ version: 1, person: analyst.person, channel: "copy" }])
        expect((await listEvents(world.database)).at(-1)?.body).toMatchObject({
            partner: person.first.id,
            person: null,
        })
    })

    test("to one person: what this one did, and when its partner could", async () => {
        const { cases } = await pick({ person: person.first.lead.person })
        expect(cases[0]?.partners).toMatchObject([
            { partner: person.first.id, entitledFrom: validate, fetchedAt: null, acknowledgedAt: null, held: [] },
        ])
        expect(cases[0]?.staff).toEqual([])
    })

    test("shows also what a second person fetched after a colleague, and no later entitlement", async () => {
        world.clock.now += dayMs
        const name = aliasFor(world.services.keys, person.third.id, "artifact", poc)
        await world.acting(person.third.lead, (ctx) => fetchCopy(ctx, name))
        const fetchedAt = world.clock.now
        world.clock.now += hourMs
        const now = { before: world.clock.now, class: "poc" } as const
        const [whole] = (await pick({ ...now, partner: person.third.id })).cases[0]?.partners ?? []
        const [second] = (await pick({ ...now, person: person.third.lead.person })).cases[0]?.partners ?? []
        expect(second).toMatchObject({ entitledFrom: whole?.entitledFrom, fetchedAt })
        expect(second?.held).toMatchObject([{ version: 1, at: fetchedAt, person: person.third.lead.person }])
        expect(whole?.held).toHaveLength(2)
        expect(whole?.held).toEqual(expect.arrayContaining([...(second?.held ?? [])]))
        const exposed = (await pick(now)).cases[0]?.partners.find((exposed) => exposed.partner === person.third.id)
        expect(exposed?.held).toEqual(whole?.held.slice(0, 1))
    })

    test("to a person of the operator: no partner, and whether this one wrote or read it", async () => {
        const { cases } = await pick({ person: world.author.person })
        expect(cases).toMatchObject([{ partners: [], staff: [world.author.person] }])
        expect((await pick({ person: world.manager.person })).cases).toMatchObject([{ partners: [], staff: [] }])
    })

    test("to whoever laid a leak beside it, from then on: its parts were shown without marks", async () => {
        const laidAt = world.clock.now
        const beside = { kind: "attribution.read", evidence: newId(), artifact: poc, version: 1 }
        await world.acting(world.approver, (ctx) => record(ctx, beside, true))
        const ownBefore = async (before: number) =>
            (await pick({ person: world.approver.person, before })).cases.map((thisCase) => thisCase.staff)
        expect(await ownBefore(laidAt)).toEqual([[]])
        expect(await ownBefore(laidAt + 1)).toEqual([[world.approver.person]])
    })

    test("to a person and another partner than its own: nobody", async () => {
        const { cases } = await pick({ person: person.first.lead.person, partner: person.second.id })
        expect(cases).toMatchObject([{ partners: [], staff: [] }])
    })

    test("to a duty: who was under it since there was something to be had, though it is no more", async () => {
        const rmsv = dutyTable.filter((item) => item.regime === "RMSV")
        const set = (partner: string, duties: readonly Duty[], from: number) =>
            world.acting(world.manager, (ctx) =>
                writeRows(
                    ctx.tx,
                    "insert into partner_facts (partner_id, fact, value, from_at) values ($1, 'duties', $2, $3)",
                    [partner, JSON.stringify(duties), new Date(from)],
                ),
            )
        await set(person.silent.id, rmsv, validate - 2 * hourMs)
        await set(person.silent.id, [], validate - hourMs)
        await set(person.second.id, rmsv, advance + 2 * hourMs)
        await set(person.second.id, [], advance + 3 * hourMs)
        const { cases } = await pick({ duty: "RMSV" })
        expect(cases[0]?.partners).toMatchObject([
            { partner: person.second.id, duties: ["RMSV"], reportsBeforePublication: true },
        ])
        expect((await pick({ duty: "CRA" })).cases).toMatchObject([{ partners: [] }])
        expect(await awaitRefusalCode(pick({ duty: "NIS2" }))).toBe("exposure.duty_not_found")
        await set(
            person.third.id,
            rmsv.map((item) => ({ ...item, regime: "NIS2" })),
            parseInstant(late),
        )
        expect((await pick({ duty: "NIS2", partner: person.first.id })).cases).toMatchObject([{ partners: [] }])
    })

    test("to no class: anything of the case", async () => {
        const { cases } = await pick({ class: null, partner: person.first.id })
        expect(cases[0]?.partners[0]?.held).toHaveLength(2)
    })

    test.each([
        ["a partner that is none", { partner: newId() }, "partner.not_found"],
        ["a person that is none", { person: newId() }, "identity.person_not_found"],
        ["a duty that is misspelt", { duty: "RMSv" }, "exposure.duty_not_found"],
    ])("to %s is refused", async (_, only, code) => {
        expect(await awaitRefusalCode(pick(only))).toBe(code)
    })
})

test("is drawn next to the waves, the embargo's end, and the first confirmed exploitation", async () => {
    const course = async () => (await ask("2025-07-07T00:00:00Z")).cases[0]?.timeline
    const publication = parseInstant("2025-07-08T17:00:00Z")
    expect(await course()).toEqual({
        waves: [
            { tier: "validate", at: validate, releasedAt: null },
            { tier: "advance", at: advance, releasedAt: null },
            { tier: "entry", at: entry, releasedAt: null },
            { tier: "publication", at: publication, releasedAt: null },
        ].map((item) => ({ ...item, releasedAt: item.tier === "publication" ? null : item.at })),
        embargoEnds: publication,
        exploitedAt: null,
        touched: null,
    })
    const seen = { cve: null, clock: "unknown", source: "a sensor", note: "" } as const
    await world.acting(world.investigator, (ctx) =>
        addObservation(ctx, { kind: "exploitation", case: caseId, at: advance, ...seen }),
    )
    expect(await course()).toMatchObject({ exploitedAt: advance })
    const report = {
        zeroReportSince: null,
        clock: "synchronised",
        product: "",
        indicators: [],
        confidence: null,
    } as const
    await world.acting(person.second.analyst, (ctx) =>
        reportSighting(ctx, caseId, newId(), { ...report, observedAt: validate, note: "" }),
    )
    expect(await course()).toMatchObject({ exploitedAt: validate })
    const [notified] = await world.acting(person.second.analyst, (ctx) => listSightingsForPartner(ctx))
    await world.acting(person.second.analyst, (ctx) => withdrawReport(ctx, notified?.reference ?? ""))
    expect(await course()).toMatchObject({ exploitedAt: advance })
})

describe("over HTTP", () => {
    const found = routes.find((route) => route.path === "/api/exposure")
    const get = async (query: Record<string, string>) => {
        if (!found?.query || !Check(found.query, query)) return "request.invalid"
        const input = { body: {}, params: {}, query, credential: null }
        return await world.acting(world.investigator, (ctx) =>
            found.handler({ ...ctx, ...input } as ActionContext & Input<never, never, never>),
        )
    }

    test("it answers in written instants", async () => {
        const answer = await get({ case: "CVE-2025-49704", class: "poc", before: "2025-07-07T02:00:00+02:00" })
        expect(found?.answer && Check(found.answer, answer)).toBe(true)
        expect(answer).toMatchObject({ before: "2025-07-07T00:00:00Z" })
    })

    test.each([
        ["a time without an offset", { before: "2025-07-07T00:00:00" }, "instant.invalid"],
        ["a CVE id that no case has", { case: "CVE-2020-0001" }, "exposure.case_not_found"],
        ["a case that is not there", { case: newId() }, "case.not_found"],
        ["what is neither", { case: "toolshell" }, "exposure.bad_case"],
    ])("%s is refused", async (_, wrong, code) => {
        const query = { case: "CVE-2025-49704", class: "poc", before: "2025-07-07T00:00:00Z", ...wrong }
        expect(await awaitRefusalCode(get(query))).toBe(code)
    })

    test("a class that is none is refused", async () => {
        const query = { case: "CVE-2025-49704", class: "gossip", before: "2025-07-07T00:00:00Z" }
        expect(await get(query)).toBe("request.invalid")
    })
})

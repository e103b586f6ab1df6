import { Check } from "typebox/value"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { codeOf, recorded } from "../../../test/acting.ts"
import { newId } from "../../../test/database.ts"
import {
    type Program,
    type TestPartner,
    fall,
    fetched,
    newArtifact,
    newCase,
    newPartner,
    program,
} from "../../../test/program.ts"
import { dayMs, formatInstant, hourMs, parseInstant } from "../../lib/instant.ts"
import type { Input } from "../../platform/http.ts"
import { linkCases } from "../../share/cases/actions.ts"
import { acknowledge, fetchCopy } from "../../share/delivery/actions/copies.ts"
import { nameFor } from "../../share/delivery/actions/names.ts"
import { mailing, makeNotices } from "../../share/delivery/actions/notices.ts"
import { wavesOf } from "../../share/waves/actions.ts"
import type { WaveTier } from "../../share/waves/wave.ts"
import { type Act, record } from "../../trust/audit/actions.ts"
import { changeStanding } from "../../trust/partners/actions/changes.ts"
import { type Duty, dutyTable } from "../../trust/partners/duty.ts"
import { fileSeen } from "../evidence/actions.ts"
import { ownSightings, reportSighting, takeBackSighting } from "../sightings/actions/reporting.ts"
import type { Exposed } from "./exposure.ts"
import { type Asked, exposure } from "./actions/exposure.ts"
import { routes } from "./routes.ts"

const validate = parseInstant("2025-06-24T17:00:00Z")
const advance = parseInstant("2025-07-03T17:00:00Z")
const entry = parseInstant("2025-07-07T17:00:00Z")
let its: Program
let caseId: string
let bypass: string
let poc: string
const who: Record<"first" | "silent" | "second" | "third" | "gone", TestPartner> = {} as typeof who

/** The tests ask about one story: three waves, two fetches, one acknowledgement, one partner that was gone in time. */
beforeAll(async () => {
    its = await program()
    const doors = { ...its.doors, mail: { send: async () => undefined } }
    for (const [name, tier] of [
        ["first", "validate"],
        ["silent", "validate"],
        ["second", "advance"],
        ["third", "entry"],
        ["gone", "advance"],
    ] as const) {
        who[name] = await newPartner(its, tier)
    }
    caseId = await newCase(its, "toolshell")
    bypass = await newCase(its, "bypass")
    await its.acting(its.author, (act) => linkCases(act, bypass, caseId, "bypass of"))
    poc = await newArtifact(its, caseId, "poc", "toolshell/poc.py")
    const summary = await newArtifact(its, caseId, "summary", "toolshell/summary.md")
    const falls = async (tier: WaveTier, at: number, recipients: TestPartner[]) => {
        its.clock.now = at
        await fall(its, caseId, tier, [poc, summary])
        await its.acting({ kind: "system", step: "notify" }, async (act) => {
            const wave = (await wavesOf(act, caseId)).find((one) => one.tier === tier)
            await makeNotices(
                act,
                { case: caseId, wave: wave?.id ?? "" },
                recipients.map((one) => one.id),
            )
        })
        its.clock.now = at + 60_000
        while (await mailing.next(doors));
    }
    await falls("validate", validate, [who.first, who.silent])
    its.clock.now = validate + hourMs
    await fetched(its, who.first, poc)
    await fetched(its, who.first, summary)
    its.clock.now = validate + 2 * hourMs
    const warning = nameFor(its.doors.keys, who.first.id, "warning", caseId)
    await its.acting(who.first.analyst, (act) => acknowledge(act, warning))
    its.clock.now = validate + dayMs
    await its.acting(its.manager, (act) => changeStanding(act, who.gone.id, "suspended"))
    await falls("advance", advance, [who.second])
    its.clock.now = advance + hourMs
    await fetched(its, who.second, poc)
    await falls("entry", entry, [who.third])
    its.clock.now = entry + hourMs
    await fetched(its, who.third, poc)
    its.clock.now = parseInstant("2025-07-10T00:00:00Z")
}, 120_000)
afterAll(() => its.database.close())

const asked = (
    before: string,
    of: { case: string; class: "poc" | "summary" | "patch" } = { case: "CVE-2025-49704", class: "poc" },
) => its.acting(its.investigator, (act) => exposure(act, { ...of, before: parseInstant(before) }))
const named = (partners: readonly Exposed[] | undefined) =>
    Object.fromEntries(
        Object.entries(who).map(([name, { id }]) => [name, partners?.find((one) => one.partner === id) ?? null]),
    )
const nothing = { entitledFrom: null, notifiedAt: null, fetchedAt: null, acknowledgedAt: null, held: [], readers: [] }

test("who held the proof of concept before the 7th of July: the two waves, not the third, each state apart", async () => {
    const { cases } = await asked("2025-07-07T00:00:00Z")
    expect(cases).toMatchObject([{ case: caseId, asked: true }])
    expect(named(cases[0]?.partners)).toMatchObject({
        first: {
            entitledFrom: validate,
            notifiedAt: validate + 60_000,
            fetchedAt: validate + hourMs,
            acknowledgedAt: validate + 2 * hourMs,
            held: [{ artifact: poc, version: 1, at: validate + hourMs }],
        },
        silent: {
            ...{ ...nothing, entitledFrom: validate, notifiedAt: validate + 60_000 },
            readers: expect.arrayContaining([who.silent.lead.person, who.silent.analyst.person]),
        },
        second: { entitledFrom: advance, fetchedAt: advance + hourMs, acknowledgedAt: null },
        third: nothing,
        gone: nothing,
    })
    expect((await recorded(its.database)).at(-1)).toMatchObject({
        kind: "exposure.asked",
        body: { cases: [caseId], class: "poc", before: parseInstant("2025-07-07T00:00:00Z") },
    })
})

test("the instant itself is not before itself", async () => {
    const at = async (instant: number) => named((await asked(formatInstant(instant))).cases[0]?.partners)["first"]
    expect(await at(validate)).toMatchObject(nothing)
    expect(await at(validate + 1)).toMatchObject({ entitledFrom: validate, notifiedAt: null, fetchedAt: null })
    expect(await at(validate + hourMs)).toMatchObject({ notifiedAt: validate + 60_000, fetchedAt: null })
    expect(await at(validate + hourMs + 1)).toMatchObject({ fetchedAt: validate + hourMs, acknowledgedAt: null })
})

test("a partner that joined between two waves could have had it from then on, even if it is gone since", async () => {
    const late = await newPartner(its, "entry")
    const { cases } = await asked("2025-07-10T00:00:01Z")
    const row = () => cases[0]?.partners.find((one) => one.partner === late.id)
    expect(row()?.entitledFrom).toBeGreaterThan(entry)
    its.clock.now += 1000
    await its.acting(its.manager, (act) => changeStanding(act, late.id, "suspended"))
    its.clock.now += dayMs
    const again = await asked(formatInstant(its.clock.now))
    expect(again.cases[0]?.partners.find((one) => one.partner === late.id)).toMatchObject({
        entitledFrom: row()?.entitledFrom,
        fetchedAt: null,
    })
})

test("a bypass tells who held what it bypasses", async () => {
    const { cases } = await asked("2025-07-07T00:00:00Z", { case: "CVE-2025-53770", class: "poc" })
    expect(cases).toMatchObject([
        { case: bypass, asked: true },
        { case: caseId, asked: false },
    ])
    expect(named(cases[0]?.partners)["first"]).toMatchObject(nothing)
    expect(named(cases[1]?.partners)["first"]).toMatchObject({ fetchedAt: validate + hourMs })
    const byId = await asked("2025-07-07T00:00:00Z", { case: bypass, class: "poc" })
    expect(byId.cases).toEqual(cases)
})

test("a class that nobody was given was held by nobody", async () => {
    const { cases } = await asked("2025-07-10T00:00:00Z", { case: caseId, class: "patch" })
    for (const row of cases[0]?.partners ?? []) expect(row).toMatchObject(nothing)
})

describe("narrowed", () => {
    const late = "2025-07-10T00:00:00Z"
    const of = (only: Partial<Asked>) =>
        its.acting(its.investigator, (act) =>
            exposure(act, { case: caseId, class: "poc", before: parseInstant(late), ...only }),
        )

    test("to one partner, each of its persons apart: who was told, who fetched, who confirmed", async () => {
        const { cases } = await of({ partner: who.first.id })
        const [row] = cases[0]?.partners ?? []
        expect(cases[0]?.partners).toMatchObject([{ partner: who.first.id }])
        const { lead, analyst } = who.first
        const told = { notifiedAt: validate + 60_000 }
        expect(Object.fromEntries((row?.persons ?? []).map((one) => [one.person, one]))).toEqual({
            [lead.person]: { person: lead.person, ...told, fetchedAt: null, acknowledgedAt: null },
            [analyst.person]: {
                ...{ person: analyst.person, ...told },
                ...{ fetchedAt: validate + hourMs, acknowledgedAt: validate + 2 * hourMs },
            },
        })
        expect(row?.held).toMatchObject([{ version: 1, person: analyst.person, channel: "copy" }])
        expect((await recorded(its.database)).at(-1)?.body).toMatchObject({ partner: who.first.id, person: null })
    })

    test("to one person: what this one did, and when its partner could", async () => {
        const { cases } = await of({ person: who.first.lead.person })
        expect(cases[0]?.partners).toMatchObject([
            { partner: who.first.id, entitledFrom: validate, fetchedAt: null, acknowledgedAt: null, held: [] },
        ])
        expect(cases[0]?.own).toEqual([])
    })

    test("to a second person: what it fetched after a colleague too, as its partner's answer has it, and no later entitlement", async () => {
        its.clock.now += dayMs
        const name = nameFor(its.doors.keys, who.third.id, "artifact", poc)
        await its.acting(who.third.lead, (act) => fetchCopy(act, name))
        const fetchedAt = its.clock.now
        its.clock.now += hourMs
        const now = { before: its.clock.now, class: "poc" } as const
        const [whole] = (await of({ ...now, partner: who.third.id })).cases[0]?.partners ?? []
        const [second] = (await of({ ...now, person: who.third.lead.person })).cases[0]?.partners ?? []
        expect(second).toMatchObject({ entitledFrom: whole?.entitledFrom, fetchedAt })
        expect(second?.held).toMatchObject([{ version: 1, at: fetchedAt, person: who.third.lead.person }])
        expect(whole?.held).toHaveLength(2)
        expect(whole?.held).toEqual(expect.arrayContaining([...(second?.held ?? [])]))
        const all = (await of(now)).cases[0]?.partners.find((one) => one.partner === who.third.id)
        expect(all?.held).toEqual(whole?.held.slice(0, 1))
    })

    test("to a person of the operator: no partner, and whether this one wrote or read it", async () => {
        const { cases } = await of({ person: its.author.person })
        expect(cases).toMatchObject([{ partners: [], own: [its.author.person] }])
        expect((await of({ person: its.manager.person })).cases).toMatchObject([{ partners: [], own: [] }])
    })

    test("to whoever laid a leak beside it, from then on: its parts were shown without marks", async () => {
        const laidAt = its.clock.now
        const beside = { kind: "attribution.read", evidence: newId(), artifact: poc, version: 1 }
        await its.acting(its.approver, (act) => record(act, beside, true))
        const ownBefore = async (before: number) =>
            (await of({ person: its.approver.person, before })).cases.map((one) => one.own)
        expect(await ownBefore(laidAt)).toEqual([[]])
        expect(await ownBefore(laidAt + 1)).toEqual([[its.approver.person]])
    })

    test("to a person and another partner than its own: nobody", async () => {
        const { cases } = await of({ person: who.first.lead.person, partner: who.second.id })
        expect(cases).toMatchObject([{ partners: [], own: [] }])
    })

    test("to a duty: who was under it since there was something to be had, though it is no more", async () => {
        const rmsv = dutyTable.filter((one) => one.regime === "RMSV")
        const set = (partner: string, duties: readonly Duty[], from: number) =>
            its.acting(its.manager, (act) =>
                act.tx.query(
                    "insert into partner_facts (partner_id, fact, value, from_at) values ($1, 'duties', $2, $3)",
                    [partner, JSON.stringify(duties), new Date(from)],
                ),
            )
        await set(who.silent.id, rmsv, validate - 2 * hourMs)
        await set(who.silent.id, [], validate - hourMs)
        await set(who.second.id, rmsv, advance + 2 * hourMs)
        await set(who.second.id, [], advance + 3 * hourMs)
        const { cases } = await of({ duty: "RMSV" })
        expect(cases[0]?.partners).toMatchObject([
            { partner: who.second.id, duties: ["RMSV"], reportsBeforePublication: true },
        ])
        expect((await of({ duty: "CRA" })).cases).toMatchObject([{ partners: [] }])
        expect(await codeOf(of({ duty: "NIS2" }))).toBe("exposure.duty_not_found")
        await set(
            who.third.id,
            rmsv.map((one) => ({ ...one, regime: "NIS2" })),
            parseInstant(late),
        )
        expect((await of({ duty: "NIS2", partner: who.first.id })).cases).toMatchObject([{ partners: [] }])
    })

    test("to no class: anything of the case", async () => {
        const { cases } = await of({ class: null, partner: who.first.id })
        expect(cases[0]?.partners[0]?.held).toHaveLength(2)
    })

    test.each([
        ["a partner that is none", { partner: newId() }, "partner.not_found"],
        ["a person that is none", { person: newId() }, "identity.person_not_found"],
        ["a duty that is misspelt", { duty: "RMSv" }, "exposure.duty_not_found"],
    ])("to %s is refused", async (_, only, code) => {
        expect(await codeOf(of(only))).toBe(code)
    })
})

test("it is drawn beside the waves, the embargo's end, and the first exploitation that somebody stands by", async () => {
    const course = async () => (await asked("2025-07-07T00:00:00Z")).cases[0]?.course
    const publication = parseInstant("2025-07-08T17:00:00Z")
    expect(await course()).toEqual({
        waves: [
            { tier: "validate", at: validate, releasedAt: null },
            { tier: "advance", at: advance, releasedAt: null },
            { tier: "entry", at: entry, releasedAt: null },
            { tier: "publication", at: publication, releasedAt: null },
        ].map((one) => ({ ...one, releasedAt: one.tier === "publication" ? null : one.at })),
        ...{ embargoEnds: publication, exploitedAt: null, touched: null },
    })
    const seen = { cve: null, clock: "unknown", source: "a sensor", note: "" } as const
    await its.acting(its.investigator, (act) =>
        fileSeen(act, { kind: "exploitation", case: caseId, at: advance, ...seen }),
    )
    expect(await course()).toMatchObject({ exploitedAt: advance })
    const report = { lookedSince: null, clock: "synchronised", product: "", indicators: [], confidence: null } as const
    await its.acting(who.second.analyst, (act) =>
        reportSighting(act, caseId, newId(), { ...report, seenAt: validate, note: "" }),
    )
    expect(await course()).toMatchObject({ exploitedAt: validate })
    const [told] = await its.acting(who.second.analyst, (act) => ownSightings(act))
    await its.acting(who.second.analyst, (act) => takeBackSighting(act, told?.reference ?? ""))
    expect(await course()).toMatchObject({ exploitedAt: advance })
})

describe("over HTTP", () => {
    const found = routes.find((one) => one.path === "/api/exposure")
    const get = async (query: Record<string, string>) => {
        if (!found?.query || !Check(found.query, query)) return "request.invalid"
        const input = { body: {}, params: {}, query, credential: null }
        return await its.acting(its.investigator, (act) =>
            found.handler({ ...act, ...input } as Act & Input<never, never, never>),
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
        expect(await codeOf(get(query))).toBe(code)
    })

    test("a class that is none is refused", async () => {
        const query = { case: "CVE-2025-49704", class: "gossip", before: "2025-07-07T00:00:00Z" }
        expect(await get(query)).toBe("request.invalid")
    })
})

/** Regulatory clocks on a real database: what starts them, what is stored, and what is drafted. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { awaitRefusalCode, listEvents } from "../../../../test/support/actors.ts"
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
import { dayMs, hourMs, parseInstant } from "@tocsin/base/instant"
import { closeCase } from "../../share/cases/actions/close-case.ts"
import { terminateEmbargo, endEmbargo } from "../../share/cases/actions/negotiate-embargo.ts"
import type { ActionContext } from "../../kernel/action-context.ts"
import type { Actor } from "../../kernel/actor.ts"
import { permissions } from "../../kernel/permissions.ts"
import type { Trigger } from "../../share/cases/embargo.ts"
import { addLeak, addObservation } from "../evidence/actions/add-evidence.ts"
import { saveSightings, reportSighting, withdrawVersions } from "../sightings/actions/report-sighting.ts"
import { mayAct } from "../tasks/task.ts"
import { listOpenTasks } from "../tasks/actions/list-tasks.ts"
import { draftFiling } from "./actions/draft-filing.ts"
import { listRegimes, setRegime } from "./actions/set-regime.ts"
import * as running from "./actions/run-clocks.ts"
import { startClocksByEvidence, startClocksBySightings } from "./actions/start-clocks.ts"
import { markdownOf } from "./draft.ts"
import type { Regime } from "./regime.ts"
import { shippedRegimes } from "./built-in-regimes.ts"

const now = parseInstant("2025-07-05T12:00:00Z")
const observedAt = now - 3 * hourMs
const report = {
    observedAt,
    zeroReportSince: null,
    clock: "estimated",
    product: "",
    indicators: [],
    confidence: null,
    note: "",
} as const
const cra = shippedRegimes["cra-vulnerability"] as Regime
const inForce: Regime = { ...cra, state: "in_force", appliesFrom: null }

let world: Program
let partner: TestPartner
let caseId: string

beforeAll(async () => {
    world = await createProgram()
    partner = await newPartner(world, "validate")
}, 120_000)
afterAll(() => world.database.close())
beforeEach(async () => {
    world.clock.now = parseInstant("2025-06-24T17:00:00Z")
    caseId = await newCase(world, "toolshell")
    await releaseWaveNow(world, caseId, "validate", [
        await newArtifact(world, caseId, "summary", "toolshell/summary.md"),
    ])
    world.clock.now = now
    await setTo(inForce)
}, 120_000)

const step: Actor = { kind: "system", component: "start-clocks" }
const as = <T>(actor: Actor, work: (ctx: ActionContext) => Promise<T>) => world.acting(actor, work)
const setTo = (regime: Regime, id = "cra-vulnerability") => as(world.manager, (ctx) => setRegime(ctx, id, regime))
const clocks = () => as(world.manager, (ctx) => running.listClocks(ctx, caseId))
const only = async () => (await clocks())[0] ?? expect.fail("no clock runs")
const events = async (kind: string) => (await listEvents(world.database)).filter((item) => item.kind === kind)
const run = async (kind: string) => (await events(kind)).filter(({ body }) => body["case"] === caseId)
const why = "So it was."

async function reported(changed: object = {}, actor = partner.analyst): Promise<string> {
    const reference = newId()
    await as(actor, (ctx) => reportSighting(ctx, caseId, reference, { ...report, ...changed }))
    return reference
}

/** Runs the event handlers of what was reported or added last. */
async function followed(): Promise<void> {
    const last = (await listEvents(world.database)).findLast(
        ({ kind }) => kind === "sighting.reported" || kind === "evidence.added",
    )
    const { sightings, evidence } = (last?.body ?? {}) as { sightings?: string[]; evidence?: string }
    if (evidence === undefined)
        await as(step, (ctx) => startClocksBySightings(ctx, caseId, partner.id, sightings ?? []))
    else await as(step, (ctx) => startClocksByEvidence(ctx, evidence))
}

const seen = (kind: Exclude<Trigger, "leak">) =>
    as(world.investigator, (ctx) =>
        addObservation(ctx, {
            kind,
            case: caseId,
            cve: null,
            at: observedAt,
            clock: "unknown",
            source: "A log",
            note: "",
        }),
    )
const begin = (aware = now, regime = "cra-vulnerability") =>
    as(world.manager, (ctx) => running.startClock(ctx, { case: caseId, regime, aware, reason: why }))

describe("exploitation starts a clock", () => {
    test("when a partner reports it: as of arrival, not observation or handling", async () => {
        await reported()
        world.clock.now = now + 2 * hourMs
        await followed()
        const { history, filings: owed, version, terms } = await only()
        expect(terms).toEqual(inForce)
        expect(version).toBeGreaterThan(0)
        expect(history).toMatchObject([
            { kind: "aware", since: now, at: now + 2 * hourMs, by: null, source: { kind: "sighting" } },
        ])
        expect(owed.map(({ dueAt: due }) => due)).toEqual([
            now + 24 * hourMs,
            now + 72 * hourMs,
            null,
            now + 24 * hourMs,
        ])
        expect(await run("regulatory_clock.started")).toMatchObject([{ body: { since: now, source: "sighting" } }])
    })

    test("once: not by later reports, evidence, partners or runs of the handler", async () => {
        await reported()
        await followed()
        await followed()
        await reported()
        await followed()
        await seen("exploitation")
        await followed()
        expect(await clocks()).toHaveLength(1)
    })

    test("of each triggered regime, and of none that a person closed", async () => {
        await setTo({ ...inForce, title: "Another law" }, "another-law")
        await reported()
        await followed()
        expect((await clocks()).map((clock) => clock.regime).toSorted()).toEqual(["another-law", "cra-vulnerability"])
        for (const { id } of await clocks()) await as(world.manager, (ctx) => running.closeClock(ctx, id, why))
        await reported()
        await followed()
        expect(await clocks()).toHaveLength(2)
        await setTo({ ...inForce, title: "Another law", state: "not_in_force" }, "another-law")
    })

    test.each<[Exclude<Trigger, "leak">, number]>([
        ["exploitation", 1],
        ["listed_as_exploited", 1],
        ["public_proof_of_concept", 0],
    ])("when staff add it: by %s, %i", async (kind, count) => {
        await seen(kind)
        await followed()
        const list = await clocks()
        expect(list).toHaveLength(count)
        expect(list.map(({ history }) => history[0]?.source?.kind)).toEqual(Array<string>(count).fill("evidence"))
    })

    test("and a leak starts none", async () => {
        const leak = { case: caseId, name: "a.txt", source: "a site", note: "", observedAt, clock: "unknown" } as const
        await as(world.investigator, (ctx) => addLeak(ctx, { ...leak, content: Buffer.from("a text") }))
        await followed()
        expect(await clocks()).toEqual([])
    })

    test("for an undecided regime too; not for one out of force, or not yet applicable", async () => {
        await reported()
        for (const [changed, count] of [
            [{ state: "not_in_force" }, 0],
            [{ appliesFrom: "2025-07-05T12:00:01Z" }, 0],
            [{ state: "undecided", appliesFrom: "2025-07-05T12:00:00Z" }, 1],
        ] as const) {
            await setTo({ ...inForce, ...changed })
            await followed()
            expect(await clocks()).toHaveLength(count)
        }
    })

    test("after publication and of closed cases too: legal duties outlast the embargo", async () => {
        await as(step, (ctx) => terminateEmbargo(ctx, caseId, "leaked"))
        await as(step, (ctx) => endEmbargo(ctx, caseId))
        world.clock.now = now + dayMs
        await seen("exploitation")
        await followed()
        const [, , last] = (await only()).filings
        expect(last).toMatchObject({ from: now + dayMs, dueAt: now + 15 * dayMs })
        caseId = await newCase(world, "bypass")
        await as(world.author, (ctx) => closeCase(ctx, caseId, "cancelled", "a mistake"))
        await seen("exploitation")
        await followed()
        expect(await clocks()).toHaveLength(1)
    })

    const reference = newId()
    const [first, later] = ["2025-07-05T12:00:00.000000000Z", "2025-07-05T12:00:01.000000000Z"] as const
    const keep = (version: string, changed: object = {}) =>
        as(partner.analyst, (ctx) =>
            saveSightings(ctx, caseId, [{ ...report, reference, version, withdrawn: false, ...changed }], 0),
        )
    test.each<[string, () => Promise<void>]>([
        [
            "taken the report back",
            () => as(partner.analyst, (ctx) => withdrawVersions(ctx, caseId, reference, [first], 0)),
        ],
        ["revoked it by a later version", () => keep(later, { withdrawn: true })],
        ["corrected it: it saw nothing", () => keep(later, { zeroReportSince: observedAt - hourMs })],
    ])("not where its partner has by then %s", async (_, undo) => {
        await keep(first)
        const ids = (await events("sighting.reported")).at(-1)?.body["sightings"] as string[]
        await undo()
        await as(step, (ctx) => startClocksBySightings(ctx, caseId, partner.id, ids))
        expect(await clocks()).toEqual([])
    })
})

describe("a person", () => {
    test("starts a clock, once while it runs, and again after closing", async () => {
        const id = await begin(now - hourMs, "cra-incident")
        expect(await awaitRefusalCode(begin(now, "cra-incident"))).toBe("filing.clock_already_running")
        await as(world.manager, (ctx) => running.closeClock(ctx, id, why))
        await begin(now, "cra-incident")
        expect((await clocks()).map(({ history }) => history.length)).toEqual([2, 1])
    })

    test.each<[string, () => Promise<unknown>, string]>([
        ["no regime that there is not", () => begin(now, "no-law"), "regime.not_found"],
        ["nothing from a moment that is to come", () => begin(now + 1), "filing.in_the_future"],
        [
            "nothing without a reason",
            () =>
                as(world.manager, (ctx) =>
                    running.startClock(ctx, { case: caseId, regime: "cra-incident", aware: now, reason: "" }),
                ),
            "filing.bad_text",
        ],
        [
            "nothing of a case that there is not",
            () =>
                as(world.manager, (ctx) =>
                    running.startClock(ctx, { case: newId(), regime: "cra-incident", aware: now, reason: why }),
                ),
            "case.not_found",
        ],
    ])("starts %s", async (_, work, code) => {
        expect(await awaitRefusalCode(work())).toBe(code)
        expect(await clocks()).toEqual([])
    })

    test("cannot start a clock of a regime out of force", async () => {
        await setTo({ ...inForce, state: "not_in_force" })
        expect(await awaitRefusalCode(begin())).toBe("regime.not_in_force")
    })

    test("corrects awareness with its history, which moves deadlines; the event has no text", async () => {
        const id = await begin()
        await as(world.author, (ctx) =>
            running.correctAwareness(ctx, id, now - 5 * hourMs, "It was read in the night."),
        )
        const { history, filings: owed } = await only()
        expect(history.map(({ since, by }) => [since, by])).toEqual([
            [now, world.manager.person],
            [now - 5 * hourMs, world.author.person],
        ])
        expect(owed[0]?.dueAt).toBe(now + 19 * hourMs)
        expect(await run("regulatory_clock.corrected")).toEqual([
            {
                kind: "regulatory_clock.corrected",
                body: { case: caseId, clock: id, since: now - 5 * hourMs, by: world.author.person },
            },
        ])
        expect(await awaitRefusalCode(as(world.author, (ctx) => running.correctAwareness(ctx, id, now + 1, why)))).toBe(
            "filing.in_the_future",
        )
        expect(
            await awaitRefusalCode(as(world.author, (ctx) => running.correctAwareness(ctx, newId(), now, why))),
        ).toBe("filing.clock_not_found")
    })

    test("submits with instant and reference, reopens and closes; nothing follows closing", async () => {
        const id = await begin()
        const made = { filing: "early-warning", since: now, reference: "SRP-1", text: "" }
        const note = () => as(world.author, (ctx) => running.recordSubmission(ctx, id, made))
        await note()
        expect(await awaitRefusalCode(note())).toBe("filing.already_submitted")
        expect((await only()).filings[0]).toMatchObject({ state: "submitted", submittedAt: now })
        const [clock] = await clocks()
        const inputs = await as(world.author, (ctx) => running.loadEntries(ctx, clock ? [clock] : []))
        expect(inputs.get(id)).toMatchObject([{ text: why }, { by: world.author.person, reference: "SRP-1", text: "" }])
        await as(world.author, (ctx) => running.reopenFiling(ctx, id, "early-warning", why))
        expect((await only()).filings[0]).toMatchObject({ state: "open", submittedAt: null })
        await as(world.author, (ctx) => running.reportFix(ctx, id, null, why))
        await as(world.author, (ctx) => running.closeClock(ctx, id, "It does not apply."))
        expect(await awaitRefusalCode(note())).toBe("filing.clock_closed")
        for (const kind of [
            "filing.submitted",
            "filing.reopened",
            "regulatory_clock.fix_reported",
            "regulatory_clock.closed",
        ]) {
            expect(await run(kind)).toHaveLength(1)
        }
    })

    test("submits each filing once, where two people do so at the same time", async () => {
        const id = await begin()
        const made = { filing: "early-warning", since: now, reference: "", text: "" }
        const both = [world.author, world.manager].map((actor) =>
            awaitRefusalCode(as(actor, (ctx) => running.recordSubmission(ctx, id, made))),
        )
        expect((await Promise.all(both)).toSorted()).toEqual(["done", "filing.already_submitted"])
    })
})

describe("deadlines after a fix", () => {
    test("run from publication, until a person reports another instant", async () => {
        const id = await begin()
        await as(step, (ctx) => terminateEmbargo(ctx, caseId, "leaked"))
        expect((await only()).filings[2]?.state).toBe("waiting")
        world.clock.now = now + hourMs
        await as(step, (ctx) => endEmbargo(ctx, caseId))
        expect((await only()).filings[2]).toMatchObject({ state: "open", dueAt: now + hourMs + 14 * dayMs })
        await as(world.author, (ctx) => running.reportFix(ctx, id, null, "There is no fix yet."))
        expect((await only()).filings[2]?.state).toBe("waiting")
        await as(world.author, (ctx) => running.reportFix(ctx, id, now, why))
        expect((await only()).filings[2]?.dueAt).toBe(now + 14 * dayMs)
    })
})

describe("a regime", () => {
    test("is built in until a version is stored; an equal one is not, and running clocks stay", async () => {
        expect(await as(world.manager, listRegimes)).toMatchObject(
            expect.arrayContaining([expect.objectContaining({ id: "cra-incident", version: 0, by: null, at: null })]),
        )
        const before = (await as(world.manager, listRegimes)).find(({ id }) => id === "cra-vulnerability")?.version ?? 0
        expect(await setTo(inForce)).toBe(before)
        await begin()
        const filings = inForce.filings.map((filing) => ({ ...filing, count: 1 }))
        expect(await setTo({ ...inForce, filings })).toBe(before + 1)
        expect((await only()).filings[0]?.dueAt).toBe(now + 24 * hourMs)
        const last = (await events("regime.set")).at(-1)
        expect(last?.body).toMatchObject({ regime: "cra-vulnerability", version: before + 1, state: "in_force" })
        expect(last?.body["sha256"]).toMatch(/^[0-9a-f]{64}$/)
    })

    test("is refused completely, and nothing of it is stored", async () => {
        const before = await as(world.manager, listRegimes)
        expect(await awaitRefusalCode(setTo({ ...inForce, filings: [] }))).toBe("regime.bad_filings")
        expect(await as(world.manager, listRegimes)).toEqual(before)
    })

    test("is limited to a hundred", async () => {
        const other = await createProgram()
        const set = (n: number) => other.acting(other.manager, (ctx) => setRegime(ctx, `law-${n}`, inForce))
        for (let n = 0; n < 97; n++) await set(n)
        expect(await awaitRefusalCode(set(97))).toBe("regime.too_many")
        expect(await awaitRefusalCode(other.acting(other.manager, (ctx) => setRegime(ctx, "law-1", cra)))).toBe("done")
        await other.database.close()
    })
})

describe("tasks", () => {
    const waiting = async () =>
        (await as(world.manager, listOpenTasks)).filter((task) => task.kind === "filing" && task.case === caseId)

    test("are filings with their deadlines, for authors and managers, until submission or closing", async () => {
        const id = await begin()
        const tasks = await waiting()
        expect(tasks.map(({ about, since, until }) => [about, since, until])).toEqual([
            [`${id} early-warning`, now, now + 24 * hourMs],
            [`${id} inform-users`, now, now + 24 * hourMs],
            [`${id} notification`, now, now + 72 * hourMs],
        ])
        const people = (["author", "manager", "approver", "investigator", "auditor", "admin"] as const).filter((role) =>
            tasks.every((task) => mayAct(task, { id: "p", roles: [role] })),
        )
        expect(people).toEqual(["author", "manager"])
        await as(world.author, (ctx) =>
            running.recordSubmission(ctx, id, { filing: "early-warning", since: now, reference: "", text: "" }),
        )
        world.clock.now = now + 100 * hourMs
        expect((await waiting()).map(({ until }) => until)).toEqual([now + 24 * hourMs, now + 72 * hourMs])
        for (const filing of ["notification", "final-report", "inform-users"]) {
            const made = { filing, since: now, reference: "", text: "" }
            await as(world.author, (ctx) => running.recordSubmission(ctx, id, made))
        }
        expect(await waiting()).toEqual([])
        await as(world.author, (ctx) => running.reopenFiling(ctx, id, "notification", why))
        expect((await waiting()).map(({ until }) => until)).toEqual([now + 72 * hourMs])
        await as(world.author, (ctx) => running.closeClock(ctx, id, why))
        expect(await waiting()).toEqual([])
    })
})

describe("a draft", () => {
    test("has the case's facts, is recorded, and names no partner or finder", async () => {
        await reported({ observedAt: observedAt + hourMs })
        await followed()
        await seen("exploitation")
        const { id } = await only()
        const note = { filing: "early-warning", since: now, reference: "SRP-7", text: "" }
        await as(world.author, (ctx) => running.recordSubmission(ctx, id, note))
        const draft = await as(world.author, (ctx) => draftFiling(ctx, id, "notification"))
        expect(draft).toMatchObject({
            title: "toolshell",
            vulnerabilities: [{ cve: "CVE-2025-49704", score: 8.8 }],
            awareAt: now,
            dueAt: now + 72 * hourMs,
            exploitedSince: observedAt,
            fixAvailable: null,
            publishedAt: null,
            secretUntil: parseInstant("2025-07-08T17:00:00Z"),
            submittedBefore: [{ title: "Early warning", at: now, reference: "SRP-7" }],
        })
        expect(markdownOf(draft)).not.toMatch(/somebody|A partner of|198\.51/)
        expect(draft.reference).toBe("CVE-2025-49704")
        expect(draft.regime.basis).not.toContain("Tocsin")
        expect(await run("filing.drafted")).toEqual([
            {
                kind: "filing.drafted",
                body: { case: caseId, clock: id, filing: "notification", by: world.author.person },
            },
        ])
        expect(await awaitRefusalCode(as(world.author, (ctx) => draftFiling(ctx, id, "no-report")))).toBe(
            "filing.not_found",
        )
        expect(await run("filing.drafted")).toHaveLength(1)
    })

    test("is for people who read cases only", () => {
        const readers = permissions["case:read"]?.operators ?? []
        expect(readers).toEqual(expect.arrayContaining([...(permissions["filing:write"]?.operators ?? [])]))
    })
})

test("K-11 stores no clock text in clear, and exports no event with text", async () => {
    const secret = "The night shift of Fernwood has read it."
    const id = await as(world.manager, (ctx) =>
        running.startClock(ctx, { case: caseId, regime: "cra-incident", aware: now, reason: secret }),
    )
    await as(world.author, (ctx) =>
        running.recordSubmission(ctx, id, {
            filing: "early-warning",
            since: now,
            reference: "SRP-SECRET-9",
            text: secret,
        }),
    )
    const [dump] = await world.database.db.transaction((tx) =>
        tx.query<{ all: string }>(
            `select (select string_agg(t::text, '') from regulatory_clock_history t) || (select string_agg(c::text, '')
             from regulatory_clocks c) || (select string_agg(e::text, '') from events e) as all`,
        ),
    )
    const hex = (text: string) => Buffer.from(text).toString("hex")
    for (const text of ["night shift", "SRP-SECRET"]) {
        expect(dump?.all).not.toContain(text)
        expect(dump?.all).not.toContain(hex(text))
    }
    const open = await world.database.db.transaction((tx) =>
        tx.query(
            `select kind from events where not confidential and (kind like 'filing.%' or kind like
                'regulatory_clock.%')`,
        ),
    )
    expect(open).toEqual([])
})

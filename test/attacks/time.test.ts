/** Wrong clocks and late workers, as partners and operators see them over HTTP. */
import { writeRows } from "../support/change-notes.ts"
import { setTimeout as pause } from "node:timers/promises"
import type { FastifyInstance } from "fastify"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { recordOnlyEvents } from "../../server/src/record-only-events.ts"
import { jobs } from "../../server/src/background-jobs.ts"
import { eventHandlers } from "../../server/src/event-handlers.ts"
import { dayMs, hourMs, parseInstant } from "@tocsin/base/instant"
import type { Side } from "../../server/src/kernel/route.ts"
import { silentLog } from "../../server/src/platform/log/log.ts"
import { idlePauseMs, startWorker } from "../../server/src/kernel/worker.ts"
import { makeServer } from "../../server/src/server.ts"
import { recallArtifact } from "../../server/src/share/artifacts/actions/recall-artifact.ts"
import { moveEmbargo } from "../../server/src/share/cases/actions/negotiate-embargo.ts"
import { aliasFor } from "../../server/src/share/delivery/actions/resolve-alias.ts"
import { requestRelease } from "../../server/src/share/release/actions/release-wave.ts"
import { freezeWave, listWaves } from "../../server/src/share/waves/actions.ts"
import { setStatus } from "../../server/src/trace/measures/actions/change-status.ts"
import type { ActionContext } from "../../server/src/kernel/action-context.ts"
import { issueCredential } from "../../server/src/trust/identity/actions/sign-in.ts"
import { changePartnerStatus } from "../../server/src/trust/partners/actions/change-partner.ts"
import { listEvents, system } from "../support/actors.ts"
import { newId } from "../support/database.ts"
import { type World, world } from "../faults/world.ts"
import {
    type Program,
    type TestPartner,
    newArtifact,
    newCase,
    newPartner,
    createProgram,
    signAsApprover,
} from "../support/program.ts"

const instant = parseInstant("2025-06-24T17:00:00Z")
const publication = parseInstant("2025-07-08T17:00:00Z")
const minute = 60_000

let setup: Program
let clocks: World
let caseId: string
let summary: string
let partners: TestPartner[]
const apps: Partial<Record<Side, FastifyInstance>> = {}
const tokens = new Map<string, string>()
/** The application's wall-clock time. */
let realNow: number

/** A signed wave at the instant; clocks agree, an hour earlier. */
beforeEach(async () => {
    setup = await createProgram()
    partners = [await newPartner(setup, "validate"), await newPartner(setup, "validate")]
    caseId = await newCase(setup, "toolshell")
    summary = await newArtifact(setup, caseId, "summary", "toolshell/summary.md")
    await signFirst(caseId)
    realNow = setup.clock.now
    clocks = await world({ ...setup.services, realNow: () => realNow }, setup.database, instant - hourMs)
    await clocks.look()
    for (const { person } of [setup.manager, ...partners.map(({ analyst }) => analyst)]) {
        tokens.set(person, await setup.acting(system, (ctx) => issueCredential(ctx, person, "token")))
    }
    for (const side of ["console", "portal"] as const) {
        const settings = { web: null, secureCookies: false, requestsPerMinuteMax: 100_000 }
        apps[side] = await makeServer({ services: { ...clocks.services, log: silentLog }, side, ...settings })
    }
    return async () => {
        for (const app of Object.values(apps)) await app.close()
    }
}, 120_000)
afterEach(async () => {
    await clocks.close()
    await setup.database.close()
})

async function signFirst(subject: string): Promise<void> {
    const [first] = await setup.acting(setup.manager, (ctx) => listWaves(ctx, subject))
    await signAsApprover(setup, await setup.acting(setup.manager, (ctx) => requestRelease(ctx, first?.id ?? "")))
}

/** Runs the worker as in production, on its own schedule. Its error log contains the alarms. */
async function working(work: (alarms: readonly string[]) => Promise<void>): Promise<void> {
    const alarms: string[] = []
    const log = { ...silentLog, error: (kind: string) => void alarms.push(kind) }
    const worker = startWorker(
        { ...clocks.services, log, mail: { send: async () => undefined } },
        eventHandlers,
        recordOnlyEvents,
        jobs,
    )
    try {
        await work(alarms)
    } finally {
        await worker.stop()
    }
}

async function asked(side: Side, person: string, url: string) {
    const headers = { authorization: `Bearer ${tokens.get(person)}` }
    const answer = await apps[side]?.inject({ url, headers })
    if (!answer) throw new Error("no such side")
    return answer
}
const warnings = async (partner = partners[0]) =>
    (await asked("portal", partner?.analyst.person ?? "", "/api/warnings")).json<{
        now: string
        warnings: { artifacts: { name: string }[] }[]
    }>()
const sees = async (partner = partners[0]) => (await warnings(partner)).warnings.length
const fetches = async (partner = partners[0]) => {
    const name = aliasFor(setup.services.keys, partner?.id ?? "", "artifact", summary)
    return await asked("portal", partner?.analyst.person ?? "", `/api/artifacts/${name}/copy`)
}
const wave = async () => {
    const answer = await asked("console", setup.manager.person, `/api/cases/${caseId}/waves`)
    const [first] = answer.json<{ waves: { state: string; at: string; releasedAt: string | null }[] }>().waves
    return first ?? { state: "none", at: "", releasedAt: null }
}
const clock = async () => {
    const { state, doubt } = (await asked("console", setup.manager.person, "/api/clock")).json<Record<string, string>>()
    return `${state} ${doubt ?? ""}`.trim()
}
const releases = async () => (await listEvents(setup.database)).filter(({ kind }) => kind === "wave.released").length

/** Clocks that agree for a minute are trusted again. */
async function trustedAgain(): Promise<void> {
    for (let n = 0; n < 8; n++) {
        await clocks.pass(10_000)
        await clocks.look()
    }
}

/** A partner without access gets the answers for missing objects. */
async function expectNothing(): Promise<void> {
    for (const partner of partners) {
        const random = await asked("portal", partner.analyst.person, `/api/artifacts/${newId()}/copy`)
        const found = await fetches(partner)
        expect([found.statusCode, found.body]).toEqual([404, random.body])
        expect(await sees(partner)).toBe(0)
    }
}

test("C-01 constant requests read nothing before the instant, and everything after the release", async () => {
    await clocks.passTo(instant - minute)
    const seen: { readonly now: number; readonly count: number }[] = []
    let isOver = false
    const polling = partners.map(async (partner) => {
        while (!isOver) {
            const { now, warnings: its_ } = await warnings(partner)
            seen.push({ now: parseInstant(now), count: its_.length })
        }
    })
    while (seen.length < 4) await pause(5)
    await clocks.passTo(instant - 200)
    while ((await clocks.now()) < instant + 100) {
        await clocks.pass(20)
        await clocks.look()
    }
    const after = await Promise.all(partners.map(sees))
    isOver = true
    await Promise.all(polling)
    expect(after).toEqual([1, 1])
    expect(seen.filter(({ now, count }) => now < instant && count > 0)).toEqual([])
    expect(seen.filter(({ now }) => now < instant).length).toBeGreaterThan(0)
    expect(await releases()).toBe(1)
})

test("C-01 due in 3 s and polled every 50 ms: nothing before the instant, everything at the next look", async () => {
    const instants = [instant, instant + 2_000, instant + 4_000]
    for (const later of [2_000, 4_000]) {
        const other = await newCase(setup, "bypass")
        await newArtifact(setup, other, "summary", "toolshell/summary.md")
        await setup.acting(setup.author, (ctx) => moveEmbargo(ctx, other, publication + later, "later"))
        await signFirst(other)
    }
    await clocks.passTo(instant - 3_000)
    const seen: { readonly now: number; readonly count: number }[] = []
    await working(async () => {
        while ((seen.at(-1)?.count ?? 0) < 3) {
            const { now, warnings: its_ } = await warnings()
            seen.push({ now: parseInstant(now), count: its_.length })
            await pause(50)
        }
    })
    const due = (now: number) => instants.filter((at) => at <= now).length
    expect(seen.filter(({ now, count }) => count > due(now))).toEqual([])
    // The duration depends on the machine, except the pause between two looks.
    expect(idlePauseMs).toBeLessThanOrEqual(500)
    expect(await releases()).toBe(3)
})

test("C-02 a clock an hour ahead is detected, and releases pause, at the next look without a request", async () => {
    await working(async (alarms) => {
        for (let round = 0; round < 3; round++) {
            await clocks.set({ application: hourMs + minute })
            while ((await clock()) !== "distrusted disagree") await pause(10)
            await clocks.set({ application: 0 })
            await trustedAgain()
        }
        expect(alarms).toEqual(Array(3).fill("releases are paused: the clocks are distrusted"))
    })
    expect(idlePauseMs).toBeLessThanOrEqual(500)
    expect(await releases()).toBe(0)
    await expectNothing()
})

test("C-10 a difference of 0.7 s between clocks pauses releases, and 0.3 s does not", async () => {
    await clocks.passTo(instant - minute)
    await clocks.set({ application: 700 })
    await clocks.look()
    expect(await clock()).toBe("distrusted disagree")
    await clocks.set({ application: 300 })
    await trustedAgain()
    expect(await clock()).toBe("trusted")
    expect(await Promise.all(partners.map(sees))).toEqual([1, 1])
})

test.each([
    ["the database's clock is", { database: hourMs, application: 0 }, "disagree"],
    ["both clocks are", { database: hourMs, application: hourMs }, "forward"],
])("what is withheld while %s an hour ahead stays withheld afterwards", async (_, errors, doubt) => {
    await clocks.passTo(instant + minute)
    await clocks.look()
    expect(await Promise.all(partners.map(sees))).toEqual([1, 1])
    await clocks.set(errors)
    realNow = instant + minute + errors.application
    await clocks.look()
    expect(await clock()).toBe(`distrusted ${doubt}`)
    const [suspended, other] = partners as [TestPartner, TestPartner]
    await clocks.services.db.transaction(async (tx) => {
        const ctx = { tx, now: await clocks.services.clock.now(tx), actor: setup.manager, services: clocks.services }
        await changePartnerStatus(ctx, suspended.id, "suspended")
        await recallArtifact(ctx, summary, { version: null, reason: "It was wrong." })
    })
    await clocks.set({ database: 0, application: 0 })
    realNow = instant + minute
    expect((await asked("portal", suspended.analyst.person, "/api/warnings")).statusCode).toBe(404)
    expect((await warnings(other)).warnings.flatMap(({ artifacts }) => artifacts)).toEqual([])
    await clocks.services.db.transaction(async (tx) => {
        const ctx = { tx, now: await clocks.services.clock.now(tx), actor: setup.manager, services: clocks.services }
        const [first] = await listWaves(ctx, caseId)
        await freezeWave({ ...ctx, now: ctx.now + hourMs }, first?.id ?? "")
    })
    expect(await sees(other)).toBe(0)
})

test("a suspension counts also if a clock ahead had reinstated the partner earlier", async () => {
    const { id = "", analyst } = partners[0] ?? {}
    await clocks.passTo(instant + minute)
    await clocks.look()
    const at = async (now: number, work: (ctx: ActionContext) => Promise<void>) =>
        await clocks.services.db.transaction((tx) => work({ tx, now, actor: setup.manager, services: clocks.services }))
    await at(realNow, (ctx) => changePartnerStatus(ctx, id, "suspended"))
    await clocks.services.db.transaction((tx) =>
        writeRows(
            tx,
            "insert into partner_facts (partner_id, fact, value, from_at) values ($1, 'status', '\"active\"', $2)",
            [id, new Date(instant + 10 * minute)],
        ),
    )
    await at(instant + 2 * minute, (ctx) => setStatus(ctx, id, "suspended", {}))
    await clocks.passTo(instant + 20 * minute)
    expect((await asked("portal", analyst?.person ?? "", "/api/warnings")).statusCode).toBe(404)
})

describe("no wave is released, and operators see the reason, when", () => {
    const rows: [string, Parameters<World["set"]>[0], string][] = [
        ["C-02 the application's clock is an hour ahead", { application: hourMs + minute }, "disagree"],
        ["the database's is an hour ahead", { database: hourMs + minute }, "disagree"],
        [
            "C-03 both are an hour ahead, and no hour has passed",
            { application: hourMs + minute, database: hourMs + minute },
            "forward",
        ],
        ["C-16 the application is a day ahead after a restart", { boot: "second", application: dayMs }, "disagree"],
    ]
    test.each(rows)("%s", async (_, errors, doubt) => {
        await clocks.set(errors)
        await clocks.look()
        expect(await clock()).toBe(`distrusted ${doubt}`)
        for (let n = 0; n < 5; n++) {
            await clocks.pass(minute)
            await clocks.look()
        }
        await expectNothing()
        expect([(await wave()).releasedAt, await releases()]).toEqual([null, 0])
        await clocks.set({ application: 0, database: 0 })
        await trustedAgain()
        expect(await clock()).toBe("trusted")
        await expectNothing()
        await clocks.passTo(instant)
        await clocks.look()
        expect(await Promise.all(partners.map(sees))).toEqual([1, 1])
    })
})

test("C-04 two hours back after the release, released content stays readable, and is not released again", async () => {
    await clocks.passTo(instant)
    await clocks.look()
    const fell = (await wave()).releasedAt
    await clocks.set({ application: -2 * hourMs, database: -2 * hourMs })
    for (let n = 0; n < 3; n++) {
        await clocks.look()
        expect(await Promise.all(partners.map(sees))).toEqual([1, 1])
        expect((await fetches()).statusCode).toBe(200)
        await clocks.pass(minute)
    }
    expect(await clock()).toBe("distrusted backward")
    expect([(await wave()).releasedAt, await releases()]).toEqual([fell, 1])
})

test("C-05 a worker that is ten minutes late releases once, for all recipients, and the delay shows", async () => {
    await clocks.passTo(instant + 10 * minute)
    await expectNothing()
    expect([(await wave()).state, await releases()]).toEqual(["approved", 0])
    await Promise.all([clocks.look(), clocks.look(), clocks.look()])
    expect(await Promise.all(partners.map(sees))).toEqual([1, 1])
    const { at, releasedAt } = await wave()
    expect(parseInstant(releasedAt ?? "") - parseInstant(at)).toBeGreaterThanOrEqual(10 * minute)
    const [event, ...more] = (await listEvents(setup.database)).filter(({ kind }) => kind === "wave.released")
    expect([event?.body["plannedAt"], more]).toEqual([instant, []])
    expect(event?.body["recipients"]).toEqual(partners.map(({ id }) => id).toSorted())
})

describe("C-10 a difference of two seconds between clocks changes no answer, and pauses coming releases", () => {
    test.each([2_000, -2_000])("the application's %d ms off", async (off) => {
        await clocks.passTo(instant - 1_000)
        await clocks.set({ application: off })
        realNow += off
        await clocks.look()
        expect(await clock()).toBe("distrusted disagree")
        await expectNothing()
        await clocks.pass(minute)
        await clocks.look()
        await expectNothing()
        await clocks.set({ application: 0 })
        realNow -= off
        await trustedAgain()
        expect(await sees()).toBe(1)
        await clocks.set({ application: off })
        realNow += off
        await clocks.look()
        expect([await clock(), await sees(), (await fetches()).statusCode]).toEqual(["distrusted disagree", 1, 200])
    })
})

/** Follow-ups on a real database: when clocks start and end, which partners are reminded, and who sees them. */
import { writeRows } from "../../../../test/support/change-notes.ts"
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest"
import { awaitRefusalCode, createPartnerMember, listEvents, system } from "../../../../test/support/actors.ts"
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
import { dayMs, hourMs, parseInstant } from "@tocsin/base/instant"
import { closeCase } from "../../share/cases/actions/close-case.ts"
import { recallArtifact } from "../../share/artifacts/actions/recall-artifact.ts"
import { aliasFor } from "../../share/delivery/actions/resolve-alias.ts"
import { freezeWave, listWaves } from "../../share/waves/actions.ts"
import { changePartnerStatus, setRestriction } from "../../trust/partners/actions/change-partner.ts"
import { setAccessList } from "../../trust/partners/roster/actions/manage-access-lists.ts"
import { setRules } from "../../trust/partners/actions/set-program-rules.ts"
import { listDeadlines, setDeadline } from "./actions/set-deadlines.ts"
import {
    listPartnersLateWithFollowUps,
    listFollowUpsOfPartner,
    listFollowUpsOfCase,
    listOpenFollowUpsForPartner,
} from "./actions/list-follow-ups.ts"
import { openFollowUps, trackFollowUpsJob } from "./actions/track-follow-ups.ts"
import { reportProtection } from "./actions/report-protection.ts"
import { reportSighting, withdrawReport } from "./actions/report-sighting.ts"
import { insertFollowUps, claimRun } from "./store/follow-ups.ts"

const fell = parseInstant("2025-06-24T17:00:00Z")

let world: Program
let first: TestPartner
let second: TestPartner
let entry: TestPartner
let subject: string
let summary: string
let rules: string

beforeAll(async () => {
    world = await createProgram()
    first = await newPartner(world, "validate")
    second = await newPartner(world, "validate")
    entry = await newPartner(world, "entry")
}, 120_000)
afterAll(() => world.database.close())

beforeEach(async () => {
    world.clock.now = fell
    subject = await newCase(world, "toolshell")
    summary = await newArtifact(world, subject, "summary", "toolshell/summary.md")
    rules = await newArtifact(world, subject, "rules", "toolshell/request-web-log.yml")
    await releaseWaveNow(world, subject, "validate", [summary, rules])
    await world.acting(system, (ctx) => openFollowUps(ctx, subject))
}, 120_000)
// Each test has its own program time and clocks.
afterEach(() =>
    world.database.db.transaction(async (tx) => {
        for (const table of ["follow_ups", "follow_up_last_run"]) await tx.query(`delete from ${table}`)
    }),
)

const ofCase = () => world.acting(world.investigator, (ctx) => listFollowUpsOfCase(ctx, subject))
const statesOf = async (partner: TestPartner) =>
    (await ofCase())
        .filter((owedByWave) => owedByWave.partner === partner.id)
        .map(({ tier, state }) => `${tier} ${state}`)
const own = (partner: TestPartner) =>
    world.acting(
        partner.analyst,
        async (ctx) =>
            (await listOpenFollowUpsForPartner(ctx, aliasFor(ctx.services.keys, partner.id, "warning", subject)))
                .length,
    )
const eventsOf = async (kind: string) =>
    (await listEvents(world.database)).filter((item) => item.kind === kind && item.body["case"] === subject)
const protect = (partner = first) =>
    world.acting(partner.analyst, (ctx) =>
        reportProtection(ctx, subject, { state: "in_progress", since: null, note: "" }),
    )
async function lookedAndSawNone(partner = first): Promise<string> {
    const id = newId()
    await world.acting(partner.analyst, (ctx) =>
        reportSighting(ctx, subject, id, {
            observedAt: ctx.now,
            zeroReportSince: ctx.now - hourMs,
            clock: "unknown",
            product: "",
            indicators: [],
            confidence: null,
            note: "",
        }),
    )
    return id
}
async function lookIn(days: number): Promise<void> {
    world.clock.now = fell + days * dayMs
    await trackFollowUpsJob.run(world.services)
}
const standing = (partner: TestPartner, value: "suspended" | "terminated") =>
    world.acting(world.manager, (ctx) => changePartnerStatus(ctx, partner.id, value))
const suspend = (partner: TestPartner) => standing(partner, "suspended")
const restrict = (partner: TestPartner, cases: string[] | null, notBeforePublication: boolean) =>
    world.acting(world.manager, (ctx) =>
        setRestriction(ctx, partner.id, { withhold: ["poc"], notBeforePublication, cases }),
    )
const recall = (artifact: string) =>
    world.acting(world.author, (ctx) =>
        recallArtifact(ctx, artifact, { version: null, reason: "It names a customer." }),
    )
/** Restores access from then on. */
const standingAgain = (partner: TestPartner) =>
    world.database.db.transaction((tx) =>
        writeRows(
            tx,
            `insert into partner_facts (partner_id, fact, value, from_at) values ($1, 'status', '"active"', $2)`,
            [partner.id, new Date(world.clock.now)],
        ),
    )
/** Resets the status directly, because a reinstatement takes two people. */
const takeBack = (partner: TestPartner) =>
    world.database.db.transaction((tx) =>
        writeRows(
            tx,
            `delete from partner_facts
             where partner_id = $1 and (fact = 'restriction' or value in ('"suspended"', '"terminated"')
             or recorded_by is null)`,
            [partner.id],
        ),
    )
const late = (from: number, until: number) =>
    world.acting(world.investigator, (ctx) =>
        listPartnersLateWithFollowUps(ctx, fell + from * dayMs, fell + until * dayMs),
    )

test("starts a follow-up by the rule's deadline for reached partners only", async () => {
    expect(await ofCase()).toMatchObject(
        [first, second]
            .map(({ id }) => id)
            .toSorted()
            .map(() => ({ case: subject, tier: "validate", since: fell, dueAt: fell + 7 * dayMs, state: "due" })),
    )
    expect(await statesOf(entry)).toEqual([])
    expect(await eventsOf("follow_up.opened")).toMatchObject([{ body: { partners: [first.id, second.id].toSorted() } }])
    await world.acting(system, (ctx) => openFollowUps(ctx, subject))
    expect(await eventsOf("follow_up.opened")).toHaveLength(1)
})

test("is done in time, due again after a withdrawal, and done late after the deadline", async () => {
    world.clock.now = fell + dayMs
    await protect()
    const report = await lookedAndSawNone()
    expect(await statesOf(first)).toEqual(["validate done"])
    await world.acting(first.lead, (ctx) => withdrawReport(ctx, report))
    expect(await statesOf(first)).toEqual(["validate due"])
    world.clock.now = fell + 8 * dayMs
    expect(await statesOf(first)).toEqual(["validate overdue"])
    await lookedAndSawNone()
    expect(await statesOf(first)).toEqual(["validate done_late"])
    expect((await late(7, 9)).toSorted()).toEqual([first.id, second.id].toSorted())
    expect(await late(8, 9)).toEqual([])
})

test("is not late in a span that ended with a report, although it is withdrawn later", async () => {
    world.clock.now = fell + dayMs
    await protect()
    const report = await lookedAndSawNone()
    world.clock.now = fell + 9 * dayMs
    await world.acting(first.lead, (ctx) => withdrawReport(ctx, report))
    expect(await late(7, 8)).toEqual([second.id])
    expect((await late(7, 10)).toSorted()).toEqual([first.id, second.id].toSorted())
})

test("sends one reminder before and one after the deadline to each partner with a follow-up", async () => {
    const reminded = async () => (await eventsOf("follow_up.reminded")).map(({ body }) => body["partner"])
    await protect(second)
    world.clock.now += dayMs
    await lookedAndSawNone(second)
    await lookIn(4)
    expect(await reminded()).toEqual([])
    await lookIn(5)
    expect(await reminded()).toEqual([first.id])
    await lookIn(6)
    expect(await reminded()).toHaveLength(1)
    await lookIn(7)
    await lookIn(30)
    expect(await reminded()).toEqual([first.id, first.id])
})

test("runs at most once an hour", async () => {
    await lookIn(4)
    world.clock.now = fell + 4 * dayMs + hourMs - 1
    await world.acting(world.manager, (ctx) => closeCase(ctx, subject, "withdrawn", "A rival published everything."))
    await trackFollowUpsJob.run(world.services)
    expect(await eventsOf("follow_up.ended")).toHaveLength(0)
    // The answer does not wait for a run.
    expect(await statesOf(first)).toEqual(["validate waived"])
    world.clock.now += 1
    await trackFollowUpsJob.run(world.services)
    expect(await eventsOf("follow_up.ended")).toHaveLength(1)
})

test("ignores an earlier run by a clock that was years ahead", async () => {
    await world.acting(system, (ctx) => claimRun(ctx.tx, fell + 1000 * dayMs, fell + 999 * dayMs))
    await lookIn(30)
    expect(await eventsOf("follow_up.reminded")).not.toEqual([])
})

test.each<[string, () => Promise<unknown>, () => TestPartner[]]>([
    ["of whoever is suspended", () => suspend(first), () => [first]],
    ["of whoever is terminated", () => standing(first, "terminated"), () => [first]],
    ["of whoever is held to publication in this case", () => restrict(first, [subject], true), () => [first]],
    [
        "of everybody, where all that the wave gave is recalled",
        async () => {
            for (const artifact of [summary, rules]) await recall(artifact)
        },
        () => [first, second],
    ],
    [
        "of everybody, where the wave is frozen",
        () =>
            world.acting(world.manager, async (ctx) => {
                const wave = (await listWaves(ctx, subject)).find(({ tier }) => tier === "validate")
                await freezeWave(ctx, wave?.id ?? "")
            }),
        () => [first, second],
    ],
    [
        "of everybody, where the case is withdrawn",
        () =>
            world.acting(world.manager, (ctx) =>
                closeCase(ctx, subject, "withdrawn", "It was no vulnerability at all."),
            ),
        () => [first, second],
    ],
])("ends the clock: %s", async (_, change, owner) => {
    world.clock.now = fell + dayMs
    await change()
    for (const partner of owner()) expect(await statesOf(partner)).toEqual(["validate waived"])
    await lookIn(9)
    const notified = (await eventsOf("follow_up.reminded")).map(({ body }) => body["partner"])
    const left = [first, second].map(({ id }) => id).filter((id) => !owner().some((partner) => partner.id === id))
    expect(new Set(notified)).toEqual(new Set(left))
    for (const partner of owner()) {
        expect(await statesOf(partner)).toEqual(["validate waived"])
        expect(await own(partner)).toBe(0)
    }
    expect(await late(0, 9)).toEqual(left)
    await takeBack(first)
})

test.each<[string, () => Promise<unknown>]>([
    ["one of two artifacts is recalled", () => recall(summary)],
    ["another class is withheld", () => restrict(first, null, false)],
    ["it is held to publication in another case", () => restrict(first, [newId()], true)],
])("keeps the clock running where %s", async (_, change) => {
    world.clock.now = fell + dayMs
    await change()
    await lookIn(9)
    expect(await statesOf(first)).toEqual(["validate overdue"])
    expect(await late(0, 9)).toContain(first.id)
    await takeBack(first)
})

test("starts a new clock for a late or returning recipient", async () => {
    world.clock.now = fell + dayMs
    await suspend(first)
    await trackFollowUpsJob.run(world.services)
    await takeBack(first)
    const late = await newPartner(world, "validate")
    await lookIn(3)
    const since = fell + 3 * dayMs
    const of3 = async (partner: TestPartner) =>
        (await ofCase()).filter((owedByWave) => owedByWave.partner === partner.id)
    expect(await of3(late)).toMatchObject([{ since, dueAt: since + 7 * dayMs, state: "due" }])
    expect(await of3(first)).toMatchObject([{ state: "waived" }, { since, state: "due" }])
    expect(await of3(second)).toMatchObject([{ since: fell, dueAt: fell + 7 * dayMs }])
    await suspend(late)
})

test.each([
    ["was away at the deadline, and back after it", 6.9, 7.01],
    ["was away before the deadline, and back by then", 6.9, 6.95],
])("is not late where the partner %s, with or without a run in between", async (_, away, back) => {
    await world.acting(first.lead, (ctx) =>
        reportProtection(ctx, subject, { state: "protected", since: ctx.now, note: "" }),
    )
    await lookIn(6.89)
    world.clock.now = fell + away * dayMs
    await suspend(first)
    world.clock.now = fell + back * dayMs
    await standingAgain(first)
    world.clock.now = fell + 7.02 * dayMs
    await lookedAndSawNone()
    const before = await late(0, 7.02)
    await lookIn(7.03)
    expect([before, await late(0, 7.03)]).toEqual([[second.id], [second.id]])
    expect((await statesOf(first))[0]).toBe("validate waived")
    await takeBack(first)
})

test("is late with access at the deadline, although access ended before the run", async () => {
    await lookIn(6.99)
    world.clock.now = fell + 7.01 * dayMs
    await suspend(first)
    world.clock.now = fell + 7.02 * dayMs
    const before = (await late(0, 7.02)).toSorted()
    await lookIn(7.1)
    expect([before, (await late(0, 7.1)).toSorted()]).toEqual([
        [first.id, second.id].toSorted(),
        [first.id, second.id].toSorted(),
    ])
    await takeBack(first)
})

test("starts new follow-ups at publication for warned partners, and none for later ones", async () => {
    await protect()
    await lookedAndSawNone()
    world.clock.now = fell + 14 * dayMs
    await releaseWaveNow(world, subject, "publication", [summary])
    await world.acting(system, (ctx) => openFollowUps(ctx, subject))
    expect(await statesOf(first)).toEqual(["validate done", "publication due"])
    expect(await statesOf(entry)).toEqual(["publication due"])
    world.clock.now += dayMs
    await lookedAndSawNone()
    expect(await statesOf(first)).toEqual(["validate done", "publication due"])
    // A status of in progress answers the new wave; a third one adds nothing.
    for (const _ of ["again", "once more"]) await protect()
    expect(await statesOf(first)).toEqual(["validate done", "publication done"])
    expect(await eventsOf("protection.reported")).toHaveLength(2)
    world.clock.now = fell + 21 * dayMs
    const newcomer = await newPartner(world, "validate")
    await trackFollowUpsJob.run(world.services)
    expect(await statesOf(newcomer)).toEqual([])
    await suspend(newcomer)
})

test("A-13 stores no repeated status for a clock that the partner cannot see", async () => {
    await protect()
    world.clock.now = fell + 14 * dayMs
    await releaseWaveNow(world, subject, "publication", [summary])
    await world.acting(system, (ctx) => openFollowUps(ctx, subject))
    await recall(summary)
    await protect()
    expect(await eventsOf("protection.reported")).toHaveLength(1)
})

test("uses the program's deadline, and moves no running clock after a change", async () => {
    const set = (days: number, remindDays: number) =>
        world.acting(world.manager, (ctx) => setRules(ctx, "reporting", { days, remindDays }))
    expect(await awaitRefusalCode(set(3, 4))).toBe("program_rules.reminder_too_early")
    await set(3, 1)
    expect((await ofCase())[0]).toMatchObject({ dueAt: fell + 7 * dayMs })
    await set(0, 0)
    // Follow-ups that no rule requires any longer need no reminder.
    expect(await statesOf(first)).toEqual(["validate waived"])
    expect(await own(first)).toBe(0)
    await lookIn(9)
    expect([await statesOf(first), await eventsOf("follow_up.reminded")]).toEqual([["validate waived"], []])
    // The next tests begin at that instant too.
    world.clock.now = fell
    const other = await newCase(world, "bypass")
    const its2 = await newArtifact(world, other, "summary", "toolshell/summary.md")
    await releaseWaveNow(world, other, "validate", [its2])
    await world.acting(system, (ctx) => openFollowUps(ctx, other))
    expect(await world.acting(world.investigator, (ctx) => listFollowUpsOfCase(ctx, other))).toEqual([])
    await set(7, 2)
})

test("takes another deadline for a case or wave before its release, and never moves it afterwards", async () => {
    const other = await newCase(world, "bypass")
    const its2 = await newArtifact(world, other, "summary", "toolshell/summary.md")
    const set = (hours: number | null, wave: string | null = null, by = world.manager) =>
        world.acting(by, (ctx) => setDeadline(ctx, other, { wave, hours }))
    const waves = await world.acting(world.manager, (ctx) => listWaves(ctx, other))
    const waveOf = (tier: string) => waves.find((wave) => wave.tier === tier)?.id ?? ""
    for (const hours of [0, 2161, 1.5]) expect(await awaitRefusalCode(set(hours))).toBe("follow_up_deadline.bad_hours")
    expect(await awaitRefusalCode(set(1, newId()))).toBe("sighting.wave_not_found")
    await set(48)
    await set(12, waveOf("entry"))
    await releaseWaveNow(world, other, "validate", [its2])
    await world.acting(system, (ctx) => openFollowUps(ctx, other))
    const dueOf = async () => {
        const owedByWaves = await world.acting(world.investigator, (ctx) => listFollowUpsOfCase(ctx, other))
        return new Set(owedByWaves.map(({ tier, dueAt }) => `${tier} ${Math.round((dueAt - fell) / hourMs)}`))
    }
    expect(await dueOf()).toEqual(new Set(["validate 48"]))
    world.clock.now += hourMs
    expect(await awaitRefusalCode(set(1, waveOf("validate")))).toBe("sighting.wave_released")
    await set(1)
    await set(null, waveOf("entry"))
    // A late recipient of a released wave keeps that wave's deadline.
    const late = await newPartner(world, "validate")
    world.clock.now += hourMs
    await trackFollowUpsJob.run(world.services)
    expect(await dueOf()).toEqual(new Set(["validate 48", "validate 50"]))
    expect(await world.acting(world.manager, (ctx) => listDeadlines(ctx, other))).toMatchObject([
        { tier: "validate", hours: 48, source: "case", released: true },
        { tier: "advance", hours: 1, source: "case", released: false },
        { tier: "entry", hours: 1, source: "case", released: false },
        { tier: "publication", hours: 1, source: "case", released: false },
    ])
    await suspend(late)
})

test("A-13 A-15 shows a partner its own follow-ups of visible cases, within the access list", async () => {
    expect(await own(second)).toBe(1)
    expect(await own(entry)).toBe(0)
    const outsider = await createPartnerMember(world.acting, first.id, ["analyst"])
    const shown = (analyst: TestPartner["analyst"]) =>
        world.acting(analyst, (ctx) => listOpenFollowUpsForPartner(ctx, null))
    const list = await shown(first.analyst)
    await world.acting(first.lead, (ctx) => setAccessList(ctx, subject, [first.lead.person, first.analyst.person]))
    expect(await shown(first.analyst)).toEqual(list)
    expect(await shown(outsider)).toEqual([])
    await suspend(first)
    expect(await shown(first.analyst)).toEqual([])
    await takeBack(first)
})

test("A-13 changes no byte of a partner's answer by follow-ups of other cases", async () => {
    const shown = () => world.acting(entry.analyst, (ctx) => listOpenFollowUpsForPartner(ctx, null))
    const before = JSON.stringify(await shown())
    await protect(second)
    await lookedAndSawNone(second)
    await fetchCopyText(world, first, summary)
    await lookIn(9)
    expect(JSON.stringify(await shown())).toBe(before)
})

test("shows staff one partner's follow-ups of all cases", async () => {
    const its1 = await world.acting(world.investigator, (ctx) => listFollowUpsOfPartner(ctx, first.id))
    expect(its1.filter((owedByWave) => owedByWave.case === subject)).toMatchObject([{ tier: "validate", state: "due" }])
    expect(new Set(its1.map(({ partner }) => partner))).toEqual(new Set([first.id]))
    const unknown = world.acting(world.investigator, (ctx) => listFollowUpsOfPartner(ctx, newId()))
    expect(await awaitRefusalCode(unknown)).toBe("partner.not_found")
})

test("starts clocks of one wave in one order, so that concurrent runs never deadlock", async () => {
    const { db } = world.database
    const [wave = ""] = (await world.acting(system, (ctx) => listWaves(ctx, subject))).map(({ id }) => id)
    await db.transaction((tx) => tx.query("delete from follow_ups"))
    const clock = (partner: string) => ({
        id: newId(),
        partner,
        case: subject,
        wave,
        since: fell,
        dueAt: fell + dayMs,
        remindAt: fell + hourMs,
    })
    const [low = "", high = ""] = [first.id, second.id].toSorted()
    const begin = (...partners: string[]) => db.transaction((tx) => insertFollowUps(tx, partners.map(clock)))
    const [isHeld, isGivenUp] = [Promise.withResolvers<void>(), Promise.withResolvers<never>()]
    const standsBefore = db.transaction(async (tx) => {
        await insertFollowUps(tx, [clock(high)])
        isHeld.resolve()
        return await isGivenUp.promise
    })
    await isHeld.promise
    const both = begin(high, low)
    await vi.waitFor(async () => expect(await waitingForRows()).toBe(1), 30_000)
    const entry = begin(low)
    await vi.waitFor(async () => expect(await waitingForRows()).toBe(2), 30_000)
    isGivenUp.reject(new Error("given up"))
    await expect(standsBefore).rejects.toThrow("given up")
    expect([(await both).toSorted(), await entry]).toEqual([[low, high], []])
})

async function waitingForRows(): Promise<number> {
    const rows = await world.database.db.transaction((tx) =>
        tx.query<{ count: number }>(
            `select count(*)::int as count from pg_stat_activity where datname = current_database() and
                wait_event_type = 'Lock'`,
        ),
    )
    return rows[0]?.count ?? 0
}

/** Tests the notification status of a released wave, with real notices and changing partners. */
import { afterEach, beforeEach, expect, test } from "vitest"
import { awaitRefusalCode, listEvents, system } from "../../../../../test/support/actors.ts"
import {
    type Program,
    type TestPartner,
    releaseWaveNow,
    newArtifact,
    newCase,
    newPartner,
    createProgram,
} from "../../../../../test/support/program.ts"
import type { Services } from "../../../kernel/services.ts"
import { removePerson } from "../../../trust/identity/actions/manage-people.ts"
import { findPerson } from "../../../trust/identity/actions/load-people.ts"
import { attemptsMax } from "../../../trust/mail/message.ts"
import { changePartnerStatus } from "../../../trust/partners/actions/change-partner.ts"
import { freezeWave, listWaves } from "../../waves/actions.ts"
import { sendNoticesJob, createNotices } from "./actions/create-notices.ts"
import { resendNotices, listNotificationStatuses } from "./actions/resend-notices.ts"

let world: Program
let services: Services
let caseId: string
let wave: string
let first: TestPartner
let second: TestPartner
/** Addresses unknown to the mail server, and addresses that it does not answer for. */
let unknown: Set<string>
let silent: Set<string>
const real = { now: Date.parse("2026-01-01T00:00:00Z") }

beforeEach(async () => {
    world = await createProgram()
    unknown = new Set()
    silent = new Set()
    const nothing = () => undefined
    services = {
        ...world.services,
        realNow: () => real.now,
        log: { debug: nothing, info: nothing, warn: nothing, error: nothing },
        mail: {
            send: async ({ to }) => {
                if (unknown.has(to)) {
                    throw Object.assign(new Error("nobody"), {
                        code: "EENVELOPE",
                        command: "RCPT TO",
                        responseCode: 550,
                    })
                }
                if (silent.has(to)) throw Object.assign(new Error("nothing"), { code: "ECONNREFUSED" })
            },
        },
    }
    first = await newPartner(world, "validate")
    second = await newPartner(world, "validate")
    await newPartner(world, "entry")
    caseId = await newCase(world, "toolshell")
    const summary = await newArtifact(world, caseId, "summary", "toolshell/summary.md")
    world.clock.now = Date.parse("2025-06-24T17:00:00Z")
    await releaseWaveNow(world, caseId, "validate", [summary])
    const waves = await world.acting(world.manager, (ctx) => listWaves(ctx, caseId))
    wave = waves.find(({ tier }) => tier === "validate")?.id ?? ""
}, 120_000)
afterEach(() => world.database.close())

const loadStatus = async (subject = wave) =>
    (await world.acting(world.manager, (ctx) => listNotificationStatuses(ctx, caseId))).get(subject)
const notify = () => world.acting(system, (ctx) => createNotices(ctx, { case: caseId, wave }, [first.id, second.id]))
async function sendAll(): Promise<void> {
    for (let n = 0; n < attemptsMax; n++) {
        while (await sendNoticesJob.sendNext(services));
        real.now += 2 ** 30
    }
}
const expectUnnotified = async (...expected: [TestPartner, string][]) => {
    const waiting = expected.map(([{ id }, reason]) => ({ partner: id, reason }))
    const byPartner = waiting.toSorted((a, b) => (a.partner < b.partner ? -1 : 1))
    expect((await loadStatus())?.unnotified).toEqual(byPartner)
    expect((await loadStatus())?.done).toBe(expected.length === 0)
}
const addresses = async (partner: TestPartner) => {
    const people = [partner.lead.person, partner.analyst.person]
    const found = people.map(async (id) => await world.acting(system, (ctx) => findPerson(ctx, id)))
    return (await Promise.all(found)).map((person) => person?.mail ?? "")
}
const resend = () => world.acting(world.manager, (ctx) => resendNotices({ ...ctx, services }, wave))

test("it is done when one person of each entitled partner was notified, and not before", async () => {
    await expectUnnotified([first, "not_created"], [second, "not_created"])
    await notify()
    await expectUnnotified([first, "not_sent"], [second, "not_sent"])
    const [lead, analyst] = await addresses(second)
    unknown.add(lead ?? "")
    await sendAll()
    await expectUnnotified()
    expect(await loadStatus()).toEqual({ done: true, recipients: 2, notified: 2, filtered: [], unnotified: [] })
    expect(analyst).not.toBe(lead)
})

test("an unreachable partner is named with the reason, and notified once reachable", async () => {
    unknown = new Set(await addresses(first))
    silent = new Set(await addresses(second))
    await notify()
    await sendNoticesJob.sendNext(services)
    await sendNoticesJob.sendNext(services)
    await sendNoticesJob.sendNext(services)
    await sendNoticesJob.sendNext(services)
    await expectUnnotified([first, "retrying"], [second, "retrying"])
    await sendAll()
    await expectUnnotified([first, "bounced"], [second, "failed"])
    const failed = (await listEvents(world.database)).filter(({ kind }) => kind === "notice.failed")
    expect(failed.map(({ body }) => body["rejected"]).toSorted()).toEqual([false, false, true, true])
    unknown.clear()
    expect((await resend()).unnotified.map(({ reason }) => reason)).toEqual(["not_sent", "not_sent"])
    await sendAll()
    await expectUnnotified([second, "failed"])
    silent.clear()
    await resend()
    await sendAll()
    await expectUnnotified()
    expect((await resend()).done).toBe(true)
    const renewed = (await listEvents(world.database)).filter(({ kind }) => kind === "notice.resent")
    expect(renewed.map(({ body }) => body["recipients"])).toEqual([[first.id, second.id].toSorted(), [second.id]])
})

test("current entitlement counts: a suspended partner is not awaited, a new one is", async () => {
    await notify()
    await world.acting(world.manager, (ctx) => changePartnerStatus(ctx, first.id, "suspended", { measure: caseId }))
    await sendAll()
    await expectUnnotified()
    const late = await newPartner(world, "validate")
    await expectUnnotified([late, "not_created"])
    await resend()
    await sendAll()
    await expectUnnotified()
    for (const { person } of [second.lead, second.analyst])
        await world.acting(system, (ctx) => removePerson(ctx, person))
    expect(await loadStatus()).toMatchObject({ done: true, notified: 2 })
})

test("a partner with an empty roster has no address and cannot get a resent notice", async () => {
    for (const { person } of [first.lead, first.analyst]) await world.acting(system, (ctx) => removePerson(ctx, person))
    await notify()
    await sendAll()
    await expectUnnotified([first, "no_address"])
    await resend()
    expect((await listEvents(world.database)).some(({ kind }) => kind === "notice.resent")).toBe(false)
})

test("a frozen wave says so; an unreleased wave is not done and notifies no partner", async () => {
    await notify()
    await world.acting(world.manager, (ctx) => freezeWave(ctx, wave))
    await sendAll()
    await expectUnnotified([first, "frozen"], [second, "frozen"])
    const entry = (await world.acting(world.manager, (ctx) => listWaves(ctx, caseId))).find(
        ({ tier }) => tier === "entry",
    )
    expect(await loadStatus(entry?.id)).toEqual({
        done: false,
        recipients: 0,
        notified: 0,
        filtered: [],
        unnotified: [],
    })
    const anew = world.acting(world.manager, (ctx) => resendNotices(ctx, entry?.id ?? ""))
    expect(await awaitRefusalCode(anew)).toBe("delivery.not_released")
})

/** Tests notices on a real database with a mail server that fails on demand. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { type Acting, actingOn, listEvents, system } from "../../../../../test/support/actors.ts"
import {
    type Program,
    type TestPartner,
    newCase,
    newPartner,
    createProgram,
} from "../../../../../test/support/program.ts"
import type { Services } from "../../../kernel/services.ts"
import type { LogFields } from "../../../platform/log/log.ts"
import type { Message } from "../../../platform/mail/mail.ts"
import { removePerson } from "../../../trust/identity/actions/manage-people.ts"
import { findPerson } from "../../../trust/identity/actions/load-people.ts"
import { attemptsMax } from "../../../trust/mail/message.ts"
import { changePartnerStatus, setRestriction } from "../../../trust/partners/actions/change-partner.ts"
import { listWaves } from "../../waves/actions.ts"
import { sendNoticesJob, createNotices, noticeSubject, noticeText } from "./actions/create-notices.ts"

const secondMs = 1000

let world: Program
let services: Services
let acting: Acting
let waves: string[]
let partner: TestPartner
let caseId: string
let sent: Message[]
let warned: LogFields[]
/** The behaviour of the mail server for the next message. */
let mailServer: (message: Message) => Promise<void>
const real = { now: Date.parse("2026-01-01T00:00:00Z") }

beforeAll(async () => {
    world = await createProgram()
    const nothing = () => undefined
    services = {
        ...world.services,
        realNow: () => real.now,
        mail: { send: async (message) => await mailServer(message) },
        log: { debug: nothing, info: nothing, warn: (_, fields) => void warned.push(fields ?? {}), error: nothing },
    }
    acting = actingOn(services, world.clock)
    caseId = await newCase(world, "toolshell")
    waves = (await world.acting(world.manager, (ctx) => listWaves(ctx, caseId))).map((wave) => wave.id)
})
afterAll(() => world.database.close())
beforeEach(async () => {
    await world.database.db.transaction((tx) => tx.query("truncate notices"))
    partner = await newPartner(world, "validate")
    sent = []
    warned = []
    mailServer = async (message) => void sent.push(message)
})

const wave = (n = 0) => waves[n] ?? ""
const notify = (partners = [partner.id], subject = wave()) =>
    acting(system, (ctx) => createNotices(ctx, subject === null ? null : { case: caseId, wave: subject }, partners))
const sendNext = () => sendNoticesJob.sendNext(services)
async function sendAll(): Promise<void> {
    while (await sendNext());
}
const eventsOfPartner = async (kind: RegExp) =>
    (await listEvents(world.database)).filter((item) => kind.test(item.kind) && item.body["partner"] === partner.id)
const rows = () =>
    world.database.db.transaction((tx) =>
        tx.query<{ state: string; attempts: number; sent_at: number | null; next_at: number }>(
            "select state, attempts, sent_at, next_at from notices order by next_at",
        ),
    )
const rejectRecipient = async () => {
    throw Object.assign(new Error("550 no such user psirt@partner.example"), { code: "EENVELOPE" })
}

describe("a notice", () => {
    test("goes to each person of a partner once per wave, however often the handler runs", async () => {
        await notify()
        await notify()
        await sendAll()
        await notify()
        await sendAll()
        expect(sent).toHaveLength(2)
        await notify([partner.id], wave(1))
        await sendAll()
        expect(sent).toHaveLength(4)
        expect(new Set(sent.map(({ id }) => id)).size).toBe(4)
    })

    test("is the same for every partner and wave, and discloses nothing", async () => {
        const second = await newPartner(world, "entry")
        await notify([partner.id, second.id], wave(0))
        await notify([partner.id, second.id], wave(1))
        await sendAll()
        expect(sent).toHaveLength(8)
        for (const { subject, text, id } of sent) {
            expect({ subject, text }).toEqual({ subject: noticeSubject, text: noticeText })
            expect(id).toMatch(/^[0-9a-f-]{36}$/)
        }
        const person = await world.acting(system, (ctx) => findPerson(ctx, partner.analyst.person))
        expect(sent.filter(({ to }) => to === person?.mail)).toHaveLength(2)
        expect(`${noticeSubject} ${noticeText}`).not.toMatch(/CVE|\d|toolshell|critical|severity|validate|entry/i)
    })

    test("is recorded by ids only", async () => {
        await notify()
        await sendAll()
        const events = await eventsOfPartner(/^notice/)
        expect(events.map(({ kind }) => kind)).toEqual(["notice.sent", "notice.sent"])
        expect(Object.keys(events[0]?.body ?? {}).toSorted()).toEqual(["by", "notice", "partner", "step", "wave"])
        expect((await rows()).every((row) => row.sent_at === world.clock.now)).toBe(true)
    })

    test("is not created for a person who left, and dropped for one who leaves before sending", async () => {
        await world.acting(system, (ctx) => removePerson(ctx, partner.lead.person))
        await notify()
        expect(await rows()).toHaveLength(1)
        await world.acting(system, (ctx) => removePerson(ctx, partner.analyst.person))
        await sendAll()
        expect(sent).toEqual([])
        expect((await eventsOfPartner(/^notice/)).map(({ kind }) => kind)).toEqual(["notice.dropped"])
    })

    test("is dropped when the partner is suspended before sending, and not sent after reinstatement", async () => {
        await notify()
        await sendNext()
        await world.acting(world.manager, (ctx) => changePartnerStatus(ctx, partner.id, "suspended"))
        await sendAll()
        expect(sent).toHaveLength(1)
        expect((await rows()).map(({ state }) => state).toSorted()).toEqual(["dropped", "sent"])
        expect((await eventsOfPartner(/^notice/)).map(({ kind }) => kind)).toEqual(["notice.sent", "notice.dropped"])
        real.now += 24 * 3600 * secondMs
        expect(await sendNext()).toBe(false)
    })

    test("reaches a restricted partner", async () => {
        await world.acting(world.manager, async (ctx) => {
            await setRestriction(ctx, partner.id, { withhold: ["poc"], cases: null, notBeforePublication: false })
            await changePartnerStatus(ctx, partner.id, "restricted")
        })
        await notify()
        await sendAll()
        expect(sent).toHaveLength(2)
    })
})

describe("a notice that cannot be sent", () => {
    beforeEach(async () => {
        await world.acting(system, (ctx) => removePerson(ctx, partner.lead.person))
        await notify()
    })

    test("is due again once a clock that was years ahead is correct", async () => {
        mailServer = rejectRecipient
        const right = real.now
        real.now += 1000 * 24 * 3600 * secondMs
        expect(await sendNext()).toBe(true)
        real.now = right
        mailServer = async (message) => void sent.push(message)
        await sendAll()
        expect(sent).toHaveLength(1)
        expect(await sendNext()).toBe(false)
    })

    test("G-11 is retried at growing intervals for two days, and then given up", async () => {
        const ids: string[] = []
        mailServer = async (message) => {
            ids.push(message.id)
            await rejectRecipient()
        }
        const waits: number[] = []
        while ((await rows())[0]?.state === "due") {
            const before = real.now
            while (!(await sendNext())) real.now += 30 * secondMs
            waits.push((real.now - before) / secondMs)
        }
        expect(waits.slice(0, 11)).toEqual([0, 30, 60, 120, 240, 480, 960, 1920, 3840, 7200, 7200])
        expect(new Set(ids).size).toBe(1)
        expect(await rows()).toMatchObject([{ state: "failed", attempts: attemptsMax, sent_at: null }])
        expect((await eventsOfPartner(/^notice/)).map(({ kind }) => kind)).toEqual(["notice.failed"])
        real.now += 7 * 24 * 3600 * secondMs
        expect(await sendNext()).toBe(false)
        expect(JSON.stringify(warned)).not.toContain("@partner")
        expect(warned).toHaveLength(attemptsMax)
    })

    test("is sent once the server is available again", async () => {
        mailServer = rejectRecipient
        await sendNext()
        mailServer = async (message) => void sent.push(message)
        expect(await sendNext()).toBe(false)
        real.now += 30 * secondMs
        await sendAll()
        expect(sent).toHaveLength(1)
        expect(await rows()).toMatchObject([{ state: "sent", attempts: 2 }])
    })

    test("keeps its id when it was sent but is sent again", async () => {
        mailServer = async (message) => {
            sent.push(message)
            await rejectRecipient()
        }
        await sendNext()
        real.now += 30 * secondMs
        mailServer = async (message) => void sent.push(message)
        await sendNext()
        expect(sent).toHaveLength(2)
        expect(sent[0]).toEqual(sent[1])
    })

    test("does not hold up the others", async () => {
        const second = await newPartner(world, "validate")
        const failing = (await world.acting(system, (ctx) => findPerson(ctx, partner.analyst.person)))?.mail
        mailServer = async (message) => (message.to === failing ? await rejectRecipient() : void sent.push(message))
        await notify([second.id])
        await sendAll()
        expect(sent).toHaveLength(2)
        expect((await rows()).map(({ state }) => state).toSorted()).toEqual(["due", "sent", "sent"])
    })
})

test("parallel senders send nothing twice", async () => {
    const second = await newPartner(world, "validate")
    await notify([partner.id, second.id])
    const values = Promise.withResolvers<void>()
    mailServer = async (message) => {
        sent.push(message)
        if (sent.length === 4) values.resolve()
        await values.promise
    }
    expect(await Promise.all([sendNext(), sendNext(), sendNext(), sendNext()])).toEqual([true, true, true, true])
    expect(await sendNext()).toBe(false)
    expect(new Set(sent.map(({ to }) => to)).size).toBe(4)
    expect(sent).toHaveLength(4)
})

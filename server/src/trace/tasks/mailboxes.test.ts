/** Bounced mail is a task of managers and expires, on a real database. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { awaitRefusalCode, createStaffMember, listEvents } from "../../../../test/support/actors.ts"
import { newId } from "../../../../test/support/database.ts"
import { type Program, type TestPartner, newCase, newPartner, createProgram } from "../../../../test/support/program.ts"
import { dayMs, hourMs } from "@tocsin/base/instant"
import type { Message } from "../../platform/mail/mail.ts"
import type { ActionContext } from "../../kernel/action-context.ts"
import type { Actor } from "../../kernel/actor.ts"
import { type BounceOutcome, bounceDays } from "../../trust/mail/bounce.ts"
import {
    bounceTaskDays,
    deleteOldBounces,
    recordBounce,
    recordMailboxProof,
    recordReportedBounce,
    listReportedBounces,
} from "../../trust/partners/roster/actions/verify-mailbox.ts"
import { openInquiry } from "../inquiries/actions/open-inquiry.ts"
import { askQuestion, markQuestionRead } from "../inquiries/actions/ask-question.ts"
import { listOpenTasks } from "./actions/list-tasks.ts"
import { recordAnyBounce } from "./actions/record-bounce.ts"
import { mailStaffJob, notifyStaffOfTasks } from "./actions/notify-staff.ts"
import { listTasksOfActor } from "./actions/list-tasks-of-actor.ts"

let world: Program
let partner: TestPartner
let caseId: string
beforeAll(async () => {
    world = await createProgram()
    caseId = await newCase(world, "toolshell")
})
afterAll(() => world.database.close())
beforeEach(async () => {
    partner = await newPartner(world, "validate")
})

const acting = <T>(work: (ctx: ActionContext) => Promise<T>) => world.acting(world.manager, work)
const comesBack = (fate: BounceOutcome) =>
    acting((ctx) => recordReportedBounce(ctx, { mail: newId(), outcome: fate, partner: partner.id, person: null }))
const waiting = async () =>
    (await acting(listOpenTasks)).filter((task) => task.kind === "mailbox" && task.partner === partner.id)

test("is one task from the first failure on, and none for a delay", async () => {
    await comesBack("delayed")
    expect(await waiting()).toEqual([])
    const since = world.clock.now
    for (let n = 0; n < 3; n++) {
        await comesBack("failed")
        expect(await waiting()).toMatchObject([{ about: partner.id, since, until: null, onlyFor: null }])
        world.clock.now += dayMs
    }
})

test.each([
    ["the mailbox is proved to be read", (ctx: ActionContext) => recordMailboxProof(ctx, partner.id)],
    ["a person notes that mail came back", (ctx: ActionContext) => recordBounce(ctx, partner.id, null)],
])("lasts until %s; a later bounce is a new task", async (_, ends) => {
    await comesBack("failed")
    world.clock.now += 1000
    await acting(ends)
    expect(await waiting()).toEqual([])
    const since = (world.clock.now += 1000)
    await comesBack("failed")
    expect(await waiting()).toMatchObject([{ since }])
})

test("for a fortnight after the last bounce", async () => {
    await comesBack("failed")
    world.clock.now += bounceTaskDays * dayMs - 1
    expect(await waiting()).toHaveLength(1)
    world.clock.now += 1
    expect(await waiting()).toEqual([])
})

describe("old bounces", () => {
    const rows = () =>
        world.database.db.transaction((tx) =>
            tx.query<{ at: number }>("select at from mail_returns where partner_id = $1 order by at", [partner.id]),
        )
    const forget = () => acting(deleteOldBounces)

    test("are deleted when their token has expired, and not before", async () => {
        await comesBack("failed")
        await comesBack("delayed")
        world.clock.now += bounceDays * dayMs - 1
        await forget()
        expect(await rows()).toHaveLength(2)
        world.clock.now += 1
        await forget()
        expect(await rows()).toEqual([])
    })

    test("keep the first one of a failing address, without a new notice", async () => {
        const since = world.clock.now
        for (let day = 0; day < 100; day++) {
            await comesBack("failed")
            await forget()
            world.clock.now += dayMs
        }
        expect(await waiting()).toMatchObject([{ since }])
        expect(await rows()).toHaveLength(bounceDays + 1)
        expect(await acting((ctx) => listReportedBounces(ctx, partner.id))).toMatchObject([
            { since, times: bounceDays + 1 },
        ])
    })

    test("include those from before the mailbox was verified", async () => {
        await comesBack("failed")
        world.clock.now += 1000
        await acting((ctx) => recordMailboxProof(ctx, partner.id))
        const since = (world.clock.now += dayMs)
        await comesBack("failed")
        world.clock.now += bounceDays * dayMs - 1
        await comesBack("failed")
        await forget()
        expect((await rows())[0]?.at).toBe(since)
    })
})

describe("a staff member", () => {
    let refuses: boolean
    let sent: Message[]
    let colleague: Actor & { person: string }
    const secondMs = 1000
    const real = { now: Date.parse("2030-01-01T00:00:00Z") }

    beforeEach(async () => {
        await world.database.db.transaction((tx) => tx.query("truncate staff_notices, task_notices, mail_returns"))
        ;[refuses, sent] = [false, []]
        colleague = await createStaffMember(world.acting, ["investigator", "manager"])
    })
    const send = async (message: Message) => {
        if (refuses)
            throw Object.assign(new Error("no such user"), { code: "EENVELOPE", command: "RCPT TO", responseCode: 550 })
        sent.push(message)
    }
    const quiet = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined }
    /** Sends notices of tasks by mail that the server accepts, or rejects permanently. */
    async function tell(): Promise<void> {
        await acting(notifyStaffOfTasks)
        const services = { ...world.services, realNow: () => real.now, mail: { send }, log: quiet }
        for (let n = 0; n < 4; n++) {
            while (await mailStaffJob.sendNext(services));
            real.now += hourMs
        }
    }
    const back = async (fate: BounceOutcome = "failed") => {
        for (const { token } of sent) await acting((ctx) => recordAnyBounce(ctx, String(token), fate))
    }
    const colleagues = async (by: Actor = world.manager) =>
        (await world.acting(by, listTasksOfActor)).filter(({ kind }) => kind === "staff_mailbox")
    const aboutOne = async (by?: Actor) => (await colleagues(by)).filter(({ about }) => about === colleague.person)

    test("with bouncing mail is shown to managers, with its start, until a fortnight after the last", async () => {
        await comesBack("failed")
        await tell()
        await back("delayed")
        expect(await colleagues()).toEqual([])
        const since = (world.clock.now += secondMs)
        await back()
        expect(await aboutOne()).toMatchObject([{ since, until: null, partner: null, case: null }])
        world.clock.now += dayMs
        await back()
        expect(await aboutOne()).toMatchObject([{ since }])
        expect(await aboutOne(world.author)).toEqual([])
        world.clock.now = since + bounceTaskDays * dayMs
        expect(await colleagues()).toEqual([])
    })

    test("whose server rejects everything is shown too", async () => {
        await comesBack("failed")
        refuses = true
        await tell()
        expect(await aboutOne()).toHaveLength(1)
        expect(
            (await listEvents(world.database)).filter(({ kind }) => kind === "task.delivery_failed").length,
        ).toBeGreaterThan(0)
    })

    test("A-13 mailed about an inquiry only is not shown; mailed about other tasks too, it is", async () => {
        const input = { case: caseId, title: "The paste", evidence: [], members: [colleague.person] }
        const inquiry = await world.acting(world.investigator, (ctx) => openInquiry(ctx, input))
        const run = async () => {
            const answerBy = world.clock.now + 7 * dayMs
            const put = { kind: "question" as const, partner: partner.id, finding: null, text: "Who had it?", answerBy }
            const id = await world.acting(world.investigator, (ctx) => askQuestion(ctx, inquiry, put))
            world.clock.now = answerBy
            return id
        }
        await acting(notifyStaffOfTasks)
        await world.database.db.transaction((tx) => tx.query("truncate staff_notices"))
        const question = await run()
        await tell()
        expect(sent.length).toBeGreaterThanOrEqual(2)
        await back()
        expect(await colleagues()).toEqual([])
        expect(await colleagues(colleague)).toEqual([])
        await world.acting(world.investigator, (ctx) => markQuestionRead(ctx, inquiry, question))
        sent = []
        await run()
        await comesBack("failed")
        await tell()
        await back()
        expect(await aboutOne()).toHaveLength(1)
        expect((await colleagues()).map(({ about }) => about)).not.toContain(world.investigator.person)
    })

    test("cannot be reported without the token of a recent mail", async () => {
        await comesBack("failed")
        await tell()
        const [message] = sent
        const say = (token: string) => awaitRefusalCode(acting((ctx) => recordAnyBounce(ctx, token, "failed")))
        expect(await say(`${message?.token?.slice(0, 32)}${"0".repeat(16)}`)).toBe("delivery.mail_not_found")
        world.clock.now += bounceDays * dayMs
        expect(await say(String(message?.token))).toBe("delivery.mail_not_found")
    })
})

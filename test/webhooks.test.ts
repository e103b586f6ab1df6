/** The consequences of webhooks beyond the call: notices of a disabled webhook, and two workers with one call. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { eventHandlers } from "../server/src/event-handlers.ts"
import { dayMs, hourMs } from "@tocsin/base/instant"
import type { Services } from "../server/src/kernel/services.ts"
import type { Message } from "../server/src/platform/mail/mail.ts"
import { openOutgoing } from "../server/src/platform/outgoing/outgoing.ts"
import { handleNextEvent } from "../server/src/kernel/worker.ts"
import {
    sendNoticesJob,
    noticeSubject,
    noticeText,
} from "../server/src/share/delivery/notices/actions/create-notices.ts"
import { callPartners, callWebhooksJob } from "../server/src/share/webhooks/actions/call-webhooks.ts"
import { addWebhook, listWebhooksForPartner } from "../server/src/share/webhooks/actions/webhooks-for-partner.ts"
import { findPerson } from "../server/src/trust/identity/actions/load-people.ts"
import { type Acting, actingOn, createPartnerMember, listEvents, system } from "./support/actors.ts"
import { type Program, type TestPartner, newPartner, createProgram } from "./support/program.ts"
import { type Receiver, openReceiver } from "./support/doubles/receiver.ts"

const host = "hooks.partner.example"

let world: Program
let services: Services
let acting: Acting
let receiver: Receiver
let partner: TestPartner
let sent: Message[]
const real = { now: Date.parse("2026-01-01T00:00:00Z") }

beforeAll(async () => {
    world = await createProgram()
    receiver = await openReceiver([host])
    services = doorsOf()
    acting = actingOn(services, world.clock)
})
afterAll(async () => {
    await receiver.close()
    await world.database.close()
})
beforeEach(async () => {
    await world.database.db.transaction((tx) => tx.query("truncate webhooks, webhook_calls, notices, pending_events"))
    partner = await newPartner(world, "validate")
    receiver.received.length = 0
    receiver.answer = (_, response) => void response.writeHead(204).end()
    sent = []
    await follow()
})

/** The services of another worker of the same program. */
function doorsOf(): Services {
    const fail = (kind: string, fields?: object) => {
        throw new Error(`${kind} ${JSON.stringify(fields)}`)
    }
    return {
        ...world.services,
        realNow: () => real.now,
        outgoing: openOutgoing(receiver.network),
        mail: { send: async (message) => void sent.push(message) },
        log: { debug: () => undefined, info: () => undefined, warn: () => undefined, error: fail },
    }
}

async function follow(): Promise<void> {
    while (await handleNextEvent(services, eventHandlers));
}
async function call(on: Services = services): Promise<void> {
    while (await callWebhooksJob.run(on));
    await callWebhooksJob.finish?.(on)
}
async function mail(): Promise<void> {
    while (await sendNoticesJob.sendNext(services));
}
const add = (subject = partner, path = "in") =>
    acting(subject.lead, (ctx) => addWebhook(ctx, `https://${host}/${path}`))
const tell = (partners = [partner]) =>
    acting(system, (ctx) =>
        callPartners(
            ctx,
            null,
            partners.map(({ id }) => id),
        ),
    )
const addressOf = async ({ person }: { readonly person: string }) =>
    (await world.acting(system, (ctx) => findPerson(ctx, person)))?.mail
const eventsOf = async (kind: RegExp) =>
    (await listEvents(world.database)).filter((item) => kind.test(item.kind) && item.body["partner"] === partner.id)

describe("a webhook that is disabled", () => {
    const isDisabled = async () => (await acting(partner.lead, listWebhooksForPartner))[0]?.disabledAt !== null
    const status = (code: number) => {
        receiver.answer = (_, response) => void response.writeHead(code).end()
    }

    test("after five days without success: only the leads get one mail, and the log records it", async () => {
        const { id } = await add()
        const second = await createPartnerMember(acting, partner.id, ["lead"])
        status(503)
        await tell()
        for (let n = 0; n < 14; n++) {
            real.now += 8 * hourMs
            await call()
            await follow()
            await mail()
        }
        expect([await isDisabled(), sent]).toEqual([false, []])
        for (let n = 0; n < 6; n++) {
            real.now += 8 * hourMs
            await call()
            await follow()
            await mail()
        }
        expect(await isDisabled()).toBe(true)
        const leads = [await addressOf(partner.lead), await addressOf(second)]
        expect(sent.map(({ to }) => to).toSorted()).toEqual(leads.toSorted())
        for (const { subject, text } of sent) expect([subject, text]).toEqual([noticeSubject, noticeText])
        const events = await eventsOf(/^(webhook\.disabled|notice\.)/)
        expect(events.map(({ kind }) => kind)).toEqual(["webhook.disabled", "notice.sent", "notice.sent"])
        expect(events[0]?.body).toMatchObject({ webhook: id, gone: false })
        await tell()
        real.now += dayMs
        await call()
        await follow()
        await mail()
        expect(sent).toHaveLength(2)
    })

    test("because its address is gone: the leads get the same mail at once", async () => {
        await add()
        status(410)
        await tell()
        real.now += 6_000
        await call()
        await follow()
        await mail()
        expect(sent.map(({ to, text }) => [to, text])).toEqual([[await addressOf(partner.lead), noticeText]])
        expect((await eventsOf(/^webhook.disabled/)).map(({ body }) => body["gone"])).toEqual([true])
    })
})

describe("of two workers on one database", () => {
    test("one makes each call, once", async () => {
        const partners = [partner]
        for (let n = 0; n < 5; n++) partners.push(await newPartner(world, "entry"))
        for (const [n, partner] of partners.entries()) for (const path of ["a", "b"]) await add(partner, `${n}${path}`)
        await tell(partners)
        real.now += 6_000
        const two = [services, doorsOf()]
        const both = () => Promise.all(two.map((doors) => call(doors)))
        // A partner has one running call. The next call is made at the next look.
        await both()
        await both()
        await both()
        const paths = receiver.received.map(({ path }) => path)
        expect(paths).toHaveLength(12)
        expect(new Set(paths).size).toBe(12)
        expect(new Set(receiver.received.map(({ headers }) => headers["webhook-id"])).size).toBe(12)
        const called = (await listEvents(world.database)).filter(({ kind }) => kind === "webhook.called")
        expect(new Set(called.map(({ body }) => body["call"])).size).toBe(12)
        expect(called).toHaveLength(12)
    })

    test("the second skips the first's running calls, and takes them over when the first has died", async () => {
        await add()
        await tell()
        real.now += 6_000
        const second = doorsOf()
        const never = new Promise<never>(() => undefined)
        expect(await callWebhooksJob.run({ ...services, outgoing: { post: () => never } })).toBe(true)
        await call(second)
        expect(receiver.received).toEqual([])
        real.now += 30_000
        await call(second)
        expect(receiver.received).toHaveLength(1)
        await call(second)
        expect(receiver.received).toHaveLength(1)
        expect((await eventsOf(/^webhook.called/)).map(({ kind }) => kind)).toEqual(["webhook.called"])
    })
})

/** Calls on a real database, to a real server with TLS. */
import { createHmac } from "node:crypto"
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { type Acting, actingOn, awaitRefusalCode, listEvents, system } from "../../../../test/support/actors.ts"
import { type Program, type TestPartner, newCase, newPartner, createProgram } from "../../../../test/support/program.ts"
import { type ReceivedRequest, type Receiver, openReceiver } from "../../../../test/support/doubles/receiver.ts"
import { dayMs, hourMs } from "@tocsin/base/instant"
import type { Services } from "../../kernel/services.ts"
import { type Post, openOutgoing } from "../../platform/outgoing/outgoing.ts"
import { verifyEd25519 } from "../../platform/crypto/ed25519.ts"
import { changePartnerStatus } from "../../trust/partners/actions/change-partner.ts"
import { freezeWave, lockWave, endFreeze, listWaves } from "../waves/actions.ts"
import { callPartners, callWebhooksJob } from "./actions/call-webhooks.ts"
import {
    addWebhook,
    listWebhooksForPartner,
    resendCall,
    removeWebhook,
    rotateSecret,
    testWebhook,
} from "./actions/webhooks-for-partner.ts"

const secondMs = 1000
const host = "hooks.partner.example"

let world: Program
let services: Services
let acting: Acting
let receiver: Receiver
let partner: TestPartner
let id: string
let secret: string
let publicKey: string
/** Between the connection and the request. */
let beforeSend: () => Promise<unknown>
const errors: string[] = []
const real = { now: Date.parse("2026-01-01T00:00:00Z") }

beforeAll(async () => {
    world = await createProgram()
    receiver = await openReceiver([host, "slow.partner.example"])
    const nothing = () => undefined
    const outgoing = openOutgoing(receiver.network)
    services = {
        ...world.services,
        realNow: () => real.now,
        outgoing: {
            post: (post: Post) =>
                outgoing.post({ ...post, maySend: async () => (await beforeSend(), await post.maySend()) }),
        },
        log: { debug: nothing, info: nothing, warn: nothing, error: (kind) => void errors.push(kind) },
    }
    acting = actingOn(services, world.clock)
})
afterAll(async () => {
    await receiver.close()
    await world.database.close()
})
beforeEach(async () => {
    await world.database.db.transaction((tx) => tx.query("truncate webhooks, webhook_calls"))
    partner = await newPartner(world, "validate")
    const made = await acting(partner.lead, (ctx) => addWebhook(ctx, `https://${host}/in`))
    id = made.id
    secret = made.secret
    publicKey = made.publicKey
    beforeSend = async () => undefined
    receiver.answer = (_, response) => void response.writeHead(204).end()
    receiver.received.length = 0
    receiver.names.clear()
    errors.length = 0
    return () => {
        if (errors.length > 0) throw new AggregateError(errors)
    }
})

const status = (code: number) => {
    receiver.answer = (_, response) => void response.writeHead(code).end()
}
const notify = (wave: string | null = null, partners = [partner.id]) =>
    acting(system, (ctx) => callPartners(ctx, wave, partners))
async function work(): Promise<void> {
    while (await callWebhooksJob.run(services));
    await callWebhooksJob.finish?.(services)
}
async function runLater(ms: number): Promise<void> {
    real.now += ms
    await work()
}
const runSoon = () => runLater(6 * secondMs)
const state = async () => (await acting(partner.lead, listWebhooksForPartner))[0]
const calls = () =>
    world.database.db.transaction((tx) =>
        tx.query<{ id: string; state: string; attempts: number }>(
            "select id, state, attempts from webhook_calls order by created_at",
        ),
    )
const listKinds = async () =>
    (await listEvents(world.database))
        .filter(({ kind, body }) => kind.startsWith("webhook") && body["partner"] === partner.id)
        .map(({ kind }) => kind.replace("webhook.", ""))

const signedOf = ({ headers, body }: Pick<ReceivedRequest, "headers" | "body">): string =>
    [headers["webhook-id"], headers["webhook-timestamp"], body.toString()].map(String).join(".")

/** Verifies a call as the guide describes. */
function isFrom(key: string, { headers, body }: ReceivedRequest): boolean {
    const bytes = Buffer.from(key.slice("whsec_".length), "base64")
    const signed = signedOf({ headers, body })
    const wanted = createHmac("sha256", bytes).update(signed).digest("base64")
    return String(headers["webhook-signature"]).split(" ").includes(`v1,${wanted}`)
}

/** Which of these keys signed it, by the guide. */
function signedBy(keys: readonly string[], call: ReceivedRequest): boolean[] {
    const bytes = (text: string) => Buffer.from(text, "base64")
    const given = String(call.headers["webhook-signature"])
        .split(" ")
        .filter((item) => item.startsWith("v1a,"))
        .map((item) => bytes(item.slice("v1a,".length)))
    const signed = Buffer.from(signedOf(call))
    return keys.map((key) => given.some((item) => verifyEd25519(bytes(key.slice("whpk_".length)), signed, item)))
}

test("a call whose retry time was written by a clock years ahead is made once the clock is correct", async () => {
    status(503)
    await notify()
    const right = real.now
    await runLater(1000 * dayMs)
    expect((await calls()).map(({ state, attempts }) => [state, attempts])).toEqual([["due", 1]])
    status(204)
    real.now = right
    await work()
    expect((await calls()).map(({ state }) => state)).toEqual(["sent"])
})

test("a call left running by such a clock holds up no other", async () => {
    await notify()
    await world.database.db.transaction((tx) =>
        tx.query("update webhook_calls set state = 'in_progress', attempts = 1, next_at = now() + interval '90 years'"),
    )
    await work()
    expect((await calls()).map(({ state }) => state)).toEqual(["sent"])
})

describe("a webhook call", () => {
    test("goes out soon, signed by the webhook's secret and its own key", async () => {
        await notify()
        await work()
        await runSoon()
        expect(receiver.received).toHaveLength(1)
        const [call] = receiver.received as [ReceivedRequest]
        expect(isFrom(secret, call)).toBe(true)
        expect(isFrom(`whsec_${Buffer.alloc(32).toString("base64")}`, call)).toBe(false)
        expect(signedBy([publicKey], call)).toEqual([true])
        expect(await state()).toMatchObject({ publicKey })
        expect(Number(call.headers["webhook-timestamp"])).toBe(Math.floor(real.now / 1000))
        expect(await state()).toMatchObject({ lastOutcome: "2xx", failingSince: null, disabledAt: null })
        expect(await listKinds()).toEqual(["created", "called"])
    })

    test("G-01 looks the same for every case, partner and test, and discloses nothing", async () => {
        const other = await newPartner(world, "entry")
        const caseId = await newCase(world, "toolshell")
        const [wave] = await acting(world.manager, (ctx) => listWaves(ctx, caseId))
        await acting(other.lead, (ctx) => addWebhook(ctx, `https://${host}/in`))
        await notify(wave?.id ?? "", [partner.id, other.id])
        await runSoon()
        await notify(null)
        await runSoon()
        await acting(partner.lead, (ctx) => testWebhook(ctx, id))
        await runSoon()
        expect(receiver.received).toHaveLength(4)
        const shapes = receiver.received.map(({ headers, body, path }) => {
            const { "webhook-id": _, "webhook-timestamp": __, "webhook-signature": signature, ...rest } = headers
            const { ts, nonce, ...fields } = JSON.parse(body.toString()) as Record<string, string>
            return {
                rest,
                said: fields,
                path,
                lengths: [body.length, String(signature).length, ts?.length, nonce?.length],
            }
        })
        for (const shape of shapes) expect(shape).toEqual(shapes[0])
        expect(shapes[0]?.lengths[0]).toBe(256)
        expect(Object.keys(shapes[0]?.said ?? {})).toEqual(["v", "type", "pad"])
    })

    test("is made once for simultaneous events", async () => {
        await notify()
        await notify()
        await acting(partner.lead, (ctx) => testWebhook(ctx, id))
        await runSoon()
        expect(receiver.received).toHaveLength(1)
        await runLater(dayMs)
        expect(receiver.received).toHaveLength(1)
    })

    test("is made again for events during a call", async () => {
        await notify()
        beforeSend = async () => {
            beforeSend = async () => undefined
            await notify()
        }
        await runSoon()
        await runSoon()
        expect(receiver.received).toHaveLength(2)
    })

    test("is recorded before it is made, and repeated with the same id when its outcome is unknown", async () => {
        await notify()
        await runSoon()
        const [before] = receiver.received as [ReceivedRequest]
        await world.database.db.transaction((tx) =>
            tx.query("update webhook_calls set state = 'in_progress', next_at = $1", [new Date(real.now + 1)]),
        )
        await work()
        expect(receiver.received).toHaveLength(1)
        await runSoon()
        expect(receiver.received).toHaveLength(2)
        expect(receiver.received[1]?.headers["webhook-id"]).toBe(before.headers["webhook-id"])
    })

    test("waits for a frozen wave until it unfreezes, and not for another wave", async () => {
        const caseId = await newCase(world, "bypass")
        const [wave] = await acting(world.manager, (ctx) => listWaves(ctx, caseId))
        await notify(wave?.id ?? "")
        await acting(world.manager, (ctx) => freezeWave(ctx, wave?.id ?? ""))
        await runSoon()
        expect(receiver.received).toHaveLength(0)
        await notify()
        await runSoon()
        expect(receiver.received).toHaveLength(1)
        await acting(world.manager, async (ctx) => endFreeze(ctx, await lockWave(ctx, wave?.id ?? ""), id))
        await runSoon()
        expect(receiver.received).toHaveLength(2)
    })
})

describe("a webhook's own key", () => {
    test("verifies only its own calls: not another webhook's", async () => {
        const other = await newPartner(world, "entry")
        const second = await acting(other.lead, (ctx) => addWebhook(ctx, `https://${host}/other`))
        const third = await acting(partner.lead, (ctx) => addWebhook(ctx, `https://${host}/third`))
        await notify(null, [partner.id, other.id])
        await runSoon()
        await runSoon()
        const keys = [publicKey, second.publicKey, third.publicKey]
        const by = (path: string) =>
            receiver.received.filter((call) => call.path === path).map((call) => signedBy(keys, call))
        expect([by("/in"), by("/other"), by("/third")]).toEqual([
            [[true, false, false]],
            [[false, true, false]],
            [[false, false, true]],
        ])
    })

    test("is rotated with the secret, and the previous one signs for a day", async () => {
        const second = await acting(partner.lead, (ctx) => rotateSecret(ctx, id))
        await notify()
        await runSoon()
        await runLater(dayMs)
        await notify()
        await runSoon()
        const keys = [publicKey, second.publicKey]
        expect(receiver.received.map((call) => signedBy(keys, call))).toEqual([
            [true, true],
            [false, true],
        ])
        expect(await state()).toMatchObject({ publicKey: second.publicKey })
    })
})

describe("a webhook secret", () => {
    test("signs next to its successor for a day after rotation", async () => {
        const { secret: second } = await acting(partner.lead, (ctx) => rotateSecret(ctx, id))
        await notify()
        await runSoon()
        await runLater(dayMs)
        await notify()
        await runSoon()
        const [first, after] = receiver.received as [ReceivedRequest, ReceivedRequest]
        expect([isFrom(secret, first), isFrom(second, first)]).toEqual([true, true])
        expect([isFrom(secret, after), isFrom(second, after)]).toEqual([false, true])
        expect(await listKinds()).toEqual(["created", "rotated", "called", "called"])
    })

    test("is shown once, and is nowhere in clear", async () => {
        expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/)
        expect(JSON.stringify(await acting(partner.lead, listWebhooksForPartner))).not.toContain(secret.slice(6))
        const bytes = Buffer.from(secret.slice(6), "base64").toString("hex")
        const rows = await world.database.db.transaction((tx) =>
            tx.query<{ text: string }>("select webhooks::text as text from webhooks"),
        )
        expect(rows[0]?.text).not.toContain(bytes)
        expect(rows[0]?.text).not.toContain(Buffer.from(host).toString("hex"))
        expect(JSON.stringify(await listEvents(world.database))).not.toContain(host)
    })
})

describe("a failing webhook", () => {
    test("G-03 is retried at growing intervals, with one id, and a new nonce and time", async () => {
        status(500)
        await notify()
        await runSoon()
        for (const waitMs of [5 * secondMs, 300 * secondMs, 1800 * secondMs, 2 * hourMs, 5 * hourMs, 10 * hourMs]) {
            const had = receiver.received.length
            await runLater(waitMs * 0.79)
            expect(receiver.received).toHaveLength(had)
            await runLater(waitMs * 0.42)
            expect(receiver.received).toHaveLength(had + 1)
        }
        const list = receiver.received.map(({ headers, body }) => ({
            id: headers["webhook-id"],
            at: headers["webhook-timestamp"],
            nonce: (JSON.parse(body.toString()) as { nonce: string }).nonce,
        }))
        const different = (subject: "id" | "at" | "nonce") => new Set(list.map((item) => item[subject])).size
        expect([different("id"), different("at"), different("nonce")]).toEqual([1, 7, 7])
        status(204)
        await runLater(12 * hourMs)
        expect(await state()).toMatchObject({ lastOutcome: "2xx", failingSince: null })
    })

    test("is disabled after five days, and not called again", async () => {
        status(503)
        await notify()
        await runSoon()
        for (let n = 0; n < 20; n++) await runLater(8 * hourMs)
        expect(await state()).toMatchObject({ lastOutcome: "5xx", disabledAt: expect.any(Number) as number })
        expect(await listKinds()).toEqual(["created", "disabled"])
        const had = receiver.received.length
        await notify()
        await runLater(5 * dayMs)
        expect(receiver.received).toHaveLength(had)
        expect(await awaitRefusalCode(acting(partner.lead, (ctx) => testWebhook(ctx, id)))).toBe("webhook.not_enabled")
    })

    test("is disabled at once when gone; a lead enables it, with the same id", async () => {
        status(410)
        await notify()
        await runSoon()
        expect(await listKinds()).toEqual(["created", "disabled"])
        status(200)
        await acting(partner.lead, (ctx) => resendCall(ctx, id))
        await runSoon()
        const ids = receiver.received.map(({ headers }) => headers["webhook-id"])
        expect(ids).toHaveLength(2)
        expect(new Set(ids).size).toBe(1)
        expect(await state()).toMatchObject({ lastOutcome: "2xx", failingSince: null, disabledAt: null })
    })

    test("G-05 is not contacted when its name resolves to an internal address at the time of the call", async () => {
        receiver.names.set(host, ["127.0.0.1"])
        const had = receiver.dialled.length
        await notify()
        await runSoon()
        expect(receiver.dialled).toHaveLength(had)
        expect(await state()).toMatchObject({ lastOutcome: "refused" })
    })

    test("G-08 holds up no other, and has one running call", async () => {
        const slow = await acting(partner.lead, (ctx) => addWebhook(ctx, "https://slow.partner.example/in"))
        const others = [await newPartner(world, "entry"), await newPartner(world, "advance")]
        for (const other of others) await acting(other.lead, (ctx) => addWebhook(ctx, `https://${host}/other`))
        const release = Promise.withResolvers<void>()
        receiver.answer = (request, response) => {
            if (request.url === "/in") void release.promise.then(() => response.writeHead(204).end())
            else response.writeHead(204).end()
        }
        await notify(null, [partner.id, ...others.map((partner) => partner.id)])
        real.now += 6 * secondMs
        while (await callWebhooksJob.run(services));
        await expect
            .poll(() => receiver.received.map(({ path }) => path).toSorted())
            .toEqual(["/in", "/other", "/other"])
        // Those that were answered are written down a moment after.
        await expect.poll(async () => (await calls()).filter((call) => call.state === "in_progress")).toHaveLength(1)
        release.resolve()
        await callWebhooksJob.finish?.(services)
        await work()
        expect(receiver.received.filter(({ path }) => path === "/in")).toHaveLength(2)
        expect(slow.id).not.toBe(id)
    })
})

describe("after a suspension", () => {
    const suspend = () => world.acting(world.manager, (ctx) => changePartnerStatus(ctx, partner.id, "suspended"))

    test("B-01 no due call is sent, not even after reinstatement", async () => {
        await notify()
        await suspend()
        await runSoon()
        expect(receiver.received).toEqual([])
        expect(await listKinds()).toEqual(["created", "dropped"])
        await runLater(dayMs)
        expect(receiver.received).toEqual([])
    })

    test("B-01 a connected call sends nothing", async () => {
        await notify()
        beforeSend = suspend
        await runSoon()
        expect(receiver.dialled.length).toBeGreaterThan(0)
        expect(receiver.received).toEqual([])
        expect(await listKinds()).toEqual(["created", "dropped"])
    })

    test("a deleted webhook sends nothing", async () => {
        await notify()
        beforeSend = () => acting(partner.lead, (ctx) => removeWebhook(ctx, id))
        await runSoon()
        expect(receiver.received).toEqual([])
        expect(await calls()).toEqual([])
        expect(await listKinds()).toEqual(["created", "deleted"])
    })
})

describe("a lead", () => {
    const add = (path: string) => acting(partner.lead, (ctx) => addWebhook(ctx, `https://${host}/${path}`))

    test("has three webhooks at most, also concurrently, and each address once", async () => {
        expect(await awaitRefusalCode(add("in"))).toBe("webhook.duplicate_address")
        const codes = await Promise.all(["a", "b", "c", "d"].map((path) => awaitRefusalCode(add(path))))
        expect(codes.toSorted()).toEqual(["done", "done", "webhook.too_many", "webhook.too_many"])
        expect(await acting(partner.lead, listWebhooksForPartner)).toHaveLength(3)
    })

    test("manages only the own partner's webhooks, and an analyst none", async () => {
        const other = await newPartner(world, "entry")
        expect(await acting(other.lead, listWebhooksForPartner)).toEqual([])
        for (const verb of [removeWebhook, rotateSecret, testWebhook, resendCall]) {
            const tried = acting(other.lead, async (ctx) => void (await verb(ctx, id)))
            expect(await awaitRefusalCode(tried)).toBe("webhook.not_found")
        }
        expect(await awaitRefusalCode(acting(partner.analyst, listWebhooksForPartner))).toBe("partner.leads_only")
    })

    test("gets no repeated call when none was sent", async () => {
        expect(await awaitRefusalCode(acting(partner.lead, (ctx) => resendCall(ctx, id)))).toBe(
            "webhook.nothing_to_send",
        )
    })
})

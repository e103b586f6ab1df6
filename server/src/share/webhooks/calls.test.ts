/** Calls on a real database, to a real server with TLS. */
import { createHmac } from "node:crypto"
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { type Acting, actingOn, codeOf, recorded, system } from "../../../../test/support/actors.ts"
import { type Program, type TestPartner, newCase, newPartner, program } from "../../../../test/support/program.ts"
import { type Received, type Receiver, openReceiver } from "../../../../test/support/doubles/receiver.ts"
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
import { programPublicKey } from "./actions/seal-call.ts"

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
let meanwhile: () => Promise<unknown>
const errors: string[] = []
const real = { now: Date.parse("2026-01-01T00:00:00Z") }

beforeAll(async () => {
    world = await program()
    receiver = await openReceiver([host, "slow.partner.example"])
    const nothing = () => undefined
    const outgoing = openOutgoing(receiver.ways)
    services = {
        ...world.services,
        realNow: () => real.now,
        outgoing: {
            post: (post: Post) =>
                outgoing.post({ ...post, maySend: async () => (await meanwhile(), await post.maySend()) }),
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
    meanwhile = async () => undefined
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
const tell = (wave: string | null = null, partners = [partner.id]) =>
    acting(system, (ctx) => callPartners(ctx, wave, partners))
async function work(): Promise<void> {
    while (await callWebhooksJob.run(services));
    await callWebhooksJob.finish?.(services)
}
async function later(ms: number): Promise<void> {
    real.now += ms
    await work()
}
const soon = () => later(6 * secondMs)
const state = async () => (await acting(partner.lead, listWebhooksForPartner))[0]
const calls = () =>
    world.database.db.transaction((tx) =>
        tx.query<{ id: string; state: string; attempts: number }>(
            "select id, state, attempts from webhook_calls order by created_at",
        ),
    )
const kinds = async () =>
    (await recorded(world.database))
        .filter(({ kind, body }) => kind.startsWith("webhook") && body["partner"] === partner.id)
        .map(({ kind }) => kind.replace("webhook.", ""))

const signedOf = ({ headers, body }: Pick<Received, "headers" | "body">): string =>
    [headers["webhook-id"], headers["webhook-timestamp"], body.toString()].map(String).join(".")

/** What a receiver does, by the guide. */
function isFrom(key: string, { headers, body }: Received): boolean {
    const bytes = Buffer.from(key.slice("whsec_".length), "base64")
    const signed = signedOf({ headers, body })
    const wanted = createHmac("sha256", bytes).update(signed).digest("base64")
    return String(headers["webhook-signature"]).split(" ").includes(`v1,${wanted}`)
}

/** Which of these keys signed it, by the guide. */
function signedBy(keys: readonly string[], call: Received): boolean[] {
    const bytes = (text: string) => Buffer.from(text, "base64")
    const given = String(call.headers["webhook-signature"])
        .split(" ")
        .filter((item) => item.startsWith("v1a,"))
        .map((item) => bytes(item.slice("v1a,".length)))
    const signed = Buffer.from(signedOf(call))
    return keys.map((key) => given.some((item) => verifyEd25519(bytes(key.slice("whpk_".length)), signed, item)))
}

test("a call whose next try was written by a clock that was years ahead is made once it is right again", async () => {
    status(503)
    await tell()
    const right = real.now
    await later(1000 * dayMs)
    expect((await calls()).map(({ state, attempts }) => [state, attempts])).toEqual([["due", 1]])
    status(204)
    real.now = right
    await work()
    expect((await calls()).map(({ state }) => state)).toEqual(["sent"])
})

test("a call that was under way under such a clock holds up no other", async () => {
    await tell()
    await world.database.db.transaction((tx) =>
        tx.query("update webhook_calls set state = 'in_progress', attempts = 1, next_at = now() + interval '90 years'"),
    )
    await work()
    expect((await calls()).map(({ state }) => state)).toEqual(["sent"])
})

describe("a call", () => {
    test("goes to the webhook soon, signed by its secret and by its own key", async () => {
        await tell()
        await work()
        await soon()
        expect(receiver.received).toHaveLength(1)
        const [call] = receiver.received as [Received]
        expect(isFrom(secret, call)).toBe(true)
        expect(isFrom(`whsec_${Buffer.alloc(32).toString("base64")}`, call)).toBe(false)
        const program = await acting(system, async (ctx) => programPublicKey(ctx))
        expect(signedBy([publicKey, program], call)).toEqual([true, false])
        expect(await state()).toMatchObject({ publicKey })
        expect(Number(call.headers["webhook-timestamp"])).toBe(Math.floor(real.now / 1000))
        expect(await state()).toMatchObject({ lastOutcome: "2xx", failingSince: null, disabledAt: null })
        expect(await kinds()).toEqual(["created", "called"])
    })

    test("G-01 looks the same for every case, partner and test, and says nothing", async () => {
        const other = await newPartner(world, "entry")
        const caseId = await newCase(world, "toolshell")
        const [wave] = await acting(world.manager, (ctx) => listWaves(ctx, caseId))
        await acting(other.lead, (ctx) => addWebhook(ctx, `https://${host}/in`))
        await tell(wave?.id ?? "", [partner.id, other.id])
        await soon()
        await tell(null)
        await soon()
        await acting(partner.lead, (ctx) => testWebhook(ctx, id))
        await soon()
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

    test("is made once for whatever came together", async () => {
        await tell()
        await tell()
        await acting(partner.lead, (ctx) => testWebhook(ctx, id))
        await soon()
        expect(receiver.received).toHaveLength(1)
        await later(dayMs)
        expect(receiver.received).toHaveLength(1)
    })

    test("is made again for what comes while one is under way", async () => {
        await tell()
        meanwhile = async () => {
            meanwhile = async () => undefined
            await tell()
        }
        await soon()
        await soon()
        expect(receiver.received).toHaveLength(2)
    })

    test("is written before it is made, and made again by the same id where nobody said what came of it", async () => {
        await tell()
        await soon()
        const [before] = receiver.received as [Received]
        await world.database.db.transaction((tx) =>
            tx.query("update webhook_calls set state = 'in_progress', next_at = $1", [new Date(real.now + 1)]),
        )
        await work()
        expect(receiver.received).toHaveLength(1)
        await soon()
        expect(receiver.received).toHaveLength(2)
        expect(receiver.received[1]?.headers["webhook-id"]).toBe(before.headers["webhook-id"])
    })

    test("waits for a frozen wave until it thaws, and not for any other", async () => {
        const caseId = await newCase(world, "bypass")
        const [wave] = await acting(world.manager, (ctx) => listWaves(ctx, caseId))
        await tell(wave?.id ?? "")
        await acting(world.manager, (ctx) => freezeWave(ctx, wave?.id ?? ""))
        await soon()
        expect(receiver.received).toHaveLength(0)
        await tell()
        await soon()
        expect(receiver.received).toHaveLength(1)
        await acting(world.manager, async (ctx) => endFreeze(ctx, await lockWave(ctx, wave?.id ?? ""), id))
        await soon()
        expect(receiver.received).toHaveLength(2)
    })
})

describe("a key of its own", () => {
    test("tells two webhooks apart: neither's verifies the other's calls, nor does the program's", async () => {
        const other = await newPartner(world, "entry")
        const second = await acting(other.lead, (ctx) => addWebhook(ctx, `https://${host}/other`))
        const third = await acting(partner.lead, (ctx) => addWebhook(ctx, `https://${host}/third`))
        await tell(null, [partner.id, other.id])
        await soon()
        await soon()
        const keys = [publicKey, second.publicKey, third.publicKey]
        const by = (path: string) =>
            receiver.received.filter((call) => call.path === path).map((call) => signedBy(keys, call))
        expect([by("/in"), by("/other"), by("/third")]).toEqual([
            [[true, false, false]],
            [[false, true, false]],
            [[false, false, true]],
        ])
    })

    test("is rotated with the secret, and the one before signs for a day", async () => {
        const second = await acting(partner.lead, (ctx) => rotateSecret(ctx, id))
        await tell()
        await soon()
        await later(dayMs)
        await tell()
        await soon()
        const keys = [publicKey, second.publicKey]
        expect(receiver.received.map((call) => signedBy(keys, call))).toEqual([
            [true, true],
            [false, true],
        ])
        expect(await state()).toMatchObject({ publicKey: second.publicKey })
    })

    test("is the program's for a webhook of before, until it is rotated and a day is over", async () => {
        await world.database.db.transaction((tx) => tx.query("update webhooks set signing_ciphertext = null"))
        const program = await acting(system, async (ctx) => programPublicKey(ctx))
        expect(await state()).toMatchObject({ publicKey: program })
        await tell()
        await soon()
        const own = await acting(partner.lead, (ctx) => rotateSecret(ctx, id))
        await tell()
        await soon()
        await later(dayMs)
        await tell()
        await soon()
        expect(receiver.received.map((call) => signedBy([program, own.publicKey], call))).toEqual([
            [true, false],
            [true, true],
            [false, true],
        ])
    })
})

describe("a secret", () => {
    test("that is rotated signs beside the new one for a day", async () => {
        const { secret: second } = await acting(partner.lead, (ctx) => rotateSecret(ctx, id))
        await tell()
        await soon()
        await later(dayMs)
        await tell()
        await soon()
        const [first, after] = receiver.received as [Received, Received]
        expect([isFrom(secret, first), isFrom(second, first)]).toEqual([true, true])
        expect([isFrom(secret, after), isFrom(second, after)]).toEqual([false, true])
        expect(await kinds()).toEqual(["created", "rotated", "called", "called"])
    })

    test("is shown once, and stands nowhere in the open", async () => {
        expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/)
        expect(JSON.stringify(await acting(partner.lead, listWebhooksForPartner))).not.toContain(secret.slice(6))
        const bytes = Buffer.from(secret.slice(6), "base64").toString("hex")
        const rows = await world.database.db.transaction((tx) =>
            tx.query<{ text: string }>("select webhooks::text as text from webhooks"),
        )
        expect(rows[0]?.text).not.toContain(bytes)
        expect(rows[0]?.text).not.toContain(Buffer.from(host).toString("hex"))
        expect(JSON.stringify(await recorded(world.database))).not.toContain(host)
    })
})

describe("a webhook that fails", () => {
    test("G-03 is tried again later and later, by one id, and with a nonce and time of its own", async () => {
        status(500)
        await tell()
        await soon()
        for (const waitMs of [5 * secondMs, 300 * secondMs, 1800 * secondMs, 2 * hourMs, 5 * hourMs, 10 * hourMs]) {
            const had = receiver.received.length
            await later(waitMs * 0.79)
            expect(receiver.received).toHaveLength(had)
            await later(waitMs * 0.42)
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
        await later(12 * hourMs)
        expect(await state()).toMatchObject({ lastOutcome: "2xx", failingSince: null })
    })

    test("is disabled after five days, and called no more", async () => {
        status(503)
        await tell()
        await soon()
        for (let n = 0; n < 20; n++) await later(8 * hourMs)
        expect(await state()).toMatchObject({ lastOutcome: "5xx", disabledAt: expect.any(Number) as number })
        expect(await kinds()).toEqual(["created", "disabled"])
        const had = receiver.received.length
        await tell()
        await later(5 * dayMs)
        expect(receiver.received).toHaveLength(had)
        expect(await codeOf(acting(partner.lead, (ctx) => testWebhook(ctx, id)))).toBe("webhook.not_enabled")
    })

    test("is disabled at once where it is gone; a lead has it called again, by the same id", async () => {
        status(410)
        await tell()
        await soon()
        expect(await kinds()).toEqual(["created", "disabled"])
        status(200)
        await acting(partner.lead, (ctx) => resendCall(ctx, id))
        await soon()
        const ids = receiver.received.map(({ headers }) => headers["webhook-id"])
        expect(ids).toHaveLength(2)
        expect(new Set(ids).size).toBe(1)
        expect(await state()).toMatchObject({ lastOutcome: "2xx", failingSince: null, disabledAt: null })
    })

    test("G-05 is not contacted where its name leads inside at the time of the call", async () => {
        receiver.names.set(host, ["127.0.0.1"])
        const had = receiver.dialled.length
        await tell()
        await soon()
        expect(receiver.dialled).toHaveLength(had)
        expect(await state()).toMatchObject({ lastOutcome: "refused" })
    })

    test("G-08 holds up nobody else, and has one call under way", async () => {
        const slow = await acting(partner.lead, (ctx) => addWebhook(ctx, "https://slow.partner.example/in"))
        const others = [await newPartner(world, "entry"), await newPartner(world, "advance")]
        for (const other of others) await acting(other.lead, (ctx) => addWebhook(ctx, `https://${host}/other`))
        const release = Promise.withResolvers<void>()
        receiver.answer = (request, response) => {
            if (request.url === "/in") void release.promise.then(() => response.writeHead(204).end())
            else response.writeHead(204).end()
        }
        await tell(null, [partner.id, ...others.map((partner) => partner.id)])
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

    test("B-01 nothing that was due is sent, nor when it is back", async () => {
        await tell()
        await suspend()
        await soon()
        expect(receiver.received).toEqual([])
        expect(await kinds()).toEqual(["created", "dropped"])
        await later(dayMs)
        expect(receiver.received).toEqual([])
    })

    test("B-01 a call that is connected already says nothing", async () => {
        await tell()
        meanwhile = suspend
        await soon()
        expect(receiver.dialled.length).toBeGreaterThan(0)
        expect(receiver.received).toEqual([])
        expect(await kinds()).toEqual(["created", "dropped"])
    })

    test("one that was deleted meanwhile says nothing either", async () => {
        await tell()
        meanwhile = () => acting(partner.lead, (ctx) => removeWebhook(ctx, id))
        await soon()
        expect(receiver.received).toEqual([])
        expect(await calls()).toEqual([])
        expect(await kinds()).toEqual(["created", "deleted"])
    })
})

describe("a lead", () => {
    const add = (path: string) => acting(partner.lead, (ctx) => addWebhook(ctx, `https://${host}/${path}`))

    test("has three at most, at once too, and each address once", async () => {
        expect(await codeOf(add("in"))).toBe("webhook.duplicate_address")
        const codes = await Promise.all(["a", "b", "c", "d"].map((path) => codeOf(add(path))))
        expect(codes.toSorted()).toEqual(["done", "done", "webhook.too_many", "webhook.too_many"])
        expect(await acting(partner.lead, listWebhooksForPartner)).toHaveLength(3)
    })

    test("reaches its own alone, and an analyst none", async () => {
        const other = await newPartner(world, "entry")
        expect(await acting(other.lead, listWebhooksForPartner)).toEqual([])
        for (const verb of [removeWebhook, rotateSecret, testWebhook, resendCall]) {
            const tried = acting(other.lead, async (ctx) => void (await verb(ctx, id)))
            expect(await codeOf(tried)).toBe("webhook.not_found")
        }
        expect(await codeOf(acting(partner.analyst, listWebhooksForPartner))).toBe("partner.leads_only")
    })

    test("has nothing sent again where nothing was sent", async () => {
        expect(await codeOf(acting(partner.lead, (ctx) => resendCall(ctx, id)))).toBe("webhook.nothing_to_send")
    })
})

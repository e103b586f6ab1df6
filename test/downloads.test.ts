/**
 * Copies that several partners fetch at the same time: one transaction for all, with separate decisions, records and
 * seals.
 */
import { setTimeout as pause } from "node:timers/promises"
import { Decrypter } from "age-encryption"
import { afterAll, beforeAll, expect, test } from "vitest"
import { parseInstant } from "@tocsin/base/instant"
import { aliasFor } from "../server/src/share/delivery/actions/resolve-alias.ts"
import { changePartnerStatus } from "../server/src/trust/partners/actions/change-partner.ts"
import { listKeys, revokeKey } from "../server/src/trust/partners/keys/actions/manage-keys.ts"
import { issueCredential } from "../server/src/trust/identity/actions/sign-in.ts"
import { listEvents } from "./support/actors.ts"
import { newId } from "./support/database.ts"
import { type Portal, openPortal, createToken } from "./support/polled-pages.ts"
import {
    type Program,
    type TestPartner,
    releaseWaveNow,
    fetchCopyText,
    newArtifact,
    newCase,
    newPartner,
    createProgram,
} from "./support/program.ts"
import { countRoundTrips, listStatements } from "./support/statements.ts"

const partnersCount = 8

let world: Program
let portal: Portal
let technical: string
let partners: readonly TestPartner[]
/** Ids that the portal uses next. */
const planned: string[] = []
const tokens = new Map<TestPartner, string>()

beforeAll(async () => {
    world = await createProgram()
    const caseId = await newCase(world, "toolshell")
    technical = await newArtifact(world, caseId, "technical", "toolshell/technical.md")
    world.clock.now = parseInstant("2025-06-24T17:00:00Z")
    await releaseWaveNow(world, caseId, "validate", [technical])
    const added: TestPartner[] = []
    for (let n = 0; n < partnersCount; n++) added.push(await joined())
    partners = added
    portal = await openPortal(world, { newId: () => planned.pop() ?? newId() })
    for (const partner of partners) await fetch(partner)
}, 120_000)
afterAll(async () => {
    await portal.app.close()
    await world.database.close()
})

async function joined(tier: "validate" | "entry" = "validate"): Promise<TestPartner> {
    const partner = await newPartner(world, tier)
    tokens.set(partner, await createToken(world, partner))
    return partner
}

async function fetch(partner: TestPartner, token = tokens.get(partner) ?? "") {
    const headers = { authorization: `Bearer ${token}` }
    const name = aliasFor(world.services.keys, partner.id, "artifact", technical)
    return await portal.app.inject({ url: `/api/artifacts/${name}/copy`, headers })
}

async function opened(partner: TestPartner, bytes: Uint8Array): Promise<string> {
    const reader = new Decrypter()
    reader.addIdentity(partner.identity)
    return await reader.decrypt(bytes, "text")
}

async function newest(): Promise<number> {
    const [row] = await world.database.db.transaction((tx) =>
        tx.query<{ seq: number }>("select coalesce(max(seq), 0) as seq from events"),
    )
    return row?.seq ?? 0
}

const codeIn = (answer: { readonly body: string }): unknown => (JSON.parse(answer.body) as { code: unknown }).code

test("for eight partners take at most seven statements and half a commit each", async () => {
    const texts = await listStatements(async () => {
        const answers = await Promise.all(partners.map((partner) => fetch(partner)))
        expect(answers.map(({ statusCode }) => statusCode)).toEqual(partners.map(() => 200))
    })
    expect(texts.length).toBeLessThanOrEqual(7 * partnersCount)
    expect(texts.filter((text) => text.endsWith("commit")).length).toBeLessThanOrEqual(partnersCount / 2)
})

test("for one partner take at most 22 statements in 7 round trips, including the transaction's own", async () => {
    const { statements, roundTrips: trips } = await countRoundTrips(() => fetch(partners[0]!))
    expect(statements).toBeLessThanOrEqual(22)
    expect(trips).toBeLessThanOrEqual(7)
})

test("are individual copies, each recorded for its partner with its own receipt", async () => {
    const before = await newest()
    const answers = await Promise.all(partners.map((partner) => fetch(partner)))
    const events = await listEvents(world.database, before)
    expect(events).toHaveLength(partnersCount)
    for (const [n, partner] of partners.entries()) {
        const answer = answers[n]!
        expect(await opened(partner, answer.rawPayload)).toBe(await fetchCopyText(world, partner, technical))
        const delivery = answer.headers["tocsin-receipt"]
        const event = events.find(({ body }) => body["delivery"] === delivery)
        expect(event?.body).toMatchObject({ partner: partner.id, by: partner.analyst.person, artifact: technical })
        const rows = await world.database.db.transaction((tx) =>
            tx.query<{ partner: string; seq: number; body: { receipt: string }; commitment: string }>(
                `select d.partner_id as partner, d.event_id as seq, r.body, encode(r.commitment, 'hex') as commitment
                 from deliveries d join events e on e.seq = d.event_id and e.body->>'delivery' = d.id::text
                 join receipts r on r.id = d.id and r.partner_id = d.partner_id where d.id = $1`,
                [delivery],
            ),
        )
        expect(rows).toMatchObject([{ partner: partner.id, body: { receipt: delivery } }])
        expect(rows[0]?.commitment).toBe(event?.body["receipt"])
    }
    expect(new Set(answers.map(({ headers }) => headers["tocsin-receipt"])).size).toBe(partnersCount)
})

test("are refused to some without effect on others, and only delivered copies are recorded", async () => {
    const [hidden, keyless, left] = [await joined("entry"), await joined(), await joined()]
    const [key] = await world.acting(keyless.lead, (ctx) => listKeys(ctx, keyless.id))
    await world.acting(keyless.lead, (ctx) => revokeKey(ctx, key?.id ?? ""))
    const before = await newest()
    const others = partners.slice(0, 4)
    const asks = [hidden, ...others.slice(0, 2), keyless, ...others.slice(2)]
    const [stranger, ...answers] = await Promise.all([
        fetch(left, "tcs_nobodys"),
        ...asks.map((partner) => fetch(partner)),
    ])
    expect(stranger.statusCode).toBe(401)
    for (const [n, partner] of asks.entries()) {
        const answer = answers[n]!
        if (partner === hidden) expect([answer.statusCode, codeIn(answer)]).toEqual([404, "request.not_found"])
        else if (partner === keyless) expect([answer.statusCode, codeIn(answer)]).toEqual([409, "delivery.no_key"])
        else expect(answer.statusCode).toBe(200)
    }
    const events = await listEvents(world.database, before)
    expect(events.map(({ body }) => body["partner"]).toSorted()).toEqual(others.map(({ id }) => id).toSorted())
})

test("wait for a running suspension and are then not found; others do not wait", async () => {
    const [suspended, other] = [await joined(), partners[0]!]
    expect(await fetch(suspended)).toMatchObject({ statusCode: 200 })
    const [changed, mayCommit] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const changing = world.acting(world.manager, async (ctx) => {
        await changePartnerStatus(ctx, suspended.id, "suspended")
        changed.resolve()
        await mayCommit.promise
    })
    await changed.promise
    const before = await newest()
    let isAnswered = false
    const waiting = fetch(suspended).finally(() => (isAnswered = true))
    const beside = await Promise.all([fetch(other), fetch(partners[1]!)])
    expect(beside.map(({ statusCode }) => statusCode)).toEqual([200, 200])
    await pause(200)
    expect(isAnswered).toBe(false)
    mayCommit.resolve()
    await changing
    expect((await waiting).statusCode).toBe(404)
    const events = await listEvents(world.database, before)
    expect(events.filter(({ kind, body }) => kind === "copy.delivered" && body["partner"] === suspended.id)).toEqual([])
})

test("that wait for the database leave the portal's capacity to other requests", async () => {
    const many = await Promise.all(Array.from({ length: 12 }, () => joined()))
    const [locked, mayEnd] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const locking = world.database.db.transaction(async (tx) => {
        await tx.query("lock table receipts in exclusive mode")
        locked.resolve()
        await mayEnd.promise
    })
    await locked.promise
    const responses = Promise.all(many.map((partner) => fetch(partner)))
    const waiting = () =>
        world.database.db.transaction((tx) =>
            tx.query("select pid, query_start from pg_stat_activity where wait_event_type = 'Lock'"),
        )
    await expect.poll(waiting).toHaveLength(1)
    const first = await waiting()
    const headers = { authorization: `Bearer ${tokens.get(partners[0]!)}` }
    expect(await portal.app.inject({ url: "/api/warnings", headers })).toMatchObject({ statusCode: 200 })
    // By then, no statement has timed out.
    expect(await waiting()).toEqual(first)
    mayEnd.resolve()
    await locking
    expect((await responses).map(({ statusCode }) => statusCode)).toEqual(many.map(() => 200))
})

test("are delivered separately to the other partners if one delivery cannot be written", async () => {
    const before = await newest()
    // The id of an existing delivery: the shared transaction fails, and so does this delivery alone.
    const [row] = await world.database.db.transaction((tx) =>
        tx.query<{ id: string }>("select id from deliveries limit 1"),
    )
    planned.push(row?.id ?? "")
    const answers = await Promise.all(partners.slice(0, 4).map((partner) => fetch(partner)))
    expect(planned).toEqual([])
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([200, 200, 200, 200])
    const events = await listEvents(world.database, before)
    const delivered = new Set(answers.map(({ headers }) => headers["tocsin-receipt"]))
    expect(new Set(events.map(({ body }) => body["delivery"]))).toEqual(delivered)
})

test("are refused to a credential that has just ended, whichever requests run with it", async () => {
    const partner = await joined()
    const token = await world.acting(partner.analyst, (ctx) => issueCredential(ctx, partner.analyst.person, "token"))
    expect((await fetch(partner, token)).statusCode).toBe(200)
    await world.database.db.transaction((tx) =>
        tx.query("update credentials set ended_at = now() where person_id = $1", [partner.analyst.person]),
    )
    const answers = await Promise.all([fetch(partner, token), fetch(partners[0]!), fetch(partners[1]!)])
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([401, 200, 200])
})

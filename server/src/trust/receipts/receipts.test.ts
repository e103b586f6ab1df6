/** Tests the receipt log on a real database: when batches are made, what they hold, and what they prove. */
import { randomBytes } from "node:crypto"
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { actingOn, awaitRefusalCode, listEvents, system, testServices } from "../../../../test/support/actors.ts"
import { type TestDatabase, createDatabase, newId } from "../../../../test/support/database.ts"
import { bindReceipts } from "@tocsin/audit-log/bind-receipts"
import { openNote, parseCheckpoint } from "@tocsin/audit-log/checkpoint"
import { provesConsistency } from "@tocsin/audit-log/merkle"
import type { AcceptedReceipt } from "@tocsin/audit-log/receipt"
import { type AcceptedExport, verifyBytes } from "@tocsin/audit-log/export"
import { splitLines } from "@tocsin/audit-log/signed-note"
import type { Tx } from "../../platform/postgres/db.ts"
import type { Services } from "../../kernel/services.ts"
import { memoryHighWater } from "../../kernel/high-water.ts"
import { verifyEd25519 } from "../../platform/crypto/ed25519.ts"
import { exportAuditLog } from "../audit-log/actions/export-log.ts"
import { sequenceEvents } from "../audit-log/actions/sequence-leaves.ts"
import { type ActionContext, record } from "../../kernel/action-context.ts"
import { addPartner } from "../partners/actions/change-partner.ts"
import { batchReceiptsJob, queueReceipt, makeBatch } from "./actions/batch-receipts.ts"
import { proveConsistency, loadReceiptOfPartner, loadVisibleCheckpoint } from "./actions/load-receipts.ts"
import { auditLogKey, receiptLogKey } from "../signing-keys/actions/load-log-keys.ts"

const minute = 60_000
const clock = { now: 0 }
const real = { now: 0 }

let database: TestDatabase
let services: Services
let partner: string
let act: <T>(work: (ctx: ActionContext) => Promise<T>) => Promise<T>

beforeAll(async () => {
    database = await createDatabase()
    services = { ...testServices(database, clock), realNow: () => real.now, receiptsIntervalMs: minute }
    const acting = actingOn(services, clock)
    act = (work) => acting(system, work)
})
afterAll(() => database.close())
beforeEach(async () => {
    clock.now = Date.parse("2025-07-08T17:00:00Z")
    real.now = Date.parse("2026-03-01T00:00:00Z")
    services = { ...services, highWater: memoryHighWater() }
    await sql(
        "truncate receipts, batches, batch_nodes, events, pending_events, unsequenced_events, leaves, " +
            "tree_nodes, checkpoints cascade",
    )
    partner = await newPartner()
})

const sql = <Row>(text: string): Promise<Row[]> => database.db.transaction((tx: Tx) => tx.query<Row>(text))
const newPartner = () => {
    const details = { name: "P", mail: "p@partner.example", tier: "entry", status: "active" } as const
    return act((action) => addPartner(action, details))
}

/** Adds receipts with their events, and returns their ids. */
async function addReceipts(count: number, to = partner): Promise<string[]> {
    const ids = Array.from({ length: count }, newId)
    await act(async (action) => {
        for (const id of ids) {
            const receipt = await queueReceipt(action, {
                id,
                partner: to,
                body: { kind: "fetched", receipt: id, partner: to },
            })
            await record(action, { kind: "copy.delivered", partner: to, receipt })
        }
    })
    return ids
}

/** Moves to the next slot, makes its batch, and publishes it. */
async function makeNextBatch(count = 1): Promise<boolean> {
    real.now += count * minute
    const made = await act(makeBatch)
    real.now += 2000
    return made
}

const loadHead = () => act(loadVisibleCheckpoint)
const getReceipt = (id: string, person = partner) =>
    act((action) => loadReceiptOfPartner(action, person, id, () => true))
const trust = () => ({ keys: [receiptLogKey(services.keys), auditLogKey(services.keys)], verify: verifyEd25519 })
const verifyReceipt = async (text: string) => (await verifyBytes(Buffer.from(text), trust())) as AcceptedReceipt
const sizes = async () => (await sql<{ count: number }>("select count(*) as count from batches"))[0]?.count
const listBatchEvents = async () => (await listEvents(database)).filter(({ kind }) => kind === "receipts.batched")

describe("a batch", () => {
    test("is made at each slot, also when empty, and published two seconds later", async () => {
        expect(await act(makeBatch)).toBe(true)
        expect(await awaitRefusalCode(loadHead())).toBe("receipt.no_batch")
        real.now += 1999
        expect(await awaitRefusalCode(loadHead())).toBe("receipt.no_batch")
        real.now += 1
        expect(await loadHead()).toMatchObject({ size: 1, nextInSeconds: 60, at: clock.now })
        expect(await act(makeBatch)).toBe(false)
        await addReceipts(3)
        expect(await makeNextBatch()).toBe(true)
        expect(await makeNextBatch()).toBe(true)
        expect(await sizes()).toBe(3)
    })

    test("is one, however many slots the clock skipped; a clock set back makes none", async () => {
        await makeNextBatch()
        expect(await makeNextBatch(500)).toBe(true)
        expect(await act(makeBatch)).toBe(false)
        expect(await sizes()).toBe(2)
        real.now -= 90 * minute
        expect(await act(makeBatch)).toBe(false)
    })

    test("is made once by four workers, and holds each receipt once", async () => {
        const ids = await addReceipts(20)
        real.now += minute
        await Promise.all(Array.from({ length: 4 }, () => batchReceiptsJob.run(services)))
        real.now += minute
        await Promise.all(Array.from({ length: 4 }, () => batchReceiptsJob.run(services)))
        expect(await sizes()).toBe(2)
        real.now += 2000
        const indexes = await Promise.all(ids.map(async (id) => (await verifyReceipt(await getReceipt(id))).index))
        expect(indexes).toEqual([...Array<number>(16).fill(0), ...Array<number>(4).fill(1)])
    })

    test("that is interrupted after any statement leaves nothing, and the next one holds everything", async () => {
        await makeNextBatch()
        const ids = await addReceipts(2)
        real.now += minute
        const before = await listEvents(database)
        let statements = 0
        for (let died = true; died; statements++) {
            died = await dies(statements)
            expect(await sizes()).toBe(died ? 1 : 2)
            expect((await listEvents(database)).length - before.length).toBe(died ? 0 : 1)
        }
        expect(statements).toBeGreaterThan(6)
        real.now += 2000
        for (const id of ids) expect(await verifyReceipt(await getReceipt(id))).toMatchObject({ ok: true, index: 1 })
    })

    /** Makes a batch on a connection that breaks after so many statements; whether it did. */
    async function dies(after: number): Promise<boolean> {
        let left = after
        const broken = (tx: Tx): Tx => ({
            ...tx,
            query: (text, values) => (left-- > 0 ? tx.query(text, values) : Promise.reject(new Error("cut off"))),
        })
        return await act((action) => makeBatch({ ...action, tx: broken(action.tx) })).then(
            () => false,
            () => true,
        )
    }

    test("takes 16 of one partner at most, so that no partner notices another, and the rest in order", async () => {
        const other = await newPartner()
        const entries = await addReceipts(40)
        const [value = ""] = await addReceipts(1, other)
        for (const expected of [0, 1, 2]) {
            await makeNextBatch()
            const there: string[] = []
            for (const id of entries) there.push(await awaitRefusalCode(getReceipt(id)))
            expect(there.filter((code) => code === "done")).toHaveLength([16, 32, 40][expected] ?? 0)
        }
        const order: number[] = []
        for (const id of entries) order.push((await verifyReceipt(await getReceipt(id))).index ?? -1)
        expect(order).toEqual(order.toSorted((a, b) => a - b))
        expect((await verifyReceipt(await getReceipt(value, other))).index).toBe(0)
    })

    test("takes 1,024 at most, the first of each partner before second ones, and the next takes the rest", async () => {
        const partners = await Promise.all(Array.from({ length: 65 }, newPartner))
        const given = await Promise.all(partners.map((partner) => addReceipts(16, partner)))
        await makeNextBatch()
        await makeNextBatch()
        const rows = await sql<{ batch: number; count: number; places: number }>(
            `select batch_id as batch, count(*) as count, count(distinct place) as places from receipts group by
                batch_id order by batch_id`,
        )
        expect(rows).toEqual([
            { batch: 0, count: 1024, places: 1024 },
            { batch: 1, count: 16, places: 16 },
        ])
        for (const [n, ids] of given.entries()) {
            const first = await verifyReceipt(await getReceipt(ids[0] ?? "", partners[n]))
            expect(first).toMatchObject({ ok: true, index: 0, size: 2 })
        }
    }, 60_000)
})

describe("a receipt", () => {
    test("is proven under every later checkpoint by the same path", async () => {
        const [id = ""] = await addReceipts(1)
        expect(await awaitRefusalCode(getReceipt(id))).toBe("receipt.not_published_yet")
        await makeNextBatch()
        const path = (text: string) => (JSON.parse(text) as { path: string[]; place: number }).path
        const first = await getReceipt(id)
        for (let size = 1; size <= 9; size++) {
            const text = await getReceipt(id)
            expect(await verifyReceipt(text)).toMatchObject({ ok: true, size, index: 0 })
            expect(path(text)).toEqual(path(first))
            await makeNextBatch()
        }
    })

    test("states when the next batch is due, while it waits or its batch is unpublished", async () => {
        const [id = ""] = await addReceipts(1)
        await act(makeBatch)
        await expect(getReceipt(id)).rejects.toThrow("the next one in `2` seconds")
        real.now += 2000
        const [later = ""] = await addReceipts(1)
        await expect(getReceipt(later)).rejects.toThrow("the next one in `60` seconds")
        expect(await awaitRefusalCode(getReceipt(id))).toBe("done")
    })

    test("of another partner is not found, waiting or published", async () => {
        const other = await newPartner()
        const [id = ""] = await addReceipts(1)
        expect([await awaitRefusalCode(getReceipt(id, other)), await awaitRefusalCode(getReceipt(newId()))]).toEqual(
            Array(2).fill("request.not_found"),
        )
        await makeNextBatch()
        expect([await awaitRefusalCode(getReceipt(id, other)), await awaitRefusalCode(getReceipt(newId()))]).toEqual(
            Array(2).fill("request.not_found"),
        )
    })
})

describe("the receipt log", () => {
    test("proves each size consistent with each later one, and refuses every other", async () => {
        const roots = []
        for (let n = 0; n < 9; n++) {
            await makeNextBatch()
            const { checkpoint } = await loadHead()
            const key = receiptLogKey(services.keys)
            roots.push(parseCheckpoint(openNote(checkpoint, key, verifyEd25519)).root)
        }
        for (let from = 1; from <= 9; from++) {
            for (let to = from; to <= 9; to++) {
                const { proof } = await act((action) => proveConsistency(action, from, to))
                const hashes = proof.map((hash) => Buffer.from(hash, "hex"))
                expect(provesConsistency(hashes, from, roots[from - 1]!, to, roots[to - 1]!)).toBe(true)
            }
        }
        expect(await act((action) => proveConsistency(action, 4, null))).toMatchObject({ from: 4, to: 9 })
        expect(await act((action) => proveConsistency(action, 9, null))).toEqual({ from: 9, to: 9, proof: [] })
        for (const [from, to] of [
            [0, null],
            [0, 0],
            [10, null],
            [5, 4],
            [1, 10],
        ] as const) {
            expect(await awaitRefusalCode(act((action) => proveConsistency(action, from, to)))).toBe(
                "receipt.bad_range",
            )
        }
    })

    test("has its own key and name", () => {
        expect(receiptLogKey(services.keys).name).toMatch(/^tocsin-receipts\/[0-9a-f]{16}$/)
        expect(receiptLogKey(services.keys).publicKey).not.toEqual(auditLogKey(services.keys).publicKey)
    })
})

describe("the audit log", () => {
    async function exported(): Promise<Buffer> {
        await sequenceEvents(services)
        const pieces: string[] = []
        for await (const line of await act(exportAuditLog)) pieces.push(line)
        return Buffer.from(pieces.join(""))
    }

    test("names each batch with receipts, and of empty ones the first and one a day", async () => {
        for (let n = 0; n < 5; n++) await makeNextBatch()
        expect(await listBatchEvents()).toHaveLength(1)
        await addReceipts(2)
        await makeNextBatch()
        expect((await listBatchEvents())[1]?.body).toMatchObject({
            batch: 5,
            receipts: 2,
            log: receiptLogKey(services.keys).name,
        })
        await makeNextBatch(24 * 60 - 1)
        expect(await listBatchEvents()).toHaveLength(2)
        await makeNextBatch()
        expect((await listBatchEvents()).map(({ body }) => [body["batch"], body["receipts"]])).toEqual([
            [0, 0],
            [5, 2],
            [7, 0],
        ])
    })

    test("and a receipt can be linked by an auditor who has only these two", async () => {
        await makeNextBatch()
        const [early = "", second = ""] = await addReceipts(2)
        await sequenceEvents(services)
        await makeNextBatch()
        const [late = ""] = await addReceipts(1)
        await makeNextBatch()
        const file = await exported()
        const verdict = (await verifyBytes(file, trust())) as AcceptedExport
        const receipts = await Promise.all(
            [early, second, late].map(async (id) => await verifyReceipt(await getReceipt(id))),
        )
        const bound = await bindReceipts(verdict, () => splitLines([file]), receipts, trust())
        const lines = file.toString().split("\n")
        for (const [i, item] of bound.entries()) {
            expect(item).toMatchObject({ ok: true })
            expect(lines[(item.ok ? item.leaf : 0) + 1]).toContain(receipts[i]?.commitment)
        }
        const fresh = await verifyReceipt(
            await getReceipt((await addReceipts(1).then(async ([id = ""]) => (await makeNextBatch(), [id])))[0] ?? ""),
        )
        expect(await bindReceipts(verdict, () => splitLines([file]), [fresh], trust())).toMatchObject([
            { ok: false, code: "receipt.not_recorded" },
        ])
    })

    test("that was rewritten and signed again does not match an existing receipt", async () => {
        await act((action) => record(action, { kind: "case.opened", case: "c-1" }))
        await sequenceEvents(services)
        await makeNextBatch()
        const [id = ""] = await addReceipts(1)
        await makeNextBatch()
        const receipt = await verifyReceipt(await getReceipt(id))
        await sql(`update events set body = '{"case": "c-2"}' where kind = 'case.opened'`)
        await sql("truncate leaves, tree_nodes, checkpoints")
        await sql("insert into unsequenced_events select seq from events on conflict do nothing")
        // An attacker who rewrites it has the key, and removes the high-water file.
        services = { ...services, highWater: memoryHighWater() }
        const file = await exported()
        const verdict = (await verifyBytes(file, trust())) as AcceptedExport
        expect(verdict).toMatchObject({ ok: true })
        expect(await bindReceipts(verdict, () => splitLines([file]), [receipt], trust())).toMatchObject([
            { ok: false, code: "receipt.history_mismatch" },
        ])
    })
})

test("the stored seed reproduces the tree, and without it padding looks like receipts", async () => {
    const ids = await addReceipts(5)
    await makeNextBatch()
    const seeds = await sql<{ seed: Buffer }>("select seed from batches")
    expect(seeds.map(({ seed }) => seed.length)).toEqual([32])
    const receipt = await getReceipt(ids[0] ?? "")
    expect((await verifyReceipt(receipt)).ok).toBe(true)
    // As an older version left it.
    await database.db.transaction((tx) => tx.query("update receipts set path = null"))
    expect(await getReceipt(ids[0] ?? "")).toBe(receipt)
    await database.db.transaction((tx) => tx.query("update batches set seed = $1", [randomBytes(32)]))
    expect((await verifyReceipt(await getReceipt(ids[0] ?? ""))).ok).toBe(false)
})

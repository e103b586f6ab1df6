import { randomBytes } from "node:crypto"
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { createDatabase, type TestDatabase } from "../../../../test/support/database.ts"
import { parseVerifierKey, type VerifierKey } from "@tocsin/audit-log/checkpoint"
import { consistencyFrom, provesConsistency, rootFrom } from "@tocsin/audit-log/merkle"
import { verifyBytes } from "@tocsin/audit-log/export"
import { commit } from "@tocsin/audit-log/signed-note"
import type { Tx } from "../../platform/postgres/db.ts"
import type { Services } from "../../kernel/services.ts"
import { memoryHighWater } from "../../kernel/high-water.ts"
import { LinesAnswer } from "../../kernel/route.ts"
import { keysFrom } from "../../platform/crypto/keys.ts"
import { verifyEd25519 } from "../../platform/crypto/ed25519.ts"
import { type ActionContext, type Event, record } from "../../kernel/action-context.ts"
import { exportAuditLog, findPublishedCheckpoint, verifyAuditLog } from "./actions/export-log.ts"
import { sequenceEventsJob, sequenceEvents } from "./actions/sequence-leaves.ts"
import { routes } from "./routes.ts"
import { listNodesAt } from "./store.ts"
import { auditLogKey } from "../signing-keys/actions/load-log-keys.ts"

const now = Date.parse("2025-07-08T17:00:00Z")
const keys = keysFrom(Buffer.alloc(32, 7))
const trusted = (key: VerifierKey = auditLogKey(keys)) => ({ keys: [key], verify: verifyEd25519 })

let database: TestDatabase
let services: Services

beforeAll(async () => {
    database = await createDatabase()
    const { db } = database
    const needed: Partial<Services> = {
        db,
        keys,
        highWater: memoryHighWater(),
        random: (bytes: number) => randomBytes(bytes),
        clock: { now: () => Promise.resolve(now) },
    }
    services = needed as Services
})
afterAll(() => database.close())
beforeEach(async () => {
    services = { ...services, highWater: memoryHighWater() }
    await inTx((tx) =>
        tx.query("truncate events, pending_events, unsequenced_events, leaves, tree_nodes, checkpoints cascade"),
    )
})

const inTx = <T>(work: (tx: Tx) => Promise<T>): Promise<T> => database.db.transaction(work)
const contextIn = (tx: Tx): ActionContext => ({ tx, now, actor: { kind: "system", component: "test" }, services })
const act = <T>(work: (ctx: ActionContext) => Promise<T>): Promise<T> => inTx((tx) => work(contextIn(tx)))
const sequenceNext = () => sequenceEvents(services)

/** Records events in separate transactions, and returns their numbers. */
async function recordEvents(count: number, sealed = false): Promise<number[]> {
    const seqs: number[] = []
    for (let n = 0; n < count; n++) {
        seqs.push(await act((action) => record(action, { kind: "case.opened", case: `c-${n}`, n }, sealed)))
    }
    return seqs
}

async function exported(): Promise<string> {
    return await joined(await act(exportAuditLog))
}

async function joined(lines: AsyncIterable<string>): Promise<string> {
    let text = ""
    for await (const line of lines) text += line
    return text
}

const verifyFile = async (file: string) => await verifyBytes(Buffer.from(file), trusted())
const sizeNow = async () => (await act(findPublishedCheckpoint))?.size ?? 0

/** Changes the database directly, as an attacker with database access can. */
const tamper = (sql: string) => inTx((tx) => tx.query(sql))

describe("sequencing", () => {
    test("makes leaves of committed events, in batches of any size, and signs each checkpoint", async () => {
        for (const count of [1, 2, 5, 1, 8]) {
            await recordEvents(count)
            expect(await sequenceNext()).toBe(count)
            expect(await sequenceNext()).toBe(0)
        }
        expect(await act(verifyAuditLog)).toMatchObject({
            verdict: { ok: true, size: 17, keyKnown: true },
            unsequenced: 0,
        })
        const heads = await inTx((tx) => tx.query<{ size: number }>("select size from checkpoints order by size"))
        expect(heads.map(({ size }) => size)).toEqual([1, 3, 8, 9, 17])
    })

    test("includes events committed late with a lower number", async () => {
        const { promise: gate, resolve: open } = Promise.withResolvers<void>()
        const { promise: written, resolve: wrote } = Promise.withResolvers<void>()
        const slow = act(async (action) => {
            const seq = await record(action, { kind: "slow.one" })
            wrote()
            await gate
            return seq
        })
        await written
        const [fast = 0] = await recordEvents(1)
        expect(await sequenceNext()).toBe(1)
        open()
        expect(await slow).toBeLessThan(fast)
        expect(await sequenceNext()).toBe(1)
        const order = await inTx((tx) => tx.query<{ seq: number }>("select seq from leaves order by index"))
        expect(order.map(({ seq }) => seq)).toEqual([fast, await slow])
        expect((await act(verifyAuditLog)).verdict.ok).toBe(true)
    })

    test("skips events that were rolled back", async () => {
        await expect(
            act(async (action) => {
                await record(action, { kind: "never.was" })
                throw new Error("no")
            }),
        ).rejects.toThrow("no")
        await recordEvents(1)
        expect(await sequenceNext()).toBe(1)
        expect(await exported()).not.toContain("never.was")
    })

    test("assigns each event one index when several workers run", async () => {
        await recordEvents(30)
        const counts = await Promise.all([sequenceNext(), sequenceNext(), sequenceNext(), sequenceNext()])
        expect(counts.toSorted((a, b) => a - b)).toEqual([0, 0, 0, 30])
        expect(await act(verifyAuditLog)).toMatchObject({ verdict: { ok: true, size: 30 } })
    })

    test("that is interrupted after any statement leaves a valid tree, and the next run continues", async () => {
        await recordEvents(3)
        await sequenceNext()
        await recordEvents(4)
        let statements = 0
        for (let died = true; died; statements++) {
            died = await dies(statements)
            const { verdict } = await act(verifyAuditLog)
            // The next one signs what one wrote into the high-water file and did not commit; until then it is told.
            if (verdict.ok) expect([3, 7]).toContain(verdict.size)
            else expect(verdict).toMatchObject({ index: 3, code: "audit_log.unsigned_leaves" })
        }
        expect(await act(verifyAuditLog)).toMatchObject({ verdict: { ok: true, size: 7 }, unsequenced: 0 })
        expect(statements).toBeGreaterThan(5)
    })

    /** Numbers on a connection that breaks after so many statements; whether it did. */
    async function dies(after: number): Promise<boolean> {
        let left = after
        const broken = (tx: Tx): Tx => ({
            ...tx,
            query: (sql, values) => (left-- > 0 ? tx.query(sql, values) : Promise.reject(new Error("cut off"))),
        })
        const db = { ...services.db, transaction: <T>(work: (tx: Tx) => Promise<T>) => inTx((tx) => work(broken(tx))) }
        return await sequenceEvents({ ...services, db }).then(
            () => false,
            () => true,
        )
    }

    test("is a background job that runs again at once while events are left", async () => {
        await inTx((tx) =>
            tx.query(
                `with event as (insert into events (at, kind, body, salt)
                 select now(), 'many', '{}', '\\x${"00".repeat(16)}'
                 from generate_series(1, 1001) returning seq) insert into unsequenced_events select seq from event`,
            ),
        )
        expect(await sequenceEventsJob.run(services)).toBe(true)
        expect(await sequenceEventsJob.run(services)).toBe(false)
        expect(await act(verifyAuditLog)).toMatchObject({ verdict: { ok: true, size: 1001 } })
    })

    test("keeps every checkpoint consistent with every later one", async () => {
        for (const count of [3, 4, 1]) {
            await recordEvents(count)
            await sequenceNext()
        }
        const heads = await inTx((tx) => tx.query<{ size: number; root: Buffer }>("select size, root from checkpoints"))
        const last = heads.at(-1)!
        const places = Array.from({ length: 4 }, (_, level) => Array.from({ length: 8 }, (_, pos) => ({ level, pos })))
        const nodes = await inTx((tx) => listNodesAt(tx, places.flat()))
        const node = (level: number, pos: number) =>
            nodes.find((node) => node.level === level && node.pos === pos)!.hash
        for (const head of heads) {
            expect(Buffer.from(rootFrom(head.size, node))).toEqual(head.root)
            const proof = consistencyFrom(head.size, last.size, node)
            expect(provesConsistency(proof, head.size, head.root, last.size, last.root)).toBe(true)
        }
    })
})

describe("an export", () => {
    test("verifies offline, at sizes around a page", async () => {
        for (const more of [1, 498, 1, 1, 12]) {
            await recordEvents(more)
            await sequenceNext()
            const verdict = await verifyFile(await exported())
            expect(verdict).toMatchObject({ ok: true, size: await sizeNow() })
        }
    })

    test("shows kinds and bodies, and only the commitment of confidential events", async () => {
        await recordEvents(1)
        const [sealed = 0] = await recordEvents(1, true)
        await sequenceNext()
        const [, open, shut] = (await exported()).split("\n").map((line) => (line ? (JSON.parse(line) as object) : {}))
        expect(open).toMatchObject({
            index: 0,
            kind: "case.opened",
            body: { by: null, case: "c-0", n: 0, step: "test" },
        })
        expect(Object.keys(shut!)).toEqual(["at", "commitment", "index", "kind", "path"])
        const [row] = await inTx((tx) => tx.query<{ salt: Buffer }>(`select salt from events where seq = ${sealed}`))
        const body = { by: null, case: "c-0", n: 0, step: "test" }
        const committed = { kind: "case.opened", body }
        expect(shut).toMatchObject({
            kind: "confidential",
            commitment: Buffer.from(commit(row!.salt, committed)).toString("hex"),
        })
    })

    test("is itself recorded in the audit log", async () => {
        await recordEvents(1)
        await sequenceNext()
        await exported()
        const [row] = await inTx((tx) => tx.query<Event>("select kind, body from events order by seq desc limit 1"))
        expect(row).toMatchObject({ kind: "audit_log.exported", body: { size: 1 } })
    })

    test("of an empty log is refused", async () => {
        await expect(act(exportAuditLog)).rejects.toMatchObject({ kind: "missing", code: "audit_log.no_checkpoint" })
        await expect(act(verifyAuditLog)).rejects.toMatchObject({ kind: "missing", code: "audit_log.no_checkpoint" })
    })

    test("keeps every value that an event can hold", async () => {
        await act((action) =>
            record(action, {
                kind: "odd.values",
                big: 1e21,
                small: 1e-7,
                minus: -0.5,
                list: ["é", "\u0001\n"],
                on: true,
                no: null,
            }),
        )
        await sequenceNext()
        expect(await verifyFile(await exported())).toMatchObject({ ok: true, size: 1 })
    })
})

describe("tampering in the database", () => {
    test.each([
        [
            "to a body",
            "update events set body = body || '{\"n\": 99}' where seq = (select seq from leaves where index = 4)",
            4,
        ],
        [
            "to a confidential body",
            "update events set confidential = true, body = '{}' where seq = (select seq from leaves where index = 4)",
            4,
        ],
        ["to a kind", "update events set kind = 'other' where seq = (select seq from leaves where index = 0)", 0],
        [
            "to an instant",
            "update events set at = at + interval '1 ms' where seq = (select seq from leaves where index = 8)",
            8,
        ],
        ["to the hash of a leaf", "update leaves set hash = sha256(hash) where index = 5", 5],
        [
            "to the order",
            "alter table leaves drop constraint leaves_seq_key; update leaves set seq = seq + 3 where index = 2",
            2,
        ],
        ["that removes a leaf", "delete from leaves where index = 3", 3],
        ["that removes the last leaf", "delete from leaves where index = 8", 8],
        ["to a node", "update tree_nodes set hash = sha256(hash) where level = 1 and pos = 1", 0],
        ["that removes a node", "delete from tree_nodes where level = 2 and pos = 1", 0],
        ["that adds a leaf", "insert into leaves (index, seq, hash) select 9, max(seq), '' from events", 9],
        ["that replaces the newest checkpoint by an older one", "delete from checkpoints where size = 9", 4],
        [
            "to the checkpoint",
            "update checkpoints set note = replace(note, E'\\n9\\n', E'\\n8\\n') where size = 9",
            null,
        ],
    ])("%s is detected, with the index", async (_, sql, index) => {
        await recordEvents(4)
        await sequenceNext()
        await recordEvents(5)
        await sequenceNext()
        await recordEvents(1)
        expect((await act(verifyAuditLog)).verdict.ok).toBe(true)
        await tamper(sql)
        expect((await act(verifyAuditLog)).verdict).toMatchObject({ ok: false, index })
    })
})

describe("the routes", () => {
    const ask = async (path: string, query: object = {}) => {
        const found = routes.find((route) => route.path === path)!
        return await act((action) =>
            found.handler({ ...action, query, body: {}, params: {}, credential: null } as never),
        )
    }

    test("list events, newest first, page by page", async () => {
        const seqs = await recordEvents(103)
        await sequenceNext()
        const [last = 0] = await recordEvents(1, true)
        const first = (await ask("/api/audit-log")) as { events: object[]; next: string; unsequenced: number }
        expect(first.events).toHaveLength(100)
        expect(first.unsequenced).toBe(1)
        expect(first.events.slice(0, 2)).toMatchObject([
            { seq: last, index: null, confidential: true, body: null, at: "2025-07-08T17:00:00Z" },
            { seq: seqs[102], index: 102, confidential: false, body: { n: 102 } },
        ])
        const second = (await ask("/api/audit-log", { after: first.next })) as {
            events: { index: number }[]
            next: null
        }
        expect(second.events.map(({ index }) => index)).toEqual([3, 2, 1, 0])
        expect(second.next).toBe(null)
    })

    test("return the checkpoint, the export and the verification result", async () => {
        await expect(ask("/api/audit-log/checkpoint")).rejects.toMatchObject({ code: "audit_log.no_checkpoint" })
        await recordEvents(3)
        await sequenceNext()
        const head = (await ask("/api/audit-log/checkpoint")) as {
            size: number
            verifierKey: string
            checkpoint: string
        }
        expect(head).toMatchObject({ size: 3, at: "2025-07-08T17:00:00Z" })
        const lines = await ask("/api/audit-log/export")
        if (!(lines instanceof LinesAnswer)) throw new Error("an export is lines")
        const file = await joined(lines.lines)
        const key = parseVerifierKey(head.verifierKey)
        expect(await verifyBytes(Buffer.from(file), trusted(key))).toMatchObject({ ok: true, size: 3 })
        expect(JSON.parse(file.split("\n")[0]!)).toMatchObject({ checkpoint: head.checkpoint })
        expect(await ask("/api/audit-log/verify")).toMatchObject({ ok: true, size: 3, withheld: 0, unsequenced: 1 })
    })
})

test("another installation has another key and another name", () => {
    const other = auditLogKey(keysFrom(Buffer.alloc(32, 8)))
    expect(other.name).not.toBe(auditLogKey(keys).name)
    expect(other.publicKey).not.toEqual(auditLogKey(keys).publicKey)
    expect(auditLogKey(keys)).toMatchObject({ name: auditLogKey(keys).name, publicKey: auditLogKey(keys).publicKey })
})

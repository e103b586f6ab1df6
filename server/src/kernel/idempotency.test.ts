import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { awaitRefusalCode } from "../../../test/support/actors.ts"
import { type TestDatabase, createDatabase } from "../../../test/support/database.ts"
import { keysFrom } from "../platform/crypto/keys.ts"
import { type IdempotentCall, runIdempotently } from "./idempotency.ts"

const keys = keysFrom(Buffer.alloc(32, 7))
const remembered: IdempotentCall = {
    side: "console",
    person: "olga",
    route: "POST /api/cases",
    key: "3f0c9b4e",
    request: { title: "A flaw" },
}

let database: TestDatabase
let runs: number
beforeAll(async () => {
    database = await createDatabase()
})
afterAll(() => database.close())
beforeEach(async () => {
    runs = 0
    await database.db.transaction((tx) => tx.query("truncate idempotency_answers"))
})

const create = async () => {
    runs += 1
    return { id: `case ${runs}` }
}
const ask = (change: Partial<IdempotentCall> = {}, run: () => Promise<unknown> = create) =>
    database.db.transaction((tx) => runIdempotently(tx, keys, { ...remembered, ...change }, run))

describe("a repeated key", () => {
    test("returns the first answer and does nothing", async () => {
        const first = await ask()
        expect(await ask()).toEqual(first)
        expect(await ask()).toEqual({ id: "case 1" })
        expect(runs).toBe(1)
    })

    test("at the same time runs the action once", async () => {
        const answers = await Promise.all([ask(), ask(), ask(), ask()])
        expect(runs).toBe(1)
        expect(answers).toEqual(Array.from({ length: 4 }, () => ({ id: "case 1" })))
    })

    test("has its answer under the key of its side", async () => {
        await ask()
        await ask({ side: "portal", key: "other key" })
        const rows = await database.db.transaction((tx) => tx.query("select scope from idempotency_answers order by 1"))
        expect(rows).toEqual([{ scope: "console_answers" }, { scope: "portal_answers" }])
    })

    test.each<[string, Partial<IdempotentCall>]>([
        ["for another request", { request: { title: "Another flaw" } }],
        ["for no request", { request: undefined }],
        ["for a request with more in it", { request: { title: "A flaw", finder: "x" } }],
    ])("%s is refused", async (_, change) => {
        await ask()
        expect(await awaitRefusalCode(ask(change))).toBe("request.key_reused")
        expect(runs).toBe(1)
    })

    test.each<[string, Partial<IdempotentCall>]>([
        ["of another person", { person: "omar" }],
        ["for another route", { route: "POST /api/partners" }],
        ["with another letter", { key: "3f0c9b4f" }],
        ["that only adds up to the same", { person: "olgaP", route: "OST /api/cases" }],
    ])("%s is another key", async (_, change) => {
        await ask()
        expect(await ask(change)).toEqual({ id: "case 2" })
    })

    test("after a failed attempt runs the action", async () => {
        const broken = () => Promise.reject(new Error("the connection broke"))
        await expect(ask({}, broken)).rejects.toThrow("broke")
        expect(await ask()).toEqual({ id: "case 1" })
    })

    test("after an attempt that failed at the end runs the action", async () => {
        const failing = database.db.transaction(async (tx) => {
            await runIdempotently(tx, keys, remembered, create)
            throw new Error("the connection broke")
        })
        await expect(failing).rejects.toThrow("broke")
        expect(await ask()).toEqual({ id: "case 2" })
    })

    test("returns no answer where the first request had none", async () => {
        await ask({}, async () => undefined)
        expect(await ask()).toBe(null)
        expect(runs).toBe(0)
    })
})

test.each([
    [7, "request.bad_idempotency_key"],
    [8, "done"],
    [128, "done"],
    [129, "request.bad_idempotency_key"],
])("a key of %d characters is %s", async (length, expected) => {
    expect(await awaitRefusalCode(ask({ key: "k".repeat(length) }))).toBe(expected)
    expect(runs).toBe(expected === "done" ? 1 : 0)
})

test("answers, requests and keys are not readable in the database", async () => {
    await ask({}, async () => ({ link: "a-secret-that-is-shown-once" }))
    const rows = await database.db.transaction((tx) =>
        tx.query<{ row: string; box: Buffer }>(
            "select r::text as row, answer_ciphertext as box from idempotency_answers r",
        ),
    )
    expect(rows).toHaveLength(1)
    expect(rows[0]?.box.includes("shown-once")).toBe(false)
    expect(rows[0]?.row).not.toMatch(/olga|flaw|3f0c9b4e/)
})

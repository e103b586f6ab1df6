/** What a stolen database and key reveal about secrets that were shown once. */
import { afterAll, beforeAll, expect, test } from "vitest"
import { keysFrom } from "../../server/src/platform/crypto/keys.ts"
import { runIdempotently } from "../../server/src/kernel/idempotency.ts"
import { type TestDatabase, createDatabase } from "../support/database.ts"

const keys = keysFrom(Buffer.alloc(32, 7))
let database: TestDatabase
beforeAll(async () => {
    database = await createDatabase()
})
afterAll(() => database.close())

const ask = (key: string) =>
    database.db.transaction((tx) =>
        runIdempotently(
            tx,
            keys,
            { side: "console", person: "olga", route: "POST /api/tokens", key, request: null },
            async () => key,
        ),
    )
const age = (hours: number) =>
    database.db.transaction((tx) =>
        tx.query("update idempotency_answers set at = at - make_interval(hours => $1)", [hours]),
    )
const kept = async () => (await database.db.transaction((tx) => tx.query("select key from idempotency_answers"))).length

test("an answer is forgotten after a day, at the next request", async () => {
    await ask("the first")
    await age(23)
    await ask("the second")
    expect(await kept()).toBe(2)
    await age(2)
    await Promise.all([ask("the third"), ask("the fourth")])
    expect(await kept()).toBe(3)
})

/** Tests that the last use of a token is stored: when and from where, once a minute. */
import { afterAll, beforeAll, expect, test } from "vitest"
import {
    type Acting,
    actingOn,
    awaitRefusalCode,
    createStaffMember,
    testServices,
} from "../../../../../test/support/actors.ts"
import { type TestDatabase, createDatabase } from "../../../../../test/support/database.ts"
import { dayMs } from "@tocsin/base/instant"
import type { Actor } from "../../../kernel/actor.ts"
import { endCallerToken, findActor, hashOf, issueCredential, issueToken, listCallerTokens } from "./sign-in.ts"
import { collectTokenUses } from "./collect-token-uses.ts"

const clock = { now: Date.parse("2025-07-08T17:00:00Z") }
const real = { now: Date.parse("2026-01-01T00:00:00Z") }

let database: TestDatabase
let acting: Acting
let olga: Actor & { person: string }

beforeAll(async () => {
    database = await createDatabase()
    acting = actingOn({ ...testServices(database, clock), realNow: () => real.now }, clock)
    olga = await createStaffMember(acting, ["manager", "admin"])
})
afterAll(() => database.close())

const tokens = async () => await acting(olga, listCallerTokens)

test("a token has a name and ends after its days", async () => {
    const secret = await acting(olga, (ctx) => issueToken(ctx, " SIEM, collector 2 ", 30))
    expect(await tokens()).toMatchObject([
        { name: "SIEM, collector 2", expiresAt: real.now + 30 * dayMs, lastUsedAt: null, lastUsedFrom: null },
    ])
    const isLive = async (at: number) =>
        (await database.db.transaction((tx) => findActor(tx, "console", hashOf(secret), at))) !== null
    expect([await isLive(real.now + 30 * dayMs - 1), await isLive(real.now + 30 * dayMs)]).toEqual([true, false])
})

test.each(["", "   ", "x".repeat(61), "a\u202eb"])("a token is refused the name %j", async (name) => {
    expect(await awaitRefusalCode(acting(olga, (ctx) => issueToken(ctx, name, 30)))).toBe("identity.bad_token_name")
})

test("uses are stored by each write, the latest counts, and the address goes with the token", async () => {
    const log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }
    const uses = collectTokenUses({ db: database.db, log, realNow: () => real.now })
    const hash = hashOf(await acting(olga, (ctx) => issueToken(ctx, "scanner", 90)))
    const session = hashOf(await acting(olga, (ctx) => issueCredential(ctx, olga.person, "session")))
    const lastUse = async () => {
        const { lastUsedAt = null, lastUsedFrom = null } = (await tokens()).find(({ name }) => name === "scanner") ?? {}
        return [lastUsedAt, lastUsedFrom]
    }
    const first = real.now
    uses.note(hash, "192.0.2.1")
    uses.note(session, "192.0.2.9")
    expect(await lastUse()).toEqual([null, null])
    await uses.flush()
    expect(await lastUse()).toEqual([first, "192.0.2.1"])
    real.now += 1
    uses.note(hash, "192.0.2.2")
    await uses.flush()
    expect(await lastUse()).toEqual([first + 1, "192.0.2.2"])
    real.now -= 1
    uses.note(hash, "192.0.2.3")
    await uses.flush()
    expect(await lastUse()).toEqual([first + 1, "192.0.2.2"])
    await acting(olga, (ctx) => endCallerToken(ctx, hash.toString("hex", 0, 8)))
    const [row] = await database.db.transaction((tx) =>
        tx.query("select last_used_from as origin from credentials where hash = $1", [hash]),
    )
    expect(row).toEqual({ origin: null })
})

/** Tests that the last use of a token is stored: when and from where, once a minute. */
import { afterAll, beforeAll, expect, test } from "vitest"
import {
    type Acting,
    actingOn,
    awaitRefusalCode,
    createStaffMember,
    listEvents,
    testServices,
} from "../../../../../../test/support/actors.ts"
import { type TestDatabase, createDatabase } from "../../../../../../test/support/database.ts"
import { dayMs, hourMs } from "@tocsin/base/instant"
import type { Actor } from "../../../../kernel/actor.ts"
import { findActor, hashOf, issueCredential } from "../../actions/sign-in.ts"
import type { NewToken } from "../token.ts"
import { endCallerToken, issueToken, listCallerTokens } from "./manage-tokens.ts"
import { collectUses } from "./collect-uses.ts"

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

const issue = async (name: string, options: Partial<NewToken> = {}) => {
    const token: NewToken = { name, days: 30, scopes: ["poll"], networks: [], key: null, certificate: null }
    const session = hashOf(await acting(olga, (ctx) => issueCredential(ctx, olga.person, "session")))
    return await acting(olga, (ctx) => issueToken(ctx, session, { ...token, ...options }))
}
const tokens = async () => await acting(olga, listCallerTokens)

test("a token has a name and ends after its days", async () => {
    const secret = await issue(" SIEM, collector 2 ")
    expect(await tokens()).toMatchObject([
        { name: "SIEM, collector 2", expiresAt: real.now + 30 * dayMs, lastUsedAt: null, lastUsedFrom: null },
    ])
    const isLive = async (at: number) =>
        (await database.db.transaction((tx) => findActor(tx, "console", hashOf(secret), at))) !== null
    expect([await isLive(real.now + 30 * dayMs - 1), await isLive(real.now + 30 * dayMs)]).toEqual([true, false])
})

test.each(["", "   ", "x".repeat(61), "a\u202eb"])("a token is refused the name %j", async (name) => {
    expect(await awaitRefusalCode(issue(name))).toBe("identity.bad_token_name")
})

test("uses are stored by each write, the latest counts, and the address goes with the token", async () => {
    const uses = collectUses({ ...testServices(database, clock), realNow: () => real.now })
    const hash = hashOf(await issue("scanner"))
    const session = hashOf(await acting(olga, (ctx) => issueCredential(ctx, olga.person, "session")))
    const lastUse = async () => {
        const { lastUsedAt = null, lastUsedFrom = null } = (await tokens()).find(({ name }) => name === "scanner") ?? {}
        return [lastUsedAt, lastUsedFrom]
    }
    const first = real.now
    uses.note({ hash, from: "192.0.2.1", device: null })
    uses.note({ hash: session, from: "192.0.2.9", device: null })
    expect(await lastUse()).toEqual([null, null])
    await uses.flush()
    expect(await lastUse()).toEqual([first, "192.0.2.1"])
    real.now += 1
    uses.note({ hash, from: "192.0.2.2", device: null })
    await uses.flush()
    expect(await lastUse()).toEqual([first + 1, "192.0.2.2"])
    real.now -= 1
    uses.note({ hash, from: "192.0.2.3", device: null })
    await uses.flush()
    expect(await lastUse()).toEqual([first + 1, "192.0.2.2"])
    await acting(olga, (ctx) => endCallerToken(ctx, hash.toString("hex", 0, 8)))
    const [row] = await database.db.transaction((tx) =>
        tx.query("select last_used_from_ciphertext as origin from credentials where hash = $1", [hash]),
    )
    expect(row).toEqual({ origin: null })
})

test("uses from another network are recorded once an hour, and unknown tokens never", async () => {
    const uses = collectUses({ ...testServices(database, clock), realNow: () => real.now })
    const hash = hashOf(await issue("collector", { networks: ["192.0.2.0/24"] }))
    const countRefusals = async () =>
        (await listEvents(database)).filter(({ kind }) => kind === "credential.refused").length
    const refuseAt = async (now: number, from: string) => {
        real.now = now
        uses.noteRefused({ hash, from, device: null })
        uses.noteRefused({ hash: hashOf("unknown"), from, device: null })
        await uses.flush()
        return await countRefusals()
    }
    const start = real.now
    expect(await refuseAt(start, "192.0.2.7")).toBe(0)
    expect(await refuseAt(start, "203.0.113.1")).toBe(1)
    expect(await refuseAt(start + hourMs - 1, "203.0.113.2")).toBe(1)
    expect(await refuseAt(start + hourMs, "203.0.113.1")).toBe(2)
    expect((await tokens()).find(({ name }) => name === "collector")?.refusedAt).toBe(start + hourMs)
})

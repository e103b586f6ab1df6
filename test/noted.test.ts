/**
 * Every table that decides what a partner sees announces its changes, which leases rely on (migration 0042). The tables
 * are taken from the statements that polls really send.
 */
import pg from "pg"
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest"
import { parseInstant } from "@tocsin/base/instant"
import { issueCredential } from "../server/src/trust/identity/actions.ts"
import { setCircle } from "../server/src/trust/partners/roster/actions/access-lists-for-partner.ts"
import { recallArtifact } from "../server/src/share/artifacts/actions/find-recalls.ts"
import { aliasFor } from "../server/src/share/delivery/actions/aliases.ts"
import { leasesGiven } from "../server/src/share/delivery/feed/actions/leases.ts"
import { fetchCopy } from "../server/src/share/delivery/actions/fetch-copy.ts"
import { type Portal, portalOf } from "./support/polled-pages.ts"
import { type Program, type TestPartner, fall, newArtifact, newCase, newPartner, program } from "./support/program.ts"

let world: Program
let partner: TestPartner
let tokens: readonly string[]
let portals: readonly Portal[]
let tables: readonly string[]
const noted = new Map<string, string>()

beforeAll(async () => {
    world = await program()
    world.clock.now = parseInstant("2025-06-24T17:00:00Z")
    partner = await newPartner(world, "validate")
    const people = [partner.lead, partner.analyst]
    tokens = await Promise.all(
        people.map((actor) => world.acting(actor, (ctx) => issueCredential(ctx, actor.person, "token"))),
    )
    const [subject, other] = [await newCase(world, "toolshell"), await newCase(world, "bypass")]
    const summary = await newArtifact(world, subject, "summary", "toolshell/summary.md")
    await fall(world, subject, "validate", [
        summary,
        await newArtifact(world, subject, "rules", "toolshell/indicators.json"),
    ])
    await fall(world, other, "validate", [await newArtifact(world, other, "summary", "toolshell/summary.md")])
    await world.acting(partner.lead, (ctx) => setCircle(ctx, other, [partner.lead.person]))
    await world.acting(partner.analyst, (ctx) =>
        fetchCopy(ctx, aliasFor(ctx.services.keys, partner.id, "artifact", summary)),
    )
    await world.acting(world.author, (ctx) => recallArtifact(ctx, summary, { version: null, reason: "It was wrong." }))
    portals = [await portalOf(world), await portalOf(world, { marksPolled: true })]
    await world.acting(partner.lead, async ({ tx }) => {
        tables = (
            await tx.query<{ name: string }>("select tablename as name from pg_tables where schemaname = 'public'")
        ).map(({ name }) => name)
        const triggers = await tx.query<{ table: string; text: string }>(
            `select relname as table, pg_get_triggerdef(t.oid) as text from pg_trigger t join pg_class c on c.oid =
                tgrelid
             where tgname = 'noted' and tgenabled = 'O'`,
        )
        for (const { table, text } of triggers) noted.set(table, text)
    })
}, 120_000)
afterEach(() => vi.restoreAllMocks())
afterAll(async () => {
    for (const { app } of portals) await app.close()
    await world.database.close()
})

/** Returns the tables in the statements of this work. */
async function named(work: () => Promise<unknown>): Promise<Set<string>> {
    const query = Reflect.get(pg.Client.prototype, "query") as (...given: unknown[]) => Promise<unknown>
    const texts: string[] = []
    vi.spyOn(pg.Client.prototype, "query").mockImplementation(function (this: unknown, ...given: unknown[]) {
        const [request] = given as [{ readonly text: string }]
        texts.push(request.text)
        return query.apply(this, given) as never
    })
    await work()
    vi.restoreAllMocks()
    const text = texts.join("\n")
    return new Set(tables.filter((table) => new RegExp(`\\b(from|join|into|update)\\s+${table}\\b`).test(text)))
}

async function poll({ app }: Portal, token: string): Promise<void> {
    const headers = { authorization: `Bearer ${token}` }
    const answer = await app.inject({ url: "/taxii2/api/collections/warnings/objects/", headers })
    expect(answer.statusCode).toBe(200)
    await leasesGiven(world.services.db)
}

/** Tables that each poll reads, despite caches: caller, clocks and feed log; and written tables. */
const elsewhere = [
    "credentials",
    "clock_guard",
    "feed_batches",
    "feed_runs",
    "feed_states",
    "events",
    "pending_events",
    "unsequenced_events",
    "changes",
]
/** Tables read to render a decided text, whose fingerprint fixes its content. Confidential actions change them. */
const forTexts = ["mark_masters", "code_designs"]

/** Longer than any lease. */
const pastLeases = 10_001

test("every table that decides what is shown announces its changes", async () => {
    const requests = await named(async () => {
        for (const portal of portals) {
            // Both keep the feed in one memory, which two processes never do.
            world.clock.now += pastLeases
            for (const token of tokens) for (let n = 0; n < 2; n++) await poll(portal, token)
        }
    })
    for (const item of ["recalls", "access_lists", "deliveries", "marked_versions", "partner_facts"])
        expect(requests).toContain(item)
    const silent = [...requests].filter((table) => ![...noted.keys(), ...elsewhere, ...forTexts].includes(table))
    expect(silent).toEqual([])
})

test("under a lease, a poll reads none of them", async () => {
    const [portal] = portals
    const [, token = ""] = tokens
    const request = portal && (await named(() => poll(portal, token)))
    expect([...(request ?? [])].filter((table) => noted.has(table))).toEqual([])
})

/** Row by row, for a partner or by a condition: these tables are never truncated. */
const byRow = (text: string): boolean => text.includes("FOR EACH ROW")

test.each(["insert", "update", "delete", "truncate"])("of all of them: %s", (how) => {
    for (const [table, text] of noted) {
        const isNever = (table === "data_keys" && how === "insert") || (how === "truncate" && byRow(text))
        expect(text.toLowerCase().includes(how), `${table}: ${text}`).toBe(!isNever)
    }
})

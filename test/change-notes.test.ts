/**
 * Every table that decides what a partner sees is checked for noted changes, which leases rely on. The tables are taken
 * from the statements that polls really send.
 */
import pg from "pg"
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest"
import { parseInstant } from "@tocsin/base/instant"
import { issueCredential } from "../server/src/trust/identity/actions/sign-in.ts"
import { setAccessList } from "../server/src/trust/partners/roster/actions/manage-access-lists.ts"
import { recallArtifact } from "../server/src/share/artifacts/actions/recall-artifact.ts"
import { aliasFor } from "../server/src/share/delivery/actions/resolve-alias.ts"
import { fetchCopy } from "../server/src/share/delivery/actions/fetch-copy.ts"
import { tablesBehindFeeds } from "./support/change-notes.ts"
import { type Portal, openPortal } from "./support/polled-pages.ts"
import {
    type Program,
    type TestPartner,
    releaseWaveNow,
    newArtifact,
    newCase,
    newPartner,
    createProgram,
} from "./support/program.ts"

let world: Program
let partner: TestPartner
let tokens: readonly string[]
let portals: readonly Portal[]
let tables: readonly string[]

beforeAll(async () => {
    world = await createProgram()
    world.clock.now = parseInstant("2025-06-24T17:00:00Z")
    partner = await newPartner(world, "validate")
    const people = [partner.lead, partner.analyst]
    tokens = await Promise.all(
        people.map((actor) => world.acting(actor, (ctx) => issueCredential(ctx, actor.person, "token"))),
    )
    const [subject, other] = [await newCase(world, "toolshell"), await newCase(world, "bypass")]
    const summary = await newArtifact(world, subject, "summary", "toolshell/summary.md")
    await releaseWaveNow(world, subject, "validate", [
        summary,
        await newArtifact(world, subject, "rules", "toolshell/indicators.json"),
    ])
    await releaseWaveNow(world, other, "validate", [await newArtifact(world, other, "summary", "toolshell/summary.md")])
    await world.acting(partner.lead, (ctx) => setAccessList(ctx, other, [partner.lead.person]))
    await world.acting(partner.analyst, (ctx) =>
        fetchCopy(ctx, aliasFor(ctx.services.keys, partner.id, "artifact", summary)),
    )
    await world.acting(world.author, (ctx) => recallArtifact(ctx, summary, { version: null, reason: "It was wrong." }))
    portals = [await openPortal(world), await openPortal(world, { marksTaxiiTexts: true })]
    await world.acting(partner.lead, async ({ tx }) => {
        tables = (
            await tx.query<{ name: string }>("select tablename as name from pg_tables where schemaname = 'public'")
        ).map(({ name }) => name)
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
/**
 * Tables whose changes alter no feed: deliveries count for later recalls only, marks are committed once, and keys and
 * designs render a text whose fingerprint fixes its content. A destroyed key also changes its case, which is noted.
 */
const changingNothing = ["deliveries", "marked_versions", "mark_masters", "code_designs", "data_keys", "destroyed_keys"]

/** Longer than any lease. */
const pastLeases = 10_001

test("every table that a poll reads is checked for noted changes", async () => {
    const requests = await named(async () => {
        for (const portal of portals) {
            world.clock.now += pastLeases
            for (const token of tokens) for (let n = 0; n < 2; n++) await poll(portal, token)
        }
    })
    for (const item of ["recalls", "access_lists", "partner_facts"]) expect(requests).toContain(item)
    const unchecked = [...requests].filter(
        (table) => ![...tablesBehindFeeds, ...elsewhere, ...changingNothing].includes(table),
    )
    expect(unchecked).toEqual([])
})

test("a poll under a lease reads none of them", async () => {
    const [portal] = portals
    const [, token = ""] = tokens
    for (let n = 0; n < 2; n++) await (portal && poll(portal, token))
    const request = portal && (await named(() => poll(portal, token)))
    expect([...(request ?? [])].filter((table) => tablesBehindFeeds.includes(table))).toEqual([])
})

test("a change without a note is refused in every test", async () => {
    const forgetful = world.acting(world.manager, ({ tx }) =>
        tx.query("update cases set revision = revision where id = (select id from cases limit 1)"),
    )
    await expect(forgetful).rejects.toThrow("a change of cases is not noted")
})

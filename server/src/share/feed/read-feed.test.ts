/** A feed is kept in memory, and computed again as soon as it may differ. */
import { afterEach, beforeEach, expect, test } from "vitest"
import { type Program, type TestPartner, newPartner, createProgram } from "../../../../test/support/program.ts"
import { lockToUpdateFeed } from "../../kernel/locks.ts"
import type { ActionContext } from "../../kernel/action-context.ts"
import type { Feed } from "./actions/lease-feed.ts"
import { listUndelivered, readFeed } from "./actions/read-feed.ts"
import { Rows } from "./rows.ts"
import { type View, Views } from "./actions/cache-views.ts"
import { setDelivered } from "./store.ts"

let world: Program
let partner: TestPartner
let there: readonly string[] = []
let made = 0

const things: Feed<{ readonly name: string }> = {
    collection: "warnings",
    load: async () => ({
        fingerprint: there.join(),
        loadItems: async (before) => {
            made++
            return there.map((name) => before.find((item) => item.name === name) ?? { name })
        },
    }),
    keyOf: ({ name }) => name,
    bytesOf: ({ name }) => name.length,
}

beforeEach(async () => {
    world = await createProgram()
    partner = await newPartner(world, "entry")
    there = ["a", "b"]
    made = 0
}, 120_000)
afterEach(() => world.database.close())

const actAsPartner = <T>(work: (ctx: ActionContext) => Promise<T>) => world.acting(partner.analyst, work)
/** Acts as another process with its own cache. */
const actInOtherProcess = <T>(work: (ctx: ActionContext) => Promise<T>) =>
    actAsPartner((ctx) => work({ ...ctx, services: { ...ctx.services, db: otherDb } }))
const reject = () => Promise.reject(new Error("nobody asks it"))
const otherDb = { transaction: reject, statement: reject, close: async () => undefined }
const rows = (ctx: ActionContext) => readFeed(ctx, things)
const listEntries = async (ctx: ActionContext) =>
    [...(await rows(ctx))].map(({ item: subject, added }) => `${subject.name} ${added}`)

test("an unchanged feed is computed once", async () => {
    const first = await actAsPartner(listEntries)
    expect(await actAsPartner(listEntries)).toEqual(first)
    expect(made).toBe(1)
})

test("a change is served at once, and unchanged entries keep their instant", async () => {
    const [a] = await actAsPartner(listEntries)
    there = ["a", "c"]
    const [still, c, ...others] = await actAsPartner(listEntries)
    expect([still, others]).toEqual([a, []])
    expect(c).toMatch(/^c /)
    there = []
    expect(await actAsPartner(listEntries)).toEqual([])
    there = ["a"]
    const [again] = await actAsPartner(listEntries)
    expect(again).toMatch(/^a /)
    expect(again).not.toBe(a)
})

test("instants of a failed transaction are not used", async () => {
    const failed = actAsPartner(async (ctx) => {
        const dates = await listEntries(ctx)
        throw new Error(dates.join())
    })
    const dates = await failed.catch((error: Error) => error.message.split(","))
    world.clock.now += 5000
    const given = await actInOtherProcess(listEntries)
    expect(given).not.toEqual(dates)
    expect(await actAsPartner(listEntries)).toEqual(given)
})

test("instants of another process are used", async () => {
    await actAsPartner(listEntries)
    there = ["a", "b", "c"]
    world.clock.now += 1000
    const given = await actInOtherProcess(listEntries)
    world.clock.now += 1000
    expect(await actAsPartner(listEntries)).toEqual(given)
    there = ["a", "b"]
    await actInOtherProcess(listEntries)
    there = ["a", "b", "c"]
    world.clock.now += 1000
    const later = await actInOtherProcess(listEntries)
    expect(await actAsPartner(listEntries)).toEqual(later)
    expect(later).not.toEqual(given)
})

test("a delivery is recorded unless it is rolled back", async () => {
    const fresh = async (ctx: ActionContext) =>
        (await listUndelivered(ctx, [...(await rows(ctx))])).map(({ item: subject }) => subject.name)
    const handOut = async (ctx: ActionContext) => {
        const values = await rows(ctx)
        await setDelivered(ctx.tx, partner.id, [values.at(0)?.added ?? 0])
    }
    await actAsPartner(async (ctx) => {
        await handOut(ctx)
        throw new Error("no")
    }).catch(() => undefined)
    expect(await actAsPartner(fresh)).toEqual(["a", "b"])
    await actInOtherProcess(handOut)
    expect(await actAsPartner(fresh)).toEqual(["b"])
    expect([...(await actAsPartner(rows))].map(({ delivered }) => delivered)).toEqual([true, false])
})

test("two people of one partner have separate feeds", async () => {
    await actAsPartner(listEntries)
    there = ["b"]
    const lead = await world.acting(partner.lead, rows)
    expect([...lead].map(({ item: subject }) => subject.name)).toEqual(["b"])
    there = ["a", "b"]
    expect([...(await actAsPartner(rows))].map(({ item: subject }) => subject.name)).toEqual(["a", "b"])
})

test("a reader that waited is served as of the later instant", async () => {
    const gone = world.clock.now + 2000
    const until: typeof things = {
        ...things,
        load: async ({ now }) => ({
            fingerprint: String(now < gone),
            loadItems: async () => (now < gone ? [{ name: "a" }] : []),
        }),
    }
    const namesOf = async (ctx: ActionContext) =>
        [...(await readFeed(ctx, until))].map(({ item: subject }) => subject.name)
    expect(await actAsPartner(namesOf)).toEqual(["a"])
    const ended = Promise.withResolvers<void>()
    const held = Promise.withResolvers<void>()
    const holding = world.acting(partner.lead, async (ctx) => {
        await lockToUpdateFeed(ctx.tx, partner.id)
        held.resolve()
        await ended.promise
    })
    await held.promise
    const { promise: again, resolve: isAsked } = Promise.withResolvers<void>()
    const waiting = actAsPartner((ctx) => {
        // Like the database: a query behind the lock is answered behind it.
        const clock = { now: async () => (await ctx.tx.query("select 1"), world.clock.now) }
        const asking = { ...until, load: (action: ActionContext) => (isAsked(), until.load(action)) }
        const names = readFeed({ ...ctx, services: { ...ctx.services, clock } }, asking)
        return names.then((rows) => [...rows].map(({ item: subject }) => subject.name))
    })
    await again
    world.clock.now = gone
    ended.resolve()
    await holding
    expect(await waiting).toEqual([])
})

const emptyView = (): View<never> => ({
    ...{ fingerprint: "", decisions: null, items: [], rows: new Rows([], []), stateId: "" },
    ...{ known: null, lease: null, wholeAt: 0 },
})
const half = 128 * 1024 * 1024

test("the least recently used view is evicted", () => {
    const views = new Views(2 * half)
    const put = (name: string, bytes: number) => views.set(name, emptyView(), new Map([[{}, bytes]]))
    put("a", half)
    put("b", half)
    views.get("a")
    put("c", half)
    expect(["a", "b", "c"].map((name) => views.get(name) !== null)).toEqual([true, false, true])
    put("too much", 3 * half)
    expect(views.get("too much")).toBeNull()
    put("a", 1)
    put("b", half)
    expect(["a", "b"].map((name) => views.get(name) !== null)).toEqual([true, true])
})

test("an object in several views is counted once, until the last view is gone", () => {
    const views = new Views(2 * half)
    const [shared, own] = [{}, {}]
    for (const name of ["a", "b", "c"]) views.set(name, emptyView(), new Map([[shared, half]]))
    views.set("d", emptyView(), new Map([[own, half]]))
    expect(["a", "b", "c", "d"].map((name) => views.get(name) !== null)).toEqual([true, true, true, true])
    views.set("e", emptyView(), new Map([[{}, half]]))
    expect(["a", "b", "c", "d", "e"].map((name) => views.get(name) !== null)).toEqual([false, false, false, true, true])
})

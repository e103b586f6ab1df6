/** A feed is kept in memory, and computed again as soon as it may differ. */
import { afterEach, beforeEach, expect, test } from "vitest"
import { type Program, type TestPartner, newPartner, program } from "../../../../test/support/program.ts"
import { lockToUpdateFeed } from "../../kernel/locks.ts"
import type { ActionContext } from "../../kernel/action-context.ts"
import type { Feed } from "./actions/lease-feed.ts"
import { listUndelivered, readFeed } from "./actions/read-feed.ts"
import { Rows } from "./rows.ts"
import { type View, Views } from "./actions/views.ts"
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
    world = await program()
    partner = await newPartner(world, "entry")
    there = ["a", "b"]
    made = 0
}, 120_000)
afterEach(() => world.database.close())

const acting = <T>(work: (ctx: ActionContext) => Promise<T>) => world.acting(partner.analyst, work)
/** As another process does, which keeps what it has itself. */
const elsewhere = <T>(work: (ctx: ActionContext) => Promise<T>) =>
    acting((ctx) => work({ ...ctx, services: { ...ctx.services, db: other } }))
const nobody = () => Promise.reject(new Error("nobody asks it"))
const other = { transaction: nobody, statement: nobody, close: async () => undefined }
const rows = (ctx: ActionContext) => readFeed(ctx, things)
const shown = async (ctx: ActionContext) =>
    [...(await rows(ctx))].map(({ item: subject, added }) => `${subject.name} ${added}`)

test("an unchanged feed is made once", async () => {
    const first = await acting(shown)
    expect(await acting(shown)).toEqual(first)
    expect(made).toBe(1)
})

test("a change is served at once, and what stays keeps its instant", async () => {
    const [a] = await acting(shown)
    there = ["a", "c"]
    const [still, c, ...others] = await acting(shown)
    expect([still, others]).toEqual([a, []])
    expect(c).toMatch(/^c /)
    there = []
    expect(await acting(shown)).toEqual([])
    there = ["a"]
    const [again] = await acting(shown)
    expect(again).toMatch(/^a /)
    expect(again).not.toBe(a)
})

test("instants of a failed transaction were never given", async () => {
    const failed = acting(async (ctx) => {
        const dates = await shown(ctx)
        throw new Error(dates.join())
    })
    const dates = await failed.catch((error: Error) => error.message.split(","))
    world.clock.now += 5000
    const given = await elsewhere(shown)
    expect(given).not.toEqual(dates)
    expect(await acting(shown)).toEqual(given)
})

test("instants that another process gave are used", async () => {
    await acting(shown)
    there = ["a", "b", "c"]
    world.clock.now += 1000
    const given = await elsewhere(shown)
    world.clock.now += 1000
    expect(await acting(shown)).toEqual(given)
    there = ["a", "b"]
    await elsewhere(shown)
    there = ["a", "b", "c"]
    world.clock.now += 1000
    const later = await elsewhere(shown)
    expect(await acting(shown)).toEqual(later)
    expect(later).not.toEqual(given)
})

test("a delivery is remembered unless it was rolled back", async () => {
    const fresh = async (ctx: ActionContext) =>
        (await listUndelivered(ctx, [...(await rows(ctx))])).map(({ item: subject }) => subject.name)
    const handOut = async (ctx: ActionContext) => {
        const values = await rows(ctx)
        await setDelivered(ctx.tx, partner.id, [values.at(0)?.added ?? 0])
    }
    await acting(async (ctx) => {
        await handOut(ctx)
        throw new Error("no")
    }).catch(() => undefined)
    expect(await acting(fresh)).toEqual(["a", "b"])
    await elsewhere(handOut)
    expect(await acting(fresh)).toEqual(["b"])
    expect([...(await acting(rows))].map(({ delivered }) => delivered)).toEqual([true, false])
})

test("two people of one partner have a feed each", async () => {
    await acting(shown)
    there = ["b"]
    const lead = await world.acting(partner.lead, rows)
    expect([...lead].map(({ item: subject }) => subject.name)).toEqual(["b"])
    there = ["a", "b"]
    expect([...(await acting(rows))].map(({ item: subject }) => subject.name)).toEqual(["a", "b"])
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
    expect(await acting(namesOf)).toEqual(["a"])
    const ended = Promise.withResolvers<void>()
    const held = Promise.withResolvers<void>()
    const holding = world.acting(partner.lead, async (ctx) => {
        await lockToUpdateFeed(ctx.tx, partner.id)
        held.resolve()
        await ended.promise
    })
    await held.promise
    const { promise: again, resolve: isAsked } = Promise.withResolvers<void>()
    const waiting = acting((ctx) => {
        // As the database's is: what is asked behind the lock is answered behind it.
        const clock = { now: async () => (await ctx.tx.query("select 1"), world.clock.now) }
        const asking = { ...until, see: (action: ActionContext) => (isAsked(), until.load(action)) }
        const names = readFeed({ ...ctx, services: { ...ctx.services, clock } }, asking)
        return names.then((rows) => [...rows].map(({ item: subject }) => subject.name))
    })
    await again
    world.clock.now = gone
    ended.resolve()
    await holding
    expect(await waiting).toEqual([])
})

const nothing = (): View<never> => ({
    ...{ fingerprint: "", decisions: null, items: [], rows: new Rows([], []), stateId: "" },
    ...{ known: null, lease: null, wholeAt: 0 },
})
const half = 128 * 1024 * 1024

test("the view that was used longest ago makes room", () => {
    const views = new Views(2 * half)
    const put = (name: string, bytes: number) => views.set(name, nothing(), new Map([[{}, bytes]]))
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
    for (const name of ["a", "b", "c"]) views.set(name, nothing(), new Map([[shared, half]]))
    views.set("d", nothing(), new Map([[own, half]]))
    expect(["a", "b", "c", "d"].map((name) => views.get(name) !== null)).toEqual([true, true, true, true])
    views.set("e", nothing(), new Map([[{}, half]]))
    expect(["a", "b", "c", "d", "e"].map((name) => views.get(name) !== null)).toEqual([false, false, false, true, true])
})

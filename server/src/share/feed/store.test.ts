/** The feed log, stored in batches and runs, equals a log with one row per entry. */
import { afterEach, beforeEach, expect, test } from "vitest"
import { type Program, type TestPartner, newPartner, createProgram } from "../../../../test/support/program.ts"
import type { ActionContext } from "../../kernel/action-context.ts"
import type { Actor } from "../../kernel/actor.ts"
import { listUndelivered, readUncachedFeed } from "./actions/read-feed.ts"
import { findLastInstant, setDelivered } from "./store.ts"

let world: Program
let partner: TestPartner
beforeEach(async () => {
    world = await createProgram()
    partner = await newPartner(world, "entry")
}, 120_000)
afterEach(() => world.database.close())

/** The same numbers in each run. */
function numbers(seed: number): (below: number) => number {
    let state = seed
    return (below) => {
        state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
        return Math.floor((state / 2_147_483_648) * below)
    }
}

const names = Array.from({ length: 12 }, (_, n) => `thing ${n}`)
const collections = ["warnings", "csaf"] as const
const identity = (name: string) => name

interface Thing {
    readonly added: number
    delivered: boolean
}

/** Reads the feed from the database, without a cache. */
const readEntries = (ctx: ActionContext, subject: (typeof collections)[number], there: readonly string[]) =>
    readUncachedFeed(ctx, subject, async () => there, identity)

test.each([1, 2, 3])("entries are added, ended and delivered in any order (%d)", async (seed) => {
    const below = numbers(seed)
    const model = new Map<string, Map<string, Thing>>()
    let last = 0
    for (let n = 0; n < 60; n++) {
        const person: Actor & { readonly person: string } = [partner.analyst, partner.lead][below(2)] ?? expect.fail()
        const collection = collections[below(2)] ?? "warnings"
        const log = `${person.person} ${collection}`
        const there = names.filter(() => below(3) > 0)
        world.clock.now += below(2)
        const rows = await world.acting(person, async (ctx) => {
            const views = await readEntries(ctx, collection, there)
            const fresh = await listUndelivered(
                ctx,
                views.filter(() => below(2) === 0),
            )
            await (fresh.length > 0 &&
                setDelivered(
                    ctx.tx,
                    partner.id,
                    fresh.map(({ added }) => added),
                ))
            return { all: views, fresh }
        })
        const before = model.get(log) ?? new Map<string, Thing>()
        const after = new Map<string, Thing>()
        for (const { item: subject, added, delivered } of rows.all) {
            const known = before.get(subject)
            expect({ added, delivered }).toEqual(known ?? { added, delivered: false })
            expect(known !== undefined || added > last).toBe(true)
            after.set(subject, { added, delivered })
        }
        for (const { item: subject } of rows.fresh) {
            const thing = after.get(subject) ?? expect.fail()
            expect(thing.delivered).toBe(false)
            thing.delivered = true
        }
        expect([...after.keys()].toSorted()).toEqual(there.toSorted())
        const dates = rows.all.map(({ added }) => added)
        expect(dates).toEqual(dates.toSorted((a, b) => a - b))
        model.set(log, after)
        last = Math.max(last, ...dates)
    }
    const every = [...model.values()].flatMap((entry) => [...entry.values()].map(({ added }) => added))
    expect(new Set(every).size).toBe(every.length)
})

test("a batch of ended entries is not read, and the next entry is later", async () => {
    await world.acting(partner.lead, (ctx) => readEntries(ctx, "warnings", names))
    const before = await world.acting(partner.lead, ({ tx }) => findLastInstant(tx, partner.id))
    await world.acting(partner.lead, (ctx) => readEntries(ctx, "warnings", names.slice(6)))
    await world.acting(partner.lead, (ctx) => readEntries(ctx, "warnings", []))
    const open = await world.acting(partner.lead, ({ tx }) => tx.query("select from feed_batches where not ended"))
    expect(open).toEqual([])
    const [again] = await world.acting(partner.lead, (ctx) => readEntries(ctx, "warnings", names))
    expect(again?.added).toBeGreaterThan(before)
})

test("the database refuses a second delivery of an entry", async () => {
    const [first] = await world.acting(partner.lead, (ctx) => readEntries(ctx, "warnings", names))
    const handOut = () => world.acting(partner.lead, ({ tx }) => setDelivered(tx, partner.id, [first?.added ?? 0]))
    await handOut()
    await expect(handOut()).rejects.toThrow(/duplicate key/)
})

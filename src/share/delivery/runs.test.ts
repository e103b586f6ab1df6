/** The log of what was shown, kept in batches and runs, says what one row for each thing would. */
import fs from "node:fs"
import { afterEach, beforeEach, expect, test } from "vitest"
import { type Program, type TestPartner, newPartner, program } from "../../../test/program.ts"
import type { Act } from "../../trust/audit/actions.ts"
import type { Actor } from "../../trust/audit/actor.ts"
import { freshOf, shownNow } from "./actions/shown.ts"
import { lastShown, setDelivered, shownTo } from "./store/shown.ts"

let its: Program
let partner: TestPartner
beforeEach(async () => {
    its = await program()
    partner = await newPartner(its, "entry")
}, 120_000)
afterEach(() => its.database.close())

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
const itself = (name: string) => name

interface Thing {
    readonly added: number
    delivered: boolean
}

/** As nobody keeps anything: read from the database each time. */
const shown = (act: Act, of: (typeof collections)[number], there: readonly string[]) =>
    shownNow(act, of, async () => there, itself)

test.each([1, 2, 3])("whatever comes, goes and is handed out, in whatever order (%d)", async (seed) => {
    const below = numbers(seed)
    const model = new Map<string, Map<string, Thing>>()
    let last = 0
    for (let n = 0; n < 60; n++) {
        const who: Actor & { readonly person: string } = [partner.analyst, partner.lead][below(2)] ?? expect.fail()
        const collection = collections[below(2)] ?? "warnings"
        const log = `${who.person} ${collection}`
        const there = names.filter(() => below(3) > 0)
        its.clock.now += below(2)
        const rows = await its.acting(who, async (act) => {
            const all = await shown(act, collection, there)
            const fresh = await freshOf(
                act,
                all.filter(() => below(2) === 0),
            )
            await (fresh.length > 0 &&
                setDelivered(
                    act.tx,
                    partner.id,
                    fresh.map(({ added }) => added),
                ))
            return { all, fresh }
        })
        const before = model.get(log) ?? new Map<string, Thing>()
        const after = new Map<string, Thing>()
        for (const { of, added, delivered } of rows.all) {
            const known = before.get(of)
            expect({ added, delivered }).toEqual(known ?? { added, delivered: false })
            expect(known !== undefined || added > last).toBe(true)
            after.set(of, { added, delivered })
        }
        for (const { of } of rows.fresh) {
            const one = after.get(of) ?? expect.fail()
            expect(one.delivered).toBe(false)
            one.delivered = true
        }
        expect([...after.keys()].toSorted()).toEqual(there.toSorted())
        const dates = rows.all.map(({ added }) => added)
        expect(dates).toEqual(dates.toSorted((a, b) => a - b))
        model.set(log, after)
        last = Math.max(last, ...dates)
    }
    const every = [...model.values()].flatMap((one) => [...one.values()].map(({ added }) => added))
    expect(new Set(every).size).toBe(every.length)
})

test("of what is all gone nothing is read, and what comes next still comes later", async () => {
    await its.acting(partner.lead, (act) => shown(act, "warnings", names))
    const before = await its.acting(partner.lead, ({ tx }) => lastShown(tx, partner.id))
    await its.acting(partner.lead, (act) => shown(act, "warnings", names.slice(6)))
    await its.acting(partner.lead, (act) => shown(act, "warnings", []))
    const open = await its.acting(partner.lead, ({ tx }) => tx.query("select from shown_batches where not over"))
    expect(open).toEqual([])
    const [again] = await its.acting(partner.lead, (act) => shown(act, "warnings", names))
    expect(again?.added).toBeGreaterThan(before)
})

test("what was handed out twice is refused by the database", async () => {
    const [first] = await its.acting(partner.lead, (act) => shown(act, "warnings", names))
    const handOut = () => its.acting(partner.lead, ({ tx }) => setDelivered(tx, partner.id, [first?.added ?? 0]))
    await handOut()
    await expect(handOut()).rejects.toThrow(/duplicate key/)
})

test("what was written a row each is read as before", async () => {
    const file = new URL("../../../migrations/0044-shown-together.sql", import.meta.url)
    const [moving = ""] = fs.readFileSync(file, "utf8").split("-- What a partner fetched")
    const entry = (n: number) => n.toString(16).padStart(32, "0")
    const rows = [
        ...[10, 11, 12, 20].map((added) => [added, partner.lead.person, "warnings", added !== 11, null]),
        [13, partner.lead.person, "warnings", true, new Date(5)],
        [14, partner.lead.person, "csaf", true, null],
        [15, partner.analyst.person, "csaf", false, new Date(5)],
        [16, partner.analyst.person, "csaf", false, new Date(6)],
    ] as const
    const all = await its.acting(partner.lead, async ({ tx }) => {
        await tx.query("drop table shown_batches")
        await tx.query("drop table shown_runs")
        await tx.query(
            `create table shown (partner uuid, added bigint, person uuid, entry bytea, delivered boolean, ended_at timestamptz,
             collection text)`,
        )
        for (const [added, person, collection, delivered, ended] of rows) {
            const values = [partner.id, added, person, collection, delivered, ended, entry(Number(added))]
            await tx.query(
                `insert into shown (partner, added, person, collection, delivered, ended_at, entry)
                 values ($1, $2, $3, $4, $5, $6, decode($7, 'hex'))`,
                values,
            )
        }
        await tx.query(moving)
        const of = (person: string, collection: "warnings" | "csaf") =>
            shownTo(tx, { partner: partner.id, person, collection })
        return [
            await of(partner.lead.person, "warnings"),
            await of(partner.lead.person, "csaf"),
            await of(partner.analyst.person, "csaf"),
            await lastShown(tx, partner.id),
        ]
    })
    const row = (added: number, delivered: boolean) => ({ entry: entry(added), added, delivered })
    expect(all).toEqual([[row(10, true), row(11, false), row(12, true), row(20, true)], [row(14, true)], [], 20])
})

/** The log of what was shown, kept in batches and runs, says what one row for each thing would. */
import { afterEach, beforeEach, expect, test } from "vitest"
import { type Program, type TestPartner, newPartner, program } from "../../../test/program.ts"
import type { Act } from "../../trust/audit/actions.ts"
import type { Actor } from "../../trust/audit/actor.ts"
import { freshOf, shownNow } from "./actions/shown.ts"
import { lastShown, setDelivered } from "./store/shown.ts"

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
    const open = await its.acting(partner.lead, ({ tx }) => tx.query("select from feed_batches where not ended"))
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

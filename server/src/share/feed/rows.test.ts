/** Rows stored in columns equal rows stored as objects. */
import fc from "fast-check"
import { expect, test } from "vitest"
import { Rows } from "./rows.ts"

const items = ["a", "b", "c", "d"]
const placed = fc.record({
    item: fc.nat({ max: items.length - 1 }),
    added: fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
    delivered: fc.boolean(),
})

test("rows return what was stored, in order, with later deliveries", () => {
    fc.assert(
        fc.property(fc.array(placed), fc.nat({ max: 20 }), (list, handedOut) => {
            const rows = new Rows(items, list)
            const model = list.map(({ item, added, delivered }) => ({ of: items[item], added, delivered }))
            const found = () =>
                [...rows].map(({ item: subject, added, delivered }) => ({ of: subject, added, delivered }))
            expect(found()).toEqual(model)
            expect(rows.length).toBe(model.length)
            const [view, input] = [rows.at(handedOut), model[handedOut]]
            expect(view?.added).toBe(input?.added)
            for (const each of [view, input]) if (each !== undefined) each.delivered = true
            expect(found()).toEqual(model)
        }),
    )
})

test("there is no row before the first or after the last", () => {
    const rows = new Rows(items, [{ item: 3, added: 7, delivered: false }])
    expect([rows.at(-1), rows.at(0)?.item, rows.at(1), rows.at(0.5)]).toEqual([undefined, "d", undefined, undefined])
})

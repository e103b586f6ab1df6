import { expect, test } from "vitest"
import { reachOf } from "./package.ts"

const at = (colluders: number, needed: number) => ({ colluders, needed, worth: 100 })
const packageOf = (...merged: ReturnType<typeof at>[]) => ({ artifacts: [], partners: 1, slots: 100, merged })

test("names the most colluders, and the next step", () => {
    const reach = reachOf(packageOf(at(1, 30), at(2, 99), at(3, 240), at(4, 600)))
    expect(reach.reached?.colluders).toBe(2)
    expect(reach.next?.needed).toBe(240)
})

test("a package may identify no copy, or all colluders", () => {
    expect(reachOf(packageOf(at(1, 130)))).toMatchObject({ reached: null, next: { colluders: 1 } })
    expect(reachOf(packageOf(at(1, 30), at(2, 60)))).toMatchObject({ reached: { colluders: 2 }, next: null })
    expect(reachOf(packageOf())).toEqual({ reached: null, next: null })
})

import { expect, test } from "vitest"
import type { Entitlement } from "../../answers.ts"
import { cellOf, columnsOf, isGiven, otherGrant } from "./recipient-table.ts"

const artifacts = [
    { artifact: "rule", version: 1 },
    { artifact: "repro", version: 1 },
]

test("without groups, every recipient gets every artifact", () => {
    expect(isGiven({ recipients: ["a"], artifacts }, "a", "repro")).toBe(true)
    expect(isGiven({ recipients: ["a"], artifacts }, "b", "repro")).toBe(false)
})

test("with groups, each recipient gets the artifacts of its group", () => {
    const recipientGroups = [
        { recipients: ["a"], artifacts },
        { recipients: ["b"], artifacts: artifacts.slice(0, 1) },
    ]
    expect(isGiven({ recipients: ["a", "b"], artifacts, recipientGroups }, "b", "repro")).toBe(false)
    expect(isGiven({ recipients: ["a", "b"], artifacts, recipientGroups }, "b", "rule")).toBe(true)
})

test("a class with several artifacts shows how many have the strongest grant", () => {
    expect(cellOf(["later", "given", "given"])).toEqual({ grant: "given", count: 2, of: 3 })
    expect(cellOf([])).toEqual({ grant: "withheld", count: 0, of: 0 })
})

test("classes without an artifact have no column", () => {
    expect(columnsOf([{ id: "x", class: "rules" }])).toEqual([{ name: "rules", artifacts: ["x"] }])
})

test("an artifact comes earlier, later or never", () => {
    const from = (at: string | null) => ({ decision: { from: at } }) as Entitlement
    const at = "2025-07-03T17:00:00Z"
    expect(otherGrant(from("2025-06-24T17:00:00Z"), at)).toBe("had")
    expect(otherGrant(from("2025-07-08T17:00:00Z"), at)).toBe("later")
    expect(otherGrant(from(null), at)).toBe("withheld")
    expect(otherGrant(undefined, at)).toBe("withheld")
})

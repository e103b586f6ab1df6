import { expect, test } from "vitest"
import { unmetText } from "./unmet-text.ts"

const nameOf = (id: string) => `Case ${id}`
const part = { code: "tier_is" as const, values: ["advance", "validate"], isAll: false }

test("says what a rule requires, and the partner's tier", () => {
    const condition = { parts: [part], isAll: true }
    expect(unmetText(condition, nameOf)).toBe("Required: the partner's tier is advance or validate.")
    expect(unmetText({ ...condition, tier: "entry" }, nameOf)).toMatch(/ The partner's tier is entry\.$/)
    expect(unmetText({ ...condition, tier: null }, nameOf)).toMatch(/ The partner has no tier\.$/)
})

test("joins parts by what the rule needs of them, and names cases", () => {
    const other = { code: "case_is" as const, values: ["1"], isAll: false }
    expect(unmetText({ parts: [part, other], isAll: false }, nameOf)).toBe(
        "Required: the partner's tier is advance or validate or it belongs to Case 1, or to a bypass or variant of it.",
    )
})

test("refers to the text of a condition that has no description", () => {
    expect(unmetText({ parts: [], isAll: true }, nameOf)).toBe("This condition has no description: see its text.")
})

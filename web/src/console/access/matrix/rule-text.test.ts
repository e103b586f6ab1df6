import { expect, test } from "vitest"
import { ruleText } from "./rule-text.ts"

const first = `@id("a") @title("One; and another")\npermit (principal, action, resource);`
const second = `@id("b")\nforbid (principal, action, resource) // a remark; with a semicolon\nwhen { true };`

test("finds a rule by its id, whatever its strings and remarks hold", () => {
    expect(ruleText(`${first}\n\n${second}\n`, "a")).toBe(first)
    expect(ruleText(`${first}\n\n${second}\n`, "b")).toBe(second)
    expect(ruleText(first, "c")).toBeNull()
    expect(ruleText("", "a")).toBeNull()
})

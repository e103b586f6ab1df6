import { expect, test } from "vitest"
import { usesOf } from "./permitted-use.ts"

test("the agreement forbids, and the case's permission decides on fixes", () => {
    const obligations = [{ id: "2.1", kind: "no_offensive_use" as const, text: "" }]
    const forbidden = usesOf({ permission: { deployment: "not_allowed", text: "" } }, obligations)
    expect(forbidden.filter(({ isAllowed }) => !isAllowed).map(({ text }) => text)).toEqual([
        "Deploy fixes or mitigations before publication",
        "Test systems of third parties",
    ])
    expect(usesOf({ permission: null }, []).every(({ isAllowed }) => isAllowed)).toBe(true)
})

import { expect, test } from "vitest"
import { changesBetween, isWider } from "./effect-changes.ts"

const signed = { recipients: ["a", "b"], artifacts: [{ artifact: "guidance", version: 1 }], at: 100 }

test("equal effects have no changes", () => {
    expect(changesBetween(signed, signed)).toEqual([])
})

test("a new version, a new partner, a lost partner and an earlier instant are named", () => {
    const after = {
        recipients: ["b", "c"],
        artifacts: [
            { artifact: "guidance", version: 2 },
            { artifact: "rule", version: 1 },
        ],
        at: 50,
    }
    const changes = changesBetween(signed, after)
    expect(changes).toEqual([
        { kind: "gains", partner: "c" },
        { kind: "revised", artifact: "guidance", from: 1, to: 2 },
        { kind: "added", artifact: "rule", version: 1 },
        { kind: "loses", partner: "a" },
        { kind: "moved", from: 100, to: 50 },
    ])
    expect(changes.map(isWider)).toEqual([true, true, true, false, true])
})

test("an artifact that is no longer included is named with its version", () => {
    expect(changesBetween(signed, { ...signed, artifacts: [] })).toEqual([
        { kind: "removed", artifact: "guidance", version: 1 },
    ])
})

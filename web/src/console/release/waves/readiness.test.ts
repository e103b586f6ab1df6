import { expect, test } from "vitest"
import { type ReadinessInput, readinessOf } from "./readiness.ts"

const ready: ReadinessInput = {
    state: "approved",
    effects: { recipients: ["a"], marks: [], unready: [] },
    policy: 1,
    clocks: "trusted",
    faults: [],
    isExploited: false,
}

const missing = (input: ReadinessInput) => readinessOf(input).flatMap(({ isReady, text }) => (isReady ? [] : [text]))

test("a signed wave with tested keys misses nothing", () => {
    expect(missing(ready)).toEqual([])
})

test("each obstacle is named", () => {
    const input: ReadinessInput = {
        ...ready,
        state: "requested",
        effects: { ...ready.effects, unready: [{ partner: "a", readiness: "no_key" }] },
        clocks: "distrusted",
        isExploited: true,
    }
    expect(missing(input)).toEqual([
        "Second signature missing",
        "1 recipient without a tested key",
        "Clocks distrusted: no release",
        "Exploitation reported",
    ])
})

test("a wave without recipients is not ready", () => {
    expect(missing({ ...ready, effects: { ...ready.effects, recipients: [] } })).toEqual(["No recipients"])
})

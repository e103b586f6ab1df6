import { expect, test } from "vitest"
import { sizeSentence, slotAt, slotMarks, slotSentence } from "./slot-marks.ts"

const word = {
    kind: "synonym",
    robustness: "wording" as const,
    ranges: [{ start: 4, end: 10 }],
    forms: ["before", "earlier than"],
    size: 2,
}
const list = { kind: "order", robustness: "order" as const, ranges: [{ start: 0, end: 400 }], forms: [], size: 6 }

test("draws slots that fit on a line", () => {
    expect(slotMarks([word, list])).toEqual([{ start: 4, end: 10, look: "slot" }])
})

test("finds the smallest slot under the cursor", () => {
    expect(slotAt([list, word], 6)).toBe(word)
    expect(slotAt([list, word], 200)).toBe(list)
    expect(slotAt([word], 11)).toBeNull()
})

test("describes a slot in one line", () => {
    expect(slotSentence(word)).toBe("Slot: before | earlier than (survives editing, not rewording)")
    expect(sizeSentence(3)).toBe("3 forms, 1.6 bits.")
})

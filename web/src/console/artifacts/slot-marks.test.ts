import { expect, test } from "vitest"
import { changeBetween, slotAt, slotMarks, slotSentence, whyNoAlternative, withAlternative } from "./slot-marks.ts"

const word = {
    kind: "synonym",
    robustness: "wording" as const,
    ranges: [{ start: 4, end: 10 }],
    forms: ["before", "earlier than"],
}
const list = { kind: "order", robustness: "order" as const, ranges: [{ start: 0, end: 400 }], forms: [] }

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
})

test("finds the one change between two texts", () => {
    expect(changeBetween("abcd", "abXd")).toEqual({ from: 2, to: 3, insert: "X" })
    expect(changeBetween("aa", "aaa")).toEqual({ from: 2, to: 2, insert: "a" })
    expect(changeBetween("", "new")).toEqual({ from: 0, to: 0, insert: "new" })
})

test("offers an alternative for selected words", () => {
    expect(withAlternative("It is so.", { start: 3, end: 5 })).toBe("It {{is|is}} so.")
    expect(whyNoAlternative("It is so.", { start: 3, end: 5 })).toBeNull()
    expect(whyNoAlternative("It is so.", { start: 3, end: 3 })).toBe("select the words first")
    expect(whyNoAlternative("{{a|b}}", { start: 0, end: 7 })).toBe("select words of one line without a slot")
})

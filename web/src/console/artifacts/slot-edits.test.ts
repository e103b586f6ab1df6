import { expect, test } from "vitest"
import {
    canChooseForm,
    changeBetween,
    whyNoAlternative,
    whyNoForms,
    withAlternative,
    withForm,
    withForms,
    withoutSlot,
} from "./slot-edits.ts"

const found = { kind: "wording", ranges: [{ start: 3, end: 9 }], forms: ["before", "ahead of"] }
const authored = { kind: "alternative", ranges: [{ start: 3, end: 13 }], forms: ["is", "was"] }
const twice = {
    ...found,
    ranges: [
        { start: 0, end: 1 },
        { start: 5, end: 6 },
    ],
}

test("makes another form the text's own", () => {
    expect(withForm("It before it", found, "ahead of")?.text).toBe("It ahead of it")
    expect(withForm("It {{is|was}} so.", authored, "was")?.text).toBe("It {{was|is}} so.")
    expect(canChooseForm(found)).toBe(true)
    expect(canChooseForm(twice)).toBe(false)
    expect(canChooseForm({ ...authored, kind: "value" })).toBe(false)
})

test("writes the forms into the text, and selects those after the first", () => {
    const edit = withForms("It before it", found)
    expect(edit?.text).toBe("It {{before|ahead of}} it")
    expect(edit?.text.slice(edit.select.start, edit.select.end)).toBe("ahead of")
    expect(whyNoForms("a.md", found)).toBeNull()
    expect(whyNoForms("a.py", found)).toBe("only in prose")
    expect(whyNoForms("a.md", twice)).toBe("the slot has several places")
})

test("removes a slot that the author wrote", () => {
    expect(withoutSlot("It {{is|was}} so.", authored)?.text).toBe("It is so.")
})

test("keeps words as written where Tocsin found a slot, at all its places", () => {
    expect(withoutSlot("It before it", found)?.text).toBe("It {{=keep:before}} it")
    const both = withoutSlot("a or a", twice)
    expect(both?.text).toBe("{{=keep:a}} or {{=keep:a}}")
    expect(both?.text.slice(both.select.start, both.select.end)).toBe("{{=keep:a}}")
})

test("keeps no words of several lines, and no braces", () => {
    expect(withoutSlot("a\n\nb", { ...found, ranges: [{ start: 0, end: 4 }] })).toBeNull()
    expect(withoutSlot("{{=n:1-2}} a", { ...found, kind: "value", ranges: [{ start: 0, end: 10 }] })).toBeNull()
})

test("finds the one change between two texts", () => {
    expect(changeBetween("abcd", "abXd")).toEqual({ from: 2, to: 3, insert: "X" })
    expect(changeBetween("aa", "aaa")).toEqual({ from: 2, to: 2, insert: "a" })
    expect(changeBetween("", "new")).toEqual({ from: 0, to: 0, insert: "new" })
})

test("offers an alternative for selected words, and selects it", () => {
    const { text, select } = withAlternative("It is so.", { start: 3, end: 5 })
    expect(text).toBe("It {{is|is}} so.")
    expect(select).toEqual({ start: 8, end: 10 })
    expect(whyNoAlternative("It is so.", { start: 3, end: 5 })).toBeNull()
    expect(whyNoAlternative("It is so.", { start: 3, end: 3 })).toBe("select words to add an alternative")
    expect(whyNoAlternative("{{a|b}}", { start: 0, end: 7 })).toBe("select words of one line without a slot")
})

import fc from "fast-check"
import { expect, test } from "vitest"
import { differenceOf } from "./line-diff.ts"

const shown = (before: string, after: string) =>
    differenceOf(before, after).map(({ kind, text }) => `${{ same: " ", gone: "-", new: "+" }[kind]}${text}`)

test.each([
    ["nothing", "a\nb", "a\nb", [" a", " b"]],
    ["a line comes", "a\nc", "a\nb\nc", [" a", "+b", " c"]],
    ["a line goes", "a\nb\nc", "a\nc", [" a", "-b", " c"]],
    ["a line changes", "a\nb\nc", "a\nx\nc", [" a", "-b", "+x", " c"]],
    ["all of it", "a\nb", "x", ["-a", "-b", "+x"]],
    ["rules at the end", "a", "a\n\nb", [" a", "+", "+b"]],
])("%s", (_, before, after, expected) => {
    expect(shown(before, after)).toEqual(expected)
})

test("without added lines it is the old text, without removed lines the new text; common lines are in both", () => {
    const texts = fc.array(fc.constantFrom("a", "b", "c", ""), { minLength: 1, maxLength: 12 })
    fc.assert(
        fc.property(texts, texts, (was, is) => {
            const lines = differenceOf(was.join("\n"), is.join("\n"))
            const without = (kind: string) => lines.filter((line) => line.kind !== kind).map(({ text }) => text)
            expect(without("new")).toEqual(was)
            expect(without("gone")).toEqual(is)
            if (was.join() === is.join()) expect(lines.every(({ kind }) => kind === "same")).toBe(true)
        }),
    )
})

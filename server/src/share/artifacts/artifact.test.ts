import fc from "fast-check"
import path from "node:path"
import { describe, expect, test } from "vitest"
import { Refusal } from "@tocsin/base/refusal"
import { validateFileName } from "@tocsin/base/file-name"
import { contentCharsMax, markedCharsMax, validateContent } from "./artifact.ts"

function outcome(check: () => void): string {
    try {
        check()
        return "fine"
    } catch (error) {
        if (error instanceof Refusal) return error.code
        throw error
    }
}

describe("a file's name", () => {
    test.each(["technical.md", "poc.py", "request-web-log.yml", "a.b", "2025_07.tar.gz", `${"x".repeat(97)}.md`])(
        "`%s` is fine",
        (name) => {
            expect(outcome(() => validateFileName(name))).toBe("fine")
        },
    )

    test.each([
        ["nothing", ""],
        ["no ending", "technical"],
        ["an ending of no letters", "technical."],
        ["an ending too long", "technical.markdowns"],
        ["a point first", ".bashrc.md"],
        ["a dash first", "-rf.md"],
        ["a way up", "../technical.md"],
        ["a folder", "a/technical.md"],
        ["a folder of another system", "a\\technical.md"],
        ["a space", "technical analysis.md"],
        ["a quote", 'a".md'],
        ["a header", "a.md\r\nx: y.md"],
        ["a line's end", "technical.md\n"],
        ["a letter that looks like another", "tеchnical.md"],
        ["a device", "c:a.md"],
        ["too long", `${"x".repeat(98)}.md`],
    ])("with %s is refused", (_, name) => {
        expect(outcome(() => validateFileName(name))).toBe("artifact.bad_name")
    })

    test("that is allowed is one name in a folder, in a header and in a URL", () => {
        const near = fc.array(fc.constantFrom(..."aZ9._-/\\\"' \n%:é"), { maxLength: 12 }).map((list) => list.join(""))
        fc.assert(
            fc.property(fc.oneof(near, fc.string()), (name) => {
                if (outcome(() => validateFileName(name)) !== "fine") return
                expect(path.win32.basename(name)).toBe(name)
                expect(encodeURIComponent(name)).toBe(name)
                expect(path.extname(name).length).toBeGreaterThan(1)
            }),
            { numRuns: 2000 },
        )
    })
})

test.each([
    ["something", "a.json", "x", "fine"],
    ["nothing", "a.json", "", "artifact.empty"],
    ["spaces alone", "a.json", " \n\t", "artifact.empty"],
    ["as much as is allowed", "a.log", "x".repeat(contentCharsMax), "fine"],
    ["one character too many", "a.log", "x".repeat(contentCharsMax + 1), "artifact.too_large"],
    ["as much as is marked", "a.py", "x".repeat(markedCharsMax), "fine"],
    ["one character too many to be marked", "a.MD", "x".repeat(markedCharsMax + 1), "artifact.too_large"],
])("content of %s", (_, name, content, expected) => {
    expect(outcome(() => validateContent(name, content))).toBe(expected)
})

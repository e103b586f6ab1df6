import fc from "fast-check"
import path from "node:path"
import { describe, expect, test } from "vitest"
import { Refusal } from "@tocsin/base/refusal"
import { validateFileName } from "@tocsin/base/file-name"
import { contentCharsMax, markedCharsMax, validateContent } from "./content.ts"

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
        "`%s` is accepted",
        (name) => {
            expect(outcome(() => validateFileName(name))).toBe("fine")
        },
    )

    test.each([
        ["an empty name", ""],
        ["no extension", "technical"],
        ["an extension without letters", "technical."],
        ["an extension that is too long", "technical.markdowns"],
        ["a leading dot", ".bashrc.md"],
        ["a leading hyphen", "-rf.md"],
        ["a parent folder", "../technical.md"],
        ["a folder", "a/technical.md"],
        ["a folder with backslashes", "a\\technical.md"],
        ["a space", "technical analysis.md"],
        ["a quote", 'a".md'],
        ["a header injection", "a.md\r\nx: y.md"],
        ["a line break", "technical.md\n"],
        ["a look-alike letter", "tеchnical.md"],
        ["a device name", "c:a.md"],
        ["a name that is too long", `${"x".repeat(98)}.md`],
    ])("with %s is refused", (_, name) => {
        expect(outcome(() => validateFileName(name))).toBe("artifact.bad_name")
    })

    test("is a single name in a folder, a header and a URL", () => {
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
    ["text", "a.json", "x", "fine"],
    ["an empty name", "a.json", "", "artifact.empty"],
    ["spaces only", "a.json", " \n\t", "artifact.empty"],
    ["the maximum length", "a.log", "x".repeat(contentCharsMax), "fine"],
    ["one character too many", "a.log", "x".repeat(contentCharsMax + 1), "artifact.too_large"],
    ["the maximum length for marking", "a.py", "x".repeat(markedCharsMax), "fine"],
    ["one character too many for marking", "a.MD", "x".repeat(markedCharsMax + 1), "artifact.too_large"],
])("content of %s", (_, name, content, expected) => {
    expect(outcome(() => validateContent(name, content))).toBe(expected)
})

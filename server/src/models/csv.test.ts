import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { csvOf, escapeFormula } from "./csv.ts"

/** As RFC 4180 reads it; `between` is what parts cells. */
function parse(text: string, between: string): string[][] {
    const rows: string[][] = [[]]
    const cell = new RegExp(`(?:"((?:[^"]|"")*)"|([^"${between}\\r\\n]*))(${between}|\\r\\n)`, "y")
    for (let found = cell.exec(text); found !== null; found = cell.exec(text)) {
        rows.at(-1)?.push(found[1]?.replaceAll('""', '"') ?? found[2] ?? "")
        if (found[3] === "\r\n") rows.push([])
    }
    return rows.slice(0, -1)
}

describe("a table as CSV", () => {
    test.each<[string, string[][], string]>([
        ["has lines that end with CR LF", [["a", "b"], ["c"]], "a,b\r\nc\r\n"],
        ["quotes what would part it", [["a,b", 'say "no"', "x\ny"]], '"a,b","say ""no""","x\ny"\r\n'],
        ["does not begin a formula", [["=1+1", "+1", "-1", "@A1"]], "'=1+1,'+1,'-1,'@A1\r\n"],
        ["nor with a tab or a line break before it", [["\t=1", "\r=1"]], "\"'\t'=1\",\"'\r'=1\"\r\n"],
        ["nor with blanks before it, nor in full width", [["  =1", "＝1"]], "'  =1,'＝1\r\n"],
        ["nor behind a semicolon", [["a;=1"]], '"a;\'=1"\r\n'],
        ["holds no NUL", [["a\0b"]], "a\ufffdb\r\n"],
    ])("%s", (_, rows, text) => {
        expect(csvOf(rows)).toBe(text)
    })

    const cell = fc.oneof(
        fc.string({ maxLength: 12 }),
        fc.string({
            unit: fc.constantFrom("=", "+", "-", "@", "\t", "\r", "\n", " ", ";", ",", '"', "a", "＝"),
            maxLength: 9,
        }),
    )

    test("is read as it was written, but for apostrophes", () => {
        fc.assert(
            fc.property(fc.array(fc.array(cell, { minLength: 1, maxLength: 4 }), { maxLength: 5 }), (rows) => {
                const clean = rows.map((row) => row.map((item) => escapeFormula(item.replaceAll("\0", "\ufffd"))))
                expect(parse(csvOf(rows), ",")).toEqual(clean)
            }),
        )
    })

    test("begins no formula in any cell, wherever it is parted", () => {
        const begins = /^[^\S\t\r\n]*[=+\-@＝＋－＠]|^[\t\r]/
        fc.assert(
            fc.property(fc.array(fc.array(cell, { minLength: 1, maxLength: 4 }), { maxLength: 5 }), (rows) => {
                for (const item of parse(csvOf(rows), ",").flat()) {
                    for (const part of item.split(/[;|\t\r\n]/)) expect(part).not.toMatch(begins)
                }
            }),
        )
    })
})

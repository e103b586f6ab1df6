import { createRequire } from "node:module"
import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { normaliseAsRead, readPdf } from "../../../../test/support/pdf-reader.ts"
import { parseInstant } from "@tocsin/base/instant"
import { type Block, type ReportDocument, article, section, tableOf, textBlock } from "../../models/report-document.ts"
import { pdfLimits, writePdf } from "./write-pdf.ts"

const require = createRequire(import.meta.url)
const fonts = {
    regular: require.resolve("dejavu-fonts-ttf/ttf/DejaVuSans.ttf"),
    bold: require.resolve("dejavu-fonts-ttf/ttf/DejaVuSans-Bold.ttf"),
}
const at = parseInstant("2025-07-04T12:00:00Z")
const documentOf = (...content: readonly Block[]): ReportDocument => ({
    name: "Report: A paper",
    title: "A paper",
    content,
})
const written = (paper: ReportDocument, limits = pdfLimits) => Buffer.from(writePdf(paper, at, fonts, limits))
const read = async (...content: readonly Block[]) => await readPdf(written(documentOf(...content)))

/** The text of a report document, with the names of its PDF tags. */
function taggedTextOf({ title, content }: ReportDocument): [string, string][] {
    const pick = (block: Block): [string, string][] => {
        if (block.kind === "text") return [["P", block.text]]
        if (block.kind === "table") {
            const cells = block.rows.flat().map((text): [string, string] => ["TD", text])
            return [...block.headings.map((text): [string, string] => ["TH", text]), ...cells]
        }
        return [[block.kind === "article" ? "H3" : "H2", block.title], ...block.content.flatMap(pick)]
    }
    const list: [string, string][] = [["H1", title], ...content.flatMap(pick)]
    return list.map(([kind, text]) => [kind, normaliseAsRead(text)])
}

const long = Array.from({ length: 300 }, (_, n) => `Sentence ${n} of a long statement.`).join(" ")
const full = documentOf(
    textBlock("It is open."),
    tableOf([], [["Inquiry", "0d1b9c1e-5a55-4c8e-9a11-0b6a4f6c0001"]]),
    { kind: "caution", title: "What it does not say", content: [textBlock("Much."), textBlock(long)] },
    section(
        "Findings",
        article("Halcyon: high", textBlock("It was pasted.")),
        article("No partner", textBlock("none")),
    ),
    section(
        "Custody",
        tableOf(
            ["Leaf", "What"],
            Array.from({ length: 200 }, (_, n) => [String(n), `event ${n}`]),
        ),
    ),
    section(
        "Long",
        tableOf(
            ["A", "B"],
            [
                ["short", long],
                [long, ""],
            ],
        ),
    ),
)

describe("the text of a document", () => {
    test("has the headings, text and tables of the report, in order", async () => {
        expect((await readPdf(written(full))).texts).toEqual(taggedTextOf(full))
    })

    test.each([
        ["Latin with its accents", "Žluťoučký kůň, Ægir, Đặng Văn Ơn, ẞ, ﬁ, ǅ"],
        ["combining marks that compose", "e\u0301, A\u030a"],
        ["combining marks that do not compose", "q\u0301 x\u0302\u0303, \u0301 alone"],
        ["more combining marks than a character can have", `Z${"\u0300\u0301".repeat(40)}algo`],
        ["Cyrillic", "Олександр Їжакевич, Ђорђе"],
        ["Greek", "Αθήνα, ὁ λόγος ᾧ"],
        ["Hebrew with a number and brackets", "He said שלום עולם (כן [12.5] לא) and left."],
        ["Hebrew with points", "בְּרֵאשִׁית"],
        ["Arabic", "مرحبا بالعالم، 42 شيء، لا؛ هذا «كل» شيء"],
        ["scripts that the font lacks", "王小明 said 你好 to เพื่อน"],
        ["characters beyond the first plane", "😀 and 𝔸 and 🧿\u{fe0f} and \u{1f469}\u200d\u{1f4bb}"],
        ["direction controls", "abc\u202efdp.exe\u202c \u2066x\u2069 \u200f"],
        ["invisible characters", "a\u0000b\u00adc\u200bd\ufeffe\u001b[31m\u2028f\u115f"],
        ["lone surrogates", "a\ud800b\udc00"],
        ["PDF syntax", "(a) <b> [c] /D 1 0 R endobj %%EOF \\( stream"],
        ["lines and spaces", "Two\nlines,\r\nthree\rfour\n\n\tand   spaces "],
        ["an empty text", ""],
        ["a space", " "],
        ["a long word", `x${"0123456789abcdef".repeat(200)}y z`],
        ["a long word of marks", "\u0301".repeat(500)],
        ["a long right-to-left word", "ש".repeat(700)],
    ])("is complete: %s", async (_, text) => {
        const paper = documentOf(section(text, textBlock(text), article(text), tableOf([text, "B"], [["a", text]])))
        expect((await readPdf(written(paper))).texts).toEqual(taggedTextOf(paper))
    })

    test("is complete for any input", async () => {
        const text = fc.string({ unit: "binary", maxLength: 60 })
        await fc.assert(
            fc.asyncProperty(
                text,
                fc.array(fc.array(text, { minLength: 3, maxLength: 3 }), { maxLength: 3 }),
                async (item, rows) => {
                    const paper = documentOf(textBlock(item), tableOf([item, "B", "C"], rows))
                    expect((await readPdf(written(paper))).texts).toEqual(taggedTextOf(paper))
                },
            ),
            { numRuns: 30 },
        )
    })
})

describe("the layout", () => {
    const linesOf = async (text: string) => {
        const { pages } = await read(textBlock(text))
        return pages.flatMap(({ lines }) => lines).slice(1)
    }

    test("breaks words only where no line break fits", async () => {
        const lines = await linesOf(`${"A sentence of words. ".repeat(30)}${"y".repeat(250)} end`)
        expect(lines.length).toBeGreaterThan(6)
        for (const line of lines.filter((line) => !line.includes("y"))) expect(line).toMatch(/ $/)
        expect(lines.filter((line) => /^y+/.test(line)).length).toBeGreaterThan(2)
    })

    test("joins Arabic letters, and keeps their text", async () => {
        const glyphsIn = async (text: string) => (await read(textBlock(text))).fonts.map(({ length }) => length)
        // Three forms of one letter, and the fourth.
        expect(await glyphsIn("ببب ب")).not.toEqual(await glyphsIn("ب ب ب ب"))
    })

    test("shows the page number, the page count and the title on each page", async () => {
        const { pages } = await readPdf(written(full))
        expect(pages.length).toBeGreaterThan(5)
        const feet = pages.map((_, n) => `Report: A paper Page ${n + 1} of ${pages.length}`)
        expect(pages.map(({ foot }) => foot)).toEqual(feet)
    })

    test("leaves no page empty", async () => {
        for (let count = 1; count < 120; count += 7) {
            const { pages } = await read(
                section("A", ...Array.from({ length: count }, () => textBlock("x"))),
                section("B"),
            )
            expect(pages.filter(({ lines }) => lines.length === 0)).toEqual([])
        }
    })

    test("has an outline of nested headings", async () => {
        const { outline } = await readPdf(written(full))
        expect(outline.map(({ depth, title }) => [depth, title])).toEqual([
            ...[
                [1, "A paper"],
                [2, "What it does not say"],
                [2, "Findings"],
                [3, "Halcyon: high"],
                [3, "No partner"],
            ],
            ...[
                [2, "Custody"],
                [2, "Long"],
            ],
        ])
        const pages = outline.map(({ page }) => page)
        expect(pages).toEqual(pages.toSorted((a, b) => a - b))
        expect(pages.at(-1)).toBeGreaterThan(2)
    })
})

describe("the file", () => {
    test("hides nothing in its title and outline", async () => {
        const name = "Report: a\u202eb\u0000\nc"
        const { title, outline } = await readPdf(written({ ...documentOf(section("x\u2066y\ud800")), name }))
        expect(title).toBe("Report: a[U+202E]b[U+0000] c")
        expect(outline.map((heading) => heading.title)).toEqual(["A paper", "x[U+2066]y\ufffd"])
    })

    test("has the same bytes for the same report", () => {
        expect(written(full).equals(written(structuredClone(full)))).toBe(true)
        expect(written(full).equals(written({ ...full, name: "Report: Another" }))).toBe(false)
    })

    test("has a title, language and date, and names neither author nor tool", async () => {
        const { title, info, language, objects } = await readPdf(written(full))
        expect([title, language]).toEqual(["Report: A paper", "en"])
        expect(info).toEqual({ Title: "Report: A paper", CreationDate: "D:20250704120000Z" })
        expect(objects).not.toMatch(/Producer|Creator|Author|ModDate|Metadata/)
    })

    test("has table headers, and marks decoration as artifacts", async () => {
        const { objects } = await readPdf(written(full))
        expect(objects.match(/\/Scope \/Column/g)).toHaveLength(4)
        expect(objects).toContain("/Marked true")
    })

    test("has no script, link, form or external reference", async () => {
        const paper = documentOf(textBlock("https://example.com/ javascript:alert(1) mailto:a@b.example"))
        const { objects } = await readPdf(written(paper))
        expect(objects).not.toMatch(
            /\/(?:JS|JavaScript|URI|Annots|Action|AA|OpenAction|AcroForm|EmbeddedFile|GoToR|Launch)\b/,
        )
        expect((await readPdf(written(full))).objects).not.toMatch(/\/AA? <<(?!\s*\/O \/Table)/)
    })

    test("embeds only the glyphs that it uses", async () => {
        const { fonts } = await read(textBlock("Ǻ and é"))
        expect(fonts).toHaveLength(2)
        for (const font of fonts) {
            expect(font.toString("latin1", 0, 4)).toBe("true")
            expect(font.length).toBeLessThan(12_000)
        }
    })
})

describe("limits", () => {
    const codeOf = (paper: ReportDocument, limits: typeof pdfLimits) => {
        try {
            return written(paper, limits).length > 0
        } catch (fault) {
            return (fault as { code: string }).code
        }
    }

    test.each([
        ["as long as allowed", { charsMax: 100, pagesMax: 1 }, "x".repeat(70), true],
        ["one character too many", { charsMax: 100, pagesMax: 1 }, "x".repeat(80), "pdf.too_long"],
        ["one page too many", { charsMax: 10_000, pagesMax: 1 }, "x\n".repeat(80), "pdf.too_long"],
        ["as many pages as allowed", { charsMax: 10_000, pagesMax: 2 }, "x\n".repeat(80), true],
    ])("%s", (_, limits, text, notified) => {
        expect(codeOf(documentOf(textBlock(text)), limits)).toBe(notified)
    })
})

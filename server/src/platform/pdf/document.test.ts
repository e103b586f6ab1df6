import { createRequire } from "node:module"
import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { asRead, readPdf } from "../../../../test/support/pdf-reader.ts"
import { parseInstant } from "@tocsin/base/instant"
import { type Block, type ReportDocument, article, section, tableOf, textBlock } from "../../models/report-document.ts"
import { pdfLimits, writePdf } from "./document.ts"

const require = createRequire(import.meta.url)
const fonts = {
    regular: require.resolve("dejavu-fonts-ttf/ttf/DejaVuSans.ttf"),
    bold: require.resolve("dejavu-fonts-ttf/ttf/DejaVuSans-Bold.ttf"),
}
const at = parseInstant("2025-07-04T12:00:00Z")
const paperOf = (...content: readonly Block[]): ReportDocument => ({
    name: "Report: A paper",
    title: "A paper",
    content,
})
const written = (paper: ReportDocument, limits = pdfLimits) => Buffer.from(writePdf(paper, at, fonts, limits))
const read = async (...content: readonly Block[]) => await readPdf(written(paperOf(...content)))

/** What a paper says, in the words of the tags. */
function saidBy({ title, content }: ReportDocument): [string, string][] {
    const pick = (block: Block): [string, string][] => {
        if (block.kind === "words") return [["P", block.text]]
        if (block.kind === "table") {
            const cells = block.rows.flat().map((text): [string, string] => ["TD", text])
            return [...block.headings.map((text): [string, string] => ["TH", text]), ...cells]
        }
        return [[block.kind === "article" ? "H3" : "H2", block.title], ...block.content.flatMap(pick)]
    }
    const list: [string, string][] = [["H1", title], ...content.flatMap(pick)]
    return list.map(([kind, text]) => [kind, asRead(text)])
}

const long = Array.from({ length: 300 }, (_, n) => `Sentence ${n} of a long statement.`).join(" ")
const full = paperOf(
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

describe("what it says", () => {
    test("is what the paper says: its headings, its words and its tables, in their order", async () => {
        expect((await readPdf(written(full))).texts).toEqual(saidBy(full))
    })

    test.each([
        ["Latin with its accents", "Žluťoučký kůň, Ægir, Đặng Văn Ơn, ẞ, ﬁ, ǅ"],
        ["marks that are composed", "e\u0301, A\u030a"],
        ["marks that nothing composes with", "q\u0301 x\u0302\u0303, \u0301 alone"],
        ["more marks than a sign can have", `Z${"\u0300\u0301".repeat(40)}algo`],
        ["Cyrillic", "Олександр Їжакевич, Ђорђе"],
        ["Greek", "Αθήνα, ὁ λόγος ᾧ"],
        ["Hebrew with a number and brackets", "He said שלום עולם (כן [12.5] לא) and left."],
        ["Hebrew with points", "בְּרֵאשִׁית"],
        ["Arabic", "مرحبا بالعالم، 42 شيء، لا؛ هذا «كل» شيء"],
        ["scripts that the font does not have", "王小明 said 你好 to เพื่อน"],
        ["signs beyond the first plane", "😀 and 𝔸 and 🧿\u{fe0f} and \u{1f469}\u200d\u{1f4bb}"],
        ["what turns words around", "abc\u202efdp.exe\u202c \u2066x\u2069 \u200f"],
        ["what cannot be seen", "a\u0000b\u00adc\u200bd\ufeffe\u001b[31m\u2028f\u115f"],
        ["halves of signs", "a\ud800b\udc00"],
        ["what a PDF is written in", "(a) <b> [c] /D 1 0 R endobj %%EOF \\( stream"],
        ["lines and spaces", "Two\nlines,\r\nthree\rfour\n\n\tand   spaces "],
        ["nothing", ""],
        ["a space", " "],
        ["a long word", `x${"0123456789abcdef".repeat(200)}y z`],
        ["a long word of marks", "\u0301".repeat(500)],
        ["a long word from the right", "ש".repeat(700)],
    ])("is all of it: %s", async (_, text) => {
        const paper = paperOf(section(text, textBlock(text), article(text), tableOf([text, "B"], [["a", text]])))
        expect((await readPdf(written(paper))).texts).toEqual(saidBy(paper))
    })

    test("is all of it, whatever somebody wrote", async () => {
        const text = fc.string({ unit: "binary", maxLength: 60 })
        await fc.assert(
            fc.asyncProperty(
                text,
                fc.array(fc.array(text, { minLength: 3, maxLength: 3 }), { maxLength: 3 }),
                async (item, rows) => {
                    const paper = paperOf(textBlock(item), tableOf([item, "B", "C"], rows))
                    expect((await readPdf(written(paper))).texts).toEqual(saidBy(paper))
                },
            ),
            { numRuns: 30 },
        )
    })
})

describe("how it is drawn", () => {
    const linesOf = async (text: string) => {
        const { pages } = await read(textBlock(text))
        return pages.flatMap(({ lines }) => lines).slice(1)
    }

    test("words are not cut where a line can break before them, and long ones are", async () => {
        const lines = await linesOf(`${"A sentence of words. ".repeat(30)}${"y".repeat(250)} end`)
        expect(lines.length).toBeGreaterThan(6)
        for (const line of lines.filter((line) => !line.includes("y"))) expect(line).toMatch(/ $/)
        expect(lines.filter((line) => /^y+/.test(line)).length).toBeGreaterThan(2)
    })

    test("the letters of Arabic are drawn joined, and say what was written", async () => {
        const glyphsIn = async (text: string) => (await read(textBlock(text))).fonts.map(({ length }) => length)
        // Three forms of one letter, and the fourth.
        expect(await glyphsIn("ببب ب")).not.toEqual(await glyphsIn("ب ب ب ب"))
    })

    test("each page says which it is of how many, and of what", async () => {
        const { pages } = await readPdf(written(full))
        expect(pages.length).toBeGreaterThan(5)
        const feet = pages.map((_, n) => `Report: A paper Page ${n + 1} of ${pages.length}`)
        expect(pages.map(({ foot }) => foot)).toEqual(feet)
    })

    test("no page is left empty, whatever comes last on the one before", async () => {
        for (let count = 1; count < 120; count += 7) {
            const { pages } = await read(
                section("A", ...Array.from({ length: count }, () => textBlock("x"))),
                section("B"),
            )
            expect(pages.filter(({ lines }) => lines.length === 0)).toEqual([])
        }
    })

    test("the outline is the headings, under each other", async () => {
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

describe("what it is", () => {
    test("nothing hides in its title or its outline either", async () => {
        const name = "Report: a\u202eb\u0000\nc"
        const { title, outline } = await readPdf(written({ ...paperOf(section("x\u2066y\ud800")), name }))
        expect(title).toBe("Report: a[U+202E]b[U+0000] c")
        expect(outline.map((heading) => heading.title)).toEqual(["A paper", "x[U+2066]y\ufffd"])
    })

    test("the same bytes, for the same paper", () => {
        expect(written(full).equals(written(structuredClone(full)))).toBe(true)
        expect(written(full).equals(written({ ...full, name: "Report: Another" }))).toBe(false)
    })

    test("its title, its language and its date, and nothing of who made it and with what", async () => {
        const { title, info, language, objects } = await readPdf(written(full))
        expect([title, language]).toEqual(["Report: A paper", "en"])
        expect(info).toEqual({ Title: "Report: A paper", CreationDate: "D:20250704120000Z" })
        expect(objects).not.toMatch(/Producer|Creator|Author|ModDate|Metadata/)
    })

    test("its columns have headings, and what is drawn for the eye alone is no part of the text", async () => {
        const { objects } = await readPdf(written(full))
        expect(objects.match(/\/Scope \/Column/g)).toHaveLength(4)
        expect(objects).toContain("/Marked true")
    })

    test("no script, no link, no form, nothing that is fetched or opened", async () => {
        const paper = paperOf(textBlock("https://example.com/ javascript:alert(1) mailto:a@b.example"))
        const { objects } = await readPdf(written(paper))
        expect(objects).not.toMatch(
            /\/(?:JS|JavaScript|URI|Annots|Action|AA|OpenAction|AcroForm|EmbeddedFile|GoToR|Launch)\b/,
        )
        expect((await readPdf(written(full))).objects).not.toMatch(/\/AA? <<(?!\s*\/O \/Table)/)
    })

    test("its fonts hold what is drawn, and not the rest", async () => {
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
        ["as long as it may be", { charsMax: 100, pagesMax: 1 }, "x".repeat(70), true],
        ["a character more", { charsMax: 100, pagesMax: 1 }, "x".repeat(80), "pdf.too_long"],
        ["a page more", { charsMax: 10_000, pagesMax: 1 }, "x\n".repeat(80), "pdf.too_long"],
        ["as many pages as it may have", { charsMax: 10_000, pagesMax: 2 }, "x\n".repeat(80), true],
    ])("%s", (_, limits, text, notified) => {
        expect(codeOf(paperOf(textBlock(text)), limits)).toBe(notified)
    })
})

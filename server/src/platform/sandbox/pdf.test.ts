import { expect, test } from "vitest"
import { normaliseAsRead, readPdf } from "../../../../test/support/pdf-reader.ts"
import { parseInstant } from "@tocsin/base/instant"
import { type Block, tableOf, textBlock } from "../../models/report-document.ts"
import { renderPdf } from "./pdf.ts"

const at = parseInstant("2025-07-04T12:00:00Z")
const documentOf = (...content: readonly Block[]) => ({ name: "Report: A paper", title: "A paper", content })
const most = { timeMs: 30_000, memoryMb: 1024, answerBytesMax: 32 * 1024 * 1024 }

test("a report is rendered in its own process, with the same bytes each time", async () => {
    const text = "Олександр wrote: \u202e王小明, ש and \ud800."
    const [item, other] = await Promise.all([1, 2].map(() => renderPdf(documentOf(textBlock(text)), at)))
    expect((await readPdf(item ?? Buffer.alloc(0))).texts).toEqual([
        ["H1", "A paper"],
        ["P", normaliseAsRead(text)],
    ])
    expect(other?.equals(item ?? Buffer.alloc(0))).toBe(true)
})

test.each([
    ["too many characters", documentOf(textBlock("x ".repeat(2_100_000))), most],
    ["too many pages", documentOf(textBlock("x\n".repeat(150_000))), most],
    ["too little time", documentOf(textBlock("x")), { ...most, timeMs: 1 }],
    ["too large an answer", documentOf(textBlock("x")), { ...most, answerBytesMax: 100 }],
])("%s: no PDF is made, and nothing else happens", async (_, paper, limits) => {
    expect(await renderPdf(paper, at, limits)).toBe(null)
})

test("the longest possible report has a PDF", async () => {
    const rows = Array.from({ length: 20_000 }, (_, n) => [String(n), "2025-07-04T12:00:00Z", "evidence.added", "Zoë"])
    const pdf = await renderPdf(documentOf(tableOf(["Leaf", "When", "What", "By"], rows)), at)
    expect(pdf?.length).toBeGreaterThan(100_000)
    expect(pdf?.length).toBeLessThan(16_000_000)
})

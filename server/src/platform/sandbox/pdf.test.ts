import { expect, test } from "vitest"
import { asRead, readPdf } from "../../../../test/support/pdf-reader.ts"
import { parseInstant } from "@tocsin/base/instant"
import { type Block, tableOf, textBlock } from "../../models/report-document.ts"
import { renderPdf } from "./pdf.ts"

const at = parseInstant("2025-07-04T12:00:00Z")
const paperOf = (...content: readonly Block[]) => ({ name: "Report: A paper", title: "A paper", content })
const most = { timeMs: 30_000, memoryMb: 1024, answerBytesMax: 32 * 1024 * 1024 }

test("a paper is set in a process of its own, each time the same", async () => {
    const text = "Олександр wrote: \u202e王小明, ש and \ud800."
    const [item, other] = await Promise.all([1, 2].map(() => renderPdf(paperOf(textBlock(text)), at)))
    expect((await readPdf(item ?? Buffer.alloc(0))).texts).toEqual([
        ["H1", "A paper"],
        ["P", asRead(text)],
    ])
    expect(other?.equals(item ?? Buffer.alloc(0))).toBe(true)
})

test.each([
    ["too many characters", paperOf(textBlock("x ".repeat(2_100_000))), most],
    ["too many pages", paperOf(textBlock("x\n".repeat(150_000))), most],
    ["too little time", paperOf(textBlock("x")), { ...most, timeMs: 1 }],
    ["too large an answer", paperOf(textBlock("x")), { ...most, answerBytesMax: 100 }],
])("%s: there is none, and nothing else happens", async (_, paper, limits) => {
    expect(await renderPdf(paper, at, limits)).toBe(null)
})

test("the longest report that there can be has one", async () => {
    const rows = Array.from({ length: 20_000 }, (_, n) => [String(n), "2025-07-04T12:00:00Z", "evidence.added", "Zoë"])
    const pdf = await renderPdf(paperOf(tableOf(["Leaf", "When", "What", "By"], rows)), at)
    expect(pdf?.length).toBeGreaterThan(100_000)
    expect(pdf?.length).toBeLessThan(16_000_000)
})

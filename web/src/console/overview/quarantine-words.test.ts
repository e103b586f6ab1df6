import { expect, test } from "vitest"
import { differences } from "../../../../server/src/models/high-water.ts"
import { endedLines, provenInWords, reasonTexts } from "./quarantine-words.ts"

test("the signer of the end of a quarantine reads the reason in words, without codes", () => {
    for (const reason of differences) expect(reasonTexts[reason]).toMatch(/^[A-Z][a-z].*\.$/)
})

test.each([
    [0, 0, "No receipt of a partner was compared."],
    [1, 1, "1 receipt proves 1 batch of the receipt log."],
    [3, 2, "3 receipts prove 2 batches of the receipt log."],
])("%s receipts and %s batches are counted in words", (receipts, batches, text) => {
    expect(provenInWords({ receipts, batches })).toBe(text)
})

test("the reader sees each partner that was ended again, and how many other accesses", () => {
    const end = (kind: "partner" | "credential" | "key", id = "", status: string | null = null) => ({
        kind,
        id,
        status,
    })
    const ended = [end("partner", "p", "suspended"), end("credential"), end("key", "k"), end("credential")]
    expect(endedLines(ended, (id) => `Partner ${id}`)).toEqual([
        "Partner p: suspended",
        "2 sessions, tokens and accounts",
        "1 key of a partner",
    ])
    expect(endedLines([], String)).toEqual([])
})

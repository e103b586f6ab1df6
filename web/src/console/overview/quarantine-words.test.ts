import { expect, test } from "vitest"
import { differences } from "../../../../server/src/models/high-water.ts"
import { provenInWords, reasonTexts } from "./quarantine-words.ts"

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

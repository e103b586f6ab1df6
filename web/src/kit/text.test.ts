import { expect, test } from "vitest"
import { shippedLanguage } from "./text.ts"

test("a shipped text is English; the operator's own has no known language", () => {
    expect(shippedLanguage(0)).toEqual({ lang: "en" })
    expect(shippedLanguage(3)).toEqual({})
})

import { expect, test } from "vitest"
import { parseInstant } from "@tocsin/base/instant"
import { embargoText } from "./embargo.ts"

const at = parseInstant("2025-07-08T17:00:00Z")
type Warned = Parameters<typeof embargoText>[0]
const warned = (warning: Partial<Warned>): Warned =>
    ({ withdrawnAt: null, publication: at, permission: null, ...warning }) as Warned

test.each<[string, Partial<Warned>, string]>([
    [
        "an agreed end",
        {},
        "Secret until 2025-07-08T17:00:00Z, when it is published. This instant can move: read it again before " +
            "you act on it.",
    ],
    ["no agreed end", { publication: null }, "Secret until it is published: no instant is agreed yet."],
    [
        "a withdrawal",
        { withdrawnAt: at },
        "Withdrawn at 2025-07-08T17:00:00Z: it will not be published, and stays secret.",
    ],
])("says the embargo of a warning with %s in whole sentences, each once", (_, warning, text) => {
    expect(embargoText(warned(warning), null)).toBe(text)
})

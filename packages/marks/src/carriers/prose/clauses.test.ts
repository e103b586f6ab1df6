import { describe, expect, test } from "vitest"
import { readSlots } from "../../align.ts"
import { applyCodeword } from "../carrier.ts"
import { markdown } from "./markdown.ts"

/** The text with its only slot of this kind turned; null where it has none. */
function alternativeOf(text: string, kind: string): string | null {
    const slots = markdown.slots(text)
    const at = slots.findIndex((slot) => slot.kind === kind)
    if (at < 0) return null
    const word = slots.map((_, i) => (i === at ? 1 : 0))
    const copy = applyCodeword(text, slots, word)
    const around = (value: string) =>
        `Old swans crossed the lake at dawn.\n\n${value}\n\nGrey herons left the shore at noon.`
    expect(readSlots(around(text), markdown.slots(around(text)), around(copy))[at]).toBe(1)
    return copy
}

describe("order of clauses", () => {
    test.each([
        [
            "If the portal is down, send a letter to the operator.",
            "Send a letter to the operator if the portal is down.",
        ],
        ["Restart the service once the new build is in place.", "Once the new build is in place, restart the service."],
        ["Rotate the keys\nafter the last server is done.", "After the last server is done, rotate the keys."],
        [
            "Until the fix is out, keep the console off the network.",
            "Keep the console off the network until the fix is out.",
        ],
    ])("%j becomes %j", (text, other) => {
        expect(alternativeOf(text, "clause-order")).toBe(other)
    })

    test.each([
        ["a word that points to the other clause", "If a server is old, restart it before noon today."],
        ["a third clause", "If the portal is down, send a letter and wait for us."],
        [
            "a clause that may belong to the last noun only",
            "The leak is due to the handling of keys when a user leaves.",
        ],
        ["a negation", "Do not restart the service until the fix is out."],
        ["a list of things", "If the portal, the mail or the phone is down, send a letter."],
        ["code in it", "If `portal` is down, send a letter to the operator."],
        ["a name at the start", "Tidewater restarts the service once the build is in place."],
        ["a sentence that is too long", `If the portal is down, send ${"a letter to ".repeat(6)}the operator.`],
    ])("does not change with %s", (_, text) => {
        expect(alternativeOf(text, "clause-order")).toBeNull()
    })
})

describe("neighbours in a list", () => {
    const list = (intro: string, ...items: string[]) => `${intro}\n\n${items.map((item) => `- ${item}`).join("\n")}\n`

    test("change places when their order has no meaning", () => {
        const items = ["Tidewater Gateway 4.2", "`libtide` 1.0", "Sundial 3"]
        const other = [items[1] ?? "", items[0] ?? "", items[2] ?? ""]
        expect(alternativeOf(list("These are concerned:", ...items), "list-order")).toBe(
            list("These are concerned:", ...other),
        )
    })

    test.each([
        ["the text mentions an order", list("Do this in order:", "Stop the engine", "Start the engine")],
        ["no sentence introduces them", list("It was seen.", "Tidewater 4", "Sundial 3")],
        ["one points to another", list("You need:", "a spare server", "a copy of the same")],
        ["a sentence spans them", list("You need:", "a spare server, and", "a spare key.")],
        ["they are numbered", "You need:\n\n1. a spare server\n2. a spare key\n"],
        ["they are long", list("You need:", "a spare server ".repeat(9).trim(), "a key")],
    ])("stay when %s", (_, text) => {
        expect(alternativeOf(text, "list-order")).toBeNull()
    })
})

describe("dates", () => {
    test("are one decision per document, with the comma after the year", () => {
        const text = "It was found on 3 March. On 8 July 2025 it was public, as of 9 May 2025."
        expect(alternativeOf(text, "style")).toBe(
            "It was found on March 3. On July 8, 2025, it was public, as of May 9, 2025.",
        )
    })

    test.each([
        ["two days share a month", "It was shown on 15 and 17 May 2025, and seen on 3 March."],
        ["one has another format", "It was shown on 3 March, and seen on March 5."],
        ["one is outside prose", "# Seen on 3 March\n\nIt was shown on 5 March."],
    ])("stay when %s", (_, text) => {
        expect(alternativeOf(text, "style")).toBeNull()
    })
})

describe("a relative clause", () => {
    test.each([
        ["Devices that are managed by a broker wait.", "Devices managed by a broker wait."],
        ["Servers that are not exposed to the net wait.", "Servers not exposed to the net wait."],
    ])("%j may be %j", (text, other) => {
        expect(alternativeOf(text, "wording")).toBe(other)
    })

    test.each([
        "Swans that are managed well wait.",
        "It says that are managed by us.",
        "Servers that were sold by us wait.",
    ])("%j has no shorter form", (text) => {
        expect(markdown.slots(text).filter(({ kind }) => kind === "wording")).toEqual([])
    })
})

describe("synonyms", () => {
    test("are one decision per document", () => {
        const text = "An attacker came. The attackers left. The attacker's key is here."
        expect(alternativeOf(text, "term")).toBe(
            "An adversary came. The adversaries left. The adversary's key is here.",
        )
    })

    test.each([
        ["both words occur", "An attacker came. The adversary left."],
        ["a heading has one", "# What the attacker does\n\nAn attacker came."],
        ["one is quoted", "An attacker came, “an attacker” they said."],
        ["one is part of a term", "An attacker came. We saw attacker infrastructure."],
    ])("are left when %s", (_, text) => {
        expect(alternativeOf(text, "term")).toBeNull()
    })
})

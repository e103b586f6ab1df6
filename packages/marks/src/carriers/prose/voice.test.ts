import { describe, expect, test } from "vitest"
import { readProse } from "./typography-read.ts"
import { applyCodeword } from "../carrier.ts"
import { markdown } from "./markdown.ts"
import { voiceChanges } from "./voice.ts"

const wholeClause = (text: string) => ({ start: 0, end: text.length, opens: true })
/** The text with its only sentence that can be turned around. */
function alternativeOf(text: string): string | null {
    const [item, more] = voiceChanges(text, wholeClause(text), [])
    if (item === undefined || more !== undefined) return null
    return text.slice(0, item.edit.start) + item.edit.text + text.slice(item.edit.end)
}

describe("active and passive voice", () => {
    test.each([
        ["A customer reported the flaw.", "The flaw was reported by a customer."],
        ["Attackers exploit the vulnerability.", "The vulnerability is exploited by attackers."],
        ["A remote attacker can exploit the flaw.", "The flaw can be exploited by a remote attacker."],
        ["Researchers found the flaws in May 2025.", "The flaws were found by researchers in May 2025."],
        ["The new module replaces the old module.", "The old module is replaced by the new module."],
        ["Our engineers may verify\nan affected server.", "An affected server may be verified by our engineers."],
        ["The server logs the requests.", "The requests are logged by the server."],
    ])("%j can be %j, and back", (active, passive) => {
        expect(alternativeOf(active)).toBe(passive)
        expect(alternativeOf(passive)).toBe(active.replace("\n", " "))
    })

    test("a named subject becomes the agent, in the past tense", () => {
        expect(alternativeOf("The flaws were found by Orta Labs on 8 July 2025.")).toBe(
            "Orta Labs found the flaws on 8 July 2025.",
        )
        expect(alternativeOf("The flaws are found by Orta Labs.")).toBeNull()
        expect(alternativeOf("Orta found the flaws.")).toBeNull()
    })

    test.each([
        ["quantity", "Each server logs the request. No server logs all requests."],
        ["negation", "The server does not log the request. Attackers cannot exploit the flaw."],
        ["pronouns", "They reported the flaw. The flaw was reported by them. This server logs its requests."],
        [
            "wrong agreement",
            "The server log the request. Attackers exploits the flaw. The flaw were found by a customer.",
        ],
        ["one thing without an article", "Server logs the request. A servers logs the request."],
        ["more than two plain nouns", "The server logs the request and the user. A user who left found the flaw."],
        ["a place", "A customer found the flaw in the server. The flaw was found by a customer with a scanner."],
        [
            "verbs that are unknown, or equal in the past tense",
            "The server admires the request. Customers read the file.",
        ],
        ["months as subjects", "The flaw was found by May."],
        ["a reference in the next sentence", "A module replaces the parser. It trusts the request."],
        ["obligation", "The server must log the request. Users should install the update."],
    ])("is unchanged: %s", (_, text) => {
        expect(voiceChanges(text, wholeClause(text), [])).toEqual([])
    })

    test("is one slot when its sentence has no other, and is read back", () => {
        const around = (value: string) =>
            `Old swans crossed the lake at dawn.\n\n${value}\n\nGrey herons left the shore at noon.`
        const text = around("The page displays the message.")
        const slots = markdown.slots(text)
        expect(slots.map(({ kind, robustness }) => [kind, robustness])).toEqual([["voice", "wording"]])
        expect(applyCodeword(text, slots, [1])).toBe(around("The message is displayed by the page."))
        for (const form of [0, 1]) expect(readProse(text, slots, applyCodeword(text, slots, [form]))).toEqual([form])
        expect(voiceChanges(text, wholeClause(text), [{ start: 45, end: 48 }])).toEqual([])
    })
})

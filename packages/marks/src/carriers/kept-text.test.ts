/** Words that the author keeps as written: no copy changes them, and no reader sees the notation. */
import { describe, expect, test } from "vitest"
import { loadParser } from "../grammars.ts"
import { type Slot, applyCodeword, writerOf, writerSlack } from "./carrier.ts"
import { unmarkMaster } from "./first-forms.ts"
import { isWithoutNotation } from "./notation.ts"
import { loadMarkFormat } from "./registry.ts"
import { resolveSlots } from "./resolved-text.ts"

const prose =
    "The server accepts the request of any caller, as described in the advisory of that day. It shows the page to " +
    "those who ask. An attacker can use this to get access to the files of the site. Install the update first, and " +
    "then look for requests that are unusual, as described in the guidance.\n"

async function slotsOf(name: string, text: string): Promise<Slot[]> {
    return (await loadMarkFormat(name, loadParser))?.carrier.slots(text) ?? []
}

/** The copies that have the n-th form of each slot. */
function copies(text: string, slots: readonly Slot[]): string[] {
    const most = Math.max(...slots.map(({ variants }) => variants.length))
    return Array.from({ length: most }, (_, n) =>
        applyCodeword(
            text,
            slots,
            slots.map(({ variants }) => n % variants.length),
        ),
    )
}

describe("kept words", () => {
    test("are in no slot, and in every copy without the notation", async () => {
        const found = await slotsOf("a.md", prose)
        const before = found.find(({ variants }) => variants[1]?.[0]?.start === prose.indexOf("as described"))
        expect(before?.kind).toBe("wording")
        const text = prose.replace("as described", "{{=keep:as described}}")
        const slots = await slotsOf("a.md", text)
        expect(slots.length).toBeLessThan(found.length)
        expect(slots.length).toBeGreaterThan(3)
        for (const copy of copies(text, slots)) expect(copy).toContain("any caller, as described in")
        expect(new Set(copies(text, slots)).size).toBeGreaterThan(1)
        expect(resolveSlots("a.md", text)).toBe(prose)
        expect(unmarkMaster(text, slots).text).toBe(prose)
        expect(isWithoutNotation("a.md", resolveSlots("a.md", text))).toBe(true)
    })

    test("may be a range of numbers, which is then no value", async () => {
        const text = prose.replace("as described", "on ports {{=keep:20-40}} as described")
        for (const copy of copies(text, await slotsOf("a.md", text))) expect(copy).toContain("on ports 20-40 ")
        expect(resolveSlots("a.md", text)).toContain("on ports 20-40 as described")
    })

    test("have the same bytes from the fast writer", async () => {
        const text = `Ä. ${prose.replace("as described", "{{=keep:as described}}")}`
        const slots = await slotsOf("a.md", text)
        const codeword = slots.map(() => 1)
        const into = new Uint8Array(4 * text.length + writerSlack)
        const length = writerOf(text, slots)(codeword, into)
        expect(new TextDecoder().decode(into.subarray(0, length))).toBe(applyCodeword(text, slots, codeword))
    })

    test("do not disturb the reading of the other slots", async () => {
        const text = prose.replace("as described", "{{=keep:as described}}")
        const format = await loadMarkFormat("a.md", loadParser)
        const slots = await slotsOf("a.md", text)
        const codeword = slots.map(() => 1)
        const read = format?.read(text, slots, applyCodeword(text, slots, codeword))
        const plain = await slotsOf("a.md", prose)
        const ofPlain = format?.read(
            prose,
            plain,
            applyCodeword(
                prose,
                plain,
                plain.map(() => 1),
            ),
        )
        expect(read?.filter((symbol) => symbol === 1).length).toBeGreaterThanOrEqual(
            (ofPlain?.filter((symbol) => symbol === 1).length ?? 0) - 2,
        )
        expect(read).not.toContain(0)
    })

    test("keep a name in code, and leave the other names", async () => {
        const code = "def add(first):\n    total = 0\n    count = 1\n    return first + total + count\n"
        const namesIn = (text: string, slots: readonly Slot[]) => new Set(copies(text, slots))
        const text = code.replace("total = 0", "{{=keep:total}} = 0")
        const slots = await slotsOf("a.py", text)
        for (const copy of namesIn(text, slots)) expect(copy).toContain("total = 0")
        expect(namesIn(text, slots).size).toBeGreaterThan(1)
        expect([...namesIn(code, await slotsOf("a.py", code))].some((copy) => !copy.includes("total"))).toBe(true)
        expect(resolveSlots("a.py", text)).toBe(code)
    })

    test("need a word, and must be on one line", async () => {
        await expect(slotsOf("a.md", prose.replace("as described", "{{=keep:}}"))).rejects.toThrow("is written")
        await expect(slotsOf("a.md", prose.replace("as described", "{{=keep:be\nfore}}"))).rejects.toThrow("is written")
    })

    test("stay notation after a backslash", async () => {
        const text = prose.replace("as described", "\\{{=keep:as described}}")
        const slots = await slotsOf("a.md", text)
        expect(applyCodeword(text, slots, [])).toContain("\\{{=keep:as described}}")
    })
})

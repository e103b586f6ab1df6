import { readFileSync } from "node:fs"
import { describe, expect, test } from "vitest"
import { leakCharsMax, readSlots } from "./align.ts"
import { type Slot, type Symbol, type Codeword, applyCodeword, isCounted } from "./carriers/carrier.ts"
import { markdown } from "./carriers/prose/markdown.ts"
import { codeTokens, proseTokens } from "./tokens.ts"

const master = readFileSync(new URL("../../../test/vectors/advisories/tool-pane.md", import.meta.url), "utf8")
// The typography layer is gone from most of these, and counts for nothing.
const slots = markdown.slots(master).filter(isCounted)
const word: Codeword = slots.map((slot, i) => (i * 7 + 3) % slot.variants.length)
const copy = applyCodeword(master, slots, word)
const other: Codeword = slots.map((slot, i) => (i * 5 + 1) % slot.variants.length)

/** How many slots were read, and how many of those wrongly. */
function score(symbols: readonly Symbol[], truth: Codeword = word): { read: number; wrong: number } {
    const read = symbols.flatMap((symbol, i) => (typeof symbol === "number" ? [symbol === truth[i]] : []))
    return { read: read.length, wrong: read.filter((right) => !right).length }
}

const paragraphs = copy.split(/\n\n/)
const greek = (text: string): string => text.replaceAll("o", "ο").replaceAll("a", "а").replaceAll("e", "е")
const stripped = copy.replaceAll(/[`*#|]|^\s*(?:-|\d+\.) /gm, "").replaceAll(/\s+/g, " ")

describe("a whole copy is read", () => {
    test.each<[string, string]>([
        ["other line breaks", copy.replaceAll(/(\S)\n(?=[a-z])/g, "$1 ")],
        ["without formatting", stripped],
        ["capitals", copy.toUpperCase()],
        ["look-alike letters", greek(copy)],
        ["zero-width characters", [...copy].join("\u200b")],
        ["accents and full-width letters", copy.normalize("NFD").replaceAll("1", "１")],
        ["other quotes and dashes", copy.replaceAll("'", "’").replaceAll("-", "‑")],
        ["no-break spaces", copy.replaceAll(" ", "\u00a0")],
        ["paragraphs in reverse", paragraphs.toReversed().join("\n\n")],
        ["quote marks before each line", copy.replaceAll(/^/gm, "> ")],
        [
            "surrounded by other text",
            `${"lorem ipsum dolor sit amet ".repeat(200)}${copy}${"consectetur ".repeat(400)}`,
        ],
    ])("%s", (_, leak) => {
        const { read, wrong } = score(readSlots(master, slots, leak))
        expect(wrong).toBe(0)
        expect(read).toBeGreaterThan(slots.length * 0.85)
    })
})

describe("a damaged copy", () => {
    test("loses only the slots near each edit", () => {
        const words = copy.split(" ")
        const edited = words.map((word, i) => (i % 23 === 11 ? "perhaps" : word)).join(" ")
        const { read, wrong } = score(readSlots(master, slots, edited))
        expect(wrong).toBe(0)
        expect(read).toBeGreaterThan(slots.length * 0.5)
    })

    test("is followed over missing and added words", () => {
        const words = copy.split(" ")
        const cut = words
            .flatMap((word, i) => (i % 60 === 20 ? [] : i % 60 === 50 ? [word, "well", "then"] : [word]))
            .join(" ")
        const { read, wrong } = score(readSlots(master, slots, cut))
        expect(wrong).toBeLessThanOrEqual(1)
        expect(read).toBeGreaterThan(slots.length * 0.75)
    })

    test("loses a slot that the leaker rewrote", () => {
        const site = slots.findIndex(
            (slot) => slot.variants[1]?.[0]?.text === "owing to" || slot.variants[2]?.[0]?.text === "owing to",
        )
        const asWritten = slots.map(() => 0)
        const leak = applyCodeword(master, slots, asWritten).replace("due to insufficient", "caused by insufficient")
        const symbols = readSlots(master, slots, leak)
        expect(site).toBeGreaterThan(0)
        expect(symbols[site]).toBe(null)
        expect(symbols.filter((symbol) => symbol === 0).length).toBeGreaterThan(slots.length - 4)
    })
})

describe("parts of copies", () => {
    test("several excerpts are read together, in any order", () => {
        const [a = "", b = "", c = ""] = [paragraphs[4], paragraphs[7], paragraphs[10]]
        const symbols = readSlots(master, slots, `${c}\n\nthey say\n\n${a}\n\n${b}`)
        const { read, wrong } = score(symbols)
        expect(wrong).toBe(0)
        expect(read).toBeGreaterThan(20)
    })

    test("halves of two copies each give their own slots", () => {
        const second = applyCodeword(master, slots, other)
        const leak = `${copy.slice(0, copy.indexOf("## Signs"))}${second.slice(second.indexOf("## Signs"))}`
        const border = slots.findIndex((slot) => (slot.variants.flat()[0]?.start ?? 0) > master.indexOf("## Signs"))
        const truth = word.map((symbol, i) => (i < border ? symbol : (other[i] ?? 0)))
        expect(score(readSlots(master, slots, leak), truth)).toEqual({ read: slots.length, wrong: 0 })
    })

    test("a passage from two copies is mixed where they differ, and read where they agree", () => {
        const symbols = readSlots(master, slots, `${copy}\n\n${applyCodeword(master, slots, other)}`)
        for (const [i, symbol] of symbols.slice(0, -1).entries()) {
            if (word[i] !== other[i]) expect([i, symbol]).toEqual([i, "mixed"])
            else expect([i, symbol]).toEqual([i, word[i]])
        }
    })
})

describe("text from elsewhere", () => {
    test.each(["archive-parser.md", "session-fixation.md"])("gives almost no slots: %s", (name) => {
        const text = readFileSync(new URL(`../../../test/vectors/advisories/${name}`, import.meta.url), "utf8")
        expect(score(readSlots(master, slots, text)).read).toBeLessThan(3)
    })

    test.each(["", " ", "the", "the attacker", "\u0000", "🙂".repeat(1000)])("gives no slots: %j", (leak) => {
        expect(readSlots(master, slots, leak)).toEqual(slots.map(() => null))
    })

    test("gives no slots for a document without slots", () => {
        expect(readSlots("plain text", [], copy)).toEqual([])
    })
})

describe("ambiguity", () => {
    const choose = (text: string): Slot[] =>
        [...text.matchAll(/quick|rapid/g)].map((match, i) => ({
            id: `${i}`,
            kind: "test",
            robustness: "wording",
            variants: ["quick", "rapid"].map((form) => [{ start: match.index, end: match.index + 5, text: form }]),
        }))

    test("a repeated sentence is read in a whole copy, but not in an excerpt", () => {
        const sentence = "every server must get a quick check of the configuration before it is used again. "
        const text =
            `First part: ${sentence}Then comes something else entirely, which is long. Second part: ` +
            `${sentence}The end.`
        const two = choose(text)
        expect(readSlots(text, two, sentence)).toEqual([null, null])
        expect(readSlots(text, two, applyCodeword(text, two, [0, 1]))).toEqual([0, 1])
    })

    test("a form that is a prefix of another is identified by the text after it", () => {
        const text = "the parser can read the length of a name from the header of each entry today"
        const at = text.indexOf("can")
        const slot: Slot = {
            id: "x",
            kind: "test",
            robustness: "wording",
            variants: ["can", "can only", "", "can not yet"].map((form) => [{ start: at, end: at + 3, text: form }]),
        }
        for (const [v] of slot.variants.entries()) {
            expect(readSlots(text, [slot], applyCodeword(text, [slot], [v]))).toEqual([v])
        }
    })

    test("variants that read the same are not counted", () => {
        const text = "one two three four five six, seven eight nine ten eleven twelve"
        const at = text.indexOf(",")
        const slot: Slot = {
            id: "x",
            kind: "comma",
            robustness: "fragile",
            variants: [[], [{ start: at, end: at + 1, text: ";" }]],
        }
        expect(readSlots(text, [slot], text)).toEqual([null])
    })

    test("edits inside or next to a word are read as whole words", () => {
        const text = "we analyse the behaviour of the program under load, and quickly then report on what we find"
        const edit = (find: string, put: string) => ({
            start: text.indexOf(find),
            end: text.indexOf(find) + find.length,
            text: put,
        })
        const parts: Slot[] = [
            { id: "s", kind: "t", robustness: "wording", variants: [[], [edit("se the", "ze the")]] },
            { id: "u", kind: "t", robustness: "wording", variants: [[], [edit("iour", "ior")]] },
            { id: "q", kind: "t", robustness: "wording", variants: [[], [edit("ly then", " then")]] },
        ]
        for (const entry of [
            [0, 0, 0],
            [1, 0, 1],
            [0, 1, 0],
            [1, 1, 1],
        ]) {
            expect(readSlots(text, parts, applyCodeword(text, parts, entry))).toEqual(entry)
        }
    })
})

describe("source code", () => {
    const code = `function fill(buffer, size) {
    let offset = 0
    while (offset < size) {
        buffer[offset] = 0x41
        offset += 1
    }
    return buffer
}

function send(socket, path) {
    const line = "POST " + path + " HTTP/1.1"
    socket.write(line)
    return socket.flush()
}
`
    const places = (find: string): readonly (readonly [number, number])[] =>
        [...code.matchAll(new RegExp(`\\b${find}\\b`, "g"))].map(
            (match) => [match.index, match.index + find.length] as const,
        )
    const renamed = (find: string, ...names: string[]): Slot => ({
        id: find,
        kind: "local-name",
        robustness: "wording",
        variants: [[], ...names.map((name) => places(find).map(([start, end]) => ({ start, end, text: name })))],
    })
    const codeSlots = [renamed("offset", "index", "at"), renamed("line", "head"), renamed("0x41", "65", "0x42")]

    test("a renamed local variable counts once, despite reformatting", () => {
        const leak = applyCodeword(code, codeSlots, [2, 1, 1])
        expect(readSlots(code, codeSlots, leak, codeTokens)).toEqual([2, 1, 1])
        expect(readSlots(code, codeSlots, leak.replaceAll(/\s+/g, " "), codeTokens)).toEqual([2, 1, 1])
        const pretty = leak.replaceAll('"', "'").replaceAll(/(\S)\n/g, "$1;\n")
        expect(readSlots(code, codeSlots, pretty, codeTokens)).toEqual([2, 1, 1])
    })

    test("one function is enough to read its slots", () => {
        const leak = applyCodeword(code, codeSlots, [1, 1, 2])
        const [first = "", second = ""] = leak.split("\n\n")
        expect(readSlots(code, codeSlots, first, codeTokens)).toEqual([1, null, 2])
        expect(readSlots(code, codeSlots, second, codeTokens)).toEqual([null, 1, null])
    })
})

describe("limits", () => {
    test("refuses a leak of over a million characters", () => {
        const refused = expect.objectContaining({ code: "trace.too_long" })
        expect(() => readSlots(master, slots, "a".repeat(leakCharsMax + 1))).toThrow(refused)
    })

    test("answers on texts made to be ambiguous", () => {
        const same = "for example the server can read the log of the client ".repeat(4000)
        expect(readSlots(same, markdown.slots(same), same).length).toBeGreaterThan(1000)
        expect(readSlots(master, slots, same.repeat(4)).length).toBe(slots.length)
        const large = `${copy}\n\n`.repeat(150)
        expect(score(readSlots(master, slots, large)).wrong).toBe(0)
    })
})

describe("words", () => {
    test.each([
        ["It’s ‘here’", ["it", "is", "here"]],
        ["We don't, and cannot", ["we", "do", "not", "and", "can", "not"]],
        ["they’ve the server's constructor", ["they", "have", "the", "server's", "constructor"]],
        ["w3wp.exe, 16.0.5508", ["w3wp", "exe", "16", "0", "5508"]],
        ["раураl", ["paypal"]],
        ["a\u00adb\u200bc ﬁne", ["abc", "fine"]],
        ["Müller", ["muller"]],
    ])("are %j for %j", (text, words) => {
        expect(proseTokens(text)).toEqual(words)
    })

    test("of code keep their case, and lose formatting", () => {
        expect(codeTokens("Foo(a, 'b');")).toEqual(["Foo", "a", '"', "b", '"'])
    })
})

/**
 * The unmarked text is the copy in which each slot has its first form, in every notation, and never more of the
 * author's.
 */
import { readFileSync, readdirSync } from "node:fs"
import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { loadParser } from "../grammars.ts"
import { hasError } from "@tocsin/base/issue"
import { readSigma } from "@tocsin/rules/sigma"
import { readSuricata } from "@tocsin/rules/suricata"
import { type Slot, applyCodeword } from "./carrier.ts"
import { endingOf, loadMarkFormat } from "./registry.ts"
import { MasterText, type copyText, rawText, resolveSlots, unmarkedText } from "./resolved-text.ts"

const sigmaRule = `title: Tool pane request
logsource: { category: webserver }
description: |
    This {{note|message}} names {{a request|one request}} to port {{=port:20000-20255}}.
falsepositives: [ "{{Rare|Uncommon}} edits" ]
detection:
    selection:
        dst_port: {{=port:20000-20255}}
    condition: selection
`
const suricataRule =
    `alert tcp any any -> any {{=port:20000-20255}} (msg:"{{Tool|Edit}} pane, try {{=tries:3-9}}"; threshold: ` +
    `type limit, track by_src, count {{=tries:3-9}}, seconds 60; sid:1000001; rev:1;)\n`
const yaraRule = `rule page {
    meta:
        description = "{{Finds|Detects}} a page"
    strings:
        $a = "port {{=port:20000-20255}}"
    condition:
        $a and filesize < {{=size:100-200}}KB
}
`
const stix =
    `{ "type": "bundle", "description": "It {{listens|waits}}.", "port": {{=port:20000-20255}}, "label": ` +
    `"{{=port:20000-20255}}" }\n`
const python = `# Sends one request.
PORT = {{=port:20000-20255}}
timeout = 30  # mark: 20..60
agent = "curl/8.1"  # mark: one of curl/8.1|curl/8.2
filler = "AAAAAAAA" # mark: length 8..64
headers = {  # mark: order
    "a": 1,
    "b": 2,
}


def send(host):
    total = 0
    return host, total, timeout, agent, filler, headers
`

const cases: [string, string, string][] = [
    [
        "a.md",
        "# A {{note|message}}\n\nIt {{waits|listens}}{{zero-width}} on `port {{=port:20000-20255}}`, or " +
            "{{=port:20000-20255}}.\n",
        "# A note\n\nIt waits on `port 20000`, or 20000.\n",
    ],
    ["a.md", "{{=a:007-9}} of {{1|2}} and \\{{a|b}} `{{x|y}}`.\n", "7 of 1 and \\{{a|b}} `{{x|y}}`.\n"],
    [
        "a.md",
        String.raw`It \\{{waits|listens}} on \\{{=n:1-2}}, \{{a|b}}, \\\{{a|b}}.`,
        String.raw`It \\waits on \\1, \{{a|b}}, \\\{{a|b}}.`,
    ],
    ["a.txt", String.raw`The \\{{note|message}}.`, String.raw`The \\note.`],
    ["a.txt", "The {{note|message}} {{says|tells}} {{=n:1-2}} things.\n", "The note says 1 things.\n"],
    [
        "a.yml",
        sigmaRule,
        sigmaRule
            .replaceAll("{{=port:20000-20255}}", "20000")
            .replace("{{note|message}}", "note")
            .replace("{{a request|one request}}", "a request")
            .replace("{{Rare|Uncommon}}", "Rare"),
    ],
    [
        "a.rules",
        suricataRule,
        suricataRule
            .replace("{{=port:20000-20255}}", "20000")
            .replace("{{Tool|Edit}}", "Tool")
            .replaceAll("{{=tries:3-9}}", "3"),
    ],
    [
        "a.yar",
        yaraRule,
        yaraRule
            .replace("{{Finds|Detects}}", "Finds")
            .replace("{{=port:20000-20255}}", "20000")
            .replace("{{=size:100-200}}", "100"),
    ],
    ["a.json", stix, stix.replaceAll("{{=port:20000-20255}}", "20000").replace("{{listens|waits}}", "listens")],
    ["a.py", python, python.replace("{{=port:20000-20255}}", "20000").replaceAll(/ +# mark:.*/g, "")],
    ["a.js", "const n = 30 // mark: 20..60\nconst m = 1 /* mark: 0..9 */\n", "const n = 30\nconst m = 1\n"],
]

const zeros = (slots: readonly Slot[]): number[] => slots.map(() => 0)

describe("the unmarked text", () => {
    test.each(cases)(
        "of %s has the first form of each slot, and equals a copy of first forms",
        async (name, text, expected) => {
            expect(unmarkedText(name, new MasterText(text))).toBe(expected)
            const slots = (await loadMarkFormat(name, loadParser))?.carrier.slots(text) ?? []
            expect(slots.length).toBeGreaterThan(0)
            expect(applyCodeword(text, slots, zeros(slots))).toBe(expected)
        },
    )

    test.each(cases)("of %s has nothing left to resolve", (name, text) => {
        const once = resolveSlots(name, text)
        expect(resolveSlots(name, once)).toBe(once)
    })

    test("of a rule is valid, though its master is not", () => {
        for (const [name, text, read] of [
            ["a.yml", sigmaRule, readSigma],
            ["a.rules", suricataRule, readSuricata],
        ] as const) {
            expect(hasError(read(text).issues)).toBe(true)
            expect(read(resolveSlots(name, text)).issues.filter(({ severity }) => severity === "error")).toEqual([])
        }
    })

    test.each(["../../../../server/src/demo/content/toolshell", "../../../../server/src/demo/content/bypass"])(
        "of %s has no notation",
        async (folder) => {
            const from = new URL(`${folder}/`, import.meta.url)
            let resolved = 0
            for (const name of readdirSync(from).filter((item) => item !== "samples")) {
                const text = readFileSync(new URL(name, from), "utf8")
                const slots = (await loadMarkFormat(name, loadParser))?.carrier.slots(text) ?? []
                const made = resolveSlots(name, text)
                expect(made, name).toBe(applyCodeword(text, slots, zeros(slots)))
                expect(made, name).not.toMatch(/\{\{|\}\}|\|\w+\}|\bmark:/)
                resolved += Number(made !== text)
            }
            expect(resolved).toBeGreaterThan(2)
        },
    )

    test("of unparsed Markdown has the first forms but no slots, and is not released", () => {
        const deep = ">".repeat(100)
        expect(resolveSlots("a.md", `It {{is|was}}.\n\n${deep} a\n`)).toBe(`It is.\n\n${deep} a\n`)
    })

    test("of code that no grammar parses has no markers", () => {
        expect(resolveSlots("a.py", "def (:\n    x = 30  # mark: 20..60\n")).toBe("def (:\n    x = 30\n")
    })

    test.each([
        ["template.yml", "id: a\nhttp:\n  - path: '{{BaseURL}}/x'\n    body: '{{ name | upper }}'\n"],
        ["list.csv", "a,{{b|c}}\n"],
        ["a.md", "It is `{{ name | upper }}`.\n\n```\n{{7*7}} {{a|b}}\n```\n"],
        ["a.md", "It is \\{{a|b}}, or {{broken, or {{one}}.\n"],
    ])("of %s keeps text outside slots", (name, text) => {
        expect(resolveSlots(name, text)).toBe(text)
    })

    test("equals the copy of first forms for any alternatives in braces", async () => {
        const word = fc.constantFrom("note", "message", "1", "a b", "ä", "")
        const piece = fc.oneof(
            fc.array(word, { minLength: 1, maxLength: 3 }).map((list) => `{{${list.join("|")}}}`),
            fc.tuple(fc.constantFrom("port", "n"), fc.nat(40), fc.nat(40)).map(([n, a, b]) => `{{=${n}:${a}-${b}}}`),
            fc.constantFrom(
                "\n\n",
                " ",
                "- ",
                "`",
                "\\",
                "{{zero-width}}",
                "# ",
                "*",
                "|",
                "plain words",
                "[a](b)",
                ". ",
            ),
        )
        const names = fc.constantFrom("a.md", "a.txt")
        const pens = new Map(
            await Promise.all(
                ["a.md", "a.txt"].map(async (item) => [item, await loadMarkFormat(item, loadParser)] as const),
            ),
        )
        fc.assert(
            fc.property(names, fc.array(piece, { maxLength: 12 }), (name, pieces) => {
                const text = pieces.join("")
                let slots: readonly Slot[] = []
                try {
                    slots = pens.get(name)?.carrier.slots(text) ?? []
                } catch {
                    resolveSlots(name, text)
                    return
                }
                expect(resolveSlots(name, text)).toBe(applyCodeword(text, slots, zeros(slots)))
            }),
            { numRuns: 500 },
        )
    })
})

describe("a master", () => {
    const master = new MasterText("It {{is|was}}.")

    test("hides its text from accidental use, and shows it to permitted code", () => {
        expect(JSON.stringify({ master })).toBe('{"master":{}}')
        expect(Object.values(master)).toEqual([])
        expect(rawText(master)).toBe("It {{is|was}}.")
    })

    test("cannot be passed to rendering code: the types differ", () => {
        const render = (text: ReturnType<typeof copyText>): number => text.length
        // @ts-expect-error: a master is no text at all
        const given = () => render(master)
        // @ts-expect-error: nor is its raw text one in which slots are decided
        expect([given, () => render(rawText(master))]).toHaveLength(2)
        expect(render(unmarkedText("a.md", master))).toBe(6)
    })

    test("of another file type has no notation", () => {
        expect(endingOf("a.tar.gz")).toBe("gz")
        expect(resolveSlots("a.tar.gz", "{{a|b}}")).toBe("{{a|b}}")
    })
})

import { execFileSync, spawnSync } from "node:child_process"
import { readFileSync } from "node:fs"
import * as fc from "fast-check"
import { beforeAll, describe, expect, test } from "vitest"
import { loadParser } from "../../platform/grammars.ts"
import { Refusal } from "../refusal.ts"
import { type Slot, type Word, applyWord } from "./carrier.ts"
import { sourceCarrier } from "./source.ts"
import { readSource } from "./source/read.ts"
import type { Parse, SyntaxNode } from "./syntax.ts"

const typed = `import { join } from "node:path"

interface Reading { readonly name: string; readonly value: number }

function summed(readings: readonly Reading[], limit: number): string {
    const totals = new Map<string, number>()
    let skipped = 0
    for (const reading of readings) {
        const known = totals.get(reading.name) ?? 0
        if (reading.value > limit) {
            skipped++
            continue
        }
        totals.set(reading.name, known + reading.value)
    }
    const lines = [...totals].map(([name, total]) => \`\${name}=\${total}\`)
    const place: string = join("a", "b")
    if (lines.length === 0) throw new Error("nothing")
    return \`\${place} \${lines.join(" ")} \${skipped}\`
}

console.log(summed([{ name: "é", value: 3 }, { name: "b", value: 99 }, { name: "é", value: 4 }], 16))
`

/** The product needs no Python; where the machine has none, its programs are parsed and read, and not run. */
const pythonAbsent = spawnSync("python3", ["-c", "import sys; sys.exit(sys.version_info < (3, 8))"]).status !== 0

function isAbsent(language: string): boolean {
    const absent = language === "python" && pythonAbsent
    if (absent) process.stderr.write("no python3 here: copies of the Python sample are parsed, and not run\n")
    return absent
}

interface Sample {
    readonly language: string
    readonly text: string
    readonly run: (text: string) => string
}

const samples: Readonly<Record<string, Sample>> = {
    python: {
        language: "python",
        text: readFileSync("test/fixtures/source/frames.py", "utf8"),
        run: (text) => execFileSync("python3", ["-X", "utf8", "-"], { input: text, encoding: "utf8" }),
    },
    javascript: {
        language: "javascript",
        text: readFileSync("test/fixtures/source/queue.js", "utf8"),
        run: runNode("module"),
    },
    typescript: { language: "typescript", text: typed, run: runNode("module-typescript") },
}

function runNode(kind: string): Sample["run"] {
    const flags = ["--no-warnings", `--input-type=${kind}`, "-"]
    return (text) => execFileSync(process.execPath, flags, { input: text, encoding: "utf8" })
}

describe.each(Object.entries(samples))("a program in %s", (language, sample) => {
    let parse: Parse
    let slots: Slot[]
    let words: fc.Arbitrary<Word>
    beforeAll(async () => {
        parse = await loadParser(language)
        slots = sourceCarrier(language, parse).slots(sample.text)
        words = fc.tuple(...slots.map(({ variants }) => fc.nat(variants.length - 1)))
    })

    test("parses and holds no marker, whatever is chosen", () => {
        const check = fc.property(words, (word) => {
            const copy = applyWord(sample.text, slots, word)
            expect(parse(copy).hasError).toBe(false)
            expect(copy).not.toMatch(/mark:/)
        })
        fc.assert(check, { numRuns: 40 })
    })

    test("does the same, whatever is chosen", () => {
        if (isAbsent(language)) return
        const expected = sample.run(sample.text)
        const check = fc.property(words, (word) => {
            expect(sample.run(applyWord(sample.text, slots, word))).toBe(expected)
        })
        fc.assert(check, { numRuns: 12, examples: [[slots.map(({ variants }) => variants.length - 1)]] })
    })

    test("does the same after any single choice", () => {
        if (isAbsent(language)) return
        const expected = sample.run(sample.text)
        const rare = slots.filter(({ kind }) => !/^(local-name|declarator|marked-\w+|number-form)$/.test(kind))
        for (const slot of rare) {
            expect(sample.run(applyWord(sample.text, [slot], [slot.variants.length - 1]))).toBe(expected)
        }
    })

    test("tells any two words apart, and reads each back", () => {
        const check = fc.property(words, words, (one, other) => {
            const [copy, second] = [one, other].map((word) => applyWord(sample.text, slots, word))
            expect(copy === second).toBe(one.join() === other.join())
            expect(readSource(sample.text, slots, copy ?? "")).toEqual(one)
        })
        fc.assert(check, { numRuns: 20 })
    })

    test("is read right from each function that is pasted alone", () => {
        const check = fc.property(words, (word) => {
            for (const part of functionsOf(parse, applyWord(sample.text, slots, word))) {
                const read = readSource(sample.text, slots, part)
                expect(wrong(read, word)).toEqual([])
                if (part.split("\n").length < 12) continue
                expect(bits(slots.filter((_, i) => read[i] === word[i]))).toBeGreaterThanOrEqual(14)
            }
        })
        fc.assert(check, { numRuns: 10 })
    })

    test.each([
        ["other quotes", (text: string) => text.replaceAll(/(?<!["\\])"(?!")/g, "'"), 1],
        ["other indentation", (text: string) => text.replaceAll(/\n {4}/g, "\n\t"), 1],
        ["other line breaks", (text: string) => text.replaceAll(/([,(]) ?/g, "$1\n        "), 1],
        ["one line", (text: string) => text.replaceAll(/\s+/g, " "), 1],
        ["quoted in a mail", (text: string) => `Look:\n> ${text.replaceAll("\n", "\n> ")}`, 0.8],
        ["no comments", (text: string) => text.replaceAll(/^\s*(#|\/\/).*$/gm, ""), 0.9],
        ["functions in another order", (text: string) => functionsOf(parse, text).toReversed().join("\n\n"), 0.7],
        ["lines added", (text: string) => text.replaceAll(/(;|\)|\])\n/g, "$1\n    log(7, 'here')\n"), 0.8],
        ["words renamed", (text: string) => text.replaceAll(/\b(split|sum|items|jobs|header|late)\b/g, "$1_zz"), 0.7],
    ])("survives %s", (_, attack, share) => {
        const check = fc.property(words, (word) => {
            const read = readSource(sample.text, slots, attack(applyWord(sample.text, slots, word)))
            expect(wrong(read, word)).toEqual([])
            expect(read.filter((symbol) => symbol !== null).length).toBeGreaterThanOrEqual(share * slots.length)
        })
        fc.assert(check, { numRuns: 4 })
    })

    test("is not seen in foreign code", () => {
        const foreign = readFileSync("src/lib/merkle.ts", "utf8") + readFileSync("src/lib/align.ts", "utf8")
        expect(readSource(sample.text, slots, foreign).filter((symbol) => symbol !== null)).toEqual([])
    })

    test("has slots apart from each other, each with its own id, which changes elsewhere do not change", () => {
        const owner = new Map<number, number>()
        for (const [slot, { variants }] of slots.entries()) {
            for (const { start, end } of variants.flat()) {
                expect([slot, undefined]).toContain(owner.get(start))
                expect([slot, undefined]).toContain(owner.get(end - 1))
                for (let at = start; at < end; at++) owner.set(at, slot)
            }
        }
        const ids = slots.map(({ id }) => id)
        expect(new Set(ids).size).toBe(ids.length)
        const comment = language === "python" ? "# nothing\n" : "// nothing\n"
        const later = sourceCarrier(language, parse).slots(`${sample.text}\n${comment}`)
        expect(later.map(({ id }) => id)).toEqual(ids)
    })
})

test("two copies in one leak contradict each other, and are told as mixed", async () => {
    const { text } = samples["python"] as Sample
    const slots = sourceCarrier("python", await loadParser("python")).slots(text)
    const [one, other] = [0, 1].map((v) =>
        applyWord(
            text,
            slots,
            slots.map(() => v),
        ),
    )
    const read = readSource(text, slots, `${one}\n${other}`)
    expect(read.filter((symbol) => symbol === "mixed").length).toBeGreaterThan(0.8 * slots.length)
})

test("refuses what is not that language", async () => {
    const carrier = sourceCarrier("python", await loadParser("python"))
    expect(() => carrier.slots("function f() { return 1 }")).toThrow(Refusal)
    expect(() => carrier.slots("def f(:\n")).toThrow("parsed")
})

function functionsOf(parse: Parse, text: string): string[] {
    const found: string[] = []
    const enter = (node: SyntaxNode): void => {
        if (/^(function_definition|function_declaration|method_definition)$/.test(node.type)) {
            found.push(text.slice(node.start, node.end))
        } else for (const child of node.children) enter(child)
    }
    enter(parse(text))
    return found
}

/** The slots that were read, and read wrongly. */
function wrong(read: readonly unknown[], word: Word): number[] {
    return read.flatMap((symbol, i) => (symbol === null || symbol === word[i] ? [] : [i]))
}

function bits(slots: readonly Slot[]): number {
    return slots.reduce((sum, { variants }) => sum + Math.log2(variants.length), 0)
}

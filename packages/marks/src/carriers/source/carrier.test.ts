import { readFileSync } from "node:fs"
import * as fc from "fast-check"
import { beforeAll, describe, expect, test } from "vitest"
import { programs } from "../../../../../test/support/programs.ts"
import { runs } from "../../../../../test/support/properties.ts"
import { loadParser } from "../../grammars.ts"
import { Refusal } from "@tocsin/base/refusal"
import { type Slot, type Codeword, applyCodeword } from "../carrier.ts"
import { sourceCarrier } from "./carrier.ts"
import { readSource } from "./read.ts"
import { type Parse, type SyntaxNode, isComment, walk } from "../tree.ts"

describe.each(programs)("$file", ({ language, text: master, run }) => {
    let parse: Parse
    let slots: Slot[]
    let words: fc.Arbitrary<Codeword>
    beforeAll(async () => {
        parse = await loadParser(language)
        slots = sourceCarrier(language, parse).slots(master)
        words = fc.tuple(...slots.map(({ variants }) => fc.nat(variants.length - 1)))
    })

    test("parses and has no marker, with any codeword", () => {
        const check = fc.property(words, (word) => {
            const copy = applyCodeword(master, slots, word)
            expect(parse(copy).hasError).toBe(false)
            expect(copy).not.toMatch(/mark:/)
        })
        fc.assert(check, { numRuns: runs(10, 40) })
    })

    test.skipIf(run === null)("behaves the same, with any codeword", { timeout: 180_000 }, () => {
        const expected = run?.(master)
        const check = fc.property(words, (word) => {
            expect(run?.(applyCodeword(master, slots, word))).toBe(expected)
        })
        fc.assert(check, { numRuns: runs(2, 6), examples: [[slots.map(({ variants }) => variants.length - 1)]] })
    })

    test("has a robust slot for every two lines of code", () => {
        const lines = withoutComments(parse, master)
            .split("\n")
            .filter((line) => line.trim() !== "")
        const lasting = slots.filter(({ robustness }) => robustness !== "fragile")
        const each = lasting.length / lines.length
        process.stderr.write(
            `${language}: ${lasting.length} lasting slots in ${lines.length} lines, ${each.toFixed(2)} a line\n`,
        )
        expect(each).toBeGreaterThanOrEqual(0.5)
    })

    test("distinguishes any two codewords, and reads each back", () => {
        const check = fc.property(words, words, (entry, other) => {
            const [copy, second] = [entry, other].map((word) => applyCodeword(master, slots, word))
            expect(copy === second).toBe(entry.join() === other.join())
            expect(readSource(master, slots, copy ?? "")).toEqual(entry)
        })
        fc.assert(check, { numRuns: runs(5, 20) })
    })

    test("is read correctly from each function alone", () => {
        const check = fc.property(words, (word) => {
            for (const part of functionsOf(parse, applyCodeword(master, slots, word))) {
                const read = readSource(master, slots, part)
                expect(wrong(read, word)).toEqual([])
                if (part.split("\n").length < 14) continue
                expect(bits(slots.filter((_, i) => read[i] === word[i]))).toBeGreaterThanOrEqual(9)
            }
        })
        fc.assert(check, { numRuns: runs(2, 10) })
    })

    const flat = /^(python|bash|ruby|powershell)$/.test(language)

    test.each<[string, (text: string) => string, number, RegExp?]>([
        ["other quotes", (text) => text.replaceAll(/(?<!["\\])"(?!")/g, "'"), 0.9],
        ["other indentation", (text) => text.replaceAll(/\n( {4})+/g, (text) => text.replaceAll("    ", "\t")), 0.97],
        ["other line breaks", (text) => text.replaceAll(/([,(]) ?/g, "$1\n        "), flat ? 0.9 : 0.97],
        ["one line", (text) => text.replaceAll(/\s+/g, " "), flat ? 0.9 : 0.97],
        ["quoted in a mail", (text) => `Look:\n> ${text.replaceAll("\n", "\n> ")}`, 0.65],
        [
            "reformatting without comments or empty lines",
            (text) =>
                withoutComments(parse, text)
                    .replaceAll(/\n\s*\n+/g, "\n")
                    .replaceAll(/\n +/g, "\n  "),
            0.9,
            /^(?!comment-)/,
        ],
        ["functions in another order", (text) => functionsOf(parse, text).toReversed().join("\n\n"), 0.4],
        ["lines added", (text) => text.replaceAll(/(;|\)|\])\n/g, "$1\n    log(7, 'here')\n"), 0.7],
        ["all locals renamed", (text) => renamed(text, slots), 0.95, /^(?!local-name|comment-)/],
    ])("survives %s", (name, attack, share, kinds = /./) => {
        const check = fc.property(words, (word) => {
            const read = readSource(master, slots, attack(applyCodeword(master, slots, word)))
            const requests = slots.flatMap(({ kind }, i) => (kinds.test(kind) ? [i] : []))
            // Functions begin and end alike, so that a head in another place can be taken for its neighbour's.
            expect(wrong(read, word).length).toBeLessThanOrEqual(name.startsWith("functions") ? 3 : 0)
            expect(requests.filter((i) => read[i] === word[i]).length).toBeGreaterThanOrEqual(share * requests.length)
        })
        fc.assert(check, { numRuns: runs(1, 4) })
    })

    test("is not found in foreign code", () => {
        const rest = programs.filter((other) => other.language !== language).map(({ text }) => text)
        const foreign = [
            readFileSync("packages/audit-log/src/merkle.ts", "utf8"),
            readFileSync("packages/marks/src/align.ts", "utf8"),
            ...rest,
        ].join("\n")
        expect(readSource(master, slots, foreign).filter((symbol) => symbol !== null)).toEqual([])
    })

    test("moves only splices that contain whole splices", () => {
        const list = slots.flatMap(({ variants }, slot) => variants.flat().map((edit) => ({ slot, ...edit })))
        const places = list.filter(({ from }) => from !== undefined)
        for (const { start, end, slot } of places) {
            const crossing = list.filter(
                (item) =>
                    item.slot !== slot &&
                    item.start < end &&
                    item.end > start &&
                    !(item.start >= start && item.end <= end) &&
                    !(item.from !== undefined && item.start <= start && item.end >= end),
            )
            expect(crossing).toEqual([])
        }
    })

    test("has separate slots with stable ids", () => {
        const owner = new Map<number, number>()
        for (const [slot, { variants }] of slots.entries()) {
            for (const { start, end, from } of variants.flat()) {
                if (from !== undefined) continue
                expect([slot, undefined]).toContain(owner.get(start))
                expect([slot, undefined]).toContain(owner.get(end - 1))
                for (let at = start; at < end; at++) owner.set(at, slot)
            }
        }
        const ids = slots.map(({ id }) => id)
        expect(new Set(ids).size).toBe(ids.length)
        const comment = /^(python|bash|ruby|powershell)$/.test(language) ? "# nothing\n" : "// nothing\n"
        const later = sourceCarrier(language, parse).slots(`${master}\n${comment}`)
        expect(later.map(({ id }) => id)).toEqual(ids)
    })
})

test("two copies in one leak contradict each other, and are reported as mixed", async () => {
    const text = readFileSync("test/fixtures/source/frames.py", "utf8")
    const slots = sourceCarrier("python", await loadParser("python")).slots(text)
    const [item, other] = [0, 1].map((v) =>
        applyCodeword(
            text,
            slots,
            slots.map(() => v),
        ),
    )
    const read = readSource(text, slots, `${item}\n${other}`)
    expect(read.filter((symbol) => symbol === "mixed").length).toBeGreaterThan(0.8 * slots.length)
})

test("refuses another language", async () => {
    const carrier = sourceCarrier("python", await loadParser("python"))
    expect(() => carrier.slots("function f() { return 1 }")).toThrow(Refusal)
    expect(() => carrier.slots("def f(:\n")).toThrow("parsed")
})

const functions = /^(function_(definition|declaration|statement)|method(_definition|_declaration)?)$/

function functionsOf(parse: Parse, text: string): string[] {
    const found: string[] = []
    const enter = (node: SyntaxNode): void => {
        if (functions.test(node.type)) found.push(text.slice(node.start, node.end))
        else for (const child of node.children) enter(child)
    }
    enter(parse(text))
    return found
}

function withoutComments(parse: Parse, text: string): string {
    const cuts: SyntaxNode[] = []
    walk(parse(text), (node) => {
        if (isComment(node)) cuts.push(node)
    })
    return cuts.toReversed().reduce((rest, { start, end }) => rest.slice(0, start) + rest.slice(end), text)
}

/** Renames every local name. */
function renamed(text: string, slots: readonly Slot[]): string {
    const names = slots.flatMap(({ kind, variants }) => (kind === "local-name" ? variants.flat() : []))
    const list = new Set(names.map((edit) => edit.text.replace(/^.*: /, "")))
    return text.replaceAll(/[A-Za-z_]\w*/g, (word) => (list.has(word) ? `${word}_zz` : word))
}

/** The slots that were read, and read wrongly. */
function wrong(read: readonly unknown[], word: Codeword): number[] {
    return read.flatMap((symbol, i) => (symbol === null || symbol === word[i] ? [] : [i]))
}

function bits(slots: readonly Slot[]): number {
    return slots.reduce((sum, { variants }) => sum + Math.log2(variants.length), 0)
}

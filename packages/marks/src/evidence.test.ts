import { createCipheriv } from "node:crypto"
import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import vectors from "../../../test/vectors/scores.json" with { type: "json" }
import type { Symbol, Codeword } from "./carriers/carrier.ts"
import { type CipherOf, type Colluders, biases, codebookOf, docKey, noncesOf } from "./code.ts"
import { type Coin, chanceOf } from "./code/coin.ts"
import { rowsOfCodewords } from "./code/codewords.ts"
import { log10Reach, distinguishableRecipients } from "./evidence/reach.ts"
import { type Findings, rankRecipients } from "./evidence.ts"

/** A small seeded generator (mulberry32): whole numbers below `size`. */
function dice(seed: number): (size: number) => number {
    let state = seed
    return (size) => {
        state = (state + 0x6d2b79f5) | 0
        let t = Math.imul(state ^ (state >>> 15), 1 | state)
        t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
        return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * size)
    }
}

/** Coins of these numbers of variants, biased for `colluders` in turn. */
function coinsFor(sizes: readonly number[], colluders: Colluders = 2): Coin[] {
    const levels = biases[colluders]
    return sizes.map((size, i) =>
        size === 2
            ? [levels[i % levels.length] ?? 128, 256]
            : Array.from({ length: size }, (_, s) => Math.floor(((s + 1) * 256) / size)),
    )
}

const draw = (coins: readonly Coin[], roll: (size: number) => number): number[] =>
    coins.map((coin) => {
        const u = roll(256)
        return coin.findIndex((upTo) => u < upTo)
    })

function partners(count: number, coins: readonly Coin[], roll: (size: number) => number): Map<string, Codeword> {
    return new Map(Array.from({ length: count }, (_, i) => [`p${i}`, draw(coins, roll)]))
}

function ranked(
    symbols: readonly Symbol[],
    coins: readonly Coin[],
    words: ReadonlyMap<string, Codeword>,
    alpha: number,
): Findings {
    const rows = rowsOfCodewords([...words.values()], symbols)
    return rankRecipients({ coins, symbols, recipients: [...words.keys()], rows }, alpha)
}

/** Every word there is, with how likely it is. */
function everyWord(coins: readonly Coin[]): { word: number[]; chance: number }[] {
    return coins.reduce<{ word: number[]; chance: number }[]>(
        (words, coin) =>
            words.flatMap(({ word, chance }) =>
                coin.map((_, symbol) => ({ word: [...word, symbol], chance: chance * chanceOf(coin, symbol) })),
            ),
        [{ word: [], chance: 1 }],
    )
}

const majority = (words: readonly Codeword[], roll: (size: number) => number): number[] =>
    (words[0] ?? []).map((first, i) => {
        const [a, b, c] = words.map((word) => word[i] ?? 0)
        return b === c ? (b ?? first) : a === b || a === c ? first : ([a, b, c][roll(3)] ?? first)
    })

/** How a leak may come about; none looks at an innocent's word. Each gets the words of three colluders. */
const attacks: Readonly<Record<string, (words: readonly Codeword[], roll: (size: number) => number) => Symbol[]>> = {
    "one copy": ([a = []]) => [...a],
    "the majority of three": majority,
    "a coin among three": (words, roll) => (words[0] ?? []).map((_, i) => words[roll(3)]?.[i] ?? 0),
    "the first variant everywhere": ([a = []]) => a.map(() => 0),
    "an excerpt of 15": ([a = []]) => a.map((symbol, i) => (i >= 20 && i < 35 ? symbol : null)),
    "whatever differs is erased": ([a = [], b = []]) => a.map((symbol, i) => (symbol === b[i] ? symbol : null)),
    "one copy, a fifth rewritten": ([a = []], roll) => a.map((symbol) => (roll(5) === 0 ? roll(2) : symbol)),
}

const designs: readonly Colluders[] = [2, 4, 8]

/** The forms that colluders with these copies can show at a slot of many forms. */
function chosen(how: string, entries: readonly number[], roll: (size: number) => number): Symbol {
    const any = entries[roll(entries.length)] ?? 0
    if (how === "interleave") return any
    if (how === "whatever differs is gone") return entries.every((entry) => entry === any) ? any : null
    const count = (value: number) => entries.filter((other) => other === value).length
    const sorted = entries.toSorted((a, b) => count(a) - count(b))
    return (how === "rarest" ? sorted[0] : sorted.at(-1)) ?? any
}

describe("an e-value", () => {
    test.each(designs)(
        "has expectation 1 for an innocent recipient, for any leak and other recipients: %d",
        (design) => {
            const coins = coinsFor([2, 3, 2, 4, 2], design)
            const roll = dice(design)
            const leaks: Symbol[][] = [
                ...Array.from({ length: 4 }, () => draw(coins, roll)),
                [0, 2, null, 1, 3, "mixed"],
                [1, 1, 1, 1, null, 0],
            ]
            for (const leak of leaks) {
                for (const others of [0, 1, 12]) {
                    const rest = partners(others, coins, roll)
                    const whole = leak.map((symbol) => (typeof symbol === "number" ? symbol : 0))
                    if (others > 0) rest.set("who leaked", whole)
                    const sum = everyWord(coins).reduce((total, { word, chance }) => {
                        const { ranking } = ranked(leak, coins, new Map([...rest, ["innocent", word]]), 0.05)
                        return (
                            total +
                            chance * 10 ** (ranking.find((ranked) => ranked.recipient === "innocent")?.log10e ?? 0)
                        )
                    }, 0)
                    expect(sum).toBeCloseTo(1, 9)
                }
            }
        },
    )

    test("has expectation 1 at most with slots of many forms, for any leak and other recipients", () => {
        const size = fc.constantFrom(2, 3, 5, 8)
        const sizes = fc.array(size, { minLength: 1, maxLength: 3 })
        const check = fc.property(
            sizes,
            fc.constantFrom(...designs),
            fc.nat(),
            fc.nat(6),
            (entries, design, seed, others) => {
                const coins = coinsFor(entries, design)
                const roll = dice(seed)
                const words = partners(others, coins, roll)
                // Merged from some of them, so that accomplices are found.
                const list = [...words.values()]
                const leak = coins.map((coin, i) => list[roll(Math.max(1, list.length))]?.[i] ?? roll(coin.length))
                const sum = everyWord(coins).reduce((total, { word, chance }) => {
                    const { ranking } = ranked(leak, coins, new Map([...words, ["innocent", word]]), 0.05)
                    return (
                        total + chance * 10 ** (ranking.find((ranked) => ranked.recipient === "innocent")?.log10e ?? 0)
                    )
                }, 0)
                expect(sum).toBeLessThanOrEqual(1 + 1e-9)
            },
        )
        fc.assert(check, { numRuns: 12 })
    })

    test.each(["interleave", "rarest", "commonest", "whatever differs is gone"])(
        "of slots of eight forms identifies an innocent recipient with probability alpha at most: %s",
        (how) => {
            const roll = dice(how.length)
            const [alpha, leaks] = [0.05, 200]
            let falsely = 0
            let named = 0
            for (let n = 0; n < leaks; n++) {
                const coins = coinsFor(Array<number>(n % 2 === 0 ? 20 : 50).fill(8))
                const guilty = Array.from({ length: 2 + (n % 3) }, () => draw(coins, roll))
                const leak = coins.map((_, i): Symbol =>
                    chosen(
                        how,
                        guilty.map((word) => word[i] ?? 0),
                        roll,
                    ),
                )
                const words = partners(20, coins, roll)
                guilty.forEach((word, i) => words.set(`guilty${i}`, word))
                const { identified } = ranked(leak, coins, words, alpha)
                falsely += Number(identified.some((item) => item.startsWith("p")))
                named += Number(identified.some((item) => item.startsWith("guilty")))
            }
            expect(falsely).toBeLessThanOrEqual(alpha * leaks)
            expect(named).toBeGreaterThan(0)
        },
    )

    test("has expectation 1 in parts of a long document and next to colluders, within chance", () => {
        const coins = coinsFor(Array<number>(120).fill(2), 4)
        const roll = dice(99)
        const rest = partners(20, coins, roll)
        const [a = [], b = [], c = []] = rest.values()
        const leak = a.map((symbol, i) => (i < 60 ? symbol : ([b, c][roll(2)]?.[i] ?? 0)))
        const draws = 200
        let sum = 0
        for (let n = 0; n < draws; n++) {
            const { ranking } = ranked(leak, coins, new Map([...rest, ["innocent", draw(coins, roll)]]), 0.5)
            sum += Math.min(50, 10 ** (ranking.find((ranked) => ranked.recipient === "innocent")?.log10e ?? 0))
        }
        expect(sum / draws).toBeLessThan(1.5)
    })

    test.each(Object.keys(attacks))("identifies an innocent recipient with probability alpha at most: %s", (name) => {
        const roll = dice(name.length)
        const alpha = 0.05
        const leaks = 200
        let [inside, outside] = [0, 0]
        for (let n = 0; n < leaks; n++) {
            const coins = coinsFor(
                Array.from({ length: 60 }, (_, i) => (i % 5 === 4 ? 3 : 2)),
                designs[n % 3],
            )
            const colluders = Array.from({ length: 3 }, () => draw(coins, roll))
            const innocents = partners(12, coins, roll)
            const leak = attacks[name]?.(colluders, roll) ?? []
            if (ranked(leak, coins, innocents, alpha).identified.length > 0) outside++
            const list = new Map([...innocents, ...colluders.map((word, i) => [`guilty${i}`, word] as const)])
            if (ranked(leak, coins, list, alpha).identified.some((item) => item.startsWith("p"))) inside++
        }
        expect(outside).toBeLessThanOrEqual(alpha * leaks)
        expect(inside).toBeLessThanOrEqual(alpha * leaks)
    })
})

describe("the power to identify", () => {
    const two = (slots: number, design: Colluders = 2) => coinsFor(Array<number>(slots).fill(2), design)

    test("15 clean binary slots identify one of 12 at 1e-3, and 13 do not", () => {
        const roll = dice(3)
        for (const [slots, verdict] of [
            [15, "traced"],
            [13, "undecided"],
        ] as const) {
            const coins = two(slots)
            const words = partners(11, coins, roll)
            const leaker = draw(coins, roll)
            const found = ranked(leaker, coins, new Map([...words, ["leaker", leaker]]), 1e-3)
            expect(found.verdict).toBe(verdict)
            expect(found.identified).toEqual(verdict === "traced" ? ["leaker"] : [])
            expect(found.ranking[0]).toMatchObject({ recipient: "leaker", fits: slots })
        }
    })

    test("60 binary slots, a tenth of them wrong, almost always identify one of 100 at 1e-3", () => {
        const roll = dice(4)
        const coins = two(60)
        let named = 0
        for (let n = 0; n < 100; n++) {
            const words = partners(100, coins, roll)
            const leak = (words.get("p7") ?? []).map((symbol) => (roll(10) === 0 ? 1 - symbol : symbol))
            if (ranked(leak, coins, words, 1e-3).identified.includes("p7")) named++
        }
        expect(named).toBeGreaterThanOrEqual(90)
    })

    test("two merged copies are identified together once enough slots are read", () => {
        const roll = dice(5)
        const coins = two(200)
        const words = partners(20, coins, roll)
        const [a = [], b = []] = [words.get("p3"), words.get("p11")]
        const leak = a.map((symbol, i) => (roll(2) === 0 ? symbol : (b[i] ?? 0)))
        const found = ranked(leak, coins, words, 1e-3)
        expect(found.identified.toSorted()).toEqual(["p11", "p3"])
        expect(found.together.map((pair) => pair.recipients.toSorted())).toEqual([["p11", "p3"]])
        expect(ranked(a, coins, words, 1e-3).together).toEqual([])
    })

    test("identifies three who merge by the rarest forms if the coins are biased; even coins never do", () => {
        const roll = dice(6)
        const coins = two(420, 4)
        const words = partners(50, coins, roll)
        const [a = [], b = [], c = []] = words.values()
        const rarest = a.map((symbol, i) => {
            const ones = symbol + (b[i] ?? 0) + (c[i] ?? 0)
            return ones === 0 ? 0 : ones === 3 ? 1 : Number(ones === 1)
        })
        const { identified } = ranked(rarest, coins, words, 1e-3)
        expect(identified.length).toBeGreaterThan(0)
        expect(["p0", "p1", "p2"]).toEqual(expect.arrayContaining([...identified]))
    })

    test("paragraphs of different copies are identified by their parts", () => {
        const roll = dice(7)
        const coins = two(160)
        const words = partners(50, coins, roll)
        const list = [...words.values()]
        const leak = coins.map((_, i) => list[Math.floor(i / 40)]?.[i] ?? 0)
        expect(ranked(leak, coins, words, 1e-3).identified.toSorted()).toEqual(["p0", "p1", "p2", "p3"])
    })

    test("identifies no copy from the master's text, not even an equal one; a collusion for its forms is found", () => {
        const roll = dice(9)
        const coins = two(420, 4)
        const words = partners(50, coins, roll)
        words.set("as the master", Array<number>(420).fill(0))
        const master = coins.map((_, i) => (i % 40 === 7 ? 1 : 0))
        const found = ranked(master, coins, words, 1e-3)
        expect(found).toMatchObject({ verdict: "undecided", identified: [], unmarked: { fits: 409, explains: true } })
        expect(found.ranking[0]).toMatchObject({ recipient: "as the master", identified: false })
        expect(found.unmarked.log10lr).toBeGreaterThan(found.threshold)

        const [a = [], b = [], c = []] = words.values()
        const towardsIt = a.map((symbol, i) => Math.min(symbol, b[i] ?? 0, c[i] ?? 0))
        const merged = ranked(towardsIt, coins, words, 1e-3)
        expect(merged.unmarked.explains).toBe(false)
        expect(merged.identified.length).toBeGreaterThan(0)
        expect(["p0", "p1", "p2"]).toEqual(expect.arrayContaining([...merged.identified]))
    })

    test("every slot counts, also when few are alike", () => {
        const sizes = Array.from({ length: 254 }, (_, i) => i + 3)
        const coins = coinsFor([...sizes, ...Array<number>(20).fill(2)], 8)
        const words = partners(2, coins, dice(10))
        const found = ranked(words.get("p1") ?? [], coins, words, 1e-3)
        expect(found.slots.read).toBe(coins.length)
        expect(found.ranking[0]).toMatchObject({ recipient: "p1", fits: coins.length })
    })

    test("no copy is identified where even a whole copy could not be", () => {
        const coins = two(8)
        const slots = Array.from({ length: 8 }, () => ({ variants: [[], []], robustness: "wording" as const }))
        expect(log10Reach(slots, 2)).toBeCloseTo(8 * Math.log10(2) + Math.log10(0.52), 12)
        expect(distinguishableRecipients(slots, 2, 1e-3)).toBe(0)
        const word = draw(coins, dice(8))
        const { verdict, ranking } = ranked(word, coins, new Map([["acme", word]]), 1e-3)
        expect(verdict).toBe("undecided")
        expect(ranking[0]?.log10e).toBeGreaterThan(0)
    })
})

describe("results", () => {
    const coins = coinsFor([2, 2, 2, 2, 2, 2])
    const words = new Map([
        ["acme", [0, 1, 0, 1, 0, 1]],
        ["globex", [1, 1, 0, 0, 0, 1]],
    ])

    test.each<[string, Symbol[], string, object]>([
        ["nothing read", [null, null, null, null, null, null], "unrelated", { read: 0, erased: 6, mixed: 0 }],
        ["two by chance", [0, null, null, 1, null, null], "unrelated", { read: 2, erased: 4, mixed: 0 }],
        ["too few to identify", [0, 1, 0, 1, 0, 1], "undecided", { read: 6, erased: 0, mixed: 0 }],
        [
            "mixed slots count as seen",
            [0, "mixed", "mixed", 1, null, null],
            "undecided",
            { read: 2, erased: 2, mixed: 2 },
        ],
        ["an unknown variant", [0, 1, 2, -1, null, null], "unrelated", { read: 2, erased: 4, mixed: 0 }],
    ])("%s", (_, symbols, verdict, slots) => {
        const found = ranked(symbols, coins, words, 1e-3)
        expect(found.verdict).toBe(verdict)
        expect(found.slots).toEqual({ total: 6, ...slots })
    })

    test("rank each candidate once, best first, in any order of candidates", () => {
        const symbol = fc.constantFrom<Symbol[]>(0, 1, null, "mixed")
        const symbols = fc.array(symbol, { minLength: 6, maxLength: 6 })
        const others = fc.array(fc.array(fc.nat(1), { minLength: 6, maxLength: 6 }), { maxLength: 30 })
        fc.assert(
            fc.property(symbols, others, (read, more) => {
                const list = [...words, ...more.map((word, i) => [`p${i}`, word] as const)]
                const found = ranked(read, coins, new Map(list), 0.01)
                const backwards = ranked(read, coins, new Map(list.toReversed()), 0.01)
                const scores = found.ranking.map((ranked) => ranked.log10e)
                expect(scores).toEqual(scores.toSorted((a, b) => b - a))
                expect(new Set(found.ranking.map((ranked) => ranked.recipient)).size).toBe(list.length)
                for (const ranked of found.ranking) {
                    const again = backwards.ranking.find(({ recipient }) => recipient === ranked.recipient)
                    expect(again?.log10e).toBeCloseTo(ranked.log10e, 6)
                }
            }),
        )
    })
})

const cipherOf: CipherOf = (key) => {
    const cipher = createCipheriv("aes-128-ecb", key, null).setAutoPadding(false)
    return (blocks) => cipher.update(blocks)
}

describe("published evidence", () => {
    const near = (known: number) => expect.closeTo(known, -Math.log10(vectors.tolerance)) as number

    test.each(vectors.leaks)("of $name", ({ name, colluders, sizes, symbols: read, recipients, alpha, expected }) => {
        const key = docKey(Buffer.from(vectors.master, "hex"), { document: name, version: "1", epoch: 1 })
        const slots = sizes.map((size, n) => ({ id: `slot ${n}`, size }))
        const { coins, bits, rowsFor } = codebookOf(key, slots, colluders as Colluders, cipherOf)
        const symbols = read as Symbol[]
        const found = rankRecipients(
            { coins, bits, symbols, recipients, rows: rowsFor(symbols, noncesOf(recipients)) },
            alpha,
        )
        expect(found).toMatchObject({
            verdict: expected.verdict,
            threshold: near(expected.threshold),
            unmarked: { log10lr: near(expected.unmarked.log10lr), explains: expected.unmarked.explains },
            together: expected.together.map((item) => ({ ...item, log10e: near(item.log10e) })),
        })
        expect(found.identified.toSorted()).toEqual(expected.identified.toSorted())
        const log10e = new Map(found.ranking.map((ranked) => [ranked.recipient, ranked.log10e]))
        expect(log10e).toEqual(new Map((expected.log10e as [string, number][]).map(([item, e]) => [item, near(e)])))
    })
})

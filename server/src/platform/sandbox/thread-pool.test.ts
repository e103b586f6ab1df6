import { beforeAll, describe, expect, test } from "vitest"
import { markdown } from "@tocsin/marks/carriers/prose/markdown"
import { type Slot, placesOf, writerOf, writerSlack } from "@tocsin/marks/carriers/carrier"
import { type Codebook, codebookOf, docKey, noncesOf } from "@tocsin/marks/code"
import { sumRows } from "@tocsin/marks/code/codewords"
import { rankRecipients, rankManyRecipients } from "@tocsin/marks/evidence"
import { blockCipher } from "../crypto/aes-blocks.ts"
import { LimitExceeded, runInThread, threadsMax, runHereOrInThread } from "./thread-pool.ts"
import { computeRowsInThreads, computeSumsInThreads } from "./parallel-scores.ts"

const sentence = (n: number) =>
    `You should block this address number ${n} at once, and check whether the server has been used before.`
const master = Array.from({ length: 40 }, (_, n) => sentence(n)).join("\n\n")
const key = docKey(new Uint8Array(32).fill(7), { document: "threads", version: "1", epoch: 1 })
const names = Array.from({ length: 3000 }, (_, n) => `recipient ${n}`)
const nonces = noncesOf(names)
let slots: readonly Slot[] = []
let book: Codebook
let leak = ""

beforeAll(() => {
    slots = markdown.slots(master)
    book = codebookOf(key, placesOf(slots), 4, blockCipher)
    const copy = Buffer.alloc(64 * 1024 + writerSlack)
    leak = copy.toString("utf8", 0, writerOf(master, slots)(book.codewordOf("recipient 5"), copy))
})

const compared = () => ({ name: "advisory.md", master, slots, leak })

describe("a thread job", () => {
    test("gives the same result as without a thread", async () => {
        const symbols = (await runHereOrInThread(false, "read", compared())) ?? []
        expect(symbols.filter((symbol) => typeof symbol === "number").length).toBeGreaterThan(30)
        expect(await runInThread("read", compared())).toEqual(symbols)
        const rows = book.rowsFor(symbols, nonces)
        const held = { coins: book.coins, bits: book.bits, symbols, recipients: names, rows }
        const here = await runHereOrInThread(false, "weigh", { slots, held, alpha: 1e-3 })
        expect(here.identified).toEqual(["recipient 5"])
        expect(await runInThread("weigh", { slots, held, alpha: 1e-3 })).toEqual(here)
    })

    test("waits for a free thread when all are busy", async () => {
        const many = Array.from({ length: 3 * threadsMax + 1 }, (_, n) => ({ ...compared(), leak: sentence(n) }))
        const apartFrom = await Promise.all(many.map((item) => runInThread("read", item)))
        const here = await Promise.all(many.map((item) => runHereOrInThread(false, "read", item)))
        expect(apartFrom).toEqual(here)
    })

    test("reads nothing of an unmarked class or of a leak that is too large", async () => {
        expect(await runInThread("read", { ...compared(), name: "picture.png" })).toBeNull()
        expect(await runInThread("read", { ...compared(), leak: "word ".repeat(3_000_000) })).toBeNull()
    })

    test("is ended when it takes too long, and the next one runs", async () => {
        const hard = runInThread("read", compared(), { timeMs: 0 })
        await expect(hard).rejects.toBeInstanceOf(LimitExceeded)
        expect(await runInThread("read", compared())).toHaveLength(slots.length)
    })

    test("reports its failure as a failure, not as a limit", async () => {
        const odd = runInThread("weigh", {
            slots,
            alpha: 2,
            held: { coins: [], symbols: [], recipients: [], rows: book.rowsFor([], nonces) },
        })
        await expect(odd).rejects.toThrow("alpha must be between 0 and 1")
    })
})

test("many codewords are generated and summed in parts with the same result", async () => {
    const symbols = slots.map((_, i) => i & 1)
    const rows = await computeRowsInThreads({ key, places: placesOf(slots), colluders: 4 }, symbols, nonces)
    const here = book.rowsFor(symbols, nonces)
    expect(rows.groups).toBe(here.groups)
    expect(Buffer.from(rows.bits.buffer).equals(Buffer.from(here.bits.buffer))).toBe(true)
    const [fits, others] = [1, -1].map((sign) =>
        Float64Array.from({ length: here.groups * 32 }, (_, i) => sign * Math.sqrt(i)),
    )
    const weights = [fits ?? new Float64Array(), others ?? new Float64Array()] as const
    expect(await computeSumsInThreads(rows, ...weights)).toEqual(sumRows(here, ...weights))
})

test("many candidates are scored with the same result", async () => {
    const places = Array.from({ length: 2100 }, (_, i) => ({ id: `slot ${i}`, size: 2 }))
    const subject = { key, places, colluders: 4 as const }
    const { coins, bits, codewordOf: wordOf } = codebookOf(key, places, 4, blockCipher)
    const recipients = Array.from({ length: 10_000 }, (_, n) => `recipient ${n}`).toSorted()
    const symbols = wordOf("recipient 7")
    const held = {
        coins,
        bits,
        symbols,
        recipients,
        rows: await computeRowsInThreads(subject, symbols, noncesOf(recipients)),
    }
    const found = await rankManyRecipients(held, 1e-3, computeSumsInThreads)
    expect(found.identified).toEqual(["recipient 7"])
    expect(found).toEqual(rankRecipients(held, 1e-3))
})

/** The rates of generating and weighing codewords, making copies and tracing leaks, each next to its limit. */
import { createHash } from "node:crypto"
import { readFileSync, readdirSync } from "node:fs"
import { type Slot, type Writer, writerOf, writerSlack, placesOf } from "@tocsin/marks/carriers/carrier"
import { penFor } from "@tocsin/marks/carriers/registry"
import { type Book, bookOf, docKey, noncesOf } from "@tocsin/marks/code"
import { sums } from "@tocsin/marks/code/codewords"
import { blockCipher } from "../../server/src/platform/crypto/aes-blocks.ts"
import { runInThread, threadsMax, runHereOrInThread } from "../../server/src/platform/sandbox/thread-pool.ts"
import { loadParser } from "@tocsin/marks/grammars"
import { computeRowsInThreads, computeSumsInThreads } from "../../server/src/platform/sandbox/parallel-scores.ts"
import { type Reading, besideLimits, percent, secondsOf, shown } from "../measure.ts"

const slotsOfWord = 2048

interface Unit {
    readonly name: string
    readonly scale: number
    readonly digits: number
}

const seconds: Unit = { name: "s", scale: 1, digits: 2 }
const milliseconds: Unit = { name: "ms", scale: 1000, digits: 1 }

export async function printSpeed(recipients: number): Promise<void> {
    await printWords(recipients)
    await printCopies()
    await printTrace()
}

/** CPU seconds of all threads, because other load lengthens wall-clock time. */
async function processorSecondsOf(work: () => unknown): Promise<number> {
    const { user, system } = process.cpuUsage()
    await work()
    const after = process.cpuUsage()
    return (after.user - user + after.system - system) / 1e6
}

async function print(kind: string, work: () => unknown, limit: Limit, rounds = 5, unit = seconds): Promise<void> {
    const by = await besideLimits(rounds, () => secondsOf(work), [() => secondsOf(limit.work)])
    const own = await besideLimits(rounds, () => processorSecondsOf(work), [])
    const [beside, ratio] = [by.limits[0] ?? by.measured, by.ratios[0] ?? by.measured]
    const as = ({ median, min, max }: Reading) =>
        shown({ median: median * unit.scale, min: min * unit.scale, max: max * unit.scale }, unit.name, unit.digits)
    process.stdout.write(
        `  ${kind}: ${as(by.measured)}, of the processor ${as(own.measured)}; ` +
            `${limit.name} ${as(beside)}, ratio ${percent(ratio)}\n`,
    )
}

interface Limit {
    readonly name: string
    readonly work: () => unknown
}

async function printWords(recipients: number): Promise<void> {
    const key = docKey(new Uint8Array(32).fill(3), { document: "speed", version: "1", epoch: 1 })
    const places = Array.from({ length: slotsOfWord }, (_, i) => ({ id: `slot ${i}`, size: 2 }))
    const subject = { key, places, colluders: 4 } as const
    const symbols = places.map((_, i) => i & 1)
    const nonces = noncesOf(Array.from({ length: recipients }, (_, i) => `recipient ${i}`))
    const rows = await computeRowsInThreads(subject, symbols, nonces)
    const [fits = empty, others = empty] = [1, -1].map((worth) => new Float64Array(rows.groups * 32).fill(worth))
    // A slot with probabilities in sixteenths uses four bits.
    const drawn = new Uint8Array(rows.bits.byteLength * 4)
    const cipher = blockCipher(new Uint8Array(16))
    const bare = () => {
        for (let at = 0; at < drawn.length; at += 1 << 20) cipher(drawn.subarray(at, at + (1 << 20)))
    }
    process.stdout.write(`${recipients} recipients of ${slotsOfWord} slots; ${threadsMax} threads\n`)
    const bareSum = { name: "a bare sum over them", work: () => rows.bits.reduce((sum, value) => sum + value, 0) }
    await print("weighed from stored rows, target 0.30 s", () => computeSumsInThreads(rows, fits, others), bareSum)
    await print("the same in one thread", () => sums(rows, fits, others), bareSum)
    const drawAndWeigh = async () =>
        await computeSumsInThreads(await computeRowsInThreads(subject, symbols, nonces), fits, others)
    await print("drawn anew and weighed, target 2.00 s", drawAndWeigh, { name: "AES alone", work: bare })
}

const empty = new Float64Array()

interface Document {
    readonly name: string
    readonly text: string
    readonly slots: readonly Slot[]
    readonly book: Book
    readonly write: Writer
}

async function documentOf(path: string, text = readFileSync(path, "utf8")): Promise<Document> {
    const pen = await penFor(path, loadParser)
    if (pen === null) throw new Error(`${path} carries no marks`)
    const slots = pen.carrier.slots(text)
    const key = createHash("sha256").update(path).digest()
    const places = placesOf(slots)
    return { name: path, text, slots, book: bookOf(key, places, 2, blockCipher), write: writerOf(text, slots) }
}

const content = "server/src/demo/content/toolshell"

/** Copies of 20 KB of the corpus's prose: generated, and written to memory. */
async function printCopies(): Promise<void> {
    const names = ["technical.md", "guidance.md", "summary.md", "repro.md"].map((name) => `${content}/${name}`)
    const more = ["technical.md", "summary.md"].map((name) => `server/src/demo/content/bypass/${name}`)
    const texts = [...names, ...more].map((path) => readFileSync(path, "utf8"))
    const { slots, book, write } = await documentOf("all.md", texts.join("\n"))
    const into = Buffer.alloc(64 * 1024 + writerSlack)
    const length = write(book.wordOf("partner 0"), into)
    const from = Buffer.from(into.subarray(0, length))
    const times = 500
    const make = () => {
        for (let n = 0; n < times; n++) write(book.wordOf(`partner ${n}`), into)
    }
    const copy = () => {
        for (let n = 0; n < times; n++) from.copy(into)
    }
    process.stdout.write(`${times} copies of ${length} bytes with ${slots.length} slots, after one parse\n`)
    const limit = { name: "as many bytes copied", work: copy }
    await print(`drawn and written, target ${times * 0.2} ms`, make, limit, 15, milliseconds)
}

const partners = 1000
const leakLength = 100_000

/** One leak against everything that a case may contain: read, codewords generated, weighed. */
async function printTrace(): Promise<void> {
    const folders = ["server/src/demo/content/bypass", content, "test/vectors/advisories", "test/fixtures/source"]
    const paths = folders.flatMap((folder) =>
        readdirSync(folder, { withFileTypes: true })
            .filter((entry) => entry.isFile())
            .map(({ name }) => `${folder}/${name}`),
    )
    const documents = await Promise.all(paths.slice(0, 20).map((path) => documentOf(path)))
    const names = Array.from({ length: partners }, (_, i) => `partner ${i}`).toSorted()
    const nonces = noncesOf(names)
    const foreign = [
        "README.md",
        "ARCHITECTURE.md",
        "docs/reference/formats/marks.md",
        "docs/reference/glossary.md",
        "CHANGELOG.md",
    ]
    const around = foreign.map((path) => readFileSync(path, "utf8")).join("\n\n")
    for (const path of [`${content}/technical.md`, `${content}/poc.py`]) {
        const from = documents[paths.indexOf(path)]
        if (from === undefined) throw new Error(`${path} is not among the documents`)
        const into = Buffer.alloc(64 * 1024 + writerSlack)
        const copy = into.subarray(0, from.write(from.book.wordOf("partner 7"), into)).toString("utf8")
        const half = (leakLength - copy.length) / 2
        const leak = `${around.slice(0, half)}\n\n${copy}\n\n${around.slice(half, 2 * half)}`
        const identified = await trace(documents, leak, names, nonces)
        process.stdout.write(
            `a leak of ${leak.length} characters with a copy of ${path} among ${documents.length} documents, ` +
                `${partners} partners: ${identified.join(", ")} named\n`,
        )
        const words = { name: "its words told apart", work: () => leak.normalize("NFKC").match(/\S+/g)?.length }
        let times = 0
        // Every leak is different, because results are cached per leak.
        const work = () => trace(documents, `${leak}\n${++times}`, names, nonces)
        await print("read, drawn and weighed, target 500 ms", work, words, 7, milliseconds)
    }
}

/** Like the server: reads everything before generating codewords. */
async function trace(
    documents: readonly Document[],
    leak: string,
    recipients: readonly string[],
    nonces: Uint8Array,
): Promise<string[]> {
    const readings = documents.map(({ name, text, slots }) => runInThread("read", { name, master: text, slots, leak }))
    const symbols = await Promise.all(readings)
    const found = documents.map(async ({ slots, book: { coins, bits, rowsFor } }, i) => {
        const entries = symbols[i] ?? []
        const held = { coins, bits, symbols: entries, recipients, rows: rowsFor(entries, nonces) }
        const isApart = entries.some((symbol) => typeof symbol === "number")
        return (await runHereOrInThread(isApart, "weigh", { slots, held, alpha: 1e-3 / documents.length })).identified
    })
    return (await Promise.all(found)).flat()
}

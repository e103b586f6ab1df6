/** The rates of generating and weighing codewords, making copies and tracing leaks, each next to its limit. */
import { createHash } from "node:crypto"
import { readFileSync, readdirSync } from "node:fs"
import { type Slot, type Writer, writerOf, writerSlack, placesOf } from "@tocsin/marks/carriers/carrier"
import { loadMarkFormat } from "@tocsin/marks/carriers/registry"
import { type Codebook, codebookOf, docKey, noncesOf } from "@tocsin/marks/code"
import { sumRows } from "@tocsin/marks/code/codewords"
import { blockCipher } from "../../server/src/platform/crypto/aes-blocks.ts"
import { runInThread, threadsMax, runHereOrInThread } from "../../server/src/platform/sandbox/thread-pool.ts"
import { loadParser } from "@tocsin/marks/grammars"
import { computeRowsInThreads, computeSumsInThreads } from "../../server/src/platform/sandbox/parallel-scores.ts"
import { type Reading, compareWithLimits, formatPercent, measureSeconds, formatReading } from "../measure.ts"

const slotsOfCodeword = 2048

interface Unit {
    readonly name: string
    readonly scale: number
    readonly digits: number
}

const seconds: Unit = { name: "s", scale: 1, digits: 2 }
const milliseconds: Unit = { name: "ms", scale: 1000, digits: 1 }

export async function printSpeed(recipients: number): Promise<void> {
    await printCodewords(recipients)
    await printCopies()
    await printTrace()
}

/** CPU seconds of all threads, because other load lengthens wall-clock time. */
async function measureProcessorSeconds(work: () => unknown): Promise<number> {
    const { user, system } = process.cpuUsage()
    await work()
    const after = process.cpuUsage()
    return (after.user - user + after.system - system) / 1e6
}

async function printRate(title: string, work: () => unknown, limit: Limit, rounds = 5, unit = seconds): Promise<void> {
    const by = await compareWithLimits(rounds, () => measureSeconds(work), [() => measureSeconds(limit.work)])
    const own = await compareWithLimits(rounds, () => measureProcessorSeconds(work), [])
    const [beside, ratio] = [by.limits[0] ?? by.measured, by.ratios[0] ?? by.measured]
    const format = ({ median, min, max }: Reading) =>
        formatReading(
            { median: median * unit.scale, min: min * unit.scale, max: max * unit.scale },
            unit.name,
            unit.digits,
        )
    process.stdout.write(
        `  ${title}: ${format(by.measured)}, of the processor ${format(own.measured)}; ` +
            `${limit.name} ${format(beside)}, ratio ${formatPercent(ratio)}\n`,
    )
}

interface Limit {
    readonly name: string
    readonly work: () => unknown
}

async function printCodewords(recipients: number): Promise<void> {
    const key = docKey(new Uint8Array(32).fill(3), { document: "speed", version: "1", epoch: 1 })
    const places = Array.from({ length: slotsOfCodeword }, (_, i) => ({ id: `slot ${i}`, size: 2 }))
    const codewordSetting = { key, places, colluders: 4 } as const
    const symbols = places.map((_, i) => i & 1)
    const nonces = noncesOf(Array.from({ length: recipients }, (_, i) => `recipient ${i}`))
    const rows = await computeRowsInThreads(codewordSetting, symbols, nonces)
    const [fits = empty, others = empty] = [1, -1].map((worth) => new Float64Array(rows.groups * 32).fill(worth))
    // A slot with probabilities in sixteenths uses four bits.
    const codewordBits = new Uint8Array(rows.bits.byteLength * 4)
    const cipher = blockCipher(new Uint8Array(16))
    const bare = () => {
        for (let at = 0; at < codewordBits.length; at += 1 << 20) cipher(codewordBits.subarray(at, at + (1 << 20)))
    }
    process.stdout.write(`${recipients} recipients of ${slotsOfCodeword} slots; ${threadsMax} threads\n`)
    const bareSum = { name: "a bare sum over them", work: () => rows.bits.reduce((sum, value) => sum + value, 0) }
    await printRate("weighed from stored rows, target 0.30 s", () => computeSumsInThreads(rows, fits, others), bareSum)
    await printRate("the same in one thread", () => sumRows(rows, fits, others), bareSum)
    const drawAndWeigh = async () =>
        await computeSumsInThreads(await computeRowsInThreads(codewordSetting, symbols, nonces), fits, others)
    await printRate("drawn anew and weighed, target 2.00 s", drawAndWeigh, { name: "AES alone", work: bare })
}

const empty = new Float64Array()

interface Document {
    readonly name: string
    readonly text: string
    readonly slots: readonly Slot[]
    readonly codebook: Codebook
    readonly write: Writer
}

async function loadDocument(path: string, text = readFileSync(path, "utf8")): Promise<Document> {
    const format = await loadMarkFormat(path, loadParser)
    if (format === null) throw new Error(`${path} carries no marks`)
    const slots = format.carrier.slots(text)
    const key = createHash("sha256").update(path).digest()
    const places = placesOf(slots)
    return { name: path, text, slots, codebook: codebookOf(key, places, 2, blockCipher), write: writerOf(text, slots) }
}

const content = "server/src/demo/content/toolshell"

/** Copies of 20 KB of the corpus's prose: generated, and written to memory. */
async function printCopies(): Promise<void> {
    const names = ["technical.md", "guidance.md", "summary.md", "repro.md"].map((name) => `${content}/${name}`)
    const more = ["technical.md", "summary.md"].map((name) => `server/src/demo/content/bypass/${name}`)
    const texts = [...names, ...more].map((path) => readFileSync(path, "utf8"))
    const { slots, codebook, write } = await loadDocument("all.md", texts.join("\n"))
    const into = Buffer.alloc(64 * 1024 + writerSlack)
    const length = write(codebook.codewordOf("partner 0"), into)
    const from = Buffer.from(into.subarray(0, length))
    const times = 500
    const make = () => {
        for (let n = 0; n < times; n++) write(codebook.codewordOf(`partner ${n}`), into)
    }
    const copy = () => {
        for (let n = 0; n < times; n++) from.copy(into)
    }
    process.stdout.write(`${times} copies of ${length} bytes with ${slots.length} slots, after one parse\n`)
    const limit = { name: "as many bytes copied", work: copy }
    await printRate(`drawn and written, target ${times * 0.2} ms`, make, limit, 15, milliseconds)
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
    const documents = await Promise.all(paths.slice(0, 20).map((path) => loadDocument(path)))
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
        const copy = into.subarray(0, from.write(from.codebook.codewordOf("partner 7"), into)).toString("utf8")
        const half = (leakLength - copy.length) / 2
        const leak = `${around.slice(0, half)}\n\n${copy}\n\n${around.slice(half, 2 * half)}`
        const identified = await traceDocuments(documents, leak, names, nonces)
        process.stdout.write(
            `a leak of ${leak.length} characters with a copy of ${path} among ${documents.length} documents, ` +
                `${partners} partners: ${identified.join(", ")} named\n`,
        )
        const splitLimit = { name: "its words told apart", work: () => leak.normalize("NFKC").match(/\S+/g)?.length }
        let times = 0
        // Every leak is different, because results are cached per leak.
        const work = () => traceDocuments(documents, `${leak}\n${++times}`, names, nonces)
        await printRate("read, drawn and weighed, target 500 ms", work, splitLimit, 7, milliseconds)
    }
}

/** Like the server: reads everything before generating codewords. */
async function traceDocuments(
    documents: readonly Document[],
    leak: string,
    recipients: readonly string[],
    nonces: Uint8Array,
): Promise<string[]> {
    const readings = documents.map(({ name, text, slots }) => runInThread("read", { name, master: text, slots, leak }))
    const symbols = await Promise.all(readings)
    const found = documents.map(async ({ slots, codebook: { coins, bits, rowsFor } }, i) => {
        const entries = symbols[i] ?? []
        const comparison = { coins, bits, symbols: entries, recipients, rows: rowsFor(entries, nonces) }
        const isRelated = entries.some((symbol) => typeof symbol === "number")
        return (
            await runHereOrInThread(isRelated, "weigh", { slots, held: comparison, alpha: 1e-3 / documents.length })
        ).identified
    })
    return (await Promise.all(found)).flat()
}

/**
 * The project's own texts, from mark to trace: whose copies are identified after leakers change them, and who else is.
 *
 * Copies are made, read and weighed by the functions behind `tocsin mark` and `tocsin trace`, which the server uses
 * too. Each attack changes the copy's text.
 */
import { createHash } from "node:crypto"
import { readFileSync, readdirSync } from "node:fs"
import { offlineCodebook, loadSlots } from "@tocsin/marks/commands/files-and-keys"
import { designsFor, weighRecipients } from "@tocsin/marks/commands/trace"
import { type Slot, applyCodeword, isCounted } from "@tocsin/marks/carriers/carrier"
import type { MarkFormat } from "@tocsin/marks/carriers/registry"
import type { Parse } from "@tocsin/marks/carriers/tree"
import { colludersDefault } from "@tocsin/marks/code"
import { combineEvidence } from "@tocsin/marks/evidence/cross-case"
import { log10Reach } from "@tocsin/marks/evidence/reach"
import { loadParser } from "@tocsin/marks/grammars"
import { type Dice, dice } from "./dice.ts"
import { reformat, renameLocals } from "./leaking/code.ts"
import { mergeCopies, nameUnits, wordUnits } from "./leaking/merging.ts"
import { copyPaste, excerptOf, halve, toPlainText, quoteIn, rewordSentences, rewrap } from "./leaking/prose.ts"

const folder = "server/src/demo/content"
const recipients = Array.from({ length: 100 }, (_, i) => `partner ${i}`)
/** A recipient that leaks nothing. */
const somebodyElse = "somebody else"
const alphas = [1e-3, 1e-6] as const

interface Master {
    readonly name: string
    readonly text: string
    readonly format: MarkFormat
    readonly slots: readonly Slot[]
    readonly key: Uint8Array
    readonly copyFor: (recipient: string) => string
}

async function loadMaster(name: string, text: string): Promise<Master> {
    const { format, slots } = await loadSlots(name, text, loadParser)
    const key = createHash("sha256").update(`a key for ${name}`).digest()
    const { codewordOf } = offlineCodebook(key, text, slots, colludersDefault)
    return { name, text, format, slots, key, copyFor: (recipient) => applyCodeword(text, slots, codewordOf(recipient)) }
}

const content = (name: string): string => readFileSync(`${folder}/${name}`, "utf8")

/** Lists the corpus texts whose names have this ending. */
async function loadMasters(ending: RegExp): Promise<Master[]> {
    const names = ["bypass", "toolshell"].flatMap((item) =>
        readdirSync(`${folder}/${item}`).map((file) => `${item}/${file}`),
    )
    return await Promise.all(names.filter((name) => ending.test(name)).map((name) => loadMaster(name, content(name))))
}

/** Advisories without alternatives by the author: their slots come from the lexicon. */
async function loadAdvisories(): Promise<Master[]> {
    const place = "test/vectors/advisories"
    return await Promise.all(
        readdirSync(place).map((name) => loadMaster(name, readFileSync(`${place}/${name}`, "utf8"))),
    )
}

/** The result of one leak: the identified recipients at each error, and the number of slots read. */
interface TraceResult {
    readonly identified: readonly (readonly string[])[]
    readonly read: number
    readonly total: number
}

function traceMaster({ text, format, slots, key }: Master, leak: string, tests = 1): TraceResult {
    const symbols = format.read(text, slots, leak)
    const found = alphas.map((alpha) =>
        weighRecipients({ master: text, slots, symbols, recipients, key }, designsFor(undefined), alpha / tests),
    )
    return {
        identified: found.map(({ identified }) => identified),
        read: found[0]?.slots.read ?? 0,
        total: slots.filter(isCounted).length,
    }
}

/** The data for the rows. */
interface BenchTexts {
    readonly texts: readonly Master[]
    readonly scripts: readonly Master[]
    readonly rest: readonly Master[]
    readonly advisories: readonly Master[]
    readonly python: Parse
    readonly foreign: string
}

interface Row {
    readonly title: string
    /** The target share of traced leaks at the first error; null: none. */
    readonly target: number | null
    readonly masters: (bench: BenchTexts) => readonly Master[]
    readonly leak: (copy: string, by: Dice, bench: BenchTexts, master: Master) => string
    /** The number of texts that it must hold for. */
    readonly tests?: number
}

const texts = ({ texts }: BenchTexts) => texts
const scripts = ({ scripts }: BenchTexts) => scripts
const advisories = ({ advisories }: BenchTexts) => advisories
const excerptWords = 200

const rows: readonly Row[] = [
    { title: "copied and pasted, text", target: 0.99, masters: texts, leak: copyPaste },
    { title: "copied and pasted, code", target: 0.99, masters: scripts, leak: copyPaste },
    { title: "rewrapped", target: 0.99, masters: texts, leak: (copy, by) => rewrap(copy, 40 + by.below(80)) },
    { title: "Markdown to plain text", target: 0.99, masters: texts, leak: toPlainText },
    {
        title: "half of it quoted in a foreign page",
        target: 0.99,
        masters: texts,
        leak: (copy, by, { foreign }) => quoteIn(foreign, copy, by),
    },
    {
        title: "code reformatted, no comments",
        target: 0.99,
        masters: scripts,
        leak: (copy, _, { python }) => reformat(copy, python),
    },
    {
        title: "all locals renamed",
        target: 0.95,
        masters: scripts,
        leak: (copy, _, { python }) => renameLocals(copy, python),
    },
    {
        title: "reformatted, no comments, locals renamed",
        target: null,
        masters: scripts,
        leak: (copy, _, { python }) => reformat(renameLocals(copy, python), python),
    },
    {
        title: `${excerptWords} words of it`,
        target: 0.95,
        masters: texts,
        leak: (copy, by) => excerptOf(copy, excerptWords, by),
    },
    {
        title: `${excerptWords} words, held against 16 texts`,
        target: null,
        masters: texts,
        leak: (copy, by) => excerptOf(copy, excerptWords, by),
        tests: 16,
    },
    { title: "half of the sentences deleted", target: 0.99, masters: texts, leak: halve },
    {
        title: "30 % of the sentences reworded",
        target: 0.95,
        masters: texts,
        leak: (copy, by, _, { copyFor }) => rewordSentences(copy, copyFor(somebodyElse), 0.3, by),
    },
    {
        title: "all sentences reworded",
        target: null,
        masters: texts,
        leak: (copy, by, _, { copyFor }) => rewordSentences(copy, copyFor(somebodyElse), 1, by),
    },
    { title: "no braces: plain text", target: null, masters: advisories, leak: toPlainText },
    {
        title: `no braces: ${excerptWords} words of it`,
        target: null,
        masters: advisories,
        leak: (copy, by) => excerptOf(copy, excerptWords, by),
    },
    { title: "no braces: half of the sentences", target: null, masters: advisories, leak: halve },
    {
        title: "no braces: 30 % reworded",
        target: null,
        masters: advisories,
        leak: (copy, by, _, { copyFor }) => rewordSentences(copy, copyFor(somebodyElse), 0.3, by),
    },
    { title: "rules and data, copied and pasted", target: null, masters: ({ rest }) => rest, leak: copyPaste },
]

interface RowCounts {
    leaks: number
    /** By error. */
    readonly identified: number[]
    readonly falselyIdentified: number[]
    readonly read: number[]
    total: number
    /** By master, at the first error: leaks and traced leaks. */
    readonly byMaster: Map<string, [leaks: number, named: number]>
}

/**
 * Prints each row whose title contains `filter`; returns whether no innocent was identified and every target was met.
 */
export async function printCorpus(leaks: number, filter: string): Promise<boolean> {
    const bench: BenchTexts = {
        texts: await loadMasters(/\.md$/),
        scripts: await loadMasters(/\.py$/),
        rest: await loadMasters(/\.(yml|yar|rules|json|txt)$/),
        advisories: await loadAdvisories(),
        python: await loadParser("python"),
        foreign: readFileSync("README.md", "utf8"),
    }
    process.stdout.write(
        `the project's own texts, ${recipients.length} recipients, ${leaks} leaks a row at least; ` +
            `traced at α ${alphas.join(" and ")} (target at the first)\n`,
    )
    printReach(bench.rest)
    let isMet = true
    for (const [n, row] of rows.entries()) {
        if (!row.title.includes(filter)) continue
        const counted = countRow(row, bench, leaks, 100 + n)
        isMet = printRow(row, counted) && isMet
    }
    return (!collusionTitle.includes(filter) || (await printCollusion(leaks))) && isMet
}

function printReach(masters: readonly Master[]): void {
    const threshold = Math.log10(recipients.length / (alphas[0] ?? 1))
    const short = masters.filter(({ slots }) => log10Reach(slots.filter(isCounted), colludersDefault) < threshold)
    const names = short.map(({ name, slots }) => `${name} (${slots.filter(isCounted).length})`)
    process.stdout.write(`  too few slots for any trace, however whole the leak: ${names.join(", ") || "none"}\n`)
}

function countRow({ masters, leak, tests }: Row, bench: BenchTexts, leaks: number, seed: number): RowCounts {
    const by = dice(seed)
    const entries = masters(bench)
    const counted: RowCounts = {
        leaks: 0,
        identified: [0, 0],
        falselyIdentified: [0, 0],
        read: [],
        total: 0,
        byMaster: new Map(),
    }
    const rounds = Math.ceil(leaks / entries.length)
    for (const master of entries) {
        for (let n = 0; n < rounds; n++) {
            const leaker = recipients[by.below(recipients.length)] ?? ""
            const found = traceMaster(master, leak(master.copyFor(leaker), by, bench, master), tests)
            addResult(counted, found, [leaker], master.name)
        }
    }
    return counted
}

function addResult(
    counted: RowCounts,
    { identified, read, total }: TraceResult,
    guilty: readonly string[],
    name: string,
): void {
    counted.leaks++
    counted.read.push(read)
    counted.total += total
    const [item, identifiedOfMaster] = counted.byMaster.get(name) ?? [0, 0]
    const isNamed = identified.map((names) => names.some((item) => guilty.includes(item)))
    counted.byMaster.set(name, [item + 1, identifiedOfMaster + Number(isNamed[0])])
    for (const [i, names] of identified.entries()) {
        counted.identified[i] = (counted.identified[i] ?? 0) + Number(isNamed[i])
        counted.falselyIdentified[i] =
            (counted.falselyIdentified[i] ?? 0) + Number(names.some((item) => !guilty.includes(item)))
    }
}

function printRow({ title, target }: Pick<Row, "title" | "target">, counted: RowCounts): boolean {
    const { leaks, identified: named, falselyIdentified: falsely, read, total } = counted
    const percent = (count: number, total: number) => ((100 * count) / total).toFixed(1)
    const isMet = target === null || (named[0] ?? 0) >= target * leaks
    const goal = target === null ? "no target" : `target ${percent(target, 1)} ${isMet ? "met" : "missed"}`
    const sorted = read.toSorted((a, b) => a - b)
    const mean = (total: number) => (total / leaks).toFixed(0)
    process.stdout.write(
        `  ${title.padEnd(42)} ${named.map((count) => percent(count, leaks)).join(" / ")} % of ${leaks}, ${goal}; ` +
            `slots ${mean(read.reduce((sum, value) => sum + value, 0))} of ${mean(total)} (${sorted[0]} where ` +
            "fewest); " +
            `innocents named in ${falsely.join(" / ")}\n`,
    )
    const weak = [...counted.byMaster].filter(([, [total, value]]) => value < 0.99 * total)
    if (weak.length > 0) {
        const parts = weak.map(([name, [total, value]]) => `${name} ${percent(value, total)} %`)
        process.stdout.write(`    below 99 %: ${parts.join(", ")}\n`)
    }
    return isMet && falsely.every((count) => count === 0)
}

const collusionTitle = "two merge: 900 words and 140 lines"
const advisoryWords = 900
const scriptLines = 140

/**
 * Two colluders merge their copies of an advisory and of a script. The e-values of both leaks are multiplied, as in an
 * inquiry.
 */
async function printCollusion(leaks: number): Promise<boolean> {
    const cut = [
        await loadMaster("advisory.md", firstParagraphs(content("toolshell/technical.md"), advisoryWords)),
        await loadMaster("script.py", firstFunctions(content("toolshell/poc.py"), scriptLines)),
    ]
    const by = dice(99)
    const emptyCounts = (): RowCounts => ({
        leaks: 0,
        identified: [0, 0],
        falselyIdentified: [0, 0],
        read: [],
        total: 0,
        byMaster: new Map(),
    })
    const [alone, together] = [cut.map(emptyCounts), emptyCounts()]
    for (let n = 0; n < leaks; n++) {
        const guilty = [by.below(50), 50 + by.below(50)].map((i) => recipients[i] ?? "")
        const [text, code] = cut.map(({ copyFor }) => guilty.map(copyFor))
        const leaked = [
            mergeCopies(text?.[0] ?? "", text?.[1] ?? "", wordUnits, by),
            mergeCopies(code?.[0] ?? "", code?.[1] ?? "", nameUnits, by, true),
        ]
        const symbols = cut.map(({ text, format, slots }, i) => format.read(text, slots, leaked[i] ?? ""))
        const found = alphas.map((alpha) =>
            cut.map(({ text: master, slots, key }, i) => {
                const traceInput = { master, slots, symbols: symbols[i] ?? [], recipients, key }
                return weighRecipients(traceInput, designsFor("2"), alpha / cut.length)
            }),
        )
        const slotsOfAll = cut.map((_, i) => ({
            read: found[0]?.[i]?.slots.read ?? 0,
            total: cut[i]?.slots.filter(isCounted).length ?? 0,
        }))
        cut.forEach(({ name }, i) => {
            const identified = found.map((weighing) => weighing[i]?.identified ?? [])
            addResult(
                alone[i] ?? emptyCounts(),
                { identified, ...(slotsOfAll[i] ?? { read: 0, total: 0 }) },
                guilty,
                name,
            )
        })
        const identified = found.map((weighing, a) => {
            const weighed = weighing.map(({ ranking }, i) => ({
                document: `${i}`,
                tests: cut.length,
                log10e: new Map(ranking.map(({ recipient, log10e }) => [recipient, log10e])),
            }))
            const { ranking } = combineEvidence(weighed, alphas[a] ?? 1)
            return ranking.filter((item) => item.identified).map(({ recipient }) => recipient)
        })
        const sum = (field: "read" | "total") => slotsOfAll.reduce((total, slotCount) => total + slotCount[field], 0)
        addResult(together, { identified, read: sum("read"), total: sum("total") }, guilty, "both")
    }
    cut.forEach(({ name }, i) =>
        printRow({ title: `two merge: ${name} alone`, target: null }, alone[i] ?? emptyCounts()),
    )
    return printRow({ title: collusionTitle, target: 0.9 }, together)
}

/** Whole paragraphs with at most this many words. */
function firstParagraphs(text: string, most: number): string {
    const parts = text.split("\n\n")
    let count = 0
    const kept = parts.filter((part) => (count += part.split(/\s+/).length) <= most)
    return `${kept.join("\n\n")}\n`
}

/** Whole functions with at most this many lines. */
function firstFunctions(text: string, most: number): string {
    const head = text.split("\n").slice(0, most).join("\n")
    return `${head.slice(0, head.lastIndexOf("\n\n\n"))}\n`
}

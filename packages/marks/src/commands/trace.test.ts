/** Traces non-leaks and hostile leaks: a clear answer, no innocent recipient identified, and bounded time. */
import { mkdtemp, readFile, readdir, rm, truncate, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest"
import { leakCharsMax } from "../align.ts"
import type { WeighedFindings } from "../evidence/typography.ts"
import { checkFor } from "./run-check.ts"
import { loadParser } from "../grammars.ts"
import { computeRowsInThreads, computeSumsInThreads } from "../../../../server/src/platform/sandbox/parallel-scores.ts"
import { markFile } from "./mark.ts"
import { hypothesisKeys } from "../evidence/hypotheses.ts"
import { type BulkCodewords, type TraceReport, type TraceOptions, traceFile } from "./trace.ts"

const content = new URL("../../../../server/src/demo/content/toolshell/", import.meta.url)
const partners = Array.from({ length: 100 }, (_, i) => `partner ${i}`)
const leaker = "partner 7"

let folder = ""
const at = (name: string): string => join(folder, name)
const writeInput = (name: string, input: string | Uint8Array): Promise<void> => writeFile(at(name), input)
const keyLine = (byte: number): string => `tocsin-mark-key-1 ${Buffer.alloc(32, byte).toString("base64url")}\n`

let prose = ""
let code = ""

beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "leaks-"))
    await writeFile(at("key"), keyLine(9), { mode: 0o600 })
    await writeInput("partners.txt", partners.join("\n"))
    const options = { recipients: at("partners.txt"), key: at("key"), out: at("copies") }
    const quiet = { result: () => undefined, message: () => undefined }
    for (const name of ["technical.md", "poc.py"]) {
        await writeInput(name, await readFile(new URL(name, content)))
        await markFile(at(name), options, { parserFor: loadParser, checkFor }, quiet)
    }
    prose = await readFile(at(`copies/${leaker}.md`), "utf8")
    code = await readFile(at(`copies/${leaker}.py`), "utf8")
}, 120_000)
afterAll(() => rm(folder, { recursive: true }))

interface Answer {
    readonly exit: number
    readonly found: WeighedFindings | null
    readonly err: string
}

async function traceAt(name: string, options: Partial<TraceOptions> = {}): Promise<Answer> {
    const [out, err]: [string[], string[]] = [[], []]
    const values = {
        recipients: at("partners.txt"),
        key: at("key"),
        master: at("technical.md"),
        json: true,
        ...options,
    }
    const io = { result: (line: string) => out.push(line), message: (line: string) => err.push(line) }
    const exit = await traceFile(at(name), { alpha: "1e-3", ...values }, loadParser, io)
    return { exit, found: out[0] === undefined ? null : (JSON.parse(out[0]) as WeighedFindings), err: err.join("\n") }
}

async function trace(leak: string | Uint8Array, options: Partial<TraceOptions> = {}): Promise<Answer> {
    await writeInput("leak", leak)
    return traceAt("leak", options)
}

const german =
    "Zwei Schwachstellen im Server lassen sich nacheinander ausnutzen. Die erste umgeht die Anmeldung, weil " +
    "der Server " +
    "einem Feld glaubt, das der Besucher selbst setzt. Die zweite führt fremden Code aus. Bitte spielen Sie " +
    "die Updates " +
    "ein, tauschen Sie danach die Schlüssel, und prüfen Sie die Protokolle auf Anfragen an diese Seite.\n\n"
const bidi = (text: string): string => text.replaceAll(/\b(\w{4})/g, "\u202a\u2066$1\u2069\u202c")
const confusable = (text: string): string => text.replaceAll("o", "о").replaceAll("a", "а").replaceAll("i", "і")
const halfOf = (text: string): string => text.slice(0, text.length / 2)
const filled = (text: string, length: number): string => text.repeat(Math.ceil(length / text.length)).slice(0, length)

describe("input that is not text is refused before comparison", () => {
    test.each<[string, () => string | Uint8Array, string]>([
        ["a binary program", () => Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0, 0, 0]), "trace.not_text"],
        ["an empty file", () => "", "trace.empty"],
        ["whitespace of all kinds", () => "\u00a0\u2003\u3000\ufeff \r\n\t", "trace.empty"],
        ["a copy in UTF-16", () => Buffer.from(`\ufeff${prose}`, "utf16le"), "trace.not_text"],
        [
            "a copy half in UTF-8 and half in Latin-1",
            () => Buffer.concat([Buffer.from(`${prose}ü`), Buffer.from(`ü${prose}`, "latin1")]),
            "trace.not_text",
        ],
        ["one line of 10 MB", () => filled(prose.replaceAll("\n", " "), 10_000_000), "trace.too_long"],
    ])("%s", async (_, leak, refusal) => {
        const { exit, found, err } = await trace(leak())
        expect([exit, found]).toEqual([1, null])
        expect(err).toContain(`(${refusal})`)
    })

    test("100 MB, by its length", async () => {
        await writeInput("huge", "")
        await truncate(at("huge"), 100_000_000)
        const { exit, err } = await traceAt("huge")
        expect([exit, err]).toEqual([1, expect.stringContaining("(trace.too_long)")])
    })
})

describe("a disguised copy identifies its owner, and no other", () => {
    test.each<[string, (text: string) => string]>([
        ["a byte order mark", (text) => `\ufeff${text}`],
        ["direction marks around each word", bidi],
        ["look-alike letters", confusable],
        ["look-alike letters and zero-width characters", (text) => [...bidi(confusable(text))].join("\u200d")],
        [
            "full-width letters",
            (text) => text.replaceAll(/[a-z]/g, (item) => String.fromCharCode(item.charCodeAt(0) + 0xfee0)),
        ],
        ["half in another language", (text) => filled(german, 4000) + halfOf(text)],
        ["a paragraph of another language after each", (text) => text.replaceAll("\n\n", `\n\n${german}`)],
        ["a million characters on one line, repeated", (text) => filled(text.replaceAll("\n", " "), leakCharsMax)],
        [
            "a million characters with the copy at the end",
            (text) => filled("the page of the server ", leakCharsMax - 9000) + text,
        ],
    ])("%s", async (_, disguise) => {
        const { exit, found } = await trace(disguise(prose).slice(-leakCharsMax))
        expect([exit, found?.identified]).toEqual([0, [leaker]])
    })

    test("a million characters of code with the copy at the end", async () => {
        const leak = `${filled("for name in pairs:\n    pair = name\n", leakCharsMax - 20_000)}${code}`
        const { exit, found } = await trace(leak, { master: at("poc.py") })
        expect([exit, found?.identified]).toEqual([0, [leaker]])
    })
})

describe("other texts identify no copy", () => {
    const report = ({ exit, found }: Answer) => [exit, found?.verdict, found?.identified]
    const unidentified = (verdict: string) => [1, verdict, []]

    test.each<[string, () => string | Promise<string>, string]>([
        ["a translation", () => filled(german, 5000), "unrelated"],
        ["a copy with its letters reversed", () => `\u202e${[...prose].toReversed().join("")}`, "unrelated"],
        ["a copy with its words reversed", () => prose.split(/\s+/).toReversed().join(" "), "unrelated"],
        ["one letter a million times", () => "a".repeat(leakCharsMax), "unrelated"],
        [
            "another publisher's advisory on the vulnerability",
            () => readFile(new URL("../../../../test/vectors/advisories/tool-pane.md", import.meta.url), "utf8"),
            "unrelated",
        ],
        [
            "the operator's own summary of the vulnerability",
            () => readFile(new URL("summary.md", content), "utf8"),
            "unrelated",
        ],
        ["the master", () => readFile(at("technical.md"), "utf8"), "undecided"],
        [
            "the master without its braces",
            async () => (await readFile(at("technical.md"), "utf8")).replaceAll(/\{\{([^|}]*)\|[^}]*\}\}/g, "$1"),
            "undecided",
        ],
    ])("%s", async (_, leak, verdict) => {
        expect(report(await trace(await leak()))).toEqual(unidentified(verdict))
    })

    test("all copies at once: contradictions are mixed, and no evidence", async () => {
        const names = (await readdir(at("copies"))).filter((name) => name.endsWith(".md")).slice(0, 40)
        const copies = await Promise.all(names.map((name) => readFile(at(`copies/${name}`), "utf8")))
        const answer = await trace(copies.join("\n\n"))
        expect(report(answer)).toEqual(unidentified("undecided"))
        expect(answer.found?.slots.mixed).toBeGreaterThan((answer.found?.slots.total ?? 0) / 2)
    })

    test("a copy under other keys", async () => {
        for (const byte of [1, 2, 3, 4, 5, 6, 7, 8]) {
            await writeFile(at("other-key"), keyLine(byte), { mode: 0o600 })
            expect(report(await trace(prose, { key: at("other-key") }))).toEqual(unidentified("undecided"))
        }
    })

    test("a copy whose owner is not listed", async () => {
        await writeInput("others.txt", partners.filter((name) => name !== leaker).join("\n"))
        expect(report(await trace(prose, { recipients: at("others.txt") }))).toEqual(unidentified("undecided"))
    })

    test("a copy with too few slots, with the number missing", async () => {
        await writeInput(
            "note.md",
            "For example, the {{page|file}} is {{closed|shut}} now, and nobody {{sees|finds}} it any more.\n",
        )
        const options = { recipients: at("partners.txt"), key: at("key"), out: at("notes") }
        const inputs: string[] = []
        const io = { result: () => undefined, message: (line: string) => inputs.push(line) }
        await markFile(at("note.md"), options, { parserFor: loadParser, checkFor }, io)
        expect(inputs.join("\n")).toContain("too few slots to identify one of 100 recipients at error 0.001")
        const answer = await trace(await readFile(at(`notes/${leaker}.md`), "utf8"), { master: at("note.md") })
        expect([answer.exit, answer.found?.identified]).toEqual([1, []])
        expect(answer.err).toMatch(/too few slots|too little|as the unmarked master/)
    })
})

describe("the typography layer", () => {
    const folded = (text: string): string => text.replaceAll("\u00a0", " ").replaceAll("’", "'").replaceAll("–", "-")

    test("of a raw copy fits its owner best, and changes no counted evidence", async () => {
        const { exit, found } = await trace(prose)
        expect(exit).toBe(0)
        const { typographyLayer = null, ...counted } = found ?? {}
        expect(typographyLayer?.fits[0]?.recipient).toBe(leaker)
        expect(typographyLayer?.read).toBeGreaterThan(10)
        const { typographyLayer: gone = null, ...without } = (await trace(folded(prose))).found ?? {}
        expect(without).toEqual(counted)
        expect(gone).toMatchObject({ total: typographyLayer?.total, read: 0, erased: typographyLayer?.total, fits: [] })
    })

    test("is reported apart from counted evidence", async () => {
        const out: string[] = []
        const io = { result: (line: string) => out.push(line), message: () => undefined }
        const options = { recipients: at("partners.txt"), key: at("key"), master: at("technical.md") }
        await writeInput("raw.md", prose)
        await traceFile(at("raw.md"), options, loadParser, io)
        await writeInput("folded.md", folded(prose))
        await traceFile(at("folded.md"), options, loadParser, io)
        expect(out.filter((line) => line.startsWith("typography layer"))).toEqual([
            expect.stringMatching(/^typography layer, not counted: \d+ of \d+ slots read, .* fits `partner 7` /),
            expect.stringMatching(/^typography layer, not counted: too little/),
        ])
    })

    test("can be left out, and is then normalised", async () => {
        const io = { result: () => undefined, message: () => undefined }
        const options = { recipients: at("partners.txt"), key: at("key"), out: at("unsigned"), typography: false }
        await markFile(at("technical.md"), options, { parserFor: loadParser, checkFor }, io)
        const copy = await readFile(at(`unsigned/${leaker}.md`), "utf8")
        expect([copy, copy.includes("\u00a0")]).toEqual([folded(prose), false])
        expect((await trace(copy)).found).toMatchObject({ identified: [leaker], typographyLayer: { read: 0 } })
    })
})

test("the order of the recipient list does not matter", async () => {
    const first = await trace(prose)
    await writeInput("backwards.txt", partners.toReversed().join("\n"))
    expect(await trace(prose, { recipients: at("backwards.txt") })).toEqual(first)
    expect(first.found?.identified).toEqual([leaker])
})

test("results with threads equal results without", async () => {
    await writeInput("leak", prose)
    await writeInput("many.txt", Array.from({ length: 150_000 }, (_, i) => `partner ${i}`).join("\n"))
    const paths = { recipients: at("many.txt"), key: at("key"), master: at("technical.md") }
    const describe = async (many: BulkCodewords | null) => {
        const out: string[] = []
        const io = { result: (line: string) => out.push(line), message: () => undefined }
        const exit = await traceFile(at("leak"), { ...paths, colluders: "2" }, loadParser, io, many)
        return { exit, out }
    }
    const drawn = vi.fn<typeof computeRowsInThreads>(computeRowsInThreads)
    const shared = await describe({ generateRows: drawn, sums: computeSumsInThreads })
    expect(drawn).toHaveBeenCalledTimes(1)
    expect(shared).toEqual(await describe(null))
    expect(shared).toMatchObject({ exit: 0, out: expect.arrayContaining([expect.stringContaining(leaker)]) })
}, 120_000)

describe("the report next to the identified copies", () => {
    const lines = async (leak: string): Promise<string> => {
        await writeInput("leak", leak)
        const out: string[] = []
        const options = { recipients: at("partners.txt"), key: at("key"), master: at("technical.md"), alpha: "1e-3" }
        const io = { result: (line: string) => out.push(line), message: (line: string) => out.push(line) }
        await traceFile(at("leak"), options, loadParser, io)
        return out.join("\n")
    }

    test("gives numbers: mismatches, words, the runner-up, missing slots, and each hypothesis", async () => {
        const found = (await trace(prose)).found as unknown as TraceReport
        expect(found.ranking[0]).toMatchObject({ recipient: leaker, mismatches: 0, text: "extremely strong support" })
        expect(found.ranking.every(({ mismatches, fits }) => mismatches + fits === found.slots.read)).toBe(true)
        const [best, next] = found.ranking
        expect(found.runnerUp).toEqual({
            recipient: next?.recipient,
            log10e: next?.log10e,
            behind: (best?.log10e ?? 0) - (next?.log10e ?? 0),
        })
        expect(found.missingSlots).toBe(0)
        expect(found.hypotheses.map(({ key }) => key)).toEqual([...hypothesisKeys])
        expect(found.hypotheses.find(({ key }) => key === "unmarked")?.log10).toBe(found.unmarked.log10lr)
    })

    test("gives text, with the verbal scale", async () => {
        const input = await lines(prose)
        expect(input).toContain("extremely strong support; 0 slots differ; identified")
        expect(input).toMatch(/error 0.001, \d+ tests\)/)
        expect(input).toContain("A text without marks: written independently")
        expect(input).toContain("The unmarked text, which is the same for all who have it")
        expect(input).toMatch(
            /The copy of the runner-up \(`partner \d+`\); the best-fitting copy explains the leak 10\^/,
        )
        expect(input).toContain("in words: a factor from 2 is weak")
    })

    test("states that there are too few slots, and how many are missing", async () => {
        const few = prose.slice(0, 450)
        const { exit, found, err } = await trace(few)
        const { missingSlots } = found as unknown as TraceReport
        expect([exit, found?.verdict]).toEqual([1, "undecided"])
        expect(missingSlots).toBeGreaterThan(0)
        expect(err).toContain(`about ${missingSlots} more slots of two forms are needed`)
    })
})

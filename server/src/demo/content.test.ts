import { spawnSync } from "node:child_process"
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, test } from "vitest"
import { parse as parseYaml } from "yaml"
import { type Slot, applyCodeword } from "@tocsin/marks/carriers/carrier"
import { markdown } from "@tocsin/marks/carriers/prose/markdown"
import { sourceCarrier } from "@tocsin/marks/carriers/source/carrier"
import { formatInstant } from "@tocsin/base/instant"
import { loadParser } from "@tocsin/marks/grammars"
import { artifactClasses } from "../share/artifacts/artifact.ts"
import { operatorRoles } from "../trust/identity/person.ts"
import { dutyTable, reportingOf } from "../trust/partners/reporting-duties/reporting-duties.ts"
import { packs } from "../share/entitlement/packs/shipped.ts"
import { tiers } from "../trust/partners/partner.ts"
import { shippedRules } from "../trust/partners/program-rules.ts"
import { leaker, operators, partners } from "./cast.ts"
import { readContent } from "./content.ts"
import * as letters from "./content/letters.ts"
import { type DemoArtifact, bypass, demoCases, publicFile, toolshell } from "./toolshell.ts"

const python = sourceCarrier("python", await loadParser("python"))
const allArtifacts = demoCases.flatMap((demoCase) => demoCase.artifacts)
const inFormat = (format: DemoArtifact["format"]): string[] =>
    allArtifacts.filter((demoArtifact) => demoArtifact.format === format).map((demoArtifact) => demoArtifact.file)

const wordCount = (text: string): number => text.split(/\s+/).filter((word) => word !== "").length
const startOf = (slot: Slot): number => Math.min(...slot.variants.flat().map((edit) => edit.start))
const bitsOf = (slots: readonly Slot[]): number =>
    slots.reduce((sum, slot) => sum + (slot.robustness === "fragile" ? 0 : Math.log2(slot.variants.length)), 0)
const turned = (text: string, slots: readonly Slot[], by: number): string =>
    applyCodeword(
        text,
        slots,
        slots.map((slot) => by % slot.variants.length),
    )
/** The unmarked text. */
const plain = (text: string): string => text.replace(/\{\{([^{}|]*)\|[^{}]*\}\}/g, "$1")

/** Returns the least bits of any run of `size` words. */
function weakestWindow(text: string, slots: readonly Slot[], size: number): number {
    const total = wordCount(plain(text))
    const placed = slots.map((slot) => ({ at: wordCount(plain(text.slice(0, startOf(slot)))), bits: bitsOf([slot]) }))
    let weakest = Number.POSITIVE_INFINITY
    for (let from = 0; from === 0 || from + size <= total; from++) {
        const inside = placed.filter(({ at }) => at >= from && at < from + size - 1)
        weakest = Math.min(
            weakest,
            inside.reduce((sum, item) => sum + item.bits, 0),
        )
    }
    return weakest
}

describe("prose", () => {
    test.each([
        ["toolshell/summary.md", 250],
        ["toolshell/technical.md", 700],
        ["toolshell/guidance.md", 500],
        ["bypass/summary.md", 250],
        ["bypass/technical.md", 500],
        ["bypass/guidance.md", 400],
    ])("%s is long enough, and any 150 words of it carry 20 bits", (file, wordsMin) => {
        const text = readContent(file)
        expect(wordCount(plain(text))).toBeGreaterThanOrEqual(wordsMin)
        const slots = markdown.slots(text)
        expect(weakestWindow(text, slots, 150)).toBeGreaterThanOrEqual(20)
        expect(slots.length * 8).toBeGreaterThanOrEqual(wordCount(plain(text)))
    })

    test.each(inFormat("markdown"))("%s keeps facts and form in every variant", (file) => {
        const text = readContent(file)
        const slots = markdown.slots(text)
        const facts = (item: string): string[] =>
            item.match(/CVE-\d+-\d+|\d+\.0\.\d+\.\d+|CWE-\d+|`[^`]*`|\b20\d\d\b/g) ?? []
        const form = (item: string): string[] =>
            item.split("\n").map((line) => /^(#+|\d+\.|- |\|)?/.exec(line)?.[0] ?? "")
        for (let by = 0; by < 4; by++) {
            const copy = turned(text, slots, by)
            expect(copy).not.toMatch(/\{\{|\}\}/)
            expect(facts(copy)).toEqual(facts(plain(text)))
            expect(form(copy)).toEqual(form(text))
        }
    })
})

describe("texts for the public", () => {
    const files = demoCases.flatMap((story) =>
        story.artifacts.flatMap(({ name }) => {
            const file = publicFile(story, name)
            return file === null ? [] : [{ file, story }]
        }),
    )

    test("exist for each summary and each guidance, with every fixed build of the case", () => {
        expect(files.map(({ file }) => file)).toEqual([
            "toolshell/summary.public.md",
            "toolshell/guidance.public.md",
            "bypass/summary.public.md",
            "bypass/guidance.public.md",
        ])
        for (const { file, story } of files) {
            const text = readContent(file)
            for (const { build } of story.cves.flatMap(({ fixedBuilds: corrected }) => corrected))
                expect(text).toContain(build)
        }
    })

    test.each(files.map(({ file }) => file))("%s has nothing that is for partners only", (file) => {
        const text = readContent(file)
        expect(text).not.toMatch(/\bcircle\b|\bpartners?\b|embargo|\bwarning\b|this note|in the wild|\btell us\b|\{\{/i)
    })
})

describe("the harmless request", () => {
    const functions = (text: string): { name: string; start: number; end: number }[] => {
        const heads = [...text.matchAll(/^ {0,4}(?:def (\w+)|class \w+)/gm)]
        return heads.flatMap((head, i) => {
            const end = heads[i + 1]?.index ?? text.length
            return head[1] === undefined ? [] : [{ name: head[1], start: head.index, end }]
        })
    }

    test.each(inFormat("python"))("%s carries 14 bits in every function", (file) => {
        const text = readContent(file)
        const slots = python.slots(text)
        expect(functions(text).length).toBeGreaterThanOrEqual(10)
        for (const { name, start, end } of functions(text)) {
            const inside = slots.filter((slot) => startOf(slot) >= start && startOf(slot) < end)
            expect({ name, enough: bitsOf(inside) >= 14 }).toEqual({ name, enough: true })
        }
    })

    test.each(inFormat("python"))("%s has nothing that could be restored or run", (file) => {
        const text = readContent(file)
        expect(text).not.toMatch(
            /viewstate|MSOTlPn|DataTable|DataSet|LosFormatter|base64|pickle|subprocess|gzip|eval\(/i,
        )
        expect([...text.matchAll(/HTTPConnection\(([^)]*)\)/g)].map((call) => call[1])).toEqual([
            "target_host, target_port, timeout=patience_seconds",
        ])
    })

    const hasPython = spawnSync("python3", ["--version"]).status === 0
    test.skipIf(!hasPython).each(inFormat("python"))(
        "%s passes its self-test in every variant (skipped without python3)",
        (file) => {
            const text = readContent(file)
            const slots = python.slots(text)
            const folder = mkdtempSync(join(tmpdir(), "tocsin-poc-"))
            try {
                for (const by of [0, 1, 2, 5]) {
                    const place = join(folder, `poc${by}.py`)
                    writeFileSync(place, turned(text, slots, by))
                    const run = spawnSync("python3", [place, "--self-test"], { encoding: "utf8", timeout: 20_000 })
                    expect({ by, status: run.status, errors: run.stderr }).toEqual({ by, status: 0, errors: "" })
                    expect(run.stdout).toContain("the rule sees the shape")
                }
            } finally {
                rmSync(folder, { recursive: true })
            }
        },
    )
})

describe("rules", () => {
    test.each(inFormat("sigma"))("%s is Sigma with all fields, and its condition names existing selections", (file) => {
        const rule = parseYaml(readContent(file)) as Record<string, unknown>
        expect(Object.keys(rule)).toEqual(expect.arrayContaining(["title", "id", "logsource", "detection", "level"]))
        expect(rule["id"]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
        expect(rule["date"]).toMatch(/^\d{4}-\d\d-\d\d$/)
        expect(rule["level"]).toMatch(/^(informational|low|medium|high|critical)$/)
        const { condition, ...searches } = rule["detection"] as Record<string, unknown>
        const named = String(condition)
            .match(/\w+/g)
            ?.filter((word) => !/^(and|or|not)$/.test(word))
        expect(named?.toSorted()).toEqual(Object.keys(searches).toSorted())
    })

    test.each(inFormat("suricata"))("%s has one rule a line, each with its own local number", (file) => {
        const lines = readContent(file)
            .trim()
            .split("\n")
            .filter((line) => !line.startsWith("#"))
        const numbers = lines.map((line) => Number(/ sid:(\d+); rev:\d+;\)$/.exec(line)?.[1]))
        expect(numbers.every((number) => number >= 1_000_000 && number < 2_000_000)).toBe(true)
        expect(new Set(numbers).size).toBe(lines.length)
        for (const line of lines)
            expect(line).toMatch(/^alert http \S+ \S+ -> \S+ \S+ \(msg:"[^";]+"; flow:established,/)
    })

    test.each(inFormat("yara"))("%s defines each string that it uses, and uses each that it defines", (file) => {
        const rules = readContent(file)
            .split(/^rule /m)
            .slice(1)
        expect(rules.length).toBeGreaterThan(0)
        for (const rule of rules) {
            const [head = "", condition = ""] = rule.split("condition:")
            const defined = [...head.matchAll(/(\$\w+) = /g)].map((match) => match[1])
            expect([...new Set(condition.match(/\$\w+/g))].toSorted()).toEqual(defined.toSorted())
        }
    })

    test.each(inFormat("stix"))("%s refers only to its own objects, and only to documentation addresses", (file) => {
        const text = readContent(file)
        const bundle = JSON.parse(text) as { objects: { id: string; type: string }[] }
        const ids = new Set(bundle.objects.map((object) => object.id))
        expect(ids.size).toBe(bundle.objects.length)
        const refs = [...text.matchAll(/"\w+_ref": "([^"]+)"/g)].map((match) => match[1] ?? "")
        expect(refs.filter((ref) => !ids.has(ref))).toEqual([])
        const addresses = text.match(/\d+\.\d+\.\d+\.\d+/g) ?? []
        expect(addresses.filter((address) => !/^(192\.0\.2|198\.51\.100|203\.0\.113)\./.test(address))).toEqual([])
    })
})

describe("the facts", () => {
    test("have all eight classes in the first case, and every file exists", () => {
        expect(new Set(toolshell.artifacts.map((demoArtifact) => demoArtifact.class))).toEqual(new Set(artifactClasses))
        expect(bypass.links).toEqual([{ kind: "bypass_of", to: "toolshell" }])
        for (const { file } of allArtifacts) expect(readContent(file).trim()).not.toBe("")
    })

    test.each(demoCases)("$key: lists the builds of the facts in its updates", ({ key, cves }) => {
        const listed = readContent(`${key}/updates.txt`).match(/16\.0\.\d+\.\d+/g)
        expect(new Set(listed)).toEqual(new Set(cves.flatMap((cve) => cve.fixedBuilds.map(({ build }) => build))))
    })

    const samples = join(import.meta.dirname, "../../../../shared/data")
    test.skipIf(!existsSync(join(samples, "cve"))).each(demoCases.flatMap((demoCase) => demoCase.cves))(
        "$id matches the public record (skipped unless ../shared/data exists)",
        (cve) => {
            const record = JSON.parse(readFileSync(join(samples, "cve", `${cve.id}.json`), "utf8"))
            const { cna } = record.containers
            expect(formatInstant(cve.reservedAt)).toBe(record.cveMetadata.dateReserved.replace(".000Z", "Z"))
            expect(formatInstant(cve.publishedAt)).toBe(record.cveMetadata.datePublished.replace(".000Z", "Z"))
            const [problem] = cna.problemTypes[0].descriptions
            expect(`${cve.weakness.id}: ${cve.weakness.name}`).toBe(problem.description)
            expect(cna.metrics[0].cvssV3_1.vectorString.startsWith(cve.cvss.vector)).toBe(true)
            expect(cve.cvss.score).toBe(cna.metrics[0].cvssV3_1.baseScore)
            const affected = cna.affected.map((item: { product: string; versions: { lessThan: string }[] }) => ({
                product: item.product,
                build: item.versions[0]?.lessThan,
            }))
            expect(cve.fixedBuilds).toEqual(affected)
        },
    )
})

describe("the cast", () => {
    test("has two people for every staff role, and no author who signs", () => {
        for (const role of operatorRoles) {
            expect(operators.filter(({ roles }) => roles.includes(role)).length).toBeGreaterThanOrEqual(2)
        }
        expect(operators.filter(({ roles }) => roles.includes("author") && roles.includes("approver"))).toEqual([])
    })

    test("has twelve partners: three with a duty, one applicant, one lapsed, two that never fetch", () => {
        const now = demoCases[0]?.writtenAt ?? 0
        const dutiful = partners.filter(
            ({ duties }) =>
                reportingOf(dutyTable.filter((duty) => duties.some(({ regime }) => regime === duty.regime))) ===
                "always",
        )
        expect(partners.length).toBe(12)
        expect(partners.filter(({ duties }) => duties.length > 0)).toEqual(dutiful)
        expect(dutiful.map(({ tier }) => tier).toSorted()).toEqual(tiers.toSorted())
        expect(partners.filter(({ status }) => status === "applicant").length).toBe(1)
        expect(partners.filter(({ agreement }) => agreement !== null && agreement.endsAt <= now).length).toBe(1)
        expect(partners.filter(({ pace: plays }) => plays === "never").length).toBe(2)
    })

    test("has an active leaker that fetches, and no other text names it", () => {
        const found = partners.find(({ key }) => key === leaker)
        expect(found).toMatchObject({ status: "active", pace: "prompt", duties: [] })
        const notified = [...allArtifacts.map(({ file }) => readContent(file)), readContent("agreement.md")]
        expect(notified.join("\n").toLowerCase()).not.toContain(leaker)
    })

    test("has an agreement without day counts of its own, and with possible advance consents only", () => {
        expect(readContent("agreement.md")).not.toMatch(/embargoes of up to [\w-]+ days/)
        const { consent, embargo } = shippedRules
        const shipped = packs.map((pack) => [pack.longestEmbargoDays, pack.embargoDaysMax] as const)
        for (const [longest, max] of [[consent.longestEmbargoDays, embargo.daysMax] as const, ...shipped]) {
            expect(longest).toBeLessThanOrEqual(max)
        }
    })

    test("uses no name or address twice", () => {
        const people = [...operators, ...partners.flatMap((partner) => partner.people)]
        expect(new Set(people.map(({ mail }) => mail)).size).toBe(people.length)
        expect(new Set(people.map(({ name }) => name)).size).toBe(people.length)
        expect(people.every(({ mail }) => /^[a-z.]+@[a-z]+\.example$/.test(mail))).toBe(true)
    })

    test("names no case, partner or person in letters", () => {
        for (const { subject, text } of Object.values(letters)) {
            expect(`${subject}\n${text}`).not.toMatch(/CVE-|SharePoint/i)
            for (const { name } of partners) expect(text).not.toContain(name)
        }
    })
})

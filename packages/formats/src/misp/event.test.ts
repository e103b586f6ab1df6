/** Exports warnings as MISP events: the type of each text, and the labels of the event. */
import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { copyText } from "@tocsin/marks/carriers/resolved-text"
import { parseInstant } from "@tocsin/base/instant"
import { type Labels, compareTlp, papLabels, tlpLabels } from "../stix/tlp.ts"
import { type MispEvent, eventOf } from "./event.ts"
import { type Source, itemsOf, vulnerabilityItem, textItem } from "./items.ts"

type Loose = ReturnType<typeof JSON.parse>

const source = (format: Source["format"], content: string, more: Partial<Source> = {}): Source => ({
    name: `a.${format}`,
    content: copyText(content),
    format,
    isDetection: true,
    ...more,
})
const run = (source: Source) => itemsOf(source).map(({ type, value, toIds }) => [type, value, toIds])

const indicator = (id: number, pattern: string, language = "stix", more: object = {}) => ({
    type: "indicator",
    spec_version: "2.1",
    pattern,
    pattern_type: language,
    name: `n${id}`,
    id: `indicator--00000000-0000-4000-8000-00000000000${id}`,
    ...more,
})
const bundle = (...objects: object[]) => JSON.stringify({ type: "bundle", id: "bundle--x", objects })

describe("a text exported as attributes", () => {
    test.each<[string, Source, [string, string, boolean][]]>([
        ["keeps Sigma whole", source("sigma", "title: x\n"), [["sigma", "title: x\n", true]]],
        ["keeps YARA whole", source("yara", "rule a {}\nrule b {}"), [["yara", "rule a {}\nrule b {}", true]]],
        [
            "splits Suricata rules, each once",
            source("suricata", "# ours\nalert one\n\n  alert two \\\n    more\r\nalert one\n"),
            [
                ["snort", "alert one", true],
                ["snort", "alert two more", true],
            ],
        ],
        [
            "splits Snort rules, also over several lines",
            source("snort", '# ours\nalert http (\n    msg:"a"; sid:1;\n)\nalert tcp (sid:2;)\n'),
            [
                ["snort", 'alert http (     msg:"a"; sid:1; )', true],
                ["snort", "alert tcp (sid:2;)", true],
            ],
        ],
        [
            "exports a summary as text, not for detection",
            source("text", "Words.", { isDetection: false }),
            [["text", "Words.", false]],
        ],
        ["exports rules of another language as text", source("text", "T | where x"), [["text", "T | where x", false]]],
        ["exports lists of indicators as text", source("text", "a.example\n"), [["text", "a.example\n", false]]],
        [
            "exports STIX without indicators as text",
            source("stix", bundle(), { isDetection: false }),
            [["text", bundle(), false]],
        ],
    ])("%s", (_, source, expected) => {
        expect(run(source)).toEqual(expected)
    })

    test.each<[string, object, [string, string, boolean][]]>([
        ["a name", indicator(1, "[domain-name:value = 'a.example']"), [["domain", "a.example", true]]],
        ["an address", indicator(1, "[ipv4-addr:value = '198.51.100.7']"), [["ip-dst", "198.51.100.7", true]]],
        ["a hash", indicator(1, `[file:hashes.'SHA-256' = '${"a".repeat(64)}']`), [["sha256", "a".repeat(64), true]]],
        [
            "a file with a quote in its name",
            indicator(1, "[file:name = 'it\\'s.aspx']"),
            [["filename", "it's.aspx", true]],
        ],
        [
            "a pattern with two conditions",
            indicator(1, "[url:value = 'https://a.example/' OR url:value = 'https://b.example/']"),
            [["stix2-pattern", "[url:value = 'https://a.example/' OR url:value = 'https://b.example/']", true]],
        ],
        ["a type unknown to MISP", indicator(1, "[mutex:name = 'x']"), [["stix2-pattern", "[mutex:name = 'x']", true]]],
        ["an invalid property", indicator(1, "[x:toString = 'x']"), [["stix2-pattern", "[x:toString = 'x']", true]]],
        ["a YARA rule", indicator(1, "rule a {}", "yara"), [["yara", "rule a {}", true]]],
        ["a Suricata rule", indicator(1, "alert x", "suricata"), [["snort", "alert x", true]]],
        ["another language", indicator(1, "a.*", "pcre"), [["text", "a.*", false]]],
        ["a revoked indicator", indicator(1, "rule a {}", "yara", { revoked: true }), []],
        ["not an indicator", { type: "note", content: "x" }, []],
    ])("exports STIX: %s", (_, object, expected) => {
        expect(run(source("stix", bundle(object)))).toEqual(expected)
    })

    test("exports a value that is too long as a file, complete", () => {
        const text = `rule a { strings: $a = "${"é".repeat(33_000)}" }`
        const [item] = itemsOf(source("yara", text))
        expect(item).toMatchObject({ type: "attachment", value: "a.yara", toIds: false })
        expect(Buffer.from(item?.data ?? "", "base64").toString("utf8")).toBe(text)
    })
})

const at = parseInstant("2025-06-24T17:00:00.5Z")
const event = (labels: readonly (Labels | null)[], more: Partial<MispEvent> = {}): Loose => {
    const publisher = { id: "p", name: "portal.example" }
    const attributes = labels.map((labels, n) => ({ ...textItem("k", "v", "c"), id: `a${n}`, at, labels }))
    const input = {
        id: "e",
        title: "ToolShell",
        publisher,
        releasedAt: at,
        changedAt: at,
        isPublic: false,
        scores: [8.8, 6.5],
    }
    return JSON.parse(JSON.stringify(eventOf({ ...input, attributes, ...more }))).Event
}
const names = (input: Loose) => input.Tag.map((item: Loose) => item.name)

describe("an event", () => {
    test("is for the reader's organisation only, and names its subject", () => {
        const input = event([null, { tlp: "RED", pap: "AMBER" }])
        expect(input).toMatchObject({
            uuid: "e",
            info: "ToolShell",
            date: "2025-06-24",
            timestamp: "1750784400",
            threat_level_id: "1",
            analysis: "1",
            distribution: "0",
            published: false,
            Orgc: { uuid: "p", name: "portal.example" },
        })
        expect(input.Attribute[0]).toEqual({
            uuid: "a0",
            type: "text",
            category: "Other",
            value: "v",
            comment: "c",
            to_ids: false,
            distribution: "5",
            timestamp: "1750784400",
        })
        expect(names(input.Attribute[1])).toEqual(["tlp:red", "PAP:AMBER"])
    })

    test.each([
        ["1", 9.8],
        ["1", 7],
        ["2", 4],
        ["3", 0.1],
        ["4", 0],
    ])("has the threat level %s for its worst score, %d", (level, score) => {
        expect(event([], { scores: [0, score] }).threat_level_id).toBe(level)
    })

    test("has no PAP label when none of its parts has one", () => {
        expect(names(event([null]))).toEqual(["tlp:amber+strict"])
        expect(names(event([null], { isPublic: true }))).toEqual(["tlp:clear"])
    })

    test("has the strictest labels of its parts, and at most AMBER+STRICT before publication", () => {
        const labels = fc.record({ tlp: fc.constantFrom(...tlpLabels), pap: fc.constantFrom(...papLabels) })
        fc.assert(
            fc.property(fc.array(labels, { minLength: 1, maxLength: 4 }), fc.boolean(), (list, isPublic) => {
                const [tlp, pap] = names(event(list, { isPublic }))
                const tlpLabel = tlpLabels.find((tlpLabel) => `tlp:${tlpLabel.toLowerCase()}` === tlp) ?? "CLEAR"
                const actions = papLabels.findIndex((papLabel) => `PAP:${papLabel}` === pap)
                for (const item of list) {
                    expect(compareTlp(tlpLabel, item.tlp)).toBeGreaterThanOrEqual(0)
                    expect(actions).toBeGreaterThanOrEqual(papLabels.indexOf(item.pap))
                }
                expect(isPublic || compareTlp(tlpLabel, "AMBER+STRICT") >= 0).toBe(true)
            }),
        )
    })

    test("references a vulnerability by its id", () => {
        const vector = "CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H"
        const flaw = { cve: "CVE-2025-10001", cwe: "CWE-94", score: 8.8, vector, products: [], label: "CVE-2025-10001" }
        expect(vulnerabilityItem(flaw)).toMatchObject({
            type: "vulnerability",
            value: "CVE-2025-10001",
            toIds: false,
            comment: `CWE-94, CVSS 8.8 (${vector})`,
        })
        expect(vulnerabilityItem({ ...flaw, cve: "", label: "CVE id not assigned yet" })).toMatchObject({
            type: "text",
            value: "CVE id not assigned yet",
        })
        expect(vulnerabilityItem({ ...flaw, cwe: "none" }).comment).toBe(`CVSS 8.8 (${vector})`)
    })
})

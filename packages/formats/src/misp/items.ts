/**
 * A text as attributes of MISP: rules by the type that MISP has for their language, indicators of STIX one by one, and
 * whatever else as the text that it is.
 */
import { base64 } from "@scure/base"
import type { ResolvedText } from "@tocsin/base/resolved-text"
import { isCweId } from "../advisory/cwe.ts"
import { snortRules } from "@tocsin/rules/snort"
import type { StixObject } from "../stix/object.ts"
import { type StixVulnerability, objectsIn, weaknessLine } from "../stix/render.ts"

/** One thing that an artifact contains, as MISP has types for it. */
export interface MispItem {
    /** Identifies it among the items of its source. */
    readonly key: string
    readonly type: string
    readonly category: "External analysis" | "Network activity" | "Other" | "Payload delivery"
    readonly value: string
    /** The bytes of a file, in base64; null where the value is all. */
    readonly data: string | null
    readonly comment: string
    /** Whether MISP may build detections from it. */
    readonly toIds: boolean
}

/** The text of one artifact, and how to read it. */
export interface Source {
    readonly name: string
    readonly content: ResolvedText
    readonly format: "sigma" | "suricata" | "snort" | "yara" | "stix" | "json" | "text"
    /** Whether to detect its content, and not only to read it. */
    readonly isDetection: boolean
}

/** MISP's type takes CVE ids alone: while none is assigned, `label` says so as text. */
export function vulnerabilityItem({
    cve,
    cwe,
    score,
    vector,
    label,
}: StixVulnerability & { readonly label: string }): MispItem {
    const [comment = ""] = weaknessLine({ cwe: isCweId(cwe) ? cwe : "", score, vector })
    if (cve === "") return textItem(label, label, comment)
    return { ...plain, key: cve, type: "vulnerability", category: "External analysis", value: cve, comment }
}

/** Returns an item of plain text. MISP builds no detection from it. */
export function textItem(key: string, value: string, comment: string): MispItem {
    return { ...plain, key, type: "text", category: "Other", value, comment }
}

/** Returns what MISP can hold of an artifact: its indicators or rules, else the file itself. */
export function itemsOf({ name, content, format, isDetection }: Source): MispItem[] {
    if (format === "stix" && isDetection) return distinct(indicatorsIn(content).flatMap(indicatorItems))
    if (format === "suricata" && isDetection)
        return distinct(rulesIn(content).map((rule) => ruleItem(rule, name, "Suricata")))
    if (format === "snort" && isDetection) {
        const rules = snortRules(content).map(({ text }) => text.trim().replaceAll(/\s*[\r\n]\s*/g, " "))
        return distinct(rules.map((rule) => ruleItem(rule, name, "Snort")))
    }
    const isRule = isDetection && (format === "sigma" || format === "yara")
    const kind = isRule ? ({ type: format, category: "Payload delivery" } as const) : textKind
    return [fitItem({ ...plain, ...kind, value: content, comment: name, toIds: isRule }, name)]
}

const plain = { key: "", data: null, toIds: false } as const
const textKind = { type: "text", category: "External analysis" } as const

/** The maximum size of a value in MISP is 65,535 bytes. Longer values become files. */
const valueBytesMax = 65_000

function fitItem(item: MispItem, name: string): MispItem {
    const bytes = new TextEncoder().encode(item.value)
    if (bytes.length <= valueBytesMax) return item
    const data = base64.encode(bytes)
    return { ...item, type: "attachment", category: "External analysis", value: name, data, toIds: false }
}

/** Each key once. */
function distinct(items: readonly MispItem[]): MispItem[] {
    return [...new Map(items.map((item) => [item.key, item])).values()]
}

/**
 * Returns one rule for each item, as MISP passes rules to sensors. A rule continues after a `\` at the end of a line.
 */
function rulesIn(content: string): string[] {
    const lines = content.replaceAll(/\\\r?\n\s*/g, "").split(/\r?\n/)
    return lines.map((line) => line.trim()).filter((line) => line !== "" && !line.startsWith("#"))
}

/** MISP has one type for both languages. */
function ruleItem(rule: string, name: string, engine: "Suricata" | "Snort"): MispItem {
    const comment = `${name} (${engine})`
    const item: MispItem = {
        ...plain,
        key: rule,
        type: "snort",
        category: "Network activity",
        value: rule,
        comment,
        toIds: true,
    }
    return fitItem(item, name)
}

/** Returns the indicators that MISP can detect. The label of the whole text counts for each. */
function indicatorsIn(content: ResolvedText): StixObject[] {
    return objectsIn(content, "RED").filter((object) => object["type"] === "indicator" && object["revoked"] !== true)
}

const patternTypes: Readonly<Record<string, Pick<MispItem, "type" | "category">>> = {
    stix: { type: "stix2-pattern", category: "Payload delivery" },
    yara: { type: "yara", category: "Payload delivery" },
    sigma: { type: "sigma", category: "Payload delivery" },
    snort: { type: "snort", category: "Network activity" },
    suricata: { type: "snort", category: "Network activity" },
}

/** What one comparison compares, where MISP has a type for it. */
const comparisonTypes: Readonly<Record<string, Pick<MispItem, "type" | "category">>> = {
    "domain-name:value": { type: "domain", category: "Network activity" },
    "file:hashes.MD5": { type: "md5", category: "Payload delivery" },
    "file:hashes.SHA-1": { type: "sha1", category: "Payload delivery" },
    "file:hashes.SHA-256": { type: "sha256", category: "Payload delivery" },
    "file:name": { type: "filename", category: "Payload delivery" },
    "ipv4-addr:value": { type: "ip-dst", category: "Network activity" },
    "ipv6-addr:value": { type: "ip-dst", category: "Network activity" },
    "url:value": { type: "url", category: "Network activity" },
}

function indicatorItems({ id, name, pattern, pattern_type: language }: StixObject): MispItem[] {
    if (typeof id !== "string" || typeof pattern !== "string" || typeof language !== "string") return []
    const base = { ...plain, key: id, comment: typeof name === "string" ? name : "", toIds: true }
    const item = language === "stix" ? comparison(pattern) : null
    if (item !== null) return [{ ...base, ...item }]
    const kind = Object.hasOwn(patternTypes, language) ? patternTypes[language] : undefined
    return [fitItem({ ...base, ...(kind ?? { ...textKind, toIds: false }), value: pattern }, "pattern.txt")]
}

/** `[domain-name:value = 'a.example']`; null for whatever says more. */
function comparison(pattern: string): Pick<MispItem, "type" | "category" | "value"> | null {
    const found = /^\s*\[\s*([a-z0-9-]+:[\w.'-]+)\s*=\s*'((?:[^'\\]|\\['\\])*)'\s*\]\s*$/.exec(pattern)
    const path = found?.[1]?.replaceAll("'", "") ?? ""
    const kind = Object.hasOwn(comparisonTypes, path) ? comparisonTypes[path] : undefined
    const value = found?.[2]?.replaceAll(/\\(['\\])/g, "$1") ?? ""
    return kind === undefined || value === "" ? null : { ...kind, value }
}

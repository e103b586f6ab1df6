/**
 * Checks Sigma rules (version 2 of the specification), and runs them against events.
 *
 * A rule without a fault becomes a test of one JSON event, so that samples show what it hits and misses. Field names
 * are compared as written. Readers map the field names of their products themselves.
 */
import { type Issue, type Place, error, hasError, sortIssues, quote, warning } from "@tocsin/base/issue"
import { type YamlEntry, type YamlMap, type YamlNode, entryOf, readYaml } from "./strict-yaml.ts"
import { type Condition, holds, isFault, mentions, namedBy, parseCondition } from "./sigma/condition.ts"
import { DetectionReader, type Selection } from "./sigma/detection.ts"
import { type Event, type Fields, Unevaluated } from "./sigma/event.ts"
import { fieldFindings, textOf } from "./sigma/fields.ts"

/** A Sigma rule that can run. */
export interface SigmaRule {
    readonly title: string
    readonly id: string | null
    /**
     * Returns whether an event is hit. Returns null where the rule has a placeholder, or takes more than `steps`. The
     * event is JSON that was read strictly.
     */
    hits(event: Fields, steps?: number): boolean | null
}

/** The findings in a text of Sigma. */
export interface SigmaRead {
    /** Those that have no error. */
    readonly rules: readonly SigmaRule[]
    readonly findings: readonly Issue[]
}

const stepsMax = 5_000_000
const notSupported = "sigma.not_supported"

/** Reads a file of rules, divided by `---`. Correlations and filters are refused as not supported. */
export function readSigma(text: string): SigmaRead {
    const { documents: yamlNodes, findings } = readYaml(text)
    const documents = yamlNodes.filter((yamlNode) => yamlNode.kind !== "scalar" || yamlNode.value !== null)
    if (findings.length > 0) return { rules: [], findings: sortIssues(findings) }
    if (documents.length === 0) {
        return { rules: [], findings: [error({ line: 1, column: 1 }, "sigma.empty", "there is no rule here")] }
    }
    const read = documents.map(readRule)
    const twice = repeated(documents)
    return {
        rules: read.flatMap(({ rule }) => (rule === null ? [] : [rule])),
        findings: sortIssues([...read.flatMap((item) => item.findings), ...twice]),
    }
}

function repeated(documents: readonly YamlNode[]): Issue[] {
    const seen = new Set<string>()
    return documents.flatMap((yamlNode) => {
        const id = yamlNode.kind === "map" ? textOf(yamlNode, "id") : null
        if (id === null || !seen.has(id.toLowerCase())) {
            if (id !== null) seen.add(id.toLowerCase())
            return []
        }
        return [error(yamlNode.place, "sigma.duplicate_id", `the id ${quote(id)} stands twice`)]
    })
}

function readRule(document: YamlNode): { rule: SigmaRule | null; findings: readonly Issue[] } {
    if (document.kind !== "map") {
        return { rule: null, findings: [error(document.place, "sigma.not_a_rule", "a rule is a map")] }
    }
    for (const key of ["correlation", "filter", "action"]) {
        const found = entryOf(document, key)
        if (!found) continue
        const message = `\`${key}\` is not supported: hand out rules that stand for themselves`
        return { rule: null, findings: [error(found.place, notSupported, message)] }
    }
    const findings = fieldFindings(document)
    const detection = entryOf(document, "detection")?.value
    const test = detection?.kind === "map" ? readDetection(detection, findings) : null
    if (test === null || hasError(findings)) return { rule: null, findings }
    const rule = { title: textOf(document, "title") ?? "", id: textOf(document, "id"), hits: hitsOf(test) }
    return { rule, findings }
}

function hitsOf(test: Selection): SigmaRule["hits"] {
    return (fields, steps = stepsMax) => {
        try {
            return test({ fields, steps: { left: steps } })
        } catch (fault) {
            if (fault instanceof Unevaluated) return null
            throw fault
        }
    }
}

/** The whole detection as one test. */
function readDetection(detection: YamlMap, findings: Issue[]): Selection | null {
    const reader = new DetectionReader()
    const named = detection.entries.filter(
        (yamlEntry) => yamlEntry.key !== "condition" && yamlEntry.key !== "timeframe",
    )
    const selections = new Map(named.map((yamlEntry) => [yamlEntry.key, reader.selection(yamlEntry)]))
    findings.push(...reader.findings)
    const timeframe = entryOf(detection, "timeframe")
    if (timeframe) {
        findings.push(error(timeframe.place, notSupported, "`timeframe` is not supported: it belongs to correlations"))
    }
    if (named.length === 0) findings.push(error(detection.place, "sigma.no_selection", "there is no selection"))
    const conditions = readConditions(detection, findings)
    if (conditions === null) return null
    findings.push(...selectionFindings(named, conditions))
    const names = [...selections.keys()]
    return (event) => conditions.some(({ read }) => holds(read, names, (name) => decide(selections, name, event)))
}

function decide(selections: ReadonlyMap<string, Selection>, name: string, event: Event): boolean {
    return selections.get(name)?.(event) ?? false
}

interface Read {
    readonly read: Condition
    readonly place: (at: number) => Place
}

/** One condition, or several of which any may hold; null where one cannot be read. */
function readConditions(detection: YamlMap, findings: Issue[]): readonly Read[] | null {
    const entry = entryOf(detection, "condition")
    if (!entry) {
        findings.push(error(detection.place, "sigma.no_condition", "`condition` is missing"))
        return null
    }
    const items = entry.value.kind === "list" ? entry.value.items : [entry.value]
    const conditions: Read[] = []
    for (const item of items) {
        if (item.kind !== "scalar") {
            findings.push(error(item.place, "sigma.bad_condition", "a condition is a text"))
            continue
        }
        const text = item.source
        const place = (at: number) => (text.includes("\n") ? item.place : shifted(item.place, at))
        const read = parseCondition(text)
        if (isFault(read)) findings.push(error(place(read.at), read.code, read.message))
        else conditions.push({ read, place })
    }
    return conditions.length === items.length && conditions.length > 0 ? conditions : null
}

function shifted(place: Place, by: number): Place {
    return { line: place.line, column: place.column + by }
}

/** Names that only the detection or only the condition has. */
function selectionFindings(named: readonly YamlEntry[], conditions: readonly Read[]): Issue[] {
    const names = named.map((yamlEntry) => yamlEntry.key)
    const used = new Set<string>()
    const findings: Issue[] = []
    for (const { read, place } of conditions) {
        for (const mention of mentions(read)) {
            const entries =
                mention.is === "of" ? namedBy(mention.pattern, names) : names.filter((name) => name === mention.name)
            for (const name of entries) used.add(name)
            const word = mention.is === "of" ? mention.pattern : mention.name
            if (entries.length > 0) continue
            findings.push(error(place(mention.at), "sigma.unknown_selection", `there is no selection ${quote(word)}`))
        }
    }
    for (const { key, place } of named) {
        if (used.has(key)) continue
        findings.push(warning(place, "sigma.unused_selection", `no condition uses the selection ${quote(key)}`))
    }
    return findings
}

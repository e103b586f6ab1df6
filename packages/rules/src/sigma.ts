/**
 * Checks Sigma rules (version 2 of the specification), and runs them against events.
 *
 * A rule without a fault becomes a test of one JSON event, so that samples show what it hits and misses. Field names
 * are compared as written. Readers map the field names of their products themselves.
 */
import { type Issue, type Place, error, hasError, sortIssues, quote, warning } from "@tocsin/base/issue"
import { type YamlEntry, type YamlMap, type YamlNode, entryOf, readYaml } from "./strict-yaml.ts"
import { type Condition, evaluate, isFault, mentions, selectionsMatching, parseCondition } from "./sigma/condition.ts"
import { DetectionReader, type Selection } from "./sigma/detection.ts"
import { type Event, type Fields, UndecidedMatch } from "./sigma/event.ts"
import { fieldIssues, textOf } from "./sigma/fields.ts"

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
export interface SigmaResult {
    /** Those that have no error. */
    readonly rules: readonly SigmaRule[]
    readonly issues: readonly Issue[]
}

const stepsMax = 5_000_000
const notSupported = "sigma.not_supported"

/** Reads a file of rules, divided by `---`. Correlations and filters are refused as not supported. */
export function readSigma(text: string): SigmaResult {
    const { documents: yamlNodes, issues } = readYaml(text)
    const documents = yamlNodes.filter((yamlNode) => yamlNode.kind !== "scalar" || yamlNode.value !== null)
    if (issues.length > 0) return { rules: [], issues: sortIssues(issues) }
    if (documents.length === 0) {
        return { rules: [], issues: [error({ line: 1, column: 1 }, "sigma.empty", "there is no rule here")] }
    }
    const readRules = documents.map(readRule)
    const duplicates = duplicateIds(documents)
    return {
        rules: readRules.flatMap(({ rule }) => (rule === null ? [] : [rule])),
        issues: sortIssues([...readRules.flatMap((item) => item.issues), ...duplicates]),
    }
}

function duplicateIds(documents: readonly YamlNode[]): Issue[] {
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

function readRule(document: YamlNode): { rule: SigmaRule | null; issues: readonly Issue[] } {
    if (document.kind !== "map") {
        return { rule: null, issues: [error(document.place, "sigma.not_a_rule", "a rule is a map")] }
    }
    for (const key of ["correlation", "filter", "action"]) {
        const found = entryOf(document, key)
        if (!found) continue
        const message = `\`${key}\` is not supported: hand out rules that stand for themselves`
        return { rule: null, issues: [error(found.place, notSupported, message)] }
    }
    const issues = fieldIssues(document)
    const detection = entryOf(document, "detection")?.value
    const test = detection?.kind === "map" ? readDetection(detection, issues) : null
    if (test === null || hasError(issues)) return { rule: null, issues }
    const rule = { title: textOf(document, "title") ?? "", id: textOf(document, "id"), hits: hitsOf(test) }
    return { rule, issues }
}

function hitsOf(test: Selection): SigmaRule["hits"] {
    return (fields, steps = stepsMax) => {
        try {
            return test({ fields, steps: { remaining: steps } })
        } catch (fault) {
            if (fault instanceof UndecidedMatch) return null
            throw fault
        }
    }
}

/** The whole detection as one test. */
function readDetection(detection: YamlMap, issues: Issue[]): Selection | null {
    const reader = new DetectionReader()
    const named = detection.entries.filter(
        (yamlEntry) => yamlEntry.key !== "condition" && yamlEntry.key !== "timeframe",
    )
    const selections = new Map(named.map((yamlEntry) => [yamlEntry.key, reader.selection(yamlEntry)]))
    issues.push(...reader.issues)
    const timeframe = entryOf(detection, "timeframe")
    if (timeframe) {
        issues.push(error(timeframe.place, notSupported, "`timeframe` is not supported: it belongs to correlations"))
    }
    if (named.length === 0) issues.push(error(detection.place, "sigma.no_selection", "there is no selection"))
    const conditions = readConditions(detection, issues)
    if (conditions === null) return null
    issues.push(...selectionIssues(named, conditions))
    const names = [...selections.keys()]
    return (event) =>
        conditions.some(({ condition }) => evaluate(condition, names, (name) => decide(selections, name, event)))
}

function decide(selections: ReadonlyMap<string, Selection>, name: string, event: Event): boolean {
    return selections.get(name)?.(event) ?? false
}

interface ReadCondition {
    readonly condition: Condition
    readonly place: (at: number) => Place
}

/** One condition, or several of which any may hold; null where one cannot be read. */
function readConditions(detection: YamlMap, issues: Issue[]): readonly ReadCondition[] | null {
    const entry = entryOf(detection, "condition")
    if (!entry) {
        issues.push(error(detection.place, "sigma.no_condition", "`condition` is missing"))
        return null
    }
    const items = entry.value.kind === "list" ? entry.value.items : [entry.value]
    const conditions: ReadCondition[] = []
    for (const item of items) {
        if (item.kind !== "scalar") {
            issues.push(error(item.place, "sigma.bad_condition", "a condition is a text"))
            continue
        }
        const text = item.source
        const place = (at: number) => (text.includes("\n") ? item.place : shiftColumn(item.place, at))
        const read = parseCondition(text)
        if (isFault(read)) issues.push(error(place(read.at), read.code, read.message))
        else conditions.push({ condition: read, place })
    }
    return conditions.length === items.length && conditions.length > 0 ? conditions : null
}

function shiftColumn(place: Place, by: number): Place {
    return { line: place.line, column: place.column + by }
}

/** Names that only the detection or only the condition has. */
function selectionIssues(named: readonly YamlEntry[], conditions: readonly ReadCondition[]): Issue[] {
    const names = named.map((yamlEntry) => yamlEntry.key)
    const used = new Set<string>()
    const issues: Issue[] = []
    for (const { condition, place } of conditions) {
        for (const mention of mentions(condition)) {
            const entries =
                mention.kind === "of"
                    ? selectionsMatching(mention.pattern, names)
                    : names.filter((name) => name === mention.name)
            for (const name of entries) used.add(name)
            const word = mention.kind === "of" ? mention.pattern : mention.name
            if (entries.length > 0) continue
            issues.push(error(place(mention.at), "sigma.unknown_selection", `there is no selection ${quote(word)}`))
        }
    }
    for (const { key, place } of named) {
        if (used.has(key)) continue
        issues.push(warning(place, "sigma.unused_selection", `no condition uses the selection ${quote(key)}`))
    }
    return issues
}

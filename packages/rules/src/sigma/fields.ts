/**
 * Checks the fields of a Sigma rule other than its detection (specification 2.0.0, tags 2.1.0): types, forms and
 * vocabularies.
 */
import { type Issue, type Place, error, quote, warning } from "@tocsin/base/issue"
import { type YamlEntry, type YamlMap, type YamlNode, entryOf } from "../strict-yaml.ts"

const statuses = ["stable", "test", "experimental", "deprecated", "unsupported"]
const levels = ["informational", "low", "medium", "high", "critical"]
const relations = ["derived", "obsolete", "merged", "renamed", "similar"]
const namespaces = ["attack", "car", "cve", "d3fend", "detection", "stp", "tlp"]
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

type Check = (entry: YamlEntry) => Issue[]

const checks: Readonly<Record<string, Check>> = {
    title: text(256),
    id: (entry) => [...text(36)(entry), ...formIssues(entry, uuid, "a UUID")],
    name: text(256),
    taxonomy: text(256),
    related: (entry) =>
        entry.value.kind === "list" ? eachItem(related)(entry) : [badField(entry, "`related` is a list")],
    status: oneOf(statuses),
    description: text(65_535),
    license: text(256),
    author: text(1024),
    references: texts,
    date,
    modified: date,
    logsource,
    detection: (entry) => (entry.value.kind === "map" ? [] : [badField(entry, "`detection` is a map")]),
    fields: texts,
    falsepositives: (entry) => (entry.value.kind === "scalar" ? text(1024)(entry) : texts(entry)),
    level: oneOf(levels),
    tags: (entry) => [...texts(entry), ...eachItem(tag)(entry)],
    scope: texts,
}

/**
 * Checks the fields. Codes: `sigma.missing_field`, `sigma.bad_field`, `sigma.unknown_field`, `sigma.bad_tag` and
 * `sigma.no_id`.
 */
export function fieldIssues(rule: YamlMap): Issue[] {
    const issues = rule.entries.flatMap((entry) => {
        const check = Object.hasOwn(checks, entry.key) ? checks[entry.key] : undefined
        if (check !== undefined) return check(entry)
        return [warning(entry.place, "sigma.unknown_field", `${quote(entry.key)} is no field of Sigma`)]
    })
    for (const key of ["title", "logsource", "detection"]) {
        if (!entryOf(rule, key)) issues.push(error(rule.place, "sigma.missing_field", `\`${key}\` is missing`))
    }
    if (!entryOf(rule, "id")) issues.push(warning(rule.place, "sigma.no_id", "a rule is told apart by its `id`"))
    const [since, until] = [textOf(rule, "date"), textOf(rule, "modified")]
    if (since !== null && until !== null && until < since) {
        issues.push(error(placeOf(rule, "modified"), "sigma.bad_field", "`modified` lies before `date`"))
    }
    return issues
}

/** Reads the text of a field; null if it has none. */
export function textOf(rule: YamlMap, key: string): string | null {
    const value = entryOf(rule, key)?.value
    return value?.kind === "scalar" && typeof value.value === "string" ? value.value : null
}

function placeOf(rule: YamlMap, key: string): Place {
    return entryOf(rule, key)?.place ?? rule.place
}

function badField(entry: { readonly place: Place }, message: string): Issue {
    return error(entry.place, "sigma.bad_field", message)
}

function text(charsMax: number): Check {
    return (entry) => {
        const value = entry.value.kind === "scalar" ? entry.value.value : null
        if (typeof value !== "string" || value.trim() === "") return [badField(entry, `\`${entry.key}\` is a text`)]
        return value.length <= charsMax
            ? []
            : [badField(entry, `\`${entry.key}\` has \`${charsMax}\` characters at most`)]
    }
}

function formIssues(entry: YamlEntry, pattern: RegExp, kind: string): Issue[] {
    const value = entry.value.kind === "scalar" ? entry.value.value : null
    return typeof value === "string" && !pattern.test(value) ? [badField(entry, `\`${entry.key}\` is ${kind}`)] : []
}

function oneOf(words: readonly string[]): Check {
    return (entry) => {
        const value = entry.value.kind === "scalar" ? entry.value.value : null
        if (typeof value === "string" && words.includes(value)) return []
        return [badField(entry, `\`${entry.key}\` is one of \`${words.join("`, `")}\``)]
    }
}

function texts(entry: YamlEntry): Issue[] {
    if (entry.value.kind !== "list") return [badField(entry, `\`${entry.key}\` is a list`)]
    const seen = new Set<string>()
    return entry.value.items.flatMap((item) => {
        const value = item.kind === "scalar" ? item.value : null
        if (typeof value !== "string" || value.length < 2) return [badField(item, `\`${entry.key}\` lists texts`)]
        if (seen.has(value)) return [badField(item, `${quote(value)} stands twice in \`${entry.key}\``)]
        seen.add(value)
        return []
    })
}

function eachItem(check: (item: YamlNode) => Issue[]): Check {
    return (entry) => (entry.value.kind === "list" ? entry.value.items.flatMap(check) : [])
}

function date(entry: YamlEntry): Issue[] {
    const value = entry.value.kind === "scalar" ? entry.value.value : null
    const [, year, month, day] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(typeof value === "string" ? value : "") ?? []
    const days = new Date(Date.UTC(Number(year), Number(month), 0)).getUTCDate()
    const isRealDate = Number(month) >= 1 && Number(month) <= 12 && Number(day) >= 1 && Number(day) <= days
    return isRealDate ? [] : [badField(entry, `\`${entry.key}\` is a date such as \`2025-07-08\``)]
}

function related(item: YamlNode): Issue[] {
    if (item.kind !== "map") return [badField(item, "`related` lists rules by `id` and `type`")]
    const [id, type] = [textOf(item, "id"), textOf(item, "type")]
    return [
        ...(id !== null && uuid.test(id) ? [] : [badField(item, "a related rule has an `id` that is a UUID")]),
        ...(type !== null && relations.includes(type)
            ? []
            : [badField(item, `a related rule's \`type\` is one of \`${relations.join("`, `")}\``)]),
    ]
}

function logsource(entry: YamlEntry): Issue[] {
    if (entry.value.kind !== "map") return [badField(entry, "`logsource` is a map")]
    const issues: Issue[] = []
    const words = ["category", "product", "service"]
    for (const yamlEntry of entry.value.entries.filter((yamlEntry) => words.includes(yamlEntry.key))) {
        const faults = text(256)(yamlEntry)
        const value = yamlEntry.value.kind === "scalar" ? yamlEntry.value.value : null
        if (faults.length === 0 && typeof value === "string" && !/^[a-z0-9_.-]+$/.test(value)) {
            const message = `\`${yamlEntry.key}\` is written in small letters, with \`_\` for spaces`
            issues.push(warning(yamlEntry.place, "sigma.logsource_form", message))
        }
        issues.push(...faults)
    }
    if (!entry.value.entries.some((yamlEntry) => words.includes(yamlEntry.key))) {
        issues.push(badField(entry, "`logsource` names a `category`, a `product` or a `service`"))
    }
    return issues
}

function tag(item: YamlNode): Issue[] {
    const value = item.kind === "scalar" && typeof item.value === "string" ? item.value : ""
    const [namespace = "", rest = ""] = value.split(/\.(.*)/s)
    const pattern = namespace === "d3fend" ? /^[A-Za-z0-9._-]+$/ : /^[a-z0-9._-]+$/
    if (!/^[a-z0-9_-]+$/.test(namespace) || !pattern.test(rest)) {
        return [error(item.place, "sigma.bad_tag", `${quote(value)} is no tag: \`namespace.word\`, in small letters`)]
    }
    if (!namespaces.includes(namespace)) {
        return [warning(item.place, "sigma.unknown_namespace", `${quote(namespace)} is no namespace of Sigma`)]
    }
    const known = knownTag(namespace, rest)
    return known ? [] : [error(item.place, "sigma.bad_tag", `${quote(value)} is no tag of \`${namespace}\``)]
}

/** Checks a tag whose namespace is closed or has a form of its own. */
function knownTag(namespace: string, rest: string): boolean {
    if (namespace === "tlp") return ["red", "amber", "amber-strict", "green", "clear"].includes(rest)
    if (namespace === "cve") return /^\d{4}[-.]\d{4,}$/.test(rest)
    if (namespace === "stp") return /^[1-5][auk]?$/.test(rest)
    if (namespace === "car") return /^\d{4}-\d{2}-\d{3}$/.test(rest)
    if (namespace === "attack") return /^(t\d{4}(\.\d{3})?|(g|s|m|a|ds)\d{4}|[a-z][a-z-]+)$/.test(rest)
    return true
}

/**
 * Words that must agree in two places: events and the flow, routes and who may use them, SQL tables and their store,
 * dependencies and why we have them.
 */
import { kindOf, placeOf } from "./imports.ts"
import type { Expression } from "oxc-parser"
import { type House, type Source, at, nameOf, product, stringsOf, tableOf, valueOf, wordsOf } from "./source.ts"

/** Tables of platform/ that belong to no slice. The worker's queue is the record, so it shares the audit's store. */
const platformOwners: Readonly<Record<string, string>> = {
    "server/src/platform/crypto/vault.ts": "platform/vault",
    "server/src/platform/crypto/root-key.ts": "platform/root-key",
    "server/src/platform/time/clock.ts": "platform/clock",
    "server/src/platform/time/clock-baseline.ts": "platform/clock",
    "server/src/kernel/change-detection.ts": "platform/changes",
    "server/src/kernel/job-runs.ts": "platform/job-runs",
    "server/src/kernel/idempotency.ts": "platform/remember",
    "server/src/kernel/worker.ts": "server/src/trust/audit-log",
    "server/src/kernel/store.ts": "server/src/trust/audit-log",
}

const flowFile = "server/src/event-handlers.ts"
const endsFile = "server/src/record-only-events.ts"
const accessFile = "server/src/kernel/permissions.ts"

/** It owes no step to what it records. */
const recordingEnds = ["recordIfStillValid", "recordWithoutHandler"]
export const recording = ["record", "recordAtCommit", ...recordingEnds]

/** Each recorded kind starts a step or is an end, and the table holds no kind that nothing records. */
export function eventLaw(house: House): string[] {
    const [recorded, owedNothing] = [new Set<string>(), new Set<string>()]
    const faults: string[] = []
    for (const source of product(house)) {
        for (const node of source.nodes) {
            if (node.type !== "CallExpression" || !recording.includes(nameOf(node.callee) ?? "")) continue
            const kinds = kindsOf(source, valueOf(node.arguments[1], "kind"))
            if (!kinds) faults.push(`${at(source, node)}: an event's kind is written out where it is recorded`)
            for (const kind of kinds ?? []) recorded.add(kind)
            if (!recordingEnds.includes(nameOf(node.callee) ?? "")) continue
            for (const kind of kinds ?? []) owedNothing.add(kind)
        }
    }
    const flow = house.sources.find(({ file }) => file === flowFile)
    if (!flow) return [...faults, ...missingRoof(house, flowFile)]
    const ending = house.sources.find(({ file }) => file === endsFile)
    const [steps, ends] = [wordsOf(flow, "eventHandlers"), ending && wordsOf(ending, "recordOnlyEvents")]
    if (!steps || !ends)
        return [...faults, `${flowFile} exports no \`eventHandlers\`, or ${endsFile} no \`recordOnlyEvents\``]
    for (const kind of recorded) {
        if (!steps.includes(kind) && !ends.includes(kind)) faults.push(`${kind} starts no step and is no end`)
    }
    for (const kind of owedNothing)
        if (steps.includes(kind)) faults.push(`${kind} is owed a step by ${recordingEnds.join(" or ")}`)
    for (const kind of [...steps, ...ends]) if (!recorded.has(kind)) faults.push(`${kind} is never recorded`)
    for (const kind of steps) if (ends.includes(kind)) faults.push(`${kind} starts a step, and is an end`)
    return faults
}

/** Written out, or looked up in a table of the same file: `recorded[turn.kind]`. */
export function kindsOf(source: Source, kind: Expression | undefined): string[] | null {
    if (kind?.type !== "MemberExpression" || !kind.computed) return stringsOf(kind)
    return tableOf(source, nameOf(kind.object))?.flatMap(([, value]) => stringsOf(value) ?? []) ?? null
}

/** Each route needs something that stands in the access table, and each row of that table is asked for. */
export function permissionLaw(house: House): string[] {
    const sources = product(house)
    const needed = new Set<string>()
    const faults: string[] = []
    for (const source of sources) {
        for (const node of source.nodes) {
            if (node.type !== "CallExpression" || nameOf(node.callee) !== "route") continue
            const permissions = stringsOf(valueOf(node.arguments[0], "permission"))
            if (!permissions) faults.push(`${at(source, node)}: a route names its permission in a literal`)
            for (const permission of permissions ?? []) needed.add(permission)
        }
    }
    const table = house.sources.find(({ file }) => file === accessFile)
    if (!table) return [...faults, ...missingRoof(house, accessFile)]
    const rows = wordsOf(table, "permissions")
    if (!rows) return [...faults, `${accessFile} exports no \`permissions\``]
    for (const need of needed) if (!rows.includes(need)) faults.push(`${need} stands in no row of the access table`)
    const elsewhere = sources.filter(({ file }) => file !== accessFile)
    for (const row of isWhole(house) ? rows : []) {
        const isRequested = needed.has(row) || elsewhere.some(({ text }) => text.includes(`"${row}"`))
        if (!isRequested) faults.push(`${row} is granted, and nothing needs it`)
    }
    return faults
}

/** A house with an entry has its tables; before that, there is nothing to hold them to. */
const isWhole = (house: House): boolean => house.sources.some(({ file }) => file === "server/src/main.ts")

const missingRoof = (house: House, file: string): string[] => (isWhole(house) ? [`${file} is missing`] : [])

/** Each table is named in one store only. A view (`…_view`) is published, and free to join. */
export function tableLaw(house: House): string[] {
    const tables = tablesOf(house)
    const users = new Map<string, Set<string>>()
    const faults: string[] = []
    for (const source of product(house)) {
        for (const table of namedIn(source).filter((name) => tables.has(name))) {
            const owner = storeOf(source.file)
            if (owner === null) faults.push(`${source.file} names the table ${table}, and is no store`)
            else users.set(table, (users.get(table) ?? new Set()).add(owner))
        }
    }
    for (const [table, owners] of users) {
        if (owners.size > 1) faults.push(`the table ${table} is named in ${[...owners].sort().join(" and ")}`)
    }
    const unused = isWhole(house) ? [...tables].filter((table) => !users.has(table)) : []
    return [...new Set(faults), ...unused.map((table) => `the table ${table} is named in no store`)]
}

function tablesOf(house: House): Set<string> {
    const tables = new Set<string>()
    for (const [file, text] of house.texts) {
        if (!file.startsWith("server/migrations/") || file.endsWith("server/migrations/schema.sql")) continue
        for (const [, how, name = ""] of text.matchAll(/^\s*(create|drop) table (?:if (?:not )?exists )?(\w+)/gim)) {
            if (how === "create") tables.add(name)
            else tables.delete(name)
        }
    }
    return tables
}

function storeOf(file: string): string | null {
    return platformOwners[file] ?? (kindOf(file) === "store" ? placeOf(file) : null)
}

const statement =
    /^\s*\(?(select|insert|update|delete|with|lock|truncate|create|alter|from|join|left|and|or|where|exists|union)\b/i
const naming =
    /\b(?:from|join|into|update|using|table|truncate)\s+(?:only\s+)?((?:\w+(?:\s+(?:as\s+)?\w+)?\s*,\s*)*\w+)/gi

/** The tables that the SQL in a file reads or writes. */
function namedIn(source: Source): string[] {
    const texts = source.nodes.flatMap((node) => {
        if (node.type === "TemplateLiteral") return [node.quasis.map((quasi) => quasi.value.raw).join(" _ ")]
        return node.type === "Literal" && typeof node.value === "string" ? [node.value] : []
    })
    return texts
        .filter((text) => statement.test(text))
        .flatMap((text) => [...text.matchAll(naming)])
        .flatMap(([, list = ""]) => list.split(",").map((item) => item.trim().split(/\s+/)[0] ?? ""))
}

/** What runs in the product has a sentence on why, and what has one runs. */
export function dependencyLaw(house: House): string[] {
    const dependencies = dependenciesOf(house)
    const note = house.texts.get("docs/design/0001-each-dependency-has-its-sentence.md") ?? ""
    const notified = [...note.matchAll(/^\| `([^`]+)` \|/gm)].map(([, name = ""]) => name)
    const needed = [...new Set(dependencies.map(([name]) => name))]
    const loose = dependencies.filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version))
    return [
        ...needed
            .filter((name) => !notified.includes(name))
            .map((name) => `${name} has no sentence in docs/design/0001`),
        ...notified.filter((name) => !needed.includes(name)).map((name) => `${name} is explained, and not needed`),
        ...loose.map(([name]) => `${name} is not pinned to one version`),
        ...undeclared(house),
    ]
}

interface Manifest {
    readonly name: string
    readonly dependencies?: object
    readonly imports?: object
}

/** Libraries that a workspace imports, and its package.json does not name. */
function undeclared(house: House): string[] {
    return product(house).flatMap((source) => {
        const workspace = /^(?:packages\/[a-z-]+|server|web)/.exec(source.file)?.[0] ?? ""
        const manifest = house.texts.get(`${workspace}/package.json`)
        if (manifest === undefined) return []
        const { name: own, dependencies, imports } = JSON.parse(manifest) as Manifest
        const declared = { ...dependencies, ...imports }
        const used = source.nodes.flatMap((node) =>
            node.type === "ImportDeclaration" && node.importKind !== "type" ? [libraryOf(node.source.value)] : [],
        )
        return [...new Set(used)]
            .filter((name) => name !== "" && name !== own && !(name in declared))
            .map((name) => `${source.file} imports ${name}, which ${workspace}/package.json does not name`)
    })
}

/** `@scope/name` or `name`; empty for a file, for a module of Node and for our own packages. */
function libraryOf(module: string): string {
    if (/^(?:\.|node:|@tocsin\/)/.test(module)) return ""
    return module.split("/", module.startsWith("@") ? 2 : 1).join("/")
}

/** The libraries of all workspaces with their versions; our own packages left out. */
function dependenciesOf(house: House): (readonly [name: string, version: string])[] {
    return [...house.texts].flatMap(([file, text]) => {
        if (!/^(?:packages\/[a-z-]+|server|web)\/package\.json$/.test(file)) return []
        const { dependencies = {} } = JSON.parse(text) as { dependencies?: Record<string, string> }
        return Object.entries(dependencies).filter(([name]) => !name.startsWith("@tocsin/"))
    })
}

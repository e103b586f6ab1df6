/**
 * Refusals: every code means one thing, in one slice, and stands in docs/reference/errors.md.
 */
import path from "node:path"
import type { Expression, Node } from "oxc-parser"
import { placeOf } from "./imports.ts"
import { renderErrors, withoutLines } from "../../scripts/reference/errors.ts"
import { type House, type Source, at, lineOf, nameOf, product, stringsOf } from "./source.ts"

/** Prefixes of refusal codes that are the name neither of their slice nor of one of its files. */
const otherPrefixes: Readonly<Record<string, readonly string[]>> = {
    lib: ["artifact", "audit_log", "json", "mark", "trace"],
    platform: ["high_water", "mark", "request"],
    "server.ts": ["request"],
    "trust/audit": ["audit_log"],
    "trust/partners": ["access_list", "due_diligence", "program_rules"],
    "share/cases": ["deployment_permission"],
    "share/entitlement": ["policy"],
    "share/marking": ["mark"],
    "share/delivery": ["copy", "receipt", "test_result", "warning"],
    "trace/reports": ["annual_report", "statistics"],
    cli: ["deletion"],
}

export interface Said {
    readonly code: string
    readonly kind: string
    readonly place: string
    readonly message: string
    readonly file: string
    readonly line: number
}

/** Every refusal the product can give. */
export function refusalsOf(house: House): Said[] {
    return product(house).flatMap((source) =>
        refusalCalls(source).flatMap(([kind, code, message, call]) =>
            (stringsOf(code) ?? []).flatMap((each) =>
                (stringsOf(kind) ?? []).map((sort) => ({
                    code: each,
                    kind: sort,
                    place: placeOf(source.file) ?? source.file,
                    message: plain(source, message),
                    file: source.file,
                    line: lineOf(source, call),
                })),
            ),
        ),
    )
}

export function refusalLaw(house: House): string[] {
    const faults: string[] = []
    for (const source of product(house)) {
        for (const [kind, code, , call] of refusalCalls(source)) {
            const codes = stringsOf(code)
            if (!codes || !stringsOf(kind))
                faults.push(`${at(source, call)}: a refusal's kind and code are written out`)
            for (const each of codes ?? []) faults.push(...prefixFault(house, source, call, each))
        }
    }
    const first = new Map<string, Said>()
    for (const statement of refusalsOf(house)) {
        const before = first.get(statement.code)
        first.set(statement.code, before ?? statement)
        if (before && before.place !== statement.place) {
            faults.push(`${statement.code} is said in ${before.place} and in ${statement.place}`)
        }
        if (before && before.kind !== statement.kind)
            faults.push(`${statement.code} is ${before.kind} and ${statement.kind}`)
    }
    return faults
}

/** docs/reference/errors.md is the table of all of them; `npm run fix` writes it. Lines of code may have moved since. */
export function refusalTableLaw(house: House): string[] {
    const statements = refusalsOf(house)
    const written = house.texts.get("docs/reference/errors.md") ?? ""
    if (statements.length === 0 || withoutLines(written) === withoutLines(renderErrors(statements))) return []
    const missing = statements.map((statement) => statement.code).filter((code) => !written.includes(`\`${code}\``))
    return [
        `docs/reference/errors.md is not what the code says (${[...new Set(missing)].join(", ")}): run \`npm run fix\``,
    ]
}

function prefixFault(house: House, source: Source, call: Node, code: string): string[] {
    const [prefix = "", ...rest] = code.split(".")
    const shape = rest.length === 1 && /^[a-z][a-z0-9]*(_[a-z0-9]+)*$/.test(rest[0] ?? "")
    if (!shape) return [`${at(source, call)}: \`${code}\` is no code: write \`slice.what_is_wrong\``]
    const known = prefixesOf(house, placeOf(source.file) ?? "")
    return known.has(prefix) ? [] : [`${at(source, call)}: \`${code}\` does not carry its slice's name`]
}

/** The names of the slice and of its files, in the plural and the singular, and what the short list adds. */
function prefixesOf(house: House, place: string): Set<string> {
    const files = product(house).filter(({ file }) => placeOf(file) === place)
    const names = [place, ...files.map(({ file }) => file)].map((name) =>
        path.posix
            .basename(name)
            .replace(/\.tsx?$/, "")
            .replaceAll("-", "_"),
    )
    return new Set([...names, ...names.map((name) => name.replace(/s$/, "")), ...(otherPrefixes[place] ?? [])])
}

type Call = [kind: Expression | undefined, code: Expression | undefined, message: Expression | undefined, call: Node]

function refusalCalls(source: Source): Call[] {
    if (source.file === "src/lib/refusal.ts") return []
    return source.nodes.flatMap((node): Call[] => {
        const called = node.type === "CallExpression" && nameOf(node.callee) === "refuse"
        const made = node.type === "NewExpression" && nameOf(node.callee) === "Refusal"
        if (!called && !made) return []
        const [kind, code, message] = node.arguments as Expression[]
        return [[kind, code, message, node]]
    })
}

/** A message as a reader of the table sees it: values become `…`. */
function plain(source: Source, message: Expression | undefined): string {
    if (!message) return ""
    if (message.type === "Identifier") {
        const declared = source.nodes.find(
            (node) => node.type === "VariableDeclarator" && nameOf(node.id) === message.name,
        )
        const isText = declared?.type === "VariableDeclarator" && declared.init && declared.init.type !== "Identifier"
        if (isText) return plain(source, declared.init ?? undefined)
    }
    if (message.type === "TemplateLiteral") return message.quasis.map((quasi) => quasi.value.cooked ?? "").join("…")
    return stringsOf(message)?.join(" / ") ?? `(${source.text.slice(message.start, message.end)})`
}

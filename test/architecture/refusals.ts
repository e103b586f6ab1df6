/**
 * Refusals: every code means one thing, in one slice, and stands in docs/reference/errors.md.
 */
import type { Expression, Node } from "oxc-parser"
import { placeOf } from "./imports.ts"
import { renderErrors, withoutLines } from "../../scripts/reference/errors.ts"
import { type House, type Source, at, keyOf, lineOf, nameOf, product, stringsOf, valueOf } from "./source.ts"

/** The nouns that error codes begin with. A new noun is added here, where a reviewer sees it. */
const objects = new Set([
    "access_list",
    "admission",
    "advisory",
    "agreement",
    "alarm",
    "annual_report",
    "application",
    "approval",
    "artifact",
    "attribution",
    "audit_log",
    "backup",
    "bundle",
    "calendar",
    "canonical",
    "case",
    "checkpoint",
    "client",
    "clock",
    "consent",
    "deletion",
    "delivery",
    "demo",
    "deployment_permission",
    "deputy",
    "due_diligence",
    "duty",
    "embargo",
    "evidence",
    "expert",
    "exposure",
    "files",
    "filing",
    "follow_up_deadline",
    "high_water",
    "holdings",
    "identity",
    "init",
    "inquiry",
    "instant",
    "json",
    "key",
    "keys",
    "letter",
    "line",
    "link",
    "mail",
    "mail_key",
    "mailbox",
    "mark",
    "measure",
    "oauth",
    "obligation",
    "online",
    "open",
    "openpgp",
    "output",
    "partner",
    "partner_import",
    "party",
    "passkey",
    "pdf",
    "planning",
    "platform",
    "plugin",
    "policy",
    "postgres",
    "procedure",
    "program_rules",
    "protection",
    "publication",
    "pull",
    "qualification",
    "quarantine",
    "question",
    "recall",
    "receipt",
    "regime",
    "release",
    "request",
    "restore",
    "run",
    "scim",
    "seal",
    "serve",
    "settings",
    "sighting",
    "statement",
    "statistics",
    "taxii",
    "template",
    "test_result",
    "tlog_proof",
    "trace",
    "verify",
    "wall_time",
    "warning_question",
    "wave",
    "unlock",
    "webhook",
    "witness",
    "witness_policy",
])

export interface Said {
    readonly code: string
    readonly kind: string
    readonly place: string
    readonly message: string
    readonly file: string
    readonly line: number
    /** The names of the values that the answer has. */
    readonly values: readonly string[]
}

/** Every refusal the product can give. */
export function refusalsOf(house: House): Said[] {
    return product(house).flatMap((source) =>
        refusalCalls(source).flatMap(([kind, code, message, call, values]) =>
            (stringsOf(code) ?? []).flatMap((each) =>
                (stringsOf(kind) ?? []).map((sort) => ({
                    code: each,
                    kind: sort,
                    place: placeOf(source.file) ?? source.file,
                    message: plain(source, message),
                    file: source.file,
                    line: lineOf(source, call),
                    values: keysOf(values),
                })),
            ),
        ),
    )
}

/** Every answer with a code that is written as an object: problems of the HTTP layer, and verdicts of checks. */
function verdictsOf(house: House): Said[] {
    return product(house).flatMap((source) =>
        source.nodes.flatMap((node) => {
            const code = stringsOf(valueOf(node, "code"))?.[0] ?? ""
            if (!/^[a-z_]+\.[a-z_]+$/.test(code)) return []
            const status = valueOf(node, "status")
            const text = ["detail", "reason", "message"].flatMap((key) => valueOf(node, key) ?? [])[0]
            return {
                code,
                kind: status?.type === "Literal" ? String(status.value) : "",
                place: placeOf(source.file) ?? source.file,
                message: text === undefined ? "(detail)" : plain(source, text),
                file: source.file,
                line: lineOf(source, node),
                values: keysOf(valueOf(node, "values")),
            }
        }),
    )
}

/** Everything that the error reference lists. */
export const errorsOf = (house: House): Said[] => [...refusalsOf(house), ...verdictsOf(house)]

export function refusalLaw(house: House): string[] {
    const faults: string[] = []
    for (const source of product(house)) {
        for (const [kind, code, , call] of refusalCalls(source)) {
            const codes = stringsOf(code)
            if (!codes || !stringsOf(kind))
                faults.push(`${at(source, call)}: a refusal's kind and code are written out`)
            for (const each of codes ?? []) faults.push(...codeFault(source, call, each))
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

/**
 * docs/reference/errors.md is the table of all of them; `npm run fix` writes it. Lines of code may have moved since.
 */
export function refusalTableLaw(house: House): string[] {
    const statements = errorsOf(house)
    const written = house.texts.get("docs/reference/errors.md") ?? ""
    if (statements.length === 0 || withoutLines(written) === withoutLines(renderErrors(statements))) return []
    const missing = statements.map((statement) => statement.code).filter((code) => !written.includes(`\`${code}\``))
    return [
        `docs/reference/errors.md is not what the code says (${[...new Set(missing)].join(", ")}): run \`npm run fix\``,
    ]
}

function codeFault(source: Source, call: Node, code: string): string[] {
    const [object = "", ...reasons] = code.split(".")
    const isCode = reasons.length === 1 && /^[a-z][a-z0-9]*(_[a-z0-9]+)*$/.test(reasons[0] ?? "")
    if (!isCode) return [`${at(source, call)}: \`${code}\` is no code: write \`object.reason\``]
    return objects.has(object) ? [] : [`${at(source, call)}: \`${object}\` is not an object of error codes`]
}

type Call = [
    kind: Expression | undefined,
    code: Expression | undefined,
    message: Expression | undefined,
    call: Node,
    values: Expression | undefined,
]

function refusalCalls(source: Source): Call[] {
    if (source.file === "packages/base/src/refusal.ts") return []
    return source.nodes.flatMap((node): Call[] => {
        const called = node.type === "CallExpression" && nameOf(node.callee) === "refuse"
        const made = node.type === "NewExpression" && nameOf(node.callee) === "Refusal"
        if (!called && !made) return []
        const [kind, code, message, values] = node.arguments as Expression[]
        return [[kind, code, message, node, values]]
    })
}

const keysOf = (values: Expression | undefined): string[] =>
    values?.type === "ObjectExpression"
        ? values.properties.flatMap((property) => (property.type === "Property" ? keyOf(property.key) : []))
        : []

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
    if (message.type === "BinaryExpression" && message.operator === "+") {
        return plain(source, message.left as Expression) + plain(source, message.right)
    }
    if (message.type === "TemplateLiteral") return message.quasis.map((quasi) => quasi.value.cooked ?? "").join("…")
    return stringsOf(message)?.join(" / ") ?? `(${source.text.slice(message.start, message.end)})`
}

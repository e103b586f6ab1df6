/**
 * Every text of the screens is a message: it goes through `t` or `rich`, stands in web/src/messages/de.json, and has a
 * German form with the same values.
 */
import type { Expression, Node } from "oxc-parser"
import { IntlMessageFormat } from "intl-messageformat"
import { type MessageTable, constantText, messagesOf } from "../../scripts/messages.ts"
import { errorsOf } from "./refusals.ts"
import { type House, type Law, type Source, at, childrenOf, isTest, keyOf, nameOf } from "./source.ts"

const words = (list: string): ReadonlySet<string> => new Set(list.split(" "))

/** Attributes and fields that a reader sees: even one word in them is a message. */
const seen = words(
    "alt aria-label aria-valuetext button caption disabledReason hint label lead placeholder submit tabTitle title",
)

/** Attributes and fields that no reader sees. */
const unseen = words("className key style d transform type kind to href id")

/** Calls whose texts are for the program: addresses, keys of its own, and the browser's names. */
const ownCalls = words("t rich valueText")
const ownMethods = words(
    "addEventListener removeEventListener importKey split replaceAll request startsWith endsWith includes " +
        "querySelector matchMedia getItem setItem",
)
const isInternal = (callee: string): boolean => ownCalls.has(callee) || ownMethods.has(callee.split(".").at(-1) ?? "")

/** Names that are equal in all languages, names of keys on a keyboard, and texts for the browser or a library. */
const names = new RegExp(
    "^(?:Tocsin|English|Deutsch|TLP|PAP|Ed25519|AES-GCM|AGE-SECRET-KEY-1…|UTC|GMT|Etc/UTC|\\w+/[A-Z]\\w+" +
        "|Enter|Escape|Tab|Home|End|PageUp|PageDown|Arrow\\w+|Backspace|Delete|Mod-\\S+|Shift-\\S+" +
        "|Patch Tuesday|Blob|believe the key in the file|bottom end|tocsin [a-z ]+|noopener [a-z ]+)$",
)

const isSeen = (text: string): boolean => /\p{L}{2}/u.test(text)

/** Several words, or one with a capital. */
const isProse = (text: string): boolean =>
    (/\p{L}[,.:;…?!)”]* +[“(]?\p{L}/u.test(text) || /^“?[A-Z][a-z]/.test(text) || /[a-z]…$/.test(text)) &&
    !names.test(text) &&
    !/^https?:|^\/|var\(--|color-mix|^M\d|^(?:application|text)\//.test(text)

const screens = (house: House): Source[] =>
    house.sources.filter(
        ({ file }) => file.startsWith("web/src/") && !isTest(file) && !file.startsWith("web/src/messages/"),
    )

/** Texts of the screens that are no message. */
export function messageLaw(house: House): string[] {
    return screens(house).flatMap((source) => textsOutside(source))
}

function textsOutside(source: Source): string[] {
    const faults: string[] = []
    const [program] = source.nodes
    const report = (node: Node, text: string) => faults.push(`${at(source, node)}: not a message: ${text.trim()}`)
    const visit = (node: Node, parents: readonly Node[]): void => {
        if (/^(?:Import|Export(?:All|Named)?Declaration$|TS(?!As|Satisfies|NonNull))/.test(node.type) && !hasCode(node))
            return
        if (node.type === "VariableDeclarator" && nameOf(node.id) === "icons") return
        if (node.type === "CallExpression" && isInternal(nameOf(node.callee))) {
            for (const argument of node.arguments)
                if (constantText(argument) === null) visit(argument, [node, ...parents])
            return
        }
        const text = node.type === "JSXText" ? node.value : (constantText(node) ?? partsOf(node))
        if (text !== null && isOutside(node, text, parents)) report(node, text)
        for (const child of childrenOf(node)) visit(child, [node, ...parents])
    }
    if (program) visit(program, [])
    return faults
}

const hasCode = (node: Node): boolean => node.type === "ExportNamedDeclaration" && node.declaration !== null

/** The fixed parts of a template with values. */
const partsOf = (node: Node): string | null =>
    node.type === "TemplateLiteral" ? node.quasis.map(({ value }) => value.cooked).join(" … ") : null

function isOutside(node: Node, text: string, parents: readonly Node[]): boolean {
    if (node.type === "JSXText") return isSeen(text)
    const [parent] = parents
    if (parent === undefined || isName(node, parent)) return false
    const field = fieldOf(parents)
    if (field !== null && unseen.has(field)) return false
    if (node.type === "TemplateLiteral" && node.expressions.length > 0)
        return / /.test(text.replaceAll(" … ", "")) && isSeen(text) && !/^(?: … )?[#/]|\/api\/|=/.test(text)
    return field !== null && seen.has(field) ? isSeen(text) && !names.test(text) : isProse(text)
}

/** A string that compares, selects or names something, and an error for developers. */
function isName(node: Node, parent: Node): boolean {
    if (parent.type === "BinaryExpression" && parent.operator !== "+") return true
    if (parent.type === "BinaryExpression") return constantText(parent) !== null
    if (parent.type === "SwitchCase" || parent.type === "TSLiteralType") return true
    if (parent.type === "Property") return parent.key === node
    if (parent.type === "MemberExpression") return parent.property === node
    return parent.type === "NewExpression" && /^(?:Error|RegExp|URL|Intl\.\w+)$/.test(nameOf(parent.callee))
}

/** The attribute or field that a string is the value of, also as one choice of several. */
function fieldOf(parents: readonly Node[]): string | null {
    for (const parent of parents) {
        if (parent.type === "JSXAttribute") return parent.name.type === "JSXIdentifier" ? parent.name.name : null
        if (parent.type === "Property") return keyOf(parent.key)
        if (!/^(?:Conditional|Logical|JSXExpression|TSAs|TSSatisfies)/.test(parent.type)) return null
    }
    return null
}

/** Messages that the table lacks, rows that no screen uses, and rows that do not fit their message. */
export const tableLaw =
    ({ messages, values, refusals }: MessageTable): Law =>
    (house) => {
        const used = new Set(screens(house).flatMap(({ nodes }) => messagesOf(nodes)))
        return [
            ...[...used].filter((message) => !(message in messages)).map((message) => `run npm run fix: ${message}`),
            ...Object.keys(messages)
                .filter((message) => !used.has(message))
                .map((message) => `unused: ${message}`),
            ...refusalFaults(house, refusals),
            ...Object.entries({ ...messages, ...values, ...refusals })
                .filter(([, german]) => german === "")
                .map(([message]) => `no German: ${message}`),
            ...Object.keys(values)
                .filter((value) => !/^[\w-]{1,60}$/.test(value))
                .map((value) => `a sentence of the server needs a code: ${value}`),
            ...Object.entries(messages).flatMap(([message, german]) =>
                german === "" ? [] : differences(message, german),
            ),
        ]
    }

/** Rows of codes that no refusal has, or with other values; and refusals shown at a field without a German form. */
function refusalFaults(house: House, refusals: MessageTable["refusals"]): string[] {
    const codes = Map.groupBy(errorsOf(house), ({ code }) => code)
    const atFields = screens(house).flatMap(({ nodes }) => nodes.flatMap((node) => codesAtField(node)))
    return [
        ...atFields
            .filter((code) => !(code in refusals))
            .map((code) => `no German for the refusal at a field: ${code}`),
        ...Object.entries(refusals).flatMap(([code, german]) => {
            const places = codes.get(code)
            if (places === undefined) return [`no refusal has the code: ${code}`]
            const given = places.map(({ values }) => new Set(values))
            const missing = placesIn(german)
                .split(", ")
                .filter((name) => name !== "" && !given.every((names) => names.has(name)))
            return missing.map((name) => `the refusal ${code} has no value: ${name}`)
        }),
    ]
}

const codesAtField = (node: Node): string[] =>
    node.type === "Property" && keyOf(node.key) === "codes" && node.value.type === "ArrayExpression"
        ? node.value.elements.flatMap((each) => constantText(each as Expression) ?? [])
        : []

function differences(message: string, german: string): string[] {
    try {
        const [wanted, found] = [placesIn(message), placesIn(german)]
        return wanted === found ? [] : [`values ${found} instead of ${wanted}: ${message}`]
    } catch (error) {
        return [`not in ICU syntax: ${german} (${String(error)})`]
    }
}

/** The names of values and tags, sorted. A message without values is never parsed. */
function placesIn(row: string): string {
    if (!/[{<]/.test(row)) return ""
    // The sentences of events have texts in place of missing values: `{partner|a partner}`.
    const message = row.replaceAll(/(\{\w+)\|[^}]*/g, "$1")
    const found = new Set<string>()
    JSON.stringify(new IntlMessageFormat(message, "de").getAst(), (_, part: unknown) => {
        if (typeof part === "object" && part !== null && "type" in part && "value" in part && part.type !== 0)
            found.add(String(part.value))
        return part
    })
    return [...found].toSorted().join(", ")
}

/**
 * JavaScript and TypeScript written another way with the same meaning, whatever the values are.
 */
import { type SyntaxNode, childIn, parts, walk } from "../../tree.ts"
import { type Draft, type SourceCode, insertAfter, insertBefore, textOf } from "../drafts.ts"
import {
    type Alternatives,
    codecForms,
    formDraft,
    hasComment,
    mirror,
    numberForms,
    onlyStatement,
    replace,
} from "./forms.ts"
import type { ScopeTable } from "./scopes.ts"

const simple = /^(return_statement|throw_statement|expression_statement|break_statement|continue_statement)$/
const nodeModules = new RegExp(
    "^(?:node:)?(fs|path|http|https|http2|net|tls|dns|crypto|os|url|util|events|stream|assert|zlib" +
        "|buffer|readline|querystring|child_process|worker_threads)$",
)

/** What may follow an arrow function without being drawn into it when its braces go. */
const endsHere = /^\s*($|[),;\]}])|^[ \t]*\n\s*(?!(in|instanceof|as|satisfies)\b)[A-Za-z_$]/

/** Returns the slots of JavaScript. `table` says which global names the file redefines. */
export function javascriptForms(source: SourceCode, table: ScopeTable): Draft[] {
    const drafts: Draft[] = []
    const isFree = (name: string): boolean =>
        !table.scopes.some((scope) => scope.locals.has(name) || scope.fixed.has(name)) &&
        !table.uses.some((use) => use.name === name && use.node.field === "left")
    walk(source.root, (node, parents) => {
        if (!node.named || parents.at(-1)?.type === "template_substitution") return
        const [kind, alternatives] = formsOf(source, node, parents, isFree)
        drafts.push(...formDraft(source, kind, node, parents, alternatives))
    })
    return drafts
}

function formsOf(
    source: SourceCode,
    node: SyntaxNode,
    parents: readonly SyntaxNode[],
    isFree: (name: string) => boolean,
): [string, Alternatives] {
    switch (node.type) {
        case "number":
            return ["number-form", numberForms(textOf(source, node)).map((form) => [replace(node, form)])]
        case "lexical_declaration":
        case "for_in_statement":
            return ["declarator", declaratorForms(source, node)]
        case "update_expression":
            return ["step-form", stepForms(source, node, parents.at(-1))]
        case "new_expression":
        case "call_expression":
            return constructorForms(source, node, isFree)
        case "binary_expression":
            return ["operand-order", comparisonForms(source, node)]
        case "while_statement":
            return ["endless-loop", endlessLoopForms(source, node)]
        case "arrow_function":
            return ["arrow-body", arrowBodyForms(source, node)]
        case "string":
            return stringForms(source, node, parents)
        default:
            return ["braces", braceForms(source, node)]
    }
}

/** `const` as `let`. In TypeScript a `let` is of a wider type, so there only the heads of loops take part. */
function declaratorForms(source: SourceCode, node: SyntaxNode): Alternatives {
    const kind = childIn(node, "kind")
    if (kind === null || textOf(source, kind) !== "const") return []
    const isTyped = source.language === "typescript" || source.language === "tsx"
    return isTyped && node.type === "lexical_declaration" ? [] : [[replace(kind, "let")]]
}

/** Returns `++i` for `i++`, where the value is not used. */
function stepForms(source: SourceCode, node: SyntaxNode, parent: SyntaxNode | undefined): Alternatives {
    const argument = childIn(node, "argument")
    const operator = childIn(node, "operator")
    const isUnused = parent?.type === "expression_statement" || node.field === "increment"
    if (argument === null || operator === null || !isUnused || argument.type !== "identifier") return []
    if (source.text.slice(node.start, node.end).includes("\n")) return []
    const sign = textOf(source, operator)
    if (operator.start > argument.start) {
        if (isOpenLine(source, node.start)) return []
        return [[insertBefore(source.text, argument.start, sign), { start: argument.end, end: operator.end, text: "" }]]
    }
    return [[{ start: operator.start, end: argument.start, text: "" }, insertAfter(source.text, argument.end, sign)]]
}

/** Whether the statement before could run on into this line, so that its first sign matters. */
function isOpenLine(source: SourceCode, at: number): boolean {
    const before = source.text.slice(0, at).trimEnd()
    return !/[;{}(]$/.test(before)
}

function constructorForms(
    source: SourceCode,
    node: SyntaxNode,
    isFree: (name: string) => boolean,
): [string, Alternatives] {
    const callee = childIn(node, "constructor") ?? childIn(node, "function")
    if (callee === null) return ["", []]
    const name = textOf(source, callee)
    if (node.type === "new_expression") {
        if (!/^(Error|TypeError|RangeError|SyntaxError)$/.test(name) || !isFree(name)) return ["", []]
        if (childIn(node, "arguments") === null) return ["", []]
        return ["constructor-form", [[{ start: node.start, end: callee.start, text: "" }]]]
    }
    if (/^parse(Int|Float)$/.test(name) && isFree(name) && isFree("Number")) {
        return ["global-form", [[replace(callee, `Number.${name}`)]]]
    }
    if (/^Number\.parse(Int|Float)$/.test(name) && isFree(name.slice(7)) && isFree("Number")) {
        return ["global-form", [[replace(callee, name.slice(7))]]]
    }
    return ["", []]
}

function comparisonForms(source: SourceCode, node: SyntaxNode): Alternatives {
    const left = childIn(node, "left")
    const operator = childIn(node, "operator")
    const right = childIn(node, "right")
    if (left === null || operator === null || right === null) return []
    const isConstant = right.type === "number" || (right.type === "string" && !textOf(source, right).includes("\\"))
    return isConstant ? mirror(source, left, operator, right) : []
}

function endlessLoopForms(source: SourceCode, node: SyntaxNode): Alternatives {
    const condition = childIn(node, "condition")
    if (condition === null || textOf(source, condition) !== "(true)") return []
    return [[{ start: node.start, end: condition.end, text: "for (;;)" }]]
}

/** `=> value` as `=> { return value }`, and back. */
function arrowBodyForms(source: SourceCode, node: SyntaxNode): Alternatives {
    const body = childIn(node, "body")
    const arrow = node.children.find((child) => child.type === "=>")
    if (body === null || arrow === undefined) return []
    if (hasComment(body)) return []
    if (body.type !== "statement_block") {
        if (!source.text.slice(arrow.end, body.start).match(/^ +$/) || body.type === "parenthesized_expression")
            return []
        const opening = { start: arrow.end, end: body.start, text: " { return " }
        return [[opening, insertAfter(source.text, body.end, " }")]]
    }
    const statement = onlyStatement(body)
    const value = statement?.type === "return_statement" ? onlyStatement(statement) : null
    if (statement === null || value === null || /^(object|sequence_expression)$/.test(value.type)) return []
    if (!endsHere.test(source.text.slice(body.end))) return []
    return [
        [
            { start: body.start, end: value.start, text: "" },
            { start: value.end, end: body.end, text: "" },
        ],
    ]
}

/** The braces round a single statement, which may be there or not. */
function braceForms(source: SourceCode, node: SyntaxNode): Alternatives {
    if (!/^(if_statement|else_clause|for_statement|for_in_statement|while_statement)$/.test(node.type)) return []
    const body =
        childIn(node, "consequence") ??
        childIn(node, "body") ??
        (node.type === "else_clause" ? (parts(node)[0] ?? null) : null)
    if (body === null) return []
    if (simple.test(body.type)) return addBraces(source, body)
    const inner = body.type === "statement_block" ? onlyStatement(body) : null
    return inner !== null && simple.test(inner.type) ? dropBraces(source, body, inner) : []
}

function addBraces(source: SourceCode, body: SyntaxNode): Alternatives {
    if (hasComment(body)) return []
    const opening = insertBefore(source.text, body.start, "{ ")
    const isEnded = source.text.slice(body.end - 1, body.end) === ";"
    const closing = isEnded
        ? { start: body.end - 1, end: body.end, text: "; }" }
        : insertAfter(source.text, body.end, " }")
    return [[opening, closing]]
}

function dropBraces(source: SourceCode, body: SyntaxNode, inner: SyntaxNode): Alternatives {
    const isEnded = source.text.slice(inner.end - 1, inner.end) === ";"
    const next = source.text.slice(body.end).match(/^([ \t]*)(\S?)/)
    const isRisky = next?.[2] !== "" || /^\s*[([/+\-*`,.]/.test(source.text.slice(body.end))
    return [
        [
            { start: body.start, end: inner.start, text: "" },
            { start: inner.end, end: body.end, text: isEnded || !isRisky ? "" : ";" },
        ],
    ]
}

function stringForms(source: SourceCode, node: SyntaxNode, parents: readonly SyntaxNode[]): [string, Alternatives] {
    const text = textOf(source, node)
    const quote = text.slice(0, 1)
    const inside = text.slice(1, -1)
    const parent = parents.at(-1)
    const caller = parent?.type === "arguments" ? parents.at(-2) : undefined
    const name = caller === undefined ? "" : textOf(source, childIn(caller, "function") ?? caller)
    const module = inside.match(nodeModules)?.[1]
    if (module !== undefined && (parent?.type === "import_statement" || name === "require")) {
        const other = inside.startsWith("node:") ? module : `node:${module}`
        return ["module-name", [[replace(node, quote + other + quote)]]]
    }
    if (/^Buffer\.(from|byteLength)$|\.toString$|\.setEncoding$/.test(name)) {
        return ["codec-name", codecForms(inside, false).map((form) => [replace(node, quote + form + quote)])]
    }
    return ["", []]
}

/**
 * Python written another way with the same meaning, whatever the values are.
 */
import { type SyntaxNode, childIn, parts, walk } from "../../tree.ts"
import { type Draft, type SourceCode, insertBefore, textOf } from "../drafts.ts"
import { type Alternatives, codecForms, formDraft, mirror, numberForms, replace } from "./forms.ts"

/** Expressions before which a `not` binds to nothing else. */
const negatablePlaces = new RegExp(
    "^(if_statement|elif_clause|while_statement|assert_statement|boolean_operator" +
        "|parenthesized_expression|return_statement|if_clause)$",
)

/** Returns the slots of Python. Returns none inside f-strings and patterns of `match`. */
export function pythonForms(source: SourceCode): Draft[] {
    const drafts: Draft[] = []
    const bound = boundNames(source)
    walk(source.root, (node, parents) => {
        if (parents.some((at) => at.type === "interpolation" || at.type === "case_pattern")) return
        const [kind, alternatives] = formsOf(source, node, parents, bound)
        drafts.push(...formDraft(source, kind, node, parents, alternatives))
    })
    return drafts
}

function formsOf(
    source: SourceCode,
    node: SyntaxNode,
    parents: readonly SyntaxNode[],
    bound: ReadonlySet<string>,
): [string, Alternatives] {
    const text = textOf(source, node)
    switch (node.named ? node.type : "") {
        case "integer":
            return ["number-form", numberForms(text).map((form) => [replace(node, form)])]
        case "list":
        case "dictionary":
            return ["empty-form", emptyForms(text, parents, bound).map((form) => [replace(node, form)])]
        case "while_statement":
            return ["endless-loop", endlessLoop(source, node)]
        case "return_statement":
            return ["bare-return", text === "return" ? [[replace(node, "return None")]] : bareReturn(node, text)]
        case "comparison_operator":
            return comparisonForms(source, node, parents)
        case "not_operator":
            return ["negation", negationForms(source, node)]
        case "call":
            return callForms(source, node, bound)
        default:
            return ["", []]
    }
}

function emptyForms(text: string, parents: readonly SyntaxNode[], bound: ReadonlySet<string>): string[] {
    const parent = parents.at(-1)
    if (
        parent === undefined ||
        !/^(assignment|return_statement|argument_list|keyword_argument|pair)$/.test(parent.type)
    )
        return []
    const isTarget = parent.type === "assignment" && childIn(parent, "left")?.type === "list"
    if (isTarget) return []
    if (text === "[]" && !bound.has("list")) return ["list()"]
    return text === "{}" && !bound.has("dict") ? ["dict()"] : []
}

function endlessLoop(source: SourceCode, node: SyntaxNode): Alternatives {
    const condition = childIn(node, "condition")
    if (condition === null) return []
    const text = textOf(source, condition)
    if (text === "True") return [[replace(condition, "1")]]
    return text === "1" ? [[replace(condition, "True")]] : []
}

function bareReturn(node: SyntaxNode, text: string): Alternatives {
    return text === "return None" ? [[replace(node, "return")]] : []
}

function comparisonForms(source: SourceCode, node: SyntaxNode, parents: readonly SyntaxNode[]): [string, Alternatives] {
    const [left, operator, right] = node.children
    if (left === undefined || operator === undefined || right === undefined || node.children.length !== 3)
        return ["", []]
    const sign = textOf(source, operator)
    const parent = parents.at(-1)
    if ((sign === "not in" || sign === "is not") && parent !== undefined && negatablePlaces.test(parent.type)) {
        const plain = sign === "not in" ? "in" : "is"
        return ["negation", [[insertBefore(source.text, left.start, "not "), replace(operator, plain)]]]
    }
    const isMain = textOf(source, left) === "__name__"
    if (isMain || !(right.type === "integer" || isPlainString(source, right))) return ["", []]
    return ["operand-order", mirror(source, left, operator, right)]
}

function negationForms(source: SourceCode, node: SyntaxNode): Alternatives {
    const [notOperator, inner] = node.children
    if (notOperator === undefined || inner?.type !== "comparison_operator" || inner.children.length !== 3) return []
    const operator = inner.children[1]
    if (operator === undefined) return []
    const sign = textOf(source, operator)
    const joined = sign === "in" ? "not in" : sign === "is" ? "is not" : null
    if (joined === null) return []
    return [[{ start: notOperator.start, end: inner.start, text: "" }, replace(operator, joined)]]
}

function callForms(source: SourceCode, node: SyntaxNode, bound: ReadonlySet<string>): [string, Alternatives] {
    const callee = childIn(node, "function")
    const list = childIn(node, "arguments")
    if (callee === null || list?.type !== "argument_list") return ["", []]
    const args = parts(list)
    const [first, second] = args
    const open = list.children[0]
    const close = list.children.at(-1)
    if (first === undefined || open === undefined || close === undefined) return ["", []]
    const name = textOf(source, callee)
    const isAlone =
        args.length === 1 && /^(identifier|integer|attribute|call|binary_operator|string|subscript)$/.test(first.type)
    if (name === "range" && !bound.has(name)) {
        if (isAlone) return ["default-argument", [[replace(open, "(0, ")]]]
        const isZero =
            args.length === 2 && second !== undefined && textOf(source, first) === "0" && second.type !== "list_splat"
        if (isZero) return ["default-argument", [[{ start: first.start, end: second.start, text: "" }]]]
    }
    if (name === "open" && !bound.has(name) && isAlone) {
        return ["default-argument", [[{ start: first.end, end: close.end, text: ', "r")' }]]]
    }
    if (/\.(encode|decode)$/.test(name) && isPlainString(source, first)) {
        const quote = textOf(source, first).slice(0, 1)
        const forms = codecForms(textOf(source, first).slice(1, -1), true)
        return ["codec-name", forms.map((form) => [replace(first, quote + form + quote)])]
    }
    return ["", []]
}

function isPlainString(source: SourceCode, node: SyntaxNode): boolean {
    return node.type === "string" && /^(["'])[^"'\\\n{}]*\1$/.test(textOf(source, node))
}

const binding = new RegExp(
    "^(parameters|lambda_parameters|typed_parameter|aliased_import|dotted_name|global_statement|pattern_list" +
        "|tuple_pattern|as_pattern_target|list_splat_pattern)$",
)

/** Returns names that this file defines, which may include the name of a builtin. */
function boundNames(source: SourceCode): Set<string> {
    const bound = new Set<string>()
    walk(source.root, (node, parents) => {
        const parent = parents.at(-1)
        if (node.type === "wildcard_import") for (const name of ["list", "dict", "range", "open"]) bound.add(name)
        if (node.type !== "identifier" || parent === undefined) return
        const isName = node.field === "name" && parent.type !== "keyword_argument"
        const isLeft =
            node.field === "left" && /^(assignment|augmented_assignment|for_statement|for_in_clause)$/.test(parent.type)
        if (isName || isLeft || binding.test(parent.type)) bound.add(textOf(source, node))
    })
    return bound
}

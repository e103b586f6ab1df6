/** C written another way with the same meaning, as the standard has it. */
import type { Edit } from "../../carrier.ts"
import { type SyntaxNode, childIn, parts, walk } from "../../tree.ts"
import { type Draft, type SourceCode, insertAfter, insertBefore, rank, textOf } from "../drafts.ts"
import { type Alternatives, formDraft, replace } from "./forms.ts"

/** Returns the slots of C and C++. Returns none inside preprocessor directives other than conditions. */
export function cForms(source: SourceCode): Draft[] {
    const drafts: Draft[] = [...qualifierStyle(source)]
    walk(source.root, (node, parents) => {
        if (parents.some(({ type }) => type.startsWith("preproc_") && !/^preproc_(if|ifdef|else)/.test(type))) return
        const [kind, alternatives] = formsOf(source, node, parents)
        drafts.push(...formDraft(source, kind, node, parents, alternatives))
    })
    return drafts
}

function formsOf(source: SourceCode, node: SyntaxNode, parents: readonly SyntaxNode[]): [string, Alternatives] {
    switch (node.named ? node.type : "") {
        case "binary_expression":
            return isCondition(node, parents) ? ["truth-form", comparisonForms(source, node)] : ["", []]
        case "unary_expression":
            return isCondition(node, parents) ? ["truth-form", negationForms(source, node)] : ["", []]
        case "identifier":
        case "call_expression":
            if (isCondition(node, parents)) return ["truth-form", truthForms(source, node)]
            return ["print-form", printForms(source, node, parents.at(-1))]
        case "char_literal":
            return ["zero-form", textOf(source, node) === String.raw`'\0'` ? [[replace(node, "0")]] : []]
        case "for_statement":
            return ["loop-form", endlessLoopForms(source, node)]
        case "field_expression":
            return ["member-form", memberForms(source, node)]
        case "array_declarator":
        case "pointer_declarator":
            return ["parameter-form", argvForms(source, node, parents)]
        default:
            return ["", []]
    }
}

/** Whether only its being zero or not is looked at. */
function isCondition(node: SyntaxNode, parents: readonly SyntaxNode[]): boolean {
    const parent = parents.at(-1)
    if (parent === undefined) return false
    if (parent.type === "condition_clause") return /^(if|while)_statement$/.test(parents.at(-2)?.type ?? "")
    if (parent.type === "conditional_expression" || parent.type === "for_statement") return node.field === "condition"
    const sign = parent.children.find(({ field }) => field === "operator")?.type ?? ""
    return parent.type === "binary_expression" && /^(&&|\|\|)$/.test(sign)
}

const tightOperand = /^(identifier|call_expression|field_expression|subscript_expression|pointer_expression)$/

/** `found == NULL` as `!found`, `found != 0` as `found`. */
function comparisonForms(source: SourceCode, node: SyntaxNode): Alternatives {
    const [left, operator, right] = node.children
    if (left === undefined || operator === undefined || right === undefined || !tightOperand.test(left.type)) return []
    const sign = textOf(source, operator)
    if (!/^[!=]=$/.test(sign) || !/^(NULL|0|'\\0')$/.test(textOf(source, right))) return []
    const cut = { start: left.end, end: right.end, text: "" }
    return sign === "!=" ? [[cut]] : [[insertBefore(source.text, left.start, "!"), cut]]
}

/** `!found` as `found == NULL`. */
function negationForms(source: SourceCode, node: SyntaxNode): Alternatives {
    const [sign, inner] = node.children
    if (sign === undefined || inner === undefined || textOf(source, sign) !== "!" || !tightOperand.test(inner.type))
        return []
    const cut = { start: sign.start, end: inner.start, text: "" }
    return [[cut, insertAfter(source.text, inner.end, ` == ${zeroOf(source, inner)}`)]]
}

function truthForms(source: SourceCode, node: SyntaxNode): Alternatives {
    return [[insertAfter(source.text, node.end, ` != ${zeroOf(source, node)}`)]]
}

/** How people write nothing of this kind: of what is declared as a pointer, `NULL`. */
function zeroOf(source: SourceCode, node: SyntaxNode): string {
    const name = textOf(source, node)
    const isPointer = /^\w+$/.test(name) && new RegExp(String.raw`\w\s*\*+\s*${name}\b\s*[=;,)]`).test(source.text)
    return isPointer && /\bNULL\b/.test(source.text) ? "NULL" : "0"
}

/** Returns `puts("done")` for `printf("done\n")`, where the result is not used. */
function printForms(source: SourceCode, node: SyntaxNode, parent: SyntaxNode | undefined): Alternatives {
    const callee = node.type === "call_expression" ? childIn(node, "function") : null
    const list = childIn(node, "arguments")
    if (callee === null || list === null || parent?.type !== "expression_statement") return []
    const [first, ...more] = parts(list)
    if (first?.type !== "string_literal" || more.length > 0) return []
    const written = textOf(source, first)
    const name = textOf(source, callee)
    if (/%|\?\?/.test(written) || !written.startsWith('"')) return []
    if (name === "puts") return [[replace(callee, "printf"), replace(first, `${written.slice(0, -1)}\\n"`)]]
    const isLine = name === "printf" && /[^\\]\\n"$/.test(written)
    return isLine ? [[replace(callee, "puts"), replace(first, `${written.slice(0, -3)}"`)]] : []
}

function endlessLoopForms(source: SourceCode, node: SyntaxNode): Alternatives {
    const head = source.text.slice(node.start).match(/^for\s*\(\s*;\s*;\s*\)/)?.[0]
    return head === undefined ? [] : [[{ start: node.start, end: node.start + head.length, text: "while (1)" }]]
}

/** `(*head).count` as `head->count`. */
function memberForms(source: SourceCode, node: SyntaxNode): Alternatives {
    const inside = textOf(source, node).match(/^\(\*(\w+)\)\.\w+$/)?.[1]
    if (inside === undefined) return []
    const name = node.start + 2
    const end = name + inside.length
    return [
        [
            { start: node.start, end: name, text: "" },
            { start: end, end: end + 2, text: "->" },
        ],
    ]
}

/** `char **argv` as `char *argv[]`, of a parameter. */
function argvForms(source: SourceCode, node: SyntaxNode, parents: readonly SyntaxNode[]): Alternatives {
    const parent = parents.at(-1)
    const text = textOf(source, node)
    if (node.type === "pointer_declarator" && parent?.type === "parameter_declaration" && /^\*\*\w+$/.test(text)) {
        return [[{ start: node.start, end: node.start + 1, text: "" }, insertAfter(source.text, node.end, "[]")]]
    }
    return []
}

/** Returns slots for the style of a whole file: `const char` or `char const`, `unsigned` or `unsigned int`. */
function qualifierStyle(source: SourceCode): Draft[] {
    const orders: Edit[] = []
    walk(source.root, (node) => {
        const [first, second] = node.children
        if (first?.type !== "type_qualifier" || second?.type !== "primitive_type") return
        const [word, type] = [textOf(source, first), textOf(source, second)]
        if (word !== "const" || source.text.slice(first.end, second.start) !== " ") return
        orders.push({ start: first.start, end: second.end, text: `${type} ${word}` })
    })
    if (orders.length === 0) return []
    return [
        {
            kind: "qualifier-order",
            robustness: "wording",
            scope: "",
            about: "const",
            variants: [[], orders],
            rank: rank.form,
        },
    ]
}

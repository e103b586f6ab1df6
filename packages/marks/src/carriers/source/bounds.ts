/**
 * Finds slots in comparisons of whole numbers, such as `count > 0` and `count >= 1`, and in increments as each
 * language writes them.
 */
import { type SyntaxNode, childIn, walk } from "../tree.ts"
import { type Draft, type SourceCode, insertBefore, textOf } from "./drafts.ts"
import { type Alternatives, formDraft, replace } from "./languages/forms.ts"
import { type WholeNumberTest, wholeNumbers } from "./whole-file.ts"

const shiftedBounds: Readonly<Record<string, readonly [sign: string, by: number]>> = {
    ">": [">=", 1],
    "<": ["<=", -1],
    ">=": [">", -1],
    "<=": ["<", 1],
    "-gt": ["-ge", 1],
    "-lt": ["-le", -1],
    "-ge": ["-gt", -1],
    "-le": ["-lt", 1],
}

/** Returns slots for comparisons and steps of whole numbers, such as `count > 0` and `count >= 1`. */
export function boundForms(source: SourceCode): Draft[] {
    const isWhole = wholeNumbers(source)
    const drafts: Draft[] = []
    walk(source.root, (node, parents) => {
        if (!node.named || parents.some(({ type }) => /interpolation|template_substitution/.test(type))) return
        drafts.push(...formDraft(source, "bound-form", node, parents, boundAlternatives(source, node, isWhole)))
        drafts.push(...formDraft(source, "step-form", node, parents, stepAlternatives(source, node, parents, isWhole)))
    })
    return drafts
}

function boundAlternatives(source: SourceCode, node: SyntaxNode, isWhole: WholeNumberTest): Alternatives {
    if (!/^(binary_expression|comparison_operator|comparison_expression|binary)$/.test(node.type)) return []
    if (source.language === "bash") return shellBound(source, node)
    const [left, operator, right] = node.children
    if (left === undefined || operator === undefined || right === undefined || node.children.length !== 3) return []
    const other = shiftedBounds[textOf(source, operator).toLowerCase()]
    const written = textOf(source, right)
    if (other === undefined || !/^(0|[1-9]\d{0,6})$/.test(written) || !isWhole(innermost(left))) return []
    const value = Number(written) + other[1]
    return value < 0 ? [] : [[replace(operator, other[0]), replace(right, String(value))]]
}

/** PowerShell wraps an operand in a dozen nodes that say nothing. */
function innermost(node: SyntaxNode): SyntaxNode {
    const [only] = node.children
    return node.children.length === 1 && only !== undefined && only.start === node.start ? innermost(only) : node
}

/** `[ … -gt 0 ]` knows whole numbers only. */
function shellBound(source: SourceCode, node: SyntaxNode): Alternatives {
    const operator = childIn(node, "operator")
    const right = childIn(node, "right")
    if (operator?.type !== "test_operator" || right === null) return []
    const other = shiftedBounds[textOf(source, operator)]
    const written = textOf(source, right)
    if (other === undefined || !/^(0|[1-9]\d{0,6})$/.test(written)) return []
    const value = Number(written) + other[1]
    return value < 0 ? [] : [[replace(operator, other[0]), replace(right, String(value))]]
}

/** Returns the forms `count++`, `++count` and `count += 1` where the value is not used. */
function stepAlternatives(
    source: SourceCode,
    node: SyntaxNode,
    parents: readonly SyntaxNode[],
    isWhole: WholeNumberTest,
): Alternatives {
    const parent = parents.at(-1)
    if (/^(inc|dec)_statement$/.test(node.type)) {
        const [operand, sign] = node.children
        if (operand === undefined || sign === undefined) return []
        return [[{ start: operand.end, end: node.end, text: node.type === "inc_statement" ? " += 1" : " -= 1" }]]
    }
    if (source.language === "go" && node.type === "assignment_statement") {
        const match = source.text.slice(childIn(node, "left")?.end, node.end).match(/^\s*([-+])= 1$/)
        const left = childIn(node, "left")
        const isOne = match !== null && left?.children.length === 1 && parent?.type === "statement_list"
        return isOne ? [[{ start: left.end, end: node.end, text: match[1] === "+" ? "++" : "--" }]] : []
    }
    const isStatement = parent?.type === "expression_statement"
    const isUnused = isStatement || /^(update|increment)$/.test(node.field ?? "")
    const language = /^(c|csharp|javascript|typescript|tsx)$/
    if (!isUnused || !language.test(source.language)) return []
    return bracedStepForms(source, node, isWhole, isStatement)
}

function bracedStepForms(
    source: SourceCode,
    node: SyntaxNode,
    isWhole: WholeNumberTest,
    isStatement: boolean,
): Alternatives {
    const text = textOf(source, node)
    const places = source.language === "c" ? /^(identifier|field_expression|subscript_expression)$/ : /^identifier$/
    const name = node.children.find(({ type }) => places.test(type))
    if (name === undefined || text.includes("\n") || !(isWhole(name) || source.language === "c")) return []
    const before = source.text.slice(0, node.start).trimEnd()
    if (isStatement && !/[;{})]$/.test(before)) return []
    const after = text.slice(name.end - node.start)
    const ahead = text.slice(0, name.start - node.start)
    const sign = (ahead + after).match(/^(?:(\+|-)\1|\s*(\+|-)= 1)$/)
    const direction = sign?.[1] ?? sign?.[2]
    if (direction === undefined) return []
    const written = ahead !== "" ? 0 : after.includes("=") ? 2 : 1
    const forms = [
        [
            ahead === "" ? insertBefore(source.text, name.start, direction + direction) : null,
            removal(name.end, node.end),
        ],
        [removal(node.start, name.start), { start: name.end, end: node.end, text: direction + direction }],
        [removal(node.start, name.start), { start: name.end, end: node.end, text: ` ${direction}= 1` }],
    ]
    const isCrowded = /\+\+|--/.test(linesAround(source.text, node))
    return forms.flatMap((edits, i) => {
        // Next to another increment, the leak would not show which sign belongs to which.
        if (isCrowded && i !== (written === 2 ? 1 : 2)) return []
        const whole = edits.filter((edit) => edit === null || edit.start < edit.end || edit.text !== "")
        return i === written ? [] : [whole.map((edit) => withNextChar(source, edit))]
    })
}

function linesAround(text: string, { start, end }: SyntaxNode): string {
    const from = text.lastIndexOf("\n", text.lastIndexOf("\n", start) - 1)
    const next = text.indexOf("\n", text.indexOf("\n", end) + 1)
    return text.slice(Math.max(0, from), start) + text.slice(end, next < 0 ? text.length : next)
}

const removal = (start: number, end: number) => ({ start, end, text: "" })

/** Makes an insertion replace the next character too, so that no two edits begin at one place. */
function withNextChar<E extends { start: number; end: number; text: string } | null>(source: SourceCode, edit: E): E {
    if (edit === null || edit.start < edit.end) return edit
    const next = source.text.slice(edit.start, edit.end + 1)
    return { ...edit, end: edit.end + 1, text: edit.text + next }
}

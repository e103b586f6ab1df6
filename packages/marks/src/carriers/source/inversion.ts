/**
 * Finds slots in `if a: X else: Y`, which equals `if not a: Y else: X`.
 *
 * It needs two plain branches, and a condition with an exact opposite. These have none: `<` of numbers that may be
 * missing, comparisons of lists in PowerShell outside `-not (…)`, conditions that bind a name, and chains of more
 * than two branches.
 */
import type { Edit } from "../carrier.ts"
import { type SyntaxNode, childIn, isComment, parts, walk } from "../tree.ts"
import { type Draft, type SourceCode, insertBefore, movedVariants, rank, scopePath, textOf } from "./drafts.ts"
import { replace } from "./languages/forms.ts"
import { type WholeNumberTest, wholeNumbers } from "./whole-file.ts"

type Span = Pick<SyntaxNode, "start" | "end">

const linesMax = 8

interface Branches {
    readonly condition: SyntaxNode
    readonly thenSpan: Span
    readonly elseSpan: Span
    /** Signs around the branches that must stay. */
    readonly guards: readonly Span[]
}

/** Patterns of programs that may observe the result of a test, or redefine `!` or `==`. */
const observingCode: Readonly<Record<string, RegExp>> = {
    bash: /\$\?|\$\{\?|PIPESTATUS|\btrap\b|\bset -[a-z]*x|xtrace/,
    powershell: /\$\?|\btrap\b/i,
    python: /__(eq|ne|bool|len|contains)__/,
    ruby: /def\s+(==|!)/,
    csharp: /\boperator\b/,
}

/** Returns slots for `if` statements whose branches can be swapped under the negated condition. */
export function inversionDrafts(source: SourceCode): Draft[] {
    const drafts: Draft[] = []
    if (observingCode[source.language]?.test(source.text) === true) return drafts
    const isWhole = wholeNumbers(source)
    walk(source.root, (node, parents) => {
        if (!/^(if_statement|if)$/.test(node.type) || !node.named || isChained(source, node, parents)) return
        const found = branchesOf(source, node)
        if (found === null || !isMovable(source, node, found)) return
        const negation = negate(source, found.condition, isWhole)
        if (negation === null) return
        const { condition, thenSpan, elseSpan } = found
        const swapped = movedVariants(source.text, [thenSpan, elseSpan], 2)
        const around = guardsOf(source, condition)
        drafts.push({
            kind: "branch-order",
            robustness: "wording",
            scope: scopePath(source, parents),
            about: textOf(source, node).slice(0, 80),
            variants: [[], [...negation, ...(swapped.variants[1] ?? [])]],
            rank: rank.moved,
            guards: [...around, ...found.guards, ...swapped.guards],
        })
    })
    return drafts
}

/** Returns a test of a shell with one character before and after it. It stays, so that any form can replace it. */
function guardsOf(source: SourceCode, { start, end }: Span): Span[] {
    if (!/^(bash|powershell)$/.test(source.language)) return [{ start: start - 1, end: end + 1 }]
    return [
        { start: start - 1, end: start },
        { start: end, end: end + 1 },
    ]
}

function isChained(source: SourceCode, node: SyntaxNode, parents: readonly SyntaxNode[]): boolean {
    const inElse = parents.at(-1)?.type === "else_clause" && source.language !== "python"
    return (inElse && source.language !== "bash") || node.field === "alternative" || inMacro(parents)
}

const inMacro = (parents: readonly SyntaxNode[]): boolean =>
    parents.some(({ type }) => /^preproc_(def|function_def|call)/.test(type))

function branchesOf(source: SourceCode, node: SyntaxNode): Branches | null {
    if (node.children.some(isComment)) return null
    if (source.language === "bash") return bashBranches(source, node)
    if (source.language === "powershell") return powershellBranches(source, node)
    const condition = childIn(node, "condition")
    const then = childIn(node, "consequence")
    const others = node.children.filter(({ field }) => field === "alternative")
    const [last] = others
    if (condition === null || then === null || last === undefined || others.length !== 1) return null
    if (childIn(node, "initializer") !== null || last.children.some(isComment)) return null
    if (source.language === "ruby") return last.type === "else" ? rubyBranches(source, condition, then, last) : null
    const inside = last.type === "else_clause" ? parts(last) : [last]
    const [other] = inside
    if (other === undefined || inside.length !== 1) return null
    if (source.language === "python") return pythonBranches(source, condition, then, other)
    const isBraced = [then, other].every((node) => source.text[node.start] === "{" && source.text[node.end - 1] === "}")
    if (!isBraced || !/^\s*else\s*$/.test(source.text.slice(then.end, other.start))) return null
    return {
        condition: withoutBrackets(condition),
        thenSpan: then,
        elseSpan: other,
        guards: [then, other].flatMap(signsOf),
    }
}

const signsOf = ({ start, end }: Span): Span[] => [
    { start, end: start + 1 },
    { start: end - 1, end },
]

/** A condition without the brackets that its place asks for. */
function withoutBrackets(condition: SyntaxNode): SyntaxNode {
    if (!/^(parenthesized_expression|condition_clause)$/.test(condition.type)) return condition
    const inside = parts(condition)
    return inside.length === 1 && inside[0] !== undefined ? inside[0] : condition
}

function pythonBranches(
    source: SourceCode,
    condition: SyntaxNode,
    then: SyntaxNode,
    other: SyntaxNode,
): Branches | null {
    const { text } = source
    const isPlain =
        /^:[ \t]*\n[ \t]*$/.test(text.slice(condition.end, then.start)) &&
        /^[ \t]*\n[ \t]*else:[ \t]*\n[ \t]*$/.test(text.slice(then.end, other.start)) &&
        /^[ \t]*(\n|$)/.test(text.slice(other.end))
    return isPlain ? { condition, thenSpan: then, elseSpan: other, guards: [] } : null
}

function rubyBranches(source: SourceCode, condition: SyntaxNode, then: SyntaxNode, other: SyntaxNode): Branches | null {
    const [span, two] = [spanOf(then.children), spanOf(other.children.filter(({ named }) => named))]
    if (span === null || two === null) return null
    const { text } = source
    const isPlain =
        /^[ \t]*\n\s*$/.test(text.slice(condition.end, span.start)) &&
        /^[ \t]*\n[ \t]*else[ \t]*\n[ \t]*$/.test(text.slice(span.end, two.start)) &&
        /^[ \t]*\n[ \t]*end\b/.test(text.slice(two.end))
    const made = [...text.slice(span.start, two.end).matchAll(/\b([a-z_]\w*)\s*([-+*/|&]|\|\||<<)?=(?!=)/g)]
    // A name of Ruby is a variable only after the place that makes it.
    const isKnown = made.every(([, name]) => new RegExp(String.raw`\b${name}\b`).test(text.slice(0, condition.start)))
    return isPlain && isKnown ? { condition, thenSpan: span, elseSpan: two, guards: [] } : null
}

function spanOf(nodes: readonly SyntaxNode[]): Span | null {
    const [first, last] = [nodes[0], nodes.at(-1)]
    return first === undefined || last === undefined ? null : { start: first.start, end: last.end }
}

function powershellBranches(source: SourceCode, node: SyntaxNode): Branches | null {
    const condition = childIn(node, "condition")
    const then = node.children.find(({ type }) => type === "statement_block")
    const last = parts(node).at(-1)
    if (condition === null || then === undefined || last?.type !== "else_clause") return null
    const between = source.text.slice(then.end, last.start)
    const other = last.children.find(({ type }) => type === "statement_block")
    if (other === undefined || between.trim() !== "" || last.children.some(isComment)) return null
    return { condition: innermost(condition), thenSpan: then, elseSpan: other, guards: [then, other].flatMap(signsOf) }
}

function innermost(node: SyntaxNode): SyntaxNode {
    const [only] = node.children
    const isWrapped = node.children.length === 1 && only !== undefined && only.start === node.start
    return isWrapped && only.named && only.end === node.end ? innermost(only) : node
}

function bashBranches(source: SourceCode, node: SyntaxNode): Branches | null {
    const conditions = node.children.filter(({ field, named }) => field === "condition" && named)
    const [condition] = conditions
    const last = parts(node).at(-1)
    if (condition === undefined || conditions.length !== 1 || last?.type !== "else_clause") return null
    const inThen = parts(node).filter((node) => node !== condition && node !== last)
    if (inThen.some(({ type }) => type === "elif_clause") || last.children.some(isComment)) return null
    const [then, other] = [spanOf(inThen), spanOf(parts(last))]
    if (then === null || other === null) return null
    const { text } = source
    const isPlain =
        /^\s*;?\s*then[ \t]*\n[ \t]*$/.test(text.slice(condition.end, then.start)) &&
        /^[ \t]*\n[ \t]*else[ \t]*\n[ \t]*$/.test(text.slice(then.end, other.start)) &&
        /^[ \t]*\n[ \t]*fi\b/.test(text.slice(other.end))
    return isPlain ? { condition, thenSpan: then, elseSpan: other, guards: [] } : null
}

/** What a branch may not hold: what other places jump to, or what counts beyond it. */
const tied = /\bgoto\b|^\s*#\s*(if|else|endif|define|region|endregion)|^\s*(case\b.*|default|[A-Za-z_]\w*):\s*$/m
const hoisted = /function_declaration|class_declaration|function_definition|class_definition|heredoc/

function isMovable(source: SourceCode, node: SyntaxNode, { condition, thenSpan, elseSpan }: Branches): boolean {
    const { text } = source
    if (text.slice(condition.start, condition.end).includes("\n")) return false
    const branches = [thenSpan, elseSpan].map(({ start, end }) => text.slice(start, end))
    const isShort = branches.every((branch) => branch.split("\n").length <= linesMax + 2 && branch.length > 2)
    const isTied = source.language !== "python" && branches.some((branch) => tied.test(branch))
    return isShort && !isTied && !contains(node, hoisted) && branches.every((branch) => /\w/.test(branch))
}

const contains = (node: SyntaxNode, types: RegExp): boolean =>
    types.test(node.type) || node.children.some((child) => contains(child, types))

const opposite: Readonly<Record<string, string>> = {
    "==": "!=",
    "!=": "==",
    "===": "!==",
    "!==": "===",
    is: "is not",
    "is not": "is",
    in: "not in",
    "not in": "in",
}
const oppositeOfWhole: Readonly<Record<string, string>> = { "<": ">=", ">=": "<", ">": "<=", "<=": ">" }

const comparisonTypes = /^(comparison_operator|binary_expression|binary)$/
const negationTypes = /^(not_operator|unary_expression|prefix_unary_expression|unary|expression_with_unary_operator)$/
const atoms = new RegExp(
    "^(identifier|variable|attribute|call|subscript|call_expression|member_expression" +
        "|invocation_expression|member_access_expression|selector_expression|index_expression" +
        "|field_expression|subscript_expression|element_access_expression|instance_variable|constant)$",
)
const bindingCode = /:=|\bout\b|\bref\b|(?<![=!<>])=(?![=~])|\bawait\b|\byield\b|\.\.|=~|\?\./

/** The splices that turn a condition into its opposite; null where that is not sure. */
function negate(source: SourceCode, condition: SyntaxNode, isWhole: WholeNumberTest): Edit[] | null {
    const text = textOf(source, condition)
    if (source.language === "bash") return negateShell(source, condition)
    if (bindingCode.test(withoutStrings(text)) || /[A-Z_]{2,}\(/.test(text)) return null
    const positive = negationTypes.test(condition.type) ? withoutNegation(source, condition) : null
    if (positive !== null) return positive
    if (source.language === "powershell") return negatePowershell(source, condition)
    if (comparisonTypes.test(condition.type)) return oppositeComparison(source, condition, isWhole)
    const isAtom = atoms.test(condition.type) && !/\s/.test(withoutArguments(text))
    if (!isAtom) return null
    const ahead = insertBefore(source.text, condition.start, source.language === "python" ? "not " : "!")
    return ahead === null ? null : [ahead]
}

const withoutStrings = (text: string): string => text.replaceAll(/"[^"]*"|'[^']*'/g, '""')
const withoutArguments = (text: string): string => text.replace(/\(.*\)$/, "()")

function oppositeComparison(source: SourceCode, node: SyntaxNode, isWhole: WholeNumberTest): Edit[] | null {
    const [left, operator, right] = node.children
    if (left === undefined || operator === undefined || right === undefined || node.children.length !== 3) return null
    const sign = textOf(source, operator)
    const plain = opposite[sign]
    if (plain !== undefined) {
        const isWord = /^[a-z]/.test(sign)
        return isWord && source.language !== "python" ? null : [replace(operator, plain)]
    }
    const isCounted = isWhole(left) && (isWhole(right) || /^\d{1,9}$/.test(textOf(source, right)))
    const counted = isCounted ? oppositeOfWhole[sign] : undefined
    return counted === undefined ? null : [replace(operator, counted)]
}

/** `not found` as `found`, `!(a && b)` as `a && b`. */
function withoutNegation(source: SourceCode, node: SyntaxNode): Edit[] | null {
    const inner = parts(node).at(-1)
    if (inner === undefined || inner.end !== node.end) return null
    const sign = source.text.slice(node.start, inner.start).trim()
    if (!/^(!|not|-not)$/i.test(sign)) return null
    const within = innermost(inner)
    if (within.type !== "parenthesized_expression" && within.type !== "parenthesized_statements") {
        return [{ start: node.start, end: inner.start, text: "" }]
    }
    return [
        { start: node.start, end: within.start + 1, text: "" },
        { start: within.end - 1, end: within.end, text: "" },
    ]
}

/**
 * Returns the negation of a PowerShell comparison. A comparison with a list selects from it, so only `-not (…)`
 * negates it.
 */
function negatePowershell(source: SourceCode, condition: SyntaxNode): Edit[] | null {
    const { start, end } = condition
    const text = textOf(source, condition)
    const isTest = /^(comparison_expression|logical_expression)$/.test(condition.type)
    const isPlain = /^\$\w+(\.\w+)*$/.test(text)
    if (!isTest && !isPlain) return null
    const ahead = insertBefore(source.text, start, isTest ? "-not (" : "-not ")
    const next = source.text.slice(end, end + 1)
    if (ahead === null) return null
    return isTest ? [ahead, { start: end, end: end + 1, text: `)${next}` }] : [ahead]
}

/** `!` turns whatever a command ends with into yes or no; nothing in the file looks at which number it was. */
function negateShell(source: SourceCode, condition: SyntaxNode): Edit[] | null {
    const text = textOf(source, condition)
    if (condition.type === "negated_command") {
        const inner = parts(condition)[0]
        return inner === undefined ? null : [{ start: condition.start, end: inner.start, text: "" }]
    }
    if (!/^(command|test_command|pipeline|redirected_statement)$/.test(condition.type) || text.startsWith("(("))
        return null
    const ahead = insertBefore(source.text, condition.start, "! ")
    return ahead === null ? null : [ahead]
}

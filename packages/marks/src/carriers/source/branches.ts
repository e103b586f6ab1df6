/**
 * Finds slots in branches and loops. After a branch that returns, the rest may be in an `else` or not. Loops with a
 * condition only have two spellings.
 */
import type { Edit } from "../carrier.ts"
import { type SyntaxNode, childIn, isComment, parts, walk } from "../tree.ts"
import { type Draft, type SourceCode, insertAfter, textOf } from "./drafts.ts"
import { type Alternatives, formDraft, hasComment, replace } from "./languages/forms.ts"

const leavingStatement = /^(return|throw|raise|break|continue|fail)\b/
const statementsMax = 4
const bracedLanguages = /^(javascript|typescript|tsx|c|csharp|go|powershell)$/

/** Returns slots for `else` after a return, and for equal forms of loops. */
export function branchForms(source: SourceCode): Draft[] {
    const drafts: Draft[] = []
    const addForms = (kind: string, node: SyntaxNode, parents: readonly SyntaxNode[], found: Alternatives): void => {
        drafts.push(...formDraft(source, kind, node, parents, found))
    }
    walk(source.root, (node, parents) => {
        if (node.type === "while_statement") addForms("loop-form", node, parents, loopForms(source, node))
        const block = blockOf(parents)
        if (node.type !== "if_statement" || block === null) return
        addForms("else-form", node, parents, elseForms(source, node, block))
    })
    return drafts
}

/** Returns the block of a statement; null where there is none. */
function blockOf(parents: readonly SyntaxNode[]): SyntaxNode | null {
    const parent = parents.at(-1)
    return /^(statement_block|compound_statement|block|statement_list)$/.test(parent?.type ?? "")
        ? (parent ?? null)
        : null
}

function elseForms(source: SourceCode, node: SyntaxNode, block: SyntaxNode): Alternatives {
    const then = childIn(node, "consequence") ?? node.children.find(({ type }) => type === "statement_block") ?? null
    if (then === null || !leavesAtEnd(source, then)) return []
    const isPython = source.language === "python"
    if (!isPython && !(bracedLanguages.test(source.language) && source.text[then.end - 1] === "}")) return []
    // What the head of an `if` of Go declares is known in its `else` too.
    if (/\b(fallthrough|goto)\b/.test(textOf(source, block)) || childIn(node, "initializer") !== null) return []
    const other = elseBlock(node, then)
    if (other === "several") return []
    if (other !== null) return isPython ? removePythonElse(source, then, other) : removeElse(source, then, other)
    return addElse(source, node, block)
}

function leavesAtEnd(source: SourceCode, block: SyntaxNode): boolean {
    const statements = block.children.find(({ type }) => type === "statement_list") ?? block
    const last = parts(statements).at(-1)
    return last !== undefined && leavingStatement.test(textOf(source, last))
}

/** The block after `else`; null where there is none, "several" where it is not one plain block. */
function elseBlock(node: SyntaxNode, then: SyntaxNode): SyntaxNode | "several" | null {
    const after = parts(node).filter(({ start }) => start >= then.end)
    const [first] = after
    if (first === undefined) return null
    if (after.length > 1 || /^(elif|elseif|if)/.test(first.type)) return "several"
    const inside = first.type === "else_clause" ? parts(first) : [first]
    const [block] = inside
    return inside.length === 1 && block !== undefined && /block|compound_statement/.test(block.type) ? block : "several"
}

const declarations = /declaration|^local_|^var_|^const_|definition|^labeled|function_statement|class_statement/

function statementsOf(block: SyntaxNode): readonly SyntaxNode[] {
    const list = block.children.find(({ type }) => type === "statement_list")
    return parts(list ?? block)
}

/** Takes `else {` and its `}` away, and the step that its lines are in by. */
function removeElse(source: SourceCode, then: SyntaxNode, other: SyntaxNode): Alternatives {
    const inside = statementsOf(other)
    const { text } = source
    const first = inside[0]
    const last = inside.at(-1)
    if (first === undefined || last === undefined || inside.some(({ type }) => declarations.test(type))) return []
    const opening = text.slice(then.end, lineStart(text, first.start))
    const closing = text.slice(last.end, other.end)
    const step = indentAt(text, first.start).length - indentAt(text, other.end - 1).length
    if (!/^\s*else\s*\{\s*$/.test(opening) || !/^\s*\n\s*\}$/.test(closing) || !(step > 0)) return []
    if (hasLongString(source, other)) return []
    const edits = [{ start: then.end - 1, end: lineStart(text, first.start) + step, text: "}\n" }]
    for (const at of lineStarts(text, first.start, last.end)) edits.push({ start: at, end: at + step, text: "" })
    return [[...edits, { start: last.end, end: other.end, text: "" }]]
}

function removePythonElse(source: SourceCode, then: SyntaxNode, other: SyntaxNode): Alternatives {
    const { text } = source
    const inside = parts(other)
    const first = inside[0]
    const last = inside.at(-1)
    if (first === undefined || last === undefined || inside.some(({ type }) => /definition/.test(type))) return []
    const opening = text.slice(then.end, lineStart(text, first.start))
    const head = opening.match(/^\s*\n([ \t]*)else:[ \t]*\n$/)?.[1]
    if (head === undefined || hasLongString(source, other)) return []
    const step = indentAt(text, first.start).length - head.length
    const edits = [{ start: then.end, end: lineStart(text, first.start) + step, text: "\n" }]
    for (const at of lineStarts(text, first.start, last.end)) edits.push({ start: at, end: at + step, text: "" })
    return [edits]
}

/** Puts what follows, to the end of the block, into an `else`. */
function addElse(source: SourceCode, node: SyntaxNode, block: SyntaxNode): Alternatives {
    const { text } = source
    const statements = parts(block)
    const rest = statements.slice(statements.indexOf(node) + 1)
    const first = rest[0]
    const last = rest.at(-1)
    if (first === undefined || last === undefined || rest.length > statementsMax) return []
    if (rest.some((at) => /definition|function_decl|class|^labeled/.test(at.type) || hasLongString(source, at)))
        return []
    if (block.children.some((child) => isComment(child) && child.start >= node.end)) return []
    const indent = indentAt(text, node.start)
    const inner = indentAt(text, statementsOf(childIn(node, "consequence") ?? node)[0]?.start ?? 0)
    const step = inner.slice(indent.length)
    const between = text.slice(node.end, first.start)
    const isPlain = indent !== "" && step !== "" && inner.startsWith(indent) && /^\s*\n\s*$/.test(between)
    if (!isPlain || indentAt(text, first.start) !== indent) return []
    const isPython = source.language === "python"
    const isOnOwnLine = source.text.slice(0, textOf(source, node).lastIndexOf("{") + node.start).endsWith(`\n${indent}`)
    const word = isOnOwnLine ? `}\n${indent}else\n${indent}{` : "} else {"
    const opening = isPython ? `\n${indent}else:\n${inner}` : `${word}\n${inner}`
    const edits: (Edit | null)[] = [{ start: isPython ? node.end : node.end - 1, end: first.start, text: opening }]
    for (const at of lineStarts(text, first.start, last.end)) {
        if (!text.slice(at).startsWith(indent)) return []
        edits.push({ start: at, end: at + 1, text: step + text.slice(at, at + 1) })
    }
    return [isPython ? edits : [...edits, insertAfter(text, last.end, `\n${indent}}`)]]
}

const lineStart = (text: string, at: number): number => text.lastIndexOf("\n", at - 1) + 1
const indentAt = (text: string, at: number): string => text.slice(lineStart(text, at)).match(/^[ \t]*/)?.[0] ?? ""

/** Returns where the lines after the first begin, without empty lines. */
function lineStarts(text: string, from: number, to: number): number[] {
    return [...text.slice(from, to).matchAll(/\n(?=[^\n])/g)].map(({ index }) => from + index + 1)
}

/** Returns whether a string spans several lines, where indentation would become part of it. */
function hasLongString(source: SourceCode, node: SyntaxNode): boolean {
    const isLong = /string|heredoc|template|literal/.test(node.type) && textOf(source, node).includes("\n")
    return (
        (isLong && !/composite|object|array|list|hash|dict/.test(node.type)) ||
        node.children.some((at) => hasLongString(source, at))
    )
}

/** `while (more)` as `for (; more;)`. */
function loopForms(source: SourceCode, node: SyntaxNode): Alternatives {
    if (!/^(javascript|typescript|tsx|c|csharp)$/.test(source.language)) return []
    const body = childIn(node, "body")
    const { text } = source
    const open = text.indexOf("(", node.start)
    const close = body === null ? -1 : text.lastIndexOf(")", body.start)
    if (open < 0 || close < open || hasComment({ ...node, children: node.children.filter((at) => at !== body) }))
        return []
    const condition = text.slice(open + 1, close).trim()
    if (/^(true|1)$/.test(condition)) return [[{ start: node.start, end: close + 1, text: "for (;;)" }]]
    if (source.language === "c" && /^\w+ \w/.test(condition)) return []
    return [[{ start: node.start, end: open + 1, text: "for (; " }, replace({ start: close, end: close + 1 }, ";)")]]
}

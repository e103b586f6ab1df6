/**
 * Finds slots in the order of neighbouring statements that are certainly independent.
 *
 * Of any two statements in a group, at least one only sets a local to a value that nothing can observe, delay or
 * refuse: a literal, an empty list or another such local. The other one may be any statement of one line that does
 * not mention this local. Comments, empty lines and indentation separate groups.
 */
import { type SyntaxNode, isComment, walk } from "../tree.ts"
import { type Draft, type SourceCode, movedVariants, rank, scopePath, textOf } from "./drafts.ts"
import type { ScopeTable } from "./languages/scopes.ts"
import { type StatementEffect, statementJudge } from "./settings.ts"

const groupMax = 3
const variantsMax = 6
const blocks = /^(block|statement_block|compound_statement|statement_list|body_statement|then|else|do|program)$/

/** Returns slots for neighbouring statements that can change places. */
export function statementDrafts(source: SourceCode, table: ScopeTable): Draft[] {
    const judgeStatement = statementJudge(source, table)
    if (judgeStatement === null) return []
    const drafts: Draft[] = []
    walk(source.root, (node, parents) => {
        if (!blocks.test(node.type)) return
        for (const pieces of groupsIn(source, node, (item) => judgeStatement(item, node, parents))) {
            drafts.push({
                kind: "statement-order",
                robustness: "wording",
                scope: scopePath(source, parents),
                about: pieces.map((piece) => textOf(source, piece)).join("\n"),
                ...movedVariants(source.text, pieces, variantsMax),
                rank: rank.moved,
            })
        }
    })
    return drafts
}

function groupsIn(
    source: SourceCode,
    block: SyntaxNode,
    judge: (node: SyntaxNode) => StatementEffect | null,
): SyntaxNode[][] {
    const groups: SyntaxNode[][] = []
    let group: StatementEffect[] = []
    const close = (): void => {
        if (group.length > 1) groups.push(group.map(({ node }) => node))
        group = []
    }
    for (const child of block.children) {
        if (isComment(child) || !child.named) continue
        const setting = isAlone(source, child) ? judge(child) : null
        const last = group.at(-1)
        const isNext = last === undefined || isBelow(source, last.node, child)
        const fits = setting !== null && isNext && group.every((other) => areIndependent(source, other, setting))
        if (!fits || group.length === groupMax) close()
        if (setting !== null) group.push(setting)
    }
    close()
    return groups
}

/** Whether it makes no difference which of the two comes first. */
function areIndependent(source: SourceCode, setting: StatementEffect, other: StatementEffect): boolean {
    const isEndedAlike = textOf(source, setting.node).endsWith(";") === textOf(source, other.node).endsWith(";")
    if (!isEndedAlike || (setting.assigned === null && other.assigned === null)) return false
    if ((setting.assigned === null || other.assigned === null) && (setting.isObservable || other.isObservable))
        return false
    return (
        areDistinguishable(source, setting, other) &&
        !mentions(source, other, setting.assigned) &&
        !mentions(source, setting, other.assigned) &&
        !readsWrittenBy(setting, other) &&
        !readsWrittenBy(other, setting)
    )
}

const mentions = (source: SourceCode, { node }: StatementEffect, name: string | null): boolean =>
    name !== null &&
    new RegExp(String.raw`(?<![\w])${name.replace("$", String.raw`\$`)}(?!\w)`, "i").test(textOf(source, node))

/**
 * Whether more than names tells the two apart: names are what a leaker changes first, and what is marked may be any
 * number.
 */
function areDistinguishable(source: SourceCode, setting: StatementEffect, other: StatementEffect): boolean {
    if (setting.value === null || other.value === null) return true
    const [item, others] = [textOf(source, setting.value), textOf(source, other.value)]
    const isMarked = [setting, other].some(({ node }) => lineAfter(source, node).includes("mark:"))
    const areNumbers = isMarked && [item, others].every((text) => /^-?\d/.test(text))
    const areNames = [setting, other].every(({ value }) => value?.type === "identifier")
    return item !== others && !areNumbers && !areNames
}

/** Whether one's value is made of a name that the other may give another value. */
const readsWrittenBy = (setting: StatementEffect, other: StatementEffect): boolean =>
    setting.reads.some((name) => other.writes.has(name))

const marker = /^\s*((#|\/\/)\s*mark:.*|\/\*\s*mark:.*\*\/\s*)?$/
const attached = /^\s*(#|\/\/|\/\*|\*|<#|@)/

function lineAfter({ text }: SourceCode, { end }: SyntaxNode): string {
    const lineEnd = text.indexOf("\n", end)
    return text.slice(end, lineEnd < 0 ? text.length : lineEnd)
}

/** Returns whether a statement has its line alone, without a comment above. A marker next to it is in no copy. */
function isAlone(source: SourceCode, node: SyntaxNode): boolean {
    const { text } = source
    const lineStart = text.lastIndexOf("\n", node.start - 1) + 1
    const above = text.slice(text.lastIndexOf("\n", lineStart - 2) + 1, Math.max(0, lineStart - 1))
    const isFirst = text.slice(lineStart, node.start).trim() === ""
    return (
        isFirst && marker.test(lineAfter(source, node)) && !attached.test(above) && !textOf(source, node).includes("\n")
    )
}

/** Returns whether a statement is in the line below another one, with equal indentation. */
function isBelow(source: SourceCode, node: SyntaxNode, other: SyntaxNode): boolean {
    const { text } = source
    const lineStart = text.lastIndexOf("\n", node.start - 1) + 1
    const between = text.slice(node.end, other.start)
    return between.split("\n").length === 2 && between.endsWith(`\n${text.slice(lineStart, node.start)}`)
}

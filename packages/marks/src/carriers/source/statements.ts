/**
 * Finds slots in the order of neighbouring statements that are certainly independent.
 *
 * Of any two statements in a group, at least one only sets a local to a value that nothing can observe, delay or
 * refuse: a literal, an empty list or another such local. The other one may be any statement of one line that does
 * not mention this local. Comments, empty lines and indentation separate groups.
 */
import { type SyntaxNode, isComment, walk } from "../tree.ts"
import { type Draft, type Source, moved, rank, scopePath, textOf } from "./drafts.ts"
import type { ScopeTable } from "./languages/scopes.ts"
import { type Setting, settings } from "./settings.ts"

const groupMax = 3
const variantsMax = 6
const blocks = /^(block|statement_block|compound_statement|statement_list|body_statement|then|else|do|program)$/

/** Returns slots for neighbouring statements that can change places. */
export function statementDrafts(source: Source, table: ScopeTable): Draft[] {
    const judge = settings(source, table)
    if (judge === null) return []
    const drafts: Draft[] = []
    walk(source.root, (node, parents) => {
        if (!blocks.test(node.type)) return
        for (const pieces of groupsIn(source, node, (item) => judge(item, node, parents))) {
            drafts.push({
                kind: "statement-order",
                robustness: "wording",
                scope: scopePath(source, parents),
                about: pieces.map((piece) => textOf(source, piece)).join("\n"),
                ...moved(source.text, pieces, variantsMax),
                rank: rank.moved,
            })
        }
    })
    return drafts
}

function groupsIn(source: Source, block: SyntaxNode, judge: (node: SyntaxNode) => Setting | null): SyntaxNode[][] {
    const groups: SyntaxNode[][] = []
    let group: Setting[] = []
    const close = (): void => {
        if (group.length > 1) groups.push(group.map(({ node }) => node))
        group = []
    }
    for (const child of block.children) {
        if (isComment(child) || !child.named) continue
        const setting = isAlone(source, child) ? judge(child) : null
        const last = group.at(-1)
        const isNext = last === undefined || isBelow(source, last.node, child)
        const fits = setting !== null && isNext && group.every((other) => areApart(source, other, setting))
        if (!fits || group.length === groupMax) close()
        if (setting !== null) group.push(setting)
    }
    close()
    return groups
}

/** Whether it makes no difference which of the two comes first. */
function areApart(source: Source, setting: Setting, other: Setting): boolean {
    const isEndedAlike = textOf(source, setting.node).endsWith(";") === textOf(source, other.node).endsWith(";")
    if (!isEndedAlike || (setting.sets === null && other.sets === null)) return false
    if ((setting.sets === null || other.sets === null) && (setting.isWatched || other.isWatched)) return false
    return (
        isToldApart(source, setting, other) &&
        !mentions(source, other, setting.sets) &&
        !mentions(source, setting, other.sets) &&
        !reads(setting, other) &&
        !reads(other, setting)
    )
}

const mentions = (source: Source, { node }: Setting, name: string | null): boolean =>
    name !== null &&
    new RegExp(String.raw`(?<![\w])${name.replace("$", String.raw`\$`)}(?!\w)`, "i").test(textOf(source, node))

/**
 * Whether more than names tells the two apart: names are what a leaker changes first, and what is marked may be any
 * number.
 */
function isToldApart(source: Source, setting: Setting, other: Setting): boolean {
    if (setting.value === null || other.value === null) return true
    const [item, others] = [textOf(source, setting.value), textOf(source, other.value)]
    const isMarked = [setting, other].some(({ node }) => lineAfter(source, node).includes("mark:"))
    const areNumbers = isMarked && [item, others].every((text) => /^-?\d/.test(text))
    const areNames = [setting, other].every(({ value }) => value?.type === "identifier")
    return item !== others && !areNumbers && !areNames
}

/** Whether one's value is made of a name that the other may give another value. */
const reads = (setting: Setting, other: Setting): boolean => setting.reads.some((name) => other.writes.has(name))

const marker = /^\s*((#|\/\/)\s*mark:.*|\/\*\s*mark:.*\*\/\s*)?$/
const attached = /^\s*(#|\/\/|\/\*|\*|<#|@)/

function lineAfter({ text }: Source, { end }: SyntaxNode): string {
    const lineEnd = text.indexOf("\n", end)
    return text.slice(end, lineEnd < 0 ? text.length : lineEnd)
}

/** Returns whether a statement has its line alone, without a comment above. A marker next to it is in no copy. */
function isAlone(source: Source, node: SyntaxNode): boolean {
    const { text } = source
    const lineStart = text.lastIndexOf("\n", node.start - 1) + 1
    const above = text.slice(text.lastIndexOf("\n", lineStart - 2) + 1, Math.max(0, lineStart - 1))
    const isFirst = text.slice(lineStart, node.start).trim() === ""
    return (
        isFirst && marker.test(lineAfter(source, node)) && !attached.test(above) && !textOf(source, node).includes("\n")
    )
}

/** Returns whether a statement is in the line below another one, with equal indentation. */
function isBelow(source: Source, node: SyntaxNode, other: SyntaxNode): boolean {
    const { text } = source
    const lineStart = text.lastIndexOf("\n", node.start - 1) + 1
    const between = text.slice(node.end, other.start)
    return between.split("\n").length === 2 && between.endsWith(`\n${text.slice(lineStart, node.start)}`)
}

/**
 * The difference of two Markdown texts as one syntax tree: that of the new text, with what is new and what is gone in
 * nodes of their own. Pure.
 */
import { markdownTree } from "@tocsin/formats/advisory/markdown-tree"
import type { Nodes, Parents, Root } from "mdast"
import { type Line, differenceIn, splitWords } from "./line-diff.ts"

/** A part that is only in one of the texts. */
export interface Mark {
    type: "inserted" | "removed"
    children: Nodes[]
}

type Node = Nodes | Mark

/** The merged tree. Its children may be marks. */
export function markedTree(before: string, after: string): Root {
    const [was, is] = [markdownTree(before), markdownTree(after)]
    return { ...is, children: mergedBlocks(was.children, is.children) as Root["children"] }
}

/** Aligns blocks: equal blocks stay, changed pairs of one type are compared inside, the rest is marked. */
function mergedBlocks(was: readonly Nodes[], is: readonly Nodes[]): Node[] {
    const merged: Node[] = []
    let [i, j] = [0, 0]
    for (const run of runsOf(differenceIn(was.map(keyOf), is.map(keyOf)))) {
        const [gone, added] = [was.slice(i, i + run.gone), is.slice(j, j + run.added)]
        merged.push(...mergedRun(gone, added))
        i += run.gone
        j += run.added
        merged.push(...is.slice(j, j + run.same))
        i += run.same
        j += run.same
    }
    return merged
}

interface Run {
    gone: number
    added: number
    same: number
}

/** Groups a difference into runs: what is gone, what came in its place, and what stays after it. */
function runsOf(lines: readonly Line[]): Run[] {
    const runs: Run[] = []
    let run: Run = { gone: 0, added: 0, same: 0 }
    for (const { kind } of lines) {
        if (kind !== "same" && run.same > 0) {
            runs.push(run)
            run = { gone: 0, added: 0, same: 0 }
        }
        if (kind === "same") run.same++
        else if (kind === "gone") run.gone++
        else run.added++
    }
    return [...runs, run]
}

function mergedRun(gone: readonly Nodes[], added: readonly Nodes[]): Node[] {
    const paired = Math.min(gone.length, added.length)
    const merged: Node[] = []
    for (let n = 0; n < paired; n++) {
        const [old, now] = [gone[n], added[n]]
        if (old !== undefined && now !== undefined) merged.push(...mergedPair(old, now))
    }
    for (const node of gone.slice(paired)) merged.push(marked("removed", node))
    for (const node of added.slice(paired)) merged.push(marked("inserted", node))
    return merged
}

const containers: ReadonlySet<string> = new Set(["list", "listItem", "blockquote"])
const sentences: ReadonlySet<string> = new Set(["paragraph", "heading"])

function mergedPair(old: Nodes, now: Nodes): Node[] {
    if (old.type === now.type && "children" in old && "children" in now) {
        if (containers.has(now.type)) return [withChildren(now, mergedBlocks(old.children, now.children))]
        if (sentences.has(now.type)) return [withChildren(now, mergedWords(old, now))]
    }
    return [marked("removed", old), marked("inserted", now)]
}

/** Marks a block. The content of a list item is marked instead, because a list holds only items. */
function marked(type: Mark["type"], node: Nodes): Node {
    if (node.type !== "listItem") return { type, children: [node] }
    return withChildren(node, [{ type, children: node.children }])
}

const withChildren = (node: Parents, children: readonly Node[]): Nodes => ({ ...node, children }) as Nodes

/** Marks words inside a paragraph or heading. Emphasis and links stay as the new text has them. */
function mergedWords(old: Nodes, now: Nodes): Node[] {
    const oldWords = wordsOf(old)
    const pending = differenceIn(oldWords.map(trimmed), wordsOf(now).map(trimmed)).values()
    const removed: string[] = []
    let at = 0
    const flush = (): Node[] =>
        removed.length === 0
            ? []
            : [{ type: "removed", children: [{ type: "text", value: removed.splice(0).join("") }] }]
    /** Takes the next word of the new text, and what was removed before it. */
    const take = (): { readonly before: Node[]; readonly isNew: boolean } => {
        for (;;) {
            const next = pending.next()
            if (next.done) return { before: flush(), isNew: false }
            if (next.value.kind === "new") return { before: flush(), isNew: true }
            const word = oldWords[at++] ?? ""
            if (next.value.kind === "same") return { before: flush(), isNew: false }
            removed.push(word)
        }
    }
    const mergedLeaf = (leaf: Nodes): Node[] => {
        const merged: Node[] = []
        for (const value of wordsOf(leaf)) {
            const { before, isNew } = take()
            const part: Nodes = leaf.type === "text" ? { type: "text", value } : leaf
            merged.push(...before, isNew ? { type: "inserted", children: [part] } : part)
        }
        return merged
    }
    const walk = (node: Nodes): Node[] =>
        "children" in node ? [withChildren(node, node.children.flatMap(walk))] : mergedLeaf(node)
    const children = "children" in now ? now.children.flatMap(walk) : []
    return joinedMarks([...children, ...take().before])
}

/** Joins neighbours of one kind, so that a sentence is one mark and not one for each word. */
function joinedMarks(nodes: readonly Node[]): Node[] {
    const joined: Node[] = []
    for (const node of nodes) {
        const last = joined.at(-1)
        if (last !== undefined && isMark(last) && isMark(node) && last.type === node.type) {
            joined[joined.length - 1] = { ...last, children: joinedTexts([...last.children, ...node.children]) }
        } else joined.push(node)
    }
    return joined
}

function joinedTexts(nodes: readonly Nodes[]): Nodes[] {
    const joined: Nodes[] = []
    for (const node of nodes) {
        const last = joined.at(-1)
        if (last?.type === "text" && node.type === "text") {
            joined[joined.length - 1] = { type: "text", value: last.value + node.value }
        } else joined.push(node)
    }
    return joined
}

const isMark = (node: Node): node is Mark => node.type === "inserted" || node.type === "removed"

/** The words of a node, with the spaces between them. A leaf that is no text is one word. */
function wordsOf(node: Nodes): string[] {
    if ("children" in node) return node.children.flatMap(wordsOf)
    if (node.type === "text") return splitWords(node.value)
    return ["value" in node ? node.value : `[${node.type}]`]
}

const trimmed = (word: string): string => word.trim()

/** The content of a node without places in the text. */
const keyOf = (node: Nodes): string =>
    JSON.stringify(node, (name, value: unknown) => (name === "position" ? undefined : value))

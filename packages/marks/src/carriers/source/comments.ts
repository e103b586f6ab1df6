/** Finds slots in the wording of comments. They are lost with the comments; until then they are the easiest to read. */
import type { Edit } from "../carrier.ts"
import { type SyntaxNode, isComment, walk } from "../tree.ts"
import { type Stretch, wordingSlots } from "../prose/slots.ts"
import { type Draft, type SourceCode, rank, scopePath, textOf } from "./drafts.ts"

/** Comments that tools read, or that must stay as they are. */
const toolComment = new RegExp(
    String.raw`^#!|^#\s*requires\b|frozen_string_literal|typed:|rubocop|\+build|^\/\/export|[Oo]utput:` +
        "|coding[:=]|noqa|type:|pylint|pragma|mypy|flake8|ruff|isort|fmt:|eslint|prettier|@ts-|istanbul" +
        String.raw`|c8 |sourceMapping|SPDX|copyright|licen[cs]e|shellcheck|nolint|go:|\bmark:|^\/\/\/|@\w+`,
    "i",
)

/** Returns slots for the words of comments, by the lexicon of prose. */
export function commentDrafts(source: SourceCode): Draft[] {
    const drafts: Draft[] = []
    walk(source.root, (node, parents) => {
        if (isComment(node) && node.children.length === 0) drafts.push(...commentWordDrafts(source, node, parents))
    })
    return drafts
}

function commentWordDrafts(source: SourceCode, node: SyntaxNode, parents: readonly SyntaxNode[]): Draft[] {
    const text = textOf(source, node)
    if (toolComment.test(text)) return []
    const scope = scopePath(source, parents)
    const shiftEdit = (edit: Edit): Edit => ({ ...edit, start: node.start + edit.start, end: node.start + edit.end })
    return wordingSlots(text, linesOf(text), (base) => base, false).map(({ id, variants }) => ({
        kind: "comment-word",
        robustness: "fragile",
        scope,
        about: `${id}\n${text}`,
        variants: variants.map((edits) => edits.map(shiftEdit)),
        rank: rank.comment,
    }))
}

const line = /^[ \t]*(?:\/\/+|\/\*+|<?#+|\*+(?!\/))?[ \t]*(.*?)[ \t]*(?:\*+\/|#>)?[ \t]*$/dgm

/**
 * Splits a comment into lines. A sentence may continue in the next line, so no line is known to begin or end a
 * paragraph.
 */
function linesOf(text: string): Stretch[] {
    return [...text.matchAll(line)].flatMap(({ indices }) => {
        const [start, end] = indices?.[1] ?? [0, 0]
        return start === end ? [] : [{ start, end, opens: false, closes: false, afterCode: false, beforeCode: false }]
    })
}

/**
 * Slots in the wording of comments. They die with the comments; until then they are the easiest to read.
 */
import type { Edit } from "../carrier.ts"
import { type SyntaxNode, isComment, walk } from "../syntax.ts"
import { type Draft, type Source, rank, scopePath, textOf } from "./draft.ts"

/** Other words for a word in a sentence, in lower case; empty where there is none that always fits. */
export type Wording = (word: string) => readonly string[]

const pairs = [
    "because since",
    "verify check",
    "begins starts",
    "begin start",
    "ends finishes",
    "wrong incorrect",
    "whole entire",
    "needs requires",
    "shows displays",
    "sends transmits",
    "builds constructs",
    "gives returns",
    "keeps retains",
    "allows permits",
    "tries attempts",
    "often frequently",
    "about roughly",
    "big large",
    "small little",
    "fast quick",
    "uses employs",
    "changes alters",
    "removes deletes",
    "answers replies",
    "answer reply",
    "happens occurs",
    "enough sufficient",
    "usually normally",
    "harmless innocuous",
]

const others = new Map<string, string>()
for (const pair of pairs) {
    const [first = "", second = ""] = pair.split(" ")
    others.set(first, second)
    others.set(second, first)
}

export function plainWording(word: string): readonly string[] {
    const other = others.get(word)
    return other === undefined ? [] : [other]
}

/** Comments that tools read, or that must stay as they are. */
const spokenToTools =
    /^#!|^#\s*requires\b|frozen_string_literal|typed:|rubocop|\+build|^\/\/export|[Oo]utput:|coding[:=]|noqa|type:|pylint|pragma|mypy|flake8|ruff|isort|fmt:|eslint|prettier|@ts-|istanbul|c8 |sourceMapping|SPDX|copyright|licen[cs]e|shellcheck|nolint|go:|\bmark:|^\/\/\/|@\w+/i

export function commentDrafts(source: Source, wording: Wording): Draft[] {
    const drafts: Draft[] = []
    walk(source.root, (node, parents) => {
        if (isComment(node) && node.children.length === 0) drafts.push(...wordsOf(source, node, parents, wording))
    })
    return drafts
}

function wordsOf(source: Source, node: SyntaxNode, parents: readonly SyntaxNode[], wording: Wording): Draft[] {
    const text = textOf(source, node)
    if (spokenToTools.test(text)) return []
    return [...text.matchAll(/(?<![\w./-])[A-Za-z][a-z]+(?![\w./-])/g)].flatMap((match) => {
        const [word] = match
        const start = node.start + match.index
        const isUpper = /^[A-Z]/.test(word)
        const variants = wording(word.toLowerCase()).map((other): Edit[] => [
            {
                start,
                end: start + word.length,
                text: isUpper ? other.slice(0, 1).toUpperCase() + other.slice(1) : other,
            },
        ])
        if (variants.length === 0) return []
        const scope = scopePath(source, parents)
        const about = `${word}\n${text}`
        return [
            {
                kind: "comment-word",
                robustness: "tripwire",
                scope,
                about,
                variants: [[], ...variants],
                rank: rank.comment,
            },
        ]
    })
}

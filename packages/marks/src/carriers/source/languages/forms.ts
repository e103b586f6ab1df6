/** Equal forms of code: the parts that languages share. */
import type { Edit } from "../../carrier.ts"
import { type SyntaxNode, isComment, parts } from "../../tree.ts"
import { type Draft, type SourceCode, insertBefore, rank, scopePath, textOf } from "../drafts.ts"

/** A place that was found, and what may be spliced there. `null` splices mean that the place is not free after all. */
export type Alternatives = readonly (readonly (Edit | null)[])[]

/** Makes a draft of the written form and its alternatives; none where a splice is impossible. */
export function formDraft(
    source: SourceCode,
    kind: string,
    node: SyntaxNode,
    parents: readonly SyntaxNode[],
    alternatives: Alternatives,
): Draft[] {
    const variants: Edit[][] = []
    for (const edits of alternatives) {
        const splices = edits.filter((edit) => edit !== null)
        if (splices.length !== edits.length) return []
        variants.push(splices)
    }
    if (variants.length === 0) return []
    const about = textOf(source, node).slice(0, 80)
    const scope = scopePath(source, parents)
    const isFragile = fragile.test(kind)
    const durability = isFragile
        ? ({ robustness: "fragile", rank: rank.fragile } as const)
        : ({ robustness: "wording", rank: rank.form } as const)
    return [{ kind, ...durability, scope, about, variants: [[], ...variants] }]
}

/** What a formatter, or the usual fixes of a linter, write in one way only. */
const fragile =
    /^(number-form|declarator|negation|operand-order|module-name|global-form|codec-name|braces|bare-return|word-order)$/

/** Returns an edit that replaces a node by a text. */
export function replace(node: { start: number; end: number }, text: string): Edit {
    return { start: node.start, end: node.end, text }
}

/**
 * Returns other spellings of whole numbers that people write both ways: powers of two, those minus one, and long
 * decimals.
 */
export function numberForms(text: string): string[] {
    const isHex = /^0[xX][0-9a-fA-F]+$/.test(text)
    if (!isHex && !/^[1-9]\d{1,8}$/.test(text)) return []
    const value = Number(text)
    if (!Number.isSafeInteger(value) || value > 0xffffffff) return []
    if (isHex) return value >= 10 && /^0x(0|[1-9a-f][0-9a-f]*)$/.test(text) ? [String(value)] : []
    if (value >= 16 && (isPower(value) || isPower(value + 1))) return [`0x${value.toString(16)}`]
    return text.length >= 5 ? [text.replace(/\B(?=(\d{3})+$)/g, "_")] : []
}

function isPower(value: number): boolean {
    return Number.isInteger(Math.log2(value))
}

const mirroredOperators: Readonly<Record<string, string>> = {
    "==": "==",
    "!=": "!=",
    "===": "===",
    "!==": "!==",
    "<": ">",
    ">": "<",
    "<=": ">=",
    ">=": "<=",
}

/** `status == 200` as `200 == status`: only with a constant at the right, which has nothing to evaluate. */
export function mirror(source: SourceCode, left: SyntaxNode, operator: SyntaxNode, right: SyntaxNode): Alternatives {
    const mirroredOperator = mirroredOperators[textOf(source, operator)]
    if (
        mirroredOperator === undefined ||
        !/^(identifier|attribute|member_expression|call|call_expression)$/.test(left.type)
    )
        return []
    if (source.text.slice(left.start, right.end).includes("\n")) return []
    const ahead = insertBefore(source.text, left.start, `${textOf(source, right)} ${mirroredOperator} `)
    return [[ahead, { start: left.end, end: right.end, text: "" }]]
}

/** The one statement of a block, where it has exactly one and no comment, not even at the statement's end. */
export function onlyStatement(block: SyntaxNode): SyntaxNode | null {
    if (hasComment(block)) return null
    const inside = parts(block)
    return inside.length === 1 ? (inside[0] ?? null) : null
}

/** Returns whether a node is, or contains, a comment. */
export function hasComment(node: SyntaxNode): boolean {
    return isComment(node) || node.children.some(hasComment)
}

/** Codec names that Python and Node hold for the same. */
const codecs = [
    ["utf-8", "utf8"],
    ["latin-1", "latin1"],
]

/** Returns other names of the same codec in Python. `withLatin` allows the names of Latin-1. */
export function codecForms(name: string, withLatin: boolean): string[] {
    const names = codecs.find((group) => group.includes(name))
    if (names === undefined || (names.includes("latin1") && !withLatin)) return []
    return names.filter((other) => other !== name)
}

/**
 * A slot before it is known whether it may stay: where two would touch the same text, the higher rank stays.
 */
import type { Edit, Robustness } from "../carrier.ts"
import type { SyntaxNode } from "../tree.ts"

/** A candidate for a slot, before conflicts between candidates are resolved. */
export interface Draft {
    readonly kind: string
    readonly robustness: Robustness
    /** The functions and classes around it, outermost first, joined by dots. */
    readonly scope: string
    /** The content that makes it this slot and no other. */
    readonly about: string
    readonly variants: readonly (readonly Edit[])[]
    readonly rank: number
    /** Parts that no other slot may touch if this slot stays. Names and marked values are exceptions. */
    readonly guards?: readonly Pick<Edit, "start" | "end">[]
}

/** What the author marked outranks all; among the rest, what carries more and lives longer. */
export const rank = {
    comment: 0,
    fragile: 0.5,
    moved: 0.9,
    order: 1,
    form: 2,
    name: 3,
    markedOrder: 4,
    markedValue: 5,
} as const

/** Code and its tree, as every finder of slots takes it. */
export interface SourceCode {
    readonly language: string
    readonly text: string
    readonly root: SyntaxNode
}

/** Returns the text of a node. */
export function textOf(source: SourceCode, node: SyntaxNode): string {
    return source.text.slice(node.start, node.end)
}

/**
 * Inserts before `at` by taking the character before along, so that no two edits ever begin at the same offset.
 * Null at the beginning of the text.
 */
export function insertBefore(text: string, at: number, inserted: string): Edit | null {
    if (at <= 0) return null
    return { start: at - 1, end: at, text: text.slice(at - 1, at) + inserted }
}

/** Inserts after `at` by taking the next character along. Null at the end of the text. */
export function insertAfter(text: string, at: number, inserted: string): Edit | null {
    if (at >= text.length) return null
    return { start: at, end: at + 1, text: inserted + text.slice(at, at + 1) }
}

/** All edits of a draft, whatever the variant. */
export function editsOf(draft: Draft): Edit[] {
    return draft.variants.flat()
}

type Span = Pick<SyntaxNode, "start" | "end">

/**
 * As `reorder`, but edits of other slots inside a piece move with it.
 *
 * Edits before a piece replace its indentation, so the indentation moves too. The characters directly after a piece,
 * and before an unindented one, belong to no other slot.
 */
export function movedVariants(
    text: string,
    pieces: readonly Span[],
    limit: number,
): { readonly variants: Edit[][]; readonly guards: Span[] } {
    const before = new Set(pieces.map(({ start }) => text.slice(start - 1, start)))
    const isIndented = before.size === 1 && /^[ \t]$/.test([...before].join(""))
    const places = pieces.map(({ start, end }) => ({ start: isIndented ? start - 1 : start, end }))
    const variants = orders(places.length, limit).map((order) =>
        order.flatMap((from, to): Edit[] => {
            const place = places[to]
            const piece = places[from]
            if (place === undefined || piece === undefined || from === to) return []
            const value = text.slice(piece.start, piece.end)
            return [{ ...place, text: value, from: [piece.start, piece.end] }]
        }),
    )
    const after = pieces.map(({ end }) => ({ start: end, end: end + 1 }))
    return {
        variants,
        guards: isIndented ? after : [...after, ...pieces.map(({ start }) => ({ start: start - 1, end: start }))],
    }
}

const namedScopes = new Set([
    "function_definition",
    "class_definition",
    "function_declaration",
    "generator_function_declaration",
    "class_declaration",
    "method_definition",
    "variable_declarator",
    "method_declaration",
    "constructor_declaration",
    "property_declaration",
    "local_function_statement",
    "method",
    "singleton_method",
    "module",
    "function_statement",
])

/** The path of names around a node, for its id. */
export function scopePath(source: SourceCode, parents: readonly SyntaxNode[]): string {
    const names: string[] = []
    for (const parent of parents) {
        if (!namedScopes.has(parent.type)) continue
        const name = nameOf(parent)
        if (name !== null) names.push(textOf(source, name))
    }
    return names.join(".")
}

/** C hides a function's name among its declarators. */
function nameOf(node: SyntaxNode): SyntaxNode | null {
    const nameNode = node.children.find(({ field, type }) => field === "name" || type === "function_name")
    if (nameNode !== undefined) return nameNode
    const declarator = node.children.find(({ field }) => field === "declarator")
    if (declarator === undefined) return null
    return declarator.children.length === 0 ? declarator : nameOf(declarator)
}

/** Up to `limit` orders of `count` things, the written one first, spread evenly over all of them. */
export function orders(count: number, limit: number): number[][] {
    let total = 1
    for (let i = 2; i <= count; i++) total *= i
    const wanted = Math.min(total, limit)
    return Array.from({ length: wanted }, (_, i) => orderNumber(count, Math.floor((i * total) / wanted)))
}

function orderNumber(count: number, number: number): number[] {
    const left = Array.from({ length: count }, (_, i) => i)
    const order: number[] = []
    let rest = number
    let block = 1
    for (let i = 2; i < count; i++) block *= i
    for (let size = count; size > 0; size--) {
        const at = Math.floor(rest / block)
        rest -= at * block
        order.push(...left.splice(at, 1))
        if (size > 1) block /= size - 1
    }
    return order
}

/** The splices that put the pieces in another order, each piece's text moving into another's place. */
export function reorder(text: string, pieces: readonly Pick<SyntaxNode, "start" | "end">[], limit: number): Edit[][] {
    return orders(pieces.length, limit).map((order) =>
        order.flatMap((from, to) => {
            const place = pieces[to]
            const piece = pieces[from]
            if (place === undefined || piece === undefined || from === to) return []
            return [{ start: place.start, end: place.end, text: text.slice(piece.start, piece.end) }]
        }),
    )
}

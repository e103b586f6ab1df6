/**
 * Reads the order of pieces in a leak. Aligns each order with the leaked tokens, and reads one only if it fits
 * clearly better than all others.
 */
import type { Node } from "./graph.ts"

const tokensMax = 400
/** How much of what the best order could be worth must be there. */
const fitMin = 0.5
/** The minimum lead of the best order: one word that only this order has there. */
const leadMin = 12

const wordGain = 8
const signGain = 4
const mismatchScore = -4
/** The cost of a token that the leak omits or adds, because a person may have inserted lines. */
const gapScore = -4
const addedScore = -1

/** The branch that the tokens show; null where none fits, or another fits nearly as well. */
export function mostLikelyPath(
    nodes: readonly Node[],
    paths: readonly (readonly number[])[],
    tokens: readonly string[],
): number | null {
    if (tokens.length === 0 || tokens.length > tokensMax) return null
    const scores = paths.map((path) => pathScore(nodes, path, tokens))
    const best = Math.max(...scores)
    const fixed = (paths[0] ?? []).flatMap((n) => nodes[n]?.text ?? [])
    const scoreMax = fixed.reduce((sum, token) => sum + gainOf(token), 0)
    const isClear = scores.filter((score) => score > best - leadMin).length === 1
    return isClear && best >= fitMin * scoreMax ? scores.indexOf(best) : null
}

const word = /^[\p{L}\p{N}_$]/u
const number = /^\d/
const gainOf = (token: string): number => (word.test(token) ? wordGain : signGain)

/** What the best way through all of a branch, and over all tokens, is worth. */
function pathScore(nodes: readonly Node[], path: readonly number[], tokens: readonly string[]): number {
    const width = tokens.length + 1
    const entry = Int32Array.from({ length: width }, (_, at) => addedScore * at)
    const rows = new Map<number, Int32Array>()
    const ends = new Set(path)
    for (const n of path) {
        const node = nodes[n] as Node
        const row = new Int32Array(width).fill(-0x40000000)
        for (const before of node.before) {
            const above = rows.get(before) ?? entry
            ends.delete(before)
            for (let at = 0; at < width; at++) {
                const matched = at === 0 ? row[0] : (above[at - 1] ?? 0) + tokenScore(node, tokens[at - 1] ?? "")
                row[at] = Math.max(row[at] ?? 0, (above[at] ?? 0) + gapScore, matched ?? 0)
            }
        }
        for (let at = 1; at < width; at++) row[at] = Math.max(row[at] ?? 0, (row[at - 1] ?? 0) + addedScore)
        rows.set(n, row)
    }
    return Math.max(...[...ends].map((n) => rows.get(n)?.[tokens.length] ?? 0))
}

/**
 * Another word where a name may be any of several says nothing either way, nor does another number in a number's place.
 */
function tokenScore({ text, choices }: Node, token: string): number {
    if (text === null ? choices?.has(token) === true : text === token) return gainOf(token)
    const isSameKind = [...(choices?.keys() ?? [])].some((choice) => number.test(choice) === number.test(token))
    return isSameKind && word.test(token) ? 0 : mismatchScore
}

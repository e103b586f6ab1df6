/**
 * Finds the parts of a leak that come from a master, and the path of each part through the master's graph.
 *
 * Uses local alignment (Smith and Waterman) on a graph. A part may begin and end anywhere. So a single function, two
 * parts in another order, and code between foreign lines are all found.
 */
import type { NumberedWords } from "../../align.ts"
import type { Graph, Node } from "./graph.ts"
import { type TokenMetric, likelyStretches, metricOf } from "./detect-language.ts"

/** One step of an alignment: a node of the master's graph, and the leak's token there. */
export interface Step {
    readonly node: number
    /** The index of the leak's token; -1 where the leak has none. */
    readonly at: number
    /** That token's text; empty where there is none. */
    readonly token: string
    readonly exact: boolean
}

/** Steps in the order of the master. */
export type AlignmentPath = readonly Step[]

const gapCost = 2
const wrongCost = 3
const renamedCost = 2
const chosenGain = 3
const scoreMin = 50
/** How far below the best score so far a way may fall: what follows a longer gap is a way of its own. */
const fallMax = 300
const tokensMin = 12
const cellsMax = 30_000_000
/** The length of leak that is aligned at once, in lengths of the master. Each path found costs another pass over it. */
const lengthsMax = 4

/**
 * All ways whose likeness to the master cannot be chance. Time grows with nodes × tokens that are like it, memory
 * does not.
 */
export function findPaths(graph: Graph, { words: leak, numbers, sequence: numbered }: NumberedWords): AlignmentPath[] {
    const paths: AlignmentPath[] = []
    const table = tableOf(graph)
    const size = Math.max(1, graph.nodes.length)
    const rowsMax = Math.max(200, Math.min(Math.floor(cellsMax / size), lengthsMax * size))
    const known = Int32Array.from(numbers.keys(), (token) => table.ids.get(token) ?? -1)
    const ids = numbered.map((number) => known[number] ?? -1)
    const open: [number, number][] = []
    const add = (part: readonly [number, number]): void => {
        for (const [start, end] of likelyStretches(table.measure, ids, part, { gap: gapCost, scoreMin })) {
            for (let from = start; from < end; from += rowsMax) {
                const to = Math.min(end, from + rowsMax)
                if (to - from >= tokensMin) open.push([from, to])
            }
        }
    }
    add([0, leak.length])
    for (let stretch = open.pop(); stretch !== undefined; stretch = open.pop()) {
        const [from, to] = stretch
        const path = bestPath(table, leak.slice(from, to)).map((step) => ({
            ...step,
            at: step.at < 0 ? -1 : step.at + from,
        }))
        const matched = path.filter((step) => step.at >= 0)
        const first = matched[0]
        const last = matched.at(-1)
        if (first === undefined || last === undefined) continue
        if (matched.filter((step) => step.exact).length >= 0.6 * path.length) paths.push(path)
        add([from, first.at])
        add([last.at + 1, to])
    }
    return paths
}

/** The graph laid out for speed. A node's token is an id; a node with choices has one list of ids. */
interface Table {
    readonly nodes: readonly Node[]
    /** The id of each token that the master can contain. */
    readonly ids: ReadonlyMap<string, number>
    /** By id: the nodes that have this token only. */
    readonly holders: readonly (readonly number[])[]
    /** What a word, and a sign, is worth at each node where it does not fit. */
    readonly wordMismatch: Int8Array
    readonly signMismatch: Int8Array
    /** By id: the nodes that have this token among their choices. */
    readonly choosers: ReadonlyMap<number, readonly number[]>
    /** The one node before; -2 where there are several. */
    readonly before: Int32Array
    /** The last node that may follow any up to this one; never less than its own index. */
    readonly reach: Int32Array
    readonly measure: TokenMetric
}

function tableOf({ nodes }: Graph): Table {
    const ids = new Map<string, number>()
    const idOf = (text: string): number => {
        const id = ids.get(text) ?? ids.size
        ids.set(text, id)
        return id
    }
    const choosers = new Map<number, number[]>()
    for (const [n, { choices }] of nodes.entries()) {
        for (const text of choices?.keys() ?? []) choosers.set(idOf(text), [...(choosers.get(idOf(text)) ?? []), n])
    }
    const holders: number[][] = []
    for (const [n, { text }] of nodes.entries()) if (text !== null) (holders[idOf(text)] ??= []).push(n)
    const worth = Int8Array.from(ids, ([text, id]) => Math.max(weight(text), choosers.has(id) ? chosenGain : 0))
    const nodeTokens = nodes.map(({ text, choices }) =>
        text === null ? [...(choices?.keys() ?? [])].map(idOf) : [idOf(text)],
    )
    const measure = metricOf(
        nodes.map(({ before }) => before),
        nodeTokens,
        worth,
    )
    return {
        nodes,
        ids,
        measure,
        holders,
        wordMismatch: Int8Array.from(nodes, ({ text }) => (text === null || isWord(text) ? -renamedCost : -wrongCost)),
        signMismatch: new Int8Array(nodes.length).fill(-wrongCost),
        choosers,
        before: Int32Array.from(nodes, ({ before }) => (before.length === 1 ? (before[0] ?? -1) : -2)),
        reach: reachOf(nodes),
    }
}

function reachOf(nodes: readonly Node[]): Int32Array {
    const reach = Int32Array.from(nodes, (_, n) => n)
    for (const [n, { before }] of nodes.entries()) for (const value of before) if (value >= 0) reach[value] = n
    for (let n = 1; n < reach.length; n++) reach[n] = Math.max(reach[n] as number, reach[n - 1] as number)
    return reach
}

function isWord(token: string): boolean {
    return /^[\p{L}_$]/u.test(token)
}

function weight(token: string): number {
    if (!/[\p{L}\p{N}_$]/u.test(token)) return 1
    return token.length > 2 ? 3 : 2
}

/** Moves, as kept for the way back: nothing; over a token of the leak; then two for each way into a node. */
const stop = 0
const overLeak = 1

/** What a token of the leak is worth at every node. */
function fillGains(table: Table, token: string, gains: Int8Array): void {
    gains.set(isWord(token) ? table.wordMismatch : table.signMismatch)
    const id = table.ids.get(token) ?? -1
    const worth = weight(token)
    for (const n of table.holders[id] ?? []) gains[n] = worth
    for (const n of table.choosers.get(id) ?? []) gains[n] = chosenGain
}

/** The best way through, empty where none scores enough. Takes at most nodes × leak steps and bytes. */
function bestPath(table: Table, leak: readonly string[]): AlignmentPath {
    const width = table.nodes.length
    const moves = new Uint8Array(width * leak.length)
    const rows = { gains: new Int8Array(width), above: new Int32Array(width + 1), row: new Int32Array(width + 1) }
    let best = { score: 0, at: -1, node: -1 }
    let live: LiveRange = { from: 0, to: width - 1, best: 0 }
    for (const [at, token] of leak.entries()) {
        const floor = best.score - fallMax
        if (floor <= 0) live = { from: 0, to: width - 1, best: 0 }
        else if (live.to < live.from) break
        fillGains(table, token, rows.gains)
        rows.row.fill(0)
        live = fillRow(table, { ...rows, moves: moves.subarray(at * width, (at + 1) * width) }, live, floor)
        const score = (rows.row[live.best + 1] ?? 0) / oneScore
        if (score > best.score) best = { score, at, node: live.best }
        ;[rows.above, rows.row] = [rows.row, rows.above]
    }
    return best.score < scoreMin ? [] : traceBack(table.nodes, leak, moves, best)
}

interface Rows {
    readonly gains: Int8Array
    /** Scores of the token before and of this one, in `oneScore`; place 0 is the beginning, place n + 1 node n. */
    readonly above: Int32Array
    readonly row: Int32Array
    readonly moves: Uint8Array
}

/** The first and the last node of a row with any score, and the one with the highest. */
interface LiveRange {
    readonly from: number
    readonly to: number
    readonly best: number
}

/**
 * Scores carry their move in the lowest two bits, in the order in which equal scores are taken: the highest needs no
 * branch.
 */
const [oneScore, asSkipped, asMatched, asOverLeak, asStopped] = [4, 0, 1, 2, 3] as const
const gapScore = gapCost * oneScore

/** Aligns one token with the nodes that follow live nodes. Scores at or below `floor` count as none. */
function fillRow(table: Table, rows: Rows, live: LiveRange, floor: number): LiveRange {
    const { gains, above, row, moves } = rows
    const { before, reach } = table
    const least = Math.max(0, floor) * oneScore
    let [from, to, best, most, left] = [gains.length, -1, 0, 0, 0]
    let until = reach[live.to] as number
    for (let n = live.from; n <= until; n++) {
        const only = before[n] as number
        if (only === -2) {
            left = scoreAtJoin(table.nodes[n]?.before ?? [], n, rows, least)
        } else {
            const skipped = (row[only + 1] as number) - gapScore + asSkipped
            const matched = (above[only + 1] as number) + (gains[n] as number) * oneScore + asMatched
            const over = (above[n + 1] as number) - gapScore + asOverLeak
            const packed = higher(higher(higher(over, matched), least + asStopped), skipped)
            const stored = packed > least + asStopped ? packed : asStopped
            moves[n] = asStopped - (stored & asStopped)
            left = stored & ~asStopped
            row[n + 1] = left
        }
        if (left === 0) continue
        if (from > n) from = n
        to = n
        if ((reach[n] as number) > until) until = reach[n] as number
        if (left > most) {
            most = left
            best = n
        }
    }
    return { from, to, best }
}

/** Returns the higher of two numbers of 30 bits. */
function higher(a: number, b: number): number {
    const less = a - b
    return a - (less & (less >> 31))
}

/** The score at a node with several before it. */
function scoreAtJoin(before: readonly number[], n: number, { gains, above, row, moves }: Rows, least: number): number {
    let score = (above[n + 1] as number) - gapScore
    let move = overLeak
    for (let k = 0; k < before.length; k++) {
        const from = 1 + (before[k] as number)
        const matched = (above[from] as number) + (gains[n] as number) * oneScore
        const skipped = (row[from] as number) - gapScore
        if (matched > score) [score, move] = [matched, 2 + 2 * k]
        if (skipped > score) [score, move] = [skipped, 3 + 2 * k]
    }
    if (score <= least) return 0
    row[n + 1] = score
    moves[n] = move
    return score
}

function traceBack(
    nodes: readonly Node[],
    leak: readonly string[],
    moves: Uint8Array,
    end: { at: number; node: number },
): AlignmentPath {
    const path: Step[] = []
    let { at, node } = end
    while (at >= 0 && node >= 0) {
        const move = moves[at * nodes.length + node] ?? stop
        if (move === stop) break
        if (move === overLeak) {
            at--
            continue
        }
        const here = nodes[node] as Node
        const isMatched = move % 2 === 0
        const token = isMatched ? (leak[at] ?? "") : ""
        path.push({ node, at: isMatched ? at : -1, token, exact: isMatched && isExact(here, token) })
        node = here.before[(move - 2) >> 1] ?? -1
        if (isMatched) at--
    }
    return path.reverse()
}

function isExact(node: Node, token: string): boolean {
    return node.choices === null ? node.text === token : node.choices.has(token)
}

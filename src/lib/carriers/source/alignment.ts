/**
 * Finds, in a leak's tokens, the stretches that come from a master, and the way each takes through its graph.
 *
 * Local alignment (Smith and Waterman) on a graph: a stretch may begin and end anywhere, so a function pasted alone, two
 * parts in another order, and code between foreign lines are all found, each part by itself.
 */
import type { Graph, Node } from "./graph.ts"
import { type Measure, likelyStretches, measureOf } from "./likely.ts"

export interface Step {
    readonly node: number
    /** The leak's token that stands there; -1 where the leak has nothing for it. */
    readonly at: number
    /** That token's text; empty where there is none. */
    readonly token: string
    readonly exact: boolean
}

/** From first to last, in the order of the master. */
export type Way = readonly Step[]

const gapCost = 2
const wrongCost = 3
const renamedCost = 2
const chosenGain = 3
const scoreMin = 50
const tokensMin = 12
const cellsMax = 30_000_000
/** What is aligned at once, in lengths of the master: each way found costs another look at all of it. */
const lengthsMax = 4

/** All ways whose likeness to the master cannot be chance. Time grows with nodes × tokens that are like it, memory does not. */
export function waysThrough(graph: Graph, leak: readonly string[]): Way[] {
    const ways: Way[] = []
    const table = tableOf(graph)
    const size = Math.max(1, graph.nodes.length)
    const rowsMax = Math.max(200, Math.min(Math.floor(cellsMax / size), lengthsMax * size))
    const ids = Int32Array.from(leak, (token) => table.ids.get(token) ?? -1)
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
        const way = bestWay(table, leak.slice(from, to)).map((step) => ({
            ...step,
            at: step.at < 0 ? -1 : step.at + from,
        }))
        const taken = way.filter((step) => step.at >= 0)
        const first = taken[0]
        const last = taken.at(-1)
        if (first === undefined || last === undefined) continue
        if (taken.filter((step) => step.exact).length >= 0.6 * way.length) ways.push(way)
        add([from, first.at])
        add([last.at + 1, to])
    }
    return ways
}

/** The graph laid out for speed. A node's token is an id; a node with choices has one list of ids. */
interface Table {
    readonly nodes: readonly Node[]
    /** Of each token that the master can hold: its id. */
    readonly ids: ReadonlyMap<string, number>
    /** Of each id: the nodes that have no other token. */
    readonly holders: readonly (readonly number[])[]
    /** What a word, and a sign, is worth at each node where it does not fit. */
    readonly asWord: Int8Array
    readonly asSign: Int8Array
    /** Of each id: the nodes that have it among their choices. */
    readonly choosers: ReadonlyMap<number, readonly number[]>
    /** The one node before; -2 where there are several. */
    readonly before: Int32Array
    readonly measure: Measure
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
    const held = nodes.map(({ text, choices }) =>
        text === null ? [...(choices?.keys() ?? [])].map(idOf) : [idOf(text)],
    )
    const measure = measureOf(
        nodes.map(({ before }) => before),
        held,
        worth,
    )
    return {
        nodes,
        ids,
        measure,
        holders,
        asWord: Int8Array.from(nodes, ({ text }) => (text === null || isWord(text) ? -renamedCost : -wrongCost)),
        asSign: new Int8Array(nodes.length).fill(-wrongCost),
        choosers,
        before: Int32Array.from(nodes, ({ before }) => (before.length === 1 ? (before[0] ?? -1) : -2)),
    }
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
    gains.set(isWord(token) ? table.asWord : table.asSign)
    const id = table.ids.get(token) ?? -1
    const worth = weight(token)
    for (const n of table.holders[id] ?? []) gains[n] = worth
    for (const n of table.choosers.get(id) ?? []) gains[n] = chosenGain
}

/** The best way through, empty where none scores enough. Takes nodes × leak steps and bytes. */
function bestWay(table: Table, leak: readonly string[]): Way {
    const width = table.nodes.length
    const moves = new Uint8Array(width * leak.length)
    const gains = new Int8Array(width)
    let above = new Int32Array(width + 1)
    let row = new Int32Array(width + 1)
    let best = { score: 0, at: -1, node: -1 }
    for (const [at, token] of leak.entries()) {
        fillGains(table, token, gains)
        const node = fillRow(table, { gains, above, row, moves: moves.subarray(at * width, (at + 1) * width) })
        const score = row[node + 1] ?? 0
        if (score > best.score) best = { score, at, node }
        ;[above, row] = [row, above]
    }
    return best.score < scoreMin ? [] : wayBack(table.nodes, leak, moves, best)
}

interface Rows {
    readonly gains: Int8Array
    /** Scores of the token before and of this one; place 0 is the beginning, place n + 1 node n. */
    readonly above: Int32Array
    readonly row: Int32Array
    readonly moves: Uint8Array
}

/** One token against every node. Returns the node where it scores best. */
function fillRow(table: Table, { gains, above, row, moves }: Rows): number {
    const { before } = table
    let [best, most, left] = [0, 0, 0]
    for (let n = 0; n < gains.length; n++) {
        const gain = gains[n] as number
        const only = before[n] as number
        let score = (above[n + 1] as number) - gapCost
        let move = overLeak
        if (only === -2) {
            const choices = table.nodes[n]?.before ?? []
            for (let k = 0; k < choices.length; k++) {
                const from = 1 + (choices[k] as number)
                const matched = (above[from] as number) + gain
                const skipped = (row[from] as number) - gapCost
                if (matched > score) [score, move] = [matched, 2 + 2 * k]
                if (skipped > score) [score, move] = [skipped, 3 + 2 * k]
            }
        } else {
            const matched = (above[only + 1] as number) + gain
            const skipped = (only === n - 1 ? left : (row[only + 1] as number)) - gapCost
            if (matched > score) {
                score = matched
                move = 2
            }
            if (skipped > score) {
                score = skipped
                move = 3
            }
        }
        left = score > 0 ? score : 0
        row[n + 1] = left
        moves[n] = left === 0 ? stop : move
        if (left > most) {
            most = left
            best = n
        }
    }
    return best
}

function wayBack(
    nodes: readonly Node[],
    leak: readonly string[],
    moves: Uint8Array,
    end: { at: number; node: number },
): Way {
    const way: Step[] = []
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
        way.push({ node, at: isMatched ? at : -1, token, exact: isMatched && isExact(here, token) })
        node = here.before[(move - 2) >> 1] ?? -1
        if (isMatched) at--
    }
    return way.reverse()
}

function isExact(node: Node, token: string): boolean {
    return node.choices === null ? node.text === token : node.choices.has(token)
}

/**
 * Finds the parts of a leak that can align with a master, in time that grows with the length of the leak only.
 *
 * Uses an upper bound of the alignment's score. A fitting token counts its highest value. Between two fitting tokens,
 * the cost is two for each foreign token and two for each skipped node. The bound never skips a part that the
 * alignment would find.
 */
export interface TokenMetric {
    /** The least number of nodes from the beginning to each node, by token id, upwards. */
    readonly levels: readonly Int32Array[]
    /** The maximum by which a node's level may exceed that of a later node. */
    readonly levelDropMax: number
    /** The most that a token can be worth, by id. */
    readonly worth: Int8Array
    /** How far two tokens are apart at least, for pairs that were asked for. */
    readonly distances: Map<number, number>
}

/** The costs of an alignment. */
export interface Costs {
    /** The cost of a skipped token of the leak, or of a skipped node. */
    readonly gap: number
    /** Alignments that score less do not count. */
    readonly scoreMin: number
}

type Stretch = readonly [from: number, to: number]

/** The number of tokens between two fitting ones that is checked exactly. Beyond it, the two count as neighbours. */
const acrossMax = 4
const roundsMax = 8

/**
 * Returns the parts that can align. `ids` are ids of the leak's tokens, −1 where the master has no such token.
 *
 * An optimal alignment loses by any cut at its ends. So it is inside the part where the bound is positive from both
 * sides.
 */
export function likelyStretches(metric: TokenMetric, ids: Int32Array, all: Stretch, costs: Costs): Stretch[] {
    const done: Stretch[] = []
    let open = scan(metric, ids, all, costs, false)
    for (let round = 1; open.length > 0; round++) {
        const next: Stretch[] = []
        for (const stretch of open) {
            const parts = scan(metric, ids, stretch, costs, round % 2 === 1)
            const isSame = parts.length === 1 && parts[0]?.[0] === stretch[0] && parts[0][1] === stretch[1]
            if (round >= roundsMax || (isSame && round > 1)) done.push(...parts)
            else next.push(...parts)
        }
        open = next
    }
    return done.toSorted((a, b) => a[0] - b[0])
}

/**
 * Returns the parts between the place where the bound begins, from one side, and the place where it reaches the
 * minimum.
 */
function scan(
    metric: TokenMetric,
    ids: Int32Array,
    [from, to]: Stretch,
    { gap, scoreMin }: Costs,
    isBackward: boolean,
): Stretch[] {
    const [first, step] = isBackward ? [to - 1, -1] : [from, 1]
    const found: { start: number; end: number }[] = []
    const [scores, origins] = [new Int32Array(to - from), new Int32Array(to - from)]
    let [far, farOrigin] = [0, 0]
    for (let i = 0; i < scores.length; i++) {
        const behind = i - 2 - acrossMax
        const joins = behind < 0 ? 0 : (scores[behind] ?? 0) - gap * (acrossMax + 1)
        farOrigin = Math.min(far > gap ? farOrigin : i, joins > 0 ? (origins[behind] ?? 0) : i)
        far = Math.max(0, far - gap, joins)
        const id = ids[first + i * step] ?? -1
        if (id < 0) continue
        let [before, origin] = [far, far > 0 ? farOrigin : i]
        for (let k = 0; k <= acrossMax && k < i; k++) {
            const [value, otherOrigin] = [(scores[i - 1 - k] ?? 0) - gap * k, origins[i - 1 - k] ?? 0]
            if (value <= 0 || (value <= before && otherOrigin >= origin)) continue
            const other = ids[first + (i - 1 - k) * step] ?? -1
            const distance = isBackward ? distanceMin(metric, id, other) : distanceMin(metric, other, id)
            const left = value - gap * Math.max(0, distance - 1 - k)
            if (left <= 0) continue
            before = Math.max(before, left)
            origin = Math.min(origin, otherOrigin)
        }
        scores[i] = before + (metric.worth[id] ?? 0)
        origins[i] = origin
        if ((scores[i] ?? 0) >= scoreMin) mergeStretch(found, origin, i + 1)
    }
    return found.map(({ start, end }) => (isBackward ? [to - end, to - start] : [from + start, from + end]))
}

/** Ends must come in ascending order. */
function mergeStretch(found: { start: number; end: number }[], start: number, end: number): void {
    let begin = start
    for (let last = found.at(-1); last !== undefined && last.end > begin; last = found.at(-1)) {
        begin = Math.min(begin, last.start)
        found.pop()
    }
    found.push({ start: begin, end })
}

/** How many steps it takes from a node with one token to a node with the other, at least. */
function distanceMin({ levels, levelDropMax, distances }: TokenMetric, a: number, b: number): number {
    const pair = a * levels.length + b
    const cached = distances.get(pair)
    if (cached !== undefined) return cached
    const [from, to] = [levels[a] ?? noLevels, levels[b] ?? noLevels]
    let distance = Infinity
    for (let i = 0, j = 0; i < from.length && distance > 1; i++) {
        while (j < to.length && (to[j] ?? 0) < (from[i] ?? 0) - levelDropMax) j++
        if (j === to.length) break
        distance = Math.min(distance, Math.max(1, (to[j] ?? 0) - (from[i] ?? 0)))
    }
    distances.set(pair, distance)
    return distance
}

const noLevels = new Int32Array(0)

/** `before` are the nodes that come before each, −1 being the beginning; `ids` what each may hold. */
export function metricOf(
    before: readonly (readonly number[])[],
    ids: readonly (readonly number[])[],
    worth: Int8Array,
): TokenMetric {
    const level = new Int32Array(before.length)
    let levelDropMax = 0
    for (const [n, entries] of before.entries()) {
        level[n] = 1 + Math.min(...entries.map((entry) => (entry < 0 ? 0 : (level[entry] ?? 0))))
        for (const entry of entries)
            levelDropMax = Math.max(levelDropMax, (entry < 0 ? 0 : (level[entry] ?? 0)) + 1 - (level[n] ?? 0))
    }
    const levels: number[][] = Array.from(worth, () => [])
    for (const [n, entries] of ids.entries()) for (const id of entries) levels[id]?.push(level[n] ?? 0)
    return {
        levels: levels.map((level) => Int32Array.from(level).toSorted()),
        levelDropMax,
        worth,
        distances: new Map(),
    }
}

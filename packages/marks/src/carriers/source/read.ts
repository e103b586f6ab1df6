/**
 * Reads the slots of leaked source code.
 *
 * The leak is aligned with the master's graph, and each place of a slot with recognised surroundings has a vote. The
 * reader needs no parser, knows no recipient and never guesses: an unclear slot is erased.
 */
import { leakCharsMax, readSlots, wordsOf } from "../../align.ts"
import { codeTokens } from "../../tokens.ts"
import type { Slot, Symbol } from "../carrier.ts"
import { type Step, type AlignmentPath, findPaths } from "./alignment.ts"
import { type Graph, type Site, graphOf } from "./graph.ts"
import { mostLikelyPath } from "./reordering.ts"

const nearbySteps = 8
const nearbyMin = 6
const nearbyShare = 0.6
const agreement = 0.75

/** Nodes × tokens beyond which the quicker reader of prose takes over, which sees less through edits. */
const workMax = 500_000_000

/** Returns one symbol for each slot, in order. Refuses `trace.too_long` where the leak is too long to read. */
export function readSource(master: string, slots: readonly Slot[], leak: string): Symbol[] {
    const graph = graphOf(master, slots)
    const leakWords = leak.length > leakCharsMax ? null : wordsOf(leak, codeTokens)
    if (leakWords === null || graph.nodes.length * leakWords.words.length > workMax) {
        // Moved text contains places of other slots, which that reader does not know.
        const unmoved = slots.filter(({ variants }) => variants.flat().every(({ from }) => from === undefined))
        const read = readSlots(master, unmoved, leak, codeTokens)
        return slots.map((slot) => read[unmoved.indexOf(slot)] ?? null)
    }
    const votes: (readonly number[])[][] = slots.map(() => [])
    for (const path of findPaths(graph, leakWords)) {
        for (const [slot, variants] of readPath(graph, path, { leak: leakWords.words, slots }))
            votes[slot]?.push(variants)
    }
    return votes.map((ballots, i) => decide(ballots, slots[i]?.variants.length ?? 0))
}

/** The votes of one way: of each site it passes in recognised surroundings, the variants that look like that. */
function readPath(
    graph: Graph,
    aligned: AlignmentPath,
    { leak, slots }: { leak: readonly string[]; slots: readonly Slot[] },
): [number, readonly number[]][] {
    const votes: [number, readonly number[]][] = []
    const path = aligned.map((step): ReadStep => ({ ...step, renamed: isRenamed(graph, step) }))
    const indexByNode = new Map(path.map((step, i) => [step.node, i]))
    const unclear = new Set<number>()
    for (const { slot, paths, branches, isMoved } of graph.sites) {
        if (!isMoved || paths === null) continue
        const branchRead = readOrder(graph, paths, path, leak)
        if (branchRead !== null) votes.push([slot, branches[branchRead] ?? []])
        else for (const node of paths.flat()) unclear.add(node)
    }
    // Where the position is unclear, only a name identifies itself.
    const isClear = (slot: number, nodes: readonly number[]): boolean =>
        slots[slot]?.kind === "local-name" || !nodes.some((node) => unclear.has(node))
    for (const { slot, paths, branches, isMoved } of graph.sites) {
        if (isMoved || paths === null || !isClear(slot, paths.flat())) continue
        const branchRead = readBranch(graph, paths, path, indexByNode)
        if (branchRead !== null) votes.push([slot, branches[branchRead] ?? []])
    }
    for (const [i, step] of path.entries()) {
        const site = singleSite(graph, step.node)
        if (site === null || !step.exact || !isKnownAround(path, i, i) || !isClear(site.slot, [step.node])) continue
        const branch = graph.nodes[step.node]?.choices?.get(step.token)
        if (branch !== undefined) votes.push([site.slot, site.branches[branch] ?? []])
    }
    return votes
}

interface ReadStep extends Step {
    /** Whether the leak has another word where a name may be any of several: what a renaming leaves. */
    readonly renamed: boolean
}

const word = /^[\p{L}_$][\p{L}\p{N}_$]*$/u

function isRenamed(graph: Graph, { node, at, exact, token }: Step): boolean {
    const choices = graph.nodes[node]?.choices ?? null
    if (exact || at < 0 || choices === null || !word.test(token)) return false
    return [...choices.keys()].every((choice) => word.test(choice))
}

function singleSite(graph: Graph, node: number): Site | null {
    const index = graph.nodes[node]?.site ?? null
    const site = index === null ? undefined : graph.sites[index]
    return site === undefined || site.paths !== null ? null : site
}

/** The branch that the way takes, token by token, joined without a gap to what is before and after; else null. */
function readBranch(
    graph: Graph,
    paths: readonly (readonly number[])[],
    steps: readonly ReadStep[],
    indexByNode: ReadonlyMap<number, number>,
): number | null {
    const taken = paths.findIndex((path) => path.length > 0 && path.every((node) => indexByNode.has(node)))
    if (taken >= 0) {
        const first = indexByNode.get(paths[taken]?.[0] ?? -1) ?? 0
        const last = first + (paths[taken]?.length ?? 1) - 1
        return isJoined(steps, first - 1, last + 1) && isKnownAround(steps, first, last) ? taken : null
    }
    const empty = paths.findIndex((path) => path.length === 0)
    const nodes = paths.flat()
    if (empty < 0 || nodes.some((node) => indexByNode.has(node))) return null
    const next = firstAfter(steps, Math.max(...nodes))
    // Past an empty branch the way comes to where the others lead; in another order of what is moved it comes
    // elsewhere.
    const before = graph.nodes[steps[next]?.node ?? -1]?.before ?? []
    const ends = paths.flatMap((path) => path.slice(-1))
    if (next <= 0 || ![steps[next - 1]?.node ?? -1, ...ends].every((node) => before.includes(node))) return null
    return isJoined(steps, next - 1, next) && isKnownAround(steps, next, next - 1) ? empty : null
}

/** Returns the order of moved pieces in the leak; null where it is unclear. */
function readOrder(
    graph: Graph,
    paths: readonly (readonly number[])[],
    path: readonly ReadStep[],
    leak: readonly string[],
): number | null {
    const range = stepsOfPaths(paths, path)
    if (range === null || !isKnownAround(path, range.first, range.last)) return null
    const [before, after] = [path[range.first - 1]?.at ?? 0, path[range.last + 1]?.at ?? 0]
    return mostLikelyPath(graph.nodes, paths, leak.slice(before + 1, after))
}

/** Returns the steps of a place with branches, where the path continues at both ends. */
function stepsOfPaths(
    paths: readonly (readonly number[])[],
    path: AlignmentPath,
): { first: number; last: number } | null {
    const lowest = Math.min(...paths.flat())
    const highest = Math.max(...paths.flat())
    const first = firstAfter(path, lowest - 1)
    const next = firstAfter(path, highest)
    const isWhole = first > 0 && next > first && (path[first - 1]?.at ?? -1) >= 0 && (path[next]?.at ?? -1) >= 0
    return isWhole ? { first, last: next - 1 } : null
}

/** The index of the first step beyond a node, by halving; the way goes upwards. */
function firstAfter(path: AlignmentPath, node: number): number {
    let low = 0
    let high = path.length
    while (low < high) {
        const middle = (low + high) >> 1
        if ((path[middle]?.node ?? 0) > node) high = middle
        else low = middle + 1
    }
    return low < path.length ? low : -1
}

/** Returns whether all steps between two are exact and adjacent. The two ends may be renamed. */
function isJoined(path: readonly ReadStep[], from: number, to: number): boolean {
    for (let i = from; i <= to; i++) {
        const step = path[i]
        if (step === undefined || !(step.exact || (step.renamed && (i === from || i === to)))) return false
        if (i > from && step.at !== (path[i - 1]?.at ?? -2) + 1) return false
    }
    return true
}

/** Returns whether most of the surroundings equal the master. Renamed tokens count neither way. */
function isKnownAround(path: readonly ReadStep[], first: number, last: number): boolean {
    const beside = [
        ...path.slice(Math.max(0, first - nearbySteps), first),
        ...path.slice(last + 1, last + 1 + nearbySteps),
    ]
    const around = beside.filter((step) => !step.renamed)
    const known = around.filter((step) => step.exact).length
    return known >= nearbyMin && known >= nearbyShare * around.length
}

/** The variant that the places agree on; null where several would do, "mixed" where they contradict each other. */
function decide(ballots: readonly (readonly number[])[], variants: number): Symbol {
    if (ballots.length === 0) return null
    const counts = Array.from({ length: variants }, () => 0)
    for (const ballot of ballots) for (const variant of ballot) counts[variant] = (counts[variant] ?? 0) + 1
    const most = Math.max(...counts)
    if (most < agreement * ballots.length) return "mixed"
    const winners = counts.flatMap((count, variant) => (count === most ? [variant] : []))
    return winners.length === 1 ? (winners[0] ?? null) : null
}

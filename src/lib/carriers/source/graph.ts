/**
 * The master as a graph of tokens: a chain that, at each slot, parts into one branch a variant and joins again.
 *
 * A place where every variant is one token is a single node that knows them all, so that 256 values cost no more
 * than one. Variants that look alike at one place share a branch; other places of the slot may tell them apart.
 */
import { codeTokens, insideWord } from "../../tokens.ts"
import type { Edit, Slot } from "../carrier.ts"

/** One place of one slot, and which variants each of its branches stands for. */
export interface Site {
    readonly slot: number
    /** Of each branch: the variants that look like this here. */
    readonly branches: readonly (readonly number[])[]
    /** The nodes of each branch; empty where the variant has nothing here. Null where one node holds all branches. */
    readonly paths: readonly (readonly number[])[] | null
}

export interface Node {
    /** The token that must stand here; null where `choices` says what may. */
    readonly text: string | null
    /** Which branch of the site each token stands for. */
    readonly choices: ReadonlyMap<string, number> | null
    /** The nodes that may come before; -1 is the beginning. All are lower than this node's own index. */
    readonly before: readonly number[]
    readonly site: number | null
}

export interface Graph {
    readonly nodes: readonly Node[]
    readonly sites: readonly Site[]
}

interface Region {
    start: number
    end: number
    slot: number
    mixed: boolean
}

/** The graph of a master with all that its slots may make of it. */
export function graphOf(master: string, slots: readonly Slot[]): Graph {
    const nodes: Node[] = []
    const sites: Site[] = []
    let ends: readonly number[] = [-1]
    const chain = (tokens: readonly string[], from: readonly number[], site: number | null): number[] => {
        let before = from
        return tokens.map((text) => {
            const node = nodes.push({ text, choices: null, before, site }) - 1
            before = [node]
            return node
        })
    }
    const fixed = (tokens: readonly string[]): void => {
        const last = chain(tokens, ends, null).at(-1)
        if (last !== undefined) ends = [last]
    }
    let at = 0
    for (const region of regionsOf(master, slots)) {
        fixed(codeTokens(master.slice(at, region.start)))
        at = region.end
        const branches = branchesOf(master, slots[region.slot], region)
        const site = sites.length
        const variants = branches.map((branch) => branch.variants)
        if (branches.length === 1 || region.mixed) {
            fixed(branches[0]?.tokens ?? [])
        } else if (branches.every((branch) => branch.tokens.length === 1)) {
            const choices = new Map(branches.map((branch, i) => [branch.tokens[0] ?? "", i]))
            ends = [nodes.push({ text: null, choices, before: ends, site }) - 1]
            sites.push({ slot: region.slot, branches: variants, paths: null })
        } else {
            const entry = ends
            const paths = branches.map(({ tokens }) => chain(tokens, entry, site))
            ends = [...new Set(paths.flatMap((path) => (path.length === 0 ? entry : path.slice(-1))))]
            sites.push({ slot: region.slot, branches: variants, paths })
        }
    }
    fixed(codeTokens(master.slice(at)))
    return { nodes, sites }
}

/** The stretches that slots may change, widened to whole words. Where two slots share a word, neither can be read. */
function regionsOf(master: string, slots: readonly Slot[]): Region[] {
    const spans = slots.flatMap(({ variants }, slot) =>
        joined(variants.flat()).map(({ start, end }): Region => {
            const isInside = (at: number): boolean =>
                at > 0 && at < master.length && insideWord(master.charAt(at - 1), master.charAt(at))
            let [from, to] = [start, end]
            while (isInside(from)) from--
            while (isInside(to)) to++
            return { start: from, end: to, slot, mixed: false }
        }),
    )
    const regions: Region[] = []
    for (const span of spans.toSorted((a, b) => a.start - b.start)) {
        const last = regions.at(-1)
        if (last !== undefined && span.start < last.end) {
            last.end = Math.max(last.end, span.end)
            if (last.slot !== span.slot) last.mixed = true
        } else regions.push(span)
    }
    return regions
}

function joined(edits: readonly Edit[]): { start: number; end: number }[] {
    const found: { start: number; end: number }[] = []
    for (const { start, end } of edits.toSorted((a, b) => a.start - b.start)) {
        const last = found.at(-1)
        if (last !== undefined && start < last.end) last.end = Math.max(last.end, end)
        else found.push({ start, end })
    }
    return found
}

/** What each variant makes of a region, in tokens; variants that look alike share a branch. */
function branchesOf(
    master: string,
    slot: Slot | undefined,
    region: Region,
): { tokens: readonly string[]; variants: number[] }[] {
    const branches = new Map<string, { tokens: readonly string[]; variants: number[] }>()
    for (const [variant, edits] of (slot?.variants ?? []).entries()) {
        const inside = edits.filter((edit) => edit.start >= region.start && edit.end <= region.end)
        let text = ""
        let at = region.start
        for (const edit of inside.toSorted((a, b) => a.start - b.start)) {
            text += master.slice(at, edit.start) + edit.text
            at = edit.end
        }
        const tokens = codeTokens(text + master.slice(at, region.end))
        const same = branches.get(tokens.join(" "))
        if (same === undefined) branches.set(tokens.join(" "), { tokens, variants: [variant] })
        else same.variants.push(variant)
    }
    return [...branches.values()]
}

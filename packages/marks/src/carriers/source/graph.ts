/**
 * The master as a graph of tokens: a chain that, at each slot, parts into one branch a variant and joins again.
 *
 * A place where every variant is one token is a single node that knows them all, so that 256 values cost no more
 * than one. Variants that look alike at one place share a branch; other places of the slot may tell them apart.
 */
import { codeTokens, insideWord } from "../../tokens.ts"
import type { Edit, Slot } from "../carrier.ts"

/** One place of one slot, with the variants of each branch. */
export interface Site {
    readonly slot: number
    /** By branch: the variants that look like this here. */
    readonly branches: readonly (readonly number[])[]
    /** The nodes of each branch; empty where the variant has nothing here. Null where one node holds all branches. */
    readonly paths: readonly (readonly number[])[] | null
    /** Whether the branches are the same pieces in other places, with places of other slots in them. */
    readonly isMoved: boolean
}

/** A node of the graph of all copies that a master can give. */
export interface Node {
    /** The required token; null where `choices` lists the allowed ones. */
    readonly text: string | null
    /** The branch of the site that each token means. */
    readonly choices: ReadonlyMap<string, number> | null
    /** The nodes that may come before; -1 is the beginning. All are lower than this node's own index. */
    readonly before: readonly number[]
    readonly site: number | null
}

/** All copies that a master can give: each path from the beginning to the end is one copy. */
export interface Graph {
    readonly nodes: readonly Node[]
    readonly sites: readonly Site[]
}

interface Region {
    start: number
    end: number
    slot: number
    isMoved: boolean
    mixed: boolean
}

type Span = Pick<Edit, "start" | "end">

/** Returns the graph of all copies of a master. */
export function graphOf(master: string, slots: readonly Slot[]): Graph {
    return new GraphBuilder(master, slots).build()
}

class GraphBuilder {
    readonly #master: string
    readonly #slots: readonly Slot[]
    readonly #nodes: Node[] = []
    readonly #sites: Site[] = []
    #ends: readonly number[] = [-1]

    constructor(master: string, slots: readonly Slot[]) {
        this.#master = master
        this.#slots = slots
    }

    build(): Graph {
        this.#stretch({ start: 0, end: this.#master.length }, regionsOf(this.#master, this.#slots))
        return { nodes: this.#nodes, sites: this.#sites }
    }

    /** A part of the master, with those of the regions that lie in it. */
    #stretch({ start, end }: Span, regions: readonly Region[]): void {
        let at = start
        for (const region of regions) {
            if (region.start < at || region.end > end) continue
            this.#fixed(this.#master.slice(at, region.start))
            at = region.end
            if (region.isMoved) this.#moved(region, regions)
            else this.#plain(region)
        }
        this.#fixed(this.#master.slice(at, end))
    }

    #chain(tokens: readonly string[], from: readonly number[], site: number | null): number[] {
        let before = from
        return tokens.map((text) => {
            const node = this.#nodes.push({ text, choices: null, before, site }) - 1
            before = [node]
            return node
        })
    }

    #fixed(text: string): void {
        const last = this.#chain(codeTokens(text), this.#ends, null).at(-1)
        if (last !== undefined) this.#ends = [last]
    }

    #plain(region: Region): void {
        const { slot } = region
        const branches = branchesOf(this.#master, this.#slots[slot], region)
        const site = this.#sites.length
        const variants = branches.map((branch) => branch.variants)
        if (branches.length === 1 || region.mixed) {
            const last = this.#chain(branches[0]?.tokens ?? [], this.#ends, null).at(-1)
            if (last !== undefined) this.#ends = [last]
        } else if (branches.every((branch) => branch.tokens.length === 1)) {
            const choices = new Map(branches.map((branch, i) => [branch.tokens[0] ?? "", i]))
            this.#ends = [this.#nodes.push({ text: null, choices, before: this.#ends, site }) - 1]
            this.#sites.push({ slot, branches: variants, paths: null, isMoved: false })
        } else {
            const entry = this.#ends
            const paths = branches.map(({ tokens }) => this.#chain(tokens, entry, site))
            this.#ends = [...new Set(paths.flatMap((path) => (path.length === 0 ? entry : path.slice(-1))))]
            this.#sites.push({ slot, branches: variants, paths, isMoved: false })
        }
    }

    /** Adds one branch for each variant. Each branch repeats the places of other slots. */
    #moved(region: Region, regions: readonly Region[]): void {
        const { slot } = region
        const variants = this.#slots[slot]?.variants ?? []
        const inner = regions.filter(
            (item) => item.slot !== slot && item.start >= region.start && item.end <= region.end,
        )
        const entry = this.#ends
        const ends = new Set<number>()
        const paths = variants.map((edits) => {
            const first = this.#nodes.length
            this.#ends = entry
            let at = region.start
            for (const edit of edits.toSorted((a, b) => a.start - b.start)) {
                this.#stretch({ start: at, end: edit.start }, inner)
                if (edit.from === undefined) this.#fixed(edit.text)
                else this.#stretch({ start: edit.from[0], end: edit.from[1] }, inner)
                at = edit.end
            }
            this.#stretch({ start: at, end: region.end }, inner)
            for (const end of this.#ends) ends.add(end)
            return Array.from({ length: this.#nodes.length - first }, (_, i) => first + i)
        })
        this.#ends = [...ends]
        this.#sites.push({ slot, branches: variants.map((_, i) => [i]), paths, isMoved: true })
    }
}

/**
 * The stretches that slots may change, widened to whole words, in the order of the text and those that hold others
 * first. Where two slots share a word, neither can be read.
 */
function regionsOf(master: string, slots: readonly Slot[]): Region[] {
    const moved = slots.flatMap(({ variants }, slot): Region[] => {
        const edits = variants.flat()
        if (edits.every(({ from }) => from === undefined)) return []
        const [start, end] = [Math.min(...edits.map((edit) => edit.start)), Math.max(...edits.map((edit) => edit.end))]
        return [{ ...widenToWords(master, { start, end }), slot, isMoved: true, mixed: false }]
    })
    const spans = slots.flatMap(({ variants }, slot): Region[] => {
        const edits = variants.flat()
        if (edits.some(({ from }) => from !== undefined)) return []
        return joinEdits(edits).map((span) => ({ ...widenToWords(master, span), slot, isMoved: false, mixed: false }))
    })
    const regions: Region[] = []
    for (const span of spans.toSorted((a, b) => a.start - b.start)) {
        const last = regions.at(-1)
        if (last !== undefined && span.start < last.end) {
            last.end = Math.max(last.end, span.end)
            if (last.slot !== span.slot) last.mixed = true
        } else regions.push(span)
    }
    return [...moved, ...regions].toSorted((a, b) => a.start - b.start || b.end - a.end)
}

function widenToWords(master: string, { start, end }: Span): Span {
    const isInside = (at: number): boolean =>
        at > 0 && at < master.length && insideWord(master.charAt(at - 1), master.charAt(at))
    let [from, to] = [start, end]
    while (isInside(from)) from--
    while (isInside(to)) to++
    return { start: from, end: to }
}

function joinEdits(edits: readonly Edit[]): { start: number; end: number }[] {
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
        const known = branches.get(tokens.join(" "))
        if (known === undefined) branches.set(tokens.join(" "), { tokens, variants: [variant] })
        else known.variants.push(variant)
    }
    return [...branches.values()]
}

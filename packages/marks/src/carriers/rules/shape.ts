/**
 * Rewrites leaked YAML or JSON in the shape of its master: keys in the master's order, no quotes, no escapes.
 *
 * This undoes programs that load and save, sort keys or convert the format. The order of lists stays that of the
 * leak.
 */
import type { Slot } from "../carrier.ts"
import { cacheForLongTexts } from "../../once.ts"
import { Refusal } from "@tocsin/base/refusal"
import { parseStrictJson } from "@tocsin/base/strict-json"
import { type YamlNode, readYaml } from "@tocsin/rules/strict-yaml"
import { codeTokens } from "../../tokens.ts"

/** A value of YAML or JSON, without the way it is written. */
export type Tree =
    | { readonly kind: "leaf"; readonly text: string }
    | { readonly kind: "list"; readonly items: readonly Tree[] }
    | { readonly kind: "map"; readonly entries: readonly Pair[] }
type Pair = readonly [key: string, value: Tree]

/** The way in which a value is written. */
export type Style = "yaml" | "json"

const fencesMax = 20
const closedMax = 20
/** Entries whose keys say nothing are compared with so many of the master's at most. */
const comparedMax = 64

/**
 * Returns the data in a leak in the master's shape; null where the leak has none. It has the limits of the readers of
 * both formats.
 */
export function reshapeLeak(leak: string, master: string, style: Style): string | null {
    const masters = treesOf(master)
    const found = treesIn(leak).find((trees) => trees.some((tree) => sharesKey(tree, masters)))
    if (found === undefined) return null
    return found.map((tree) => writeTree(reshape(tree, mostSimilar(tree, masters), style), style)).join("\n")
}

/** The JSON that a leak holds; undefined where it holds none that can be read strictly. */
export const jsonIn = cacheForLongTexts((leak): unknown => {
    for (const text of candidates(leak)) {
        if (!/^\s*[{[]/.test(text)) continue
        try {
            return parseStrictJson(text)
        } catch (fault) {
            if (!(fault instanceof Refusal)) throw fault
        }
    }
    return undefined
})

const treesIn = cacheForLongTexts((leak) => candidates(leak).map(treesOf))

/**
 * The text, what is quoted or fenced in it, and what looks like a rule or an object among other lines: the longest
 * first.
 */
function candidates(leak: string): string[] {
    const bare = withoutQuoteMarks(leak)
    const marked = leak.split("\n").filter((line) => /^[ \t]*>/.test(line))
    const fenced = bare.split(/^[ \t]*(?:```|~~~)[^\n]*$/m).filter((_, i) => i % 2 === 1)
    const parts = [
        withoutQuoteMarks(marked.join("\n")),
        ...fenced.slice(0, fencesMax),
        ...bracketedTexts(bare),
        ...ruleBlock(bare),
    ]
    return [bare, ...parts.toSorted((a, b) => b.length - a.length)]
}

/** Returns objects and lists one after another, so that a small one in front hides no other. */
function bracketedTexts(text: string): string[] {
    const found: string[] = []
    let from = 0
    while (found.length < closedMax) {
        const opens = text.slice(from).search(/[{[]\s*["{[]/)
        const closed = opens === -1 ? null : bracketedFrom(text, from + opens)
        if (closed === null) break
        found.push(closed)
        from += opens + closed.length
    }
    return found
}

/** Returns the text from a bracket to its closing bracket; null where there is none. */
function bracketedFrom(text: string, opens: number): string | null {
    let [depth, quoted] = [0, false]
    for (let at = opens; at < text.length; at++) {
        const char = text.charAt(at)
        if (quoted && char === "\\") at++
        else if (char === '"') quoted = !quoted
        else if (!quoted && (char === "{" || char === "[")) depth++
        else if (!quoted && (char === "}" || char === "]") && --depth === 0) return text.slice(opens, at + 1)
    }
    return null
}

/** Without marks of quotation, where lines have them. */
export function withoutQuoteMarks(leak: string): string {
    return leak.replaceAll(/^(?:[ \t]*>)+ ?/gm, "")
}

/** Returns the lines from the first that looks like a field of a rule to the last of its block. */
function ruleBlock(text: string): string[] {
    const lines = text.split("\n")
    const from = lines.findIndex((line) => /^[ \t]*(?:title|id|logsource|detection):/.test(line))
    if (from === -1) return []
    const length = lines.slice(from).findIndex((line) => !/^(?:\s|[-#]|[\w'"|.-]+:|$)/.test(line))
    return [lines.slice(from, length === -1 ? undefined : from + length).join("\n")]
}

function treesOf(text: string): Tree[] {
    try {
        return [treeOf(parseStrictJson(text))]
    } catch (fault) {
        if (!(fault instanceof Refusal)) throw fault
        return readYaml(text).documents.map(treeOfYaml)
    }
}

function treeOf(value: unknown): Tree {
    if (Array.isArray(value)) return { kind: "list", items: value.map(treeOf) }
    if (typeof value !== "object" || value === null) return { kind: "leaf", text: String(value) }
    return { kind: "map", entries: Object.entries(value).map(([key, item]) => [key, treeOf(item)] as const) }
}

function treeOfYaml(node: YamlNode): Tree {
    if (node.kind === "list") return { kind: "list", items: node.items.map(treeOfYaml) }
    if (node.kind === "map")
        return {
            kind: "map",
            entries: node.entries.map((yamlEntry) => [yamlEntry.key, treeOfYaml(yamlEntry.value)] as const),
        }
    return { kind: "leaf", text: typeof node.value === "string" ? node.value : node.source }
}

/** Whether a map has a key in common with one of the masters. */
function sharesKey(tree: Tree, masters: readonly Tree[]): boolean {
    if (tree.kind === "list") return tree.items.some((item) => item.kind === "map" && sharesKey(item, masters))
    if (tree.kind === "leaf") return false
    const keys = new Set(tree.entries.map(([key]) => key))
    return masters.some((tree) => tree.kind === "map" && tree.entries.some(([key]) => keys.has(key)))
}

/** Returns the master with the most words in common. */
function mostSimilar(tree: Tree, masters: readonly Tree[]): Tree | undefined {
    if (masters.length < 2) return masters[0]
    const words = wordsOf(tree)
    const common = (tree: Tree): number => [...wordsOf(tree)].filter((word) => words.has(word)).length
    return masters.map((tree) => ({ tree, common: common(tree) })).toSorted((a, b) => b.common - a.common)[0]?.tree
}

/**
 * Puts the entries of each map in the master's order, followed by entries that the master does not have. In JSON it
 * also orders list items that have an id, because their order is read in another way.
 */
function reshape(tree: Tree, master: Tree | undefined, style: Style): Tree {
    if (tree.kind === "leaf" || master === undefined || master.kind !== tree.kind) return tree
    if (tree.kind === "list") {
        const others = master.kind === "list" ? master.items : []
        const byId = new Map(others.flatMap((tree, i) => (idOf(tree) === null ? [] : [[idOf(tree), i] as const])))
        const placedItems = tree.items.map((item, i) => {
            const place = byId.get(idOf(item))
            return { place: place ?? others.length, item: reshape(item, others[place ?? i], style) }
        })
        const inOrder = style === "json" ? placedItems.toSorted((a, b) => a.place - b.place) : placedItems
        return { kind: "list", items: inOrder.map(({ item }) => item) }
    }
    const others = master.kind === "map" ? master.entries : []
    const places = placesIn(tree.entries, others)
    const entries = tree.entries.map(([key, value], i) => {
        const place = places[i] ?? others.length
        return { place, entry: [key, reshape(value, others[place]?.[1], style)] as const }
    })
    return { kind: "map", entries: entries.toSorted((a, b) => a.place - b.place).map(({ entry }) => entry) }
}

function idOf(tree: Tree): string | null {
    const found = tree.kind === "map" ? tree.entries.find(([key]) => key === "id") : undefined
    return found?.[1].kind === "leaf" ? found[1].text : null
}

/** Returns each entry's place in the master: by its key, its key without modifiers, or its words. */
function placesIn(entries: readonly Pair[], master: readonly Pair[]): (number | undefined)[] {
    const places: (number | undefined)[] = entries.map(() => undefined)
    const taken = new Set<number>()
    const take = (same: (entry: Pair, other: Pair) => boolean): void => {
        for (const [i, entry] of entries.entries()) {
            const at =
                places[i] === undefined ? master.findIndex((other, n) => !taken.has(n) && same(entry, other)) : -1
            if (at === -1) continue
            places[i] = at
            taken.add(at)
        }
    }
    take(([key], [other]) => key === other)
    take(([key], [other]) => baseOf(key) === baseOf(other))
    if (master.length <= comparedMax && entries.length <= comparedMax) {
        const words = new Map([...entries, ...master].map((entry) => [entry, wordsOf(entry[1])] as const))
        take((entry, other) => isSimilar(words.get(entry), words.get(other)))
    }
    return places
}

function baseOf(key: string): string {
    return key.split("|")[0] ?? key
}

/** Returns field names and values, including signs, because a value may be one sign. */
function wordsOf(tree: Tree): ReadonlySet<string> {
    if (tree.kind === "leaf") return new Set(codeTokens(tree.text.toLowerCase()))
    const inside = tree.kind === "list" ? tree.items : tree.entries.map(([, value]) => value)
    const fields = tree.kind === "list" ? [] : tree.entries.map(([key]) => baseOf(key))
    return new Set([...fields, ...inside.flatMap((tree) => [...wordsOf(tree)])])
}

function isSimilar(entry: ReadonlySet<string> = new Set(), other: ReadonlySet<string> = new Set()): boolean {
    const common = [...entry].filter((word) => other.has(word)).length
    return 2 * common > Math.max(entry.size, other.size)
}

/** Returns the tree as text in the master's format, with its words and signs. */
function writeTree(tree: Tree, style: Style): string {
    if (tree.kind === "leaf") return withoutQuotes(tree.text)
    if (tree.kind === "list") {
        const items = tree.items.map((item) => writeTree(item, style))
        return style === "json" ? `[ ${items.join(" ")} ]` : items.map((item) => `\n- ${item}`).join("")
    }
    const entries = tree.entries.map(([key, value]) => `${withoutQuotes(key)}: ${writeTree(value, style)}`)
    return style === "json" ? `{ ${entries.join(" ")} }` : entries.map((entry) => `\n${entry}`).join("")
}

function withoutQuotes(text: string): string {
    return text.replaceAll(/["']/g, " ")
}

/** Slots of a text that was flattened. */
export function flatSlots(slots: readonly Slot[], style: Style): Slot[] {
    return slots.map((slot) => ({
        ...slot,
        variants: slot.variants.map((edits) => edits.map((edit) => ({ ...edit, text: flatten(edit.text, style) }))),
    }))
}

/** Returns a text without quotes and escapes. Its length and offsets stay. */
export function flatten(text: string, style: Style): string {
    if (style === "json") return withoutEscapes(text)
    const parts: string[] = []
    let [from, opens] = [0, -1]
    for (let at = 0; at < text.length; at++) {
        const char = text.charAt(at)
        if (opens === -1 || char === "\n") {
            opens = char === '"' ? at : -1
        } else if (char === "\\") at++
        else if (char === '"') {
            parts.push(text.slice(from, opens), withoutEscapes(text.slice(opens, at + 1)))
            ;[from, opens] = [at + 1, -1]
        }
    }
    parts.push(text.slice(from))
    return withoutQuotes(parts.join("").replaceAll(flowList, dashedList))
}

/** A list in one line, as `[a, b]`; it is read as one with a dash before each item. */
const flowList = /(?<=:[ \t]+)\[[^[\]{}#\n]{0,4000}\](?=[ \t]*$)/gm

function dashedList(written: string): string {
    return written.replaceAll(/[[,]/g, "-").replace("]", " ")
}

function withoutEscapes(text: string): string {
    return text.replaceAll(/\\u[0-9a-fA-F]{4}|\\.|["']/gs, (written) => {
        const second = written.charAt(1)
        const char = second === "u" && written.length === 6 ? String.fromCharCode(parseInt(written.slice(2), 16)) : ""
        const unescapedChar = second === "\\" || second === "/" ? second : /["'\n]/.test(char) ? "" : char
        return unescapedChar.padEnd(written.length)
    })
}

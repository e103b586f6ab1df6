/**
 * Reads the slots of leaked JSON.
 *
 * If the leak can be parsed, order is read from its values, whatever the spaces and keys, and wording from its texts.
 * Otherwise the leak is aligned with the master as it is.
 */
import { assertReadable, readSlots } from "../../align.ts"
import { canonical } from "@tocsin/base/canonical"
import type { Slot, Symbol } from "../carrier.ts"
import { type JsonNode, jsonTree } from "./json-tree.ts"
import { dataReader, isSorted } from "./read.ts"
import { flatSlots, flatten, jsonIn, reshapeLeak } from "./shape.ts"

const readAligned = dataReader("json")

/** Returns one symbol for each slot, in order. Refuses `trace.too_long`. */
export function readJson(master: string, slots: readonly Slot[], leak: string): Symbol[] {
    assertReadable(leak.length)
    const value = jsonIn(leak)
    const shaped = value === undefined ? null : reshapeLeak(leak, master, "json")
    if (value === undefined || shaped === null) return readAligned(master, slots, leak)
    const wordingSlots = slots.filter(
        ({ robustness, kind }) => robustness === "wording" || robustness === "value" || kind === "style",
    )
    const symbols = readSlots(flatten(master, "json"), flatSlots(wordingSlots, "json"), shaped)
    const symbolBySlot = new Map(wordingSlots.map((slot, i) => [slot, symbols[i] ?? null]))
    const read = { lists: Map.groupBy(listsIn(value), ({ path }) => path), keys: keysIn(value) }
    const paths = pathsOf(master)
    return slots.map((slot) => {
        const symbol = symbolBySlot.get(slot)
        if (symbol !== undefined) return symbol
        const orders =
            slot.robustness === "fragile" ? read.keys : (read.lists.get(paths.get(startOf(slot)) ?? "") ?? [])
        return readOrder(master, slot, orders)
    })
}

/** A sequence whose order can hold a mark: the items of a list, each in canonical form, or the keys of an object. */
interface OrderedItems {
    /** The keys from the nearest object with an `id` down to this list, joined by `/`. */
    readonly path: string
    readonly items: readonly string[]
}

function listsIn(root: unknown): OrderedItems[] {
    const found: OrderedItems[] = []
    const enter = (value: unknown, path: string): void => {
        if (Array.isArray(value)) {
            found.push({ path, items: value.map((below) => canonical(below)) })
            for (const below of value) enter(below, path)
        } else if (typeof value === "object" && value !== null) {
            const below = "id" in value && typeof value.id === "string" ? value.id : path
            for (const [key, entry] of Object.entries(value)) enter(entry, `${below}/${key}`)
        }
    }
    enter(root, "")
    return found
}

function keysIn(root: unknown): OrderedItems[] {
    if (typeof root !== "object" || root === null) return []
    const ownKeys = Array.isArray(root) ? [] : [{ path: "", items: Object.keys(root) }]
    return [...ownKeys, ...Object.values(root).flatMap(keysIn)]
}

/** Returns, by the offset of each list item, the path of its list as `listsIn` writes it. */
function pathsOf(master: string): Map<number, string> {
    const paths = new Map<number, string>()
    const enter = (node: JsonNode, path: string): void => {
        if (node.kind === "list") {
            for (const item of node.items) {
                paths.set(item.start, path)
                enter(item, path)
            }
        }
        if (node.kind !== "map") return
        const id = node.entries.find(({ key }) => key === "id")?.value
        const written: unknown = id?.kind === "leaf" ? JSON.parse(master.slice(id.start, id.end)) : null
        const text = typeof written === "string" ? written : path
        for (const { key, value } of node.entries) enter(value, `${text}/${key}`)
    }
    enter(jsonTree(master), "")
    return paths
}

function startOf({ variants }: Slot): number {
    return Math.min(...variants.flat().map(({ start }) => start))
}

/** Returns the order of a slot's pieces on which all complete rows agree; null where there is none. */
function readOrder(master: string, slot: Slot, rows: readonly OrderedItems[]): Symbol {
    const { variants, robustness } = slot
    const isKeyOrder = robustness === "fragile"
    const places = [...new Map(variants.flat().map((edit) => [edit.start, edit])).values()].toSorted(
        (a, b) => a.start - b.start,
    )
    const orders = variants.map((edits) => {
        const texts = new Map(edits.map(({ start, text }) => [start, text]))
        const written = places.map(({ start, end }) => texts.get(start) ?? master.slice(start, end))
        return (isKeyOrder ? written.slice(0, 2) : written).map((text) =>
            isKeyOrder ? keyOf(text) : canonical(JSON.parse(text)),
        )
    })
    const pieces = new Set(orders[0])
    const variantsSeen = new Set<number>()
    for (const { items } of rows) {
        const order = items.filter((item) => pieces.has(item))
        if (order.length === pieces.size && new Set(order).size === order.length)
            variantsSeen.add(variantOf(orders, order))
    }
    const [variant = -1] = variantsSeen
    if (variantsSeen.size > 1) return "mixed"
    return variant === -1 || (isKeyOrder && isSorted(orders[variant] ?? [])) ? null : variant
}

function variantOf(orders: readonly (readonly string[])[], order: readonly string[]): number {
    return orders.findIndex((entry) => entry.every((item, i) => item === order[i]))
}

/** Returns the key of an entry `"key": value`. */
function keyOf(entry: string): string {
    return String(JSON.parse(/^"(?:[^"\\]|\\.)*"/.exec(entry)?.[0] ?? '""'))
}

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
import { flatSlots, flattened, jsonIn, reshaped } from "./shape.ts"

const aligned = dataReader("json")

/** One symbol a slot, in the order of the slots. Throws `trace.too_long`. */
export function readJson(master: string, slots: readonly Slot[], leak: string): Symbol[] {
    assertReadable(leak.length)
    const value = jsonIn(leak)
    const shaped = value === undefined ? null : reshaped(leak, master, "json")
    if (value === undefined || shaped === null) return aligned(master, slots, leak)
    const worded = slots.filter(
        ({ robustness, kind }) => robustness === "wording" || robustness === "value" || kind === "style",
    )
    const symbols = readSlots(flattened(master, "json"), flatSlots(worded, "json"), shaped)
    const words = new Map(worded.map((slot, i) => [slot, symbols[i] ?? null]))
    const read = { lists: Map.groupBy(listsIn(value), ({ way }) => way), keys: keysIn(value) }
    const ways = waysOf(master)
    return slots.map((slot) => {
        const word = words.get(slot)
        if (word !== undefined) return word
        const orders =
            slot.robustness === "tripwire" ? read.keys : (read.lists.get(ways.get(startOf(slot)) ?? "") ?? [])
        return readOrder(master, slot, orders)
    })
}

/** Things one after the other: the items of a list, each in canonical form, or the keys of an object. */
interface Row {
    /** The keys from the nearest id on. */
    readonly way: string
    readonly items: readonly string[]
}

function listsIn(root: unknown): Row[] {
    const found: Row[] = []
    const enter = (value: unknown, way: string): void => {
        if (Array.isArray(value)) {
            found.push({ way, items: value.map((item) => canonical(item)) })
            for (const item of value) enter(item, way)
        } else if (typeof value === "object" && value !== null) {
            const item = "id" in value && typeof value.id === "string" ? value.id : way
            for (const [key, entry] of Object.entries(value)) enter(entry, `${item}/${key}`)
        }
    }
    enter(root, "")
    return found
}

function keysIn(root: unknown): Row[] {
    if (typeof root !== "object" || root === null) return []
    const own = Array.isArray(root) ? [] : [{ way: "", items: Object.keys(root) }]
    return [...own, ...Object.values(root).flatMap(keysIn)]
}

/** Returns, by the offset of each list item, the path of its list as `listsIn` writes it. */
function waysOf(master: string): Map<number, string> {
    const ways = new Map<number, string>()
    const enter = (node: JsonNode, way: string): void => {
        if (node.kind === "list") {
            for (const item of node.items) {
                ways.set(item.start, way)
                enter(item, way)
            }
        }
        if (node.kind !== "map") return
        const id = node.entries.find(({ key }) => key === "id")?.value
        const written: unknown = id?.kind === "leaf" ? JSON.parse(master.slice(id.start, id.end)) : null
        const text = typeof written === "string" ? written : way
        for (const { key, value } of node.entries) enter(value, `${text}/${key}`)
    }
    enter(jsonTree(master), "")
    return ways
}

function startOf({ variants }: Slot): number {
    return Math.min(...variants.flat().map(({ start }) => start))
}

/** Returns the order of a slot's pieces on which all complete rows agree; null where there is none. */
function readOrder(master: string, slot: Slot, rows: readonly Row[]): Symbol {
    const { variants, robustness } = slot
    const keyed = robustness === "tripwire"
    const places = [...new Map(variants.flat().map((edit) => [edit.start, edit])).values()].toSorted(
        (a, b) => a.start - b.start,
    )
    const orders = variants.map((edits) => {
        const texts = new Map(edits.map(({ start, text }) => [start, text]))
        const written = places.map(({ start, end }) => texts.get(start) ?? master.slice(start, end))
        return (keyed ? written.slice(0, 2) : written).map((text) =>
            keyed ? keyOf(text) : canonical(JSON.parse(text)),
        )
    })
    const things = new Set(orders[0])
    const seen = new Set<number>()
    for (const { items } of rows) {
        const order = items.filter((item) => things.has(item))
        if (order.length === things.size && new Set(order).size === order.length) seen.add(variantOf(orders, order))
    }
    const [variant = -1] = seen
    if (seen.size > 1) return "mixed"
    return variant === -1 || (keyed && isSorted(orders[variant] ?? [])) ? null : variant
}

function variantOf(orders: readonly (readonly string[])[], order: readonly string[]): number {
    return orders.findIndex((entry) => entry.every((item, i) => item === order[i]))
}

/** Returns the key of an entry `"key": value`. */
function keyOf(entry: string): string {
    return String(JSON.parse(/^"(?:[^"\\]|\\.)*"/.exec(entry)?.[0] ?? '""'))
}

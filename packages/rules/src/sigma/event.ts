/** Reads log events. An event is a JSON object. A field is a key of it, or a dotted path through nested objects. */
import type { Steps } from "../linear-regex.ts"

/** A log event. */
export interface Event {
    readonly fields: Fields
    readonly steps: Steps
}

/** A log event: JSON that was read strictly. */
export type Fields = Readonly<Record<string, unknown>>

/**
 * Signals that it is unknown whether an event matches, for example because of a placeholder or of the time it takes.
 */
export class UndecidedMatch extends Error {}

/** A plain value. */
export type Leaf = string | number | boolean | null

const leavesMax = 10_000

/** Lists the values of a field, several if it is a list; null if the event has no such field. */
export function valuesOf(event: Event, field: string): readonly Leaf[] | null {
    const found = Object.hasOwn(event.fields, field) ? event.fields[field] : valueAt(event.fields, field.split("."))
    if (found === undefined) return null
    return (Array.isArray(found) ? found : [found]).filter(isLeaf)
}

function valueAt(fields: Fields, path: readonly string[]): unknown {
    let value: unknown = fields
    for (const key of path) {
        if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined
        value = (value as Fields)[key]
    }
    return value
}

/** Lists all plain values of an event, for keywords. */
export function leavesOf(event: Event): Leaf[] {
    const leaves: Leaf[] = []
    const stack: unknown[] = [event.fields]
    for (let item = stack.pop(); item !== undefined && leaves.length < leavesMax; item = stack.pop()) {
        if (isLeaf(item)) leaves.push(item)
        else if (typeof item === "object") stack.push(...(Object.values(item ?? {}) as unknown[]))
    }
    return leaves
}

function isLeaf(value: unknown): value is Leaf {
    return value === null || typeof value === "string" || typeof value === "number" || typeof value === "boolean"
}

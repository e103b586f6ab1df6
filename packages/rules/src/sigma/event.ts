/** A log event is a JSON object. A field is a key of it, or a way through nested objects, written with points. */
import type { Steps } from "../linear-regex.ts"

export interface Event {
    readonly fields: Fields
    readonly steps: Steps
}

export type Fields = Readonly<Record<string, unknown>>

/** It cannot be said here whether an event is hit: by a placeholder, say, or because it takes too long. */
export class Unevaluated extends Error {}

export type Leaf = string | number | boolean | null

const leavesMax = 10_000

/** The values of a field, several where it holds a list; null where the event has no such field. */
export function valuesOf(event: Event, field: string): readonly Leaf[] | null {
    const found = Object.hasOwn(event.fields, field) ? event.fields[field] : within(event.fields, field.split("."))
    if (found === undefined) return null
    return (Array.isArray(found) ? found : [found]).filter(isLeaf)
}

function within(fields: Fields, way: readonly string[]): unknown {
    let here: unknown = fields
    for (const key of way) {
        if (typeof here !== "object" || here === null || !Object.hasOwn(here, key)) return undefined
        here = (here as Fields)[key]
    }
    return here
}

/** Every plain value of an event, for keywords. */
export function leavesOf(event: Event): Leaf[] {
    const leaves: Leaf[] = []
    const waiting: unknown[] = [event.fields]
    for (let item = waiting.pop(); item !== undefined && leaves.length < leavesMax; item = waiting.pop()) {
        if (isLeaf(item)) leaves.push(item)
        else if (typeof item === "object") waiting.push(...(Object.values(item ?? {}) as unknown[]))
    }
    return leaves
}

function isLeaf(value: unknown): value is Leaf {
    return value === null || typeof value === "string" || typeof value === "number" || typeof value === "boolean"
}

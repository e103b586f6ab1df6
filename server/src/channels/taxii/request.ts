/** Parses and applies a client's filters and paging. Each parameter appears once at most. */
import type { IndexedList } from "../../share/feed/rows.ts"
import { Type } from "typebox"
import { refuse } from "@tocsin/base/refusal"
import { instantOf } from "@tocsin/formats/stix/object"

/** Microseconds since 1970. */
type Micros = number

const optionalText = Type.Optional(Type.String({ maxLength: 4000 }))
export const pagingQuery = { added_after: optionalText, limit: optionalText, next: optionalText }
export const versionQuery = { "match[version]": optionalText, "match[spec_version]": optionalText }
export const objectQuery = { ...pagingQuery, ...versionQuery }
export const fullQuery = { ...objectQuery, "match[id]": optionalText, "match[type]": optionalText }

export interface ObjectsQuery {
    readonly added_after?: string
    readonly limit?: string
    readonly next?: string
    readonly "match[id]"?: string
    readonly "match[type]"?: string
    readonly "match[version]"?: string
    readonly "match[spec_version]"?: string
}

const limitDefault = 100
const limitMax = 1000

/** Returns the page limit. A client's limit above ours is no error. */
export function limitOf({ limit }: ObjectsQuery): number {
    if (limit === undefined) return limitDefault
    const digits = /^0*([1-9]\d*)$/.exec(limit)?.[1]
    if (digits === undefined) refuse("invalid", "taxii.bad_limit", "`limit` must be a whole number from 1")
    return digits.length > 4 ? limitMax : Math.min(Number(digits), limitMax)
}

/** Returns the instant to begin after; -1 for the beginning. `next` wins, because clients send both. */
export function afterOf(request: ObjectsQuery, positionOf: (next: string) => Micros | null): Micros {
    if (request.next !== undefined) {
        return (
            positionOf(request.next) ??
            refuse("invalid", "taxii.bad_next", "unknown `next`: use the value of the last page")
        )
    }
    if (request.added_after === undefined) return -1
    return microsOf(sortableInstant(request.added_after))
}

/** Returns an instant with nine digits, so that texts sort as instants. */
function sortableInstant(instantText: string): string {
    const instant = instantOf(instantText)
    return instant ?? refuse("invalid", "taxii.bad_instant", "an instant must look like `2025-07-08T17:00:00Z`")
}

/** Rounds to microseconds, which is the precision of all stored instants. */
function microsOf(sortable: string): Micros {
    return Date.parse(`${sortable.slice(0, 19)}Z`) * 1000 + Number(sortable.slice(19, 25))
}

/** What filters compare. */
export interface ObjectFacts {
    readonly id: string
    readonly type: string
    /** Verbatim. */
    readonly version: string
    readonly specVersion: string
}

const listMax = 100

/**
 * Builds the filter: values of one filter combine by OR, filters by AND. Without `match[version]`, the latest version
 * of each object matches. `listed` is the whole list.
 */
export function matcherOf(
    request: ObjectsQuery,
    listed: IndexedList<{ readonly item: ObjectFacts }>,
): (object: ObjectFacts) => boolean {
    const [ids, types] = [listOf(request["match[id]"]), listOf(request["match[type]"])]
    const specs = listOf(request["match[spec_version]"])
    const unknown = specs?.find((spec) => !/^2\.\d$/.test(spec))
    if (unknown !== undefined) refuse("invalid", "taxii.bad_match", "a `spec_version` must look like `2.1`")
    const isVersion = versionFilterOf(listOf(request["match[version]"]) ?? ["last"], listed)
    return (object) =>
        (ids?.includes(object.id) ?? true) &&
        (types?.includes(object.type) ?? true) &&
        (specs?.includes(object.specVersion) ?? true) &&
        isVersion(object)
}

function listOf(parameter: string | undefined): string[] | null {
    if (parameter === undefined) return null
    const list = parameter.split(",")
    if (!(list.length <= listMax && list.every((item) => item !== ""))) {
        refuse("invalid", "taxii.bad_match", `a filter must list 1 to ${listMax} values`)
    }
    return list
}

const versionKeywords = ["last", "first", "all"]

function versionFilterOf(
    versions: readonly string[],
    listed: IndexedList<{ readonly item: ObjectFacts }>,
): (object: ObjectFacts) => boolean {
    const instants = new Set(versions.filter((version) => !versionKeywords.includes(version)).map(sortableInstant))
    if (versions.includes("all")) return () => true
    const { replaced, later } = endsOf(listed)
    // Most objects have one version.
    if (versions.includes("last") && replaced.size === 0) return () => true
    return (object) =>
        (versions.includes("last") && !replaced.has(object)) ||
        (versions.includes("first") && !later.has(object)) ||
        (instants.size > 0 && instants.has(sortable(object.version)))
}

/** Of objects with several versions, those that are not the last and those that are not the first. */
interface VersionEnds {
    readonly replaced: ReadonlySet<ObjectFacts>
    readonly later: ReadonlySet<ObjectFacts>
}

const endsByList = new WeakMap<IndexedList<object>, VersionEnds>()

/** Computes the ends once per cached list. */
function endsOf(listed: IndexedList<{ readonly item: ObjectFacts }>): VersionEnds {
    const cached = endsByList.get(listed)
    if (cached !== undefined) return cached
    const instants = new Map<string, { first: string; last: string }>()
    const dated = Array.from(listed, ({ item: object }) => ({ item: object, at: sortable(object.version) }))
    for (const { item: object, at } of dated) {
        const instant = instants.get(object.id)
        if (instant === undefined) instants.set(object.id, { first: at, last: at })
        else if (at < instant.first) instant.first = at
        else if (at > instant.last) instant.last = at
    }
    const exceptEnd = (end: "first" | "last") =>
        new Set(dated.flatMap(({ item: object, at }) => (instants.get(object.id)?.[end] === at ? [] : object)))
    const ends = { replaced: exceptEnd("last"), later: exceptEnd("first") }
    endsByList.set(listed, ends)
    return ends
}

const sortable = (version: string): string => instantOf(version) ?? version

/** Largest page, in bytes or characters as its objects are counted. A client's `limit` is a maximum, not a promise. */
const pageSizeMax = 1_000_000

interface Paging<Item> {
    readonly from: number
    readonly limit: number
    readonly matches: (item: Item) => boolean
    readonly sizeOf: (item: Item) => number
}

/** Selects matching objects from a position on, as many as fit, at least one. `more`: whether another one follows. */
export function pageOf<Item>(
    listed: IndexedList<Item>,
    { from, limit, matches, sizeOf }: Paging<Item>,
): { readonly items: Item[]; readonly more: boolean } {
    const items: Item[] = []
    let size = 0
    for (let at = from; at < listed.length; at++) {
        const item = listed.at(at)
        if (item === undefined || !matches(item)) continue
        size += sizeOf(item)
        if (items.length >= limit || (items.length > 0 && size > pageSizeMax)) return { items, more: true }
        items.push(item)
    }
    return { items, more: false }
}

/** Finds the first object after an instant by binary search, in order of arrival. */
export function firstAfter(listed: IndexedList<{ readonly added: Micros }>, after: Micros): number {
    let [low, high] = [0, listed.length]
    while (low < high) {
        const middle = (low + high) >>> 1
        if ((listed.at(middle)?.added ?? after) > after) high = middle
        else low = middle + 1
    }
    return low
}

/** Parses and applies a client's filters and paging. Each parameter appears once at most. */
import type { Listed } from "../../share/feed/rows.ts"
import { Type } from "typebox"
import { refuse } from "@tocsin/base/refusal"
import { instantOf } from "@tocsin/formats/stix/object"

/** Microseconds since 1970. */
type Micros = number

const text = Type.Optional(Type.String({ maxLength: 4000 }))
export const pagingQuery = { added_after: text, limit: text, next: text }
export const versionQuery = { "match[version]": text, "match[spec_version]": text }
export const objectQuery = { ...pagingQuery, ...versionQuery }
export const fullQuery = { ...objectQuery, "match[id]": text, "match[type]": text }

export interface Asked {
    readonly added_after?: string
    readonly limit?: string
    readonly next?: string
    readonly "match[id]"?: string
    readonly "match[type]"?: string
    readonly "match[version]"?: string
    readonly "match[spec_version]"?: string
}

const limitDefault = 100
const limitMost = 1000

/** Returns the page limit. A client's limit above ours is no error. */
export function limitOf({ limit }: Asked): number {
    if (limit === undefined) return limitDefault
    const digits = /^0*([1-9]\d*)$/.exec(limit)?.[1]
    if (digits === undefined) refuse("invalid", "taxii.bad_limit", "`limit` must be a whole number from 1")
    return digits.length > 4 ? limitMost : Math.min(Number(digits), limitMost)
}

/** Returns the instant to begin after; -1 for the beginning. `next` wins, because clients send both. */
export function afterOf(request: Asked, positionOf: (next: string) => Micros | null): Micros {
    if (request.next !== undefined) {
        return (
            positionOf(request.next) ??
            refuse("invalid", "taxii.bad_next", "unknown `next`: use the value of the last page")
        )
    }
    if (request.added_after === undefined) return -1
    return microsOf(validateInstant(request.added_after))
}

/** As `instantOf` writes it, with nine digits. */
function validateInstant(written: string): string {
    const found = instantOf(written)
    return found ?? refuse("invalid", "taxii.bad_instant", "an instant must look like `2025-07-08T17:00:00Z`")
}

/** Rounds to microseconds, which is the precision of all stored instants. */
function microsOf(sortable: string): Micros {
    return Date.parse(`${sortable.slice(0, 19)}Z`) * 1000 + Number(sortable.slice(19, 25))
}

/** What filters compare. */
export interface Matched {
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
export function matcherOf(request: Asked, listed: Listed<{ readonly of: Matched }>): (matched: Matched) => boolean {
    const [ids, types] = [listOf(request["match[id]"]), listOf(request["match[type]"])]
    const specs = listOf(request["match[spec_version]"])
    const unknown = specs?.find((spec) => !/^2\.\d$/.test(spec))
    if (unknown !== undefined) refuse("invalid", "taxii.bad_match", "a `spec_version` must look like `2.1`")
    const isVersion = versionsOf(listOf(request["match[version]"]) ?? ["last"], listed)
    return (matched) =>
        (ids?.includes(matched.id) ?? true) &&
        (types?.includes(matched.type) ?? true) &&
        (specs?.includes(matched.specVersion) ?? true) &&
        isVersion(matched)
}

function listOf(written: string | undefined): string[] | null {
    if (written === undefined) return null
    const list = written.split(",")
    if (!(list.length <= listMax && list.every((item) => item !== ""))) {
        refuse("invalid", "taxii.bad_match", `a filter must list 1 to ${listMax} values`)
    }
    return list
}

const words = ["last", "first", "all"]

function versionsOf(
    requests: readonly string[],
    listed: Listed<{ readonly of: Matched }>,
): (matched: Matched) => boolean {
    const instants = new Set(requests.filter((request) => !words.includes(request)).map(validateInstant))
    if (requests.includes("all")) return () => true
    const { replaced, later } = endsOf(listed)
    // Most objects have one version.
    if (requests.includes("last") && replaced.size === 0) return () => true
    return (matched) =>
        (requests.includes("last") && !replaced.has(matched)) ||
        (requests.includes("first") && !later.has(matched)) ||
        (instants.size > 0 && instants.has(sortable(matched.version)))
}

/** Of objects with several versions, those that are not the last and those that are not the first. */
interface Ends {
    readonly replaced: ReadonlySet<Matched>
    readonly later: ReadonlySet<Matched>
}

const endsKnown = new WeakMap<Listed<object>, Ends>()

/** Computes the ends once per cached list. */
function endsOf(listed: Listed<{ readonly of: Matched }>): Ends {
    const known = endsKnown.get(listed)
    if (known !== undefined) return known
    const instants = new Map<string, { first: string; last: string }>()
    const dated = Array.from(listed, ({ of: matched }) => ({ of: matched, at: sortable(matched.version) }))
    for (const { of: matched, at } of dated) {
        const instant = instants.get(matched.id)
        if (instant === undefined) instants.set(matched.id, { first: at, last: at })
        else if (at < instant.first) instant.first = at
        else if (at > instant.last) instant.last = at
    }
    const exclude = (end: "first" | "last") =>
        new Set(dated.flatMap(({ of: matched, at }) => (instants.get(matched.id)?.[end] === at ? [] : matched)))
    const ends = { replaced: exclude("last"), later: exclude("first") }
    endsKnown.set(listed, ends)
    return ends
}

const sortable = (version: string): string => instantOf(version) ?? version

/** Largest page, in bytes or characters as its objects are counted. A client's `limit` is a maximum, not a promise. */
const pageSizeMax = 1_000_000

interface Paging<Of> {
    readonly from: number
    readonly limit: number
    readonly fits: (item: Of) => boolean
    readonly sizeOf: (item: Of) => number
}

/**
 * Selects matching objects from a position on, as many as fit, one at least. `more` says whether another one follows.
 */
export function pageOf<Of>(
    listed: Listed<Of>,
    { from, limit, fits, sizeOf }: Paging<Of>,
): { readonly items: Of[]; readonly more: boolean } {
    const items: Of[] = []
    let size = 0
    for (let at = from; at < listed.length; at++) {
        const item = listed.at(at)
        if (item === undefined || !fits(item)) continue
        size += sizeOf(item)
        if (items.length >= limit || (items.length > 0 && size > pageSizeMax)) return { items, more: true }
        items.push(item)
    }
    return { items, more: false }
}

/** Finds the first object after an instant by binary search, in order of arrival. */
export function firstAfter(listed: Listed<{ readonly added: Micros }>, after: Micros): number {
    let [low, high] = [0, listed.length]
    while (low < high) {
        const middle = (low + high) >>> 1
        if ((listed.at(middle)?.added ?? after) > after) high = middle
        else low = middle + 1
    }
    return low
}

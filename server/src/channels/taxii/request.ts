/** What a client asks for: filters and paging, each said once at most, read strictly and applied to what is there. */
import type { Listed } from "../../share/delivery/feed/actions/rows.ts"
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

/** What a client says is the most; what it says of more than we give is no mistake of its. */
export function limitOf({ limit }: Asked): number {
    if (limit === undefined) return limitDefault
    const digits = /^0*([1-9]\d*)$/.exec(limit)?.[1]
    if (digits === undefined) refuse("invalid", "taxii.bad_limit", "`limit` is a whole number from 1 on")
    return digits.length > 4 ? limitMost : Math.min(Number(digits), limitMost)
}

/** After which instant to begin; -1 from the first on. `next` counts where both are said: clients send both. */
export function afterOf(request: Asked, positionOf: (next: string) => Micros | null): Micros {
    if (request.next !== undefined) {
        return positionOf(request.next) ?? refuse("invalid", "taxii.bad_next", "`next` is none that was given to you")
    }
    if (request.added_after === undefined) return -1
    return microsOf(validateInstant(request.added_after))
}

/** As `instantOf` writes it: to nine digits. */
function validateInstant(written: string): string {
    const found = instantOf(written)
    return found ?? refuse("invalid", "taxii.bad_instant", "an instant is written like `2025-07-08T17:00:00Z`")
}

/** Down to the microsecond: what is given out has no more digits, and so is after it or is not. */
function microsOf(sortable: string): Micros {
    return Date.parse(`${sortable.slice(0, 19)}Z`) * 1000 + Number(sortable.slice(19, 25))
}

/** What filters ask of an object. */
export interface Matched {
    readonly id: string
    readonly type: string
    /** Verbatim. */
    readonly version: string
    readonly specVersion: string
}

const listMax = 100

/** OR inside of a filter, AND between them. Without `match[version]`, the latest of each. It is asked about what stands in `all`. */
export function matcherOf(request: Asked, listed: Listed<{ readonly of: Matched }>): (matched: Matched) => boolean {
    const [ids, types] = [listOf(request["match[id]"]), listOf(request["match[type]"])]
    const specs = listOf(request["match[spec_version]"])
    const unknown = specs?.find((spec) => !/^2\.\d$/.test(spec))
    if (unknown !== undefined) refuse("invalid", "taxii.bad_match", "a `spec_version` is written like `2.1`")
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
        refuse("invalid", "taxii.bad_match", `a filter lists 1 to ${listMax} values`)
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
    // Of most things there is one version.
    if (requests.includes("last") && replaced.size === 0) return () => true
    return (matched) =>
        (requests.includes("last") && !replaced.has(matched)) ||
        (requests.includes("first") && !later.has(matched)) ||
        (instants.size > 0 && instants.has(sortable(matched.version)))
}

/** Of what has several versions: those that are not the last, and those that are not the first. */
interface Ends {
    readonly replaced: ReadonlySet<Matched>
    readonly later: ReadonlySet<Matched>
}

const endsKnown = new WeakMap<Listed<object>, Ends>()

/** Found once of what is kept. */
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

/** No page is larger, in bytes or characters as its objects are counted: a client's `limit` is the most, not a promise. */
const pageSizeMax = 1_000_000

interface Paging<Of> {
    readonly from: number
    readonly limit: number
    readonly fits: (item: Of) => boolean
    readonly sizeOf: (item: Of) => number
}

/** Of those that stand from there on and fit, as many as have room, one at least; `more`: another one stands behind them. */
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

/** Where what came after an instant begins, in what stands in the order in which it came. */
export function firstAfter(listed: Listed<{ readonly added: Micros }>, after: Micros): number {
    let [low, high] = [0, listed.length]
    while (low < high) {
        const middle = (low + high) >>> 1
        if ((listed.at(middle)?.added ?? after) > after) high = middle
        else low = middle + 1
    }
    return low
}

/** What a client asks for: filters and paging, each said once at most, read strictly and applied to what is there. */
import type { Listed } from "../../share/delivery/actions/rows.ts"
import { Type } from "typebox"
import { refuse } from "../../lib/refusal.ts"
import { instantOf } from "../../lib/stix/object.ts"

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
export function afterOf(asked: Asked, positionOf: (next: string) => Micros | null): Micros {
    if (asked.next !== undefined) {
        return positionOf(asked.next) ?? refuse("invalid", "taxii.bad_next", "`next` is none that was given to you")
    }
    if (asked.added_after === undefined) return -1
    return microsOf(mustBeInstant(asked.added_after))
}

/** As `instantOf` writes it: to nine digits. */
function mustBeInstant(written: string): string {
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
export function matcherOf(asked: Asked, all: Listed<{ readonly of: Matched }>): (one: Matched) => boolean {
    const [ids, types] = [listOf(asked["match[id]"]), listOf(asked["match[type]"])]
    const specs = listOf(asked["match[spec_version]"])
    const unknown = specs?.find((one) => !/^2\.\d$/.test(one))
    if (unknown !== undefined) refuse("invalid", "taxii.bad_match", "a `spec_version` is written like `2.1`")
    const isVersion = versionsOf(listOf(asked["match[version]"]) ?? ["last"], all)
    return (one) =>
        (ids?.includes(one.id) ?? true) &&
        (types?.includes(one.type) ?? true) &&
        (specs?.includes(one.specVersion) ?? true) &&
        isVersion(one)
}

function listOf(written: string | undefined): string[] | null {
    if (written === undefined) return null
    const list = written.split(",")
    if (!(list.length <= listMax && list.every((one) => one !== ""))) {
        refuse("invalid", "taxii.bad_match", `a filter lists 1 to ${listMax} values`)
    }
    return list
}

const words = ["last", "first", "all"]

function versionsOf(asked: readonly string[], all: Listed<{ readonly of: Matched }>): (one: Matched) => boolean {
    const instants = new Set(asked.filter((one) => !words.includes(one)).map(mustBeInstant))
    if (asked.includes("all")) return () => true
    const { replaced, later } = endsOf(all)
    // Of most things there is one version.
    if (asked.includes("last") && replaced.size === 0) return () => true
    return (one) =>
        (asked.includes("last") && !replaced.has(one)) ||
        (asked.includes("first") && !later.has(one)) ||
        (instants.size > 0 && instants.has(sortable(one.version)))
}

/** Of what has several versions: those that are not the last, and those that are not the first. */
interface Ends {
    readonly replaced: ReadonlySet<Matched>
    readonly later: ReadonlySet<Matched>
}

const endsKnown = new WeakMap<Listed<object>, Ends>()

/** Found once of what is kept. */
function endsOf(all: Listed<{ readonly of: Matched }>): Ends {
    const known = endsKnown.get(all)
    if (known !== undefined) return known
    const instants = new Map<string, { first: string; last: string }>()
    const dated = Array.from(all, ({ of }) => ({ of, at: sortable(of.version) }))
    for (const { of, at } of dated) {
        const its = instants.get(of.id)
        if (its === undefined) instants.set(of.id, { first: at, last: at })
        else if (at < its.first) its.first = at
        else if (at > its.last) its.last = at
    }
    const not = (end: "first" | "last") =>
        new Set(dated.flatMap(({ of, at }) => (instants.get(of.id)?.[end] === at ? [] : of)))
    const ends = { replaced: not("last"), later: not("first") }
    endsKnown.set(all, ends)
    return ends
}

const sortable = (version: string): string => instantOf(version) ?? version

/** No page is larger, in bytes or characters as its objects are counted: a client's `limit` is the most, not a promise. */
const pageSizeMax = 1_000_000

interface Paging<Of> {
    readonly from: number
    readonly limit: number
    readonly fits: (one: Of) => boolean
    readonly sizeOf: (one: Of) => number
}

/** Of those that stand from there on and fit, as many as have room, one at least; `more`: another one stands behind them. */
export function pageOf<Of>(
    all: Listed<Of>,
    { from, limit, fits, sizeOf }: Paging<Of>,
): { readonly items: Of[]; readonly more: boolean } {
    const items: Of[] = []
    let size = 0
    for (let at = from; at < all.length; at++) {
        const one = all.at(at)
        if (one === undefined || !fits(one)) continue
        size += sizeOf(one)
        if (items.length >= limit || (items.length > 0 && size > pageSizeMax)) return { items, more: true }
        items.push(one)
    }
    return { items, more: false }
}

/** Where what came after an instant begins, in what stands in the order in which it came. */
export function firstAfter(all: Listed<{ readonly added: Micros }>, after: Micros): number {
    let [low, high] = [0, all.length]
    while (low < high) {
        const middle = (low + high) >>> 1
        if ((all.at(middle)?.added ?? after) > after) high = middle
        else low = middle + 1
    }
    return low
}

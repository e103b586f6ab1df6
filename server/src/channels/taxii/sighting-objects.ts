/**
 * What a client posts of sightings, read: an envelope of STIX objects, in it sightings of what a warning shows, and what
 * they carry. Everything in it is another machine's; its size is bounded before it comes here.
 */
import { type Instant, parseInstant } from "@tocsin/base/instant"
import { refuse } from "@tocsin/base/refusal"
import { start } from "@tocsin/base/issue"
import { ObjectCheck, type StixObject, instantOf } from "@tocsin/formats/stix/object"
import { versionOf } from "@tocsin/formats/stix/render"
import { observables } from "@tocsin/formats/stix/types"
import { type Report, objectCharsMax, productMax } from "../../trace/sightings/sighting.ts"

export interface Sent {
    readonly id: string
    readonly type: string
    /** Verbatim. */
    readonly version: string
    readonly object: StixObject
    readonly text: string
    /** Ids of what it refers to, but for what it is a sighting of. */
    readonly refersTo: readonly string[]
    /** Why it is not taken; null where nothing speaks against it by itself. */
    readonly fault: string | null
}

const objectsMax = 1000
const idMax = 300
const taken = ["sighting", "observed-data", "indicator", "identity", "location", "marking-definition"]

/**
 * The objects of an envelope, whatever else stands beside them. Refuses `taxii.bad_envelope`, where there is none, or
 * something in it is no object.
 */
export function sentIn(body: unknown): Sent[] {
    const { objects, type } = isObject(body) ? body : {}
    if (!Array.isArray(objects) || objects.length === 0 || type === "bundle") {
        refuse("unprocessable", "taxii.bad_envelope", "send an envelope: `objects`, a list, and no bundle around it")
    }
    if (!(objects.length <= objectsMax)) {
        refuse("unprocessable", "taxii.bad_envelope", `an envelope has \`${objectsMax}\` objects at most`)
    }
    return objects.map(sentOf)
}

function sentOf(object: unknown): Sent {
    if (!isObject(object)) refuse("unprocessable", "taxii.bad_envelope", "each of the `objects` is an object")
    const { type } = object
    // The check finds fault with what is no id; so much of it names the failure.
    const id = typeof object["id"] === "string" ? object["id"].slice(0, idMax) : ""
    const check = new ObjectCheck(object, () => start)
    check.run()
    const [version, text] = [versionOf(object), JSON.stringify(object)]
    const isDated = instantOf(version) !== null
    const isTaken = typeof type === "string" && (taken.includes(type) || observables.has(type))
    const error = check.findings.find(({ severity }) => severity === "error")
    const faults = [
        isTaken ? null : "this collection takes sightings and what they carry: no object of this type",
        error?.message ?? null,
        isDated ? null : "`modified` is no instant",
        text.length <= objectCharsMax ? null : `an object has \`${objectCharsMax}\` characters at most`,
    ]
    const refersTo = check.references.filter(({ way }) => way[0] !== "sighting_of_ref").map(({ to }) => to)
    return {
        id,
        type: typeof type === "string" ? type : "",
        object,
        text,
        refersTo,
        version: isDated ? version : versionOf({}),
        fault: faults.find((fault) => fault !== null) ?? null,
    }
}

/** What a sighting carries of an envelope, by its ids: what it refers to, what that refers to, and so on. */
export function carriedBy(sighting: Sent, byId: ReadonlyMap<string, Sent>): Set<string> {
    const found = new Set<string>()
    const open = [...sighting.refersTo]
    for (let id = open.pop(); id !== undefined; id = open.pop()) {
        const sent = byId.get(id)
        if (sent === undefined || sent.type === "sighting" || found.has(id)) continue
        found.add(id)
        open.push(...sent.refersTo)
    }
    return found
}

/** A `count` of 0 is a zero report. Refuses `taxii.period_missing`. */
export function reportOf({ object }: Sent, carried: readonly Sent[]): Report {
    const note = object["description"]
    const isZero = object["count"] === 0
    return {
        ...(isZero ? spanOf(object) : { seenAt: seenAt(object, carried), lookedSince: null }),
        clock: "unknown",
        product: productOf(carried),
        indicators: [...new Set(carried.flatMap(indicatorsIn))],
        confidence: typeof object["confidence"] === "number" ? object["confidence"] : null,
        note: typeof note === "string" ? note : "",
    }
}

/** The first instant that is told. */
function seenAt(sighting: StixObject, carried: readonly Sent[]): Instant {
    const observed = carried.map(({ object }) => object["first_observed"]).filter((item) => typeof item === "string")
    const notified = [sighting["first_seen"], sighting["last_seen"], observed.toSorted()[0], sighting["created"]]
    return parseInstant(notified.find((item) => typeof item === "string") ?? "")
}

/** Looked at from the first instant that is told until the last, or until it was written down. */
function spanOf({ first_seen: since, last_seen: until, created }: StixObject) {
    if (typeof since !== "string") {
        refuse(
            "invalid",
            "taxii.period_missing",
            "a `count` of 0 says that nothing was seen: `first_seen` says since when you looked",
        )
    }
    return { seenAt: parseInstant(String(until ?? created)), lookedSince: parseInstant(since) }
}

function productOf(carried: readonly Sent[]): string {
    const { name, version } = carried.find(({ type }) => type === "software")?.object ?? {}
    const words = [name, version].filter((item) => typeof item === "string")
    return words.join(" ").slice(0, productMax)
}

function indicatorsIn({ type, object }: Sent): string[] {
    if (type === "indicator") return texts([object["pattern"]])
    if (!observables.has(type) || type === "software") return []
    const { hashes } = object
    const known = texts([object["value"], ...(isObject(hashes) ? Object.values(hashes) : [])])
    return known.length > 0 ? known : texts([object["name"], object["path"], object["key"]])
}

const texts = (list: readonly unknown[]): string[] =>
    list.filter((item): item is string => typeof item === "string" && item.trim() !== "")

function isObject(value: unknown): value is StixObject {
    return typeof value === "object" && value !== null && !Array.isArray(value)
}

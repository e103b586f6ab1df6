/**
 * Parses posted sightings: an envelope of STIX objects with sightings and the objects that they refer to. All of it is
 * untrusted. The server has limited its size.
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
    /** Ids of the objects it refers to, without the target of a sighting. */
    readonly refersTo: readonly string[]
    /** Why it is not accepted; null where it is valid so far. */
    readonly fault: string | null
}

const objectsMax = 1000
const idMax = 300
const taken = ["sighting", "observed-data", "indicator", "identity", "location", "marking-definition"]

/** Parses the objects of an envelope and ignores other fields. Refuses `taxii.bad_envelope`. */
export function sentIn(body: unknown): Sent[] {
    const { objects, type } = isObject(body) ? body : {}
    if (!Array.isArray(objects) || objects.length === 0 || type === "bundle") {
        refuse("unprocessable", "taxii.bad_envelope", "send an envelope: a list `objects`, without a bundle around it")
    }
    if (!(objects.length <= objectsMax)) {
        refuse("unprocessable", "taxii.bad_envelope", `an envelope must have \`${objectsMax}\` objects at most`)
    }
    return objects.map(sentOf)
}

function sentOf(object: unknown): Sent {
    if (!isObject(object)) refuse("unprocessable", "taxii.bad_envelope", "each of `objects` must be an object")
    const { type } = object
    // A faulty id is cut to this length to name the failure.
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
        isDated ? null : "`modified` is not an instant",
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

/** Collects the ids that a sighting refers to, directly or through other objects. */
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

/** Builds the report of a sighting. A `count` of 0 is a zero report. Refuses `taxii.period_missing`. */
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

/** Returns the first instant given. */
function seenAt(sighting: StixObject, carried: readonly Sent[]): Instant {
    const observed = carried.map(({ object }) => object["first_observed"]).filter((item) => typeof item === "string")
    const notified = [sighting["first_seen"], sighting["last_seen"], observed.toSorted()[0], sighting["created"]]
    return parseInstant(notified.find((item) => typeof item === "string") ?? "")
}

/** Returns the period of a zero report: from the first instant given to the last, or to its creation. */
function spanOf({ first_seen: since, last_seen: until, created }: StixObject) {
    if (typeof since !== "string") {
        refuse("invalid", "taxii.period_missing", "a `count` of 0 is a zero report: set `first_seen` to its start")
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

/**
 * Parses posted sightings: an envelope of STIX objects with sightings and the objects that they refer to. All of it is
 * untrusted. The server has limited its size.
 */
import { type Instant, parseInstant } from "@tocsin/base/instant"
import { refuse } from "@tocsin/base/refusal"
import { textStart } from "@tocsin/base/issue"
import { ObjectCheck, type StixObject, instantOf } from "@tocsin/formats/stix/object"
import { versionOf } from "@tocsin/formats/stix/render"
import { observables } from "@tocsin/formats/stix/types"
import { type Report, objectCharsMax, productMax } from "../../trace/sightings/sighting.ts"

export interface PostedObject {
    readonly id: string
    readonly type: string
    /** Verbatim. */
    readonly version: string
    readonly object: StixObject
    readonly text: string
    /** Ids of the objects it refers to, without the target of a sighting. */
    readonly references: readonly string[]
    /** Why it is not accepted; null where it is valid so far. */
    readonly fault: string | null
}

const objectsMax = 1000
const idMax = 300
const acceptedTypes = ["sighting", "observed-data", "indicator", "identity", "location", "marking-definition"]

/** Parses the objects of an envelope and ignores other fields. Refuses `taxii.bad_envelope`. */
export function parseEnvelope(body: unknown): PostedObject[] {
    const { objects, type } = isObject(body) ? body : {}
    if (!Array.isArray(objects) || objects.length === 0 || type === "bundle") {
        refuse(
            "unprocessable",
            "taxii.bad_envelope",
            "the body is not an envelope: send a list `objects`, without a bundle around it",
        )
    }
    if (!(objects.length <= objectsMax)) {
        refuse("unprocessable", "taxii.bad_envelope", `too many objects: send \`${objectsMax}\` at most in an envelope`)
    }
    return objects.map(parseObject)
}

function parseObject(object: unknown): PostedObject {
    if (!isObject(object))
        refuse("unprocessable", "taxii.bad_envelope", "an entry of `objects` is not an object: send STIX objects")
    const { type } = object
    // A faulty id is cut to this length to name the failure.
    const id = typeof object["id"] === "string" ? object["id"].slice(0, idMax) : ""
    const check = new ObjectCheck(object, () => textStart)
    check.run()
    const [version, text] = [versionOf(object), JSON.stringify(object)]
    const isDated = instantOf(version) !== null
    const isAccepted = typeof type === "string" && (acceptedTypes.includes(type) || observables.has(type))
    const error = check.issues.find(({ severity }) => severity === "error")
    const faults = [
        isAccepted ? null : "wrong object type: send sightings and the objects that they refer to",
        error?.message ?? null,
        isDated ? null : "`modified` is not an instant",
        text.length <= objectCharsMax ? null : `an object has \`${objectCharsMax}\` characters at most`,
    ]
    const references = check.references.filter(({ path }) => path[0] !== "sighting_of_ref").map(({ to }) => to)
    return {
        id,
        type: typeof type === "string" ? type : "",
        object,
        text,
        references,
        version: isDated ? version : versionOf({}),
        fault: faults.find((fault) => fault !== null) ?? null,
    }
}

/** Collects the ids that a sighting refers to, directly or through other objects. */
export function referencedBy(sighting: PostedObject, byId: ReadonlyMap<string, PostedObject>): Set<string> {
    const found = new Set<string>()
    const pending = [...sighting.references]
    for (let id = pending.pop(); id !== undefined; id = pending.pop()) {
        const posted = byId.get(id)
        if (posted === undefined || posted.type === "sighting" || found.has(id)) continue
        found.add(id)
        pending.push(...posted.references)
    }
    return found
}

/** Builds the report of a sighting. A `count` of 0 is a zero report. Refuses `taxii.period_missing`. */
export function reportOf({ object }: PostedObject, referenced: readonly PostedObject[]): Report {
    const note = object["description"]
    const isZero = object["count"] === 0
    return {
        ...(isZero ? periodOf(object) : { observedAt: firstSeenAt(object, referenced), zeroReportSince: null }),
        clock: "unknown",
        product: productOf(referenced),
        indicators: [...new Set(referenced.flatMap(indicatorsOf))],
        confidence: typeof object["confidence"] === "number" ? object["confidence"] : null,
        note: typeof note === "string" ? note : "",
    }
}

/** Returns the first instant given. */
function firstSeenAt(sighting: StixObject, referenced: readonly PostedObject[]): Instant {
    const observed = referenced.map(({ object }) => object["first_observed"]).filter((item) => typeof item === "string")
    const candidates = [sighting["first_seen"], sighting["last_seen"], observed.toSorted()[0], sighting["created"]]
    return parseInstant(candidates.find((item) => typeof item === "string") ?? "")
}

/** Returns the period of a zero report: from the first instant given to the last, or to its creation. */
function periodOf({ first_seen: since, last_seen: until, created }: StixObject) {
    if (typeof since !== "string") {
        refuse("invalid", "taxii.period_missing", "a `count` of 0 is a zero report: set `first_seen` to its start")
    }
    return { observedAt: parseInstant(String(until ?? created)), zeroReportSince: parseInstant(since) }
}

function productOf(referenced: readonly PostedObject[]): string {
    const { name, version } = referenced.find(({ type }) => type === "software")?.object ?? {}
    const parts = [name, version].filter((item) => typeof item === "string")
    return parts.join(" ").slice(0, productMax)
}

function indicatorsOf({ type, object }: PostedObject): string[] {
    if (type === "indicator") return nonEmptyTexts([object["pattern"]])
    if (!observables.has(type) || type === "software") return []
    const { hashes } = object
    const known = nonEmptyTexts([object["value"], ...(isObject(hashes) ? Object.values(hashes) : [])])
    return known.length > 0 ? known : nonEmptyTexts([object["name"], object["path"], object["key"]])
}

const nonEmptyTexts = (list: readonly unknown[]): string[] =>
    list.filter((item): item is string => typeof item === "string" && item.trim() !== "")

function isObject(value: unknown): value is StixObject {
    return typeof value === "object" && value !== null && !Array.isArray(value)
}

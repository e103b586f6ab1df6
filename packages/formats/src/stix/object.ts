/** Checks one STIX object against the rules of its type. */
import { type Issue, type Place, error, quote, warning } from "@tocsin/base/issue"
import {
    type Properties,
    commonProperties,
    objectProperties,
    observables,
    otherTypes,
    periods,
    tlpExtension,
    tlpMarkings,
} from "./types.ts"

/** An object of STIX, as JSON that was read strictly. */
export type StixObject = Readonly<Record<string, unknown>>

/** A reference from one object to another, and where it is. */
export interface Reference {
    readonly to: string
    readonly path: readonly (string | number)[]
    /** Whether the object makes no sense where the bundle leaves this one out. */
    readonly isRequired: boolean
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/
const countMax = 999_999_999
const requiredRefs = ["object_refs", "source_ref", "target_ref", "sighting_of_ref"]

/** Returns the type in a STIX id (`type--uuid`); null where the id has another form. */
export function typeOfId(id: string): string | null {
    const at = id.indexOf("--")
    return at > 0 && uuid.test(id.slice(at + 2)) ? id.slice(0, at) : null
}

/**
 * Returns an instant with nine decimals, so that instants sort as texts; null where the text is not an instant of
 * STIX.
 */
export function instantOf(text: string): string | null {
    const found = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?Z$/.exec(text)
    if (found === null) return null
    const [year, month, day, hour, minute, second] = found.slice(1, 7).map(Number)
    const days = new Date(Date.UTC(year ?? 0, month ?? 0, 0)).getUTCDate()
    const isRealDate =
        isWithin(month, 1, 12) && isWithin(day, 1, days) && isWithin(hour, 0, 23) && isWithin(minute, 0, 59)
    return isRealDate && isWithin(second, 0, 59) ? text.slice(0, 19) + (found[7] ?? "").padEnd(9, "0") : null
}

function isWithin(value: number | undefined, low: number, high: number): boolean {
    return value !== undefined && value >= low && value <= high
}

/** Checks one STIX object, and collects its findings and references. */
export class ObjectCheck {
    readonly issues: Issue[] = []
    readonly references: Reference[] = []
    readonly #object: StixObject
    readonly #place: (way: readonly (string | number)[]) => Place

    constructor(object: StixObject, place: (way: readonly (string | number)[]) => Place) {
        this.#object = object
        this.#place = place
    }

    run(): void {
        const { type } = this.#object
        if (typeof type !== "string" || !/^[a-z0-9-]{3,250}$/.test(type)) {
            this.#fault(["type"], "stix.bad_type", "an object has a `type`")
            return
        }
        const id = this.#object["id"]
        if (typeof id !== "string" || typeOfId(id) !== type) {
            this.#fault(["id"], "stix.bad_id", `an \`id\` is \`${type}--\` and a UUID`)
        }
        const known = Object.hasOwn(objectProperties, type) ? objectProperties[type] : undefined
        if (observables.has(type)) this.#refs()
        else if (known || otherTypes.has(type)) this.#properties(type, known ?? null)
        else this.#warn(["type"], "stix.unknown_type", `${quote(type)} is no type of STIX 2.1`)
        this.#spans()
        if (type === "vulnerability") this.#cve()
        if (type === "marking-definition") this.#marking()
        if (type === "relationship") this.#relationship()
        if (type === "observed-data") this.#observed()
        this.#extensions()
    }

    #properties(type: string, own: Properties | null): void {
        const values: Record<string, string> = { ...commonProperties, ...own }
        for (const [name, kind] of Object.entries(values)) {
            if (kind.endsWith("!") && this.#object[name] === undefined) {
                this.#fault([], "stix.missing_property", `\`${name}\` is missing`)
            }
        }
        for (const [name, value] of Object.entries(this.#object)) {
            const kind = Object.hasOwn(values, name) ? values[name] : undefined
            if (kind !== undefined) this.#property(name, value, kind.replace(/!$/, ""))
            else if (own !== null) {
                const message = `\`${type}\` has no property ${quote(name)}`
                this.#warn([name], "stix.unknown_property", message)
            }
            if (kind === undefined) this.#ref(name, value)
        }
    }

    #property(name: string, value: unknown, kind: string): void {
        const [item = "", text = ""] = kind.split(":")
        const list = text === "" ? [] : text.split(",")
        if (item === "text" && !isText(value)) this.#wrong(name, "a text")
        if (item === "bool" && typeof value !== "boolean") this.#wrong(name, "`true` or `false`")
        if (item === "time" && !(typeof value === "string" && instantOf(value) !== null)) {
            this.#wrong(name, "an instant such as `2025-07-08T17:00:00Z`")
        }
        if (item === "count") {
            const max = name === "confidence" ? 100 : countMax
            const whole = Number.isInteger(value) && Number(value) >= (name === "number_observed" ? 1 : 0)
            if (!whole || Number(value) > max) this.#wrong(name, `a whole number up to \`${max}\``)
        }
        if (item === "texts" && !isTexts(value)) this.#wrong(name, "a list of texts")
        if (item === "ref" || item === "refs") this.#typedRefs(name, value, item === "refs", list)
        if (item === "open" || item === "only") this.#words(name, value, item === "only", list)
    }

    #words(name: string, value: unknown, closed: boolean, known: readonly string[]): void {
        const plural = name.endsWith("_types")
        if (plural ? !isTexts(value) : !isText(value)) {
            this.#wrong(name, plural ? "a list of texts" : "a text")
            return
        }
        const odd = [value].flat().find((item) => !known.includes(String(item)))
        if (odd === undefined) return
        const message = `${quote(JSON.stringify(odd))} is no word for \`${name}\``
        if (closed) this.#fault([name], "stix.bad_value", message)
        else this.#warn([name], "stix.unknown_value", message)
    }

    #typedRefs(name: string, value: unknown, several: boolean, types: readonly string[]): void {
        if (several ? !isTexts(value) : !isText(value)) {
            this.#wrong(name, several ? "a list of ids" : "an id")
            return
        }
        for (const item of [value].flat().map(String)) {
            const type = typeOfId(item)
            if (type === null) this.#wrong(name, "the id of an object")
            else if (types.length > 0 && !types.includes(type)) {
                this.#fault(
                    [name],
                    "stix.bad_reference",
                    `\`${name}\` is about \`${types.join("` or `")}\`, not \`${type}\``,
                )
            } else this.references.push({ to: item, path: [name], isRequired: requiredRefs.includes(name) })
        }
    }

    /** References of objects that are otherwise not looked at. */
    #refs(): void {
        for (const [name, value] of Object.entries(this.#object)) this.#ref(name, value)
    }

    #ref(name: string, value: unknown): void {
        if (!/_refs?$/.test(name)) return
        for (const item of [value].flat()) {
            if (typeof item === "string" && typeOfId(item) !== null) {
                this.references.push({ to: item, path: [name], isRequired: false })
            }
        }
    }

    #spans(): void {
        for (const [from, to, how] of periods) {
            const [first, last] = [this.#instant(from), this.#instant(to)]
            if (first === null || last === null || first < last || (how === "<=" && first === last)) continue
            this.#fault([to], "stix.bad_period", `\`${to}\` does not lie behind \`${from}\``)
        }
    }

    #instant(name: string): string | null {
        const value = this.#object[name]
        return typeof value === "string" ? instantOf(value) : null
    }

    #cve(): void {
        const references = this.#object["external_references"]
        if (!Array.isArray(references)) return
        for (const [n, item] of references.entries()) {
            const id = field(item, "external_id")
            if (field(item, "source_name") !== "cve" || /^CVE-\d{4}-\d{4,}$/.test(String(id))) continue
            this.#fault(["external_references", n], "stix.bad_cve", "a reference to CVE has a CVE id")
        }
    }

    #marking(): void {
        const { id, definition, definition_type: kind, extensions } = this.#object
        if ((definition === undefined) !== (kind === undefined)) {
            this.#fault([], "stix.bad_marking", "`definition` and `definition_type` stand together")
        }
        if (definition === undefined && extensions === undefined) {
            this.#fault([], "stix.bad_marking", "a marking says what it means")
        }
        const statedLabel =
            field(field(extensions, tlpExtension), "tlp_2_0") ?? (kind === "tlp" ? field(definition, "tlp") : null)
        if (statedLabel === null) return
        const expectedLabel = typeof id === "string" && Object.hasOwn(tlpMarkings, id) ? tlpMarkings[id] : undefined
        if (typeof statedLabel !== "string" || expectedLabel !== statedLabel.toUpperCase().replace("WHITE", "CLEAR")) {
            this.#fault(["id"], "stix.bad_marking", "a label of TLP has an id of its own in the standard")
        }
    }

    #relationship(): void {
        const { relationship_type: kind, source_ref: source, target_ref: target } = this.#object
        if (typeof kind === "string" && !/^[a-z0-9-]+$/.test(kind)) this.#wrong("relationship_type", "one word")
        if (source !== undefined && source === target) {
            this.#fault(["target_ref"], "stix.bad_reference", "an object has no relationship with itself")
        }
    }

    #observed(): void {
        const { objects: inline, object_refs: refs } = this.#object
        if ((inline === undefined) === (refs === undefined)) {
            this.#fault([], "stix.missing_property", "`object_refs` is missing, or stands beside the older `objects`")
        }
    }

    #extensions(): void {
        const { extensions } = this.#object
        if (extensions === undefined) return
        if (typeof extensions !== "object" || extensions === null || Object.keys(extensions).length === 0) {
            this.#wrong("extensions", "a map of extensions")
            return
        }
        for (const name of Object.keys(extensions)) {
            if (typeOfId(name) !== "extension-definition") continue
            this.references.push({ to: name, path: ["extensions", name], isRequired: false })
        }
    }

    #wrong(name: string, kind: string): void {
        this.#fault([name], "stix.bad_property", `\`${name}\` is ${kind}`)
    }

    #fault(way: readonly (string | number)[], code: string, message: string): void {
        this.issues.push(error(this.#place(way), code, message))
    }

    #warn(way: readonly (string | number)[], code: string, message: string): void {
        this.issues.push(warning(this.#place(way), code, message))
    }
}

/** A property of what may be no object; null where there is none. */
function field(value: unknown, name: string): unknown {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return null
    return (value as StixObject)[name]
}

function isText(value: unknown): value is string {
    return typeof value === "string" && value !== ""
}

function isTexts(value: unknown): value is string[] {
    return Array.isArray(value) && value.length > 0 && value.every(isText)
}

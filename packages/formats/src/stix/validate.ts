/**
 * Checks STIX 2.1, a bundle or one object, by the standard's rules for the types that warnings consist of.
 *
 * Other types are checked for the common properties only. Patterns of indicators are parsed by their own language.
 */
import { type Issue, type Place, error, sortIssues, placesOf, quote, textStart, warning } from "@tocsin/base/issue"
import { jsonPlaces } from "../json-positions.ts"
import { Refusal } from "@tocsin/base/refusal"
import { readSigma } from "@tocsin/rules/sigma"
import { readSnort } from "@tocsin/rules/snort"
import { readSuricata } from "@tocsin/rules/suricata"
import { parseStrictJson } from "@tocsin/base/strict-json"
import { ObjectCheck, type Reference, type StixObject, typeOfId } from "./object.ts"
import { patternFault } from "./pattern.ts"
import { tlpExtension, tlpMarkings } from "./types.ts"
import { type Tlp, compareTlp, tlpLabels } from "./tlp.ts"

/** A rule inside an object, for an engine that is not here. */
export interface Embedded {
    readonly place: Place
    readonly text: string
}

/** The findings in a text of STIX. */
export interface StixRead {
    readonly findings: readonly Issue[]
    readonly yara: readonly Embedded[]
    /** The labels of TLP that objects bear. */
    readonly tlp: readonly { readonly place: Place; readonly label: Tlp }[]
}

const objectsMax = 10_000
type Way = readonly (string | number)[]

/** Returns whether a text of JSON is meant as STIX. Returns false for a text that is not JSON. */
export function isStix(text: string): boolean {
    return (
        /"type"\s*:\s*"bundle"/.test(text) ||
        (/"spec_version"\s*:\s*"2\./.test(text) && /"id"\s*:\s*"[a-z0-9-]+--/.test(text))
    )
}

/** Checks a text of STIX 2.1: a bundle or one object. Never throws for a bad text: each fault is a finding. */
export function readStix(text: string): StixRead {
    let root: unknown
    try {
        root = parseStrictJson(text)
    } catch (fault) {
        if (!(fault instanceof Refusal)) throw fault
        return nothing(error(textStart, fault.code, fault.message))
    }
    const offset = jsonPlaces(text)
    const at = placesOf(text)
    const place = (way: Way) => at(offset(way))
    if (!isObject(root)) return nothing(error(textStart, "stix.not_an_object", "STIX is a bundle, or an object"))
    const [objects, before] = root["type"] === "bundle" ? [root["objects"], ["objects"]] : [[root], null]
    if (!Array.isArray(objects) || objects.length === 0) {
        return nothing(error(place(["objects"]), "stix.empty_bundle", "a bundle has objects"))
    }
    if (!(objects.length <= objectsMax)) {
        return nothing(error(textStart, "stix.too_large", `a bundle may have \`${objectsMax}\` objects at most`))
    }
    const reading = new Reading(place)
    if (before !== null) reading.bundle(root)
    for (const [n, item] of objects.entries()) reading.object(item, before === null ? [] : [...before, n])
    if (before !== null) reading.references()
    return { findings: sortIssues(reading.findings), yara: reading.yara, tlp: reading.tlp }
}

function nothing(finding: Issue): StixRead {
    return { findings: [finding], yara: [], tlp: [] }
}

function isObject(value: unknown): value is StixObject {
    return typeof value === "object" && value !== null && !Array.isArray(value)
}

class Reading {
    readonly findings: Issue[] = []
    readonly yara: Embedded[] = []
    readonly tlp: { place: Place; label: Tlp }[] = []
    readonly #place: (way: Way) => Place
    readonly #ids = new Set<string>()
    readonly #versions = new Set<string>()
    readonly #references: { place: Place; reference: Reference }[] = []

    constructor(place: (way: Way) => Place) {
        this.#place = place
    }

    bundle(root: StixObject): void {
        const { id, spec_version: version } = root
        if (typeof id !== "string" || typeOfId(id) !== "bundle") {
            this.findings.push(error(this.#place(["id"]), "stix.bad_id", "an `id` is `bundle--` and a UUID"))
        }
        if (version !== undefined) {
            const message = "a bundle of STIX 2.1 has no `spec_version`: its objects have"
            this.findings.push(warning(this.#place(["spec_version"]), "stix.unknown_property", message))
        }
    }

    object(item: unknown, way: Way): void {
        const place = (within: Way) => this.#place([...way, ...within])
        if (!isObject(item)) {
            this.findings.push(error(place([]), "stix.not_an_object", "a bundle has objects"))
            return
        }
        const check = new ObjectCheck(item, place)
        check.run()
        this.findings.push(...check.findings)
        for (const reference of check.references) {
            this.#references.push({ place: place(reference.way), reference })
            const label = tlpLabels.find((tlpLabel) => tlpLabel === tlpMarkings[reference.to])
            if (label !== undefined && reference.way[0] === "object_marking_refs") {
                this.tlp.push({ place: place(reference.way), label })
            }
        }
        this.#identify(item, place)
        if (item["type"] === "indicator") this.#pattern(item, place(["pattern"]))
    }

    #identify(item: StixObject, place: (way: Way) => Place): void {
        const id = String(item["id"])
        const version = `${id} ${String(item["modified"])}`
        if (this.#versions.has(version)) {
            this.findings.push(error(place(["id"]), "stix.duplicate_id", `${quote(id)} stands twice in one version`))
        }
        this.#versions.add(version)
        this.#ids.add(id)
    }

    references(): void {
        for (const { place, reference } of this.#references) {
            const { to, needed } = reference
            if (this.#ids.has(to) || Object.hasOwn(tlpMarkings, to) || to === tlpExtension) continue
            const say = needed ? error : warning
            this.findings.push(say(place, "stix.dangling_reference", `${quote(to)} is not in this bundle`))
        }
    }

    /** Parses a pattern by the grammar of its language. A fault has its place in the pattern. */
    #pattern({ pattern, pattern_type: type }: StixObject, place: Place): void {
        if (typeof pattern !== "string" || typeof type !== "string") return
        if (type === "stix") {
            const fault = patternFault(pattern)
            if (fault === null) return
            const message = `at character \`${fault.at + 1}\` of the pattern: ${fault.message}`
            this.findings.push(error(place, "stix.bad_pattern", message))
        } else if (type === "sigma") this.findings.push(...embedded(readSigma(pattern).findings, place))
        else if (type === "suricata") this.findings.push(...embedded(readSuricata(pattern).findings, place))
        else if (type === "snort") {
            const milder = readSnort(pattern).findings.map((finding) => ({ ...finding, severity: "warning" as const }))
            this.findings.push(...embedded(milder, place))
        } else if (type === "yara") this.yara.push({ place, text: pattern })
        else if (type !== "pcre") {
            const message = `${quote(type)} is no language of patterns that is known here`
            this.findings.push(warning(place, "stix.unknown_value", message))
        }
    }
}

/** Returns the findings of an embedded text, at its place in the outer text. */
export function embedded(findings: readonly Issue[], place: Place): Issue[] {
    return findings.map((finding) => ({
        ...finding,
        ...place,
        message: `in line \`${finding.line}\` of the pattern: ${finding.message}`,
    }))
}

/** An object must not bear a closer label than the artifact that it travels in. Code: `tlp.label_mismatch`. */
export function stixLabelFindings(read: StixRead, own: Tlp): Issue[] {
    return read.tlp
        .filter((item) => compareTlp(item.label, own) > 0)
        .map(({ place, label }) =>
            error(place, "tlp.label_mismatch", `an object is \`TLP:${label}\`, and the artifact is \`TLP:${own}\``),
        )
}

/**
 * Checks STIX 2.1, a bundle or one object, by the standard's rules for the types that warnings consist of.
 *
 * Other types are checked for the common properties only. Patterns of indicators are parsed by their own language.
 */
import { type Issue, type Place, error, sortIssues, placesOf, quote, textStart, warning } from "@tocsin/base/issue"
import { jsonPositions } from "../json-positions.ts"
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
export interface EmbeddedRule {
    readonly place: Place
    readonly text: string
}

/** The findings in a text of STIX. */
export interface StixResult {
    readonly issues: readonly Issue[]
    readonly yara: readonly EmbeddedRule[]
    /** The labels of TLP that objects bear. */
    readonly tlp: readonly { readonly place: Place; readonly label: Tlp }[]
}

const objectsMax = 10_000
type Path = readonly (string | number)[]

/** Returns whether a text of JSON is meant as STIX. Returns false for a text that is not JSON. */
export function isStix(text: string): boolean {
    return (
        /"type"\s*:\s*"bundle"/.test(text) ||
        (/"spec_version"\s*:\s*"2\./.test(text) && /"id"\s*:\s*"[a-z0-9-]+--/.test(text))
    )
}

/** Checks a text of STIX 2.1: a bundle or one object. Never throws for a bad text: each fault is a finding. */
export function readStix(text: string): StixResult {
    let root: unknown
    try {
        root = parseStrictJson(text)
    } catch (fault) {
        if (!(fault instanceof Refusal)) throw fault
        return onlyIssue(error(textStart, fault.code, fault.message))
    }
    const offset = jsonPositions(text)
    const at = placesOf(text)
    const place = (path: Path) => at(offset(path))
    if (!isObject(root)) return onlyIssue(error(textStart, "stix.not_an_object", "STIX is a bundle, or an object"))
    const [objects, pathOfObjects] = root["type"] === "bundle" ? [root["objects"], ["objects"]] : [[root], null]
    if (!Array.isArray(objects) || objects.length === 0) {
        return onlyIssue(error(place(["objects"]), "stix.empty_bundle", "a bundle has objects"))
    }
    if (!(objects.length <= objectsMax)) {
        return onlyIssue(error(textStart, "stix.too_large", `a bundle may have \`${objectsMax}\` objects at most`))
    }
    const reader = new StixReader(place)
    if (pathOfObjects !== null) reader.bundle(root)
    for (const [n, item] of objects.entries()) reader.object(item, pathOfObjects === null ? [] : [...pathOfObjects, n])
    if (pathOfObjects !== null) reader.references()
    return { issues: sortIssues(reader.issues), yara: reader.yara, tlp: reader.tlp }
}

function onlyIssue(issue: Issue): StixResult {
    return { issues: [issue], yara: [], tlp: [] }
}

function isObject(value: unknown): value is StixObject {
    return typeof value === "object" && value !== null && !Array.isArray(value)
}

class StixReader {
    readonly issues: Issue[] = []
    readonly yara: EmbeddedRule[] = []
    readonly tlp: { place: Place; label: Tlp }[] = []
    readonly #place: (path: Path) => Place
    readonly #ids = new Set<string>()
    readonly #versions = new Set<string>()
    readonly #references: { place: Place; reference: Reference }[] = []

    constructor(place: (path: Path) => Place) {
        this.#place = place
    }

    bundle(root: StixObject): void {
        const { id, spec_version: version } = root
        if (typeof id !== "string" || typeOfId(id) !== "bundle") {
            this.issues.push(error(this.#place(["id"]), "stix.bad_id", "an `id` is `bundle--` and a UUID"))
        }
        if (version !== undefined) {
            const message = "a bundle of STIX 2.1 has no `spec_version`: its objects have"
            this.issues.push(warning(this.#place(["spec_version"]), "stix.unknown_property", message))
        }
    }

    object(item: unknown, path: Path): void {
        const place = (inner: Path) => this.#place([...path, ...inner])
        if (!isObject(item)) {
            this.issues.push(error(place([]), "stix.not_an_object", "a bundle has objects"))
            return
        }
        const check = new ObjectCheck(item, place)
        check.run()
        this.issues.push(...check.issues)
        for (const reference of check.references) {
            this.#references.push({ place: place(reference.path), reference })
            const label = tlpLabels.find((tlpLabel) => tlpLabel === tlpMarkings[reference.to])
            if (label !== undefined && reference.path[0] === "object_marking_refs") {
                this.tlp.push({ place: place(reference.path), label })
            }
        }
        this.#identify(item, place)
        if (item["type"] === "indicator") this.#pattern(item, place(["pattern"]))
    }

    #identify(item: StixObject, place: (path: Path) => Place): void {
        const id = String(item["id"])
        const version = `${id} ${String(item["modified"])}`
        if (this.#versions.has(version)) {
            this.issues.push(error(place(["id"]), "stix.duplicate_id", `${quote(id)} stands twice in one version`))
        }
        this.#versions.add(version)
        this.#ids.add(id)
    }

    references(): void {
        for (const { place, reference } of this.#references) {
            const { to, isRequired: needed } = reference
            if (this.#ids.has(to) || Object.hasOwn(tlpMarkings, to) || to === tlpExtension) continue
            const report = needed ? error : warning
            this.issues.push(report(place, "stix.dangling_reference", `${quote(to)} is not in this bundle`))
        }
    }

    /** Parses a pattern by the grammar of its language. A fault has its place in the pattern. */
    #pattern({ pattern, pattern_type: type }: StixObject, place: Place): void {
        if (typeof pattern !== "string" || typeof type !== "string") return
        if (type === "stix") {
            const fault = patternFault(pattern)
            if (fault === null) return
            const message = `at character \`${fault.at + 1}\` of the pattern: ${fault.message}`
            this.issues.push(error(place, "stix.bad_pattern", message))
        } else if (type === "sigma") this.issues.push(...embeddedIssues(readSigma(pattern).issues, place))
        else if (type === "suricata") this.issues.push(...embeddedIssues(readSuricata(pattern).issues, place))
        else if (type === "snort") {
            const asWarnings = readSnort(pattern).issues.map((issue) => ({ ...issue, severity: "warning" as const }))
            this.issues.push(...embeddedIssues(asWarnings, place))
        } else if (type === "yara") this.yara.push({ place, text: pattern })
        else if (type !== "pcre") {
            const message = `${quote(type)} is no language of patterns that is known here`
            this.issues.push(warning(place, "stix.unknown_value", message))
        }
    }
}

/** Returns the findings of an embedded text, at its place in the outer text. */
export function embeddedIssues(issues: readonly Issue[], place: Place): Issue[] {
    return issues.map((issue) => ({
        ...issue,
        ...place,
        message: `in line \`${issue.line}\` of the pattern: ${issue.message}`,
    }))
}

/** An object must not bear a closer label than the artifact that it travels in. Code: `tlp.label_mismatch`. */
export function stixLabelIssues(read: StixResult, artifactLabel: Tlp): Issue[] {
    return read.tlp
        .filter((item) => compareTlp(item.label, artifactLabel) > 0)
        .map(({ place, label }) =>
            error(
                place,
                "tlp.label_mismatch",
                `an object is \`TLP:${label}\`, and the artifact is \`TLP:${artifactLabel}\``,
            ),
        )
}

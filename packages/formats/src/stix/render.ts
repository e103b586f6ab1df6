/**
 * Renders a warning as STIX 2.1 objects. Ids and instants are arguments, and equal arguments give equal text.
 *
 * An object of one id is the same for all partners, except for its release dates (docs/design/0055). It does not
 * depend on what else its reader has.
 */
import type { ResolvedText } from "@tocsin/base/resolved-text"
import { type Instant, formatInstant } from "@tocsin/base/instant"
import { type Product, productLine } from "../advisory/product.ts"
import { type Tlp, compareTlp } from "./tlp.ts"
import type { VulnerabilityIds } from "../advisory/vulnerability.ts"
import { type EmbargoState, embargoOf } from "./embargo.ts"
import { markingId } from "./markings.ts"
import type { StixObject } from "./object.ts"

/** What all objects of one source share. */
export interface StixSource {
    /** The id of the identity that made them. */
    readonly identityId: string
    readonly created: Instant
    readonly modified: Instant
    readonly tlp: Tlp
    readonly embargo: EmbargoState
}

/** STIX asks for three digits behind the second at least where an instant is a version. */
export function stixInstant(instant: Instant): string {
    const text = formatInstant(instant)
    return text.includes(".") ? text : text.replace("Z", ".000Z")
}

function stixObject(id: string, source: StixSource, properties: StixObject): StixObject {
    return {
        type: id.slice(0, id.indexOf("--")),
        spec_version: "2.1",
        id,
        created_by_ref: source.identityId,
        created: stixInstant(source.created),
        modified: stixInstant(source.modified),
        ...properties,
        object_marking_refs: [markingId(source.tlp)],
        extensions: embargoOf(source.embargo),
    }
}

/** Returns the strictest of these labels, because a text must not go further than any of its parts. */
export function strictest(labels: readonly Tlp[], atLeast: Tlp): Tlp {
    return labels.reduce((item, other) => (compareTlp(other, item) > 0 ? other : item), atLeast)
}

/** Returns an organisation as a STIX identity. */
export function identityOf(id: string, name: string, since: Instant): StixObject {
    const [created, modified] = [stixInstant(since), stixInstant(since)]
    return { type: "identity", spec_version: "2.1", id, created, modified, name, identity_class: "organization" }
}

/** A vulnerability, as far as STIX can say it. */
export interface StixVulnerability extends VulnerabilityIds {
    /** Null where there is no vector. */
    readonly score: number | null
    readonly products: readonly Product[]
}

/** Weakness and score on one line; no line while neither is known. */
export function weaknessLine({ cwe, score, vector }: Pick<StixVulnerability, "cwe" | "score" | "vector">): string[] {
    const parts = [...(cwe === "" ? [] : [cwe]), ...(score === null ? [] : [`CVSS ${score} (${vector})`])]
    return parts.length === 0 ? [] : [parts.join(", ")]
}

/** `label`: how it is named while it has no CVE id. */
export function vulnerabilityOf(
    id: string,
    source: StixSource,
    { cve, cwe, score, vector, products, label }: StixVulnerability & { readonly label: string },
): StixObject {
    const affected = products.map((product) => `Affected: ${productLine(product)}`)
    const lines = [...weaknessLine({ cwe, score, vector }), ...affected]
    const references = [
        ...(cve === "" ? [] : [{ source_name: "cve", external_id: cve }]),
        ...(cwe === "" ? [] : [{ source_name: "cwe", external_id: cwe }]),
    ]
    const extended = { ...source, embargo: { ...source.embargo, affected: products } }
    return stixObject(id, extended, {
        name: label,
        ...(lines.length > 0 && { description: lines.join("\n") }),
        ...(references.length > 0 && { external_references: references }),
    })
}

/** The fields of a report object about a warning. */
export interface ReportFacts {
    readonly title: string
    /** The operator's words on what may be done; null where there are none. */
    readonly permission: string | null
    /** Ids of the vulnerabilities. */
    readonly about: readonly string[]
}

/** Returns a warning as a STIX report. `object_refs` are the vulnerabilities. */
export function reportOf(id: string, source: StixSource, { title, permission, about }: ReportFacts): StixObject {
    return stixObject(id, source, {
        name: title,
        ...(permission !== null && { description: permission }),
        report_types: ["vulnerability"],
        published: stixInstant(source.created),
        object_refs: about,
    })
}

/** Returns a text as a STIX note about these objects. */
export function noteOf(
    id: string,
    source: StixSource,
    { name, text, about }: { readonly name: string; readonly text: ResolvedText; readonly about: readonly string[] },
): StixObject {
    return stixObject(id, source, { abstract: name, content: text, object_refs: about })
}

/** Returns guidance as a STIX course of action. */
export function actionOf(id: string, source: StixSource, name: string, text: ResolvedText): StixObject {
    return stixObject(id, source, { name, description: text })
}

/** The languages of rules, by the words of STIX's vocabulary. */
export type PatternType = "sigma" | "yara" | "suricata" | "snort"

/** Returns a whole rule as a STIX indicator. */
export function indicatorOf(
    id: string,
    source: StixSource,
    { name, type, text }: { readonly name: string; readonly type: PatternType; readonly text: ResolvedText },
): StixObject {
    return stixObject(id, source, {
        name,
        description: `The file ${name}, whole.`,
        pattern: text,
        pattern_type: type,
        valid_from: stixInstant(source.created),
    })
}

/** Returns a STIX relationship from one object to another. */
export function relationshipOf(
    id: string,
    source: StixSource,
    [from, kind, to]: readonly [from: string, kind: "mitigates" | "related-to", to: string],
): StixObject {
    return stixObject(id, source, { relationship_type: kind, source_ref: from, target_ref: to })
}

/** Types of objects that need no label. */
const unlabelled = new Set(["marking-definition", "extension-definition", "identity", "language-content"])

/** Returns the objects of a bundle, or the one object. Objects without a marking get this label. */
export function objectsIn(text: ResolvedText, label: Tlp): StixObject[] {
    const root = JSON.parse(text) as StixObject
    const objects = (root["type"] === "bundle" ? root["objects"] : [root]) as readonly StixObject[]
    return objects.map((object) => {
        const isBare = object["object_marking_refs"] === undefined && !unlabelled.has(String(object["type"]))
        return isBare ? { ...object, object_marking_refs: [markingId(label)] } : object
    })
}

/**
 * Replaces the vulnerability objects of these CVE ids, and all references to them, by the given ids. So a reader gets
 * one object for each CVE id.
 */
export function withSharedVulnerabilities(
    objects: readonly StixObject[],
    idByCve: ReadonlyMap<string, string>,
): StixObject[] {
    const shared = new Map<unknown, string>()
    for (const object of objects) {
        const id = object["type"] === "vulnerability" ? idByCve.get(cveIn(object)) : undefined
        if (id !== undefined) shared.set(object["id"], id)
    }
    if (shared.size === 0) return [...objects]
    const replaced = (value: unknown) => shared.get(value) ?? value
    const withReplacedRefs = (object: StixObject): StixObject =>
        Object.fromEntries(
            Object.entries(object).map(([name, value]) => {
                if (name.endsWith("_ref")) return [name, replaced(value)]
                return [name, name.endsWith("_refs") && Array.isArray(value) ? value.map(replaced) : value]
            }),
        )
    return objects.filter(({ id }) => !shared.has(id)).map(withReplacedRefs)
}

/** The CVE id of a vulnerability, by its external reference, else by its name; empty for none. */
function cveIn(object: StixObject): string {
    const references = Array.isArray(object["external_references"]) ? object["external_references"] : []
    const found = (references as readonly StixObject[]).find((reference) => reference["source_name"] === "cve")
    const cve = found?.["external_id"] ?? object["name"]
    return typeof cve === "string" ? cve : ""
}

/** Returns what tells the versions of one object apart: `modified`, else `created`, else the epoch. */
export function versionOf(item: StixObject): string {
    const stated = [item["modified"], item["created"]].find((instant) => typeof instant === "string")
    return stated ?? stixInstant(0)
}

/**
 * Renders an advisory as CSAF (OASIS): version 2.0, which is authoritative, and version 2.1.
 *
 * Some values have no field in CSAF: a weakness without a known name, or CVSS 4.0 in version 2.0. A note says them,
 * so that no document is refused and no value is lost.
 */
import {
    type Advisory,
    type Publisher,
    type AdvisoryVulnerability,
    plainSummary,
    publishedAt,
    revisedAt,
    stemOf,
    yearOf,
} from "../advisory/advisory.ts"
import type { Json } from "@tocsin/base/canonical"
import { productTree, affectedStated, statedProducts } from "./products.ts"
import { cweName, cweVersion, isCweId } from "../advisory/cwe.ts"
import { parseCvss, severityOf } from "../advisory/cvss.ts"
import { type Instant, formatInstant } from "@tocsin/base/instant"
import { productsOf } from "../advisory/product.ts"
import { vulnerabilityLabels } from "../advisory/vulnerability.ts"

export const csafVersions = ["2.0", "2.1"] as const

/** A version of CSAF that Tocsin writes. */
export type CsafVersion = (typeof csafVersions)[number]

/** The words and addresses that differ between the versions. */
export const csafConventions = {
    "2.0": {
        label: "WHITE",
        folder: "/csaf/white",
        schema: "https://docs.oasis-open.org/csaf/csaf/v2.0/csaf_json_schema.json",
    },
    "2.1": {
        label: "CLEAR",
        folder: "/csaf/v2.1/clear",
        schema: "https://docs.oasis-open.org/csaf/csaf/v2.1/schema/csaf.json",
    },
} as const satisfies Record<CsafVersion, object>

/** A folder of documents with one label. */
export interface Collection {
    readonly version: CsafVersion
    /** The label in the spelling of this version. */
    readonly label: "WHITE" | "CLEAR" | "AMBER" | "AMBER+STRICT" | "RED"
    /** The path from the publisher's address, without a slash at the end. */
    readonly folder: string
}

/** Returns the collection of public documents in this version of CSAF. */
export function publicCollection(version: CsafVersion): Collection {
    const { label, folder } = csafConventions[version]
    return { version, label, folder }
}

/** How an advisory goes out: from where, how far it has come, and who may read it. */
export interface Issuance {
    readonly collection: Collection
    readonly status: "final" | "interim"
    /** How its revisions are numbered, in their order. */
    readonly numbers: readonly string[]
    /** When the content became or becomes public; null where unknown. */
    readonly disclosedAt: Instant | null
    /** The readers, where the label alone does not name them; null otherwise. */
    readonly readers: { readonly text: string; readonly group: string } | null
    /** Notes in addition to those of the advisory. */
    readonly notes: readonly Json[]
    /** Whether the advisory also has a page. */
    readonly hasPage: boolean
}

/** Returns how a published advisory is issued: final, for everybody, with one version for each revision. */
export function publicIssuance(advisory: Advisory, version: CsafVersion): Issuance {
    return {
        collection: publicCollection(version),
        status: "final",
        readers: null,
        notes: [],
        hasPage: true,
        numbers: advisory.revisions.map(({ number }) => String(number)),
        disclosedAt: publishedAt(advisory),
    }
}

/** Returns the path of a public document, from the publisher's address. */
export function csafPath(advisory: Advisory, version: CsafVersion): string {
    return pathIn(publicCollection(version), advisory)
}

/** Returns the path of an advisory's document, from the folder of all collections. */
export function pathIn({ folder }: Collection, advisory: Advisory): string {
    return `${folder}/${csafFile(advisory)}`
}

/** Returns the path of a document in the folder of its label: `2025/name.json`. */
export function csafFile(advisory: Advisory): string {
    return `${yearOf(advisory)}/${stemOf(advisory.id)}.json`
}

/** Returns the path of an advisory's page. The id becomes lower case, and other signs become `_`. */
export function pagePath({ id }: Pick<Advisory, "id">): string {
    return `/advisories/${stemOf(id)}`
}

/** Returns the public CSAF document of an advisory. */
export function csafDocument(advisory: Advisory, version: CsafVersion): Json {
    return renderCsaf(advisory, publicIssuance(advisory, version))
}

/** Returns an advisory as a CSAF document for the readers of `issuance`. Call `faultsOf` before you publish it. */
export function renderCsaf(advisory: Advisory, issuance: Issuance): Json {
    const { version } = issuance.collection
    const products = productsOf(advisory.vulnerabilities)
    const labels = vulnerabilityLabels(advisory.vulnerabilities)
    const vulnerabilities = advisory.vulnerabilities.map((weakness, n) => {
        const identifier = weakness.cve === "" ? { ids: [localId(advisory, n)] } : { cve: weakness.cve }
        return { ...identifier, ...vulnerability(advisory, { ...weakness, label: labels[n] ?? "" }, issuance) }
    })
    return {
        ...(version === "2.1" && { $schema: csafConventions[version].schema }),
        document: documentHead(advisory, issuance),
        ...(products.length > 0 && { product_tree: productTree(products, version === "2.0" ? "purl" : "purls") }),
        vulnerabilities,
    }
}

function documentHead(advisory: Advisory, issuance: Issuance): Json {
    const { title, publisher, credit, vulnerabilities } = advisory
    const { collection, hasPage } = issuance
    return {
        ...(credit !== null && { acknowledgments: [{ names: [credit] }] }),
        // The profile of a security advisory asks each vulnerability for a product.
        category: vulnerabilities.every(({ products }) => products.length > 0) ? "csaf_security_advisory" : "csaf_base",
        csaf_version: collection.version,
        distribution: distributionOf(issuance),
        lang: "en",
        notes: [...notesOf(advisory), ...issuance.notes],
        publisher: publisherIn(collection.version, publisher),
        references: [
            {
                category: "self",
                summary: `${title} (CSAF ${collection.version})`,
                url: addressOf(advisory, pathIn(collection, advisory)),
            },
            ...(hasPage ? [{ category: "self", summary: title, url: addressOf(advisory, pagePath(advisory)) }] : []),
        ],
        title,
        tracking: trackingOf(advisory, issuance),
    }
}

/** 2.0 has no multipliers. */
export function publisherIn(version: CsafVersion, { category, name, namespace, contact }: Publisher): Json {
    return {
        category: version === "2.0" && category === "multiplier" ? "other" : category,
        ...(contact !== null && { contact_details: contact }),
        name,
        namespace,
    }
}

function distributionOf({ collection, readers }: Issuance): Json {
    return {
        ...(readers !== null && { text: readers.text }),
        ...(readers !== null && collection.version === "2.1" && { sharing_group: { id: readers.group } }),
        tlp: { label: collection.label, url: "https://www.first.org/tlp/" },
    }
}

/** Returns the full address of a path below the publisher's namespace. */
export function addressOf({ publisher }: Pick<Advisory, "publisher">, path: string): string {
    return `${publisher.namespace}${path}`
}

function notesOf(advisory: Advisory): Json[] {
    const { summary, guidance } = advisory
    return [
        { category: "summary", text: summary ?? plainSummary(advisory), title: "Summary" },
        ...(guidance === null ? [] : [{ category: "general", text: guidance, title: "Guidance" }]),
    ]
}

function trackingOf(advisory: Advisory, { numbers, status }: Issuance): Json {
    const { id, revisions } = advisory
    const current = formatInstant(revisedAt(advisory))
    return {
        current_release_date: current,
        generator: { date: current, engine: { name: "Tocsin" } },
        id,
        initial_release_date: formatInstant(publishedAt(advisory)),
        revision_history: revisions.map(({ at, summary }, n) => ({
            date: formatInstant(at),
            number: numbers[n] ?? "",
            summary,
        })),
        status,
        version: numbers[revisions.length - 1] ?? "",
    }
}

/** Returns an id from the document's own tracking, for a vulnerability without a CVE id. */
function localId({ publisher, id }: Advisory, n: number): Json {
    return { system_name: publisher.name, text: `${id}-${n + 1}` }
}

function vulnerability(
    advisory: Advisory,
    { label, cwe, vector, products }: AdvisoryVulnerability & { readonly label: string },
    { collection: { version }, disclosedAt }: Issuance,
): { readonly [field: string]: Json } {
    const stated = affectedStated(statedProducts(productsOf(advisory.vulnerabilities)), products)
    const affected = stated.map(({ affected: id }) => id)
    const fixed = stated.flatMap(({ fixed: id }) => (id === null ? [] : [id]))
    return {
        ...weakness(cwe, version),
        ...(version === "2.1" && disclosedAt !== null && { disclosure_date: formatInstant(disclosedAt) }),
        ...scores(vector, affected, version),
        notes: [{ category: "description", text: vulnerabilityLine(label, cwe, vector), title: "Vulnerability" }],
        ...(affected.length > 0 && {
            product_status: { ...(fixed.length > 0 && { fixed }), known_affected: affected },
            remediations: stated.map(({ affected: id, product }) =>
                product.fixedIn === null
                    ? { category: "none_available", details: "No fixed version is known.", product_ids: [id] }
                    : {
                          category: "vendor_fix",
                          details: `Update to version ${product.fixedIn} or a later one.`,
                          product_ids: [id],
                      },
            ),
        }),
    }
}

function weakness(id: string, version: CsafVersion): { readonly [field: string]: Json } {
    const name = isCweId(id) ? cweName(id) : null
    if (name === null) return {}
    return version === "2.0" ? { cwe: { id, name } } : { cwes: [{ id, name, version: cweVersion }] }
}

function scores(vector: string, products: readonly string[], version: CsafVersion): { readonly [field: string]: Json } {
    const cvss = parseCvss(vector)
    if (typeof cvss === "string" || products.length === 0) return {}
    // What 4.0 calls so counts all metrics that the vector has.
    const baseScore = cvss.version === "4.0" ? cvss.score : cvss.baseScore
    const score = { version: cvss.version, vectorString: vector, baseScore, baseSeverity: severityOf(baseScore) }
    if (version === "2.1") {
        return {
            metrics: [
                { content: { [cvss.version === "4.0" ? "cvss_v4" : "cvss_v3"]: score }, products: [...products] },
            ],
        }
    }
    return cvss.version === "4.0" ? {} : { scores: [{ cvss_v3: score, products: [...products] }] }
}

/** One line on a vulnerability, with all that its facts say. */
export function vulnerabilityLine(label: string, cwe: string, vector: string): string {
    const cvss = parseCvss(vector)
    const name = cweName(cwe)
    const weaknessText = name === null ? cwe : `${cwe} (${name})`
    const scored =
        typeof cvss === "string"
            ? ""
            : ` CVSS ${cvss.version} base score ${cvss.baseScore.toFixed(1)} ` +
              `(${severityOf(cvss.baseScore)}), ${vector}.`
    return `${label}${weaknessText === "" ? "" : `: ${weaknessText}`}.${scored}`
}

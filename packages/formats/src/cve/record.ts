/** A vulnerability of an advisory as a CVE record (CVE JSON 5.1), by the organisation that assigned its id. */
import { type Advisory, publishedAt, revisedAt } from "../advisory/advisory.ts"
import type { Json } from "@tocsin/base/canonical"
import { addressOf, pagePath } from "../csaf/document.ts"
import { cweName, isCweId } from "../advisory/cwe.ts"
import { parseCvss, severityOf } from "../advisory/cvss.ts"
import { formatInstant } from "@tocsin/base/instant"
import { markdownText } from "../advisory/markdown-text.ts"
import { packageUrl } from "../advisory/package-url.ts"
import { type Product, productName } from "../advisory/product.ts"

/** A CVE numbering authority, as the CVE program lists it. */
export interface Cna {
    /** A UUID of version 4. */
    readonly orgId: string
    readonly shortName: string
}

/** The maximum length of a description in the schema of CVE records. */
const descriptionMax = 4096
const titleMax = 256
const cweIdMax = 9

/** Returns the path of the CVE record of one vulnerability of an advisory. */
export function cvePath(advisory: Pick<Advisory, "id">, cve: string): string {
    return `${pagePath(advisory)}/${cve.toLowerCase()}.json`
}

/** Returns a CVE Record (format 5.1) for one vulnerability, in the name of this CNA. */
export function cveRecord(advisory: Advisory, vulnerability: Advisory["vulnerabilities"][number], cna: Cna): Json {
    const { cve, cwe, vector, products } = vulnerability
    const { title, credit } = advisory
    const updated = formatInstant(revisedAt(advisory))
    const { orgId, shortName } = cna
    return {
        dataType: "CVE_RECORD",
        dataVersion: "5.1",
        cveMetadata: {
            cveId: cve,
            assignerOrgId: orgId,
            assignerShortName: shortName,
            state: "PUBLISHED",
            datePublished: formatInstant(publishedAt(advisory)),
            dateUpdated: updated,
        },
        containers: {
            cna: {
                providerMetadata: { orgId, shortName, dateUpdated: updated },
                title: shorten(title, titleMax),
                descriptions: [{ lang: "en", value: shorten(descriptionOf(advisory, vulnerability), descriptionMax) }],
                affected: affectedIn(products),
                problemTypes: [{ descriptions: [problemOf(cwe)] }],
                ...metricsOf(vector),
                references: [{ url: addressOf(advisory, pagePath(advisory)), tags: ["vendor-advisory"] }],
                ...(credit !== null && {
                    credits: [{ lang: "en", value: shorten(credit, descriptionMax), type: "finder" }],
                }),
            },
        },
    }
}

/**
 * Describes a vulnerability by its facts and by the paragraphs of the summary that name it. If a list or table names
 * other ids too, only its items or rows for this id are taken. A reference leads to the rest of the summary.
 */
function descriptionOf(
    { title, summary }: Advisory,
    { cve, cwe, products }: Advisory["vulnerabilities"][number],
): string {
    const name = isCweId(cwe) ? cweName(cwe) : null
    const affected = products.map(
        (product) => `${productName(product)}${product.fixedIn === null ? "" : ` before ${product.fixedIn}`}`,
    )
    const weaknessText = [name === null ? "" : `${name} (${cwe})`, affected.join("; ")]
        .filter((item) => item !== "")
        .join(" in ")
    const facts = `${title}.${weaknessText === "" ? "" : ` ${weaknessText}.`}`
    const paragraphs = markdownText(summary ?? "").split("\n\n")
    return [
        facts,
        ...paragraphs.filter((paragraph) => namesCve(paragraph, cve)).map((item) => partsAbout(item, cve)),
    ].join("\n\n")
}

/** Items and rows begin at the margin. An item that is left alone is a paragraph. */
function partsAbout(paragraph: string, cve: string): string {
    const others = paragraph.match(/CVE-\d{4}-\d{4,}/g)?.filter((id) => id !== cve) ?? []
    if (others.length === 0) return paragraph
    const parts = paragraph.split(/\n(?! )/).filter((part) => namesCve(part, cve))
    return parts.length === 1 ? parts.join().replace(/^(?:-|\d+\.) /, "") : parts.join("\n")
}

/** Whether it names this id, and not a longer one that begins so. */
function namesCve(text: string, cve: string): boolean {
    return text
        .split(cve)
        .slice(1)
        .some((rest) => !/^\d/.test(rest))
}

function affectedIn(products: readonly Product[]): Json[] {
    if (products.length === 0) return [{ vendor: "n/a", product: "n/a", defaultStatus: "unknown" }]
    return products.map(({ vendor, name, fixedIn }) => {
        const pkg = packageUrl(name)
        return {
            vendor: vendor.trim() === "" ? "n/a" : vendor,
            product: pkg?.name ?? name,
            ...(pkg !== null && { packageURL: pkg.text }),
            ...(fixedIn === null
                ? { defaultStatus: "affected" }
                : {
                      defaultStatus: "unaffected",
                      versions: [{ version: "0", status: "affected", lessThan: fixedIn, versionType: "custom" }],
                  }),
        }
    })
}

function problemOf(cwe: string): Json {
    if (!isCweId(cwe) || cwe.length > cweIdMax) return { lang: "en", description: cwe }
    const name = cweName(cwe)
    return { lang: "en", description: name === null ? cwe : `${cwe} ${name}`, cweId: cwe, type: "CWE" }
}

const metricNames = { "3.0": "cvssV3_0", "3.1": "cvssV3_1", "4.0": "cvssV4_0" } as const

/** Score and severity always follow from the vector. */
function metricsOf(vector: string): { readonly [field: string]: Json } {
    const cvss = parseCvss(vector)
    if (typeof cvss === "string") return {}
    const { version, baseScore } = cvss
    const score = { version, vectorString: vector, baseScore, baseSeverity: severityOf(baseScore) }
    return {
        metrics: [{ format: "CVSS", scenarios: [{ lang: "en", value: "GENERAL" }], [metricNames[version]]: score }],
    }
}

function shorten(text: string, max: number): string {
    return text.length <= max ? text : `${text.slice(0, max - 1).trimEnd()}…`
}

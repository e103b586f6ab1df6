/**
 * Defines the advisory, from which every published format is built.
 *
 * It does not depend on a format. Each format takes what it can express and puts the rest into text.
 */
import { type Json, canonical } from "@tocsin/base/canonical"
import type { ResolvedText } from "@tocsin/base/resolved-text"
import { type Instant, formatInstant } from "@tocsin/base/instant"
import { type Product, productLine } from "./product.ts"
import { type VulnerabilityIds, vulnerabilityLabels } from "./vulnerability.ts"

/** The categories of publishers of CSAF, which the other formats use too. */
export const publisherCategories = ["coordinator", "vendor", "discoverer", "multiplier", "other", "user"] as const

/** The publisher of advisories. */
export interface Publisher {
    readonly category: (typeof publisherCategories)[number]
    readonly name: string
    /** The publisher's address, without a slash at the end. Documents are below it. */
    readonly namespace: string
    /** Contact details in one line; null if there are none. */
    readonly contact: string | null
}

/** A vulnerability in an advisory. */
export interface AdvisoryVulnerability extends VulnerabilityIds {
    /** The products that it affects, each once. */
    readonly products: readonly Product[]
}

/** The parts that may change between revisions. */
export interface AdvisoryContent {
    readonly title: string
    readonly vulnerabilities: readonly AdvisoryVulnerability[]
    /** Acknowledgements of finders that permitted them. */
    readonly credit: string | null
    /** Markdown; null if no such text was released. */
    readonly summary: ResolvedText | null
    readonly guidance: ResolvedText | null
}

/** One revision. */
export interface Revision {
    /** The revision number, from 1 without gaps. */
    readonly number: number
    readonly at: Instant
    readonly summary: string
}

/** An advisory with its revisions. */
export interface Advisory extends AdvisoryContent {
    /** `TOCSIN-2025-0001`: assigned at publication. */
    readonly id: string
    readonly publisher: Publisher
    /** The revisions, oldest first; at least one. */
    readonly revisions: readonly Revision[]
}

/**
 * Builds the file name without ending: lower case, with one `_` for each run of other characters (CSAF 2.0, section
 * 5.1).
 */
export function stemOf(id: string): string {
    return id.toLowerCase().replaceAll(/[^+\-a-z0-9]+/g, "_")
}

/** Builds an advisory id. */
export function idOf(prefix: string, year: number, number: number): string {
    return `${prefix}-${year}-${String(number).padStart(4, "0")}`
}

/** Reads the instant of the first revision. */
export function publishedAt({ revisions }: Pick<Advisory, "revisions">): Instant {
    return firstOf(revisions).at
}

/** Reads the instant of the newest revision. */
export function revisedAt({ revisions }: Pick<Advisory, "revisions">): Instant {
    return newestOf(revisions).at
}

/** Finds the newest revision. */
export function newestOf(revisions: readonly Revision[]): Revision {
    return revisions.at(-1) ?? firstOf(revisions)
}

function firstOf([first]: readonly Revision[]): Revision {
    if (first === undefined) throw new Error("an advisory has a first revision")
    return first
}

/** Reads the year of publication in UTC, which names the folder. */
export function yearOf(advisory: Pick<Advisory, "revisions">): string {
    return formatInstant(publishedAt(advisory)).slice(0, 4)
}

/** Builds a summary from the facts alone, if there is no written one. */
export function plainSummary({ title, vulnerabilities }: AdvisoryContent): string {
    const labels = vulnerabilityLabels(vulnerabilities)
    const affected = vulnerabilities.flatMap(({ products }, n) =>
        products.length === 0 ? [] : [`${labels[n]} affects ${products.map(productLine).join("; ")}.`],
    )
    return [`${title} (${labels.join(", ")}).`, ...affected].join(" ")
}

const fields: readonly [select: (content: AdvisoryContent) => Json, label: string][] = [
    [({ title }) => title, "title"],
    [({ vulnerabilities }) => vulnerabilities.map(({ cve, cwe, vector }) => ({ cve, cwe, vector })), "vulnerabilities"],
    [productsByCve, "products and fixed versions"],
    [({ credit }) => credit, "acknowledgement"],
    [({ summary }) => summary, "summary"],
    [({ guidance }) => guidance, "guidance"],
]

/** A CVE id that is added or removed without a product changes no product. */
function productsByCve({ vulnerabilities }: AdvisoryContent): Json {
    const affecting = vulnerabilities.filter(({ products }) => products.length > 0)
    return affecting.map(({ cve, products }) => ({ cve, products: products.map((product) => ({ ...product })) }))
}

/** Describes the change between revisions for the history; null if nothing changed. */
export function changeBetween(before: AdvisoryContent, after: AdvisoryContent): string | null {
    const changed = fields.filter(([select]) => canonical(select(before)) !== canonical(select(after)))
    return changed.length === 0 ? null : `Corrected: ${changed.map(([, label]) => label).join(", ")}.`
}

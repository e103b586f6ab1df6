/**
 * What is told to the world about vulnerabilities: one thing, from which every published form is built.
 *
 * Nothing in it depends on a form. Whoever builds one takes what the form can hold, and says the rest in words.
 */
import { type Json, canonical } from "@tocsin/base/canonical"
import type { ResolvedText } from "@tocsin/base/resolved-text"
import { type Instant, formatInstant } from "@tocsin/base/instant"
import { type Product, productLine } from "./product.ts"
import { type Identified, vulnerabilityLabels } from "./vulnerability.ts"

/** Who says it: the words of CSAF, which the other forms take over. */
export const publisherCategories = ["coordinator", "vendor", "discoverer", "multiplier", "other", "user"] as const

export interface Publisher {
    readonly category: (typeof publisherCategories)[number]
    readonly name: string
    /** The address of whoever publishes, without a slash at its end: documents stand under it. */
    readonly namespace: string
    /** How to reach them, in one line; null where nobody said it. */
    readonly contact: string | null
}

export interface Weakness extends Identified {
    /** What it affects, each product once. */
    readonly products: readonly Product[]
}

/** What may change from one revision to the next. */
export interface AdvisoryContent {
    readonly title: string
    readonly vulnerabilities: readonly Weakness[]
    /** Whom to thank, where that is permitted. */
    readonly credit: string | null
    /** Markdown; null where no such text was released. */
    readonly summary: ResolvedText | null
    readonly guidance: ResolvedText | null
}

export interface Revision {
    /** From 1, without a gap. */
    readonly number: number
    readonly at: Instant
    readonly summary: string
}

export interface Advisory extends AdvisoryContent {
    /** `TOCSIN-2025-0001`: given at publication. */
    readonly id: string
    readonly publisher: Publisher
    /** Oldest first; at least one. */
    readonly revisions: readonly Revision[]
}

/** The file's name without its ending: lower case, and whatever else is odd becomes one `_` (CSAF 2.0, section 5.1). */
export function stemOf(id: string): string {
    return id.toLowerCase().replaceAll(/[^+\-a-z0-9]+/g, "_")
}

export function idOf(prefix: string, year: number, number: number): string {
    return `${prefix}-${year}-${String(number).padStart(4, "0")}`
}

export function publishedAt({ revisions }: Pick<Advisory, "revisions">): Instant {
    return firstOf(revisions).at
}

export function revisedAt({ revisions }: Pick<Advisory, "revisions">): Instant {
    return newestOf(revisions).at
}

export function newestOf(revisions: readonly Revision[]): Revision {
    return revisions.at(-1) ?? firstOf(revisions)
}

function firstOf([first]: readonly Revision[]): Revision {
    if (first === undefined) throw new Error("an advisory has a first revision")
    return first
}

/** The year of its publication, UTC: the folder that it stands in. */
export function yearOf(advisory: Pick<Advisory, "revisions">): string {
    return formatInstant(publishedAt(advisory)).slice(0, 4)
}

/** What the facts alone say, where nobody wrote a summary. */
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

/** An id that comes or goes with no product changes no product. */
function productsByCve({ vulnerabilities }: AdvisoryContent): Json {
    const affecting = vulnerabilities.filter(({ products }) => products.length > 0)
    return affecting.map(({ cve, products }) => ({ cve, products: products.map((product) => ({ ...product })) }))
}

/** What a revision changes, as its history says it; null where nothing is another than before. */
export function changeBetween(before: AdvisoryContent, after: AdvisoryContent): string | null {
    const changed = fields.filter(([select]) => canonical(select(before)) !== canonical(select(after)))
    return changed.length === 0 ? null : `Corrected: ${changed.map(([, label]) => label).join(", ")}.`
}

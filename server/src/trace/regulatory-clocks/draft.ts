/**
 * Writes the draft of a filing: the case's facts and the authority's questions, for a person to complete and submit. It
 * is Markdown in which all entered text is literal: no image, no HTML, no link with another target. It names no finder
 * and no partner; a person decides that.
 */
import { type Instant, formatInstant } from "@tocsin/base/instant"
import { type Product, productName } from "@tocsin/formats/advisory/product"
import { vulnerabilityLabels } from "@tocsin/formats/advisory/vulnerability"
import type { Vulnerability } from "../../share/cases/case.ts"

/** The facts that the drafts of a clock's filings state. */
export interface FilingFacts {
    readonly regime: { readonly title: string; readonly basis: string; readonly authority: string }
    /** The operator's name as publisher. */
    readonly manufacturer: string
    /** Null where the settings have none. */
    readonly contact: string | null
    /** From `referenceOf`. */
    readonly reference: string
    /** The facts hold nothing that became known later. */
    readonly asOf: Instant
    readonly awareAt: Instant
    readonly title: string
    readonly vulnerabilities: readonly Vulnerability[]
    readonly exploitedSince: Instant | null
    readonly fixAvailable: Instant | null
    /** Null before publication. */
    readonly publishedAt: Instant | null
    /** Null where no end of the embargo is agreed. */
    readonly secretUntil: Instant | null
}

/** One filing's draft. */
export interface Draft extends FilingFacts {
    readonly filing: string
    readonly dueAt: Instant | null
    readonly submittedBefore: readonly { readonly title: string; readonly at: Instant; readonly reference: string }[]
    readonly questions: readonly string[]
}

interface ReferenceFacts {
    /** The advisory's id; null before publication. */
    readonly advisory: string | null
    /** The CVE ids; empty where none is assigned. */
    readonly cves: readonly string[]
    readonly title: string
    readonly openedAt: Instant
}

/** Names a case so that operator and authority both know it. */
export function referenceOf({ advisory, cves, title, openedAt }: ReferenceFacts): string {
    const assigned = cves.filter((cve) => cve !== "").join(", ")
    if (advisory !== null) return assigned === "" ? advisory : `${advisory} (${assigned})`
    return assigned === "" ? `${title}, case of ${formatInstant(openedAt).slice(0, 10)}` : assigned
}

/** Renders a draft as Markdown. */
export function markdownOf(draft: Draft): string {
    const labels = vulnerabilityLabels(draft.vulnerabilities)
    return [
        `# ${escapeMarkdown(draft.filing)}: draft`,
        "",
        "Tocsin filled in this draft from the case and has not sent it: complete it, check it, and submit it yourself.",
        "",
        ...section("Regime", [
            ["Regime", escapeMarkdown(draft.regime.title)],
            ["Legal basis", escapeMarkdown(draft.regime.basis)],
            ["Authority", escapeMarkdown(draft.regime.authority)],
            ["Draft made", formatInstant(draft.asOf)],
            [
                "Due",
                draft.dueAt === null ? "not yet: its time has not started" : `before ${formatInstant(draft.dueAt)}`,
            ],
        ]),
        ...section("Notifier", [
            ["Manufacturer or steward", escapeMarkdown(draft.manufacturer)],
            ["Contact", draft.contact === null ? "to be filled in" : escapeMarkdown(draft.contact)],
            ["Case reference", escapeMarkdown(draft.reference)],
        ]),
        ...section("Publication", [["Public", publicationLine(draft)]]),
        ...section("What is known", [
            ["Title", escapeMarkdown(draft.title)],
            ...draft.vulnerabilities.map(
                (vulnerability, n) => ["Vulnerability", vulnerabilityLine(labels[n] ?? "", vulnerability)] as const,
            ),
            ...draft.vulnerabilities.flatMap(({ products }, n) =>
                products.map((product) => [`Affected by ${labels[n]}`, affectedLine(product)] as const),
            ),
            ["First seen exploited", draft.exploitedSince === null ? "not known" : formatInstant(draft.exploitedSince)],
            ["Operator aware", formatInstant(draft.awareAt)],
            [
                "Corrective measure available",
                draft.fixAvailable === null ? "none recorded" : `since ${formatInstant(draft.fixAvailable)}`,
            ],
        ]),
        ...section(
            "Submitted before",
            draft.submittedBefore.map((item) => [
                escapeMarkdown(item.title),
                formatInstant(item.at) + (item.reference === "" ? "" : `, reference ${escapeMarkdown(item.reference)}`),
            ]),
        ),
        ...draft.questions.flatMap((question) => [`## ${escapeMarkdown(question)}`, "", "To be filled in.", ""]),
    ].join("\n")
}

type Fact = readonly [name: string, value: string]

function section(title: string, facts: readonly Fact[]): string[] {
    if (facts.length === 0) return []
    return [`## ${title}`, "", ...facts.map(([name, value]) => `- ${name}: ${value}`), ""]
}

function publicationLine({ publishedAt, secretUntil }: Draft): string {
    if (publishedAt !== null) return `since ${formatInstant(publishedAt)}`
    return secretUntil === null
        ? "no. Under coordination, without an agreed end of secrecy"
        : `no. Under embargo until ${formatInstant(secretUntil)}; do not publish this content before then`
}

function vulnerabilityLine(label: string, { cwe, score, vector }: Vulnerability): string {
    const scored = score === null ? "" : `CVSS ${score.toFixed(1)}`
    return [label, escapeMarkdown(cwe), scored, escapeMarkdown(vector)].filter((part) => part !== "").join(", ")
}

function affectedLine(product: Product): string {
    const { fixedIn } = product
    const fixed = fixedIn === null ? "no fixed version is known" : `fixed in ${escapeMarkdown(fixedIn)}`
    return `${escapeMarkdown(productName(product))}, ${fixed}`
}

const lineBreaks = /[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]+/gu
const markupChars = /[\\`*_[\]<>#!|~&]/gu

/** Escapes a text for Markdown, on one line. */
export function escapeMarkdown(text: string): string {
    return text.toWellFormed().replace(lineBreaks, " ").trim().replace(markupChars, "\\$&")
}

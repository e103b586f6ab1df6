/** Renders an advisory as a page, and its entry in lists of advisories. */
import {
    type Advisory,
    type Revision,
    type AdvisoryVulnerability,
    plainSummary,
    publishedAt,
    revisedAt,
} from "./advisory.ts"
import { addressOf, csafPath, pagePath, publicCollection } from "../csaf/document.ts"
import { metadataPath, openPgpPath } from "../csaf/provider.ts"
import { cweName } from "./cwe.ts"
import { parseCvss, severityOf } from "./cvss.ts"
import { formatInstant } from "@tocsin/base/instant"
import type { ResolvedText } from "@tocsin/base/resolved-text"
import { markdownMarkup } from "./markdown-page.ts"
import { type Markup, element } from "./markup.ts"
import { packageUrl } from "./package-url.ts"
import { productKey, productsOf } from "./product.ts"
import {
    type PublicFrame,
    atomPath,
    factsOf,
    instantMarkup,
    instantText,
    listPath,
    pageHead,
    pageOf,
    sectionOf,
    tableOf,
} from "./public-page.ts"

/** The same advisory in another format, as its page links it. */
export interface PageFile {
    readonly name: string
    readonly path: string
    readonly bytes: number
    /** The SHA-256 in hexadecimal. */
    readonly sha256: string
    /** Whether a signature file belongs to it. */
    readonly signed: boolean
}

/** A table of a page, as text. */
export interface PageTable {
    readonly name: string
    readonly heads: readonly string[]
    readonly rows: readonly (readonly string[])[]
}

/** The content of an advisory's page, before it becomes HTML. The console draws a preview from it. */
export interface PageParts {
    readonly title: string
    readonly facts: string
    /** Markdown. Null: the page has `plainSummary` instead. */
    readonly summary: ResolvedText | null
    readonly plainSummary: string
    readonly guidance: ResolvedText | null
    readonly tables: readonly PageTable[]
    readonly acknowledgement: string | null
    readonly history: readonly string[]
}

/** Returns the content of an advisory's page. */
export function pageParts(advisory: Advisory): PageParts {
    const { id, title, publisher, credit, guidance, summary, revisions, vulnerabilities } = advisory
    return {
        title,
        facts: `${id} · ${publisher.name} · TLP:CLEAR · ${datesOf(advisory)}`,
        summary,
        plainSummary: plainSummary(advisory),
        guidance,
        tables: [vulnerabilityTable(vulnerabilities), ...productTable(vulnerabilities)],
        acknowledgement: credit === null ? null : `Found by ${credit}.`,
        history: revisions.map(revisionLine),
    }
}

/** Returns the page of an advisory as HTML. All texts are escaped, and the page loads only its style. */
export function advisoryPage(advisory: Advisory, files: readonly PageFile[]): string {
    const { id, title, publisher } = advisory
    const { summary, plainSummary: plain, guidance, tables, acknowledgement } = pageParts(advisory)
    const main = element(
        "div",
        { class: "flow" },
        element(
            "div",
            { class: "summary" },
            ...(summary === null ? [element("p", {}, plain)] : summaryMarkup(summary, title)),
        ),
        ...(guidance === null ? [] : [sectionOf("Guidance", ...markdownMarkup(guidance, 2))]),
        ...tables.map(({ name, heads, rows }) => sectionOf(name, tableOf(heads, rows))),
        sectionOf("Revisions", revisionTable(advisory)),
    )
    const rail = element(
        "aside",
        { class: "rail", "aria-label": "About this advisory" },
        ...downloads(files),
        ...(acknowledgement === null ? [] : [sectionOf("Credits", element("p", {}, acknowledgement))]),
        sectionOf(
            "Updates",
            element(
                "p",
                {},
                "Subscribe to the ",
                element("a", { href: atomPath }, "feed"),
                ". This address always shows the newest revision.",
            ),
        ),
    )
    return pageOf(
        { title: `${id}: ${title}`, publisher, section: "advisories" },
        pageHead(
            [`Security advisory ${id} `, element("span", { class: "tlp" }, "TLP:CLEAR")],
            title,
            keyFacts(advisory),
        ),
        element("div", { class: "columns" }, main, rail),
    )
}

/** Renders the summary. A first heading that repeats the title of the page is left out, and the others move up. */
function summaryMarkup(summary: ResolvedText, title: string): readonly Markup[] {
    const heading = element("h1", {}, element("span", {}, title))
    const [first, ...rest] = markdownMarkup(summary, 0)
    return first?.markup === heading.markup ? rest : markdownMarkup(summary, 1)
}

/** Severity, instants and the size of an advisory. */
function keyFacts(advisory: Advisory): Markup {
    const { vulnerabilities, revisions } = advisory
    const [first, last] = [publishedAt(advisory), revisedAt(advisory)]
    const score = highestScore(vulnerabilities)
    return factsOf([
        ...(score === null ? [] : [["Severity", scoreMarkup(score)] as const]),
        ["Published", instantMarkup(first)],
        ["Revision", first === last ? "1" : element("span", {}, `${revisions.length}, `, instantMarkup(last))],
        ["Vulnerabilities", String(vulnerabilities.length)],
    ])
}

function highestScore(vulnerabilities: readonly AdvisoryVulnerability[]): number | null {
    const scores = vulnerabilities.flatMap(({ vector }) => {
        const cvss = parseCvss(vector)
        return typeof cvss === "string" ? [] : [cvss.baseScore]
    })
    return scores.length === 0 ? null : Math.max(...scores)
}

function scoreMarkup(score: number): Markup {
    const level = severityOf(score).toLowerCase()
    return element("span", {}, element("b", { class: `score ${level}` }, score.toFixed(1)), ` ${level}`)
}

function revisionTable({ revisions }: Advisory): Markup {
    return tableOf(
        ["Revision", "Published", "Change"],
        revisions.toReversed().map(({ number, at, summary }) => [String(number), instantMarkup(at), summary]),
    )
}

/** The documents with their sizes, and how to verify the first signed one. */
function downloads(files: readonly PageFile[]): Markup[] {
    const signed = files.find((file) => file.signed)
    const items = files.map(({ name, path, bytes }) =>
        element(
            "li",
            {},
            element("a", { href: path }, name),
            element("small", {}, `JSON, ${Math.max(1, Math.round(bytes / 1000))} kB`),
        ),
    )
    const list = sectionOf("Download", element("ul", { class: "downloads" }, ...items))
    if (signed === undefined) return items.length === 0 ? [] : [list]
    return [
        list,
        sectionOf(
            "Authenticity",
            element("p", {}, `SHA-256 of ${signed.name}`),
            element("p", { class: "hash" }, signed.sha256.replaceAll(/(.{4})(?!$)/g, "$1 ")),
            element(
                "p",
                {},
                element("a", { href: `${signed.path}.asc` }, "Signature"),
                ", ",
                element("a", { href: openPgpPath }, "OpenPGP key"),
            ),
        ),
    ]
}

function datesOf(advisory: Advisory): string {
    const [first, last] = [publishedAt(advisory), revisedAt(advisory)].map(instantText)
    return first === last ? `published ${first}` : `published ${first}, revised ${last}`
}

function revisionLine({ number, at, summary }: Revision): string {
    return `${instantText(at)}, revision ${number}: ${summary}`
}

function vulnerabilityTable(vulnerabilities: readonly AdvisoryVulnerability[]): PageTable {
    const rows = vulnerabilities.map(({ cve, cwe, vector }) => {
        const cvss = parseCvss(vector)
        const name = cweName(cwe)
        const score =
            typeof cvss === "string" ? "" : `${cvss.baseScore.toFixed(1)} ${severityOf(cvss.baseScore).toLowerCase()}`
        return [cve, name === null ? cwe : `${cwe}: ${name}`, score, vector]
    })
    return { name: "Vulnerabilities", heads: ["Id", "Weakness", "Base score", "CVSS vector"], rows }
}

function productTable(vulnerabilities: readonly AdvisoryVulnerability[]): PageTable[] {
    const products = productsOf(vulnerabilities)
    if (products.length === 0) return []
    const affecting = (key: string) =>
        vulnerabilities.filter((weakness) => weakness.products.map(productKey).includes(key))
    const rows = products.map((product) => [
        product.vendor,
        packageUrl(product.name)?.name ?? product.name,
        affecting(productKey(product))
            .map(({ cve }) => cve)
            .join(", "),
        product.fixedIn ?? "no fixed version known",
    ])
    const heads = ["Vendor", "Product", "Affected by", "Fixed in"]
    return [{ name: "Products", heads, rows }]
}

/** Returns the entry of an advisory in the page of all advisories. */
export function listItem(advisory: Advisory): string {
    const { id, title, vulnerabilities } = advisory
    const names = vulnerabilities.map(({ cve }) => cve).join(", ")
    const [first, last] = [publishedAt(advisory), revisedAt(advisory)]
    const score = highestScore(vulnerabilities)
    return element(
        "li",
        {},
        element("span", { class: "when" }, instantMarkup(first)),
        element(
            "span",
            {},
            element("a", { href: pagePath(advisory) }, title),
            element("small", {}, `${id} · ${names}`),
            ...(first === last ? [] : [element("small", {}, "Revised ", instantMarkup(last))]),
        ),
        ...(score === null ? [] : [scoreMarkup(score)]),
    ).markup
}

/** `items` are texts of `listItem`, one after the other. */
export function listPage(publisher: PublicFrame["publisher"], items: string, hasMore: boolean): string {
    const list =
        items === ""
            ? element("p", {}, "No advisory published yet.")
            : element("ul", { class: "advisories" }, { markup: items })
    const older = element(
        "p",
        {},
        "Older advisories are in the ",
        element("a", { href: publicCollection("2.0").folder }, "CSAF directory"),
        ".",
    )
    return pageOf(
        { title: `Security advisories of ${publisher.name}`, publisher, section: "advisories" },
        pageHead(
            [publisher.name],
            "Security advisories",
            element(
                "p",
                { class: "lead" },
                "The newest first. Also as ",
                element("a", { href: atomPath }, "Atom feed"),
                " and as ",
                element("a", { href: metadataPath }, "CSAF provider"),
                ".",
            ),
        ),
        list,
        ...(hasMore ? [older] : []),
    )
}

/** An entry of the Atom feed (RFC 4287). */
export function atomEntry(advisory: Advisory): string {
    const page = addressOf(advisory, pagePath(advisory))
    return element(
        "entry",
        {},
        element("id", {}, page),
        element("title", {}, advisory.title),
        element("link", { rel: "alternate", type: "text/html", href: page }),
        element("link", {
            rel: "related",
            type: "application/json",
            href: addressOf(advisory, csafPath(advisory, "2.0")),
        }),
        element("published", {}, formatInstant(publishedAt(advisory))),
        element("updated", {}, formatInstant(revisedAt(advisory))),
        element("summary", {}, plainSummary(advisory)),
    ).markup
}

/** `updated`: of the newest entry; `entries` are texts of `atomEntry`, one after the other. */
export function atomFeed(publisher: Advisory["publisher"], updated: string, entries: string): string {
    const self = `${publisher.namespace}${atomPath}`
    const feed = element(
        "feed",
        { xmlns: "http://www.w3.org/2005/Atom" },
        element("id", {}, self),
        element("title", {}, `Security advisories of ${publisher.name}`),
        element("link", { rel: "self", type: "application/atom+xml", href: self }),
        element("link", { rel: "alternate", type: "text/html", href: `${publisher.namespace}${listPath}` }),
        element("author", {}, element("name", {}, publisher.name)),
        element("updated", {}, updated),
        { markup: entries },
    )
    return `<?xml version="1.0" encoding="utf-8"?>\n${feed.markup}\n`
}

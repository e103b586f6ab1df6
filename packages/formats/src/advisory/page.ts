/** Renders an advisory as a page, and its entry in lists of advisories. */
import {
    type Advisory,
    type Revision,
    type AdvisoryVulnerability,
    plainSummary,
    publishedAt,
    revisedAt,
} from "./advisory.ts"
import { addressOf, csafPath, pagePath } from "../csaf/document.ts"
import { cweName } from "./cwe.ts"
import { parseCvss, severityOf } from "./cvss.ts"
import { formatInstant } from "@tocsin/base/instant"
import type { ResolvedText } from "@tocsin/base/resolved-text"
import { markdownMarkup } from "./markdown-page.ts"
import { type Markup, element, voidElement } from "./markup.ts"
import { packageUrl } from "./package-url.ts"
import { productKey, productsOf } from "./product.ts"

/** A link of an advisory's page to the same advisory in another format. */
export interface PageFile {
    readonly name: string
    readonly path: string
}

export const stylePath = "/advisories.css"
export const listPath = "/advisories"
export const atomPath = "/advisories.atom"

/** `main` and what every page has around it. */
export function pageOf(title: string, ...main: readonly Markup[]): string {
    const head = element(
        "head",
        {},
        voidElement("meta", { charset: "utf-8" }),
        voidElement("meta", { name: "viewport", content: "width=device-width, initial-scale=1" }),
        element("title", {}, title),
        voidElement("link", { rel: "stylesheet", href: stylePath }),
        voidElement("link", { rel: "alternate", type: "application/atom+xml", href: atomPath }),
    )
    const body = element("body", {}, element("main", {}, ...main))
    return `<!doctype html>\n${element("html", { lang: "en" }, head, body).markup}\n`
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

/** Returns the page of an advisory as HTML. All texts are escaped, and the page loads nothing. */
export function advisoryPage(advisory: Advisory, files: readonly PageFile[]): string {
    const parts = pageParts(advisory)
    const { title, facts, summary, guidance, tables, acknowledgement, history } = parts
    return pageOf(
        `${advisory.id}: ${title}`,
        element("nav", {}, element("a", { href: listPath }, "All advisories")),
        element("h1", {}, title),
        element("p", { class: "facts" }, facts),
        element("h2", {}, "Summary"),
        ...(summary === null ? [element("p", {}, parts.plainSummary)] : markdownMarkup(summary, 2)),
        ...(guidance === null ? [] : [element("h2", {}, "Guidance"), ...markdownMarkup(guidance, 2)]),
        ...tables.flatMap(({ name, heads, rows }) => [element("h2", {}, name), tableOf(heads, rows)]),
        ...(acknowledgement === null ? [] : [element("h2", {}, "Acknowledgement"), element("p", {}, acknowledgement)]),
        element("h2", {}, "Machine-readable"),
        element("ul", {}, ...files.map(({ name, path }) => element("li", {}, element("a", { href: path }, name)))),
        element("h2", {}, "History"),
        element("ul", {}, ...history.map((line) => element("li", {}, line))),
    )
}

function datesOf(advisory: Advisory): string {
    const [first, last] = [publishedAt(advisory), revisedAt(advisory)].map(formatInstant)
    return first === last ? `published ${first}` : `published ${first}, revised ${last}`
}

function revisionLine({ number, at, summary }: Revision): string {
    return `${formatInstant(at)}, revision ${number}: ${summary}`
}

/** A table of texts. In a narrow window each row is a list, with the column's name before each cell. */
export function tableOf(heads: readonly string[], rows: readonly (readonly string[])[]): Markup {
    const head = element("tr", {}, ...heads.map((name) => element("th", {}, name)))
    const body = rows.map((cells) =>
        element("tr", {}, ...cells.map((cell, n) => element("td", { "data-name": heads[n] ?? "" }, cell))),
    )
    return element("table", { class: "listing" }, element("thead", {}, head), element("tbody", {}, ...body))
}

function vulnerabilityTable(vulnerabilities: readonly AdvisoryVulnerability[]): PageTable {
    const rows = vulnerabilities.map(({ cve, cwe, vector }) => {
        const cvss = parseCvss(vector)
        const name = cweName(cwe)
        const score = typeof cvss === "string" ? "" : `${cvss.baseScore.toFixed(1)} ${severityOf(cvss.baseScore)}`
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
        product.fixedIn === null ? "no fixed version is known" : `before ${product.fixedIn}`,
        product.fixedIn ?? "–",
    ])
    const heads = ["Vendor", "Product", "Affected by", "Affected", "Fixed in"]
    return [{ name: "Products", heads, rows }]
}

/** Returns the entry of an advisory in the page of all advisories. */
export function listItem(advisory: Advisory): string {
    const names = advisory.vulnerabilities.map(({ cve }) => cve).join(", ")
    return element(
        "li",
        {},
        element("a", { href: pagePath(advisory) }, advisory.title),
        element("p", { class: "facts" }, `${advisory.id} · ${names} · ${datesOf(advisory)}`),
    ).markup
}

/** `items` are texts of `listItem`, one after the other. */
export function listPage(publisherName: string, items: string, hasMore: boolean): string {
    const title = `Security advisories of ${publisherName}`
    const list = items === "" ? element("p", {}, "Nothing has been published.") : element("ul", {}, { markup: items })
    return pageOf(
        title,
        element("h1", {}, title),
        element("p", {}, "As a feed: ", element("a", { href: atomPath }, "Atom")),
        list,
        ...(hasMore ? [element("p", {}, "Older ones stand in the CSAF directory.")] : []),
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

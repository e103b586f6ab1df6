/** The frame of public pages: header with sections, and footer. Pages need no script and load only their style. */
import { type Instant, formatInstant } from "@tocsin/base/instant"
import { openPgpPath } from "../csaf/provider.ts"
import type { Publisher } from "./advisory.ts"
import { type Markup, element, voidElement } from "./markup.ts"

export const stylePath = "/advisories.css"
export const listPath = "/advisories"
export const atomPath = "/advisories.atom"
export const programPath = "/program"
export const annualReportPath = "/annual-reports"

/** The sections of the public side, in the order of the header. */
export const publicSections = [
    { id: "advisories", name: "Advisories", path: listPath },
    { id: "program", name: "Program", path: programPath },
    { id: "report", name: "Report", path: annualReportPath },
    { id: "feed", name: "Feed", path: atomPath },
] as const

export type PublicSection = (typeof publicSections)[number]["id"]

/** The title, publisher and section of a page. */
export interface PublicFrame {
    readonly title: string
    readonly publisher: Pick<Publisher, "name" | "contact">
    readonly section: PublicSection
}

/** Returns a page as HTML: `main` in the frame. */
export function pageOf({ title, publisher, section }: PublicFrame, ...main: readonly Markup[]): string {
    return htmlOf(title, header(publisher.name, section), element("main", {}, ...main), footer(publisher))
}

/** Returns a page without header and footer, for clients that follow every link. */
export function barePageOf(title: string, ...main: readonly Markup[]): string {
    return htmlOf(title, element("main", {}, ...main))
}

function htmlOf(title: string, ...content: readonly Markup[]): string {
    const head = element(
        "head",
        {},
        voidElement("meta", { charset: "utf-8" }),
        voidElement("meta", { name: "viewport", content: "width=device-width, initial-scale=1" }),
        element("title", {}, title),
        voidElement("link", { rel: "stylesheet", href: stylePath }),
        voidElement("link", { rel: "alternate", type: "application/atom+xml", href: atomPath }),
    )
    return `<!doctype html>\n${element("html", { lang: "en" }, head, element("body", {}, ...content)).markup}\n`
}

function header(publisherName: string, section: PublicSection): Markup {
    const links = publicSections.map(({ id, name, path }) =>
        element("a", { href: path, ...(id === section && { "aria-current": "true" }) }, name),
    )
    const name = element("span", {}, publisherName, element("small", {}, "Early warnings"))
    return element(
        "header",
        { class: "bar" },
        element("a", { class: "brand", href: listPath }, bell, name),
        element(
            "nav",
            { "aria-label": "Public pages" },
            ...links,
            element("a", { class: "apply", href: "/apply" }, "Apply to join"),
        ),
    )
}

const bell = element(
    "svg",
    { viewBox: "0 0 32 32", width: "28", height: "28", "aria-hidden": "true" },
    element("rect", { class: "night", width: "32", height: "32", rx: "7" }),
    element("path", { class: "bell", d: "M16 6a7 7 0 0 0-7 7v5l-2 4h18l-2-4v-5a7 7 0 0 0-7-7Z" }),
    element("path", { class: "bell", d: "M13 24a3 3 0 0 0 6 0Z" }),
)

function footer({ name, contact }: PublicFrame["publisher"]): Markup {
    return element(
        "footer",
        {},
        element("span", {}, name),
        ...(contact === null ? [] : [contactMarkup(contact)]),
        element("a", { href: openPgpPath }, "OpenPGP key"),
        element("a", { href: "/.well-known/security.txt" }, "security.txt"),
        element("a", { href: "/sign-in" }, "Sign in"),
        element("span", { class: "end" }, "All times are UTC."),
    )
}

function contactMarkup(contact: string): Markup {
    if (/^https:\/\/\S+$/.test(contact)) return element("a", { href: contact }, contact)
    if (/^[^\s@:/]+@[^\s@:/]+$/.test(contact)) return element("a", { href: `mailto:${contact}` }, contact)
    return element("span", {}, contact)
}

/** The title of a page with the line above it and the text below it. */
export function pageHead(above: readonly (Markup | string)[], title: string, ...below: readonly Markup[]): Markup {
    return element(
        "div",
        { class: "head" },
        element("p", { class: "above" }, ...above),
        element("h1", {}, title),
        ...below,
    )
}

/** A section with its heading. */
export function sectionOf(title: string, ...content: readonly Markup[]): Markup {
    return element("section", {}, element("h2", {}, title), ...content)
}

/** A table of texts. In a narrow window each row is a list, with the column's name before each cell. */
export function tableOf(heads: readonly string[], rows: readonly (readonly (Markup | string)[])[]): Markup {
    const head = element("tr", {}, ...heads.map((name) => element("th", { scope: "col" }, name)))
    const body = rows.map((cells) =>
        element("tr", {}, ...cells.map((cell, n) => element("td", { "data-name": heads[n] ?? "" }, cell))),
    )
    return element("table", { class: "listing" }, element("thead", {}, head), element("tbody", {}, ...body))
}

/** Few values with their names, in one line. */
export function factsOf(facts: readonly (readonly [name: string, value: Markup | string])[]): Markup {
    return element(
        "dl",
        { class: "facts" },
        ...facts.map(([name, value]) => element("div", {}, element("dt", {}, name), element("dd", {}, value))),
    )
}

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

/** Returns a day such as `8 Jul 2025`, in UTC. */
export function dayText(at: Instant): string {
    const date = new Date(at)
    return `${date.getUTCDate()} ${months[date.getUTCMonth()]} ${date.getUTCFullYear()}`
}

/** An instant such as `8 Jul 2025, 17:00 UTC`. */
export function instantMarkup(at: Instant): Markup {
    return element("time", { datetime: formatInstant(at) }, instantText(at))
}

/** Returns an instant as readers see it. */
export const instantText = (at: Instant): string => `${dayText(at)}, ${formatInstant(at).slice(11, 16)} UTC`

/** Renders a report document as one HTML page with its own style. The page prints on A4. */
import { type Markup, element, voidElement } from "@tocsin/formats/advisory/markup"
import type { Block, ReportDocument } from "./report-document.ts"

const style = `@page { size: A4; margin: 18mm 16mm }
body { font: 10.5pt/1.45 system-ui, sans-serif; max-width: 50rem; margin: 2rem auto; padding: 0 1rem }
h1 { font-size: 1.6rem; line-height: 1.2 } h2 { font-size: 1.15rem; margin: 1.8rem 0 .4rem; break-after: avoid }
h3 { font-size: 1rem; margin: 1rem 0 .2rem; break-after: avoid }
table { border-collapse: collapse; width: 100%; font-size: .92em } thead { display: table-header-group }
th, td { text-align: left; vertical-align: top; padding: .25rem .6rem .25rem 0; border-bottom: 1px solid #999;
overflow-wrap: anywhere }
td:first-child { min-width: 5rem }
tr, article { break-inside: avoid } p, li { overflow-wrap: anywhere } .words { white-space: pre-wrap }
.caution { border: 2px solid; padding: .4rem .8rem }
@media print { body { margin: 0; max-width: none; padding: 0 } }`

/** Returns a report document as a page of HTML. */
export function reportPage({ name, title, content }: ReportDocument): string {
    const head = element(
        "head",
        {},
        voidElement("meta", { charset: "utf-8" }),
        voidElement("meta", { name: "viewport", content: "width=device-width, initial-scale=1" }),
        element("title", {}, name),
        element("style", {}, style),
    )
    const main = element("main", {}, element("h1", {}, title), ...content.map(block))
    return `<!doctype html>\n${element("html", { lang: "en" }, head, element("body", {}, main)).markup}\n`
}

function block(part: Block): Markup {
    if (part.kind === "text") return element("p", { class: "words" }, part.text)
    if (part.kind === "table") return table(part.headings, part.rows)
    const content = part.content.map(block)
    if (part.kind === "article") return element("article", {}, element("h3", {}, part.title), ...content)
    const attributes: Readonly<Record<string, string>> = part.kind === "caution" ? { class: "caution" } : {}
    return element("section", attributes, element("h2", {}, part.title), ...content)
}

function table(headings: readonly string[], rows: readonly (readonly string[])[]): Markup {
    const cells = (row: readonly string[]) =>
        element("tr", {}, ...row.map((item) => element("td", { class: "words" }, item)))
    const head = element(
        "thead",
        {},
        element("tr", {}, ...headings.map((head) => element("th", { scope: "col" }, head))),
    )
    return element("table", {}, ...(headings.length > 0 ? [head] : []), element("tbody", {}, ...rows.map(cells)))
}

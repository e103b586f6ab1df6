/**
 * Renders Markdown as HTML by a list of allowed elements: paragraphs, headings, lists, quotes, tables, code and
 * emphasis.
 *
 * A link becomes its text and its visible address, an image its description, and raw HTML its source text. The page
 * therefore loads nothing and links nowhere.
 */
import type { Nodes, Parents, Table } from "mdast"
import { markdownTree } from "./markdown-tree.ts"
import { type Markup, element } from "./markup.ts"

/**
 * Returns the elements of a text. `underHeading`: the level of the heading above the text; its first headings are one
 * level deeper.
 */
export function markdownMarkup(text: string, underHeading: number): Markup[] {
    return childrenOf(markdownTree(text), underHeading)
}

function childrenOf(node: Parents, headingLevel: number): Markup[] {
    return node.children.map((child) => markupOf(child, headingLevel))
}

const bare = (text: string): Markup => element("span", {}, text)

const plainNames: Readonly<Record<string, string>> = {
    paragraph: "p",
    blockquote: "blockquote",
    listItem: "li",
    emphasis: "em",
    strong: "strong",
    delete: "s",
}

function markupOf(node: Nodes, headingLevel: number): Markup {
    const name = plainNames[node.type]
    if (name !== undefined && "children" in node) return element(name, {}, ...childrenOf(node, headingLevel))
    switch (node.type) {
        case "heading":
            return element(`h${Math.min(6, node.depth + headingLevel)}`, {}, ...childrenOf(node, headingLevel))
        case "list":
            return element(node.ordered === true ? "ol" : "ul", {}, ...childrenOf(node, headingLevel))
        case "code":
            return element("pre", {}, element("code", {}, node.value))
        case "inlineCode":
            return element("code", {}, node.value)
        case "break":
            return bare(" ")
        case "table":
            return tableOf(node, headingLevel)
        case "link":
            return element("span", {}, ...childrenOf(node, headingLevel), ...addressAfter(node.url, node))
        case "image":
            return bare(node.alt ?? "")
        default:
            return "children" in node
                ? element("span", {}, ...childrenOf(node, headingLevel))
                : bare("value" in node ? node.value : "")
    }
}

function addressAfter(url: string, node: Parents): string[] {
    const [only] = node.children
    return only?.type === "text" && only.value === url ? [] : [` (${url})`]
}

function tableOf({ children: [head, ...rows] }: Table, headingLevel: number): Markup {
    const row = (tableRow: Table["children"][number] | undefined, cell: "th" | "td") =>
        element(
            "tr",
            {},
            ...(tableRow?.children ?? []).map((child) => element(cell, {}, ...childrenOf(child, headingLevel))),
        )
    return element(
        "table",
        {},
        element("thead", {}, row(head, "th")),
        element("tbody", {}, ...rows.map((item) => row(item, "td"))),
    )
}

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

function childrenOf(node: Parents, under: number): Markup[] {
    return node.children.map((child) => markupOf(child, under))
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

function markupOf(node: Nodes, under: number): Markup {
    const name = plainNames[node.type]
    if (name !== undefined && "children" in node) return element(name, {}, ...childrenOf(node, under))
    switch (node.type) {
        case "heading":
            return element(`h${Math.min(6, node.depth + under)}`, {}, ...childrenOf(node, under))
        case "list":
            return element(node.ordered === true ? "ol" : "ul", {}, ...childrenOf(node, under))
        case "code":
            return element("pre", {}, element("code", {}, node.value))
        case "inlineCode":
            return element("code", {}, node.value)
        case "break":
            return bare(" ")
        case "table":
            return tableOf(node, under)
        case "link":
            return element("span", {}, ...childrenOf(node, under), ...addressBeside(node.url, node))
        case "image":
            return bare(node.alt ?? "")
        default:
            return "children" in node
                ? element("span", {}, ...childrenOf(node, under))
                : bare("value" in node ? node.value : "")
    }
}

function addressBeside(url: string, node: Parents): string[] {
    const [only] = node.children
    return only?.type === "text" && only.value === url ? [] : [` (${url})`]
}

function tableOf({ children: [head, ...rows] }: Table, under: number): Markup {
    const row = (input: Table["children"][number] | undefined, cell: "th" | "td") =>
        element("tr", {}, ...(input?.children ?? []).map((child) => element(cell, {}, ...childrenOf(child, under))))
    return element(
        "table",
        {},
        element("thead", {}, row(head, "th")),
        element("tbody", {}, ...rows.map((item) => row(item, "td"))),
    )
}

/**
 * Renders Markdown as plain text: paragraphs, items and rows, without headings, code blocks, HTML and markup
 * characters.
 */
import type { ListItem, Nodes } from "mdast"
import { markdownTree } from "./markdown-tree.ts"

/** Empty where the document has nothing but headings. */
export function markdownText(markdown: string): string {
    return blocksOf(markdownTree(markdown).children).join("\n\n")
}

/** Each block as its lines; what has no words is left out. */
function blocksOf(nodes: readonly Nodes[]): string[] {
    return nodes.map(blockOf).filter((block) => block !== "")
}

function blockOf(node: Nodes): string {
    switch (node.type) {
        case "heading":
        case "code":
        case "html":
        case "definition":
        case "thematicBreak":
            return ""
        case "list":
            return node.children.map((item, n) => itemOf(item, node.ordered ? (node.start ?? 1) + n : null)).join("\n")
        case "table":
            return node.children.map((row) => row.children.map(inlineOf).join(", ")).join("\n")
        case "blockquote":
        case "footnoteDefinition":
            return blocksOf(node.children).join("\n\n")
        default:
            return inlineOf(node).trim()
    }
}

function itemOf({ children }: ListItem, number: number | null): string {
    const text = blocksOf(children).join("\n").replaceAll("\n", "\n  ")
    return `${number === null ? "-" : `${number}.`} ${text}`
}

/**
 * Returns the text of a paragraph or of a part of one. A line break becomes a space, and an address follows its text.
 */
function inlineOf(node: Nodes): string {
    if (node.type === "break") return " "
    if (node.type === "html") return ""
    if (node.type === "image") return node.alt ?? ""
    if (node.type === "text") return node.value.replaceAll(/\s*\n\s*/g, " ")
    if ("value" in node) return node.value
    const text = "children" in node ? node.children.map(inlineOf).join("") : ""
    return node.type === "link" && node.url !== text ? `${text} (${node.url})` : text
}

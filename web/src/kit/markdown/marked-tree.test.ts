import type { Nodes } from "mdast"
import { expect, test } from "vitest"
import { type Mark, markedTree } from "./marked-tree.ts"

/** The tree as text: `{+new+}` and `{-gone-}` around marks, the type around blocks. */
function written(node: Nodes | Mark): string {
    const inside = "children" in node ? (node.children as (Nodes | Mark)[]).map(written).join("") : ""
    switch (node.type) {
        case "inserted":
            return `{+${inside}+}`
        case "removed":
            return `{-${inside}-}`
        case "text":
        case "inlineCode":
        case "code":
            return node.value
        case "root":
            return inside
        case "paragraph":
            return `<p>${inside}`
        case "listItem":
            return `<li>${inside}`
        case "strong":
            return `*${inside}*`
        default:
            return `<${node.type}>${inside}`
    }
}

const shown = (before: string, after: string) => written(markedTree(before, after))

test.each([
    ["nothing", "A\n\nB", "A\n\nB", "<p>A<p>B"],
    ["a word", "Install the old update.", "Install the new update.", "<p>Install the {-old -}{+new +}update."],
    ["a sentence at the end", "One.", "One. Two words.", "<p>One. {+Two words.+}"],
    ["a paragraph", "A\n\nC", "A\n\nB\n\nC", "<p>A{+<p>B+}<p>C"],
    ["a paragraph that is gone", "A\n\nB", "A", "<p>A{-<p>B-}"],
    ["an item", "- a\n- b", "- a\n- c\n- b", "<list><li><p>a<li>{+<p>c+}<li><p>b"],
    ["a word in bold", "**old** x", "**new** x", "<p>*{-old-}{+new+}* x"],
    ["code", "Run `a` now", "Run `b` now", "<p>Run {-a-}{+b+} now"],
    ["a block of another kind", "A", "# A", "{-<p>A-}{+<heading>A+}"],
    ["a block of code", "```\na\n```", "```\nb\n```", "{-a-}{+b+}"],
])("marks %s", (_, before, after, expected) => {
    expect(shown(before, after)).toBe(expected)
})

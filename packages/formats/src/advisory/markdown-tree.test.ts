import fc from "fast-check"
import type { Nodes, Root } from "mdast"
import { fromMarkdown } from "mdast-util-from-markdown"
import { gfmFromMarkdown } from "mdast-util-gfm"
import { gfm } from "micromark-extension-gfm"
import { expect, test } from "vitest"
import { isCheapToParse } from "./markdown-limits.ts"
import { markdownTree } from "./markdown-tree.ts"

const parse = (text: string): Root => fromMarkdown(text, { extensions: [gfm()], mdastExtensions: [gfmFromMarkdown()] })

/** The tree as a carrier reads it: kinds, places of text and code, and neighbours. */
function outlineOf(node: Nodes): unknown {
    const [start, end] = [node.position?.start.offset, node.position?.end.offset]
    if ("children" in node)
        return [node.type, ...(node.type === "paragraph" ? [start, end] : []), ...node.children.map(outlineOf)]
    return [node.type, start, end]
}

const blocks = [
    "# A heading\n",
    "A paragraph of swans,\nof two lines.\n",
    "- one\n- two\n- three\n",
    "* star\n  - below\n  - below too\n* star\n",
    "+ plus\n\n  a second paragraph\n\n+ plus\n",
    "1. first\n2. second\n10. third\n",
    "3) other\n4) numbers\n",
    "- - - deep\n- up\n",
    "- item\nlazy line\n2. no item\n- item\n",
    "```\n- code\n\n# code\n",
    "```\n",
    "    indented\n\nafter\n",
    "- item\n  ```\n  code\n- item\n",
    "> quoted\n> - list\n- item\n",
    "<div>\n- raw\n</div>\n",
    "<!-- open\n\n- raw\n",
    "-->\n",
    "| a | b |\n|---|---|\n| c | d |\n",
    "See [swans] and [^note] and [a b].\n",
    "[swans]: https://x.test\n",
    "[^note]: A note.\n\n    More of it.\n",
    "- x\n\n  [A  B]: <y> 'title'\n",
    "***\n",
    "- - -\n",
    "Title\n-----\n",
    "-\n\n  after an empty item\n",
    "\n",
    "  - indented\n  - list\n",
]

test("a document parsed in parts equals the document parsed whole", () => {
    const document = fc.array(fc.tuple(fc.constantFrom(...blocks), fc.constantFrom("", "\n", "\n\n")), {
        maxLength: 30,
    })
    fc.assert(
        fc.property(document, fc.integer({ min: 4, max: 40 }), (list, chars) => {
            const text = list.flat().join("")
            expect(outlineOf(markdownTree(text, parse, chars))).toEqual(outlineOf(parse(text)))
        }),
        { numRuns: 150 },
    )
})

const hostile = [
    ">",
    "> ",
    "[",
    "]",
    "![",
    "*",
    "*a_",
    "~a ",
    "- ",
    "1. ",
    "> - ",
    "`",
    "<",
    "_",
    "[a](",
    "a|b\n",
    "\n",

    "> > > > > > > > > > > > > > > > > > > > > > > > > > > > > > > > > a\n\n",
    "text\n2. *a_ *a_ *a_\n",
    "\r\r",
    "[a]: <",
]

test.each(hostile)("a document of only %j is not parsed, and is shown as written", (unit) => {
    const text = unit.repeat(190_000 / unit.length)
    const parsed: string[] = []
    const root = markdownTree(text, (value) => {
        parsed.push(value)
        return parse("")
    })
    expect(parsed).toEqual([])
    expect(outlineOf(root)).toEqual(["root", ["code", 0, text.length]])
})

test.each([
    [
        "paragraphs",
        (i: number) => `A *paragraph* of [swans](https://x.test/${i}), \`in\` two_lines,\nand **more** of it.\n\n`,
    ],
    ["a list of hashes", (i: number) => `- \`${"ab".repeat(32)}\`: file_${i}_of_it.exe\n`],
    ["a table", (i: number) => (i === 0 ? "| a | b |\n|---|---|\n" : `| \`10.0.0.${i}\` | server |\n`)],
    ["nested lists", (i: number) => `${"  ".repeat(i % 12)}- item ${i}\n`],
    ["numbers", (i: number) => `${i + 1}. Open [the page](https://x.test/${i}) and _read_ it.\n`],
])("a long document of %s is parsed", (_, line) => {
    expect(isCheapToParse(lines(2000, line))).toBe(true)
})

const lines = (count: number, line: (i: number) => string): string =>
    Array.from({ length: count }, (_, i) => line(i)).join("")

test.each([
    ["a list", (i: number) => `- server ${i}\n`],
    ["a loose list", (i: number) => `- server ${i}\n\n`],
    ["numbers", (i: number) => `${i}. server\n`],
    ["lists in lists", (i: number) => (i % 20 === 0 ? "- - - - a\n" : "- b\n")],
    ["many lists", (i: number) => `These:\n\n- server ${i}\n- page\n\n`],
    ["lists with names", (i: number) => `- [server ${i}]\n\n[server ${i}]: x\n\n`],
])("%s of twice the length takes at most twice the work", (_, line) => {
    const work = (count: number) => {
        const lengths: number[] = []
        const counting = (text: string): Root => {
            lengths.push(text.length)
            return parse(text)
        }
        markdownTree(lines(count, line), counting, 256)
        return { longest: Math.max(...lengths), all: lengths.reduce((sum, value) => sum + value, 0) }
    }
    // Longer than what is parsed as a whole.
    const [once, twice] = [work(800), work(1600)]
    expect(once.longest).toBeLessThan(1024)
    expect(twice.longest).toBeLessThan(1024)
    expect(twice.all / once.all).toBeLessThan(2.3)
})

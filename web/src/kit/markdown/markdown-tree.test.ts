import { createElement } from "react"
import { renderToStaticMarkup } from "react-dom/server"
import { expect, test } from "vitest"
import { MarkdownTree } from "./markdown-tree.tsx"

const shown = (text: string, level = 3) => renderToStaticMarkup(createElement(MarkdownTree, { text, level }))
const inside = (text: string, level?: number) => shown(text, level).replace(/^<div class="prose">(.*)<\/div>$/s, "$1")

const link = (href: string, text: string, host: string) =>
    `<p><a href="${href}" target="_blank" rel="noopener noreferrer nofollow"><bdi>${text}</bdi></a>` +
    (host === "" ? "</p>" : `<span class="host"> (${host})</span></p>`)
const noLink = (text: string, address: string) => `<p><bdi>${text}</bdi> <span class="host">(${address})</span></p>`

test.each([
    ["a heading", "# Root cause", "<h3>Root cause</h3>"],
    ["a deep heading", "##### Detail", "<h6>Detail</h6>"],
    ["words", "*a* **b** ~~c~~ `d`", '<p><em>a</em> <strong>b</strong> <s>c</s> <code class="code">d</code></p>'],
    ["a tight list", "- a\n- b", "<ul><li>a</li><li>b</li></ul>"],
    ["a loose list", "- a\n\n- b", "<ul><li><p>a</p></li><li><p>b</p></li></ul>"],
    ["a numbered list", "3. a\n4. b", '<ol start="3"><li>a</li><li>b</li></ol>'],
    [
        "code with its language",
        "```py\nx = 1\n```",
        '<figure class="code-block"><figcaption>py</figcaption><pre><code>x = 1</code></pre></figure>',
    ],
    [
        "a footnote",
        "a[^1]\n\n[^1]: b",
        '<p>a<sup>[1]</sup></p><ol class="prose-notes" aria-label="Footnotes"><li><p>b</p></li></ol>',
    ],
])("shows %s", (_, text, html) => {
    expect(inside(text)).toBe(html)
})

test("shows tasks and tables", () => {
    expect(inside("- [x] patched")).toContain('<span aria-hidden="true">☑</span><span class="unseen">done:</span>')
    expect(inside("|a|b|\n|-|-:|\n|1|2|")).toContain('<th scope="col" class="end">b</th>')
})

test.each([
    ["a script", "<script>alert(1)</script>", '<code class="code">&lt;script&gt;alert(1)&lt;/script&gt;</code>'],
    [
        "an attribute",
        'a <img src=x onerror="alert(1)"> b',
        '<p>a <code class="code">&lt;img src=x onerror=&quot;alert(1)&quot;&gt;</code> b</p>',
    ],
    [
        "a form",
        "<form action=https://evil.example>",
        '<code class="code">&lt;form action=https://evil.example&gt;</code>',
    ],
    [
        "an image",
        "![logo](https://evil.example/t.png)",
        '<p><span class="host">[Image not shown: logo, evil.example]</span></p>',
    ],
    [
        "an image by reference",
        "![logo][1]\n\n[1]: https://evil.example/t.png",
        '<p><span class="host">[Image not shown: logo, evil.example]</span></p>',
    ],
    [
        "data in an image",
        "![](data:text/html,x)",
        '<p><span class="host">[Image not shown: no description, data:text/html,x]</span></p>',
    ],
    ["a script in a link", "[a](javascript:alert(1))", noLink("a", "javascript:alert(1)")],
    ["a script in capitals", "[a](JaVaScRiPt:alert(1))", noLink("a", "JaVaScRiPt:alert(1)")],
    ["a script behind a tab", "[a](java&#9;script:alert(1))", noLink("a", "java\tscript:alert(1)")],
    ["a script in a reference", "[a][1]\n\n[1]: javascript:alert(1)", noLink("a", "javascript:alert(1)")],
    ["data in a link", "[a](data:text/html,x)", noLink("a", "data:text/html,x")],
    ["a file", "[a](file:///etc/passwd)", noLink("a", "file:///etc/passwd")],
    ["our own address", "[a](/api/session)", noLink("a", "/api/session")],
    ["a host of ours", "[a](//evil.example)", noLink("a", "//evil.example")],
    ["a page of ours", "[a](#main)", noLink("a", "#main")],
    ["no address", "[a]()", noLink("a", "no address")],
    [
        "an address as a name",
        "[https://good.example](https://evil.example/x)",
        link("https://evil.example/x", "https://good.example", "evil.example"),
    ],
    ["a user as a host", "[a](https://good.example@evil.example/)", noLink("a", "https://good.example@evil.example/")],
    [
        "a look-alike host",
        "[a](https://gооd.example/)",
        link("https://xn--gd-fmca.example/", "a", "xn--gd-fmca.example"),
    ],
    ["a plain address", "<https://good.example/x>", link("https://good.example/x", "https://good.example/x", "")],
    [
        "reversed text",
        "[\u202egpj.exe](https://evil.example)",
        link("https://evil.example/", "[U+202E]gpj.exe", "evil.example"),
    ],
    ["reversed code", "`if (a\u2066)`", '<p><code class="code">if (a[U+2066])</code></p>'],
])("makes %s harmless", (_, text, html) => {
    expect(inside(text)).toBe(html)
})

test("lets no element through but its own, whatever the text", () => {
    const hostile = [
        "<svg/onload=x>",
        "<!-- -->",
        "<?php ?>",
        "<![CDATA[x]]>",
        "</div></main>",
        "&lt;b&gt;",
        "[^x]",
        "[x][y]",
    ]
    for (const text of hostile)
        expect(inside(text).replaceAll(/<\/?(?:p|code)(?: class="code")?>/g, "")).not.toMatch(/[<>]/)
})

test("shows a text that is too deep to parse as written", () => {
    const deep = `${"> ".repeat(5000)}end`
    expect(inside(deep)).toContain("end</code></pre>")
})

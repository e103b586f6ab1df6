/** The documentation as a site: `npm run docs` serves it, `npm run docs:build` writes it to `site/`. */
import fs from "node:fs"
import path from "node:path"
import { type DefaultTheme, type MarkdownEnv, type MarkdownRenderer, defineConfig } from "vitepress"

const root = path.resolve(import.meta.dirname, "../..")

/** The folders of the site in reading order, with the titles that the navigation shows. */
const sections = {
    start: "Start",
    operate: "Operate",
    run: "Run a program",
    partners: "Partners",
    reference: "Reference",
    design: "Design",
}

/** Pages that stay where their readers look for them, and their place in the site. */
const rewrites = {
    "docs/design/README.md": "design/index.md",
    "ARCHITECTURE.md": "design/architecture.md",
    "SECURITY.md": "design/security.md",
    "CONTRIBUTING.md": "design/contributing.md",
    "CHANGELOG.md": "reference/changelog.md",
    "docs/:page*": ":page*",
}

export default defineConfig({
    title: "Tocsin",
    description: "A self-hosted early-warning system for vulnerabilities",
    lang: "en-GB",
    srcDir: "..",
    outDir: "../site",
    cacheDir: "../node_modules/.cache/vitepress",
    srcExclude: [
        "README.md",
        "packages/**",
        "server/**",
        "src/**",
        "test/**",
        "bench/**",
        "deploy/**",
        "web/**",
        "site/**",
        "tocsin-data/**",
    ],
    rewrites,
    markdown: { config: adaptPages },
    themeConfig: {
        nav: Object.entries(sections).map(([folder, text]) => ({ text, link: `/${folder}/` })),
        sidebar: Object.fromEntries(
            Object.entries(sections).map(([folder, text]) => [`/${folder}/`, [sidebarOf(folder, text)]]),
        ),
        outline: [2, 3],
        search: { provider: "local" },
    },
})

/** Shows double braces (`{{canary:host}}`) as they are, and leads links between files to their places in the site. */
function adaptPages({ renderer }: MarkdownRenderer): void {
    for (const rule of ["text", "code_inline"] as const) {
        const render = renderer.rules[rule]
        renderer.rules[rule] = (...args) => (render?.(...args) ?? "").replaceAll("{{", "&#123;&#123;")
    }
    const openLink = renderer.rules.link_open
    renderer.rules.link_open = (tokens, index, options, env: MarkdownEnv, self) => {
        const token = tokens[index]
        const [page = "", anchor] = (token?.attrGet("href") ?? "").split("#")
        if (page.endsWith(".md") && !page.includes(":")) {
            const from = path.posix.dirname(path.relative(root, env.realPath ?? env.path))
            const link = `/${placeOf(path.posix.join(from, page))}${anchor === undefined ? "" : `#${anchor}`}`
            token?.attrSet("href", link)
        }
        return openLink?.(tokens, index, options, env, self) ?? ""
    }
}

function placeOf(file: string): string {
    const moved: Readonly<Record<string, string>> = rewrites
    return moved[file] ?? path.posix.relative("docs", file)
}

/** The pages of a folder, in the order in which its index links to them; a page that is an index brings its own. */
function sidebarOf(folder: string, text: string): DefaultTheme.SidebarItem {
    const file = ["index.md", "README.md"].map((name) => path.join(root, "docs", folder, name)).find(fs.existsSync)
    const index = file === undefined ? "" : fs.readFileSync(file, "utf8")
    const links = [...index.matchAll(/^(?:- |\| )\[([^\]]+)\]\(([^)#:]+\.md)\)/gm)]
    const items = links.map(([, title = "", page = ""]) => {
        const inner = path.posix.dirname(page)
        return page.endsWith("/index.md") && !inner.includes("..")
            ? { ...sidebarOf(path.posix.join(folder, inner), title), collapsed: true }
            : { text: titleOf(folder, title, page), link: `/${placeOf(path.posix.join("docs", folder, page))}` }
    })
    return { text, link: `/${folder}/`, items }
}

/** A note is linked by its number: its heading says more. */
function titleOf(folder: string, title: string, page: string): string {
    if (!/^\d{4}$/.test(title)) return title
    const text = fs.readFileSync(path.join(root, "docs", folder, page), "utf8")
    return /^# (.*)$/m.exec(text)?.[1] ?? title
}

/**
 * Rules of the documents: links lead somewhere, and each page is listed in the index of its folder.
 */
import path from "node:path"
import { anchorOf } from "../../scripts/anchors.ts"
import type { House } from "./source.ts"

interface Link {
    readonly from: string
    readonly line: number
    readonly target: string
}

/** Every relative link in a document leads to a file, and its anchor to a heading of that file. */
export function linkLaw(house: House): string[] {
    return documentsOf(house).flatMap(([file, text]) =>
        linksOf(file, text).flatMap((link) => {
            const [page = "", anchor] = link.target.split("#")
            const to = page === "" ? file : path.posix.join(path.posix.dirname(file), page)
            const at = `${file}:${link.line}: \`${link.target}\``
            if (!house.paths.has(to)) return [`${at} leads to no file`]
            const target = house.texts.get(to)
            const isFound = anchor === undefined || target === undefined || anchorsOf(target).has(anchor)
            return isFound ? [] : [`${at} leads to no heading`]
        }),
    )
}

/** Each page of `docs/` is linked from the index of its folder, which is also the site's navigation. */
export function indexLaw(house: House): string[] {
    const faults = documentsOf(house).flatMap(([file]) => {
        const folder = path.posix.dirname(file)
        if (!folder.startsWith("docs/")) return []
        const isIndex = /\/(index|README)\.md$/.test(file)
        const index = ["index.md", "README.md"].map((name) => `${folder}/${name}`).find((name) => house.texts.has(name))
        if (index === undefined) return [`${folder} has no index.md`]
        const pages = linksOf(index, house.texts.get(index) ?? "").map(({ target }) => target.split("#")[0])
        return isIndex || pages.includes(path.posix.basename(file)) ? [] : [`${file} is not listed in ${index}`]
    })
    return [...new Set(faults)]
}

/** A path of the code that a document names in backticks is there, a file or a folder. */
export function pathLaw(house: House): string[] {
    return documentsOf(house).flatMap(([file, text]) => {
        if (!/^(docs\/.*|[A-Z]+)\.md$/.test(file)) return []
        const named = [
            ...text.matchAll(/`((?:src|server|web|packages|test|docs|scripts|bench)\/[\w./-]*\w)\/?(?::\d+)?`/g),
        ]
        return named.flatMap(([, name = ""]) =>
            house.paths.has(name) ? [] : [`${file} names \`${name}\`, which is not there`],
        )
    })
}

const documentsOf = (house: House): (readonly [file: string, text: string])[] =>
    [...house.texts].filter(([file]) => file.endsWith(".md"))

/** Text outside code, line by line; code becomes empty. */
export function proseOf(text: string): string[] {
    let fence: string | null = null
    return text.split("\n").map((line) => {
        const mark = /^\s*(```+)/.exec(line)?.[1]
        if (mark === undefined)
            return fence === null ? line.replaceAll(/(`+)[^`].*?\1/g, (code) => " ".repeat(code.length)) : ""
        if (fence === null) fence = mark
        else if (mark.length >= fence.length) fence = null
        return ""
    })
}

function linksOf(file: string, text: string): Link[] {
    return proseOf(text).flatMap((line, index) =>
        [...line.matchAll(/\]\(<?([^()\s>]+)>?\)/g)]
            .map(([, target = ""]) => ({ from: file, line: index + 1, target }))
            .filter(({ target }) => !/^[a-z]+:/.test(target)),
    )
}

function anchorsOf(text: string): Set<string> {
    let isCode = false
    const headings = text.split("\n").flatMap((line) => {
        if (/^\s*```/.test(line)) isCode = !isCode
        return isCode ? [] : (/^#{1,6} (.*)$/.exec(line)?.[1] ?? [])
    })
    return new Set(headings.map((heading) => anchorOf(heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1"))))
}

/**
 * The house as the laws see it: files, their parsed trees, and what can be asked of a tree.
 *
 * A law is a function from these to a list of faults, one line each, so that it can be shown failing on planted files.
 */
import fs from "node:fs"
import path from "node:path"
import { type Expression, type Node, parseSync, visitorKeys } from "oxc-parser"

export interface Source {
    /** From the root of the project, with forward slashes: `packages/base/src/instant.ts`. */
    readonly file: string
    readonly text: string
    /** Every node of the tree, parents before children. */
    readonly nodes: readonly Node[]
}

/** What the laws read: the sources by their path, and the plain texts beside them (migrations, documents). */
export interface House {
    readonly sources: readonly Source[]
    readonly texts: ReadonlyMap<string, string>
    /** Every file and folder, for links that lead to neither a source nor a text. */
    readonly paths: ReadonlySet<string>
}

export type Law = (house: House) => string[]

const roots = ["packages", "server", "web", "test", "bench", "scripts"]
const textRoots = ["server/migrations", "docs"]

export function readHouse(): House {
    const files = new Map<string, string>()
    const paths = new Set(fs.readdirSync("."))
    for (const root of [...roots, ...textRoots]) {
        if (!fs.existsSync(root)) continue
        for (const entry of fs.readdirSync(root, { recursive: true, encoding: "utf8" })) {
            const file = path.posix.join(root, entry.replaceAll("\\", "/"))
            if (file.startsWith("docs/.") || /\/(?:dist|node_modules)\//.test(file)) continue
            paths.add(file)
            if (/\.(tsx?|sql|md)$|\/package\.json$/.test(file)) files.set(file, fs.readFileSync(file, "utf8"))
        }
    }
    for (const file of paths) {
        if (/^[A-Z]+\.md$/.test(file)) files.set(file, fs.readFileSync(file, "utf8"))
    }
    return houseOf(Object.fromEntries(files), paths)
}

/** A house from texts in memory; a `.ts` file that does not parse throws. */
export function houseOf(
    files: Readonly<Record<string, string>>,
    paths: ReadonlySet<string> = new Set(Object.keys(files)),
): House {
    const entries = Object.entries(files)
    const isSource = (file: string) => /\.tsx?$/.test(file)
    return {
        sources: entries.filter(([file]) => isSource(file)).map(([file, text]) => parse(file, text)),
        texts: new Map(entries.filter(([file]) => !isSource(file))),
        paths,
    }
}

function parse(file: string, text: string): Source {
    const { program, errors } = parseSync(file, text, { preserveParens: false })
    const fatal = errors[0]
    if (fatal) throw new Error(`${file} does not parse: ${fatal.message}`)
    return { file, text, nodes: nodesUnder(program) }
}

/** The nodes directly below a node. */
export function childrenOf(node: Node): Node[] {
    const fields = node as unknown as Record<string, Node | (Node | null)[] | null | undefined>
    return (visitorKeys[node.type] ?? []).flatMap((key) => [fields[key]].flat().flatMap((child) => child ?? []))
}

/** The node and all below it, parents first. */
export function nodesUnder(top: Node): Node[] {
    const found: Node[] = []
    const visit = (node: Node): void => {
        found.push(node)
        for (const child of childrenOf(node)) visit(child)
    }
    visit(top)
    return found
}

export const isTest = (file: string): boolean => /\.(test|spec)\.tsx?$/.test(file) || file.startsWith("test/")

/** The product's own files, tests left out. */
export const product = (house: House): Source[] =>
    house.sources.filter(({ file }) => /^(packages|server|web)\/(.*\/)?src\//.test(file) && !isTest(file))

export const lineOf = (source: Source, node: Node): number => source.text.slice(0, node.start).split("\n").length

export const at = (source: Source, node: Node): string => `${source.file}:${lineOf(source, node)}`

/** `a.b.c` of an identifier or a chain of them; empty for anything else. */
export function nameOf(node: Node): string {
    if (node.type === "Identifier") return node.name
    if (node.type === "ChainExpression") return nameOf(node.expression)
    if (node.type !== "MemberExpression" || node.computed) return ""
    const [object, property] = [nameOf(node.object), nameOf(node.property)]
    return object && property ? `${object}.${property}` : ""
}

/** The strings an expression can be: a literal, or a choice between literals. Null where it could be anything. */
export function stringsOf(node: Node | null | undefined): string[] | null {
    if (node?.type === "Literal" && typeof node.value === "string") return [node.value]
    if (node?.type === "TSAsExpression" || node?.type === "TSSatisfiesExpression") return stringsOf(node.expression)
    if (node?.type !== "ConditionalExpression") return null
    const [yes, no] = [stringsOf(node.consequent), stringsOf(node.alternate)]
    return yes && no && [...yes, ...no]
}

/** The value written for a key of an object literal. */
export function valueOf(node: Node | undefined, key: string): Expression | undefined {
    if (node?.type !== "ObjectExpression") return undefined
    for (const property of node.properties) {
        if (property.type === "Property" && keyOf(property.key) === key) return property.value
    }
    return undefined
}

export function keyOf(key: Node): string {
    return key.type === "Literal" ? String(key.value) : nameOf(key)
}

/** The rows of the table that a file declares under a name: an object literal, whatever it is wrapped in. */
export function tableOf(source: Source, name: string): [key: string, value: Expression][] | null {
    const table = literalOf(source, name)
    if (table?.type !== "ObjectExpression") return null
    return table.properties.flatMap((p): [string, Expression][] =>
        p.type === "Property" ? [[keyOf(p.key), p.value as Expression]] : [],
    )
}

/** The keys of such a table, or the items of such a list; null where the file declares neither. */
export function wordsOf(source: Source, name: string): string[] | null {
    const list = literalOf(source, name)
    if (list?.type === "ArrayExpression") return list.elements.flatMap((item) => (item && stringsOf(item)) ?? [])
    return tableOf(source, name)?.map(([key]) => key) ?? null
}

function literalOf(source: Source, name: string): Node | undefined {
    const declared = source.nodes.find((n) => n.type === "VariableDeclarator" && nameOf(n.id) === name)
    if (declared?.type !== "VariableDeclarator" || !declared.init) return undefined
    return nodesUnder(declared.init).find((n) => n.type === "ObjectExpression" || n.type === "ArrayExpression")
}

/** Attacks on a leaked Python script. They use the grammar's tree, so no comment inside a string is changed. */
import { type Parse, type SyntaxNode, isComment, walk } from "@tocsin/marks/carriers/tree"

interface Change {
    readonly start: number
    readonly end: number
    readonly text: string
}

/** Removes comments, documentation and empty lines; indents by two spaces, changes quotes, and wraps long calls. */
export function reformat(text: string, parse: Parse): string {
    const root = parse(text)
    const changes: Change[] = []
    walk(root, (node, parents) => {
        if (isComment(node) || isDocumentation(node, parents)) changes.push({ ...node, text: "" })
        else if (isPlainString(node, text) && !parents.some((node) => isDocumentation(node, []))) {
            changes.push({ start: node.start, end: node.start + 1, text: "'" })
            changes.push({ start: node.end - 1, end: node.end, text: "'" })
        } else if (node.type === "," && isLongList(parents)) changes.push({ ...node, text: `,\n${" ".repeat(24)}` })
    })
    const lines = applyChanges(text, changes).split("\n")
    return lines
        .filter((line) => line.trim() !== "")
        .map((line) => line.trimEnd().replace(/^ +/, (indent) => " ".repeat(Math.floor(indent.length / 2))))
        .join("\n")
}

const lists = new Set(["argument_list", "parameters", "list", "dictionary"])

/** Within brackets and outside strings, where a line may end. */
function isLongList(parents: readonly SyntaxNode[]): boolean {
    const list = parents.at(-1)
    if (list === undefined || !lists.has(list.type) || list.end - list.start < 30) return false
    return !parents.some(({ type }) => type === "string")
}

/** A statement without effect: a string that stands alone. */
function isDocumentation(node: SyntaxNode, parents: readonly SyntaxNode[]): boolean {
    if (node.type !== "expression_statement") return false
    const [only, ...more] = node.children
    return only?.type === "string" && more.length === 0 && (parents.at(-1)?.children.length ?? 2) > 1
}

function isPlainString(node: SyntaxNode, text: string): boolean {
    if (node.type !== "string") return false
    return /^"[^"'\\\n]*"$/.test(text.slice(node.start, node.end))
}

/** Renames every local of every function in all its uses; and parameters that no caller names. */
export function renameLocals(text: string, parse: Parse): string {
    const root = parse(text)
    const keywords = new Set<string>()
    walk(root, (node) => {
        if (node.type === "keyword_argument") keywords.add(textOf(text, node.children[0]))
    })
    const changes: Change[] = []
    let renamedCount = 0
    for (const scope of outermostFunctions(root)) {
        const names = new Map<string, string>()
        for (const name of boundNames(scope, text)) if (!keywords.has(name)) names.set(name, `v${++renamedCount}`)
        walk(scope, (node, parents) => {
            if (node.type !== "identifier" || node.field === "attribute") return
            const parent = parents.at(-1)
            if (parent === scope && node.field === "name") return
            if (parent?.type === "keyword_argument" && node.field === "name") return
            const name = names.get(textOf(text, node))
            if (name !== undefined) changes.push({ ...node, text: name })
        })
    }
    return applyChanges(text, changes)
}

function outermostFunctions(root: SyntaxNode): SyntaxNode[] {
    const found: SyntaxNode[] = []
    walk(root, (node, parents) => {
        if (node.type === "function_definition" && !parents.some(({ type }) => type === node.type)) found.push(node)
    })
    return found
}

const targets = new Set(["assignment", "augmented_assignment", "for_statement", "for_in_clause"])
const parameters = /^(lambda_)?parameters$/
const notBound = /^(attribute|subscript|type|call)$/

function boundNames(scope: SyntaxNode, text: string): Set<string> {
    const bound = new Set<string>()
    const bind = (node: SyntaxNode): void => {
        if (node.type === "identifier") bound.add(textOf(text, node))
        else if (!notBound.test(node.type)) {
            for (const child of node.children) if (child.field !== "value" && child.field !== "type") bind(child)
        }
    }
    walk(scope, (node, parents) => {
        const parent = parents.at(-1)
        const isTarget = node.field === "left" && targets.has(parent?.type ?? "")
        const isNamed = node.field === "name" && parent?.type === "named_expression"
        if (isTarget || isNamed || node.type === "as_pattern_target" || parameters.test(node.type)) bind(node)
    })
    return bound
}

function textOf(text: string, node: SyntaxNode | undefined): string {
    return node === undefined ? "" : text.slice(node.start, node.end)
}

function applyChanges(text: string, changes: readonly Change[]): string {
    const parts: string[] = []
    let at = 0
    for (const { start, end, text: value } of changes.toSorted((a, b) => a.start - b.start)) {
        if (start < at) continue
        parts.push(text.slice(at, start), value)
        at = end
    }
    return parts.join("") + text.slice(at)
}

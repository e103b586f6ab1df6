/**
 * Represents a syntax tree as plain values, independent of a parser.
 *
 * Parsers are WebAssembly, and callers supply them as functions, so that the carriers stay pure.
 */
/** A node of a syntax tree. */
export interface SyntaxNode {
    readonly type: string
    /** UTF-16 offsets into the text, from `start` up to, but without, `end`. */
    readonly start: number
    readonly end: number
    /** False for punctuation and keywords. */
    readonly named: boolean
    /** Whether the parser failed to understand something in this subtree. */
    readonly hasError: boolean
    /** The role in the parent (`left`, `body`, …), if the grammar names one; otherwise null. */
    readonly field: string | null
    readonly children: readonly SyntaxNode[]
}

/** Parses code. Never throws for bad code; `hasError` marks what was not understood. */
export type Parse = (text: string) => SyntaxNode

/** Calls `visit` for the node and all nodes below it, parents first. `parents` leads from the root to the parent. */
export function walk(root: SyntaxNode, visit: (node: SyntaxNode, parents: readonly SyntaxNode[]) => void): void {
    const parents: SyntaxNode[] = []
    const enter = (node: SyntaxNode): void => {
        visit(node, parents)
        parents.push(node)
        for (const child of node.children) enter(child)
        parents.pop()
    }
    enter(root)
}

/** Finds the first child with this role, or null. */
export function childIn(node: SyntaxNode, field: string): SyntaxNode | null {
    return node.children.find((child) => child.field === field) ?? null
}

/** Lists the named children that are not comments. */
export function parts(node: SyntaxNode): SyntaxNode[] {
    return node.children.filter((child) => child.named && !isComment(child))
}

/** Checks whether a node is a comment. */
export function isComment(node: SyntaxNode): boolean {
    return node.type.includes("comment")
}

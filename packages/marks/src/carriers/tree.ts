/**
 * A syntax tree as the carriers see it: plain values, with no parser behind them.
 *
 * Parsers are WebAssembly and come from outside as a function, so that everything in here stays pure.
 */
export interface SyntaxNode {
    readonly type: string
    /** UTF-16 offsets into the text: from `start` up to, not including, `end`. */
    readonly start: number
    readonly end: number
    /** False for punctuation and keywords. */
    readonly named: boolean
    /** Whether anything in this subtree was not understood. */
    readonly hasError: boolean
    /** The role in its parent (`left`, `body`, …), where the grammar names one. */
    readonly field: string | null
    readonly children: readonly SyntaxNode[]
}

/** Never throws for bad code: what was not understood is told by `hasError`. */
export type Parse = (text: string) => SyntaxNode

/** Calls `visit` for the node and everything below it, parents first; `parents` leads from the root to the parent. */
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

/** The first child in this role, or null. */
export function childIn(node: SyntaxNode, field: string): SyntaxNode | null {
    return node.children.find((child) => child.field === field) ?? null
}

/** Named children that are not comments: the parts that mean something. */
export function parts(node: SyntaxNode): SyntaxNode[] {
    return node.children.filter((child) => child.named && !isComment(child))
}

export function isComment(node: SyntaxNode): boolean {
    return node.type.includes("comment")
}

/**
 * Resolves names in languages with block scopes (C, C#, Go, Ruby) and in shells with file scope.
 *
 * Each language says what a name in its tree means. A word that is neither a resolved name nor harmless (a comment, a
 * plain string, a field) is fixed: a local with this name keeps it.
 */
import { type SyntaxNode, isComment, walk } from "../../tree.ts"
import { type Source, scopePath } from "../drafts.ts"
import { type Scope, type ScopeTable, type Use, openScope } from "./scopes.ts"

/** A name in the tree: one that makes a local, one that means a local if there is one, one that must stay. */
export interface Mention {
    readonly role: "binds" | "uses" | "stays"
    readonly name: string
    readonly node: SyntaxNode
}

/** How one language with block scopes binds names. */
export interface Tongue {
    /** Types of nodes that open a scope. */
    readonly opens: RegExp
    /** Those that see nothing of the scopes around. */
    readonly closed: RegExp
    /** Whether names at the top are the file's own. */
    readonly topIsOwn: boolean
    /** Whether a name means something only after the place that makes it. */
    readonly inOrder: boolean
    /** Whether giving a value to a name that a scope around has made means that one. */
    readonly reaches: boolean
    /** Types of nodes in which no local is meant. */
    readonly harmless: RegExp
    /** Types of nodes inside harmless ones that contain code. */
    readonly live: RegExp
    /** In a text that matches this, names can be reached by other means. */
    readonly reflects: RegExp
    /** Returns what a node mentions; null where it is not a name. */
    readonly mention: (source: Source, node: SyntaxNode, parents: readonly SyntaxNode[]) => Mention | null
}

interface Bound extends Use {
    readonly binds: boolean
}

/** Returns the scopes and uses of names in a language with block scopes. */
export function blockScopes(source: Source, tongue: Tongue): ScopeTable {
    const root = openScope(tongue.topIsOwn ? "function" : "root", source.root, null, "")
    root.dynamic = tongue.reflects.test(withoutComments(source))
    const scopes: Scope[] = [root]
    const uses: Bound[] = []
    const stays = new Set<string>()
    const understood = new Uint8Array(source.text.length)
    const scopeOf = new Map<SyntaxNode, Scope>([[source.root, root]])
    walk(source.root, (node, parents) => {
        const around = nearest(scopeOf, parents) ?? root
        if (node.named && node !== source.root && tongue.opens.test(node.type)) {
            const path = scopePath(source, [...parents, node])
            const scope = openScope("function", node, tongue.closed.test(node.type) ? null : around, path)
            scope.dynamic = root.dynamic
            scopes.push(scope)
            scopeOf.set(node, scope)
        }
        const isKeyword = !node.named && node.children.length === 0
        if (isKeyword || isComment(node) || tongue.harmless.test(node.type)) understood.fill(1, node.start, node.end)
        else if (tongue.live.test(node.type)) understood.fill(0, node.start, node.end)
        const found = tongue.mention(source, node, parents)
        if (found === null) return
        understood.fill(1, found.node.start, found.node.end)
        if (found.role === "stays") stays.add(found.name)
        const binds = found.role === "binds"
        if (binds) bind(found.name, around, tongue)
        uses.push({ name: found.name, node: found.node, scope: around, movable: true, labelled: false, binds })
    })
    for (const name of strays(source, understood)) stays.add(name)
    for (const scope of scopes) for (const name of stays) scope.fixed.add(name)
    if (tongue.inOrder) fixEarlyUses(scopes, uses)
    return { scopes, uses }
}

function bind(name: string, scope: Scope, tongue: Tongue): void {
    for (let at: Scope | null = scope; tongue.reaches && at !== null; at = at.parent) {
        if (at.locals.has(name)) return
    }
    scope.locals.add(name)
}

function nearest(scopeOf: ReadonlyMap<SyntaxNode, Scope>, parents: readonly SyntaxNode[]): Scope | null {
    for (let i = parents.length - 1; i >= 0; i--) {
        const parent = parents[i]
        const scope = parent === undefined ? undefined : scopeOf.get(parent)
        if (scope !== undefined) return scope
    }
    return null
}

/** Words of the text that nothing in the tree accounts for. */
function strays(source: Source, understood: Uint8Array): string[] {
    return [...source.text.matchAll(/[A-Za-z_]\w*/g)].flatMap(({ 0: word, index }) =>
        understood[index] === 1 ? [] : [word, word.toLowerCase()],
    )
}

/** Fixes names that are used in their scope before their declaration, because they mean something else there. */
function fixEarlyUses(scopes: readonly Scope[], uses: readonly Bound[]): void {
    const first = new Map<Scope, Map<string, boolean>>(scopes.map((scope) => [scope, new Map()]))
    for (const { name, scope, binds } of uses) {
        for (let at: Scope | null = scope; at !== null; at = at.parent) {
            const known = first.get(at)
            if (known !== undefined && !known.has(name)) known.set(name, binds)
        }
    }
    for (const scope of scopes) {
        for (const name of scope.locals) if (first.get(scope)?.get(name) !== true) scope.fixed.add(name)
    }
}

function withoutComments(source: Source): string {
    const pieces: string[] = []
    let at = 0
    walk(source.root, (node) => {
        if (!isComment(node) || node.children.length > 0 || node.start < at) return
        pieces.push(source.text.slice(at, node.start), " ")
        at = node.end
    })
    return pieces.join("") + source.text.slice(at)
}

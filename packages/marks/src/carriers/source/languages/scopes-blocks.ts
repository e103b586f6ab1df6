/**
 * Resolves names in languages with block scopes (C, C#, Go, Ruby) and in shells with file scope.
 *
 * Each language says what a name in its tree means. A word that is neither a resolved name nor harmless (a comment, a
 * plain string, a field) is fixed: a local with this name keeps it.
 */
import { type SyntaxNode, isComment, walk } from "../../tree.ts"
import { type SourceCode, scopePath } from "../drafts.ts"
import { type Scope, type ScopeTable, type Use, openScope } from "./scopes.ts"

/** A name in the tree: one that makes a local, one that means a local if there is one, one that must stay. */
export interface Mention {
    readonly role: "binds" | "uses" | "stays"
    readonly name: string
    readonly node: SyntaxNode
}

/** How one language with block scopes binds names. */
export interface BlockLanguage {
    /** Types of nodes that open a scope. */
    readonly scopeOpeners: RegExp
    /** Those that see nothing of the scopes around. */
    readonly isolatedScopes: RegExp
    /** Whether names at the top are the file's own. */
    readonly topIsScope: boolean
    /** Whether a name means something only after the place that makes it. */
    readonly bindsInOrder: boolean
    /** Whether giving a value to a name that a scope around has made means that one. */
    readonly assignsOuter: boolean
    /** Types of nodes in which no local is meant. */
    readonly namelessNodes: RegExp
    /** Types of nodes inside harmless ones that contain code. */
    readonly codeNodes: RegExp
    /** In a text that matches this, names can be reached by other means. */
    readonly reflection: RegExp
    /** Returns what a node mentions; null where it is not a name. */
    readonly findMention: (source: SourceCode, node: SyntaxNode, parents: readonly SyntaxNode[]) => Mention | null
}

interface BoundUse extends Use {
    readonly binds: boolean
}

/** Returns the scopes and uses of names in a language with block scopes. */
export function blockScopes(source: SourceCode, language: BlockLanguage): ScopeTable {
    const root = openScope(language.topIsScope ? "function" : "root", source.root, null, "")
    root.dynamic = language.reflection.test(withoutComments(source))
    const scopes: Scope[] = [root]
    const uses: BoundUse[] = []
    const stays = new Set<string>()
    const understood = new Uint8Array(source.text.length)
    const scopeOf = new Map<SyntaxNode, Scope>([[source.root, root]])
    walk(source.root, (node, parents) => {
        const around = nearest(scopeOf, parents) ?? root
        if (node.named && node !== source.root && language.scopeOpeners.test(node.type)) {
            const path = scopePath(source, [...parents, node])
            const scope = openScope("function", node, language.isolatedScopes.test(node.type) ? null : around, path)
            scope.dynamic = root.dynamic
            scopes.push(scope)
            scopeOf.set(node, scope)
        }
        const isKeyword = !node.named && node.children.length === 0
        if (isKeyword || isComment(node) || language.namelessNodes.test(node.type))
            understood.fill(1, node.start, node.end)
        else if (language.codeNodes.test(node.type)) understood.fill(0, node.start, node.end)
        const found = language.findMention(source, node, parents)
        if (found === null) return
        understood.fill(1, found.node.start, found.node.end)
        if (found.role === "stays") stays.add(found.name)
        const binds = found.role === "binds"
        if (binds) bind(found.name, around, language)
        uses.push({ name: found.name, node: found.node, scope: around, isRenamable: true, isProperty: false, binds })
    })
    for (const name of unaccountedWords(source, understood)) stays.add(name)
    for (const scope of scopes) for (const name of stays) scope.fixed.add(name)
    if (language.bindsInOrder) fixEarlyUses(scopes, uses)
    return { scopes, uses }
}

function bind(name: string, scope: Scope, language: BlockLanguage): void {
    for (let at: Scope | null = scope; language.assignsOuter && at !== null; at = at.parent) {
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
function unaccountedWords(source: SourceCode, understood: Uint8Array): string[] {
    return [...source.text.matchAll(/[A-Za-z_]\w*/g)].flatMap(({ 0: word, index }) =>
        understood[index] === 1 ? [] : [word, word.toLowerCase()],
    )
}

/** Fixes names that are used in their scope before their declaration, because they mean something else there. */
function fixEarlyUses(scopes: readonly Scope[], uses: readonly BoundUse[]): void {
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

function withoutComments(source: SourceCode): string {
    const pieces: string[] = []
    let at = 0
    walk(source.root, (node) => {
        if (!isComment(node) || node.children.length > 0 || node.start < at) return
        pieces.push(source.text.slice(at, node.start), " ")
        at = node.end
    })
    return pieces.join("") + source.text.slice(at)
}

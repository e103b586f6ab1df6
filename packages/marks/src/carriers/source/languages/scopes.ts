/**
 * Which names a piece of code binds, in which scope, and where each is used: enough to know a name that can change.
 *
 * Each language fills this table in; the rule that judges it, `renamableNames`, is one for all.
 */
import type { SyntaxNode } from "../../tree.ts"

/** A scope of names in a program. */
export interface Scope {
    readonly kind: "root" | "function" | "block" | "class"
    readonly node: SyntaxNode
    readonly parent: Scope | null
    /** Names this scope binds as plain variables. */
    readonly locals: Set<string>
    /** Names it binds otherwise, or that must not change here for whatever reason. */
    readonly fixed: Set<string>
    /** Whether names can be reached as text in here (`eval`, `locals()`), so that none may change. */
    dynamic: boolean
    readonly path: string
}

/** A place where a program uses a name. */
export interface Use {
    readonly name: string
    readonly node: SyntaxNode
    readonly scope: Scope
    /** False where the text of the name is also something else: a keyword argument, a property, a type. */
    readonly isRenamable: boolean
    /** True where it is a property as well, `{ name }`, so that another name is written `{ name: other }`. */
    readonly isProperty: boolean
}

/** The scopes of a program, and where it uses which name. */
export interface ScopeTable {
    readonly scopes: readonly Scope[]
    readonly uses: readonly Use[]
}

/** A local name that can change, and all its uses. */
export interface RenamableName {
    readonly name: string
    readonly scope: Scope
    readonly uses: readonly Use[]
}

/** Returns a new scope without names. */
export function openScope(kind: Scope["kind"], node: SyntaxNode, parent: Scope | null, path: string): Scope {
    return { kind, node, parent, locals: new Set(), fixed: new Set(), dynamic: false, path }
}

/**
 * Returns the locals that can be renamed.
 *
 * A name qualifies if only one scope binds it: no function around or inside binds it, no class inside uses it, and
 * each use is plain.
 */
export function renamableNames(table: ScopeTable): RenamableName[] {
    const found: RenamableName[] = []
    const byName = Map.groupBy(table.uses, (use) => use.name)
    for (const scope of table.scopes) {
        if (scope.kind === "root" || scope.kind === "class" || dynamicWithin(scope, table.scopes)) continue
        for (const name of scope.locals) {
            if (scope.fixed.has(name) || boundAround(scope, name) || boundWithin(scope, name, table.scopes)) continue
            const uses = (byName.get(name) ?? []).filter((use) => isWithin(use.scope, scope))
            if (uses.length === 0 || uses.some((use) => !use.isRenamable || classBetween(use.scope, scope))) continue
            found.push({ name, scope, uses })
        }
    }
    return found
}

function binds(scope: Scope, name: string): boolean {
    return scope.locals.has(name) || scope.fixed.has(name)
}

function boundAround(scope: Scope, name: string): boolean {
    for (let at = scope.parent; at !== null; at = at.parent) {
        if ((at.kind === "function" || at.kind === "block") && binds(at, name)) return true
    }
    return false
}

function boundWithin(scope: Scope, name: string, scopes: readonly Scope[]): boolean {
    return scopes.some((other) => other !== scope && isWithin(other, scope) && binds(other, name))
}

function dynamicWithin(scope: Scope, scopes: readonly Scope[]): boolean {
    return scopes.some((other) => other.dynamic && isWithin(other, scope))
}

function isWithin(inner: Scope, outer: Scope): boolean {
    for (let at: Scope | null = inner; at !== null; at = at.parent) if (at === outer) return true
    return false
}

function classBetween(inner: Scope, outer: Scope): boolean {
    for (let at: Scope | null = inner; at !== null && at !== outer; at = at.parent) if (at.kind === "class") return true
    return false
}

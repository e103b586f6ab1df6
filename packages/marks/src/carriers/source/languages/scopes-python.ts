/**
 * Python's scopes: functions, lambdas, comprehensions and classes, and what each binds.
 *
 * Parameters can be called by keyword, imports and definitions are known by name elsewhere: those stay fixed. So does
 * whatever a `global`, a `nonlocal`, a `case` pattern, a type or an f-string's `{name=}` mentions.
 */
import { type SyntaxNode, childIn, parts, walk } from "../../tree.ts"
import { type SourceCode, scopePath, textOf } from "../drafts.ts"
import { type Scope, type ScopeTable, type Use, openScope } from "./scopes.ts"

const comprehensions = new Set([
    "list_comprehension",
    "set_comprehension",
    "dictionary_comprehension",
    "generator_expression",
])

const readsNames = new Set(["locals", "vars", "eval", "exec", "dir", "globals"])

/** Mentioned anywhere, they let a program read the names of another function's variables. */
const readsFrames = new Set([
    "_getframe",
    "f_locals",
    "f_code",
    "co_varnames",
    "co_names",
    "currentframe",
    "settrace",
    "getsource",
    "getclosurevars",
    "inspect",
])

const patterns = new Set(["pattern_list", "tuple_pattern", "list_pattern", "list_splat_pattern", "tuple", "list"])

/** Returns the scopes and uses of names in Python. */
export function pythonScopes(source: SourceCode): ScopeTable {
    const root = openScope("root", source.root, null, "")
    const scopes: Scope[] = [root]
    const uses: Use[] = []
    const scopeOf = new Map<SyntaxNode, Scope>([[source.root, root]])
    walk(source.root, (node, parents) => {
        const scope = nearest(scopeOf, parents) ?? root
        const kind = scopeKind(node)
        if (kind !== null) {
            const path = scopePath(source, [...parents, node])
            const opened = openScope(kind, node, scope, path)
            scopes.push(opened)
            scopeOf.set(node, opened)
            bindHead(source, node, scope, opened)
            return
        }
        bind(source, node, parents, scope)
        if (node.type !== "identifier") return
        const name = textOf(source, node)
        const movable = isPlainUse(node, parents)
        if (readsNames.has(name) && movable) scope.dynamic = true
        if (readsFrames.has(name)) root.dynamic = true
        uses.push({ name, node, scope, isRenamable: movable, isProperty: false })
    })
    if (root.dynamic) for (const scope of scopes) scope.dynamic = true
    return { scopes, uses }
}

function scopeKind(node: SyntaxNode): "function" | "class" | null {
    if (node.type === "function_definition" || (node.type === "lambda" && node.named)) return "function"
    if (comprehensions.has(node.type)) return "function"
    return node.type === "class_definition" ? "class" : null
}

function nearest(scopeOf: ReadonlyMap<SyntaxNode, Scope>, parents: readonly SyntaxNode[]): Scope | null {
    for (let i = parents.length - 1; i >= 0; i--) {
        const parent = parents[i]
        const scope = parent === undefined ? undefined : scopeOf.get(parent)
        if (scope !== undefined) return scope
    }
    return null
}

/** What the head of a scope says: its own name outside, its parameters and whatever their defaults mention inside. */
function bindHead(source: SourceCode, node: SyntaxNode, outer: Scope, inner: Scope): void {
    const name = childIn(node, "name")
    if (name !== null) outer.fixed.add(textOf(source, name))
    for (const field of ["parameters", "return_type", "superclasses", "type_parameters"]) {
        const head = childIn(node, field)
        if (head !== null) fixAll(source, head, inner)
    }
    if (!comprehensions.has(node.type)) return
    const first = node.children.find((child) => child.type === "for_in_clause")
    const right = first === undefined ? null : childIn(first, "right")
    if (right !== null) fixAll(source, right, inner)
}

function fixAll(source: SourceCode, node: SyntaxNode, scope: Scope): void {
    walk(node, (inner) => {
        if (inner.type === "identifier") scope.fixed.add(textOf(source, inner))
    })
}

function bind(source: SourceCode, node: SyntaxNode, parents: readonly SyntaxNode[], scope: Scope): void {
    const target = targetOf(node)
    if (target !== null) bindTarget(source, target, scope)
    if (node.type === "named_expression") bindWalrus(source, node, scope)
    if (/^(global|nonlocal)_statement$/.test(node.type)) {
        for (let at: Scope | null = scope; at !== null; at = at.parent) fixAll(source, node, at)
    }
    if (/^(import|import_from|future_import)_statement$/.test(node.type)) fixAll(source, node, scope)
    if (node.type === "case_pattern" && parents.at(-1)?.type === "case_clause") fixAll(source, node, scope)
    if (node.type === "type_alias_statement") fixAll(source, node, scope)
}

function targetOf(node: SyntaxNode): SyntaxNode | null {
    if (/^(assignment|augmented_assignment|for_statement|for_in_clause)$/.test(node.type)) return childIn(node, "left")
    return node.type === "as_pattern_target" ? (parts(node)[0] ?? null) : null
}

function bindTarget(source: SourceCode, target: SyntaxNode, scope: Scope): void {
    if (target.type === "identifier") {
        const name = textOf(source, target)
        if (name.startsWith("_") || name.toUpperCase() === name) scope.fixed.add(name)
        else scope.locals.add(name)
    } else if (patterns.has(target.type) || target.type === "parenthesized_expression") {
        for (const part of parts(target)) bindTarget(source, part, scope)
    }
}

/** Binds the name of `:=` outside its comprehension. The name stays in every scope that it passes. */
function bindWalrus(source: SourceCode, node: SyntaxNode, scope: Scope): void {
    const name = childIn(node, "name")
    if (name === null) return
    if (!comprehensions.has(scope.node.type)) return bindTarget(source, name, scope)
    for (let at: Scope | null = scope; at !== null; at = at.parent) at.fixed.add(textOf(source, name))
}

function isPlainUse(node: SyntaxNode, parents: readonly SyntaxNode[]): boolean {
    const parent = parents.at(-1)
    if (parent === undefined) return false
    if (parent.type === "attribute") return node.field !== "attribute"
    if (parent.type === "keyword_argument") return node.field !== "name"
    if (parent.type === "interpolation") return !parent.children.some((child) => child.type === "=")
    if (parent.type === "dotted_name" || parent.type === "aliased_import") return false
    return !parents.some((at) => at.type === "type" || at.type === "case_pattern" || at.type === "ERROR")
}

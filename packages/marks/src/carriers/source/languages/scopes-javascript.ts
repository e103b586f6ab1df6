/**
 * Resolves names of JavaScript and TypeScript: functions, blocks, and the names that each binds.
 *
 * Parameters are passed by position, so they may change. Names of functions and classes stay, because programs can
 * read them. A variable to which a function is assigned gives it its name, so it stays too.
 */
import { type SyntaxNode, childIn, parts, walk } from "../../tree.ts"
import { type SourceCode, scopePath, textOf } from "../drafts.ts"
import { type Scope, type ScopeTable, type Use, openScope } from "./scopes.ts"

const functions = new Set([
    "function_declaration",
    "function_expression",
    "generator_function",
    "generator_function_declaration",
    "arrow_function",
    "method_definition",
])

const blocks = new Set([
    "statement_block",
    "for_statement",
    "for_in_statement",
    "catch_clause",
    "switch_body",
    "class_static_block",
])

const named = new Set(["function_expression", "arrow_function", "generator_function", "class"])

/** Returns the scopes and uses of names in JavaScript. */
export function javascriptScopes(source: SourceCode): ScopeTable {
    const root = openScope("root", source.root, null, "")
    const scopes: Scope[] = [root]
    const uses: Use[] = []
    const scopeOf = new Map<SyntaxNode, Scope>([[source.root, root]])
    walk(source.root, (node, parents) => {
        const scope = nearest(scopeOf, parents) ?? root
        const isFunction = functions.has(node.type)
        if (isFunction || blocks.has(node.type)) {
            const path = scopePath(source, [...parents, node])
            const opened = openScope(isFunction ? "function" : "block", node, scope, path)
            scopes.push(opened)
            scopeOf.set(node, opened)
            if (isFunction) bindHead(source, node, scope, opened)
            bindBlock(source, node, opened)
            return
        }
        bind(source, node, parents, scope)
        if (node.type === "with_statement") root.dynamic = true
        if (!/^(identifier|shorthand_property_identifier(_pattern)?)$/.test(node.type)) return
        const name = textOf(source, node)
        if (name === "eval" || (name === "Function" && isCallee(node, parents))) root.dynamic = true
        uses.push({ name, node, scope, isRenamable: isPlainUse(parents), isProperty: node.type !== "identifier" })
    })
    if (root.dynamic) for (const scope of scopes) scope.dynamic = true
    return { scopes, uses }
}

function nearest(scopeOf: ReadonlyMap<SyntaxNode, Scope>, parents: readonly SyntaxNode[]): Scope | null {
    for (let i = parents.length - 1; i >= 0; i--) {
        const parent = parents[i]
        const scope = parent === undefined ? undefined : scopeOf.get(parent)
        if (scope !== undefined) return scope
    }
    return null
}

function functionScope(scope: Scope): Scope {
    for (let at = scope; ; at = at.parent) if (at.kind !== "block" || at.parent === null) return at
}

function bindHead(source: SourceCode, node: SyntaxNode, outer: Scope, inner: Scope): void {
    const name = childIn(node, "name")
    if (name !== null && name.type === "identifier") {
        inner.fixed.add(textOf(source, name))
        if (node.type.endsWith("declaration")) {
            outer.fixed.add(textOf(source, name))
            functionScope(outer).fixed.add(textOf(source, name))
        }
    }
    const single = childIn(node, "parameter")
    if (single !== null) bindTarget(source, single, inner)
    const list = childIn(node, "parameters")
    for (const parameter of list === null ? [] : parts(list)) bindParameter(source, parameter, inner)
    if (list === null) return
    walk(list, (at) => {
        const mentioned = at.type === "identifier" ? textOf(source, at) : null
        if (mentioned !== null && !inner.locals.has(mentioned)) inner.fixed.add(mentioned)
    })
}

function bindParameter(source: SourceCode, parameter: SyntaxNode, scope: Scope): void {
    const pattern = childIn(parameter, "pattern")
    const isProperty = parameter.children.some((child) => /modifier$|^readonly$/.test(child.type))
    if (pattern === null) return bindTarget(source, parameter, scope)
    if (isProperty) fixAll(source, pattern, scope)
    else bindTarget(source, pattern, scope, childIn(parameter, "value"))
}

function bindBlock(source: SourceCode, node: SyntaxNode, scope: Scope): void {
    const left = node.type === "for_in_statement" ? childIn(node, "left") : null
    const kind = left === null ? null : childIn(node, "kind")
    if (left !== null && kind !== null) {
        bindTarget(source, left, textOf(source, kind) === "var" ? functionScope(scope) : scope)
    }
    const caught = node.type === "catch_clause" ? childIn(node, "parameter") : null
    if (caught !== null) bindTarget(source, caught, scope)
}

function bind(source: SourceCode, node: SyntaxNode, parents: readonly SyntaxNode[], scope: Scope): void {
    const parent = parents.at(-1)
    if (node.type === "variable_declarator" && parent !== undefined) {
        const name = childIn(node, "name")
        const target = parent.type === "variable_declaration" ? functionScope(scope) : scope
        const isShared = parents.some((at) => at.type === "export_statement" || at.type === "ambient_declaration")
        const isUsing = /^using|^await/.test(textOf(source, parent))
        if (name !== null && (isShared || isUsing)) fixAll(source, name, target)
        else if (name !== null) bindTarget(source, name, target, childIn(node, "value"))
    } else if (/^(class|enum|internal_module|module|abstract_class)(_declaration)?$/.test(node.type) && node.named) {
        const name = childIn(node, "name")
        if (name !== null) scope.fixed.add(textOf(source, name))
    } else if (node.type === "import_statement") {
        fixAll(source, node, scope)
    } else if (/^(assignment_expression|assignment_pattern|object_assignment_pattern)$/.test(node.type)) {
        const left = childIn(node, "left")
        if (left !== null && /identifier/.test(left.type) && lendsName(childIn(node, "right"))) {
            for (let at: Scope | null = scope; at !== null; at = at.parent) at.fixed.add(textOf(source, left))
        }
    }
}

function bindTarget(source: SourceCode, target: SyntaxNode, scope: Scope, value: SyntaxNode | null = null): void {
    if (target.type === "identifier" || target.type === "shorthand_property_identifier_pattern") {
        const name = textOf(source, target)
        const stays = lendsName(value) || /^[_$]/.test(name) || name.toUpperCase() === name || name === "arguments"
        if (stays) scope.fixed.add(name)
        else scope.locals.add(name)
    } else if (target.type === "assignment_pattern" || target.type === "object_assignment_pattern") {
        const left = childIn(target, "left")
        if (left !== null) bindTarget(source, left, scope, childIn(target, "right"))
    } else if (target.type === "pair_pattern") {
        const inner = childIn(target, "value")
        if (inner !== null) bindTarget(source, inner, scope)
    } else if (/^(object_pattern|array_pattern|rest_pattern)$/.test(target.type)) {
        for (const part of parts(target)) bindTarget(source, part, scope)
    }
}

function fixAll(source: SourceCode, node: SyntaxNode, scope: Scope): void {
    walk(node, (inner) => {
        if (/identifier/.test(inner.type)) scope.fixed.add(textOf(source, inner))
    })
}

/** A function or class without a name takes the name of what it is first given to. */
function lendsName(value: SyntaxNode | null): boolean {
    if (value === null) return false
    if (value.type === "parenthesized_expression") return parts(value).some(lendsName)
    return named.has(value.type)
}

function isCallee(node: SyntaxNode, parents: readonly SyntaxNode[]): boolean {
    return node.field === "function" || node.field === "constructor" || parents.at(-1)?.type === "member_expression"
}

function isPlainUse(parents: readonly SyntaxNode[]): boolean {
    const parent = parents.at(-1)?.type ?? ""
    return !/^jsx_|^nested_|specifier$|^namespace|^type_query$|^ERROR$/.test(parent)
}

/**
 * Classifies a statement of one line: whether it only gives a local variable a known value, and which names it may
 * change.
 */
import { type SyntaxNode, childIn, parts, walk } from "../tree.ts"
import { type SourceCode, textOf } from "./drafts.ts"
import { type RenamableName, type ScopeTable, renamableNames } from "./languages/scopes.ts"
import { isKnownValue } from "./values.ts"

/** A statement, and which local names it reads and writes. */
export interface StatementEffect {
    readonly node: SyntaxNode
    /** The local that it gives a known value, and does nothing else; null where it may do more. */
    readonly assigned: string | null
    readonly value: SyntaxNode | null
    /** The locals that the value is made of. */
    readonly reads: readonly string[]
    /** Every name that it may give another value. */
    readonly writes: ReadonlySet<string>
    /**
     * Whether the program could observe that the other statement was not reached: by a handler around it, or by a
     * value that it drops.
     */
    readonly isObservable: boolean
}

type StatementJudge = (node: SyntaxNode, block: SyntaxNode, parents: readonly SyntaxNode[]) => StatementEffect | null

interface LanguageRules {
    /** Statements that may be next to a setting. */
    readonly statements: RegExp
    /** Text that a statement next to a setting may not contain. */
    readonly refused: RegExp
    /** Text that prevents any move in a file. */
    readonly denied: RegExp
    /** Whether functions see each other's locals, so that neighbours may call nothing. */
    readonly isShared: boolean
    /** Whether what a block ends with is its value. */
    readonly hasValue: boolean
}

const braces = { isShared: false, hasValue: false }
const javascript: LanguageRules = {
    statements: /^(expression_statement|lexical_declaration)$/,
    refused: /^[[(`+\-/*"']|^(await|yield|delete|throw|using)\b|\b(await|yield)\b/,
    denied: /\barguments\b|\bwith\s*\(|\bdebugger\b/,
    ...braces,
}

const languageRules: Readonly<Record<string, LanguageRules>> = {
    python: {
        statements: /^expression_statement$/,
        refused: /^(yield|await|["'({[])|\b(yield|await|locals|vars|globals)\b|:=/,
        denied: /\bnonlocal\b|\bdel\b|_getframe|settrace|setprofile/,
        ...braces,
    },
    javascript,
    typescript: javascript,
    tsx: javascript,
    go: {
        statements: /^(expression_statement|short_var_declaration|assignment_statement|inc_statement|dec_statement)$/,
        refused: /<-|\bfunc\b/,
        denied: /\brecover\(|\bgoto\b|"unsafe"/,
        ...braces,
    },
    c: {
        statements: /^(declaration|expression_statement)$/,
        refused: /\b[A-Z_][A-Z0-9_]*\(|^static\b|\bassert\(|\bva_/,
        denied: /\bgoto\b|jmp\b|\bvolatile\b|\basm\b|\balloca\(/,
        ...braces,
    },
    csharp: {
        statements: /^(local_declaration_statement|expression_statement)$/,
        refused: /^(using|await|const|ref|scoped)\b|\bawait\b|=>/,
        denied: /\bunsafe\b|\bgoto\b|\bref\s+(var|\w+)\s+\w+\s*=/,
        ...braces,
    },
    ruby: {
        statements: /^(assignment|operator_assignment|call)$/,
        refused:
            /^(raise|fail|throw|private|public|protected|attr\w*|include|extend|require\w*|loop|binding|at_exit)\b/,
        denied: /\bretry\b|\bredo\b|\bbinding\b|\bcallcc\b|set_trace_func|TracePoint/,
        isShared: false,
        hasValue: true,
    },
    powershell: {
        statements: /^$/,
        refused: /^/,
        denied: /PSBreakpoint|Set-StrictMode/i,
        isShared: true,
        hasValue: false,
    },
    bash: {
        statements: /^(declaration_command|variable_assignment)$/,
        refused: /\$\(|`|:?[=?]|\[|\(|\bdeclare\b|\breadonly\b|\bexport\b|\$_/,
        denied: /\btrap\b|\$_\b|\bset -[a-z]*x|xtrace|\b(declare|local|typeset)\s+-[a-zA-Z]*[ilnru]|\bshopt\b/,
        isShared: true,
        hasValue: false,
    },
}

const functions = new RegExp(
    String.raw`^(function_(definition|declaration|expression|statement)|generator_\w+|arrow_function` +
        "|method(_(definition|declaration))?|func_literal|lambda(_expression)?" +
        "|anonymous_method_expression|local_function_statement|constructor_declaration" +
        "|accessor_declaration|singleton_method|do_block|generator_expression|script_block_expression" +
        "|class_static_block)$",
)
const handlers =
    /^(try_statement|with_statement|begin|using_statement|lock_statement|trap_statement|rescue|ensure|fixed_statement)$/
const loops = /^(while\w*|for\w*|do_statement|do|foreach_statement|until\w*|c_style_for_statement)$/

/** Judges the statements of a file; null where none of it may be moved. */
export function statementJudge(source: SourceCode, table: ScopeTable): StatementJudge | null {
    const rules = languageRules[source.language]
    if (rules === undefined || rules.denied.test(source.text)) return null
    const owners = ownersOf(source)
    const locals = new Map<number, RenamableName>()
    for (const local of renamableNames(table)) for (const use of local.uses) locals.set(use.node.end, local)
    return (node, block, parents) => {
        const owner = owners.at(node.start)
        if (owner === null && !rules.isShared) return null
        if (rules.hasValue && parts(block).at(-1) === node) return null
        const inFunction = [...parents.slice(parents.findLastIndex(({ type }) => functions.test(type)) + 1), block]
        const inLoop = inFunction.some(({ type }) => loops.test(type))
        const isHandled = inFunction.some(
            ({ type, children }) =>
                handlers.test(type) || children.some((at) => /^(rescue|ensure|trap_statement)$/.test(at.type)),
        )
        const assignment = assignmentOf(source, node)
        const local = assignment === null ? undefined : locals.get(assignment.name.end)
        const writes = namesIn(source, node)
        if (
            assignment !== null &&
            local !== undefined &&
            (rules.isShared || isOwn(local, node, { owners, owner, inLoop }))
        ) {
            const reads = readsOf(source, assignment.value, node, { locals, owners, owner, enclosing: inFunction })
            const isFirst = !inLoop && local.uses.every((use) => use.node.start >= assignment.name.start)
            const isObservable = isHandled || (source.language === "python" && !isFirst)
            if (reads !== null)
                return {
                    node,
                    assigned: textOf(source, assignment.name),
                    value: assignment.value,
                    reads,
                    writes: new Set([local.name]),
                    isObservable,
                }
        }
        const text = textOf(source, node)
        const isNeighbour = rules.statements.test(node.type) && !isRefused(rules, source, text)
        return isNeighbour ? { node, assigned: null, value: null, reads: [], writes, isObservable: isHandled } : null
    }
}

/** In shells, the text before the first `=` is the name that a statement sets. */
function isRefused(rules: LanguageRules, source: SourceCode, text: string): boolean {
    return rules.refused.test(source.language === "bash" ? text.replace(/^(local )?\w+=/, "") : text)
}

interface Owners {
    /** The function that a place is in. */
    readonly at: (place: number) => SyntaxNode | null
}

function ownersOf(source: SourceCode): Owners {
    const nodes: SyntaxNode[] = []
    walk(source.root, (node) => {
        if (node.named && functions.test(node.type)) nodes.push(node)
    })
    return { at: (place) => nodes.findLast(({ start, end }) => start <= place && place < end) ?? null }
}

interface OwnerContext {
    readonly owners: Owners
    readonly owner: SyntaxNode | null
    readonly inLoop: boolean
}

/** Returns whether only this function knows the local while the statement runs. */
function isOwn(local: RenamableName, node: SyntaxNode, { owners, owner, inLoop }: OwnerContext): boolean {
    const others = local.uses.filter((use) => owners.at(use.node.start) !== owner)
    if (others.length === 0) return true
    // A closure that is made later, of a local that is made once, cannot have run yet.
    return owner !== null && !inLoop && others.every((use) => use.node.start > node.end + nearby)
}

/** More than a group and what is between its lines can take. */
const nearby = 400

interface ValueContext {
    /** Locals by the offset at which the name ends. */
    readonly locals: ReadonlyMap<number, RenamableName>
    readonly owners: Owners
    readonly owner: SyntaxNode | null
    /** Nodes from the function's body down to the block. */
    readonly enclosing: readonly SyntaxNode[]
}

/** The names that a known value is made of; null where it is not known. */
function readsOf(source: SourceCode, value: SyntaxNode, at: SyntaxNode, context: ValueContext): string[] | null {
    const { locals, owners, owner } = context
    const reads: string[] = []
    const isSteady = (node: SyntaxNode): boolean => {
        const name = textOf(source, node)
        const uses = locals.get(node.end)?.uses ?? []
        const isLocal = uses.length > 0 && uses.every((use) => owners.at(use.node.start) === owner)
        const isBefore = uses.some((use) => use.node.start < at.start)
        const isTaken = new RegExp(String.raw`&\s*${name}\b`).test(source.text)
        const isBound = source.language === "python" ? isBoundInPython(source, name, at, context) : isLocal && isBefore
        if (isBound && !isTaken) reads.push(name)
        return isBound && !isTaken
    }
    return isKnownValue(source, value, isSteady) ? reads : null
}

/** A parameter, what a line before has given a value for sure, or a constant at the top that is made once. */
function isBoundInPython(
    source: SourceCode,
    name: string,
    at: SyntaxNode,
    { owner, enclosing }: ValueContext,
): boolean {
    const parameters = parts(owner === null ? at : (childIn(owner, "parameters") ?? at))
    if (parameters.some((head) => textOf(source, head).match(/^\w+/)?.[0] === name)) return true
    const isMade = (statement: SyntaxNode): boolean =>
        statement.type === "expression_statement" && new RegExp(String.raw`^${name} = `).test(textOf(source, statement))
    if (enclosing.some((block) => block.children.some((node) => node.end < at.start && isMade(node)))) return true
    const list = [...source.text.matchAll(new RegExp(String.raw`\b${name}\s*(:\s*\w+\s*)?=(?!=)`, "g"))]
    const isConstant = /^[A-Z][A-Z0-9_]+$/.test(name) && list.length === 1 && !/\bglobals?\b/.test(source.text)
    return isConstant && source.root.children.some((node) => node.end < at.start && isMade(node))
}

function namesIn(source: SourceCode, node: SyntaxNode): Set<string> {
    return new Set(textOf(source, node).match(/[A-Za-z_]\w*/g))
}

/** The name that a statement gives a value, where that is all it is about. */
function assignmentOf(source: SourceCode, node: SyntaxNode): { name: SyntaxNode; value: SyntaxNode } | null {
    switch (source.language) {
        case "bash":
            return bashAssignment(source, node)
        case "powershell":
            return powershellAssignment(source, node)
        case "c":
        case "csharp":
            return typedAssignment(source, node)
        case "go":
            return goAssignment(source, node)
        default:
            return plainAssignment(source, node)
    }
}

type Part = SyntaxNode | null | undefined
type FoundAssignment = { name: SyntaxNode; value: SyntaxNode } | null

const assignmentTo = (name: Part, value: Part): FoundAssignment =>
    name?.type === "identifier" && value !== null && value !== undefined ? { name, value } : null

/** `name = value`, and what JavaScript declares. */
function plainAssignment(source: SourceCode, node: SyntaxNode): FoundAssignment {
    const declarators = node.type === "lexical_declaration" ? parts(node) : []
    const [declarator] = declarators
    if (declarator !== undefined) {
        return declarators.length === 1 ? assignmentTo(childIn(declarator, "name"), childIn(declarator, "value")) : null
    }
    const assignment = node.type === "expression_statement" ? parts(node)[0] : node
    if (assignment === undefined || !/^assignment(_expression)?$/.test(assignment.type)) return null
    if (source.language === "python" && assignment.children.length !== 3) return null
    const [left, right] = [childIn(assignment, "left"), childIn(assignment, "right")]
    return /^\w+ *=(?!=)/.test(textOf(source, assignment)) ? unlessAddressTaken(source, left, right) : null
}

function typedAssignment(source: SourceCode, node: SyntaxNode): FoundAssignment {
    if (node.type === "expression_statement") return plainAssignment(source, node)
    if (!/^(declaration|local_declaration_statement)$/.test(node.type)) return null
    if (/^(static|extern|const\s+(?!char)|using|await|ref|scoped|register|typedef)\b/.test(textOf(source, node)))
        return null
    const inside = node.type === "declaration" ? node : parts(node)[0]
    const declarators = inside === undefined ? [] : parts(inside).filter(({ type }) => type.endsWith("declarator"))
    const [declarator] = declarators
    if (declarator === undefined || declarators.length !== 1) return null
    if (node.type === "declaration" && declarator.type !== "init_declarator") return null
    const name = source.language === "c" ? declaredIn(childIn(declarator, "declarator")) : childIn(declarator, "name")
    const value = parts(declarator).at(-1)
    return value === name ? null : unlessAddressTaken(source, name, value)
}

function declaredIn(declarator: SyntaxNode | null): SyntaxNode | null {
    return declarator?.type === "pointer_declarator" ? declaredIn(childIn(declarator, "declarator")) : declarator
}

function goAssignment(source: SourceCode, node: SyntaxNode): FoundAssignment {
    const spec = node.type === "var_declaration" ? parts(node)[0] : undefined
    if (spec?.type === "var_spec") {
        const names = spec.children.filter(({ field }) => field === "name")
        const value = childIn(spec, "value")
        return names.length === 1 && value !== null ? unlessAddressTaken(source, names[0], parts(value)[0]) : null
    }
    if (!/^(short_var_declaration|assignment_statement)$/.test(node.type)) return null
    const [left, right] = [childIn(node, "left"), childIn(node, "right")]
    const [names, values] = [left === null ? [] : parts(left), right === null ? [] : parts(right)]
    const isPlain = /^\w+\s*:?=\s/.test(textOf(source, node)) && names.length === 1 && values.length === 1
    return isPlain ? unlessAddressTaken(source, names[0], values[0]) : null
}

/** Unless its address is taken anywhere, so that others can look at it. */
function unlessAddressTaken(source: SourceCode, name: Part, value: Part): FoundAssignment {
    if (name === undefined || name === null) return null
    return new RegExp(String.raw`&\s*${textOf(source, name)}\b`).test(source.text) ? null : assignmentTo(name, value)
}

function bashAssignment(source: SourceCode, node: SyntaxNode): FoundAssignment {
    const isLocal = node.type === "declaration_command" && /^local \w+=/.test(textOf(source, node))
    const assignment = isLocal ? parts(node)[0] : node
    if (assignment?.type !== "variable_assignment" || (isLocal && parts(node).length !== 1)) return null
    const [name, value] = [childIn(assignment, "name"), childIn(assignment, "value")]
    const isPlain = name?.type === "variable_name" && /^\w+=/.test(textOf(source, assignment))
    return isPlain && value !== null ? { name, value } : null
}

function powershellAssignment(source: SourceCode, node: SyntaxNode): FoundAssignment {
    const assignment = node.type === "pipeline" && parts(node).length === 1 ? parts(node)[0] : undefined
    if (assignment?.type !== "assignment_expression" || !/^\$\w+ = /.test(textOf(source, assignment))) return null
    const value = childIn(assignment, "value")
    const name = variableIn(assignment)
    if (name === null || value === null) return null
    // A name that has a type somewhere may refuse a value.
    const isTyped = new RegExp(String.raw`\]\s*[$]${textOf(source, name).slice(1)}\b`, "i").test(source.text)
    return isTyped ? null : { name, value }
}

function variableIn(node: SyntaxNode): SyntaxNode | null {
    const [first] = node.children
    if (node.type === "variable") return node
    return first === undefined ? null : variableIn(first)
}

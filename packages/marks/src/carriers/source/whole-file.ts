/**
 * Finds the names of a file that hold only whole numbers. One assignment of anything else, anywhere in the file,
 * disqualifies a name.
 */
import { type SyntaxNode, childIn, parts, walk } from "../tree.ts"
import { type SourceCode, textOf } from "./drafts.ts"

/** Returns whether an expression is certainly a whole number. */
export type WholeNumberTest = (node: SyntaxNode) => boolean

const cType = new RegExp(
    "^(const |static |unsigned |signed |long |short )*(int|long|short|char|unsigned|signed|size_t" +
        "|ssize_t|u?int(8|16|32|64)_t)$",
)
const goType = /^u?int(8|16|32|64)?$|^byte$|^rune$/
const csharpType = /^(u?int|u?long|u?short|s?byte)$/

/** Tells of an expression whether it is a whole number. */
export function wholeNumbers(source: SourceCode): WholeNumberTest {
    const whole = new Set<string>()
    const other = new Set<string>()
    walk(source.root, (node, parents) => {
        for (const [name, isWhole] of assignmentsIn(source, node, parents)) (isWhole ? whole : other).add(name)
    })
    return (node) =>
        isCounting(source, node) ||
        (isName(node) && whole.has(nameKey(source, node)) && !other.has(nameKey(source, node)))
}

const isName = (node: SyntaxNode): boolean => /^(identifier|variable|variable_name)$/.test(node.type)

function nameKey(source: SourceCode, node: SyntaxNode): string {
    const text = textOf(source, node)
    return source.language === "powershell" ? text.toLowerCase() : text
}

const literal = /^\d{1,9}$/

/** Calls and members that give a whole number whatever they are given. */
function isCounting(source: SourceCode, node: SyntaxNode): boolean {
    const text = textOf(source, node)
    switch (source.language) {
        case "python":
            return node.type === "call" && /^len\([^()]*(\([^()]*\))?[^()]*\)$/.test(text)
        case "go":
            return (
                node.type === "call_expression" && /^(len|cap|strings\.(Index|LastIndex|Count|IndexByte))\(/.test(text)
            )
        case "c":
            return node.type === "call_expression" && /^(strlen|strcmp|strncmp|memcmp|strcasecmp)\(/.test(text)
        case "javascript":
        case "typescript":
            return /^(process\.argv|Object\.(keys|values|entries)\([\w.]+\))\.length$/.test(text)
        case "csharp":
            return hasLength(source, text.match(/^(\w+)\.Length$/)?.[1])
        case "powershell":
            return /^@\(.*\)\.Count$/i.test(text)
        default:
            return false
    }
}

/** Whether a name of C# is declared as text or as an array wherever it is declared. */
function hasLength(source: SourceCode, name: string | undefined): boolean {
    if (name === undefined) return false
    const declared = [
        ...source.text.matchAll(
            new RegExp(String.raw`(?<![\w>\]])([\w>\]]+)\s+${name}\s*([=;,)]|in\b)\s*([^;]*)`, "g"),
        ),
    ]
    const types = declared.filter(([, type]) => type !== "return")
    return (
        types.length > 0 &&
        types.every(([, type = "", , value = ""]) => /^string$|\]$/.test(type) || /^\w+\.Split\([^()]*\)$/.test(value))
    )
}

type Assignments = [name: string, isWhole: boolean][]

/** What a node says of the names that it gives a value. */
function assignmentsIn(source: SourceCode, node: SyntaxNode, parents: readonly SyntaxNode[]): Assignments {
    if (source.language === "python") return pythonAssignments(source, node)
    if (source.language === "go") return goAssignments(source, node)
    if (source.language === "powershell") return powershellAssignments(source, node, parents)
    if (source.language === "ruby") return plainAssignments(source, node, /^(assignment|operator_assignment)$/)
    if (/^(c|csharp)$/.test(source.language)) return typedAssignments(source, node)
    return javascriptAssignments(source, node)
}

const namesUnder = (source: SourceCode, node: SyntaxNode | null, isWhole: boolean): Assignments => {
    const found: Assignments = []
    if (node === null) return found
    walk(node, (at) => {
        if (isName(at)) found.push([nameKey(source, at), isWhole])
    })
    return found
}

function isWholeValue(source: SourceCode, value: SyntaxNode | null): boolean {
    return value !== null && (literal.test(textOf(source, value)) || isCounting(source, value))
}

/** `name = 3`, `name += 3`, and whatever else the left side names. */
function plainAssignments(source: SourceCode, node: SyntaxNode, types: RegExp): Assignments {
    if (/parameters$|pattern$|^for$|exception_variable|left_assignment_list/.test(node.type))
        return namesUnder(source, node, false)
    if (!types.test(node.type)) return []
    const left = childIn(node, "left")
    const operator = childIn(node, "operator")
    const sign = operator === null ? "=" : textOf(source, operator)
    const isWhole = /^([-+]?=)$/.test(sign) && isWholeValue(source, childIn(node, "right"))
    return left !== null && isName(left) ? [[textOf(source, left), isWhole]] : []
}

function pythonAssignments(source: SourceCode, node: SyntaxNode): Assignments {
    const left = childIn(node, "left")
    if (/^(for_statement|for_in_clause)$/.test(node.type)) {
        const right = childIn(node, "right")
        const from = right === null ? "" : textOf(source, right)
        if (left?.type === "identifier") return namesUnder(source, left, from.startsWith("range("))
        const [first, ...rest] = left === null ? [] : parts(left)
        const isCounted = from.startsWith("enumerate(") && first?.type === "identifier"
        return [...namesUnder(source, first ?? null, isCounted), ...rest.flatMap((at) => namesUnder(source, at, false))]
    }
    if (/^(assignment|augmented_assignment)$/.test(node.type)) {
        return left?.type === "identifier"
            ? plainAssignments(source, node, /assignment/)
            : namesUnder(source, left?.type === "attribute" || left?.type === "subscript" ? null : left, false)
    }
    const binds = /parameters$|^(as_pattern_target|named_expression|global_statement|nonlocal_statement|case_pattern)$/
    return binds.test(node.type) || node.type.startsWith("import") ? namesUnder(source, node, false) : []
}

function goAssignments(source: SourceCode, node: SyntaxNode): Assignments {
    const type = childIn(node, "type")
    const names = node.children.filter(({ field }) => field === "name")
    if (/^(var_spec|const_spec|(variadic_)?parameter_declaration)$/.test(node.type)) {
        const isWhole =
            node.type !== "variadic_parameter_declaration" && type !== null && goType.test(textOf(source, type))
        return names.flatMap((name) => namesUnder(source, name, isWhole))
    }
    const left = childIn(node, "left")
    if (/^(range_clause|receive_statement|type_switch_statement)$/.test(node.type))
        return namesUnder(source, left, false)
    if (node.type !== "short_var_declaration" || left === null) return []
    const right = childIn(node, "right")
    const values = right === null ? [] : parts(right)
    return parts(left).flatMap((name, i) => namesUnder(source, name, isWholeValue(source, values[i] ?? null)))
}

function typedAssignments(source: SourceCode, node: SyntaxNode): Assignments {
    if (source.language === "csharp") {
        const name = childIn(node, "name")
        const type = childIn(node, "type")
        if (node.type === "variable_declaration") {
            const isNamed = type !== null && csharpType.test(textOf(source, type))
            return parts(node).flatMap((at) => {
                const value = at.children.at(-1) ?? null
                const isWhole = isNamed || (type?.type === "implicit_type" && isWholeValue(source, value))
                return at.type === "variable_declarator" ? namesUnder(source, childIn(at, "name"), isWhole) : []
            })
        }
        if (node.type === "foreach_statement") return namesUnder(source, childIn(node, "left"), false)
        if (!/^(parameter|declaration_expression|declaration_pattern|property_declaration)$/.test(node.type)) return []
        return namesUnder(source, name, type !== null && csharpType.test(textOf(source, type)))
    }
    if (!/^(declaration|(optional_)?parameter_declaration)$/.test(node.type)) return []
    const type = childIn(node, "type")
    const isWhole = type !== null && cType.test(textOf(source, type).replaceAll(/\s+/g, " "))
    return node.children.flatMap((at) => {
        if (at.field !== "declarator") return []
        const declared = at.type === "init_declarator" ? childIn(at, "declarator") : at
        return namesUnder(source, declared, isWhole && declared?.type === "identifier")
    })
}

function javascriptAssignments(source: SourceCode, node: SyntaxNode): Assignments {
    if (node.type === "variable_declarator") {
        const name = childIn(node, "name")
        return namesUnder(source, name, name?.type === "identifier" && isWholeValue(source, childIn(node, "value")))
    }
    if (/^(augmented_)?assignment_expression$/.test(node.type)) {
        const left = childIn(node, "left")
        if (left?.type !== "identifier")
            return (left?.type ?? "").endsWith("pattern") ? namesUnder(source, left, false) : []
        return plainAssignments(source, node, /assignment/)
    }
    const single = childIn(node, "parameter")
    const left = node.type === "for_in_statement" ? childIn(node, "left") : null
    const binds = /^(formal_parameters|import_clause)$/.test(node.type)
    return [
        ...namesUnder(source, single, false),
        ...namesUnder(source, left, false),
        ...(binds ? namesUnder(source, node, false) : []),
    ]
}

function powershellAssignments(source: SourceCode, node: SyntaxNode, parents: readonly SyntaxNode[]): Assignments {
    if (node.type === "script_parameter" || node.type === "class_property_definition")
        return namesUnder(source, node, false)
    if (node.type === "foreach_statement") return namesUnder(source, parts(node)[0] ?? null, false)
    if (node.type !== "variable") return []
    const name: string = nameKey(source, node)
    if (parents.some(({ type }) => type === "cast_expression")) return [[name, false]]
    const assignment = parents.findLast(({ type }) => type === "assignment_expression")
    const left = assignment?.children.find(({ type }) => type === "left_assignment_expression")
    if (assignment === undefined || left === undefined || node.start < left.start || node.end > left.end) return []
    const value = childIn(assignment, "value")
    const sign = source.text.slice(left.end, value?.start ?? left.end).trim()
    const isWhole = node.start === left.start && node.end === left.end && /^[-+]?=$/.test(sign)
    return [[name, isWhole && value !== null && literal.test(textOf(source, value))]]
}

/** Finds private fields of C# classes that can be renamed, because the file does not use reflection. */
import { type SyntaxNode, childIn, walk } from "../tree.ts"
import { type SourceCode, textOf } from "./drafts.ts"
import { type RenamableName, type Use, openScope } from "./languages/scopes.ts"

const reflectionPattern =
    /\b(partial|nameof|BindingFlags|GetFields?|GetMembers?|Reflection|Serializ\w+|DataContract|StructLayout|dynamic)\b/
const accessModifier = /^(public|protected|internal)$/

/** Returns the private fields of C# classes that can be renamed; none where the file uses reflection. */
export function privateFields(source: SourceCode): RenamableName[] {
    if (reflectionPattern.test(source.text)) return []
    const fields = new Map<string, SyntaxNode>()
    const uses = new Map<string, Use[]>()
    const disqualified = new Set<string>()
    const scope = openScope("class", source.root, null, "")
    walk(source.root, (node, parents) => {
        if (node.type !== "identifier") return
        const name = textOf(source, node)
        const owner = fieldOf(node, parents)
        if (owner !== null && !fields.has(name) && isPrivate(source, owner)) fields.set(name, owner)
        else if (!isFieldReference(source, node, parents)) disqualified.add(name)
        uses.set(name, [...(uses.get(name) ?? []), { name, node, scope, isRenamable: true, isProperty: false }])
    })
    return [...fields.keys()].flatMap((name) =>
        disqualified.has(name) ? [] : [{ name, scope, uses: uses.get(name) ?? [] }],
    )
}

function fieldOf(node: SyntaxNode, parents: readonly SyntaxNode[]): SyntaxNode | null {
    const owner = parents.at(-3)
    const isName = node.field === "name" && parents.at(-1)?.type === "variable_declarator"
    return isName && owner?.type === "field_declaration" ? owner : null
}

function isPrivate(source: SourceCode, field: SyntaxNode): boolean {
    return field.children.every(({ type, start, end }) => {
        return type !== "attribute_list" && !accessModifier.test(source.text.slice(start, end))
    })
}

/**
 * Whether this identifier must mean the field: it is used without a qualifier, or on an object of a class in this file.
 */
function isFieldReference(source: SourceCode, node: SyntaxNode, parents: readonly SyntaxNode[]): boolean {
    const parent = parents.at(-1)
    if (parent === undefined) return false
    if (parent.type === "member_access_expression" && node.field === "name") {
        const object = childIn(parent, "expression")
        return object !== null && isThis(source, textOf(source, object))
    }
    if (parent.type === "assignment_expression") return parents.at(-2)?.type !== "initializer_expression"
    return (
        !/^(name|type|returns)$/.test(node.field ?? "") &&
        !/initializer|anonymous|tuple|attribute|query|pattern/.test(parent.type)
    )
}

function isThis(source: SourceCode, object: string): boolean {
    const classes = [...source.text.matchAll(/\bclass\s+(\w+)/g)].map(([, name = ""]) => name)
    if (object === "this" || classes.includes(object)) return true
    return classes.some((name) => new RegExp(String.raw`\bvar ${object} = new ${name}\(`).test(source.text))
}

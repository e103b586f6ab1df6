/** Names of Go: what functions declare. What a package, a type or a literal's key calls by name stays. */
import type { SyntaxNode } from "../../tree.ts"
import { type SourceCode, textOf } from "../drafts.ts"
import { type Mention, type BlockLanguage } from "./scopes-blocks.ts"

export const go: BlockLanguage = {
    scopeOpeners: new RegExp(
        "^(function_declaration|method_declaration|func_literal|block|(if|for|expression_switch" +
            "|type_switch|select)_statement|(expression|default|type|communication)_case)$",
    ),
    isolatedScopes: /^(function_declaration|method_declaration)$/,
    topIsScope: false,
    bindsInOrder: true,
    assignsOuter: false,
    namelessNodes: /^(field_identifier|label_name|package_identifier|(interpreted|raw)_string_literal|rune_literal)$/,
    codeNodes: /^$/,
    reflection: /^\s*import "C"|"C"\s*$/m,
    findMention(source, node, parents): Mention | null {
        if (node.type === "package_identifier") return { role: "stays", name: textOf(source, node), node }
        if (node.type === "import_spec") return { role: "stays", name: lastOf(textOf(source, node)), node }
        if (node.type !== "identifier") return null
        const name = textOf(source, node)
        const parent = parents.at(-1)
        const isTop = !parents.some(({ type }) => go.isolatedScopes.test(type))
        const isKey = parent?.type === "literal_element" && parent.field === "key"
        const isSignature = parents.some(({ type }) => /^(function_type|method_elem|method_spec)$/.test(type))
        if (name === "_") return null
        if (isKey || isSignature || parent?.field === "receiver") return { role: "stays", name, node }
        if (isTop || (node.field === "name" && /^(function|method)_declaration$/.test(parent?.type ?? ""))) {
            return { role: "stays", name, node }
        }
        return { role: bindsVariable(source, node, parents) ? "binds" : "uses", name, node }
    },
}

const lastOf = (text: string): string => text.match(/([\w-]+)"\s*$/)?.[1] ?? ""

function bindsVariable(source: SourceCode, node: SyntaxNode, parents: readonly SyntaxNode[]): boolean {
    const parent = parents.at(-1)
    const above = parents.at(-2)
    if (parent === undefined) return false
    if (/^((variadic_)?parameter_declaration|var_spec|const_spec)$/.test(parent.type)) return node.field === "name"
    if (parent.field === "alias") return true
    if (parent.field !== "left" || above === undefined) return false
    if (above.type === "short_var_declaration") return true
    const isLoop = above.type === "range_clause" || above.type === "receive_statement"
    return isLoop && /^\s*:=/.test(source.text.slice(parent.end))
}

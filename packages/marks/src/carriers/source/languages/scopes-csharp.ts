/**
 * Names of C#: variables of methods, and the parameters of private ones. What may be named by a caller, be taken for a
 * member (`new { total }`, `(total, count)`), or be shown as text (`nameof`) stays.
 */
import { type SyntaxNode, childIn } from "../../tree.ts"
import { type SourceCode, textOf } from "../drafts.ts"
import { type Mention, type BlockLanguage } from "./scopes-blocks.ts"

const members =
    /^(method|constructor|operator|conversion_operator|destructor|indexer|property|event|field)_declaration$/

export const csharp: BlockLanguage = {
    scopeOpeners: new RegExp(
        "^((method|constructor|operator|conversion_operator|destructor|indexer|property|event" +
            "|accessor)_declaration|local_function_statement|lambda_expression|anonymous_method_expression" +
            "|block|(for|foreach|using|fixed)_statement|catch_clause|switch_section)$",
    ),
    isolatedScopes: members,
    topIsScope: false,
    bindsInOrder: true,
    assignsOuter: false,
    namelessNodes: new RegExp(
        "^(string_literal|verbatim_string_literal|raw_string_literal|interpolated_string_expression" +
            "|character_literal|predefined_type|modifier|implicit_type|null_literal|boolean_literal" +
            "|preproc_.*)$",
    ),
    codeNodes: /^interpolation$/,
    reflection: /\b(CallerArgumentExpression|Expression<|unsafe|dynamic)\b/,
    findMention(source, node, parents): Mention | null {
        if (node.type === "implicit_parameter") return { role: "binds", name: textOf(source, node), node }
        if (node.type !== "identifier") return null
        const name = textOf(source, node)
        const isInside = parents.some(({ type }) => members.test(type) && type !== "field_declaration")
        const role = isInside ? roleOf(source, node, parents) : "stays"
        return role === null ? { role: "uses", name: `.${name}`, node } : { role, name, node }
    },
}

const plain = new RegExp(
    "^(argument|binary_expression|assignment_expression|invocation_expression" +
        "|element_access_expression|member_access_expression|return_statement|interpolation|(prefix" +
        "|postfix)_unary_expression|parenthesized_expression|conditional_expression" +
        "|conditional_access_expression|if_statement|while_statement|do_statement|for_statement" +
        "|foreach_statement|lambda_expression|throw_statement|yield_statement|await_expression" +
        "|switch_statement|switch_expression|expression_statement|using_statement|lock_statement" +
        "|arrow_expression_clause|initializer_expression|is_pattern_expression|cast_expression" +
        "|as_expression|variable_declarator)$",
)

/** Returns the role of a name; null for the name of a member, which is never a local. */
function roleOf(source: SourceCode, node: SyntaxNode, parents: readonly SyntaxNode[]): Mention["role"] | null {
    const parent = parents.at(-1)
    if (parent === undefined) return "stays"
    if (/^member_(access|binding)_expression$/.test(parent.type) && node.field === "name") return null
    if (bindsVariable(source, node, parents)) return "binds"
    const isType = /^(type|returns|right)$/.test(node.field ?? "") && /^(cast|as)_expression$/.test(parent.type)
    const isOther = isType || /^(type|returns|name)$/.test(node.field ?? "")
    if (isOther || !plain.test(parent.type)) return "stays"
    if (parent.type === "assignment_expression" && parents.at(-2)?.type === "initializer_expression") {
        return node.field === "left" ? "stays" : "uses"
    }
    if (parent.type !== "argument") return "uses"
    const isTuple = parents.at(-2)?.type === "tuple_expression"
    const called = parents.at(-3)
    const isNamed = called?.type === "invocation_expression" && textOf(source, called).startsWith("nameof")
    return isTuple || isNamed ? "stays" : "uses"
}

function bindsVariable(source: SourceCode, node: SyntaxNode, parents: readonly SyntaxNode[]): boolean {
    const parent = parents.at(-1)
    if (parent?.type === "foreach_statement") return node.field === "left"
    if (node.field !== "name" || parent === undefined) return false
    if (parent.type === "parameter") return isPositionalParameter(source, parents)
    if (parent.type === "variable_declarator") {
        return /^(local_declaration_statement|for_statement|using_statement)$/.test(parents.at(-3)?.type ?? "")
    }
    return /^(catch_declaration|declaration_expression|declaration_pattern)$/.test(parent.type)
}

/** Returns whether callers cannot name a parameter: one of a lambda, or of a method that is not visible outside. */
function isPositionalParameter(source: SourceCode, parents: readonly SyntaxNode[]): boolean {
    const owner = parents.at(-3)
    if (owner?.type === "lambda_expression") return true
    if (owner?.type !== "method_declaration") return false
    const body = childIn(owner, "body")
    const head = source.text.slice(owner.start, body?.start ?? owner.end)
    return body !== null && !/\b(public|protected|internal|override|virtual|extern|partial|\[)/.test(head)
}

/** Names of C: variables and parameters of functions. What a macro may show or mean stays. */
import { type SyntaxNode, childIn } from "../../tree.ts"
import { type SourceCode, textOf } from "../drafts.ts"
import { type Mention, type BlockLanguage } from "./scopes-blocks.ts"

export const c: BlockLanguage = {
    scopeOpeners: /^(function_definition|compound_statement|for_statement|lambda_expression)$/,
    isolatedScopes: /^function_definition$/,
    topIsScope: false,
    bindsInOrder: true,
    assignsOuter: false,
    namelessNodes: new RegExp(
        "^(field_identifier|statement_identifier|string_literal|char_literal|system_lib_string" +
            "|primitive_type|null|number_literal)$",
    ),
    codeNodes: /^$/,
    /** A header of the author's own may hold macros that mean names of the function around. */
    reflection: /^\s*#\s*include\s*"|\basm\b|\b__asm|^\s*#\s*define\s.*#/m,
    findMention(source, node, parents): Mention | null {
        if (node.type !== "identifier") return null
        const name = textOf(source, node)
        const isTop = !parents.some(({ type }) => type === "function_definition")
        const stays = isTop || name.toUpperCase() === name || inMacro(source, node, parents)
        if (stays) return { role: "stays", name, node }
        const binds = bindsVariable(source, node, parents)
        return binds === null ? { role: "stays", name, node } : { role: binds ? "binds" : "uses", name, node }
    },
}

/** Whether it is handed to something that is written like a macro, which may print its argument's text. */
function inMacro(source: SourceCode, node: SyntaxNode, parents: readonly SyntaxNode[]): boolean {
    return parents.some((at, i) => {
        if (/^(preproc_|gnu_asm|enumerator)/.test(at.type)) return !/^preproc_(if|ifdef|else|elif)/.test(at.type)
        if (at.type !== "call_expression") return false
        const called = childIn(at, "function")
        const isArgument = parents[i + 1]?.field === "arguments" || node.field === "arguments"
        const macro = /^([A-Z_][A-Z0-9_]*|assert|static_assert|offsetof)$/
        return isArgument && called !== null && macro.test(textOf(source, called))
    })
}

const declarators =
    /^(init_declarator|pointer_declarator|array_declarator|function_declarator|parenthesized_declarator)$/

/** Whether it makes a variable; null where it makes something else, as a function's or a type's name does. */
function bindsVariable(source: SourceCode, node: SyntaxNode, parents: readonly SyntaxNode[]): boolean | null {
    if (node.field !== "declarator") {
        const parent = parents.at(-1)?.type ?? ""
        return /^(parenthesized_declarator|template|qualified|using|namespace|enum)/.test(parent) ? null : false
    }
    let i = parents.length - 1
    while (i >= 0 && declarators.test(parents[i]?.type ?? "")) {
        if (parents[i]?.type === "function_declarator") return null
        i--
    }
    const declaration = parents[i]
    if (declaration === undefined) return null
    if (/\b(extern|typedef)\b/.test(source.text.slice(declaration.start, node.start))) return null
    if (declaration.type === "declaration") return true
    if (!declaration.type.endsWith("parameter_declaration")) return null
    return isOwnParameter(parents, i)
}

/** A parameter of the function that is defined here, not of one that is only declared, or pointed to. */
function isOwnParameter(parents: readonly SyntaxNode[], at: number): true | null {
    let i = at - 1
    if (parents[i]?.type !== "parameter_list") return null
    for (i--; i >= 0 && declarators.test(parents[i]?.type ?? ""); i--) {
        if (parents[i]?.type === "function_declarator" && i !== at - 2) return null
    }
    return parents[i]?.type === "function_definition" ? true : null
}

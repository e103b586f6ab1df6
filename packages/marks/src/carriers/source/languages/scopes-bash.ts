/**
 * Resolves names of Bash.
 *
 * A function sees its caller's variables, so a name is the same in the whole file. Names that pass to or from other
 * programs stay. All names stay where a name may be built at run time.
 */
import type { SyntaxNode } from "../../tree.ts"
import { type SourceCode, textOf } from "../drafts.ts"
import { type Mention, type BlockLanguage } from "./scopes-blocks.ts"

export const bash: BlockLanguage = {
    scopeOpeners: /^$/,
    isolatedScopes: /^$/,
    topIsScope: true,
    bindsInOrder: false,
    assignsOuter: false,
    namelessNodes: new RegExp(
        "^(word|string|raw_string|ansi_c_string|translated_string|number|regex|extglob_pattern" +
            "|heredoc_start|heredoc_end|heredoc_body|heredoc_content|test_operator|file_descriptor" +
            "|special_variable_name)$",
    ),
    codeNodes: /^(simple_expansion|expansion|command_substitution|arithmetic_expansion|process_substitution)$/,
    reflection: new RegExp(
        String.raw`\b(eval|source|trap|compgen|envsubst|allexport|BASH_ENV|shopt)\b|\b(ba|z|da|k)?sh\s+-\w*c\b` +
            String.raw`|\bset\s+-\w*a|(^|[\s;&|(])\.\s|\$\{!|\b(declare|local|typeset)\s+-\w*[nx]|\b(declare|typeset` +
            String.raw`|export)\s+-\w*[pf]`,
        "m",
    ),
    findMention(source, node, parents): Mention | null {
        const text = textOf(source, node)
        const parent = parents.at(-1)
        if (node.type === "variable_name") {
            const name = /^[a-z][a-z0-9_]*$/.test(text) && !text.endsWith("_proxy") ? text : null
            if (name === null || isShared(source, node, parents)) return { role: "stays", name: text, node }
            const isMade = /^(variable_assignment|subscript|for_statement|declaration_command)$/.test(
                parent?.type ?? "",
            )
            return { role: isMade ? "binds" : "uses", name, node }
        }
        if (node.type !== "word" || !/^[a-z_]\w*$/.test(text)) return null
        const role = wordRole(source, node, parents)
        return role === null ? null : { role, name: text, node }
    },
}

/** Whether a variable is given to other programs, or is one that the shell itself reads. */
function isShared(source: SourceCode, node: SyntaxNode, parents: readonly SyntaxNode[]): boolean {
    const declaration = parents.findLast(({ type }) => /^(declaration_command|command|unset_command)$/.test(type))
    if (declaration === undefined) return false
    if (declaration.type === "unset_command") return /^unset\s+-/.test(textOf(source, declaration))
    if (declaration.type === "declaration_command") return /^export\b/.test(textOf(source, declaration))
    const assignment = parents.find(({ type }) => type === "variable_assignment")
    return assignment !== undefined && node.field === "name" && declaration.children.includes(assignment)
}

const arithmetic =
    /^(binary_expression|unary_expression|postfix_expression|parenthesized_expression|ternary_expression)$/

/** What a bare word is: null where it is only text. */
function wordRole(source: SourceCode, node: SyntaxNode, parents: readonly SyntaxNode[]): Mention["role"] | null {
    const parent = parents.at(-1)
    if (parent === undefined) return null
    if (parent.type === "subscript" || node.field === "index") return "stays"
    const above = parents.findLast(({ type }) => !arithmetic.test(type))
    if (parent !== above || /^(c_style_for_statement|arithmetic_expansion)$/.test(parent.type)) {
        return /^(c_style_for_statement|arithmetic_expansion)$/.test(above?.type ?? "") ? "uses" : "stays"
    }
    if (parent.type === "unset_command") return textOf(source, parent).match(/^unset\s+-/) ? "stays" : "uses"
    return parent.type === "command" && node.field === "argument" ? argumentRole(source, node, parent) : null
}

/** Names that commands of the shell take as plain words. */
function argumentRole(source: SourceCode, node: SyntaxNode, command: SyntaxNode): Mention["role"] | null {
    const [first, ...rest] = command.children.filter(({ named }) => named)
    const called = first === undefined ? "" : textOf(source, first)
    const before = rest.slice(0, rest.indexOf(node)).map((at) => textOf(source, at))
    if (called === "printf") return before.length === 1 && before[0] === "-v" ? "uses" : null
    if (/^(read|mapfile|readarray)$/.test(called)) {
        return before.every((at) => /^(-r|-a|-ra|-t|[a-z_]\w*)$/.test(at)) ? "binds" : "stays"
    }
    return /^(getopts|let|test|\[|wait|coproc|declare|local|typeset|readonly|export|unset)$/.test(called)
        ? "stays"
        : null
}

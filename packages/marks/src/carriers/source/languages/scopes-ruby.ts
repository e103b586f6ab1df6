/** Names of Ruby: what methods, blocks and the file itself give a value to, and parameters that are called by place. */
import type { SyntaxNode } from "../../tree.ts"
import { textOf } from "../drafts.ts"
import { type Mention, type BlockLanguage } from "./scopes-blocks.ts"

export const ruby: BlockLanguage = {
    scopeOpeners: /^(method|singleton_method|class|module|singleton_class|block|do_block|lambda)$/,
    isolatedScopes: /^(method|singleton_method|class|module|singleton_class)$/,
    topIsScope: true,
    bindsInOrder: true,
    assignsOuter: true,
    namelessNodes: new RegExp(
        "^(string|subshell|symbol_array|string_array|heredoc_body|heredoc_beginning|character|constant" +
            "|instance_variable|class_variable|global_variable|simple_symbol|delimited_symbol|uninterpreted)$",
    ),
    codeNodes: /^interpolation$/,
    reflection: new RegExp(
        String.raw`\b(binding|eval|\w+_eval|local_variable\w*|local_variables|parameters|TracePoint|set_trace_func` +
            String.raw`|ERB|irb|pry)\b`,
    ),
    findMention(source, node, parents): Mention | null {
        const parent = parents.at(-1)
        if (node.type === "hash_key_symbol") {
            const isShort = parent?.children.every(({ field }) => field !== "value") ?? true
            return { role: isShort ? "stays" : "uses", name: (isShort ? "" : ":") + textOf(source, node), node }
        }
        if (node.type !== "identifier" || parent === undefined) return null
        const name = textOf(source, node)
        if (node.field === "method" && parent.type === "call") {
            const hasReceiver = parent.children.some(({ field }) => field === "receiver")
            return { role: hasReceiver ? "uses" : "stays", name: hasReceiver ? `.${name}` : name, node }
        }
        if (/^(singleton_)?method$/.test(parent.type) && node.field === "name") {
            return { role: "uses", name: `.${name}`, node }
        }
        if (/^(keyword_parameter|alias|undef|setter)$/.test(parent.type)) return { role: "stays", name, node }
        return { role: bindsVariable(node, parents) ? "binds" : "uses", name, node }
    },
}

const lists = /^(left_assignment_list|destructured_left_assignment|rest_assignment|destructured_parameter)$/

function bindsVariable(node: SyntaxNode, parents: readonly SyntaxNode[]): boolean {
    let i = parents.length - 1
    let field = node.field
    while (lists.test(parents[i]?.type ?? "")) field = parents[i--]?.field ?? null
    const at = parents[i]?.type ?? ""
    if (/^(assignment|operator_assignment)$/.test(at)) return field === "left"
    if (at === "for") return field === "pattern"
    if (/^(method|block|lambda)_parameters$/.test(at) || at === "exception_variable") return true
    return /^(optional|splat|hash_splat|block)_parameter$/.test(at) && field === "name"
}

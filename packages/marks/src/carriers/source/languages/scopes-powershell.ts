/**
 * Resolves names of PowerShell.
 *
 * A function sees its caller's variables, and capitals mean nothing, so a name is the same in the whole file.
 * Parameters are passed by name and stay, and so do the shell's own variables.
 */
import type { SyntaxNode } from "../../tree.ts"
import { textOf } from "../drafts.ts"
import { type Mention, type BlockLanguage } from "./scopes-blocks.ts"

/** What the shell gives a meaning of its own, in small letters. */
export const automatic: ReadonlySet<string> = new Set(
    `args input matches error host home pid profile event sender this true false null foreach switch psitem myinvocation
    ofs stacktrace pwd shellid lastexitcode executioncontext consolefilename nestedpromptlevel eventargs eventsubscriber
    sourceargs sourceeventargs iscoreclr islinux ismacos iswindows outputencoding logcommandhealthevent
    maximumhistorycount
    transcript`.split(/\s+/),
)

export const powershell: BlockLanguage = {
    scopeOpeners: /^$/,
    isolatedScopes: /^$/,
    topIsScope: true,
    bindsInOrder: false,
    assignsOuter: false,
    namelessNodes: /./,
    codeNodes: /^variable$/,
    reflection: new RegExp(
        String.raw`-(Out|Error|Warning|Information|Pipeline)?Var|-[oepiw]v\b|\b(Get|Set|New|Clear|Remove)-Variable` +
            String.raw`|\b(gv|sv|nv|rv|clv)\b|Invoke-Expression|\biex\b|ExpandString|ScriptBlock\]|ExecutionContext` +
            String.raw`|InvokeCommand|Export-ModuleMember|\$using:|variable:|\.ps1['"\s)]|(^|[\s;&|({])\.\s`,
        "im",
    ),
    findMention(source, node, parents): Mention | null {
        if (node.type !== "variable" || node.children.length > 0) {
            const isBraced = node.type === "braced_variable"
            return isBraced ? { role: "stays", name: textOf(source, node).slice(2, -1).toLowerCase(), node } : null
        }
        const text = textOf(source, node)
        const name = text.slice(1).toLowerCase()
        const place = { ...node, start: node.start + 1 }
        const isOwn = /^\$[a-z][a-z0-9]*$/i.test(text) && !automatic.has(name) && !/^ps|preference$/.test(name)
        const isParameter = parents.some(({ type }) => /^(script_parameter|class_property_definition)$/.test(type))
        const isCaught = parents.some(({ type }) => type.startsWith("class_"))
        if (!isOwn || isParameter || isCaught) return { role: "stays", name: name.replace(/^.*:/, ""), node: place }
        return { role: bindsVariable(node, parents) ? "binds" : "uses", name, node: place }
    },
}

function bindsVariable(node: SyntaxNode, parents: readonly SyntaxNode[]): boolean {
    const parent = parents.at(-1)
    if (parent?.type === "foreach_statement") return parent.children.find(({ type }) => type === "variable") === node
    const left = parents.find(({ type }) => type === "left_assignment_expression")
    return left !== undefined && left.start === node.start && left.end === node.end
}

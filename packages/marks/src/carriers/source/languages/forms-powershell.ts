/** PowerShell written another way with the same meaning: what its own manual names as the same. */
import type { Edit } from "../../carrier.ts"
import { type SyntaxNode, parts, walk } from "../../tree.ts"
import { type Draft, type SourceCode, insertAfter, rank, textOf } from "../drafts.ts"
import { type Alternatives, formDraft, replace } from "./forms.ts"
import { type WholeNumberTest, wholeNumbers } from "../whole-file.ts"

/** Returns the slots of PowerShell. Returns none inside expandable strings. */
export function powershellForms(source: SourceCode): Draft[] {
    const drafts: Draft[] = [...styleDrafts(source)]
    const isWhole = wholeNumbers(source)
    walk(source.root, (node, parents) => {
        if (parents.some(({ type }) => type.includes("expandable"))) return
        const [kind, alternatives] = formsOf(source, node, parents, isWhole)
        drafts.push(...formDraft(source, kind, node, parents, alternatives))
    })
    return drafts
}

function formsOf(
    source: SourceCode,
    node: SyntaxNode,
    parents: readonly SyntaxNode[],
    isWhole: WholeNumberTest,
): [string, Alternatives] {
    switch (node.named ? node.type : "") {
        case "pipeline":
            return statementForms(source, node, parents, isWhole)
        case "param_block":
            return ["parameter-form", parameterForms(source, node, parents)]
        case "expression_with_unary_operator":
            return ["not-form", negationForms(source, node)]
        case "command":
            return commandForms(source, node, parents)
        case "while_statement":
            return ["endless-loop", endlessLoopForms(source, node)]
        case "flow_control_statement":
            return ["return-form", returnForms(source, node, parents)]
        default:
            return ["", []]
    }
}

/** A whole statement, and nothing but it. */
function statementForms(
    source: SourceCode,
    node: SyntaxNode,
    parents: readonly SyntaxNode[],
    isWhole: WholeNumberTest,
): [string, Alternatives] {
    if (parents.at(-1)?.type !== "statement_list") return ["", []]
    const text = textOf(source, node)
    const dropped = text.match(/^(\[void\])(\$\w+\.\w+\()/i)
    if (dropped !== null && text.endsWith(")") && parts(node).length === 1) {
        const head = { start: node.start, end: node.start + 6 }
        const end = insertAfter(source.text, node.end, " | Out-Null")
        return ["discard-form", [[replace(head, "$null = ")], [replace(head, ""), end]]]
    }
    return ["step-form", stepForms(node, text, isWhole)]
}

/** `$count++` as `$count += 1`. */
function stepForms(node: SyntaxNode, text: string, isWhole: WholeNumberTest): Alternatives {
    const sign = text.match(/^\$\w+(\+\+|--| \+= 1| -= 1)$/)?.[1]
    const name = firstLeaf(node)
    if (sign === undefined || name.type !== "variable" || !isWhole(name)) return []
    const direction = sign.includes("+") ? "+" : "-"
    const other = sign.includes("=") ? direction + direction : ` ${direction}= 1`
    return [[{ start: node.end - sign.length, end: node.end, text: other }]]
}

function firstLeaf(node: SyntaxNode): SyntaxNode {
    const [first] = node.children
    return first === undefined ? node : firstLeaf(first)
}

/** `function Get-It { param($Name)` as `function Get-It($Name) {`. */
function parameterForms(source: SourceCode, node: SyntaxNode, parents: readonly SyntaxNode[]): Alternatives {
    const owner = parents.at(-2)
    const name = owner?.children.find(({ type }) => type === "function_name")
    const text = textOf(source, node)
    if (owner?.type !== "function_statement" || name === undefined || parents.at(-1)?.children[0] !== node) return []
    const list = text.match(/^param(\([^\n]*\))$/i)?.[1]
    const between = source.text.slice(name.end, node.start)
    if (list === undefined || !/^ \{\s*$/.test(between) || /\[(Parameter|CmdletBinding|Validate)/i.test(text)) return []
    const after = source.text.slice(node.end).match(/^\s*\n/)?.[0] ?? ""
    return [[{ start: name.end, end: node.end + after.length, text: `${list} {\n` }]]
}

/** `-not $found` as `!$found`. */
function negationForms(source: SourceCode, node: SyntaxNode): Alternatives {
    const inner = node.children.at(-1)
    if (inner === undefined) return []
    const sign = source.text.slice(node.start, inner.start)
    if (/^-not\s+$/i.test(sign)) return [[{ start: node.start, end: inner.start, text: "!" }]]
    return sign === "!" ? [[{ start: node.start, end: inner.start, text: "-not " }]] : []
}

/** What the first plain argument of a command is called. */
const firstParameterNames: Readonly<Record<string, string>> = {
    "get-content": "Path",
    "get-childitem": "Path",
    "get-item": "Path",
    "test-path": "Path",
    "split-path": "Path",
    "import-csv": "Path",
    "select-string": "Pattern",
    "write-host": "Object",
    "write-output": "InputObject",
    "where-object": "FilterScript",
    "foreach-object": "Process",
    "sort-object": "Property",
    "start-sleep": "Seconds",
    "out-file": "FilePath",
}

function commandForms(source: SourceCode, node: SyntaxNode, parents: readonly SyntaxNode[]): [string, Alternatives] {
    const text = textOf(source, node)
    const made = text.match(/^New-Object (?:-TypeName )?([A-Z][\w.]*\.\w+)$/i)
    if (made?.[1] !== undefined && /::new\(|#requires -version [5-9]/i.test(source.text))
        return ["object-form", [[replace(node, `[${made[1]}]::new()`)]]]
    const match = text.match(/^([A-Za-z]+-[A-Za-z]+)( -(\w+))? (?=(['"$({]))/)
    const name = match?.[1]
    const positional = name === undefined ? null : byPosition(source, node, name)
    if (positional !== null) return ["argument-form", [positional]]
    const first = firstParameterNames[name?.toLowerCase() ?? ""]
    if (name === undefined || first === undefined || isOwn(source, name)) return ["", []]
    const at = node.start + name.length
    const parameter = match?.[2] ?? ""
    if (parameter !== "" && match?.[3]?.toLowerCase() !== first.toLowerCase()) return ["", []]
    const isAlone = /^\S+( -\w+)? ('[^']*'|"[^"`]*"|\$\w+)$/.test(text)
    const isOutput = name.toLowerCase() === "write-output"
    if (isOutput && !isAlone) return ["", []]
    const named = { start: at, end: at + parameter.length + 1, text: parameter === "" ? ` -${first} ` : " " }
    const isStatement =
        isOutput && isAlone && parents.at(-1)?.type === "pipeline_chain" && isLone(source, node, parents)
    if (!isStatement || !/ ['"]/.test(text)) return ["argument-form", isOutput ? [] : [[named]]]
    return ["argument-form", [[named], [{ start: node.start, end: at + parameter.length + 1, text: "" }]]]
}

/**
 * `Get-It -Name $a -Kind $b` as `Get-It $a $b`, of a function of this file that is given all by name, in their order.
 */
function byPosition(source: SourceCode, node: SyntaxNode, name: string): Edit[] | null {
    const heads = [...source.text.matchAll(new RegExp(String.raw`function\s+${name}\s*\{\s*param\(([^\n]*)\)`, "gi"))]
    const names = [...(heads[0]?.[1] ?? "").matchAll(/\$(\w+)/g)].map(([, item = ""]) => `-${item.toLowerCase()}`)
    const list = node.children.find(({ type }) => type === "command_elements")
    if (heads.length !== 1 || list === undefined || /Parameter|switch|=|,.*,/i.test(heads[0]?.[1] ?? "=")) return null
    const args = parts(list).filter(({ type }) => type !== "command_argument_sep")
    const places = args.filter((_, i) => i % 2 === 0)
    const isNamed = places.every(
        ({ type }, i) => type === "command_parameter" && textOf(source, places[i] ?? list).toLowerCase() === names[i],
    )
    if (!isNamed || args.length !== 2 * places.length || places.length === 0) return null
    return places.map((at, i) => ({ start: at.start, end: args[2 * i + 1]?.start ?? at.end, text: "" }))
}

const isOwn = (source: SourceCode, name: string): boolean =>
    new RegExp(String.raw`function\s+${name}\b`, "i").test(source.text) ||
    /Set-Alias|New-Alias|PSDefaultParameterValues/i.test(source.text)

/** Returns whether a command is a whole statement. */
function isLone(source: SourceCode, node: SyntaxNode, parents: readonly SyntaxNode[]): boolean {
    const pipeline = parents.findLast(({ type }) => type === "pipeline")
    const list = pipeline === undefined ? undefined : parents[parents.indexOf(pipeline) - 1]
    return (
        list?.type === "statement_list" &&
        pipeline?.start === node.start &&
        textOf(source, pipeline) === textOf(source, node)
    )
}

function endlessLoopForms(source: SourceCode, node: SyntaxNode): Alternatives {
    const head = textOf(source, node).match(/^while \(\$true\)/i)?.[0]
    return head === undefined ? [] : [[{ start: node.start, end: node.start + head.length, text: "for (;;)" }]]
}

/** A function's last value is what it gives back, with `return` or without. */
function returnForms(source: SourceCode, node: SyntaxNode, parents: readonly SyntaxNode[]): Alternatives {
    const list = parents.at(-1)
    const isBody = list?.type === "statement_list" && parents.at(-2)?.type === "script_block_body"
    const isFunction = parents.at(-4)?.type === "function_statement"
    const head = textOf(source, node).match(/^return (?=[$['"@])/i)?.[0]
    if (!isBody || !isFunction || head === undefined || parts(list).at(-1) !== node) return []
    if (/\+\+|--|[^=!<>]=[^=]/.test(textOf(source, node).replace(/@\{[\s\S]*$/, ""))) return []
    return [[{ start: node.start, end: node.start + head.length, text: "" }]]
}

/** What no shell before the third version knows, as it does not know `$PSItem`. */
const isThird = /\[pscustomobject\]|::new\(|-(not)?in\b|Get-Content .*-Raw|#requires -version [3-9]/i

const comparisonOperators = /^-(eq|ne|match|notmatch|like|notlike|replace|split|contains|in)$/i
const types: Readonly<Record<string, string>> = {
    int: "int32",
    long: "int64",
    bool: "System.Boolean",
    string: "System.String",
}

/** Returns slots for habits of a whole file: `-eq` or `-ieq`, `[int]` or `[int32]`, `$_` or `$PSItem`. */
function styleDrafts(source: SourceCode): Draft[] {
    const places = new Map<string, Edit[]>()
    const add = (about: string, edit: Edit): void => void places.set(about, [...(places.get(about) ?? []), edit])
    walk(source.root, (node, parents) => {
        if (node.children.length > 0 || parents.some(({ type }) => type === "param_block")) return
        const text = textOf(source, node).toLowerCase()
        const type = node.type === "type_identifier" ? types[text] : undefined
        if (comparisonOperators.test(text)) add(text, replace(node, `-i${text.slice(1)}`))
        else if (type !== undefined && parents.at(-1)?.type === "type_name") add(text, replace(node, type))
        else if (node.type === "variable" && text === "$_" && isThird.test(source.text))
            add(text, replace(node, "$PSItem"))
    })
    return [...places].map(([about, edits]) => {
        const variants = [[], edits]
        return { kind: "habit-form", robustness: "wording", scope: "", about, variants, rank: rank.form }
    })
}

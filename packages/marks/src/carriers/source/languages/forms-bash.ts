/** Finds equal forms in Bash. Assumes nothing about other shells. */
import type { Edit } from "../../carrier.ts"
import { type SyntaxNode, childIn, walk } from "../../tree.ts"
import { type Draft, type SourceCode, insertBefore, rank, textOf } from "../drafts.ts"
import { type Alternatives, formDraft, replace } from "./forms.ts"

/** Returns the slots of Bash. Returns none for other shells, or where the script changes how Bash reads it. */
export function bashForms(source: SourceCode): Draft[] {
    const isBash = /^#!.*\bbash\b/.test(source.text) && !/\b(shopt|alias|enable|posix)\b/.test(source.text)
    if (!isBash) return []
    const drafts: Draft[] = [...functionHeads(source)]
    walk(source.root, (node, parents) => {
        if (!node.named) return
        const [kind, alternatives] = formsOf(source, node, parents)
        drafts.push(...formDraft(source, kind, node, parents, alternatives))
    })
    return drafts
}

function formsOf(source: SourceCode, node: SyntaxNode, parents: readonly SyntaxNode[]): [string, Alternatives] {
    const defined = new RegExp(String.raw`^\s*(function\s+)?(echo|printf|true|local|declare|test)\s*\(\)`, "m")
    if (defined.test(source.text)) return ["", []]
    switch (node.type) {
        case "command":
            return commandForms(source, node)
        case "binary_expression":
            return ["test-form", comparisonForms(source, node, parents)]
        case "unary_expression":
            return ["test-form", emptinessForms(source, node, parents)]
        case "while_statement":
            return ["endless-loop", endlessLoopForms(source, node)]
        case "declaration_command":
            return ["declaration-form", declarationForms(source, node, parents)]
        case "for_statement":
            return ["loop-form", argumentLoopForms(source, node)]
        default:
            return node.type === "redirected_statement" ? ["redirect-form", redirectForms(source, node)] : ["", []]
    }
}

/** Returns `printf '%s\n' "found: $name"` for `echo "found: $name"`, where `echo` cannot take the text as an option. */
function commandForms(source: SourceCode, node: SyntaxNode): [string, Alternatives] {
    const name = childIn(node, "name")
    const args = node.children.filter(({ field }) => field === "argument")
    const [first, second] = args
    const commandName = name === null ? "" : textOf(source, name)
    if (name === null || first === undefined || node.children[0] !== name) return ["", []]
    if (commandName === "set" && textOf(source, node) === "set -euo pipefail") {
        return ["option-form", [[replace(node, "set -o errexit -o nounset -o pipefail")]]]
    }
    if (commandName === "echo" && args.length === 1 && isPlain(source, first)) {
        return ["print-form", [[replace(name, String.raw`printf '%s\n'`)]]]
    }
    const isLine = commandName === "printf" && args.length === 2 && textOf(source, first) === String.raw`'%s\n'`
    if (!isLine || second === undefined || !isPlain(source, second)) return ["", []]
    return ["print-form", [[{ start: name.start, end: first.end, text: "echo" }]]]
}

function isPlain(source: SourceCode, node: SyntaxNode): boolean {
    return (
        node.type === "string" &&
        /^"[A-Za-z0-9(<[*=#.]/.test(textOf(source, node)) &&
        !textOf(source, node).includes("\\")
    )
}

const isTest = (parents: readonly SyntaxNode[]): boolean => parents.at(-1)?.type === "test_command"

/** `"$a" = b` as `"$a" == b`, `"$a" = ""` as `-z "$a"`; and in `$((…))`, where all is whole, `a + 1` as `1 + a`. */
function comparisonForms(source: SourceCode, node: SyntaxNode, parents: readonly SyntaxNode[]): Alternatives {
    const [left, operator, right] = node.children
    if (left === undefined || operator === undefined || right === undefined) return []
    const sign = textOf(source, operator)
    if (parents.some(({ type }) => type === "arithmetic_expansion")) {
        const isSum = sign === "+" && left.type === "variable_name" && right.type === "number"
        if (!isSum) return []
        const ahead = insertBefore(source.text, left.start, `${textOf(source, right)} + `)
        return [[ahead, { start: left.end, end: right.end, text: "" }]]
    }
    if (!isTest(parents)) return []
    const isEmpty = textOf(source, right) === '""' && left.type === "string" && /^(==?|!=)$/.test(sign)
    if (isEmpty) {
        const ahead = insertBefore(source.text, left.start, sign === "!=" ? "-n " : "-z ")
        return [[ahead, { start: left.end, end: right.end, text: "" }]]
    }
    return sign === "=" || sign === "==" ? [[replace(operator, sign === "=" ? "==" : "=")]] : []
}

/** `-n "$a"` as `"$a" != ""`. */
function emptinessForms(source: SourceCode, node: SyntaxNode, parents: readonly SyntaxNode[]): Alternatives {
    const [operator, text] = node.children
    if (operator?.type !== "test_operator" || text?.type !== "string" || !isTest(parents)) return []
    const sign = { "-n": "!=", "-z": "=" }[textOf(source, operator)]
    if (sign === undefined) return []
    const next = source.text.slice(text.end, text.end + 1)
    return [
        [
            { start: operator.start, end: text.start, text: "" },
            { start: text.end, end: text.end + 1, text: ` ${sign} ""${next}` },
        ],
    ]
}

const loops = ["while true", "while :", "until false"]

function endlessLoopForms(source: SourceCode, node: SyntaxNode): Alternatives {
    const condition = childIn(node, "condition")
    if (condition === null) return []
    const head = { start: node.start, end: condition.end }
    const written = source.text.slice(head.start, head.end)
    return loops.includes(written) ? loops.filter((loop) => loop !== written).map((loop) => [replace(head, loop)]) : []
}

/** Inside a function `declare` is `local`; outside, `readonly` is `declare -r`. */
function declarationForms(source: SourceCode, node: SyntaxNode, parents: readonly SyntaxNode[]): Alternatives {
    const [word, option] = node.children
    if (word === undefined || option === undefined) return []
    const isInside = parents.some(({ type }) => type === "function_definition")
    const options = option.type === "word" ? textOf(source, option) : ""
    const name = textOf(source, word)
    if (isInside && /^(-[aAir])?$/.test(options) && /^(local|declare)$/.test(name)) {
        return [[replace(word, name === "local" ? "declare" : "local")]]
    }
    const isTop = !isInside && !parents.some(({ type }) => /subshell|substitution|pipeline/.test(type))
    return isTop && name === "readonly" && options === "" ? [[replace(word, "declare -r")]] : []
}

/** `for name in "$@"` as `for name`. */
function argumentLoopForms(source: SourceCode, node: SyntaxNode): Alternatives {
    const name = childIn(node, "variable")
    const value = childIn(node, "value")
    if (name === null || value === null || textOf(source, value) !== '"$@"') return []
    return source.text.slice(name.end, value.start) === " in " ? [[{ start: name.end, end: value.end, text: "" }]] : []
}

/** `> /dev/null 2>&1` as `&> /dev/null`. */
function redirectForms(source: SourceCode, node: SyntaxNode): Alternatives {
    const redirects = node.children.filter(({ type }) => type === "file_redirect")
    const [first, second] = redirects
    if (first === undefined || second === undefined || redirects.length !== 2) return []
    const written = `${textOf(source, first)} ${textOf(source, second)}`
    const place = written.match(/^> ?(\/dev\/null) 2>&1$/)?.[1]
    return place === undefined ? [] : [[{ start: first.start, end: second.end, text: `&> ${place}` }]]
}

/** How a function begins is one habit of a whole file: `name() {` or `function name {`. */
function functionHeads(source: SourceCode): Draft[] {
    const headEdits: Edit[] = []
    let isPlainFile = true
    walk(source.root, (node) => {
        if (node.type !== "function_definition") return
        const name = childIn(node, "name")
        const body = childIn(node, "body")
        const head = source.text.slice(node.start, body?.start)
        if (name === null || body?.type !== "compound_statement") return
        if (head !== `${textOf(source, name)}() `) isPlainFile = false
        const ahead = node.start === 0 ? null : insertBefore(source.text, node.start, "function ")
        if (ahead !== null) headEdits.push(ahead, { start: name.end, end: body.start, text: " " })
    })
    if (!isPlainFile || headEdits.length === 0) return []
    const variants = [[], headEdits]
    return [{ kind: "function-form", robustness: "wording", scope: "", about: "function", variants, rank: rank.form }]
}

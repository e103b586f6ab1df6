/** Go written another way with the same meaning: what the language's own rules say is the same. */
import { type SyntaxNode, childIn, parts, walk } from "../../tree.ts"
import { type Draft, type SourceCode, insertAfter, insertBefore, textOf } from "../drafts.ts"
import { type Alternatives, formDraft, replace } from "./forms.ts"

/** Returns the slots of Go. */
export function goForms(source: SourceCode): Draft[] {
    const drafts: Draft[] = []
    walk(source.root, (node, parents) => {
        const [kind, alternatives] = formsOf(source, node, parents)
        drafts.push(...formDraft(source, kind, node, parents, alternatives))
    })
    return drafts
}

function formsOf(source: SourceCode, node: SyntaxNode, parents: readonly SyntaxNode[]): [string, Alternatives] {
    switch (node.named ? node.type : "") {
        case "short_var_declaration":
            return ["declaration-form", shortDeclarationForms(source, node, parents)]
        case "var_declaration":
            return ["declaration-form", varDeclarationForms(source, node, parents)]
        case "binary_expression":
            return ["empty-form", emptyText(source, node)]
        case "call_expression":
            return callForms(source, node, parents)
        case "composite_literal":
            return ["empty-form", emptyLiteral(source, node)]
        case "slice_expression":
            return ["slice-form", sliceForm(source, node)]
        case "interface_type":
            return [
                "any-form",
                textOf(source, node) === "interface{}" && /\bany\b/.test(source.text) ? [[replace(node, "any")]] : [],
            ]
        case "parameter_list":
            return ["parameter-form", parameterForms(source, node)]
        default:
            return ["", []]
    }
}

const isBuiltin = (source: SourceCode, name: string): boolean =>
    !new RegExp(String.raw`\b(func|var|const|type)\s+${name}\b|\b${name}\s*(,[\w ,]{0,80})?:=`).test(source.text)

/** `count := 0` as `var count = 0`: of one name, always the same. Of several, only where all are new here. */
function shortDeclarationForms(source: SourceCode, node: SyntaxNode, parents: readonly SyntaxNode[]): Alternatives {
    const left = childIn(node, "left")
    const sign = node.children.find(({ type }) => type === ":=")
    const block = parents.at(-1)
    if (left === null || sign === undefined || block?.type !== "statement_list") return []
    const names = parts(left).map((name) => textOf(source, name))
    const before = source.text.slice(parents.at(-2)?.start, node.start)
    const isOld = (name: string): boolean => name === "_" || new RegExp(String.raw`\b${name}\b`).test(before)
    if (names.length > 1 && (names.some(isOld) || inSignature(source, names, parents))) return []
    return [[insertBefore(source.text, node.start, "var "), replace(sign, "=")]]
}

function inSignature(source: SourceCode, names: readonly string[], parents: readonly SyntaxNode[]): boolean {
    const owner = parents.findLast(({ type }) => /^(function_declaration|method_declaration|func_literal)$/.test(type))
    const body = owner === undefined ? null : childIn(owner, "body")
    const head = owner === undefined ? "" : source.text.slice(owner.start, body?.start)
    return names.some((name) => new RegExp(String.raw`\b${name}\b`).test(head))
}

const zeros: Readonly<Record<string, string>> = { int: "0", string: '""', bool: "false" }

/** `var count int` as `count := 0`, and `var count = 3` as `count := 3`. */
function varDeclarationForms(source: SourceCode, node: SyntaxNode, parents: readonly SyntaxNode[]): Alternatives {
    const specs = parts(node)
    const [spec] = specs
    if (spec?.type !== "var_spec" || specs.length !== 1 || parents.at(-1)?.type !== "statement_list") return []
    const names = spec.children.filter(({ field }) => field === "name")
    const [name] = names
    const type = childIn(spec, "type")
    const sign = spec.children.find((child) => child.type === "=")
    if (name === undefined || names.length !== 1) return []
    const head = { start: node.start, end: name.start, text: "" }
    if (sign !== undefined) return type === null ? [[head, replace(sign, ":=")]] : []
    const zero = type === null ? undefined : zeros[textOf(source, type)]
    return zero === undefined || type === null ? [] : [[head, { start: name.end, end: type.end, text: ` := ${zero}` }]]
}

/** `text == ""` as `len(text) == 0`. */
function emptyText(source: SourceCode, node: SyntaxNode): Alternatives {
    const [left, operator, right] = node.children
    if (left === undefined || operator === undefined || right === undefined || !isBuiltin(source, "len")) return []
    const sign = textOf(source, operator)
    if (!/^[!=]=$/.test(sign) || textOf(source, right) !== '""') return []
    if (!/^(identifier|selector_expression|call_expression|index_expression)$/.test(left.type)) return []
    return [[insertBefore(source.text, left.start, "len("), { start: left.end, end: right.end, text: `) ${sign} 0` }]]
}

function callForms(source: SourceCode, node: SyntaxNode, parents: readonly SyntaxNode[]): [string, Alternatives] {
    const callee = childIn(node, "function")
    const list = childIn(node, "arguments")
    if (callee === null || list === null) return ["", []]
    const args = parts(list)
    const [first, second] = args
    const name = textOf(source, callee)
    if (name === "make" && first !== undefined && isBuiltin(source, "make")) {
        const isMap = args.length === 1 && first.type === "map_type"
        const isSlice = args.length === 2 && first.type === "slice_type" && textOf(source, second ?? first) === "0"
        return ["empty-form", isMap || isSlice ? [[replace(node, `${textOf(source, first)}{}`)]] : []]
    }
    if (/^fmt\.Print(ln|f)?$/.test(name) && parents.at(-1)?.type === "expression_statement") {
        return ["print-form", args.length === 1 ? printForms(source, callee, name, first) : []]
    }
    return ["", []]
}

/** `fmt.Println("done")` as `fmt.Print("done\n")`. */
function printForms(source: SourceCode, callee: SyntaxNode, name: string, text: SyntaxNode | undefined): Alternatives {
    if (text?.type !== "interpreted_string_literal" || textOf(source, text).includes("%")) return []
    const written = textOf(source, text)
    const isLine = name === "fmt.Println"
    if (!isLine && !/[^\\]\\n"$/.test(written)) return []
    const line = isLine ? `${written.slice(0, -1)}\\n"` : written
    const bare = isLine ? written : `${written.slice(0, -3)}"`
    const list = [
        ["fmt.Println", bare],
        ["fmt.Print", line],
        ["fmt.Printf", line],
    ] as const
    return list
        .filter(([other]) => other !== name)
        .map(([other, shown]) => [replace(callee, other), replace(text, shown)])
}

/** `map[string]int{}` as `make(map[string]int)`. */
function emptyLiteral(source: SourceCode, node: SyntaxNode): Alternatives {
    const type = childIn(node, "type")
    const body = childIn(node, "body")
    if (type === null || body === null || textOf(source, body) !== "{}" || !isBuiltin(source, "make")) return []
    const written = textOf(source, type)
    if (type.type === "map_type") return [[replace(node, `make(${written})`)]]
    return type.type === "slice_type" ? [[replace(node, `make(${written}, 0)`)]] : []
}

/** `text[:n]` as `text[0:n]`. */
function sliceForm(source: SourceCode, node: SyntaxNode): Alternatives {
    const open = node.children.find(({ type }) => type === "[")
    const start = childIn(node, "start")
    if (open === undefined || node.children.filter(({ type }) => type === ":").length !== 1) return []
    const isAll = childIn(node, "end") === null
    if (start === null) return isAll ? [] : [[insertAfter(source.text, open.end, "0")]]
    return textOf(source, start) === "0" && !isAll ? [[{ start: start.start, end: start.end, text: "" }]] : []
}

/** `(a string, b string)` as `(a, b string)`. */
function parameterForms(source: SourceCode, node: SyntaxNode): Alternatives {
    const nodes = parts(node)
    const found = nodes.flatMap((node, i) => {
        const next = nodes[i + 1]
        if (next === undefined || !/^parameter_declaration$/.test(node.type) || next.type !== node.type) return []
        const [type, other] = [childIn(node, "type"), childIn(next, "type")]
        const isNamed = childIn(node, "name") !== null && childIn(next, "name") !== null
        const isSame = type !== null && other !== null && textOf(source, type) === textOf(source, other)
        const last = node.children.findLast(({ field }) => field === "name")
        return isNamed && isSame && last !== undefined ? [{ start: last.end, end: node.end, text: "" }] : []
    })
    if (found.length > 0) return [found]
    const [item] = nodes
    const names = item?.children.filter(({ field }) => field === "name") ?? []
    const type = item === undefined ? null : childIn(item, "type")
    if (names.length < 2 || type === null || nodes.length !== 1) return []
    const written = textOf(source, type)
    return [names.slice(0, -1).map((name) => insertAfter(source.text, name.end, ` ${written}`))]
}

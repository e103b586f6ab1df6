/**
 * Finds the slots of Ruby: methods with two names (`map`, `collect`) where the receiver is surely a list, and forms of
 * `puts` and `<<`.
 */
import { type SyntaxNode, childIn, walk } from "../../tree.ts"
import { type Draft, type SourceCode, insertAfter, insertBefore, textOf } from "../drafts.ts"
import { type Alternatives, formDraft, replace } from "./forms.ts"

/** Returns the slots of Ruby. Returns none where the file may redefine methods of the language. */
export function rubyForms(source: SourceCode): Draft[] {
    const drafts: Draft[] = []
    if (/\b(refine|prepend|Kernel|module_eval|define_method)\b/.test(source.text)) return drafts
    const lists = listNames(source)
    walk(source.root, (node, parents) => {
        const [kind, alternatives] = formsOf(source, node, lists)
        drafts.push(...formDraft(source, kind, node, parents, alternatives))
    })
    return drafts
}

const methodAliases: Readonly<Record<string, string>> = {
    map: "collect",
    collect: "map",
    select: "filter",
    filter: "select",
    reduce: "inject",
    inject: "reduce",
    length: "size",
    size: "length",
    to_a: "entries",
}

function formsOf(source: SourceCode, node: SyntaxNode, lists: ReadonlySet<string>): [string, Alternatives] {
    if (node.type === "binary") return ["push-form", pushForms(source, node, lists)]
    if (node.type !== "call") return ["", []]
    const method = childIn(node, "method")
    const receiver = childIn(node, "receiver")
    if (method === null) return ["", []]
    const name = textOf(source, method)
    if (receiver === null) {
        const isKernelPuts = name === "puts" && !/def\s+(self\.)?puts\b|\bstdout\s*=/.test(source.text)
        const isStatement = childIn(node, "arguments") !== null
        return ["print-form", isKernelPuts && isStatement ? [[insertBefore(source.text, node.start, "$stdout.")]] : []]
    }
    if (name === "puts" && textOf(source, receiver) === "$stdout") {
        return ["print-form", [[{ start: node.start, end: method.start, text: "" }]]]
    }
    const alias = name === "select" && !source.text.includes(".filter") ? undefined : methodAliases[name]
    return ["twin-form", alias !== undefined && isList(source, receiver, lists) ? [[replace(method, alias)]] : []]
}

/** `rows << row` as `rows.push(row)`. */
function pushForms(source: SourceCode, node: SyntaxNode, lists: ReadonlySet<string>): Alternatives {
    const [left, operator, right] = node.children
    if (left?.type !== "identifier" || right === undefined || operator === undefined) return []
    if (textOf(source, operator) !== "<<" || !lists.has(textOf(source, left))) return []
    if (!/^(identifier|call|string|integer)$/.test(right.type) || textOf(source, right).includes("\n")) return []
    return [[{ start: left.end, end: right.start, text: ".push(" }, insertAfter(source.text, right.end, ")")]]
}

/** Methods of lists that return a list. */
const listMethods = new RegExp(
    "^(split|lines|chars|bytes|scan|keys|values|map|collect|select|filter|reject|sort|sort_by|to_a" +
        "|uniq|compact|flatten|reverse|take|drop|zip|each_slice|entries)$",
)
/** Methods of texts that return a list. */
const textToListMethods = /^(lines|chars|split|scan)$/

function isList(source: SourceCode, node: SyntaxNode, lists: ReadonlySet<string>): boolean {
    if (node.type === "array" || node.type === "string_array") return true
    if (node.type === "identifier") return lists.has(textOf(source, node))
    if (node.type !== "call") return false
    const method = childIn(node, "method")
    const receiver = childIn(node, "receiver")
    if (method === null || receiver === null) return false
    const name = textOf(source, method)
    return textToListMethods.test(name) || (listMethods.test(name) && isList(source, receiver, lists))
}

/** Returns names to which the whole file assigns only lists. */
function listNames(source: SourceCode): Set<string> {
    const lists = new Set<string>()
    const other = new Set<string>()
    for (let round = 0; round < 2; round++) {
        walk(source.root, (node, parents) => {
            if (node.type !== "identifier") return
            const parent = parents.at(-1)
            const name = textOf(source, node)
            if (parent?.type === "assignment" && node.field === "left") {
                const right = childIn(parent, "right")
                if (right !== null && isList(source, right, lists)) lists.add(name)
                else if (round > 0) other.add(name)
            } else if (
                /parameter|^(left_assignment_list|operator_assignment|for|exception_variable|rest_assignment)$/.test(
                    parent?.type ?? "",
                )
            ) {
                if (parent?.type !== "operator_assignment" || node.field === "left") other.add(name)
            }
        })
    }
    for (const name of other) lists.delete(name)
    return lists
}

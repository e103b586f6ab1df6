/** C# written another way with the same meaning, whatever types of others do. */
import { type SyntaxNode, childIn, parts, walk } from "../../tree.ts"
import { type Draft, type SourceCode, insertAfter, insertBefore, textOf } from "../drafts.ts"
import { type Alternatives, formDraft, hasComment, replace } from "./forms.ts"

/** Matches files that need a compiler of version 7 or later. Older compilers are still in use. */
const isModern = /\?\.\w|\$"|\bnameof\(|\bout var\b|\bis not\b|\bis null\b|\)\s*=>\s*[^{;]+;\s*$|get; \}/m
const needsModern = /^(body-form|text-form|null-form|initializer-form)$/

/** Returns the slots of C#. Newer forms need a file that already uses them. */
export function csharpForms(source: SourceCode): Draft[] {
    const drafts: Draft[] = []
    const isOld = !isModern.test(source.text)
    walk(source.root, (node, parents) => {
        const [kind, alternatives] = formsOf(source, node, parents)
        if (isOld && needsModern.test(kind)) return
        drafts.push(...formDraft(source, kind, node, parents, alternatives))
    })
    return drafts
}

function formsOf(source: SourceCode, node: SyntaxNode, parents: readonly SyntaxNode[]): [string, Alternatives] {
    switch (node.named ? node.type : "") {
        case "variable_declaration":
            return ["type-form", typeForms(source, node, parents)]
        case "foreach_statement":
            return ["type-form", foreachForms(source, node)]
        case "invocation_expression":
            return ["print-form", printForms(source, node)]
        case "initializer_expression":
            return ["initializer-form", initializerForms(source, node, parents)]
        case "class_declaration":
        case "method_declaration":
        case "field_declaration":
            return ["modifier-form", modifierForms(source, node, parents)]
        case "block":
            return ["body-form", bodyForms(source, node, parents)]
        case "arrow_expression_clause":
            return ["body-form", arrowForms(source, node, parents)]
        case "binary_expression":
            if (parents.at(-1)?.type !== "binary_expression" && textOf(source, node).includes('"')) {
                return ["text-form", interpolationForms(source, node)]
            }
            return ["null-form", nullForms(source, node)]
        default:
            return ["", []]
    }
}

/**
 * Returns `List<int> lines = new List<int>()` for `var lines = new List<int>()`, where the type is written on the
 * right.
 */
function typeForms(source: SourceCode, node: SyntaxNode, parents: readonly SyntaxNode[]): Alternatives {
    const type = childIn(node, "type")
    const declarators = parts(node).filter((at) => at.type === "variable_declarator")
    const [declarator] = declarators
    const isLocal = /^(local_declaration_statement|for_statement|using_statement)$/.test(parents.at(-1)?.type ?? "")
    if (type === null || declarator === undefined || declarators.length !== 1 || !isLocal) return []
    if (/^\s*const\b/.test(source.text.slice(parents.at(-1)?.start, node.start))) return []
    const value = parts(declarator).at(-1)
    if (value === undefined || value.field === "name") return []
    const known = typeOf(source, value)
    if (known === null) return []
    if (type.type === "implicit_type") return [[replace(type, known)]]
    return textOf(source, type) === known ? [[replace(type, "var")]] : []
}

/** Only what cannot be of another type. */
function typeOf(source: SourceCode, value: SyntaxNode): string | null {
    const text = textOf(source, value)
    if (value.type === "integer_literal") return literalType(text)
    if (value.type === "invocation_expression") return resultOf(source, text)
    if (value.type === "string_literal") return "string"
    if (value.type === "boolean_literal") return "bool"
    const type = value.type === "object_creation_expression" ? childIn(value, "type") : null
    return type === null ? null : textOf(source, type)
}

function literalType(text: string): string | null {
    const number = /^\d{1,10}$/.test(text) ? Number(text) : Infinity
    if (number < 2 ** 31) return "int"
    return number < 2 ** 32 ? "uint" : null
}

/** What a call gives: by this file's one method of that name, or by names that only text and lists have. */
function resultOf(source: SourceCode, text: string): string | null {
    const own = text.match(/^(\w+)\(/)?.[1]
    const declared = [
        ...source.text.matchAll(
            new RegExp(String.raw`(?<![\w<>\[\]])([\w<>\[\]]+)\s+${own}\s*\([^;{]*\)\s*(\{|=>|where)`, "g"),
        ),
    ]
    if (own !== undefined) return declared.length === 1 ? (declared[0]?.[1] ?? null) : null
    const [, receiver, method] = text.match(/^(\w+)\.(\w+)\([^()]*(\([^()]*\))?[^()]*\)$/) ?? []
    if (receiver !== undefined && isOfFile(source, receiver)) return resultOf(source, `${method}()`)
    if (/^(string\.(Join|Concat|Format)|File\.ReadAllText)\(.*\)$/.test(text)) return "string"
    if (/\.(ToString|ToLowerInvariant|ToUpperInvariant)\(\)$|\.Substring\([^()]*\)$/.test(text)) return "string"
    if (/^\w+\.(IndexOf|LastIndexOf)\([^()]*\)$/.test(text)) return "int"
    return /^\w+\.Split\([^()]*\)$/.test(text) ? "string[]" : null
}

/** Whether a name is a class of this file, or is declared as one and as nothing else. */
function isOfFile(source: SourceCode, name: string): boolean {
    const classes = [...source.text.matchAll(/\bclass\s+(\w+)/g)].map(([, item]) => item)
    if (classes.includes(name)) return true
    const declared = [
        ...source.text.matchAll(new RegExp(String.raw`(?<![\w>\]])([\w>\]]+)\s+${name}\s*[=;,)]\s*(new (\w+))?`, "g")),
    ]
    const types = declared
        .filter(([, type]) => type !== "return")
        .map(([, type, , made]) => (type === "var" ? made : type))
    return types.length > 0 && types.every((type) => classes.includes(type ?? ""))
}

/**
 * `"line " + number + " is empty"` as `$"line {number} is empty"`: of numbers and texts, and of what knows no formats.
 */
function interpolationForms(source: SourceCode, node: SyntaxNode): Alternatives {
    const pieces = summands(source, node)
    if (pieces === null || /\boperator\b|IFormattable/.test(source.text)) return []
    const isText = pieces.map((piece) => piece.type === "string_literal")
    const isPlain = pieces.every((piece, i) =>
        isText[i] === true
            ? !/[{}]/.test(textOf(source, piece)) && isText[i + 1] !== true
            : /^[\w.]+$/.test(textOf(source, piece)) && isText[i + 1] !== false,
    )
    const isStarted = isText[0] === true || isText[1] === true
    if (!isPlain || !isStarted || pieces.length < 2) return []
    const edits = pieces.slice(1).map((piece, i) => {
        const before = pieces[i] as SyntaxNode
        const intoName = isText[i] === true
        return {
            start: before.end - (intoName ? 1 : 0),
            end: piece.start + (intoName ? 0 : 1),
            text: intoName ? "{" : "}",
        }
    })
    const head =
        isText[0] === true
            ? { start: node.start, end: node.start + 1, text: '$"' }
            : insertBefore(source.text, node.start, '$"{')
    if (isText.at(-1) === true) return [[head, ...edits]]
    const last = insertAfter(source.text, node.end, '}"')
    return [[head, ...edits, last]]
}

/** What a row of `+` adds up, from left to right; null where it is anything else. */
function summands(source: SourceCode, node: SyntaxNode): SyntaxNode[] | null {
    if (node.type !== "binary_expression") return [node]
    const [left, operator, right] = node.children
    if (left === undefined || operator === undefined || right === undefined || textOf(source, operator) !== "+")
        return null
    if (right.type === "binary_expression") return null
    const before = summands(source, left)
    return before === null ? null : [...before, right]
}

/** `foreach (var line in lines)` as `foreach (string line in lines)`, where the list says what is in it. */
function foreachForms(source: SourceCode, node: SyntaxNode): Alternatives {
    const type = childIn(node, "type")
    const right = childIn(node, "right")
    if (type === null || right?.type !== "identifier") return []
    const name = textOf(source, right)
    const made = [
        ...source.text.matchAll(
            new RegExp(String.raw`(?<![\w\]>])([\w\]>]+)\s+${name}\s*([=,);]|in\b)\s*([^;]*)`, "g"),
        ),
    ]
    const isText = ([, written = "", , value = ""]: RegExpMatchArray): boolean =>
        written === "string[]" || written.endsWith("List<string>") || /^\w+\.Split\([^()]*\)$/.test(value)
    const [first] = made.filter(([, written]) => written !== "in" && written !== "return")
    if (first === undefined || made.length !== 1 || !isText(first)) return []
    if (type.type === "implicit_type") return [[replace(type, "string")]]
    return textOf(source, type) === "string" ? [[replace(type, "var")]] : []
}

/** `Console.WriteLine` is `Console.Out.WriteLine`. */
function printForms(source: SourceCode, node: SyntaxNode): Alternatives {
    const callee = childIn(node, "function")
    const written = callee === null ? "" : textOf(source, callee)
    const match = written.match(/^Console(\.Out)?\.(WriteLine|Write)$/)
    if (callee === null || match === null || /\b(class|struct|using) Console\b/.test(source.text)) return []
    return [[replace(callee, match[1] === undefined ? `Console.Out.${match[2]}` : `Console.${match[2]}`)]]
}

/** `{ "via", 2 }` as `["via"] = 2`, in a dictionary whose keys are all said and all different. */
function initializerForms(source: SourceCode, node: SyntaxNode, parents: readonly SyntaxNode[]): Alternatives {
    const type = parents.at(-1) === undefined ? null : childIn(parents.at(-1) as SyntaxNode, "type")
    const pairs = parts(node)
    if (type === null || !textOf(source, type).startsWith("Dictionary<") || pairs.length === 0) return []
    const keys = pairs.map((pair) => parts(pair)[0])
    const isComplete = pairs.every((pair) => pair.type === "initializer_expression" && parts(pair).length === 2)
    const texts = new Set(keys.map((key) => (key?.type === "string_literal" ? textOf(source, key) : "")))
    if (!isComplete || texts.size !== pairs.length || texts.has("")) return []
    return [
        pairs.flatMap((pair) => {
            const [key, value] = parts(pair)
            if (key === undefined || value === undefined) return []
            return [
                { start: pair.start, end: value.start, text: `[${textOf(source, key)}] = ` },
                { start: value.end, end: pair.end, text: "" },
            ]
        }),
    ]
}

/** Returns slots for default modifiers: types of a namespace are internal, members of a class private. */
function modifierForms(source: SourceCode, node: SyntaxNode, parents: readonly SyntaxNode[]): Alternatives {
    const owner = parents.at(-2)
    const isMember = node.type !== "class_declaration"
    const owners = isMember ? /^(class|struct)_declaration$/ : /^namespace_declaration$/
    const word = isMember ? "private" : "internal"
    if (!owners.test(owner?.type ?? "")) return []
    const words = node.children.filter(({ type }) => type === "modifier")
    const names = words.map((word) => textOf(source, word))
    if (node.children.some(({ type }) => /attribute|explicit_interface/.test(type))) return []
    if (names.some((name) => /^(public|protected|partial|extern|abstract|override|virtual)$/.test(name))) return []
    const [first] = words
    if (names.includes(isMember ? "internal" : "private")) return []
    if (first === undefined || names[0] !== word) {
        return names.includes(word) ? [] : [[insertBefore(source.text, node.start, `${word} `)]]
    }
    return [[{ start: first.start, end: first.end + 1, text: "" }]]
}

/** `{ return count; }` as `=> count;`. */
function bodyForms(source: SourceCode, node: SyntaxNode, parents: readonly SyntaxNode[]): Alternatives {
    const parent = parents.at(-1)
    if (!/^(method_declaration|accessor_declaration)$/.test(parent?.type ?? "")) return []
    const inside = parts(node)
    const [statement] = inside
    if (inside.length !== 1 || statement?.type !== "return_statement" || hasComment(node)) return []
    const value = parts(statement)[0]
    const before = parents.at(-1)?.children.findLast(({ end }) => end <= node.start)
    if (value === undefined || before === undefined || textOf(source, value).includes("\n")) return []
    return [
        [
            { start: before.end, end: value.start, text: " => " },
            { start: value.end, end: node.end, text: ";" },
        ],
    ]
}

/** And back. */
function arrowForms(source: SourceCode, node: SyntaxNode, parents: readonly SyntaxNode[]): Alternatives {
    const parent = parents.at(-1)
    const returns = parent === undefined ? null : childIn(parent, "returns")
    const value = parts(node)[0]
    const isMethod = parent?.type === "method_declaration" && returns !== null && textOf(source, returns) !== "void"
    const end = source.text[node.end] === ";" ? node.end + 1 : -1
    if (!isMethod || value === undefined || end < 0 || /async|throw/.test(textOf(source, parent))) return []
    return [
        [
            { start: node.start, end: value.start, text: "{ return " },
            { start: value.end, end, text: "; }" },
        ],
    ]
}

/** `text == null` as `text is null`: of what this file declares as a string, an array or an object. */
function nullForms(source: SourceCode, node: SyntaxNode): Alternatives {
    const [left, operator, right] = node.children
    if (left?.type !== "identifier" || operator === undefined || right?.type !== "null_literal") return []
    const name = textOf(source, left)
    const declared = [
        ...source.text.matchAll(new RegExp(String.raw`(?<![\w>\]])([\w>\]]+)\??\s+${name}\s*[=;,)]`, "g")),
    ]
    const types = declared.map(([, type = ""]) => type).filter((type) => !/^(return|new|in|out|ref|var|is)$/.test(type))
    const isPlain = types.length > 0 && types.every((type) => /^(string|object)$|\]$/.test(type))
    if (!isPlain || declared.some(([, type]) => type === "var")) return []
    if (textOf(source, operator) === "==") return [[{ start: operator.start, end: operator.end, text: "is" }]]
    return []
}

/** Values that are known already: making one calls nothing, looks at nothing that changes, and cannot fail. */
import { type SyntaxNode, childIn, parts } from "../tree.ts"
import { type SourceCode, textOf } from "./drafts.ts"

const literals: Readonly<Record<string, RegExp>> = {
    python: /^(integer|float|true|false|none)$/,
    javascript: /^(number|true|false|null|undefined)$/,
    go: /^(int_literal|float_literal|rune_literal|true|false|nil|raw_string_literal|interpreted_string_literal)$/,
    c: /^(number_literal|char_literal|string_literal|true|false|null)$/,
    csharp: new RegExp(
        "^(integer_literal|real_literal|character_literal|boolean_literal|null_literal|string_literal" +
            "|verbatim_string_literal)$",
    ),
    ruby: /^(integer|float|true|false|nil|simple_symbol)$/,
}

/** Values that are complete in the text, and in shells cannot be anything else. */
const writtenValues: Readonly<Record<string, RegExp>> = {
    bash: /^('[^'\n]*'|"[^"$`\\\n!]*"|[\w./:%+,-]+)$/,
    powershell: /^('[^'\n]*'|"[^"$`\n]*"|-?\d{1,9}|0x[0-9a-f]{1,7}|\$(true|false|null)|@\(\)|@\{\})$/i,
    csharp: /^new (List|Dictionary|HashSet|Queue|Stack|StringBuilder|SortedDictionary)(<[\w, [\]<>]*>)?\(\)$/,
    go: /^((\[\]|map\[\w+\])[\w.*[\]]+\{\}|make\((\[\][\w.*]+, 0|map\[\w+\][\w.*[\]]+)\))$/,
    javascript: /^new (Map|Set)\(\)$/,
}

const shadows: Readonly<Record<string, RegExp>> = {
    csharp: /\b(class|struct)\s+(List|Dictionary|HashSet|Queue|Stack|StringBuilder|SortedDictionary)\b/,
    go: /\b(func|var|const|type)\s+make\b|\bmake\s*(,[\w ,]{0,80})?:=/,
    javascript:
        /\b(class|function|const|let|var|import)\s+\{?\s*(Map|Set)\b|\b(Map|Set)\s*=[^=]|\b(Map|Set)\.prototype/,
}

/** `isSteady` tells of a name whether it surely has a value that nothing changes behind its back. */
export function isKnownValue(source: SourceCode, node: SyntaxNode, isSteady: (name: SyntaxNode) => boolean): boolean {
    const language = /^(typescript|tsx)$/.test(source.language) ? "javascript" : source.language
    const text = textOf(source, node)
    if (writtenValues[language]?.test(text) === true) return shadows[language]?.test(source.text) !== true
    if (/^(bash|powershell)$/.test(language)) return false
    if (literals[language]?.test(node.type) === true) return true
    const areKnown = (inside: readonly SyntaxNode[]): boolean =>
        inside.every((node) => isKnownValue(source, node, isSteady))
    switch (node.type) {
        case "string":
        case "template_string":
            return !parts(node).some(({ type }) => /interpolation|substitution/.test(type))
        case "identifier":
            return isSteady(node)
        case "unary_operator":
        case "unary_expression":
        case "prefix_unary_expression":
        case "unary":
            return /^-\s*\d[\d_.]*$/.test(text)
        case "list":
        case "tuple":
        case "array":
            return areKnown(parts(node))
        case "dictionary":
        case "object":
        case "hash":
            return parts(node).every((entry) => isKnownEntry(source, entry, isSteady))
        default:
            return false
    }
}

function isKnownEntry(source: SourceCode, entry: SyntaxNode, isSteady: (name: SyntaxNode) => boolean): boolean {
    const [key, value] = [childIn(entry, "key"), childIn(entry, "value")]
    if (entry.type !== "pair" || key === null || value === null) return false
    const isPlain = /^(["'][^"'\\$#{}]*["']|\w+|:\w+)$/.test(textOf(source, key))
    const isKey = /^(string|integer|number|property_identifier|simple_symbol|hash_key_symbol)$/.test(key.type)
    return isPlain && isKey && isKnownValue(source, value, isSteady)
}

/**
 * Parses source code with tree-sitter grammars in WebAssembly. Each grammar loads on first use.
 *
 * Results are plain trees; the parser's memory is freed before a call returns.
 */
import { createRequire } from "node:module"
import { Language, Parser, type TreeCursor } from "web-tree-sitter"
import type { Parse, SyntaxNode } from "./carriers/tree.ts"
import { refuse } from "@tocsin/base/refusal"

const grammarFiles: Readonly<Record<string, string>> = {
    bash: "bash",
    c: "cpp",
    cpp: "cpp",
    csharp: "c-sharp",
    go: "go",
    javascript: "javascript",
    powershell: "powershell",
    python: "python",
    ruby: "ruby",
    tsx: "tsx",
    typescript: "typescript",
}

const depthMax = 1000

const parsers = new Map<string, Promise<Parse>>()
let parserReady: Promise<void> | null = null

/** Loads the parser of a language. Refuses `mark.unsupported_language` if there is no grammar for it. */
export function loadParser(language: string): Promise<Parse> {
    const file = Object.hasOwn(grammarFiles, language) ? grammarFiles[language] : undefined
    if (file === undefined)
        refuse("invalid", "mark.unsupported_language", `no grammar for the language \`${language}\``)
    const known = parsers.get(file)
    if (known !== undefined) return known
    const parse = loadGrammar(file)
    parsers.set(file, parse)
    return parse
}

async function loadGrammar(file: string): Promise<Parse> {
    parserReady ??= Parser.init()
    await parserReady
    const place = createRequire(import.meta.url).resolve(`@vscode/tree-sitter-wasm/wasm/tree-sitter-${file}.wasm`)
    const parser = new Parser()
    parser.setLanguage(await Language.load(place))
    return (text) => {
        const tree = parser.parse(text)
        if (tree === null) throw new Error(`the ${file} parser gave no tree`)
        const cursor = tree.walk()
        try {
            return copyTree(cursor, 0)
        } finally {
            cursor.delete()
            tree.delete()
        }
    }
}

/** Copies the tree at the cursor. Nodes nested deeper than handwritten code are marked as errors. */
function copyTree(cursor: TreeCursor, depth: number): SyntaxNode {
    const { type, isNamed, isMissing, startIndex, endIndex, hasError } = cursor.currentNode
    const field = cursor.currentFieldName
    const children: SyntaxNode[] = []
    const tooDeep = depth >= depthMax
    if (!tooDeep && cursor.gotoFirstChild()) {
        do children.push(copyTree(cursor, depth + 1))
        while (cursor.gotoNextSibling())
        cursor.gotoParent()
    }
    const isFaulty = tooDeep || hasError || isMissing || children.some((child) => child.hasError)
    return { type, start: startIndex, end: endIndex, named: isNamed, hasError: isFaulty, field, children }
}

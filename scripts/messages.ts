/**
 * Keeps web/src/messages/de.json complete: it gets each message of the screens and each value of an answer, and loses
 * what nothing uses. A new row has an empty translation, which the tests refuse.
 */
import fs from "node:fs"
import path from "node:path"
import type { Expression, Node } from "oxc-parser"
import { houseOf, nameOf } from "../test/architecture/source.ts"

const root = path.join(import.meta.dirname, "..")
const screens = path.join(root, "web/src")
export const tableFile = path.join(screens, "messages/de.json")

export interface MessageTable {
    readonly messages: Readonly<Record<string, string>>
    readonly values: Readonly<Record<string, string>>
    /** By error code. The English text is the server's. */
    readonly refusals: Readonly<Record<string, string>>
}

export const readTable = (): MessageTable => JSON.parse(fs.readFileSync(tableFile, "utf8")) as MessageTable

/** The text of a literal, of literals joined by `+`, or of a template without values; null: it is computed. */
export function constantText(node: Expression | Node | undefined): string | null {
    if (node?.type === "Literal") return typeof node.value === "string" ? node.value : null
    if (node?.type === "TemplateLiteral" && node.expressions.length === 0) return node.quasis[0]?.value.cooked ?? null
    if (node?.type !== "BinaryExpression" || node.operator !== "+") return null
    const [left, right] = [constantText(node.left), constantText(node.right)]
    return left === null || right === null ? null : left + right
}

/** The messages that a source passes to `t` or `rich`. */
export function messagesOf(nodes: readonly Node[]): string[] {
    return nodes.flatMap((node) => {
        if (node.type !== "CallExpression" || !["t", "rich"].includes(nameOf(node.callee))) return []
        return constantText(node.arguments[0]) ?? []
    })
}

/** The messages of the files that begin with one of these paths below web/src. */
export function messagesUnder(starts: readonly string[]): Set<string> {
    const files = fs
        .readdirSync(screens, { recursive: true, encoding: "utf8" })
        .filter((file) => /(?<!\.test)\.tsx?$/.test(file) && !file.startsWith("messages"))
        .filter((file) => starts.some((start) => file.startsWith(start)))
    const texts = files.map((file) => [file, fs.readFileSync(path.join(screens, file), "utf8")] as const)
    return new Set(houseOf(Object.fromEntries(texts)).sources.flatMap(({ nodes }) => messagesOf(nodes)))
}

const rows = (keys: readonly string[], known: Readonly<Record<string, string>>): Record<string, string> =>
    Object.fromEntries(keys.map((key) => [key, known[key] ?? ""]))

/** The values of requests and answers that are words: `at_publication`. A code with a sentence is none. */
export async function allValues(): Promise<string[]> {
    const { allRoutes } = await import("../server/src/routes.ts")
    const found = new Set<string>()
    const visit = (shape: unknown): void => {
        if (typeof shape !== "object" || shape === null) return
        const { const: value, enum: list = [], hasSentence = false } = shape as ShapeValues
        if (hasSentence) return
        for (const each of [value, ...list])
            if (typeof each === "string" && /^[a-z]+(?:_[a-z]+)*$/.test(each)) found.add(each)
        Object.values(shape).forEach(visit)
    }
    for (const { body, answer } of allRoutes) [body, answer].forEach(visit)
    return [...found]
}

interface ShapeValues {
    readonly const?: unknown
    readonly enum?: readonly unknown[]
    readonly hasSentence?: boolean
}

async function writeTable(): Promise<void> {
    const { messages, values, refusals } = readTable()
    const words = [...new Set([...(await allValues()), ...Object.keys(values)])].toSorted()
    const table = {
        messages: rows([...messagesUnder([""])].toSorted(), messages),
        values: rows(words, values),
        refusals: rows(Object.keys(refusals).toSorted(), refusals),
    }
    fs.writeFileSync(tableFile, `${JSON.stringify(table, null, 4)}\n`)
}

if (import.meta.main) await writeTable()

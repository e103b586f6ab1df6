/**
 * The small laws: sizes, and what stands nowhere in the house or in one place only.
 */
import type { Node } from "oxc-parser"
import { importsOf, kindOf, placeOf } from "./imports.ts"
import { type House, type Source, at, isTest, lineOf, nameOf, product } from "./source.ts"

export const linesMax = 400
export const testLinesMax = 600
export const functionLinesMax = 70
export const parametersMax = 5

export function sizeLaw(house: House): string[] {
    return house.sources.flatMap((source) => {
        const lines = source.text.trimEnd().split("\n").length
        const max = isTest(source.file) ? testLinesMax : linesMax
        const long = lines > max ? [`${source.file}: ${lines} lines, more than ${max}`] : []
        return [...long, ...functionFaults(source)]
    })
}

function functionFaults(source: Source): string[] {
    const suites = new Set(source.nodes.flatMap(suiteOf))
    return source.nodes.flatMap((node) => {
        const isFunction = ["FunctionDeclaration", "FunctionExpression", "ArrowFunctionExpression"].includes(node.type)
        if (!isFunction || !("params" in node) || !Array.isArray(node.params)) return []
        const lines = lineOf(source, { ...node, start: node.end }) - lineOf(source, node) + 1
        const long = lines > functionLinesMax && !suites.has(node)
        const wide = node.params.length > parametersMax
        return [
            ...(long ? [`${at(source, node)}: a function of ${lines} lines, more than ${functionLinesMax}`] : []),
            ...(wide ? [`${at(source, node)}: ${node.params.length} parameters, more than ${parametersMax}`] : []),
        ]
    })
}

/** The body of a `describe` is a list of tests, and no function. */
function suiteOf(node: Node): Node[] {
    if (node.type !== "CallExpression") return []
    const direct = nameOf(node.callee)
    const each = node.callee.type === "CallExpression" ? nameOf(node.callee.callee) : ""
    return /^describe\b/.test(direct) || /^describe\b/.test(each) ? [...node.arguments] : []
}

export function banLaw(house: House): string[] {
    return house.sources.flatMap((source) =>
        source.nodes.flatMap((node) =>
            [...everywhere(node), ...clocks(source, node), ...skips(source, node)].map(
                (fault) => `${at(source, node)}: ${fault}`,
            ),
        ),
    )
}

/** What stands nowhere at all. */
function everywhere(node: Node): string[] {
    if (node.type === "TSEnumDeclaration") return ["no enum: a union of strings"]
    if (node.type === "ExportDefaultDeclaration") return ["no default export"]
    if (node.type === "JSXAttribute" && node.name.name === "dangerouslySetInnerHTML") return ["no HTML from strings"]
    if (node.type === "Property" && "name" in node.key && node.key.name === "dangerouslySetInnerHTML") {
        return ["no HTML from strings"]
    }
    if (node.type === "AssignmentExpression" && node.left.type === "MemberExpression") {
        const property = "name" in node.left.property ? node.left.property.name : ""
        return property === "innerHTML" || property === "outerHTML" ? ["no HTML from strings"] : []
    }
    const called = node.type === "CallExpression" || node.type === "NewExpression" ? nameOf(node.callee) : ""
    return /^(globalThis\.)?(eval|Function)$/.test(called) ? ["no code from strings"] : []
}

const realTime = ["Date.now", "performance.now", "Math.random"]
const pureToo = ["setTimeout", "setInterval", "crypto.getRandomValues", "crypto.randomUUID"]

/** Time and chance come from platform/, as arguments. */
function clocks(source: Source, node: Node): string[] {
    if (!source.file.startsWith("src/") || isTest(source.file)) return []
    const kind = kindOf(source.file)
    if (kind === "platform") return []
    const name = nameOf(node)
    const banned = [...realTime, ...(kind === "lib" || kind === "noun" ? pureToo : [])]
    const bare = node.type === "CallExpression" || node.type === "NewExpression"
    if (bare && nameOf(node.callee) === "Date" && node.arguments.length === 0)
        return ["time is an argument: no new Date()"]
    const called = node.type === "CallExpression" ? nameOf(node.callee) : node.type === "MemberExpression" ? name : ""
    const isCall = node.type === "CallExpression" && !called.includes(".")
    const isRead = node.type === "MemberExpression"
    return (isCall || isRead) && banned.includes(called) ? [`time and chance are arguments: no ${called}`] : []
}

const skipping = /^(test|it|describe|suite)(\.\w+)*\.(skip|only|todo|fails)$/
const conditional = /^(test|it|describe|suite)(\.\w+)*\.(skipIf|runIf)$/

/** Tests that need what a machine may lack, and what that is. */
const mayLack: Readonly<Record<string, string>> = {
    "src/demo/content.test.ts": "python3, ../shared/data",
    "src/lib/carriers/source.test.ts": "an interpreter or a compiler",
    "src/lib/carriers/source/turns.test.ts": "an interpreter or a compiler",
    "src/lib/rules/sigma.test.ts": "../shared/data",
    "src/platform/gnupg.test.ts": "gpg",
    "src/platform/postgres-program.test.ts": "root",
    "src/platform/postgres.test.ts": "root",
    "src/platform/yara.test.ts": "../shared/data",
    "src/share/cases/vultron.test.ts": "../shared/data",
    "test/custody.test.ts": "python3",
    "test/vectors.test.ts": "python3",
}

function skips(source: Source, node: Node): string[] {
    if (!isTest(source.file)) return []
    const name = node.type === "MemberExpression" ? nameOf(node) : ""
    const skipped = skipping.test(name) || (conditional.test(name) && !mayLack[source.file])
    const crossed = node.type === "CallExpression" && /^x(test|it|describe)$/.test(nameOf(node.callee))
    return skipped || crossed || passesUnseen(node) ? ["no skipped test"] : []
}

/** A test that can go home early: it passes, and says nothing of what it did not look at. */
function passesUnseen(node: Node): boolean {
    if (node.type !== "CallExpression") return false
    const called = node.callee.type === "CallExpression" ? node.callee.callee : node.callee
    if (!/^(test|it)\b/.test(nameOf(called))) return false
    const body = node.arguments.find((one) => one.type === "ArrowFunctionExpression")?.body
    const its = body?.type === "BlockStatement" ? body.body : []
    return its.some((one) => one.type === "IfStatement" && one.consequent.type === "ReturnStatement")
}

/** `child_process` stands in platform/ alone. */
export function processLaw(house: House): string[] {
    return product(house)
        .flatMap(importsOf)
        .filter(({ from, to }) => to?.replace("node:", "") === "child_process" && placeOf(from) !== "platform")
        .map(({ from }) => `${from} starts processes: only platform/ may`)
}

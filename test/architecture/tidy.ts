/** The small laws that oxlint has no rule for. */
import path from "node:path"
import type { Node } from "oxc-parser"
import { isProduct, kindOf } from "./imports.ts"
import { type House, type Source, at, isTest, lineOf, nameOf, product } from "./source.ts"

export const functionLinesMax = 70

/** In tests only: oxlint's own rule counts the body of a `describe` too. */
export function testSizeLaw(house: House): string[] {
    return house.sources.filter(({ file }) => isTest(file)).flatMap(functionFaults)
}

function functionFaults(source: Source): string[] {
    const suites = new Set(source.nodes.flatMap(suiteOf))
    return source.nodes.flatMap((node) => {
        const isFunction = ["FunctionDeclaration", "FunctionExpression", "ArrowFunctionExpression"].includes(node.type)
        if (!isFunction || !("params" in node) || !Array.isArray(node.params)) return []
        const lines = lineOf(source, { ...node, start: node.end }) - lineOf(source, node) + 1
        if (lines <= functionLinesMax || suites.has(node)) return []
        return [`${at(source, node)}: a function of ${lines} lines, more than ${functionLinesMax}`]
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

/** As a property: oxlint looks at attributes. */
function everywhere(node: Node): string[] {
    const isHtml = node.type === "Property" && "name" in node.key && node.key.name === "dangerouslySetInnerHTML"
    return isHtml ? ["no HTML from strings"] : []
}

const realTime = ["Date.now", "performance.now", "Math.random"]
const pureToo = ["setTimeout", "setInterval", "crypto.getRandomValues", "crypto.randomUUID"]

/** Checks the server's log, and so asks the browser's clock and not the server's. */
const ownClock = "web/src/portal/messages/receipt-log.tsx"

/** Time and chance come from platform/, as arguments. */
function clocks(source: Source, node: Node): string[] {
    if (!isProduct(source.file) || isTest(source.file)) return []
    const kind = kindOf(source.file)
    if (kind === "platform" || kind === "program" || source.file.startsWith("packages/client/")) return []
    if (source.file === ownClock) return []
    const name = nameOf(node)
    const banned = [...realTime, ...(kind === "package" || kind === "model" ? pureToo : [])]
    const bare = node.type === "CallExpression" || node.type === "NewExpression"
    if (bare && nameOf(node.callee) === "Date" && node.arguments.length === 0)
        return ["time is an argument: no new Date()"]
    const called = node.type === "CallExpression" ? nameOf(node.callee) : node.type === "MemberExpression" ? name : ""
    const isCall = node.type === "CallExpression" && !called.includes(".")
    const isRead = node.type === "MemberExpression"
    return (isCall || isRead) && banned.includes(called) ? [`time and chance are arguments: no ${called}`] : []
}

const skipping = /^(test|it|describe|suite)(\.\w+)*\.(todo|fails)$/
const conditional = /^(test|it|describe|suite)(\.\w+)*\.(skipIf|runIf)$/

/** Tests that need what a machine may lack, and what that is. */
const mayLack: Readonly<Record<string, string>> = {
    "server/src/demo/content.test.ts": "python3, ../shared/data",
    "packages/marks/src/carriers/source/carrier.test.ts": "an interpreter or a compiler",
    "packages/marks/src/carriers/source/order.test.ts": "an interpreter or a compiler",
    "packages/rules/src/sigma.test.ts": "../shared/data",
    "server/src/platform/crypto/gnupg.test.ts": "gpg",
    "server/src/platform/crypto/seal.test.ts": "age",
    "server/src/platform/postgres/postgres-program.test.ts": "root",
    "server/src/platform/postgres/postgres.test.ts": "root",
    "server/src/platform/sandbox/yara.test.ts": "../shared/data",
    "server/src/share/cases/vultron.test.ts": "../shared/data",
    "test/custody.test.ts": "python3",
    "test/publisher-keys.test.ts": "gpg",
    "test/second-verifier.test.ts": "python3",
    "test/handovers.test.ts": "python3",
    "test/tlog-proof.test.ts": "python3",
    "test/deploy/prometheus.test.ts": "promtool",
    "test/deploy/proxies.test.ts": "nginx, caddy",
    "test/deploy/installation.test.ts": "systemd-analyze",
    "test/release.test.ts": "openssl, jq",
    "test/vectors.test.ts": "python3",
}

function skips(source: Source, node: Node): string[] {
    if (!isTest(source.file)) return []
    const name = node.type === "MemberExpression" ? nameOf(node) : ""
    const skipped = skipping.test(name) || (conditional.test(name) && !mayLack[source.file])
    return skipped || passesUnseen(node) ? ["no skipped test"] : []
}

/** A test that can go home early: it passes, and says nothing of what it did not look at. */
function passesUnseen(node: Node): boolean {
    if (node.type !== "CallExpression") return false
    const called = node.callee.type === "CallExpression" ? node.callee.callee : node.callee
    if (!/^(test|it)\b/.test(nameOf(called))) return false
    const body = node.arguments.find((argument) => argument.type === "ArrowFunctionExpression")?.body
    const bodies = body?.type === "BlockStatement" ? body.body : []
    return bodies.some((body) => body.type === "IfStatement" && body.consequent.type === "ReturnStatement")
}

const lineMax = 120

/** Texts that people read as they are: the lexicon, contents of the demonstration, letters, and what is generated. */
const data = new RegExp(
    "^(?:packages/marks/src/lexicon/|server/src/demo/content/|server/src/trace/measures/built-in-templates\\.ts$" +
        "|server/migrations/|test/(?:fixtures|vectors)/)",
)

/** Lines that are still to be cut. A place is removed from here when it has none. */
const uncut = new RegExp(
    "^(?:web/src/|server/src/platform/pdf/|server/src/platform/sandbox/pdf-subprocess\\.ts$" +
        "|server/src/share/delivery/feed/|packages/formats/src/csaf/)",
)

export function lineLaw(house: House): string[] {
    return house.sources.flatMap(({ file, text }) => {
        if (data.test(file) || uncut.test(file)) return []
        return text
            .split("\n")
            .flatMap((line, n) =>
                [...line].length > lineMax ? [`${file}:${n + 1}: a line of more than ${lineMax} characters`] : [],
            )
    })
}

const filesMax = 25

/** A folder with more source files holds several features: it is cut. */
export function folderLaw(house: House): string[] {
    const sources = house.sources.filter(({ file }) => !/\.(?:test|spec)\.tsx?$/.test(file))
    const folders = Map.groupBy(sources, ({ file }) => path.posix.dirname(file))
    return [...folders].flatMap(([folder, { length }]) =>
        length > filesMax ? [`${folder}: ${length} source files, more than ${filesMax}`] : [],
    )
}

/** A feature's actions, routes or store are a file or a folder of that name, never both. */
export function eitherLaw(house: House): string[] {
    const files = house.sources.map(({ file }) => file)
    return files
        .filter((file) => /\/(?:actions|routes|store)\.ts$/.test(file))
        .filter((file) => files.some((other) => other.startsWith(`${file.slice(0, -".ts".length)}/`)))
        .map((file) => `${file}: there is a folder of this name too`)
}

/** Old words of the vocabulary, and words that name nothing. */
const bannedNames = new Set([
    ...["its", "of", "not", "one", "told", "said", "asked", "anew", "nobody", "somebody", "whoever"],
    ...["turns", "teardown", "provision", "dues", "lacking", "flips", "standing", "act", "box", "circle", "keptOut"],
])

/** Variables, parameters, functions and types of the server and the packages are named by a noun or a verb. */
export function nameLaw(house: House): string[] {
    return product(house)
        .filter(({ file }) => !file.startsWith("web/"))
        .flatMap((source) =>
            source.nodes.flatMap((node) =>
                boundIn(node).flatMap((name) =>
                    bannedNames.has(name) ? [`${at(source, node)}: \`${name}\` is no name: say what it is`] : [],
                ),
            ),
        )
}

/** The names that a node binds itself, without those of the nodes below it. */
function boundIn(node: Node): string[] {
    if (node.type === "VariableDeclarator" || node.type === "FunctionDeclaration") return namesIn(node.id)
    if (node.type === "ArrowFunctionExpression" || node.type === "FunctionExpression")
        return node.params.flatMap(namesIn)
    return []
}

function namesIn(pattern: Node | null): string[] {
    switch (pattern?.type) {
        case "Identifier":
            return [pattern.name]
        case "ObjectPattern":
            return pattern.properties.flatMap((property) =>
                namesIn(property.type === "Property" ? property.value : property.argument),
            )
        case "ArrayPattern":
            return pattern.elements.flatMap(namesIn)
        case "AssignmentPattern":
            return namesIn(pattern.left)
        default:
            return []
    }
}

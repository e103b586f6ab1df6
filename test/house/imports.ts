/**
 * The import law: who may know whom. ARCHITECTURE.md says why.
 *
 * Across: a file imports from its own place or an earlier one. Within: noun ← store ← actions ← routes.
 * Pure: lib/ and nouns reach for nothing outside. Clients: nouns, lib/ and types.
 */
import path from "node:path"
import { type House, type Source, isTest, product, stringsOf } from "./source.ts"

/** Every place of the house, in the order in which a release flows through it. A new place needs a design note. */
export const order = [
    ...["lib", "platform"],
    ...["audit", "receipts", "identity", "approvals", "mailing", "partners", "continuity"].map(
        (slice) => `trust/${slice}`,
    ),
    ...["cases", "artifacts", "waves", "entitlement", "release"].map((slice) => `share/${slice}`),
    ...["canaries", "marking", "webhooks", "delivery", "questions", "publication"].map((slice) => `share/${slice}`),
    ...[
        "sightings",
        "evidence",
        "clocks",
        "attribution",
        "inquiries",
        "planning",
        "measures",
        "reports",
        "waiting",
    ].map((slice) => `trace/${slice}`),
    ...[
        "channels",
        "ends.ts",
        "flow.ts",
        "routes.ts",
        "server.ts",
        "demo",
        "run",
        "client",
        "web",
        "cli",
        "commands.ts",
        "main.ts",
    ],
]

/** What pure code may take from npm. The list is short on purpose: an auditor must trust all of it. */
const pureNeeds = [
    "typebox",
    "@noble/*",
    "@scure/base",
    "ipaddr.js",
    "re2js",
    "yaml",
    "mdast",
    "mdast-util-*",
    "micromark*",
    "ae-cvss-calculator",
]

const ranks = ["noun", "store", "actions", "routes"] as const
type Kind = "lib" | "platform" | "roof" | "client" | (typeof ranks)[number]

export interface Import {
    readonly from: string
    /** A path from the root, the name of a package, or null where it is computed. */
    readonly to: string | null
    readonly typeOnly: boolean
}

export function importLaw(house: House): string[] {
    return product(house)
        .flatMap(importsOf)
        .flatMap((item) => faultOf(item).map((fault) => `${item.from} -> ${item.to}: ${fault}`))
}

/** Files that reach themselves. Types count: a circle of types is a circle for the reader. */
export function circleLaw(house: House): string[] {
    const next = new Map(product(house).map((s) => [s.file, importsOf(s).map((i) => i.to)]))
    const reach = (file: string, seen: Set<string>): Set<string> => {
        for (const to of next.get(file) ?? []) if (to !== null && !seen.has(to)) reach(to, seen.add(to))
        return seen
    }
    return [...next.keys()].filter((file) => reach(file, new Set()).has(file)).map((file) => `${file} reaches itself`)
}

/** What is wrong with this import: nothing, or one line. */
function faultOf({ from, to, typeOnly }: Import): string[] {
    const [here, kind] = [placeOf(from), kindOf(from)]
    if (here === null) return ["stands in no place of the house: add it to `order`"]
    if (to === null) return ["is computed, so that nobody can check it"]
    const pure = kind === "lib" || kind === "noun"
    if (!to.startsWith("src/")) return outside(here, to, pure)
    const [there, request] = [placeOf(to), kindOf(to)]
    if (there === null) return ["reaches for no place of the house"]
    if (order.indexOf(here) < order.indexOf(there)) return [`flows backwards: ${here} comes before ${there}`]
    if (here === there) return ranked(kind, request) ? [] : [`${kind} may not use ${request}`]
    if (isTest(to)) return ["reaches for a test"]
    if (pure && request !== "lib" && request !== "noun") return ["is pure, and reaches for the outside world"]
    if (kind === "client") return clientMay(there, request, typeOnly) ? [] : [`is a client: no ${request}`]
    if (request === "store" || (request === "routes" && kind !== "roof")) return [`${to} is private`]
    return []
}

function outside(here: string, to: string, pure: boolean): string[] {
    const known = pureNeeds.some((need) => new RegExp(`^${need.replaceAll("*", ".*")}(/|$)`).test(to))
    if (pure && !known) return ["is pure, and reaches for the outside world"]
    const node = to.startsWith("node:")
    if (node && (here === "client" || here === "web")) return ["runs in a browser too: no node:*"]
    return to.startsWith(".") || to.startsWith("/") ? ["leaves src"] : []
}

function ranked(kind: Kind, request: Kind): boolean {
    return ranks.indexOf(kind as never) >= ranks.indexOf(request as never)
}

function clientMay(there: string, kind: Kind, typeOnly: boolean): boolean {
    return kind === "lib" || kind === "noun" || there === "client" || (typeOnly && kind !== "store")
}

export function placeOf(file: string): string | null {
    return order.find((place) => file === `src/${place}` || file.startsWith(`src/${place}/`)) ?? null
}

export function kindOf(file: string): Kind {
    const [, top = "", , layer = ""] = file.split("/")
    if (top === "lib" || top === "platform") return top
    if (top === "client" || top === "web" || top === "cli") return "client"
    if (top !== "trust" && top !== "share" && top !== "trace") return "roof"
    const name = layer.replace(/\.ts$/, "")
    return name === "store" || name === "actions" || name === "routes" ? name : "noun"
}

/** Where a relative import leads: `src/…`, or with a leading dot where it leaves that folder. */
export const fromRoot = (joined: string): string => (joined.startsWith("src/") ? joined : `./${joined}`)

/** Every import of a file: stated, re-exported, `import()`, and `import("…")` as a type. */
export function importsOf({ file, nodes }: Source): Import[] {
    const to = (name: string) =>
        name.startsWith(".") ? fromRoot(path.posix.join(path.posix.dirname(file), name)) : name
    return nodes.flatMap((node): Import[] => {
        switch (node.type) {
            case "ImportDeclaration":
                return [{ from: file, to: to(node.source.value), typeOnly: node.importKind === "type" }]
            case "ExportAllDeclaration":
                return [{ from: file, to: to(node.source.value), typeOnly: node.exportKind === "type" }]
            case "ExportNamedDeclaration": {
                const typeOnly = node.exportKind === "type"
                return node.source ? [{ from: file, to: to(node.source.value), typeOnly }] : []
            }
            case "ImportExpression": {
                const names = stringsOf(node.source) ?? [null]
                return names.map((name) => ({ from: file, to: name && to(name), typeOnly: false }))
            }
            case "TSImportType":
                return [{ from: file, to: to(node.source.value), typeOnly: true }]
            default:
                return []
        }
    })
}

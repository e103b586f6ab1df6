/**
 * The import rules. ARCHITECTURE.md says why.
 *
 * Direction: a file imports from its own layer or an earlier one. Within a feature: model ← schemas ← store ← actions ←
 * routes. Purity: packages, models and schemas import nothing from outside. The browser imports models, packages and
 * types; schemas and routes are for the browser as types only.
 */
import path from "node:path"
import { type House, type Source, isTest, product, stringsOf } from "./source.ts"

/** The packages, and which other packages each may import. */
const packages: Readonly<Record<string, readonly string[]>> = {
    base: [],
    "audit-log": ["base"],
    rules: ["base"],
    formats: ["base", "rules"],
    marks: ["base", "audit-log", "rules", "formats"],
    client: ["base", "audit-log"],
}

const features = (layer: string, names: string) => names.split(" ").map((name) => [`server/src/${layer}/${name}`])

/**
 * Every layer in the order of imports; the places of one row may import each other. A new place needs a design note.
 */
const layers: readonly (readonly string[])[] = [
    Object.keys(packages).map((name) => `packages/${name}`),
    ["server/src/models"],
    ["server/src/kernel", "server/src/platform"],
    ...features("trust", "signing-keys publisher-keys audit-log receipts mail identity approvals partners continuity"),
    ...features("share", "cases artifacts waves entitlement release canaries marking webhooks delivery feed"),
    ...features("share", "questions publication"),
    ...features(
        "trace",
        "sightings evidence regulatory-clocks attribution inquiries planning measures case-content statistics tasks " +
            "installation alarm-calls",
    ),
    ["server/src/channels"],
    ["server/src/record-only-events.ts"],
    ["server/src/event-handlers.ts", "server/src/background-jobs.ts"],
    ["server/src/routes.ts"],
    ["server/src/authorize.ts", "server/src/send-answer.ts", "server/src/server.ts"],
    ["server/src/demo"],
    ["server/src/commands"],
    ["server/src/command-line.ts"],
    ["server/src/main.ts"],
    ["web"],
]

/** Models of the kernel: what everyone may know of actors and permissions. */
const kernelModels = ["server/src/kernel/actor.ts", "server/src/kernel/permissions.ts"]

/** Shapes that the schemas of many routes share. */
const kernelSchemas = "server/src/kernel/schemas.ts"

/**
 * Command-line programs and loaders inside of packages: they read files and start processes. And SHA-256 of Node, which
 * takes the place of a pure file.
 */
const impure =
    /^packages\/(?:[^/]+\/src\/(?:commands\/|main\.ts)|marks\/src\/(?:grammars|marks)\.ts|[^/]+\/src\/sha256-node\.ts)/

/** The libraries that pure code may use. The list is short: an auditor must trust all of it. */
const pureLibraries = [
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

const ranks = ["model", "schemas", "store", "actions", "routes"] as const
type Kind = "package" | "program" | "platform" | "entry" | "browser" | (typeof ranks)[number]

export interface Import {
    readonly from: string
    /** A path from the root, the name of a library, or null where it is computed. */
    readonly to: string | null
    readonly typeOnly: boolean
}

export function importLaw(house: House): string[] {
    return product(house)
        .flatMap(importsOf)
        .flatMap((found) => faultOf(found).map((fault) => `${found.from} -> ${found.to}: ${fault}`))
}

/** Files that reach themselves. Types count: a cycle of types is a cycle for the reader. */
export function circleLaw(house: House): string[] {
    const next = new Map(product(house).map((s) => [s.file, importsOf(s).map((i) => i.to)]))
    const reach = (file: string, seen: Set<string>): Set<string> => {
        for (const to of next.get(file) ?? []) if (to !== null && !seen.has(to)) reach(to, seen.add(to))
        return seen
    }
    return [...next.keys()].filter((file) => reach(file, new Set()).has(file)).map((file) => `${file} reaches itself`)
}

/** The fault of an import: none, or one line. */
function faultOf({ from, to, typeOnly }: Import): string[] {
    const [here, kind] = [placeOf(from), kindOf(from)]
    if (here === null) return ["is in no layer: add it to `layers`"]
    if (to === null) return ["is computed, so that it cannot be checked"]
    const pure = kind === "package" || kind === "model" || kind === "schemas"
    if (!isProduct(to)) return outside(here, to, kind)
    const [there, asked] = [placeOf(to), kindOf(to)]
    if (there === null) return ["imports from no layer"]
    if (isTest(to)) return ["imports a test"]
    if (isPackage(here) && isPackage(there)) return packageMay(here, there, pure && asked === "program")
    if (layerOf(here) < layerOf(there)) return [`imports upward: ${here} comes before ${there}`]
    if (here === there && isRanked(kind)) return ranked(kind, asked) ? [] : [`${kind} may not use ${asked}`]
    if (here === there) return []
    const isShape = asked === "schemas" && (kind === "schemas" || to === kernelSchemas)
    if (pure && asked !== "package" && asked !== "model" && !isShape) return ["is pure, and imports from outside"]
    if (kind === "browser") return browserMay(asked, typeOnly) ? [] : [`runs in the browser: no ${asked}`]
    if (asked === "store" || (asked === "routes" && kind !== "entry")) return [`${to} is private`]
    return []
}

function packageMay(here: string, there: string, reachesProgram: boolean): string[] {
    if (reachesProgram) return ["is pure, and imports from outside"]
    const [name, other] = [here, there].map((place) => place.replace("packages/", ""))
    const isAllowed = here === there || packages[name ?? ""]?.includes(other ?? "")
    return isAllowed ? [] : [`${here} may not use ${there}`]
}

function outside(here: string, to: string, kind: Kind): string[] {
    const pure = kind === "package" || kind === "model" || kind === "schemas"
    const known = pureLibraries.some((name) => new RegExp(`^${name.replaceAll("*", ".*")}(/|$)`).test(to))
    const isOwn = here === "packages/client" && to === "age-encryption"
    if (pure && !known && !isOwn) return ["is pure, and imports from outside"]
    if (to.startsWith("node:") && (here === "web" || here === "packages/client") && kind !== "program")
        return ["runs in the browser: no node:*"]
    return to.startsWith(".") || to.startsWith("/") ? ["leaves the product"] : []
}

const isRanked = (kind: Kind): boolean => ranks.some((rank) => rank === kind)

function ranked(kind: Kind, asked: Kind): boolean {
    return ranks.indexOf(kind as never) >= ranks.indexOf(asked as never)
}

function browserMay(asked: Kind, typeOnly: boolean): boolean {
    return asked === "package" || asked === "model" || (typeOnly && asked !== "store")
}

const isPackage = (place: string): boolean => place.startsWith("packages/")

export const isProduct = (file: string): boolean => /^(?:packages|server|web)\//.test(file)

const layerOf = (place: string): number => layers.findIndex((row) => row.includes(place))

export function placeOf(file: string): string | null {
    return layers.flat().find((place) => file === place || file.startsWith(`${place}/`)) ?? null
}

export function kindOf(file: string): Kind {
    if (file.startsWith("packages/")) return impure.test(file) ? "program" : "package"
    if (file.startsWith("web/")) return "browser"
    if (file.startsWith("server/src/models/") || kernelModels.includes(file)) return "model"
    if (file === kernelSchemas) return "schemas"
    if (/^server\/src\/(?:kernel|platform)\//.test(file)) return "platform"
    if (!/^server\/src\/(?:trust|share|trace)\//.test(file)) return "entry"
    const parts = file.replace(/\.ts$/, "").split("/").slice(4)
    return ranks.find((rank) => rank !== "model" && parts.includes(rank)) ?? "model"
}

/** Where an import leads: a path from the root, with a leading dot where it leaves the product, or a library's name. */
export function targetOf(file: string, name: string): string {
    const [, own, inside] = /^@tocsin\/([^/]+)\/(.+)$/.exec(name) ?? []
    if (own !== undefined && inside !== undefined) return `packages/${own}/src/${inside}.ts`
    // The file for browsers; package.json says which file Node takes.
    if (name.startsWith("#")) return `${placeOf(file)}/src/${name.slice(1)}.ts`
    if (!name.startsWith(".")) return name
    const joined = path.posix.join(path.posix.dirname(file), name)
    return isProduct(joined) ? joined : `./${joined}`
}

/** Every import of a file: stated, re-exported, `import()`, and `import("…")` as a type. */
export function importsOf({ file, nodes }: Source): Import[] {
    const to = (name: string) => targetOf(file, name)
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

/** A CSAF document (2.0 and 2.1) of others, read for the facts that a case begins with. */
import {
    type ImportedFacts,
    charsMax,
    factsOf,
    fieldsOf,
    isCveId,
    lineOf,
    listMax,
    listOf,
    nameOf,
    packageOf,
    textOf,
    versionOf,
    weaknessOf,
} from "../advisory/facts.ts"
import type { Product } from "../advisory/product.ts"

/** Reads a CSAF document. Returns null for another kind of document. */
export function csafFacts(root: unknown): ImportedFacts | null {
    const { document, product_tree: tree, vulnerabilities } = fieldsOf(root)
    const { csaf_version: version, title, publisher, acknowledgments } = fieldsOf(document)
    if (version !== "2.0" && version !== "2.1") return null
    const list = listOf(vulnerabilities).map(fieldsOf)
    const named = list.filter((item) => isCveId(item["cve"]))
    const nameless = list.length - named.length
    const leaves = leavesIn(tree, vendorBy(publisher))
    return factsOf({
        title: lineOf(title, charsMax.title),
        vulnerabilities: named.map((item) => ({
            cve: textOf(item["cve"]),
            cwe: weaknessOf(
                [item["cwe"], ...listOf(item["cwes"])].map((weaknessEntry) => fieldsOf(weaknessEntry)["id"]),
            ),
            metrics: metricsIn(item),
            products: productsIn(fieldsOf(item["product_status"]), leaves),
        })),
        finders: [acknowledgments, ...named.map((item) => item["acknowledgments"])].flatMap(findersIn),
        remarks: nameless === 0 ? [] : [`vulnerabilities without a CVE id were left out: \`${nameless}\``],
    })
}

/** Returns the publisher of a vendor's own document: the vendor of products that name none. */
function vendorBy(publisher: unknown): string {
    const { category, name } = fieldsOf(publisher)
    return category === "vendor" ? lineOf(name, charsMax.vendor) : ""
}

function metricsIn({ scores, metrics }: Readonly<Record<string, unknown>>): unknown[] {
    const contents = [...listOf(scores), ...listOf(metrics).map((item) => fieldsOf(item)["content"])].map(fieldsOf)
    return contents.flatMap((content) => [content["cvss_v3"], content["cvss_v4"]]).filter((item) => item !== undefined)
}

function findersIn(acknowledgments: unknown): string[] {
    return listOf(acknowledgments).flatMap((item) => {
        const { names, organization } = fieldsOf(item)
        const named = listOf(names).length > 0 ? listOf(names) : [organization]
        return named.map((finder) => lineOf(finder, charsMax.finder)).filter((value) => value !== "")
    })
}

/** The name and the version of a product id. */
interface ProductLeaf {
    readonly vendor: string
    readonly name: string
    readonly version: string | null
    /** Null where no range is written. */
    readonly range: string | null
}

function leavesIn(tree: unknown, vendor: string): Map<string, ProductLeaf> {
    const { branches, full_product_names: full, relationships } = fieldsOf(tree)
    const leaves = new Map<string, ProductLeaf>()
    const bare: ProductLeaf = { vendor, name: "", version: null, range: null }
    walk(branches, bare, leaves)
    for (const item of listOf(full)) addLeaf(item, bare, leaves)
    // A part of something else is that part.
    for (const item of listOf(relationships).map(fieldsOf)) {
        const part = leaves.get(textOf(item["product_reference"]))
        if (part !== undefined) addLeaf(item["full_product_name"], part, leaves)
    }
    return leaves
}

/** Collects the products of a tree of branches. The text's own limit of nesting limits the depth. */
function walk(branches: unknown, above: ProductLeaf, leaves: Map<string, ProductLeaf>): void {
    for (const item of listOf(branches).map(fieldsOf)) {
        const leaf = { ...above, ...leafFieldsOf(item) }
        if (item["product"] !== undefined) addLeaf(item["product"], leaf, leaves)
        walk(item["branches"], leaf, leaves)
    }
}

function leafFieldsOf({ category, name }: Readonly<Record<string, unknown>>): Partial<ProductLeaf> {
    switch (category) {
        case "vendor":
            return { vendor: nameOf(name, charsMax.vendor) }
        case "product_family":
        case "product_name":
            return { name: nameOf(name, charsMax.name) }
        case "product_version":
            return { version: versionOf(name) }
        case "product_version_range":
            return { range: lineOf(name, charsMax.name) }
        default:
            return {}
    }
}

function addLeaf(product: unknown, leaf: ProductLeaf, leaves: Map<string, ProductLeaf>): void {
    const { product_id: id, name, product_identification_helper: helper } = fieldsOf(product)
    if (typeof id !== "string") return
    const { purl, purls } = fieldsOf(helper)
    const chosenName = packageOf(purl ?? listOf(purls)[0]) ?? leaf.name
    leaves.set(id, { ...leaf, name: chosenName === "" ? lineOf(name, charsMax.name) : chosenName })
}

/**
 * Returns the affected products with their fixed versions: by their own range, or by fixed products of the same name.
 */
function productsIn(status: Readonly<Record<string, unknown>>, leaves: ReadonlyMap<string, ProductLeaf>): Product[] {
    const leavesNamed = (...fields: readonly string[]): ProductLeaf[] => {
        const ids = new Set(fields.flatMap((field) => listOf(status[field])))
        return [...ids]
            .flatMap((id) => (typeof id === "string" ? (leaves.get(id) ?? []) : []))
            .filter((leaf) => leaf.name !== "")
    }
    const fixed = Map.groupBy(leavesNamed("first_fixed", "fixed"), keyOf)
    const affected = Map.groupBy(leavesNamed("known_affected", "first_affected", "last_affected"), keyOf)
    const onlyFixed = [...fixed].filter(([key]) => !affected.has(key)).map(([, leafs]) => leafs)
    return [
        ...[...affected].flatMap(([key, leafs]) => affectedOf(leafs, versionsOf(fixed.get(key) ?? []))),
        ...onlyFixed.flatMap((leafs) => affectedOf(leafs.slice(0, 1), versionsOf(leafs))),
    ]
}

const keyOf = ({ vendor, name }: ProductLeaf): string => JSON.stringify([vendor, name])

/** More than a case takes would only be thrown away. */
function versionsOf(leafs: readonly ProductLeaf[]): string[] {
    return [...new Set(leafs.flatMap(({ version }) => version ?? []))].slice(0, listMax + 1)
}

/** All of one name. */
function affectedOf(leafs: readonly ProductLeaf[], fixedIn: readonly string[]): Product[] {
    const fixes = new Set(leafs.flatMap(({ range }) => fixesOf(range, fixedIn)))
    const { vendor, name } = leafs[0] ?? { vendor: "", name: "" }
    return [...fixes].map((item) => ({ vendor, name, fixedIn: item }))
}

/** Returns where a range ends; without a range, every fixed version. */
function fixesOf(range: string | null, fixedIn: readonly string[]): readonly (string | null)[] {
    if (range !== null && /^vers:[^/]+\/\*$/.test(range)) return [null]
    const ends = range === null ? [] : endsOf(range)
    if (ends.length > 0) return ends
    return fixedIn.length > 0 ? fixedIn : [null]
}

/** `<1.2`, `>=1.0|<1.2`, `vers:npm/>=1.0|<1.2`, `<1%2B2`: each version that is itself no longer in it. */
function endsOf(range: string): string[] {
    const isVers = range.startsWith("vers:")
    const parts = (isVers ? range.slice(range.indexOf("/") + 1) : range).split(/[|,]/)
    return parts.flatMap((part) => {
        const end = /^\s*<\s*([^<>=\s].*)$/.exec(part)?.[1]
        const version = versionOf(end !== undefined ? decodePercent(end) : end)
        return version === null ? [] : [version]
    })
}

function decodePercent(text: string): string {
    try {
        return decodeURIComponent(text)
    } catch {
        return text
    }
}

/**
 * The rows of a case form: vulnerabilities, one list of products, and which vulnerability affects which product. A
 * vulnerability's row holds its own fields and a statement per product, under the key of the product's row.
 */
import type { Product } from "@tocsin/formats/advisory/product"
import type { Row } from "../../kit/rows.tsx"
import type { Case } from "../answers.ts"
import { t } from "../../messages/message.ts"

export type Details = Pick<Case, "title" | "vulnerabilities" | "finder" | "credit">
type Flaw = Details["vulnerabilities"][number]

/** The initial rows of the form. */
export interface Begun extends Omit<Details, "credit"> {
    readonly credit?: string
}

export interface DetailRows {
    readonly flaws: readonly Row[]
    /** Each row has a `key`. */
    readonly products: readonly Row[]
}

const ownFields: readonly string[] = ["cve", "cwe", "score", "vector"]

export const affects = (product: Row): string => `affects:${product["key"]}`
export const fixedIn = (product: Row): string => `fixedIn:${product["key"]}`

export function detailRows(from: Begun | null): DetailRows {
    if (from === null) return addProducts({ flaws: [{}], products: [] }, [{}])
    const products: Row[] = []
    const flaws = from.vulnerabilities.map(({ score, products: affected, ...rest }): Row => {
        const input: Record<string, string> = { ...rest, score: String(score ?? "") }
        for (const { vendor, name, fixedIn: version } of affected) {
            // A product with two fixed versions has two rows.
            const free = products.find((row) => isNamed(row, vendor, name) && input[affects(row)] === undefined)
            const row = free ?? { key: String(products.length + 1), vendor, name }
            if (free === undefined) products.push(row)
            input[affects(row)] = "yes"
            input[fixedIn(row)] = version ?? ""
        }
        return input
    })
    return { flaws, products }
}

const isNamed = (row: Row, vendor: string, name: string): boolean => row["vendor"] === vendor && row["name"] === name

/**
 * Gives new product rows a key and drops statements about removed rows. If there is one vulnerability, it affects a new
 * product; with several, none is marked.
 */
export function addProducts({ flaws }: DetailRows, rows: readonly Row[]): DetailRows {
    let last = Math.max(0, ...rows.map((row) => Number(row["key"] ?? 0)))
    const products = rows.map((row) => (row["key"] === undefined ? { ...row, key: String(++last) } : row))
    const known = new Set([...ownFields, ...products.flatMap((row) => [affects(row), fixedIn(row)])])
    const added = products.filter((_, n) => rows[n]?.["key"] === undefined)
    const marks = flaws.length === 1 ? Object.fromEntries(added.map((row) => [affects(row), "yes"])) : {}
    const kept = flaws.map((flaw) => Object.fromEntries(Object.entries(flaw).filter(([field]) => known.has(field))))
    return { products, flaws: kept.map((flaw) => ({ ...flaw, ...marks })) }
}

/** Converts the rows to vulnerabilities. Throws an error that names what is missing. */
export function vulnerabilitiesIn({ flaws, products }: DetailRows): Flaw[] {
    const named = products.filter((row) => text(row, "vendor") !== "" || text(row, "name") !== "")
    const marked = (row: Row) => named.some((product) => row[affects(product)] === "yes")
    const filled = flaws.filter((row) => marked(row) || ownFields.some((field) => text(row, field) !== ""))
    for (const [n, row] of named.entries()) {
        if (text(row, "vendor") === "" || text(row, "name") === "")
            throw new Error(t("product {n} is not filled in", { n: n + 1 }))
        if (!filled.some((flaw) => flaw[affects(row)] === "yes")) {
            throw new Error(
                t("product {n}, `{name}`: mark a vulnerability that affects it", { n: n + 1, name: text(row, "name") }),
            )
        }
    }
    // A case has at least one vulnerability, even while nothing about it is known.
    return (filled.length > 0 ? filled : [{}]).map((flaw, n) => flawOf(flaw, n, named))
}

const text = (row: Row, field: string): string => (row[field] ?? "").trim()

function flawOf(row: Row, n: number, products: readonly Row[]): Flaw {
    const [cve, cwe, score, vector] = [text(row, "cve"), text(row, "cwe"), text(row, "score"), text(row, "vector")]
    if ((score === "") !== (vector === ""))
        throw new Error(t("vulnerability {n}: enter both score and vector, or neither", { n: n + 1 }))
    if (!Number.isFinite(Number(score))) throw new Error(t("the score of vulnerability {n} is no number", { n: n + 1 }))
    const affected = products.filter((product) => row[affects(product)] === "yes")
    return {
        cve,
        cwe,
        score: score === "" ? null : Number(score),
        vector,
        products: affected.map((product) => productOf(row, product)),
    }
}

function productOf(flaw: Row, product: Row): Product {
    const version = text(flaw, fixedIn(product))
    return { vendor: text(product, "vendor"), name: text(product, "name"), fixedIn: version === "" ? null : version }
}

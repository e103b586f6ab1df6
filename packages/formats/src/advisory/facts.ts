/**
 * Reads what an external document states about vulnerabilities, as far as a case has fields for it.
 *
 * A person checks it before it is used. A missing or contradictory value stays open, and a remark says so.
 */
import { type Cvss, parseCvss } from "./cvss.ts"
import { isCweId } from "./cwe.ts"
import { packageUrl } from "./package-url.ts"
import { type Product, distinctProducts } from "./product.ts"

/** A vulnerability as an imported document states it. Missing texts are empty. */
export interface StatedVulnerability {
    readonly cve: string
    /** Empty where the document has none. */
    readonly cwe: string
    readonly vector: string
    /** Null where the document has none, or another than its vector gives. */
    readonly score: number | null
    /** The affected products, and the versions with a fix. */
    readonly products: readonly Product[]
}

/** The facts that a case takes from an imported document. */
export interface ImportedFacts {
    readonly title: string
    readonly vulnerabilities: readonly StatedVulnerability[]
    readonly finder: string
    /** The values that were left out or left open, one line each. */
    readonly remarks: readonly string[]
}

/** The maximum lengths of a case's fields, in characters. */
export const charsMax = { title: 200, vendor: 100, name: 200, version: 100, finder: 200 } as const
export const listMax = 50

type Fields = Readonly<Record<string, unknown>>

/** The fields of an object; of anything else, none. */
export function fieldsOf(value: unknown): Fields {
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : {}
}

/** The members of a list; of anything else, none. */
export function listOf(value: unknown): readonly unknown[] {
    return Array.isArray(value) ? value : []
}

/** Characters that could hide or reverse the text around them, on a line that a person must judge. */
const unseen = /[\s\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]+/gu

/** A text; of anything else, none. */
export function textOf(value: unknown): string {
    return typeof value === "string" ? value : ""
}

/** One line; empty where there is no text. */
export function lineOf(value: unknown, max: number): string {
    const line = textOf(value)
        .slice(0, max * 10)
        .replaceAll(unseen, " ")
        .trim()
    return line.length <= max ? line : `${line.slice(0, max - 1).replace(/[\ud800-\udbff]$/, "")}…`
}

/** Returns a name in one line; empty where it is a placeholder such as `n/a`. */
export function nameOf(value: unknown, max: number): string {
    const line = lineOf(value, max)
    return /^(?:n\/a|unknown)$/i.test(line) ? "" : line
}

/** The package URL without its version; null where it names no package of a known kind. */
export function packageOf(value: unknown): string | null {
    return (
        packageUrl(
            textOf(value)
                .slice(0, 1000)
                .replace(/[@?#].*$/s, ""),
        )?.text ?? null
    )
}

/** A version, or null where it is too long for one. */
export function versionOf(value: unknown): string | null {
    const line = lineOf(value, charsMax.version + 1)
    return line === "" || line === "*" || line.length > charsMax.version ? null : line
}

/** The first that is written as records take it. */
export function weaknessOf(ids: readonly unknown[]): string {
    const found = ids.find((item): item is string => typeof item === "string" && isCweId(item))
    return found ?? ""
}

/** Returns whether a value is a CVE id of the current form: a year, and 4 to 19 digits. */
export function isCveId(value: unknown): value is string {
    return typeof value === "string" && /^CVE-\d{4}-\d{4,19}$/.test(value)
}

interface CheckedScore {
    readonly vector: string
    readonly score: number | null
    readonly remark: string | null
}

/** Returns the highest score of the newest CVSS version in the list. A score must be the one that the vector gives. */
export function scoreOf(cve: string, metrics: readonly unknown[]): CheckedScore {
    const read = metrics.map(fieldsOf).flatMap(({ vectorString: vector, baseScore }) => {
        const parsed = typeof vector === "string" ? parseCvss(vector) : "no vector"
        return typeof vector === "string" && typeof parsed !== "string"
            ? [{ vector, statedScore: baseScore, cvss: parsed }]
            : []
    })
    const [chosen] = read.toSorted((a, b) => newerOrWorse(a.cvss, b.cvss))
    if (chosen === undefined) {
        return { vector: "", score: null, remark: `${cve}: no CVSS vector of version 3 or 4 can be read` }
    }
    const { vector, statedScore, cvss } = chosen
    // CSAF 2.1 calls so, of a 4.0 vector, the score of all its metrics; records of CVE that of the base.
    const validScores = cvss.version === "4.0" ? [cvss.baseScore, cvss.score] : [cvss.baseScore]
    const isMismatch = statedScore !== undefined && !validScores.some((value) => value === statedScore)
    const written = JSON.stringify(statedScore)?.slice(0, 20)
    const remark = `${cve}: the score is written as \`${written}\`, and the vector gives \`${cvss.baseScore}\``
    return { vector, score: isMismatch ? null : cvss.baseScore, remark: isMismatch ? remark : null }
}

function newerOrWorse(cvss: Cvss, other: Cvss): number {
    return Number(other.version) - Number(cvss.version) || other.baseScore - cvss.baseScore
}

/** The facts that a reader of one format found, before scores, limits and duplicates are checked. */
export interface StatedFacts {
    readonly title: string
    readonly vulnerabilities: readonly (Omit<StatedVulnerability, keyof CheckedScore> & {
        readonly metrics: readonly unknown[]
    })[]
    readonly finders: readonly string[]
    readonly remarks: readonly string[]
}

/** Returns the facts without duplicates, and within the limits of a case. */
export function factsOf(statement: StatedFacts): ImportedFacts {
    const vulnerabilities = Map.groupBy(statement.vulnerabilities, ({ cve }) => cve)
    const merged = [...vulnerabilities.values()].slice(0, listMax).flatMap((entries) => {
        const products = distinctProducts(entries.flatMap((entry) => entry.products))
        return entries.slice(0, 1).map((first) => ({ ...first, products }))
    })
    const scored = merged.map(({ cve, cwe, metrics, products }) => ({ cve, cwe, products, ...scoreOf(cve, metrics) }))
    const remarks = [
        ...statement.remarks,
        ...tooMany("vulnerabilities", vulnerabilities.size),
        ...scored.flatMap(({ cve, products }) => tooMany(`products of ${cve}`, products.length)),
        ...scored.flatMap(({ remark }) => (remark === null ? [] : [remark])),
    ]
    return {
        title: lineOf(statement.title, charsMax.title),
        vulnerabilities: scored.map(({ cve, cwe, vector, score, products }) => {
            return { cve, cwe, vector, score, products: products.slice(0, listMax) }
        }),
        finder: lineOf([...new Set(statement.finders)].slice(0, listMax).join(", "), charsMax.finder),
        remarks: remarks.slice(0, 2 * listMax),
    }
}

function tooMany(kind: string, count: number): string[] {
    return count > listMax ? [`of \`${count}\` ${kind}, the first \`${listMax}\` were taken`] : []
}

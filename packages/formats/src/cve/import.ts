/** A CVE record (CVE JSON 5) of others, read for the facts that a case begins with. */
import {
    type ImportedFacts,
    charsMax,
    factsOf,
    fieldsOf,
    isCveId,
    lineOf,
    listOf,
    nameOf,
    packageOf,
    textOf,
    versionOf,
    weaknessOf,
} from "../advisory/facts.ts"
import type { Product } from "../advisory/product.ts"
import { refuse } from "@tocsin/base/refusal"

/** Reads a CVE record. Returns null for another kind of document. Refuses `advisory.rejected` for a rejected record. */
export function cveFacts(root: unknown): ImportedFacts | null {
    const { dataType, dataVersion, cveMetadata, containers } = fieldsOf(root)
    const { cveId: cve, state } = fieldsOf(cveMetadata)
    if (dataType !== "CVE_RECORD" || !/^5(?:\.\d{1,3}){1,2}$/.test(textOf(dataVersion)) || !isCveId(cve)) return null
    if (state === "REJECTED")
        refuse("invalid", "advisory.rejected", `\`${cve}\` is a rejected CVE id: remove it`, { cve })
    const { cna, adp } = fieldsOf(containers)
    // What the assigner left open, others may have added: it comes first.
    const list = [cna, ...listOf(adp)].map(fieldsOf)
    const metrics =
        list.map((item) => listOf(item["metrics"]).flatMap(cvssIn)).find((entries) => entries.length > 0) ?? []
    const { title, descriptions, affected, credits } = list[0] ?? {}
    const texts = listOf(descriptions).map(fieldsOf)
    const description = texts.find(({ lang }) => /^en(?:-|$)/i.test(textOf(lang))) ?? texts[0]
    const statedTitle = lineOf(title, charsMax.title)
    return factsOf({
        title: statedTitle === "" ? lineOf(description?.["value"], charsMax.title) : statedTitle,
        vulnerabilities: [
            { cve, cwe: weaknessOf(list.flatMap(cweIds)), metrics, products: listOf(affected).flatMap(productsIn) },
        ],
        finders: findersIn(credits),
        remarks: [],
    })
}

function cvssIn(metric: unknown): unknown[] {
    const { cvssV4_0: four, cvssV3_1: threeOne, cvssV3_0: three } = fieldsOf(metric)
    return [four, threeOne, three].filter((item) => item !== undefined)
}

function cweIds({ problemTypes }: Readonly<Record<string, unknown>>): unknown[] {
    return listOf(problemTypes)
        .flatMap((item) => listOf(fieldsOf(item)["descriptions"]))
        .map((item) => fieldsOf(item)["cweId"])
}

/** One entry for each version that it is fixed in: of several lines of versions, each has its own. */
function productsIn(affected: unknown): Product[] {
    const { vendor, product, packageName, packageURL, versions, defaultStatus } = fieldsOf(affected)
    const statedName = nameOf(product, charsMax.name) || nameOf(packageName, charsMax.name)
    const name = packageOf(packageURL) ?? statedName
    const list = listOf(versions).map(fieldsOf)
    const affectedVersions = list.filter(({ status }) => status === "affected")
    const isAffected =
        affectedVersions.length > 0 ||
        defaultStatus === "affected" ||
        (list.length === 0 && defaultStatus !== "unaffected")
    if (name === "" || !isAffected) return []
    const fixes = new Set((affectedVersions.length > 0 ? affectedVersions : list).flatMap(fixesIn))
    const base = { vendor: nameOf(vendor, charsMax.vendor), name }
    return fixes.size === 0 ? [{ ...base, fixedIn: null }] : [...fixes].map((fixedIn) => ({ ...base, fixedIn }))
}

/**
 * Returns where affected versions end, or, for products that are affected by default, where the unaffected ones
 * begin.
 */
function fixesIn({
    status,
    version,
    versionType,
    lessThan,
    lessThanOrEqual,
    changes,
}: Readonly<Record<string, unknown>>) {
    if (versionType === "git") return []
    const change = listOf(changes)
        .map(fieldsOf)
        .find((item) => item["status"] === "unaffected")
    const isOpen = /^(?:[\d.]+\.)?\*$/.test(lineOf(lessThanOrEqual ?? lessThan, charsMax.version))
    const fixedIn = status === "affected" ? versionOf(change?.["at"] ?? lessThan) : isOpen ? versionOf(version) : null
    return fixedIn === null ? [] : [fixedIn]
}

/** Returns those who found or reported it; where none is named as such, those named without a role. */
function findersIn(credits: unknown): string[] {
    const list = listOf(credits).map(fieldsOf)
    const finders = list.filter(({ type }) => type === "finder" || type === "reporter")
    const named = finders.length > 0 ? finders : list.filter(({ type }) => type === undefined)
    return named.map(({ value }) => lineOf(value, charsMax.finder)).filter((item) => item !== "")
}

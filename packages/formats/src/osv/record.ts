/** A vulnerability of an advisory as an OSV record (OpenSSF), where what it affects are packages. */
import { type Advisory, plainSummary, publishedAt, revisedAt } from "../advisory/advisory.ts"
import type { Json } from "@tocsin/base/canonical"
import { addressOf, pagePath } from "../csaf/document.ts"
import { parseCvss } from "../advisory/cvss.ts"
import { formatInstant } from "@tocsin/base/instant"
import { packageUrl } from "../advisory/package-url.ts"
import { distinctProducts } from "../advisory/product.ts"

/** Returns the path of the OSV record of one vulnerability of an advisory. */
export function osvPath(advisory: Pick<Advisory, "id">, cve: string): string {
    return `${pagePath(advisory)}/${cve.toLowerCase()}.osv.json`
}

/** Null where no product that the vulnerability affects is a package. */
export function osvRecord(
    advisory: Advisory,
    { cve, vector, products }: Advisory["vulnerabilities"][number],
): Json | null {
    // A package has no vendor: of two, once.
    const packages = distinctProducts(products.map(({ name, fixedIn }) => ({ vendor: "", name, fixedIn })))
    const affected = packages.flatMap(({ name, fixedIn }) => {
        const parsedUrl = packageUrl(name)
        if (parsedUrl === null) return []
        const { ecosystem, name: packageName, text: purl } = parsedUrl
        const fixed = fixedIn === null ? [] : [{ fixed: fixedIn }]
        const range = { type: "ECOSYSTEM", events: [{ introduced: "0" }, ...fixed] }
        return [{ package: { ecosystem, name: packageName, purl }, ranges: [range] }]
    })
    if (affected.length === 0) return null
    const { title, credit, summary } = advisory
    const severity = severityIn(vector)
    return {
        schema_version: "1.6.0",
        id: cve,
        published: formatInstant(publishedAt(advisory)),
        modified: formatInstant(revisedAt(advisory)),
        summary: title,
        details: summary ?? plainSummary(advisory),
        ...(severity !== null && { severity: [severity] }),
        affected,
        references: [{ type: "ADVISORY", url: addressOf(advisory, pagePath(advisory)) }],
        ...(credit !== null && { credits: [{ name: credit, type: "FINDER" }] }),
    }
}

function severityIn(vector: string): { readonly type: string; readonly score: string } | null {
    const cvss = parseCvss(vector)
    if (typeof cvss === "string") return null
    return { type: cvss.version === "4.0" ? "CVSS_V4" : "CVSS_V3", score: vector }
}

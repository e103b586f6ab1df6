/** Builds every document of an advisory, and its entries in every list. */
import { sha256 } from "@noble/hashes/sha2.js"
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js"
import type { Advisory, AdvisoryContent } from "@tocsin/formats/advisory/advisory"
import { type PageFile, advisoryPage, atomEntry, listItem } from "@tocsin/formats/advisory/page"
import type { Json } from "@tocsin/base/canonical"
import { csafDocument, csafPath, csafVersions, pagePath } from "@tocsin/formats/csaf/document"
import { changesLine, indexLine, rolieEntry } from "@tocsin/formats/csaf/provider"
import { type Cna, cvePath, cveRecord } from "@tocsin/formats/cve/record"
import { osvPath, osvRecord } from "@tocsin/formats/osv/record"
import { distinctProducts } from "@tocsin/formats/advisory/product"
import type { CaseDetails } from "../cases/case.ts"

/** A file of an advisory that anyone can read. */
export interface PublicDocument {
    readonly path: string
    readonly type: string
    readonly body: string
    /** Whether a signature file belongs to the document. */
    readonly signed: boolean
    /** The link text on the page; null where the page has no link. */
    readonly name: string | null
}

export const lists = ["rolie_2.0", "rolie_2.1", "index", "changes_2.0", "changes_2.1", "atom", "page"] as const

/** A list that has one entry for each advisory. */
export type ListName = (typeof lists)[number]

export const json = "application/json"
export const html = "text/html; charset=utf-8"

/** Returns the public content of a case. The finder appears only as `credit` permits. */
export function contentOf(
    { title, vulnerabilities, credit = "" }: Omit<CaseDetails, "finder">,
    texts: Pick<AdvisoryContent, "summary" | "guidance">,
): AdvisoryContent {
    return {
        title,
        vulnerabilities: vulnerabilities.map(({ cve, cwe, vector, products }) => {
            const affected = products.map(({ vendor, name, fixedIn }) => ({ vendor, name, fixedIn }))
            return { cve, cwe, vector, products: distinctProducts(affected) }
        }),
        credit: credit.trim() === "" ? null : credit.trim(),
        summary: texts.summary,
        guidance: texts.guidance,
    }
}

/** Builds the documents. `cna` null: the publisher assigns no CVE ids, so there are no CVE records. */
export function documentsOf(advisory: Advisory, cna: Cna | null): PublicDocument[] {
    const jsonDocument = (path: string, name: string, value: Json, signed: boolean): PublicDocument => ({
        path,
        name,
        signed,
        type: json,
        body: `${JSON.stringify(value, null, 2)}\n`,
    })
    const documents: PublicDocument[] = csafVersions.map((version) =>
        jsonDocument(csafPath(advisory, version), `CSAF ${version}`, csafDocument(advisory, version), true),
    )
    for (const vulnerability of advisory.vulnerabilities) {
        const { cve } = vulnerability
        if (cna !== null) {
            documents.push(
                jsonDocument(
                    cvePath(advisory, cve),
                    `${cve} (CVE JSON)`,
                    cveRecord(advisory, vulnerability, cna),
                    false,
                ),
            )
        }
        const osv = osvRecord(advisory, vulnerability)
        if (osv !== null) documents.push(jsonDocument(osvPath(advisory, cve), `${cve} (OSV)`, osv, false))
    }
    const files = documents.flatMap(({ name, path, body, signed }): PageFile[] =>
        name === null
            ? []
            : [{ name, path, signed, bytes: utf8ToBytes(body).length, sha256: bytesToHex(sha256(utf8ToBytes(body))) }],
    )
    const page = advisoryPage(advisory, files)
    return [...documents, { path: pagePath(advisory), type: html, body: page, signed: false, name: null }]
}

/** Returns the entry of an advisory in each list, as text. */
export function entriesOf(advisory: Advisory): Readonly<Record<ListName, string>> {
    return {
        "rolie_2.0": rolieEntry(advisory, "2.0"),
        "rolie_2.1": rolieEntry(advisory, "2.1"),
        index: indexLine(advisory),
        "changes_2.0": changesLine(advisory, "2.0"),
        "changes_2.1": changesLine(advisory, "2.1"),
        atom: atomEntry(advisory),
        page: listItem(advisory),
    }
}

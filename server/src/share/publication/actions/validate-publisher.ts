/**
 * Checks the publisher settings before the first publication.
 *
 * With a name, contact or address that CSAF forbids, every document would be refused at its instant.
 */
import type { Advisory } from "@tocsin/formats/advisory/advisory"
import { csafIssues, parseIssue } from "@tocsin/formats/csaf/issues"
import { refuse } from "@tocsin/base/refusal"
import { type PublisherSettings, publisherOf } from "../../../platform/config/publisher.ts"
import { documentsOf } from "../documents.ts"

/** The setting behind each place of a document. */
const settings: readonly (readonly [RegExp, string])[] = [
    [/^\/document\/publisher\/name$/, "publisherName"],
    [/^\/document\/publisher\/contact_details$/, "publisherContact"],
    [/^\/document\/publisher\/category$/, "publisherCategory"],
    [/^\/document\/(?:publisher\/namespace|references\/)/, "portalOrigin"],
    [/^\/document\/tracking\/id$/, "advisoryPrefix"],
]

/** Refuses `publication.bad_setting` for settings with which no case could be published. */
export function validatePublisher(publishing: PublisherSettings, portalOrigin: string): void {
    const documents = documentsOf(sampleAdvisory(publishing, portalOrigin), publishing.cna)
    const [first] = documents.filter(({ signed }) => signed).flatMap(({ body }) => csafIssues(body))
    if (first === undefined) return
    const { test, where, says } = parseIssue(first)
    const [, name = "…"] = settings.find(([places]) => places.test(where)) ?? []
    const place = [test, where].filter((part) => part !== null).join(" ")
    refuse(
        "invalid",
        "publication.bad_setting",
        `setting \`${name}\` is not valid: no CSAF document could be valid with it (\`${place}\`: ${says})`,
        { name, place, says },
    )
}

/** Whether the address uses https, as CSAF requires (2.0, section 7.1.3), or is on the own machine. */
export function isSecureOrigin(portalOrigin: string): boolean {
    const { protocol, hostname } = new URL(portalOrigin)
    return protocol === "https:" || hostname === "localhost" || hostname === "[::1]" || hostname.startsWith("127.")
}

/** An advisory of an invented case, so that every fault is a fault of the settings. */
function sampleAdvisory(publishing: PublisherSettings, portalOrigin: string): Advisory {
    return {
        id: `${publishing.prefix}-1970-0001`,
        title: "A specimen",
        publisher: publisherOf(publishing, portalOrigin),
        vulnerabilities: [
            {
                cve: "CVE-1900-0000",
                cwe: "CWE-79",
                vector: "CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H",
                products: [{ vendor: "A vendor", name: "A product", fixedIn: "1.0" }],
            },
        ],
        credit: null,
        summary: null,
        guidance: null,
        revisions: [{ number: 1, at: 0, summary: "Published." }],
    }
}

/**
 * A CSAF provider's own documents: who publishes, and lists of what is published (CSAF 2.0 and 2.1, section 7).
 *
 * Of each document one entry is kept in each list, as text; a list is its entries, joined. So a document costs the same to
 * publish however many there are.
 */
import { type Advisory, type Publisher, publishedAt, revisedAt } from "../advisory.ts"
import type { Json } from "../canonical.ts"
import { type CsafVersion, addressOf, csafFile, csafForms, csafPath, pagePath } from "../csaf.ts"
import { type Instant, formatInstant } from "../instant.ts"

export const metadataPath = "/.well-known/csaf/provider-metadata.json"
export const servicePath = "/csaf/service.json"
export const openPgpPath = "/csaf/openpgp.asc"
export const metadataPath21 = "/csaf/v2.1/provider-metadata.json"

export const feedPaths: Readonly<Record<CsafVersion, string>> = {
    "2.0": `${csafForms["2.0"].folder}/feed-white.json`,
    "2.1": `${csafForms["2.1"].folder}/feed-clear.json`,
}

const informationType = "urn:ietf:params:rolie:category:information-type"
const category = { scheme: informationType, term: "csaf" }

/** Of a document in the list of its version's documents. */
export function rolieEntry(advisory: Advisory, version: CsafVersion): string {
    const at = addressOf(advisory, csafPath(advisory, version))
    return JSON.stringify({
        id: `${advisory.id}/${version}`,
        title: advisory.title,
        link: [
            { rel: "self", href: at },
            { rel: "hash", href: `${at}.sha256` },
            { rel: "hash", href: `${at}.sha512` },
            { rel: "signature", href: `${at}.asc` },
            { rel: "alternate", href: addressOf(advisory, pagePath(advisory)) },
        ],
        published: formatInstant(publishedAt(advisory)),
        updated: formatInstant(revisedAt(advisory)),
        content: { type: "application/json", src: at },
        format: { schema: csafForms[version].schema, version },
    })
}

/** `entries` are texts of `rolieEntry`, with a comma between them. */
export function rolieFeed(
    { name, namespace }: Publisher,
    version: CsafVersion,
    updated: Instant,
    entries: string,
): string {
    const { label } = csafForms[version]
    const head = {
        id: `csaf-feed-tlp-${label.toLowerCase()}-${version}`,
        title: `CSAF ${version} documents of ${name} (TLP:${label})`,
        link: [
            { rel: "self", href: `${namespace}${feedPaths[version]}` },
            { rel: "service", href: `${namespace}${servicePath}` },
        ],
        category: [category],
        updated: formatInstant(updated),
    }
    return `{"feed":${JSON.stringify(head).slice(0, -1)},"entry":[${entries}]}}\n`
}

/** The service document (RFC 8322): which feeds there are. */
export function serviceDocument({ namespace }: Publisher): Json {
    return {
        service: {
            workspace: [
                {
                    title: "Public CSAF feeds",
                    collection: (["2.0", "2.1"] as const).map((version) => ({
                        title: `CSAF ${version} documents (TLP:${csafForms[version].label})`,
                        href: `${namespace}${feedPaths[version]}`,
                        categories: { category: [category] },
                    })),
                },
            ],
        },
    }
}

export function indexLine(advisory: Advisory): string {
    return `${csafFile(advisory)}\n`
}

/** CSV as RFC 4180 has it: quoted in 2.0; 2.1 takes no quotes. */
export function changesLine(advisory: Advisory, version: CsafVersion): string {
    const fields = [csafFile(advisory), formatInstant(revisedAt(advisory))]
    return `${fields.map((one) => (version === "2.0" ? `"${one}"` : one)).join(",")}\r\n`
}

export interface PublicKeyInfo {
    /** Hexadecimal, upper case. */
    readonly fingerprint: string
}

/** Who publishes, and where: the file that a reader begins with. Without a key, nothing is signed yet. */
export function providerMetadata(
    publisher: Publisher,
    version: CsafVersion,
    key: PublicKeyInfo | null,
    updated: Instant,
): Json {
    const { category: kind, name, namespace, contact } = publisher
    const { folder, label } = csafForms[version]
    const at = (path: string) => `${namespace}${path}`
    const summary = `All public advisories, as CSAF ${version}`
    return {
        canonical_url: at(version === "2.0" ? metadataPath : metadataPath21),
        distributions:
            version === "2.0"
                ? [
                      { directory_url: at(folder) },
                      {
                          rolie: {
                              feeds: [{ summary, tlp_label: label, url: at(feedPaths[version]) }],
                              services: [at(servicePath)],
                          },
                      },
                  ]
                : [
                      { directory: { tlp_label: label, url: at(folder) } },
                      {
                          rolie: {
                              feeds: [
                                  {
                                      summary,
                                      tlp_label: label,
                                      url: at(feedPaths[version]),
                                      last_updated: formatInstant(updated),
                                  },
                              ],
                          },
                      },
                  ],
        last_updated: formatInstant(updated),
        list_on_CSAF_aggregators: true,
        metadata_version: version,
        mirror_on_CSAF_aggregators: true,
        ...(key !== null && { public_openpgp_keys: [{ fingerprint: key.fingerprint, url: at(openPgpPath) }] }),
        publisher: { category: kind, ...(contact !== null && { contact_details: contact }), name, namespace },
        role: key === null ? "csaf_provider" : "csaf_trusted_provider",
        ...(version === "2.1" && { $schema: "https://docs.oasis-open.org/csaf/csaf/v2.1/schema/provider.json" }),
    }
}

/** `security.txt` (RFC 9116). `contact` is an address (`mailto:`, `https:`). */
export function securityText(publisher: Publisher, contact: string, expires: Instant): string {
    const { namespace } = publisher
    const lines = [
        `Contact: ${contact}`,
        `Expires: ${formatInstant(expires)}`,
        `Canonical: ${namespace}/.well-known/security.txt`,
        `CSAF: ${namespace}${metadataPath}`,
    ]
    return `${lines.join("\n")}\n`
}

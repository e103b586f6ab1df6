/**
 * Renders the documents of a CSAF provider: the publisher, and lists of published documents (CSAF 2.0 and 2.1,
 * section 7).
 *
 * Each list keeps one entry as text for each document, and a list is its entries joined. So the cost of a publication
 * does not grow with the number of documents.
 */
import { type Advisory, type Publisher, publishedAt, revisedAt } from "../advisory/advisory.ts"
import type { Json } from "@tocsin/base/canonical"
import {
    type CsafVersion,
    type Collection,
    addressOf,
    csafFile,
    csafConventions,
    csafVersions,
    pagePath,
    pathIn,
    publicCollection,
    publisherIn,
} from "./document.ts"
import { type Instant, formatInstant } from "@tocsin/base/instant"

/**
 * The path that clients read first. It has the metadata of CSAF 2.0, as CSAF 2.1 requires for the transition (section
 * 7.4).
 */
export const metadataPath = "/.well-known/csaf/provider-metadata.json"
/** The path of the key that signs now. */
export const openPgpPath = "/csaf/openpgp.asc"
/** The path of one key, which stays when the key is replaced. */
export const openPgpKeyPath = (fingerprint: string): string => `/csaf/openpgp/${fingerprint}.asc`

/** Returns the path of the feed of a collection. */
export function feedPath({ folder, label }: Collection): string {
    return `${folder}/feed-${labelWord(label)}.json`
}

const labelWord = (label: Collection["label"]): string => label.toLowerCase().replace("+", "-")

const informationType = "urn:ietf:params:rolie:category:information-type"
const category = { scheme: informationType, term: "csaf" }

/** How an entry of a feed names its document. */
export interface FeedEntry {
    readonly collection: Collection
    readonly isSigned: boolean
    readonly hasPage: boolean
    readonly updated: Instant
}

/** Returns the entry of a public advisory in the ROLIE feed, as JSON. */
export function rolieEntry(advisory: Advisory, version: CsafVersion): string {
    const updated = revisedAt(advisory)
    return feedEntry(advisory, { collection: publicCollection(version), isSigned: true, hasPage: true, updated })
}

/** Returns an entry of a ROLIE feed (RFC 8322), as JSON, with links to hashes, signature and page. */
export function feedEntry(advisory: Advisory, { collection, isSigned, hasPage, updated }: FeedEntry): string {
    const at = addressOf(advisory, pathIn(collection, advisory))
    return JSON.stringify({
        id: `${advisory.id}/${collection.version}`,
        title: advisory.title,
        link: [
            { rel: "self", href: at },
            { rel: "hash", href: `${at}.sha256` },
            { rel: "hash", href: `${at}.sha512` },
            ...(isSigned ? [{ rel: "signature", href: `${at}.asc` }] : []),
            ...(hasPage ? [{ rel: "alternate", href: addressOf(advisory, pagePath(advisory)) }] : []),
        ],
        published: formatInstant(publishedAt(advisory)),
        updated: formatInstant(updated),
        content: { type: "application/json", src: at },
        format: { schema: csafConventions[collection.version].schema, version: collection.version },
    })
}

/**
 * Returns a feed of ROLIE (RFC 8322). `entries`: texts of `feedEntry`, joined by commas. `service`: the path of the
 * service document.
 */
export function rolieFeed(
    { name, namespace }: Publisher,
    { collection, service }: { readonly collection: Collection; readonly service: string },
    updated: Instant,
    entries: string,
): string {
    const { label, version } = collection
    const feedHead = {
        id: `csaf-feed-tlp-${labelWord(label)}-${version}`,
        title: `CSAF ${version} documents of ${name} (TLP:${label})`,
        link: [
            { rel: "self", href: `${namespace}${feedPath(collection)}` },
            { rel: "service", href: `${namespace}${service}` },
        ],
        category: [category],
        updated: formatInstant(updated),
    }
    return `{"feed":${JSON.stringify(feedHead).slice(0, -1)},"entry":[${entries}]}}\n`
}

/** The service document (RFC 8322): the same feeds as in the metadata of the offer. */
export function serviceDocument({ namespace }: Publisher, title: string, { collections }: Offer): Json {
    return {
        service: {
            workspace: [
                {
                    title,
                    collection: collections.map((collection) => ({
                        title: `CSAF ${collection.version} documents (TLP:${collection.label})`,
                        href: `${namespace}${feedPath(collection)}`,
                        categories: { category: [category] },
                    })),
                },
            ],
        },
    }
}

/** Returns the line of an advisory in `index.txt` (CSAF 7.1.12). */
export function indexLine(advisory: Advisory): string {
    return `${csafFile(advisory)}\n`
}

/** CSV as RFC 4180 has it: quoted in 2.0; 2.1 takes no quotes. */
export function changesLine(advisory: Advisory, version: CsafVersion): string {
    const fields = [csafFile(advisory), formatInstant(revisedAt(advisory))]
    return `${fields.map((field) => (version === "2.0" ? `"${field}"` : field)).join(",")}\r\n`
}

/** A key that signs documents or has signed them, as provider metadata name it. */
export interface PublicKeyInfo {
    /** Hexadecimal, upper case. */
    readonly fingerprint: string
}

/** What a provider offers in one version: to everybody, or to one reader. */
export interface Offer {
    readonly version: CsafVersion
    /** The path of its metadata, and of its service document. */
    readonly canonical: string
    readonly service: string
    readonly collections: readonly Collection[]
    /** The content of the collections, in words. */
    readonly summary: string
    /** Whether others may list it, and mirror what is in it. */
    readonly isPublic: boolean
}

/** Returns what a reader without an account finds in this version of CSAF. */
export function publicOffer(version: CsafVersion): Offer {
    return {
        version,
        canonical: `/.well-known/csaf/v${version}/provider-metadata.json`,
        service: version === "2.0" ? "/csaf/service.json" : "/csaf/v2.1/service.json",
        collections: [publicCollection(version)],
        summary: `All public advisories, as CSAF ${version}`,
        isPublic: true,
    }
}

/**
 * Returns the provider metadata, which a reader begins with. `keys`: newest first. Without keys, documents have no
 * signatures yet.
 */
export function providerMetadata(
    publisher: Publisher,
    offer: Offer,
    keys: readonly PublicKeyInfo[],
    updated: Instant,
): Json {
    const { version, canonical, isPublic } = offer
    const at = (path: string) => `${publisher.namespace}${path}`
    return {
        canonical_url: at(canonical),
        distributions: distributionsOf(offer, at, updated),
        last_updated: formatInstant(updated),
        list_on_CSAF_aggregators: isPublic,
        metadata_version: version,
        mirror_on_CSAF_aggregators: isPublic,
        ...(keys.length > 0 && {
            public_openpgp_keys: keys.map(({ fingerprint }) => ({ fingerprint, url: at(openPgpKeyPath(fingerprint)) })),
        }),
        publisher: publisherIn(version, publisher),
        role: keys.length === 0 ? "csaf_provider" : "csaf_trusted_provider",
        ...(version === "2.1" && { $schema: "https://docs.oasis-open.org/csaf/csaf/v2.1/schema/provider.json" }),
    }
}

function distributionsOf(
    { version, service, collections, summary }: Offer,
    at: (path: string) => string,
    updated: Instant,
): Json[] {
    const feeds = collections.map((collection) => ({
        summary,
        tlp_label: collection.label,
        url: at(feedPath(collection)),
    }))
    if (version === "2.0") {
        return [
            ...collections.map(({ folder }) => ({ directory_url: at(folder) })),
            { rolie: { feeds, services: [at(service)] } },
        ]
    }
    return [
        ...collections.map(({ label, folder }) => ({ directory: { tlp_label: label, url: at(folder) } })),
        { rolie: { feeds: feeds.map((feed) => ({ ...feed, last_updated: formatInstant(updated) })) } },
    ]
}

/** `security.txt` (RFC 9116). `contact` is an address (`mailto:`, `https:`). */
export function securityText(publisher: Publisher, contact: string, expires: Instant): string {
    const { namespace } = publisher
    const lines = [
        `Contact: ${contact}`,
        `Expires: ${formatInstant(expires)}`,
        `Canonical: ${namespace}/.well-known/security.txt`,
        ...csafVersions.map((version) => `CSAF: ${namespace}${publicOffer(version).canonical}`),
    ]
    return `${lines.join("\n")}\n`
}

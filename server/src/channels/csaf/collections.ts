/**
 * Where a partner's CSAF documents stand, by version and label. The addresses are the same for all partners, and each finds
 * there what is its own: by its token, as with TAXII.
 *
 * TLP 1, which CSAF 2.0 has, knows no AMBER+STRICT. It is AMBER there, with the limit in words, as TLP 1 provides for.
 */
import type { CsafVersion, Collection } from "@tocsin/formats/csaf/document"
import { type Offer, publicOffer } from "@tocsin/formats/csaf/provider"
import type { Dialect } from "../../platform/http/machine-routes.ts"

/** What is secret goes no further than to those who need it: no document has a wider label. */
export type OwnLabel = "AMBER+STRICT" | "RED"

const under = "/csaf/partner/"
const folders: Readonly<Record<CsafVersion, string>> = { "2.0": "/csaf/partner", "2.1": "/csaf/partner/v2.1" }

export const ownCsaf: Dialect = { under, mayAnswer: () => true, reads: () => false, errorOf: null }

export const ownLabels: readonly OwnLabel[] = ["AMBER+STRICT", "RED"]

export function collectionOf(label: OwnLabel, version: CsafVersion): Collection {
    const folder = folders[version]
    if (label === "RED") return { version, label, folder: `${folder}/red` }
    if (version === "2.0") return { version, label: "AMBER", folder: `${folder}/amber` }
    return { version, label, folder: `${folder}/amber-strict` }
}

export function ownCollections(version: CsafVersion): Collection[] {
    return ownLabels.map((label) => collectionOf(label, version))
}

/** Beside what everybody may read, so that one address is enough. */
export function ownOffer(version: CsafVersion): Offer {
    return {
        version,
        canonical: `${folders[version]}/provider-metadata.json`,
        service: `${folders[version]}/service.json`,
        collections: [...publicOffer(version).collections, ...ownCollections(version)],
        summary: `What you may read, as CSAF ${version}`,
        isPublic: false,
    }
}

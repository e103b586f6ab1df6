/**
 * Names the collections of a partner's CSAF documents, by version and label. The addresses are the same for all
 * partners; the token selects the partner's own documents, as with TAXII. CSAF 2.0 uses TLP 1, which has no
 * AMBER+STRICT. Its label there is AMBER with the limit as a text, as TLP 1 provides.
 */
import type { CsafVersion, Collection } from "@tocsin/formats/csaf/document"
import { type Offer, publicOffer } from "@tocsin/formats/csaf/provider"
import type { Dialect } from "../../platform/http/machine-routes.ts"

/** Labels before publication. No document has a wider one. */
export type PartnerLabel = "AMBER+STRICT" | "RED"

const pathPrefix = "/csaf/partner/"
const folders: Readonly<Record<CsafVersion, string>> = { "2.0": "/csaf/partner", "2.1": "/csaf/partner/v2.1" }

export const partnerCsaf: Dialect = { pathPrefix, acceptsAnswer: () => true, readsType: () => false, formatError: null }

export const partnerLabels: readonly PartnerLabel[] = ["AMBER+STRICT", "RED"]

/** Returns the collection of a label. */
export function collectionOf(label: PartnerLabel, version: CsafVersion): Collection {
    const folder = folders[version]
    if (label === "RED") return { version, label, folder: `${folder}/red` }
    if (version === "2.0") return { version, label: "AMBER", folder: `${folder}/amber` }
    return { version, label, folder: `${folder}/amber-strict` }
}

/** Lists a partner's collections. */
export function partnerCollections(version: CsafVersion): Collection[] {
    return partnerLabels.map((label) => collectionOf(label, version))
}

/** Offers a partner's collections next to the public ones, so that one address is enough. */
export function partnerOffer(version: CsafVersion): Offer {
    return {
        version,
        canonical: `${folders[version]}/provider-metadata.json`,
        service: `${folders[version]}/service.json`,
        collections: [...publicOffer(version).collections, ...partnerCollections(version)],
        summary: `What you may read, as CSAF ${version}`,
        isPublic: false,
    }
}

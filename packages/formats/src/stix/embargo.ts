/**
 * Says an embargo in STIX, by a property extension of this project.
 *
 * A TLP label says who may read. The extension says until when, and what is allowed before. Its definition is the
 * same in every program, so it contains the schema itself and no address.
 */
import { type Instant, formatInstant } from "@tocsin/base/instant"
import type { Product } from "../advisory/product.ts"
import { embargoSchema, embargoVersion } from "./embargo-schema.ts"
import type { StixObject } from "./object.ts"

export const embargoExtension = "extension-definition--f1c3d0a6-52e4-4b0e-9d3b-6a7c5f0f8e21"
const projectId = "identity--0d7b1f64-8f0e-4c57-a1a3-2a8e3c9b7d45"
/** A change of the definition needs a later `modified`. */
const definedAt = "2026-11-30T00:00:00.000Z"

export const embargoDefinition: readonly StixObject[] = [
    {
        type: "identity",
        spec_version: "2.1",
        id: projectId,
        created: definedAt,
        modified: definedAt,
        name: "Tocsin",
        description: "The project that defines Tocsin's extensions of STIX.",
        identity_class: "organization",
    },
    {
        type: "extension-definition",
        spec_version: "2.1",
        id: embargoExtension,
        created_by_ref: projectId,
        created: definedAt,
        modified: definedAt,
        name: "Embargo",
        description:
            "Until when an object is under embargo, what may be done with it before publication, and which " +
            "products a vulnerability affects.",
        schema: JSON.stringify(embargoSchema),
        version: embargoVersion,
        extension_types: ["property-extension"],
    },
]

/** The embargo on one object, as the extension says it. */
export interface EmbargoState {
    readonly disclosure: "embargoed" | "published" | "withdrawn"
    /** The agreed end; null while none is agreed. */
    readonly until: Instant | null
    /** The deployment permission; null where none was stated. */
    readonly deployment: string | null
    /** The label of the object; null where it has none of its own. */
    readonly pap: string | null
    /** The affected products of a vulnerability. Other objects have none. */
    readonly affected?: readonly Product[]
}

/** The value of `extensions` of an object. */
export function embargoOf({ disclosure, until, deployment, pap, affected = [] }: EmbargoState): StixObject {
    return {
        [embargoExtension]: {
            extension_type: "property-extension",
            disclosure_state: disclosure,
            ...(until !== null && { embargo_until: formatInstant(until) }),
            ...(deployment !== null && { deployment }),
            ...(pap !== null && { pap }),
            ...(affected.length > 0 && { affected: affected.map(affectedIn) }),
        },
    }
}

function affectedIn({ vendor, name, fixedIn }: Product): StixObject {
    return { vendor, product: name, ...(fixedIn !== null && { fixed_in: fixedIn }) }
}

/** TLP 2.0 labels as STIX objects. STIX 2.1 does not define them, so each bundle contains the labels that it uses. */
import type { Tlp } from "./tlp.ts"
import type { StixObject } from "./object.ts"
import { tlpExtension, tlpMarkings } from "./types.ts"

/** Returns the fixed id of a label. It has the TLP 2.0 ids, which the table lists before those of TLP 1. */
export function markingId(label: Tlp): string {
    const found = Object.entries(tlpMarkings).find(([, value]) => value === label)
    if (!found) throw new Error("a label without an id")
    return found[0]
}

/** The same wherever it comes from. */
export function markingOf(label: Tlp): StixObject {
    return {
        type: "marking-definition",
        spec_version: "2.1",
        id: markingId(label),
        created: "2022-10-01T00:00:00.000Z",
        name: `TLP:${label}`,
        extensions: { [tlpExtension]: { extension_type: "property-extension", tlp_2_0: label.toLowerCase() } },
    }
}

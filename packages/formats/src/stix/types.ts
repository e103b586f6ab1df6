/**
 * Rules of STIX 2.1 for the objects of warnings: the kind of each property, required properties (`!`), and
 * vocabularies.
 *
 * Kinds: `text`, `time`, `bool`, `count`, `number`, `ref:…` and `refs:…` (allowed types; none: any), `texts`,
 * `open:…` (an open vocabulary), `only:…` (a closed one), `any`.
 */
export type Properties = Readonly<Record<string, string>>

export const commonProperties: Properties = {
    type: "text!",
    spec_version: "only:2.1!",
    id: "text!",
    created_by_ref: "ref:identity",
    created: "time!",
    modified: "time!",
    revoked: "bool",
    labels: "texts",
    confidence: "count",
    lang: "text",
    external_references: "any",
    object_marking_refs: "refs:marking-definition",
    granular_markings: "any",
    extensions: "any",
}

const identityClasses = "individual,group,system,organization,class,unknown"
const indicatorTypes = "anomalous-activity,anonymization,benign,compromised,malicious-activity,attribution,unknown"
const reportTypes =
    "attack-pattern,campaign,identity,indicator,intrusion-set,malware,observed-data" +
    ",threat-actor,threat-report,tool,vulnerability"
const extensionTypes = "new-sdo,new-sco,new-sro,property-extension,toplevel-property-extension"

/** The properties of each type, in addition to the common ones. */
export const objectProperties: Readonly<Record<string, Properties>> = {
    vulnerability: { name: "text!", description: "text" },
    indicator: {
        name: "text",
        description: "text",
        indicator_types: `open:${indicatorTypes}`,
        pattern: "text!",
        pattern_type: "text!",
        pattern_version: "text",
        valid_from: "time!",
        valid_until: "time",
        kill_chain_phases: "any",
    },
    "course-of-action": { name: "text!", description: "text", action: "any" },
    report: {
        name: "text!",
        description: "text",
        report_types: `open:${reportTypes}`,
        published: "time!",
        object_refs: "refs:!",
    },
    note: { abstract: "text", content: "text!", authors: "texts", object_refs: "refs:!" },
    identity: {
        name: "text!",
        description: "text",
        roles: "texts",
        identity_class: `open:${identityClasses}`,
        sectors: "texts",
        contact_information: "text",
    },
    "marking-definition": { name: "text", definition_type: "text", definition: "any", modified: "time" },
    relationship: {
        relationship_type: "text!",
        description: "text",
        source_ref: "ref:!",
        target_ref: "ref:!",
        start_time: "time",
        stop_time: "time",
    },
    "extension-definition": {
        name: "text!",
        description: "text",
        schema: "text!",
        version: "text!",
        created_by_ref: "ref:identity!",
        extension_types: `only:${extensionTypes}!`,
        extension_properties: "texts",
    },
    sighting: {
        description: "text",
        first_seen: "time",
        last_seen: "time",
        count: "count",
        sighting_of_ref: "ref:!",
        observed_data_refs: "refs:observed-data",
        where_sighted_refs: "refs:identity,location",
        summary: "bool",
    },
    "observed-data": {
        first_observed: "time!",
        last_observed: "time!",
        number_observed: "count!",
        objects: "any",
        object_refs: "refs:",
    },
}

/** Types of which only what all objects share is checked. */
export const otherTypes: ReadonlySet<string> = new Set(
    `attack-pattern campaign grouping incident infrastructure intrusion-set language-content location malware
    malware-analysis opinion threat-actor tool`.split(/\s+/),
)

/** Observables need neither instants nor a specification version. */
export const observables: ReadonlySet<string> = new Set(
    `artifact autonomous-system directory domain-name email-addr email-message file ipv4-addr ipv6-addr mac-addr mutex
    network-traffic process software url user-account windows-registry-key x509-certificate`.split(/\s+/),
)

/** Pairs of which the second may not lie before the first; `<` where it may not be equal either. */
export const periods: readonly (readonly [string, string, "<" | "<="])[] = [
    ["created", "modified", "<="],
    ["valid_from", "valid_until", "<"],
    ["start_time", "stop_time", "<"],
    ["first_seen", "last_seen", "<="],
    ["first_observed", "last_observed", "<="],
]

/** The labels of TLP as STIX objects: those of TLP 2.0, and the four that STIX 2.1 itself has for TLP 1. */
export const tlpMarkings: Readonly<Record<string, string>> = {
    "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487": "CLEAR",
    "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb": "GREEN",
    "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421": "AMBER",
    "marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003": "AMBER+STRICT",
    "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1": "RED",
    "marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9": "CLEAR",
    "marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da": "GREEN",
    "marking-definition--f88d31f6-486f-44da-b317-01333bde0b82": "AMBER",
    "marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed": "RED",
}

export const tlpExtension = "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d"

/** Describes the embargo of a STIX object as JSON Schema. A change here needs a new version. */

export const embargoVersion = "1.0.0"

export const embargoSchema = {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "Tocsin: the embargo of a STIX object",
    description:
        "The value of `extensions` under extension-definition--f1c3d0a6-52e4-4b0e-9d3b-6a7c5f0f8e21, version 1.0.0.",
    type: "object",
    properties: {
        extension_type: {
            const: "property-extension",
        },
        disclosure_state: {
            description: "`embargoed`: secret. `published`: no longer. `withdrawn`: it will not be published.",
            enum: ["embargoed", "published", "withdrawn"],
        },
        embargo_until: {
            description:
                "The agreed end, RFC 3339, in UTC. Absent while none is agreed. It may move; what was " +
                "published stays so.",
            type: "string",
            pattern: "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]{1,9})?Z$",
        },
        deployment: {
            description:
                "Of fixes and mitigations before publication. `hosted_only`: only where outsiders cannot see the " +
                "change. Absent: nothing was said, so ask.",
            enum: ["allowed", "hosted_only", "not_allowed"],
        },
        pap: {
            description: "The label of the Permissible Actions Protocol, of objects that hold a file's text.",
            enum: ["CLEAR", "GREEN", "AMBER", "RED"],
        },
        affected: {
            description: "Of a vulnerability: the products that it affects. Absent while none is known.",
            type: "array",
            minItems: 1,
            items: {
                type: "object",
                properties: {
                    vendor: {
                        type: "string",
                    },
                    product: {
                        description: "A name, or a package URL without a version.",
                        type: "string",
                    },
                    fixed_in: {
                        description: "The first version without this vulnerability. Absent while none is known.",
                        type: "string",
                    },
                },
                required: ["vendor", "product"],
                additionalProperties: false,
            },
        },
    },
    required: ["extension_type", "disclosure_state"],
    additionalProperties: false,
}

/** The schema as it is served and published. */
export const embargoSchemaText = `${JSON.stringify(embargoSchema, null, 4)}\n`

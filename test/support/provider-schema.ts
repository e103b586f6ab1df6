/** CSAF's requirements for provider metadata, from its schemas (`provider_json_schema.json`, `provider.json`). */
import { Type } from "typebox"
import type { CsafVersion } from "@tocsin/formats/csaf/document"

const closed = { additionalProperties: false }
const oneOf = (...values: string[]) => Type.Enum(values)
const list = <T extends Type.TSchema>(schema: T) => Type.Array(schema, { minItems: 1, uniqueItems: true })
const url = Type.String({ format: "uri" })
const jsonUrl = Type.String({ format: "uri", pattern: "\\.json$" })
const instant = Type.String({ format: "date-time" })
const nonBlank = Type.String({ minLength: 1 })

const labels = {
    "2.0": oneOf("UNLABELED", "WHITE", "GREEN", "AMBER", "RED"),
    "2.1": oneOf("CLEAR", "GREEN", "AMBER", "AMBER+STRICT", "RED"),
}
const categories = ["coordinator", "discoverer", "other", "translator", "user", "vendor"]

function feedIn(version: CsafVersion) {
    const feed = { summary: Type.Optional(Type.String()), tlp_label: labels[version], url: jsonUrl }
    return version === "2.0" ? Type.Object(feed, closed) : Type.Object({ ...feed, last_updated: instant }, closed)
}

function distributionIn(version: CsafVersion) {
    const directory =
        version === "2.0"
            ? { directory_url: Type.Optional(url) }
            : { directory: Type.Optional(Type.Object({ tlp_label: labels["2.1"], url }, closed)) }
    const rolie = Type.Object({ feeds: list(feedIn(version)), services: Type.Optional(list(jsonUrl)) }, closed)
    return Type.Object({ ...directory, rolie: Type.Optional(rolie) }, { ...closed, minProperties: 1 })
}

export function providerSchema(version: CsafVersion) {
    return Type.Object(
        {
            ...(version === "2.1" && {
                $schema: Type.Literal("https://docs.oasis-open.org/csaf/csaf/v2.1/schema/provider.json"),
            }),
            canonical_url: Type.String({ format: "uri", pattern: "/provider-metadata\\.json$" }),
            distributions: list(distributionIn(version)),
            last_updated: instant,
            list_on_CSAF_aggregators: Type.Boolean(),
            metadata_version: Type.Literal(version),
            mirror_on_CSAF_aggregators: Type.Boolean(),
            public_openpgp_keys: Type.Optional(
                Type.Array(Type.Object({ fingerprint: Type.String({ pattern: "^[0-9a-fA-F]{40,}$" }), url }, closed)),
            ),
            publisher: Type.Object(
                {
                    category: oneOf(...categories, ...(version === "2.1" ? ["multiplier"] : [])),
                    contact_details: Type.Optional(nonBlank),
                    name: nonBlank,
                    namespace: url,
                },
                closed,
            ),
            role: oneOf("csaf_publisher", "csaf_provider", "csaf_trusted_provider"),
        },
        closed,
    )
}

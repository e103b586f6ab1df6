/** Describes the SCIM service: what it supports, its resource type, and the attributes of each resource (RFC 7643). */
import { userSchema } from "./protocol.ts"

const core = "urn:ietf:params:scim:schemas:core:2.0"

interface Attribute {
    readonly name: string
    readonly type: "string" | "boolean" | "integer" | "reference" | "complex"
    readonly multiValued: boolean
    readonly description: string
    readonly required: boolean
    readonly caseExact: boolean
    readonly mutability: "readOnly" | "readWrite"
    readonly returned: "default"
    readonly uniqueness: "none" | "server"
    readonly subAttributes?: readonly Attribute[]
}

function attribute(name: string, type: Attribute["type"], more: Partial<Attribute> = {}): Attribute {
    return {
        name,
        type,
        multiValued: false,
        description: name,
        required: true,
        caseExact: false,
        mutability: "readOnly",
        returned: "default",
        uniqueness: "none",
        ...more,
    }
}

const complex = (name: string, subAttributes: readonly Attribute[], more: Partial<Attribute> = {}): Attribute =>
    attribute(name, "complex", { subAttributes, ...more })

const supported = attribute("supported", "boolean")
const subAttribute = [
    attribute("name", "string"),
    attribute("type", "string"),
    attribute("multiValued", "boolean"),
    attribute("description", "string"),
    attribute("required", "boolean"),
    attribute("caseExact", "boolean"),
    attribute("mutability", "string"),
    attribute("returned", "string"),
    attribute("uniqueness", "string"),
]
const list = { multiValued: true }
const schemaOf = (id: string, name: string, attributes: readonly Attribute[]) => ({
    schemas: [`${core}:Schema`],
    id,
    name,
    description: name,
    attributes,
})

/** The schemas of all resources. */
export const schemas = [
    schemaOf(userSchema, "User", [
        attribute("userName", "string", { description: "The mail address of the person", uniqueness: "server" }),
        attribute("active", "boolean", {
            description: "False removes the person. It cannot become true again",
            mutability: "readWrite",
        }),
    ]),
    schemaOf(`${core}:ServiceProviderConfig`, "ServiceProviderConfig", [
        complex("patch", [supported]),
        complex("bulk", [supported, attribute("maxOperations", "integer"), attribute("maxPayloadSize", "integer")]),
        complex("filter", [supported, attribute("maxResults", "integer")]),
        complex("changePassword", [supported]),
        complex("sort", [supported]),
        complex("etag", [supported]),
        complex(
            "authenticationSchemes",
            [attribute("type", "string"), attribute("name", "string"), attribute("description", "string")],
            list,
        ),
    ]),
    schemaOf(`${core}:ResourceType`, "ResourceType", [
        attribute("name", "string"),
        attribute("endpoint", "reference"),
        attribute("schema", "reference"),
    ]),
    schemaOf(`${core}:Schema`, "Schema", [
        attribute("name", "string"),
        attribute("description", "string"),
        complex(
            "attributes",
            [...subAttribute, complex("subAttributes", subAttribute, { ...list, required: false })],
            list,
        ),
    ]),
]

export const resourceTypes = [
    { schemas: [`${core}:ResourceType`], id: "User", name: "User", endpoint: "/Users", schema: userSchema },
]

export const serviceProviderConfig = {
    schemas: [`${core}:ServiceProviderConfig`],
    patch: { supported: true },
    bulk: { supported: false, maxOperations: 0, maxPayloadSize: 0 },
    filter: { supported: true, maxResults: 200 },
    changePassword: { supported: false },
    sort: { supported: false },
    etag: { supported: false },
    authenticationSchemes: [
        {
            type: "oauthbearertoken",
            name: "Secret",
            description: "The secret of the provider in a header Authorization",
        },
    ],
}

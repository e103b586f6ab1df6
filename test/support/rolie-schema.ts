/**
 * CSAF's requirements for a ROLIE feed and its service document (section 7.1, requirements 15 and 16, and RFC 8322).
 */
import { Type } from "typebox"
import type { CsafVersion } from "@tocsin/formats/csaf/document"

const closed = { additionalProperties: false }
const url = Type.String({ format: "uri" })
const jsonUrl = Type.String({ format: "uri", pattern: "\\.json$" })
const instant = Type.String({ format: "date-time" })
const nonBlank = Type.String({ minLength: 1 })

const category = Type.Array(
    Type.Object(
        { scheme: Type.Literal("urn:ietf:params:rolie:category:information-type"), term: Type.Literal("csaf") },
        closed,
    ),
    { minItems: 1 },
)

const formats = {
    "2.0": "https://docs.oasis-open.org/csaf/csaf/v2.0/csaf_json_schema.json",
    "2.1": "https://docs.oasis-open.org/csaf/csaf/v2.1/schema/csaf.json",
}

/** Requires at least one link to each of these files, with its relation and address. */
function links(files: Readonly<Record<string, string>>) {
    const anyLink = Type.Array(Type.Object({ rel: nonBlank, href: url }, closed))
    const each = Object.entries(files).map(([rel, pattern]) => {
        const item = Type.Object({ rel: Type.Literal(rel), href: Type.String({ pattern }) })
        return Type.Array(Type.Unknown(), { contains: item })
    })
    return Type.Intersect([anyLink, ...each])
}

/** The schema of a feed of signed documents. */
export function feedSchema(version: CsafVersion) {
    const entry = Type.Object(
        {
            id: nonBlank,
            title: nonBlank,
            published: instant,
            updated: instant,
            link: links({ self: "\\.json$", hash: "\\.json\\.sha(256|512)$", signature: "\\.json\\.asc$" }),
            content: Type.Object({ type: Type.Literal("application/json"), src: jsonUrl }, closed),
            format: Type.Object({ schema: Type.Literal(formats[version]), version: Type.Literal(version) }, closed),
        },
        closed,
    )
    const link = links({ self: "\\.json$", service: "\\.json$" })
    const feed = { id: nonBlank, title: nonBlank, link, category, updated: instant, entry: Type.Array(entry) }
    return Type.Object({ feed: Type.Object(feed, closed) }, closed)
}

const collection = Type.Object(
    { title: nonBlank, href: jsonUrl, categories: Type.Object({ category }, closed) },
    closed,
)
const workspace = Type.Object({ title: nonBlank, collection: Type.Array(collection, { minItems: 1 }) }, closed)

export const serviceSchema = Type.Object(
    { service: Type.Object({ workspace: Type.Array(workspace, { minItems: 1 }) }, closed) },
    closed,
)

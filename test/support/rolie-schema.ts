/**
 * CSAF's requirements for a ROLIE feed and its service document (section 7.1, requirements 15 and 16, and RFC 8322).
 */
import { Type } from "typebox"
import type { CsafVersion } from "@tocsin/formats/csaf/document"

const only = { additionalProperties: false }
const url = Type.String({ format: "uri" })
const jsonUrl = Type.String({ format: "uri", pattern: "\\.json$" })
const instant = Type.String({ format: "date-time" })
const input = Type.String({ minLength: 1 })

const category = Type.Array(
    Type.Object(
        { scheme: Type.Literal("urn:ietf:params:rolie:category:information-type"), term: Type.Literal("csaf") },
        only,
    ),
    { minItems: 1 },
)

const formats = {
    "2.0": "https://docs.oasis-open.org/csaf/csaf/v2.0/csaf_json_schema.json",
    "2.1": "https://docs.oasis-open.org/csaf/csaf/v2.1/schema/csaf.json",
}

/** Requires at least one link to each of these files, with its relation and address. */
function links(files: Readonly<Record<string, string>>) {
    const any = Type.Array(Type.Object({ rel: input, href: url }, only))
    const each = Object.entries(files).map(([rel, pattern]) => {
        const item = Type.Object({ rel: Type.Literal(rel), href: Type.String({ pattern }) })
        return Type.Array(Type.Unknown(), { contains: item })
    })
    return Type.Intersect([any, ...each])
}

/** The schema of a feed of signed documents. */
export function feedSchema(version: CsafVersion) {
    const entry = Type.Object(
        {
            id: input,
            title: input,
            published: instant,
            updated: instant,
            link: links({ self: "\\.json$", hash: "\\.json\\.sha(256|512)$", signature: "\\.json\\.asc$" }),
            content: Type.Object({ type: Type.Literal("application/json"), src: jsonUrl }, only),
            format: Type.Object({ schema: Type.Literal(formats[version]), version: Type.Literal(version) }, only),
        },
        only,
    )
    const link = links({ self: "\\.json$", service: "\\.json$" })
    const feed = { id: input, title: input, link, category, updated: instant, entry: Type.Array(entry) }
    return Type.Object({ feed: Type.Object(feed, only) }, only)
}

const collection = Type.Object({ title: input, href: jsonUrl, categories: Type.Object({ category }, only) }, only)
const workspace = Type.Object({ title: input, collection: Type.Array(collection, { minItems: 1 }) }, only)

export const serviceSchema = Type.Object(
    { service: Type.Object({ workspace: Type.Array(workspace, { minItems: 1 }) }, only) },
    only,
)

/** The route of the JSON Schema of the embargo extension, open to all. It reveals no program and no case. */
import { embargoSchemaText, embargoVersion } from "@tocsin/formats/stix/embargo-schema"
import { cacheForever, publicText } from "../../platform/http/public-text.ts"
import { route } from "../../kernel/action-context.ts"

export const schemaRoute = route(
    {
        method: "GET",
        side: "portal",
        path: `/stix/embargo-${embargoVersion}.schema.json`,
        permission: "public",
        forAnySite: true,
        summary: "Returns the JSON Schema of the embargo in STIX objects",
    },
    async () => publicText(embargoSchemaText, "application/schema+json", null, undefined, cacheForever),
)

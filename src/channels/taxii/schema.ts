/** The schema of the embargo extension, where anybody finds it: it tells of STIX alone, and of no program and no case. */
import { embargoSchemaText, embargoVersion } from "../../lib/stix/embargo-schema.ts"
import { forever, publicText } from "../../platform/public-text.ts"
import { route } from "../../trust/audit/actions.ts"

export const schemaRoutes = [
    route(
        {
            ...{ method: "GET", side: "portal", path: `/stix/embargo-${embargoVersion}.schema.json` },
            needs: "nobody",
            forAnySite: true,
            does: "The JSON Schema of the embargo in STIX objects, for anybody",
        },
        async () => publicText(embargoSchemaText(), "application/schema+json", null, undefined, forever),
    ),
]

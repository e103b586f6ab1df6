/** Routes of the JSON Schemas of the embargo extension, open to all. They reveal no program and no case. */
import { embargoSchemaTexts } from "@tocsin/formats/stix/embargo-schema"
import { cacheForever, publicText } from "../../platform/http/public-text.ts"
import { route } from "../../kernel/action-context.ts"

export const schemaRoutes = [...embargoSchemaTexts()].map(([version, text]) =>
    route(
        {
            method: "GET",
            side: "portal",
            path: `/stix/embargo-${version}.schema.json`,
            permission: "public",
            forAnySite: true,
            summary: `Returns the JSON Schema of the embargo in STIX objects, version ${version}`,
        },
        async () => publicText(text, "application/schema+json", null, undefined, cacheForever),
    ),
)

/**
 * HTTP routes of the operator that change the disclosed facts of a case: one person, or two once a wave is released.
 */
import { Type } from "typebox"
import { route } from "../../../kernel/action-context.ts"
import { detailsShape, permissionShape } from "../../cases/disclosed-facts.ts"
import { retell, recordAmendment } from "../actions/amend-case.ts"

const closed = { additionalProperties: false }
const id = Type.String({ format: "uuid" })
const params = Type.Object({ id }, closed)
const console = { side: "console" as const }
const answer = Type.Object({
    done: Type.Boolean(),
    /** The approval that waits for a signature or was applied; null where one person is enough. */
    approval: Type.Union([id, Type.Null()]),
})

export const retellingRoutes = [
    route(
        {
            ...console,
            method: "PUT",
            path: "/api/cases/{id}",
            permission: "case:write",
            summary:
                "Replaces a case's title, vulnerabilities, products and finder; once a wave is released, " +
                "requests a second signature",
            params,
            body: detailsShape,
            answer,
        },
        async (ask) => await retell(ask, ask.params.id, { details: ask.body }),
    ),
    route(
        {
            ...console,
            method: "PUT",
            path: "/api/cases/{id}/deployment-permission",
            permission: "case:write",
            summary:
                "Sets the deployment permission, shown to all warned partners; once a wave is released, " +
                "requests a second signature",
            params,
            body: permissionShape,
            answer,
        },
        async (ask) => await retell(ask, ask.params.id, { permission: ask.body }),
    ),
    route(
        {
            ...console,
            method: "POST",
            path: "/api/cases/{id}/amend",
            permission: "case:write",
            summary: "Applies a signed amendment of a case",
            params,
            body: Type.Object({ approval: id }, closed),
            answer,
        },
        async (ask) => await recordAmendment(ask, ask.params.id, ask.body.approval),
    ),
]

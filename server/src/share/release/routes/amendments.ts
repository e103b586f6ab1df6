/**
 * HTTP routes of the operator that change the disclosed facts of a case: one person, or two once a wave is released.
 */
import { route } from "../../../kernel/action-context.ts"
import { detailsShape, permissionShape } from "../../cases/disclosed-facts.ts"
import { retell, recordAmendment } from "../actions/amend-case.ts"
import { byId } from "../../../kernel/schemas.ts"
import { amendAnswer, amendCaseBody } from "../schemas.ts"

const params = byId
const console = { side: "console" as const }

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
            answer: amendAnswer,
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
            answer: amendAnswer,
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
            body: amendCaseBody,
            answer: amendAnswer,
        },
        async (ask) => await recordAmendment(ask, ask.params.id, ask.body.approval),
    ),
]

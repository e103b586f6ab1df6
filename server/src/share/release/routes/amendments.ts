/**
 * HTTP routes of the operator that change the disclosed facts of a case: one person, or two once a wave is released.
 */
import { route } from "../../../kernel/action-context.ts"
import { detailsSchema, permissionSchema } from "../../cases/disclosed-facts.ts"
import { amendCase, applySignedAmendment } from "../actions/amend-case.ts"
import { byId } from "../../../kernel/schemas.ts"
import { amendAnswer, amendCaseBody } from "../schemas.ts"

const params = byId
const console = { side: "console" as const }

export const amendmentRoutes = [
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
            body: detailsSchema,
            answer: amendAnswer,
        },
        async (ctx) => await amendCase(ctx, ctx.params.id, { details: ctx.body }),
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
            body: permissionSchema,
            answer: amendAnswer,
        },
        async (ctx) => await amendCase(ctx, ctx.params.id, { permission: ctx.body }),
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
        async (ctx) => await applySignedAmendment(ctx, ctx.params.id, ctx.body.approval),
    ),
]

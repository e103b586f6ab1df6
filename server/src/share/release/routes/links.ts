/** HTTP routes of the operator that link cases: one person, or two where a partner gains access. */
import { route } from "../../../kernel/action-context.ts"
import { linkCasesByTwo } from "../actions/link-cases.ts"
import { byId } from "../../../kernel/schemas.ts"
import { newLinkAnswer, newLinkBody } from "../schemas.ts"

export const linkRoutes = [
    route(
        {
            side: "console",
            method: "POST",
            path: "/api/cases/{id}/links",
            permission: "case:write",
            summary:
                "Links a case as a bypass or variant of another; where a partner gains access, requests a " +
                "second signature",
            params: byId,
            body: newLinkBody,
            answer: newLinkAnswer,
        },
        async ({ params, body: { to, kind, approval }, ...ctx }) =>
            await linkCasesByTwo(ctx, { from: params.id, to, kind }, approval),
    ),
]

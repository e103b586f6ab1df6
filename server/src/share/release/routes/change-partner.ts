/**
 * HTTP routes of the operator for a partner's tier, admission and reporting duties: one person narrows, two people
 * widen.
 */
import { Type } from "typebox"
import { route } from "../../../kernel/action-context.ts"
import { dutyShape } from "../../../trust/partners/reporting-duties/reporting-duties.ts"
import { tiers } from "../../../trust/partners/partner.ts"
import { changeStatusByTwo, changeTierByTwo, setDutiesByTwo } from "../actions/change-partner.ts"
import { byId, closed, id, orNull } from "../../../kernel/schemas.ts"
import { approval } from "../schemas.ts"

const decision = {
    method: "PUT",
    side: "console",
    params: byId,
    answer: Type.Object({ done: Type.Boolean(), approval: orNull(id) }),
} as const

export const partnerRoutes = [
    route(
        {
            ...decision,
            permission: "partner:write",
            path: "/api/partners/{id}/tier",
            summary: "Sets the tier; takes a second person's approval of what it opens, also to lower the tier",
            body: Type.Object({ tier: Type.Enum([...tiers]), approval }, closed),
        },
        async ({ params, body, ...ctx }) => await changeTierByTwo(ctx, params.id, body.tier, body.approval),
    ),
    route(
        {
            ...decision,
            permission: "partner:write",
            path: "/api/partners/{id}/status",
            summary:
                "Invites, admits or declines a partner; admission takes a second person's approval of what it opens",
            body: Type.Object(
                {
                    status: Type.Union([Type.Literal("invited"), Type.Literal("active"), Type.Literal("declined")]),
                    approval,
                },
                closed,
            ),
        },
        async ({ params, body, ...ctx }) => await changeStatusByTwo(ctx, params.id, body.status, body.approval),
    ),
    route(
        {
            ...decision,
            permission: "partner:write",
            path: "/api/partners/{id}/reporting-duties",
            summary:
                "Sets the reporting duties, each with its source; relaxing them takes a second person's " +
                "approval of what it opens",
            body: Type.Object({ duties: Type.Array(dutyShape, { maxItems: 20 }), approval }, closed),
        },
        async ({ params, body, ...ctx }) => await setDutiesByTwo(ctx, params.id, body.duties, body.approval),
    ),
]

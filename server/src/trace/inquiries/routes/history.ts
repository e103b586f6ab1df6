/** Who is kept out of an inquiry, its closing, and its opening again. */
import { Type } from "typebox"
import { route } from "../../../kernel/action-context.ts"
import { closeInquiry, reopenInquiry } from "../actions/close-inquiry.ts"
import { excludePerson } from "../actions/exclude-person.ts"
import { outcomes } from "../history.ts"
import { byId, closed, id, nothing } from "./present.ts"

const console = { side: "console" as const, method: "POST" as const, params: byId, answer: nothing }

export const courseRoutes = [
    route(
        {
            ...console,
            path: "/api/inquiries/{id}/exclude",
            // A member who only signs may have a stake too, and says so.
            permission: "inquiry:read",
            summary:
                "Keeps out who has a stake: a member, who is none from then on, or somebody who shall never be one",
            body: Type.Object({ person: id, reason: Type.String() }, closed),
        },
        async ({ body, params, ...ctx }) => {
            await excludePerson(ctx, params.id, body.person, body.reason)
            return {}
        },
    ),
    route(
        {
            ...console,
            path: "/api/inquiries/{id}/close",
            permission: "inquiry:write",
            summary:
                "Closes an inquiry with an outcome; it is read from then on, and not changed. Its provisions end, but for those carried on",
            body: Type.Object(
                {
                    outcome: Type.Union(outcomes.map((outcome) => Type.Literal(outcome))),
                    reason: Type.String(),
                    carried: Type.Optional(Type.Array(id, { maxItems: 100 })),
                },
                closed,
            ),
        },
        async ({ body, params, ...ctx }) => {
            await closeInquiry(ctx, params.id, body.outcome, body.reason, body.carried)
            return {}
        },
    ),
    route(
        {
            ...console,
            path: "/api/inquiries/{id}/reopen",
            permission: "inquiry:write",
            summary: "Opens a closed inquiry again, with a reason",
            body: Type.Object({ reason: Type.String() }, closed),
        },
        async ({ body, params, ...ctx }) => {
            await reopenInquiry(ctx, params.id, body.reason)
            return {}
        },
    ),
]

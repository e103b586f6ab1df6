/** Routes to exclude people, and to close and reopen inquiries. */
import { Type } from "typebox"
import { route } from "../../../kernel/action-context.ts"
import { closeInquiry, reopenInquiry } from "../actions/close-inquiry.ts"
import { excludePerson } from "../actions/exclude-person.ts"
import { outcomes } from "../history.ts"
import { byId, closed, id, emptyAnswer } from "../../../kernel/schemas.ts"

const console = { side: "console" as const, method: "POST" as const, params: byId, answer: emptyAnswer }

export const statusRoutes = [
    route(
        {
            ...console,
            path: "/api/inquiries/{id}/exclude",
            // A member who only signs may have a stake too.
            permission: "inquiry:read",
            summary: "Excludes a person with a stake permanently, member or not",
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
            summary: "Closes an inquiry with an outcome; its tracing instructions end unless extended",
            body: Type.Object(
                {
                    outcome: Type.Enum([...outcomes]),
                    reason: Type.String(),
                    extended: Type.Optional(Type.Array(id, { maxItems: 100 })),
                },
                closed,
            ),
        },
        async ({ body, params, ...ctx }) => {
            await closeInquiry(ctx, params.id, body.outcome, body.reason, body.extended)
            return {}
        },
    ),
    route(
        {
            ...console,
            path: "/api/inquiries/{id}/reopen",
            permission: "inquiry:write",
            summary: "Reopens a closed inquiry, with a reason",
            body: Type.Object({ reason: Type.String() }, closed),
        },
        async ({ body, params, ...ctx }) => {
            await reopenInquiry(ctx, params.id, body.reason)
            return {}
        },
    ),
]

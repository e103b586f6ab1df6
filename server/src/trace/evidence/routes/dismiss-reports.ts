/** Reports of exploitation that two people decide not to count, over HTTP. */
import { Type } from "typebox"
import { route } from "../../../kernel/action-context.ts"
import { dismissReports } from "../actions/dismiss-reports.ts"

const closed = { additionalProperties: false }
const id = Type.String({ format: "uuid" })

export const dismissalRoutes = [
    route(
        {
            side: "console",
            method: "POST",
            path: "/api/cases/{id}/dismiss-reports",
            permission: "exploitation:dismiss",
            summary:
                "Dismisses the reports by which a case counts as exploited, which takes a second person's approval of what it opens; a later report counts again",
            params: Type.Object({ id }, closed),
            body: Type.Object({ reason: Type.String(), approval: Type.Optional(id) }, closed),
            answer: Type.Object({ done: Type.Boolean(), approval: id }),
        },
        async ({ params, body, ...ctx }) => await dismissReports(ctx, params.id, body),
    ),
]

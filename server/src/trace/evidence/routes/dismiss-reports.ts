/** Route to dismiss reports of exploitation, which takes two people. */
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
                "Dismisses the reports that count as exploitation of a case; needs a second signature on what " +
                "it opens, and later reports count again",
            params: Type.Object({ id }, closed),
            body: Type.Object({ reason: Type.String(), approval: Type.Optional(id) }, closed),
            answer: Type.Object({ done: Type.Boolean(), approval: id }),
        },
        async ({ params, body, ...ctx }) => await dismissReports(ctx, params.id, body),
    ),
]

/** Route to dismiss reports of exploitation, which takes two people. */
import { route } from "../../../kernel/action-context.ts"
import { dismissReports } from "../actions/dismiss-reports.ts"
import { byId } from "../../../kernel/schemas.ts"
import { dismissReportsCaseAnswer, dismissReportsCaseBody } from "../schemas.ts"

export const dismissalRoutes = [
    route(
        {
            side: "console",
            method: "POST",
            path: "/api/cases/{id}/dismiss-reports",
            permission: "exploitation:dismiss",
            summary:
                "Dismisses the reports that count as exploitation of a case; needs a second signature, and later " +
                "reports count again",
            params: byId,
            body: dismissReportsCaseBody,
            answer: dismissReportsCaseAnswer,
        },
        async ({ params, body, ...ctx }) => await dismissReports(ctx, params.id, body),
    ),
]

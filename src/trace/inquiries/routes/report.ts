/** The report of an inquiry: for its members, who hand it on to whom they see fit. */
import { Type } from "typebox"
import { route } from "../../../trust/audit/actions.ts"
import { makeReport } from "../actions/reporting.ts"
import { byId } from "./presenting.ts"

export const reportRoute = route(
    {
        side: "console",
        method: "POST",
        path: "/api/inquiries/{id}/report",
        needs: "inquiry:write",
        does: "Makes the report: a bundle for `tocsin verify`, and the same as a page to print; that it was made is on record",
        params: byId,
        answer: Type.Object({ bundle: Type.String(), page: Type.String(), sha256: Type.String() }),
    },
    async (ask) => ({ ...(await makeReport(ask, ask.params.id)) }),
)

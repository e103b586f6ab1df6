/** The report of an inquiry: for its members, who hand it on to whom they see fit. */
import { Type } from "typebox"
import { After } from "../../../kernel/route.ts"
import { setAsPdf } from "../../../platform/sandbox/pdf.ts"
import { route } from "../../../kernel/action-context.ts"
import { makeReport } from "../actions/export-report.ts"
import { byId, orNull } from "./present.ts"

export const reportRoute = route(
    {
        side: "console",
        method: "POST",
        path: "/api/inquiries/{id}/export-report",
        permission: "inquiry:write",
        summary:
            "Makes the report: a bundle for `tocsin verify`, and the same as a page and as PDF; that it was made is on record",
        params: byId,
        answer: Type.Object({
            bundle: Type.String(),
            page: Type.String(),
            sha256: Type.String(),
            /** In Base64; null where it is too long for one. */
            pdf: orNull(Type.String()),
        }),
    },
    async (ask) => {
        const { paper, madeAt, ...rest } = await makeReport(ask, ask.params.id)
        // What the record's numbers are locked for is over by then: nobody waits for the PDF but who asked.
        return new After(async () => ({ ...rest, pdf: (await setAsPdf(paper, madeAt))?.toString("base64") ?? null }))
    },
)

/** Route of the report of an inquiry, for members. */
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
        summary: "Makes the report as a bundle for `tocsin verify`, a page and a PDF, and records it",
        params: byId,
        answer: Type.Object({
            bundle: Type.String(),
            page: Type.String(),
            sha256: Type.String(),
            /** The PDF in Base64; null where the report is too long for one. */
            pdf: orNull(Type.String()),
        }),
    },
    async (ask) => {
        const { paper, madeAt, ...rest } = await makeReport(ask, ask.params.id)
        // The lock on the audit log's sequencing is released by then, so only the requester waits for the PDF.
        return new After(async () => ({ ...rest, pdf: (await setAsPdf(paper, madeAt))?.toString("base64") ?? null }))
    },
)

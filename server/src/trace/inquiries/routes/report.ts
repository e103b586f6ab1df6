/** Route of the report of an inquiry, for members. */
import { After } from "../../../kernel/route.ts"
import { setAsPdf } from "../../../platform/sandbox/pdf.ts"
import { route } from "../../../kernel/action-context.ts"
import { makeReport } from "../actions/export-report.ts"
import { byId } from "../../../kernel/schemas.ts"
import { exportReportInquiryAnswer } from "../schemas.ts"

export const reportRoute = route(
    {
        side: "console",
        method: "POST",
        path: "/api/inquiries/{id}/export-report",
        permission: "inquiry:write",
        summary: "Makes the report as a bundle for `tocsin verify`, a page and a PDF, and records it",
        params: byId,
        answer: exportReportInquiryAnswer,
    },
    async (ask) => {
        const { paper, madeAt, ...rest } = await makeReport(ask, ask.params.id)
        // The lock on the audit log's sequencing is released by then, so only the requester waits for the PDF.
        return new After(async () => ({ ...rest, pdf: (await setAsPdf(paper, madeAt))?.toString("base64") ?? null }))
    },
)

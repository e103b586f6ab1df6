/** Route of the report of an inquiry, for members. */
import { DeferredAnswer } from "../../../kernel/route.ts"
import { renderPdf } from "../../../platform/sandbox/pdf.ts"
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
        needsConfirmation: true,
        summary: "Makes the report as a bundle for `tocsin verify`, a page and a PDF, and records it",
        params: byId,
        answer: exportReportInquiryAnswer,
    },
    async (ctx) => {
        const { document, createdAt, ...rest } = await makeReport(ctx, ctx.params.id)
        // The lock on the audit log's sequencing is released by then, so only the requester waits for the PDF.
        return new DeferredAnswer(async () => ({
            ...rest,
            pdf: (await renderPdf(document, createdAt))?.toString("base64") ?? null,
        }))
    },
)

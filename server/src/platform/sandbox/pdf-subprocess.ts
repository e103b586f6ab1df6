/**
 * The program of the process in which a paper is set as a PDF: one paper as JSON on standard input, one PDF in Base64
 * on standard output. It may read its fonts and its own code, nothing else.
 */
import type { Instant } from "@tocsin/base/instant"
import type { ReportDocument } from "../../models/report-document.ts"
import { type PdfFonts, writePdf } from "../pdf/write-pdf.ts"

interface PdfRequest {
    readonly report: ReportDocument
    readonly createdAt: Instant
    readonly fonts: PdfFonts
}

const chunks: Buffer[] = []
for await (const chunk of process.stdin) chunks.push(chunk as Buffer)
const { report, createdAt, fonts } = JSON.parse(Buffer.concat(chunks).toString("utf8")) as PdfRequest
process.stdout.write(Buffer.from(writePdf(report, createdAt, fonts)).toString("base64"))

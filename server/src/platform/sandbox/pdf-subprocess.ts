/**
 * Main program of the subprocess that renders reports. It reads one report as JSON from standard input and writes one
 * PDF in Base64 to standard output. It may read only its fonts and its own code.
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

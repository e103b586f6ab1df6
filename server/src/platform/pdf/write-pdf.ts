/**
 * Writes a report document as a tagged PDF on A4, with embedded fonts, an outline and searchable text. The PDF contains
 * the report and its date, and no author or program. The same report gives the same bytes.
 */
import PDFDocument from "pdfkit"
import type { Instant } from "@tocsin/base/instant"
import type { ReportDocument } from "../../models/report-document.ts"
import { type PdfLimits, layOutReport } from "./layout.ts"
import { visibleText } from "./runs.ts"
import { loadTypeface } from "./typeface.ts"

export const pdfLimits: PdfLimits = { charsMax: 4_000_000, pagesMax: 2000 }

export interface PdfFonts {
    /** Paths of the font files. */
    readonly regular: string
    readonly bold: string
}

/** Writes the PDF. Refuses `pdf.too_long`. */
export function writePdf(
    report: ReportDocument,
    createdAt: Instant,
    fonts: PdfFonts,
    limits: PdfLimits = pdfLimits,
): Uint8Array {
    const faces = { regular: loadTypeface(fonts.regular), bold: loadTypeface(fonts.bold) }
    const document = new PDFDocument({
        pdfVersion: "1.7",
        size: "A4",
        margin: 0,
        lang: "en",
        tagged: true,
        displayTitle: true,
        bufferPages: true,
        font: "",
        info: { Title: visibleText(report.name), CreationDate: new Date(createdAt) },
    })
    document.registerFont("regular", fonts.regular).registerFont("bold", fonts.bold)
    delete document.info.Producer
    delete document.info.Creator
    // The library writes XMP for newer versions only, and does not escape the title in it.
    document.version = 1.3
    layOutReport(report, document, faces, limits)
    document.end()
    return document.read() as Uint8Array
}

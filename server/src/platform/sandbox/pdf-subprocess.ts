/**
 * The program of the process in which a paper is set as a PDF: one paper as JSON on standard input, one PDF in Base64 on
 * standard output. It may read its fonts and its own code, nothing else.
 */
import { readFileSync } from "node:fs"
import { deflateSync, inflateSync } from "node:zlib"
import type { Instant } from "@tocsin/base/instant"
import type { Paper } from "../../models/report-document.ts"
import { pdfLimits, writePdf } from "../pdf/document.ts"
import { readFont } from "../pdf/font.ts"

interface Question {
    readonly paper: Paper
    readonly madeAt: Instant
    /** Paths. */
    readonly fonts: { readonly regular: string; readonly bold: string }
}

const chunks: Buffer[] = []
for await (const chunk of process.stdin) chunks.push(chunk as Buffer)
const { paper, madeAt, fonts } = JSON.parse(Buffer.concat(chunks).toString("utf8")) as Question
const read = (path: string) => readFont(readFileSync(path), inflateSync)
const making = {
    fonts: { regular: read(fonts.regular), bold: read(fonts.bold) },
    deflate: (bytes: Uint8Array) => deflateSync(bytes, { level: 9 }),
    limits: pdfLimits,
}
process.stdout.write(Buffer.from(writePdf(paper, madeAt, making)).toString("base64"))

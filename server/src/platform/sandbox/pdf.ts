/** Renders reports as PDF in a subprocess with limits. A long report takes seconds, and its text is untrusted. */
import { createRequire } from "node:module"
import type { Instant } from "@tocsin/base/instant"
import type { ReportDocument } from "../../models/report-document.ts"
import { type SandboxLimits, codePaths, runInSubprocess } from "./sandbox.ts"

const limits: SandboxLimits = { timeMs: 45_000, memoryMb: 1024, answerBytesMax: 32 * 1024 * 1024 }

const entry = new URL(import.meta.url.endsWith(".ts") ? "./pdf-subprocess.ts" : "./pdf-subprocess.js", import.meta.url)

const fontFor = (style: string): string =>
    createRequire(import.meta.url).resolve(`dejavu-fonts-ttf/ttf/DejaVuSans${style}.ttf`)

/** Renders one report at a time, so that other subprocess work always has a place. */
let lastRender: Promise<unknown> = Promise.resolve()

/** Returns the PDF; null where it exceeds a limit of characters, pages or time. Call it outside of transactions. */
export async function renderPdf(
    report: ReportDocument,
    createdAt: Instant,
    sandboxLimits: SandboxLimits = limits,
): Promise<Buffer | null> {
    const render = lastRender.then(() => renderInSubprocess(report, createdAt, sandboxLimits))
    lastRender = render.catch(() => undefined)
    return await render
}

async function renderInSubprocess(
    report: ReportDocument,
    createdAt: Instant,
    sandboxLimits: SandboxLimits,
): Promise<Buffer | null> {
    const question = { report, createdAt, fonts: { regular: fontFor(""), bold: fontFor("-Bold") } }
    const sandboxed = await runInSubprocess(entry, codePaths(entry), JSON.stringify(question), sandboxLimits)
    return "ended" in sandboxed ? null : Buffer.from(sandboxed.answer, "base64")
}

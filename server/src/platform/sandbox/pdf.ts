/**
 * Sets papers as PDF. A long one takes seconds, which nobody else's request waits for; and what stands in it is
 * anybody's words. So it is done in a process of its own, with limits.
 */
import { createRequire } from "node:module"
import type { Instant } from "@tocsin/base/instant"
import type { ReportDocument } from "../../models/report-document.ts"
import { type SandboxLimits, codePaths, runInSubprocess } from "./sandbox.ts"

const limits: SandboxLimits = { timeMs: 45_000, memoryMb: 1024, answerBytesMax: 32 * 1024 * 1024 }

const entry = new URL(import.meta.url.endsWith(".ts") ? "./pdf-subprocess.ts" : "./pdf-subprocess.js", import.meta.url)

const fontFor = (style: string): string =>
    createRequire(import.meta.url).resolve(`dejavu-fonts-ttf/ttf/DejaVuSans${style}.ttf`)

/** One at a time: what else is done apart, for partners too, always finds a place. */
let lastRender: Promise<unknown> = Promise.resolve()

/** Null where it is beyond the limits: of signs, of pages, or of time. To be asked for when no transaction is open. */
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

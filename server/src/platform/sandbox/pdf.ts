/**
 * Sets papers as PDF. A long one takes seconds, which nobody else's request waits for; and what stands in it is
 * anybody's words. So it is done in a process of its own, with limits.
 */
import { createRequire } from "node:module"
import type { Instant } from "@tocsin/base/instant"
import type { Paper } from "../../models/report-document.ts"
import { type SandboxLimits, codeAround, runApart } from "./sandbox.ts"

const limits: SandboxLimits = { timeMs: 45_000, memoryMb: 1024, answerBytesMax: 32 * 1024 * 1024 }

const entry = new URL(import.meta.url.endsWith(".ts") ? "./pdf-subprocess.ts" : "./pdf-subprocess.js", import.meta.url)

const fontFor = (style: string): string =>
    createRequire(import.meta.url).resolve(`dejavu-fonts-ttf/ttf/DejaVuSans${style}.ttf`)

/** One at a time: what else is done apart, for partners too, always finds a place. */
let before: Promise<unknown> = Promise.resolve()

/** Null where it is beyond the limits: of signs, of pages, or of time. To be asked for when no transaction is open. */
export async function setAsPdf(paper: Paper, madeAt: Instant, most: SandboxLimits = limits): Promise<Buffer | null> {
    const input = before.then(() => set(paper, madeAt, most))
    before = input.catch(() => undefined)
    return await input
}

async function set(paper: Paper, madeAt: Instant, most: SandboxLimits): Promise<Buffer | null> {
    const question = { paper, madeAt, fonts: { regular: fontFor(""), bold: fontFor("-Bold") } }
    const sandboxed = await runApart(entry, codeAround(entry), JSON.stringify(question), most)
    return "ended" in sandboxed ? null : Buffer.from(sandboxed.answer, "base64")
}

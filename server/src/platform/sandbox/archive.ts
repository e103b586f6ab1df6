/** Extracts archives in a subprocess, which is killed after its time limit, because strangers made them. */
import type { Part } from "../../models/archive/extraction.ts"
import { decodeText } from "../../models/content-type.ts"
import { type SandboxLimits, codePaths, runInSubprocess } from "./sandbox.ts"

export const archiveLimits: SandboxLimits = { timeMs: 15_000, memoryMb: 256, answerBytesMax: 40 * 1024 * 1024 }

export interface ExtractedPart extends Omit<Part, "bytes"> {
    /** In hex; null for a part that was not extracted. */
    readonly sha256: string | null
    /** Null for a part that is not a text. */
    readonly text: string | null
}

/**
 * `ended`: the limit that stopped the extraction (`time`, `size`), or `broke` for a crash; null after a complete read.
 */
export interface SandboxedArchive {
    readonly parts: readonly ExtractedPart[]
    readonly hasMore: boolean
    readonly isWhole: boolean
    readonly ended: "time" | "size" | "broke" | null
}

const entry = new URL(
    import.meta.url.endsWith(".ts") ? "./archive-subprocess.ts" : "./archive-subprocess.js",
    import.meta.url,
)

export async function extractArchiveInSubprocess(
    archive: Uint8Array,
    limits: SandboxLimits = archiveLimits,
): Promise<SandboxedArchive> {
    const sandboxed = await runInSubprocess(entry, codePaths(entry), Buffer.from(archive).toString("base64"), limits)
    if ("ended" in sandboxed) return { parts: [], hasMore: true, isWhole: false, ended: sandboxed.ended }
    const { parts, ...rest } = JSON.parse(sandboxed.answer) as Omit<SandboxedArchive, "ended">
    const decoded = parts.map((part) => ({
        ...part,
        text: part.text && decodeText(Buffer.from(part.text, "base64")),
    }))
    return { ...rest, parts: decoded, ended: null }
}

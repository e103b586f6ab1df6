/** Extracts archives in a subprocess, which is killed after its time limit, because strangers made them. */
import type { Part } from "../../models/archive/read.ts"
import { textIn } from "../../models/content-type.ts"
import { type SandboxLimits, codeAround, runApart } from "./sandbox.ts"

export const archiveLimits: SandboxLimits = { timeMs: 15_000, memoryMb: 256, answerBytesMax: 40 * 1024 * 1024 }

export interface TakenOut extends Omit<Part, "bytes"> {
    /** In hex; null for a part that was not extracted. */
    readonly sha256: string | null
    /** Null for a part that is not a text. */
    readonly text: string | null
}

/** `ended`: it took too long, said too much, or broke what reads it; null where it was read to its end. */
export interface OpenedArchive {
    readonly parts: readonly TakenOut[]
    readonly hasMore: boolean
    readonly isWhole: boolean
    readonly ended: "time" | "size" | "broke" | null
}

const entry = new URL(
    import.meta.url.endsWith(".ts") ? "./archive-subprocess.ts" : "./archive-subprocess.js",
    import.meta.url,
)

export async function openArchiveApart(
    archive: Uint8Array,
    limits: SandboxLimits = archiveLimits,
): Promise<OpenedArchive> {
    const sandboxed = await runApart(entry, codeAround(entry), Buffer.from(archive).toString("base64"), limits)
    if ("ended" in sandboxed) return { parts: [], hasMore: true, isWhole: false, ended: sandboxed.ended }
    const { parts, ...rest } = JSON.parse(sandboxed.answer) as Omit<OpenedArchive, "ended">
    const read = parts.map((takenOut) => ({
        ...takenOut,
        text: takenOut.text && textIn(Buffer.from(takenOut.text, "base64")),
    }))
    return { ...rest, parts: read, ended: null }
}

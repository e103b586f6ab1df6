/** Finds slots in a subprocess with limits. Parsing a long text takes seconds, and must not delay other requests. */
import type { Carrier, Slot } from "@tocsin/marks/carriers/carrier"
import { slotsIfParsed } from "@tocsin/marks/carriers/registry"
import { refuse } from "@tocsin/base/refusal"
import { type SandboxLimits, codePaths, runInSubprocess } from "./sandbox.ts"

export const slotLimits: SandboxLimits = { timeMs: 60_000, memoryMb: 512, answerBytesMax: 64 * 1024 * 1024 }

/**
 * Texts up to this length are parsed in this process, because starting a subprocess takes longer. For code, this covers
 * benign code.
 */
const charsInProcessMax = 30_000
const codeCharsInProcessMax = 12_000

const entry = new URL(
    import.meta.url.endsWith(".ts") ? "./slots-subprocess.ts" : "./slots-subprocess.js",
    import.meta.url,
)

/** Whether the slots are found in a subprocess. */
export function takesLong({ name }: Carrier, text: string): boolean {
    return text.length > (name.startsWith("source:") ? codeCharsInProcessMax : charsInProcessMax)
}

/** Returns the slots of a file with this name, for its `carrier`. Refuses `mark.too_complex` beyond the limits. */
export async function locateSlots(
    carrier: Carrier,
    name: string,
    text: string,
    limits: SandboxLimits = slotLimits,
): Promise<readonly Slot[]> {
    if (!takesLong(carrier, text)) return slotsIfParsed(carrier, text)
    const sandboxed = await runInSubprocess(entry, codePaths(entry), JSON.stringify({ name, text }), limits)
    if ("ended" in sandboxed) refuse("conflict", "mark.too_complex", `the marks of \`${name}\` cannot be found in time`)
    return JSON.parse(sandboxed.answer) as Slot[]
}

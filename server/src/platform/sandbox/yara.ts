/**
 * YARA: compiles rules and runs them over samples, in a process of its own that is killed when its time is over.
 *
 * The engine's own limit of time does nothing in WebAssembly: a rule of forty characters keeps it busy for a minute.
 */
import { existsSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { type Issue, error, sortIssues, textStart } from "@tocsin/base/issue"
import { yaraFinding, yaraGuard } from "@tocsin/rules/yara"
import { type SandboxLimits, runInSubprocess } from "./sandbox.ts"

export interface YaraResult {
    readonly issues: readonly Issue[]
    /** By sample: the names of the rules that matched; null where the rules did not run. */
    readonly matched: readonly (readonly string[])[] | null
}

export const yaraLimits: SandboxLimits = { timeMs: 5000, memoryMb: 256, answerBytesMax: 4 * 1024 * 1024 }

/** What the program apart answers. */
interface EngineAnswer {
    readonly errors: readonly string[]
    readonly warnings: readonly string[]
    readonly matched: readonly (readonly string[])[]
}

const entry = new URL(
    import.meta.url.endsWith(".ts") ? "./yara-subprocess.ts" : "./yara-subprocess.js",
    import.meta.url,
)
const failures = {
    time: "the rules took too long to run",
    size: "the rules said too much",
    broke: "the rules broke the engine, or needed too much memory",
} as const

/** Codes: those of `yaraGuard`; `yara.e001` and so on as the engine's own; `yara.time`, `yara.size`, `yara.broke`. */
export async function checkYara(
    rules: string,
    samples: readonly Uint8Array[],
    limits: SandboxLimits = yaraLimits,
): Promise<YaraResult> {
    const guardIssues = yaraGuard(rules)
    if (guardIssues.length > 0) return { issues: guardIssues, matched: null }
    const question = JSON.stringify({ rules, samples: samples.map((sample) => Buffer.from(sample).toString("base64")) })
    const sandboxed = await runInSubprocess(entry, [fileURLToPath(entry), ...enginePaths()], question, limits)
    if ("ended" in sandboxed) {
        return { issues: [error(textStart, `yara.${sandboxed.ended}`, failures[sandboxed.ended])], matched: null }
    }
    const { errors, warnings, matched } = JSON.parse(sandboxed.answer) as EngineAnswer
    const issues = sortIssues([...errors, ...warnings].map(yaraFinding))
    return { issues, matched: errors.length > 0 ? null : matched }
}

/** The engine's folder, and its links on the way there: package managers differ in how they lay out packages. */
function enginePaths(): string[] {
    const found = [dirname(dirname(fileURLToPath(import.meta.resolve("@virustotal/yara-x"))))]
    for (let folder = dirname(fileURLToPath(entry)); folder !== dirname(folder); folder = dirname(folder)) {
        const link = join(folder, "node_modules/@virustotal/yara-x")
        if (existsSync(link)) found.push(link)
    }
    return [...new Set(found)]
}

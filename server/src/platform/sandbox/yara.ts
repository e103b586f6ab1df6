/**
 * Compiles YARA rules and runs them over samples, in a subprocess that is killed after its time limit.
 *
 * The engine's own time limit does nothing in WebAssembly: a rule of forty characters can keep it busy for a minute.
 */
import { existsSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { type Issue, error, sortIssues, textStart } from "@tocsin/base/issue"
import { yaraIssue, checkBeforeEngine } from "@tocsin/rules/yara"
import { type SandboxLimits, runInSubprocess } from "./sandbox.ts"

export interface YaraResult {
    readonly issues: readonly Issue[]
    /** For each sample, the names of the rules that matched; null where the rules did not run. */
    readonly matched: readonly (readonly string[])[] | null
}

export const yaraLimits: SandboxLimits = { timeMs: 5000, memoryMb: 256, answerBytesMax: 4 * 1024 * 1024 }

/** The answer of the subprocess. */
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
    size: "the rules gave too much output",
    broke: "the rules crashed the engine or exceeded its memory",
} as const

/**
 * Returns the issues of the rules. Codes: those of `checkBeforeEngine`; `yara.e001` and so on from the engine;
 * `yara.time`, `yara.size`, `yara.broke`.
 */
export async function checkYara(
    rules: string,
    samples: readonly Uint8Array[],
    limits: SandboxLimits = yaraLimits,
): Promise<YaraResult> {
    const guardIssues = checkBeforeEngine(rules)
    if (guardIssues.length > 0) return { issues: guardIssues, matched: null }
    const question = JSON.stringify({ rules, samples: samples.map((sample) => Buffer.from(sample).toString("base64")) })
    const sandboxed = await runInSubprocess(entry, [fileURLToPath(entry), ...enginePaths()], question, limits)
    if ("ended" in sandboxed) {
        return { issues: [error(textStart, `yara.${sandboxed.ended}`, failures[sandboxed.ended])], matched: null }
    }
    const { errors, warnings, matched } = JSON.parse(sandboxed.answer) as EngineAnswer
    const issues = sortIssues([...errors, ...warnings].map(yaraIssue))
    return { issues, matched: errors.length > 0 ? null : matched }
}

/** Returns the engine's folder, and the links on its path, since package managers lay out packages differently. */
function enginePaths(): string[] {
    const found = [dirname(dirname(fileURLToPath(import.meta.resolve("@virustotal/yara-x"))))]
    for (let folder = dirname(fileURLToPath(entry)); folder !== dirname(folder); folder = dirname(folder)) {
        const link = join(folder, "node_modules/@virustotal/yara-x")
        if (existsSync(link)) found.push(link)
    }
    return [...new Set(found)]
}

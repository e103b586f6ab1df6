/**
 * Checks Suricata rules by `suricata -T`, where it is installed.
 *
 * The rules go in by standard input, because an embargoed rule must never be a file. Its log goes to a folder that is
 * deleted afterwards. Suricata opens its input by name, which fails for a socket from Node. So a shell puts a real pipe
 * between them.
 */
import { spawn } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type Issue, error, sortIssues, textStart } from "@tocsin/base/issue"

export interface SuricataProgram {
    readonly path: string
    readonly timeMs: number
}

export const suricataProgram: SuricataProgram = { path: "suricata", timeMs: 20_000 }

/** The exit code of a shell for a missing program. */
const commandNotFoundCode = 127

const outputCharsMax = 1024 * 1024

/**
 * Returns the engine's issues with the rules; null where it is not installed. Codes: `suricata.engine`,
 * `suricata.time`.
 */
export async function checkSuricata(
    rules: string,
    program: SuricataProgram = suricataProgram,
): Promise<readonly Issue[] | null> {
    const folder = mkdtempSync(join(tmpdir(), "suricata-"))
    try {
        const result = await run(rules, folder, program)
        if (result === null) return null
        if (result.isLate) return [error(textStart, "suricata.time", "`suricata -T` took too long")]
        const issues = result.output.split("\n").flatMap(issueOf)
        if (result.code === 0 || issues.length > 0) return sortIssues(issues)
        return [error(textStart, "suricata.engine", "`suricata -T` refused these rules without a line number")]
    } finally {
        rmSync(folder, { recursive: true, force: true })
    }
}

interface SuricataOutput {
    readonly code: number | null
    readonly output: string
    readonly isLate: boolean
}

function run(rules: string, folder: string, { path, timeMs }: SuricataProgram): Promise<SuricataOutput | null> {
    // If the home network is any address, the external network must be too. The default `!$HOME_NET` would be empty.
    const nets = ["HOME_NET", "EXTERNAL_NET"].flatMap((net) => ["--set", `vars.address-groups.${net}=any`])
    const args = ["-T", "-S", "/dev/stdin", "-l", folder, ...nets]
    const options = { cwd: folder, env: { PATH: process.env["PATH"] ?? "" }, stdio: "pipe", detached: true } as const
    const child = spawn("sh", ["-c", 'cat | exec "$0" "$@"', path, ...args], options)
    return new Promise((resolve) => {
        let [output, isLate] = ["", false]
        const timer = setTimeout(() => {
            isLate = true
            // The shell and its children are one process group.
            if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL")
        }, timeMs)
        const collect = (chunk: Buffer) => {
            if (output.length < outputCharsMax) output += chunk.toString("utf8")
        }
        child.stdout.on("data", collect)
        child.stderr.on("data", collect)
        child.stdin.on("error", () => undefined)
        child.on("error", () => {
            clearTimeout(timer)
            resolve(null)
        })
        child.on("close", (code) => {
            clearTimeout(timer)
            resolve(code === commandNotFoundCode ? null : { code, output, isLate })
        })
        child.stdin.end(rules)
    })
}

/** Returns the issue of a log line `error parsing signature "…" from file … at line 3`; none for other lines. */
function issueOf(line: string): Issue[] {
    const match = /error parsing signature .* at line (\d{1,7})/.exec(line)
    if (match === null) return []
    return [error({ line: Number(match[1]), column: 1 }, "suricata.engine", "`suricata -T` refuses this rule")]
}

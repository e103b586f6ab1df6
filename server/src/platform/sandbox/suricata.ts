/**
 * The second opinion on Suricata rules: `suricata -T`, where the program is installed.
 *
 * The rules go in by standard input: an embargoed rule is never a file. What the program logs goes to a folder that
 * is gone when it ends. The program opens its input by name, which a socket, as Node hands it over, does not allow:
 * so a shell puts a real pipe between.
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

/** What a shell ends with where there is no such program. */
const commandNotFoundCode = 127

const outputCharsMax = 1024 * 1024

/** What the engine says of the rules; null where it is not installed. Codes: `suricata.engine`, `suricata.time`. */
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
        return [error(textStart, "suricata.engine", "`suricata -T` refused these rules, and did not say where")]
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
            // The shell and all that it started are one group.
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

/** `error parsing signature "…" from file … at line 3`, and nothing of what else it says. */
function issueOf(line: string): Issue[] {
    const match = /error parsing signature .* at line (\d{1,7})/.exec(line)
    if (match === null) return []
    return [error({ line: Number(match[1]), column: 1 }, "suricata.engine", "`suricata -T` does not take this rule")]
}

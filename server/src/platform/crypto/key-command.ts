/** Gets the key from a command of the operator, which asks a key management service or a security module. */
import { execFile } from "node:child_process"
import { promisify } from "node:util"
import { refuse } from "@tocsin/base/refusal"

/** Runs an executable without arguments, and returns what it prints. Refuses `keys.command_failed`. */
export async function runKeyCommand(command: string, msMax = 60_000): Promise<string> {
    try {
        const { stdout } = await promisify(execFile)(command, [], { timeout: msMax, maxBuffer: 4096 })
        return stdout
    } catch (error) {
        const { code, killed } = error as { readonly code?: unknown; readonly killed?: boolean }
        const end = killed === true ? "it took too long" : `it ended with \`${String(code)}\``
        refuse("missing", "keys.command_failed", `\`${command}\` gave no key: ${end}`)
    }
}

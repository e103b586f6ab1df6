/** `tocsin`: every command, each in a file of its own. Results on stdout, messages on stderr. */
import { Command, CommanderError } from "commander"
import { markCommand } from "./cli/mark.ts"
import { traceCommand } from "./cli/trace.ts"
import { verifyCommand } from "./cli/verify.ts"
import { Refusal } from "./lib/refusal.ts"
import { loadParser } from "./platform/grammars.ts"
import { demoCommand } from "./run/demo.ts"

const exitOf = { done: 0, refused: 1, wrongUse: 2 } as const

const program = new Command("tocsin")
    .description("a self-hosted early-warning system for vulnerabilities")
    .showHelpAfterError()
    .exitOverride()

demoCommand(program)
markCommand(program, loadParser)
traceCommand(program, loadParser)
verifyCommand(program)

try {
    await program.parseAsync()
} catch (error) {
    process.exitCode = exitCodeOf(error)
}

function exitCodeOf(error: unknown): number {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitOf.done : exitOf.wrongUse
    if (!(error instanceof Refusal)) throw error
    process.stderr.write(`tocsin: ${error.message} (${error.code})\n`)
    return exitOf.refused
}

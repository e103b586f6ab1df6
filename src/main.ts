/** `tocsin`: runs one command. Results on stdout, messages on stderr. */
import { CommanderError } from "commander"
import { makeCommands } from "./commands.ts"
import { Refusal } from "./lib/refusal.ts"

const exitOf = { done: 0, refused: 1, wrongUse: 2 } as const

/** A reader that closes the pipe early is not an error: `tocsin pull | head`. */
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error
})

try {
    await makeCommands(process.env).parseAsync()
} catch (error) {
    process.exitCode = exitCodeOf(error)
}

function exitCodeOf(error: unknown): number {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitOf.done : exitOf.wrongUse
    if (!(error instanceof Refusal)) throw error
    process.stderr.write(`tocsin: ${error.message} (${error.code})\n`)
    return exitOf.refused
}

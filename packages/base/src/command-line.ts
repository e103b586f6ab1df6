/** Handles the input and output of commands: where lines go, and which exit code a command returns. */
import { Refusal } from "./refusal.ts"

/** The outputs of a command: results and messages. */
export interface CommandOutput {
    readonly result: (line: string) => void
    readonly message: (line: string) => void
}

/** Writes to the process's own outputs. */
export const processOutput: CommandOutput = {
    result: (line) => process.stdout.write(`${line}\n`),
    message: (line) => process.stderr.write(`${line}\n`),
}

/**
 * The exit code. 0: success. 1: refused, or a negative answer. 2: wrong usage, such as a missing file. 3: done as far
 * as possible, and a held artifact was recalled (`tocsin pull`).
 */
export type ExitCode = 0 | 1 | 2 | 3

/** Wrong usage of a command, as opposed to a refusal. */
export class UsageError extends Error {}

/** Runs a command's work and turns errors into a message and an exit code. */
export async function runWithExitCode(output: CommandOutput, work: () => Promise<ExitCode>): Promise<ExitCode> {
    try {
        return await work()
    } catch (error) {
        if (error instanceof Refusal) output.message(`refused: ${error.message} (${error.code})`)
        else if (error instanceof UsageError) output.message(error.message)
        else throw error
        return error instanceof Refusal ? 1 : 2
    }
}

/** Reads the `code` of an error. */
export function codeOf(error: unknown): unknown {
    return error instanceof Error && "code" in error ? error.code : null
}

/** The part of a commander command tree that is needed here. */
interface Program {
    name(): string
    parseAsync(): Promise<unknown>
}

/**
 * Runs a command and sets the exit code: 0 success, 1 refused, 2 wrong usage. A reader may close the pipe early, as in
 * `tocsin pull | head`.
 */
export async function runCommands(program: Program): Promise<void> {
    process.stdout.on("error", (error: NodeJS.ErrnoException) => {
        if (error.code !== "EPIPE") throw error
    })
    try {
        await program.parseAsync()
    } catch (error) {
        if (error instanceof Refusal) {
            process.stderr.write(`${program.name()}: ${error.message} (${error.code})\n`)
            process.exitCode = 1
        } else if (isUsage(error)) process.exitCode = error.exitCode === 0 ? 0 : 2
        else throw error
    }
}

const isUsage = (error: unknown): error is { readonly exitCode: number } =>
    error instanceof Error && "exitCode" in error && error.name === "CommanderError"

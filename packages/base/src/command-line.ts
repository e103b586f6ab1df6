/** A command's input and output: where its lines go, and which exit code its end has. */
import { Refusal } from "./refusal.ts"

/** Where lines go: results to one side, messages to the other. */
export interface Io {
    readonly result: (line: string) => void
    readonly message: (line: string) => void
}

export const realIo: Io = {
    result: (line) => process.stdout.write(`${line}\n`),
    message: (line) => process.stderr.write(`${line}\n`),
}

/**
 * 0: done. 1: refused, or the answer is no. 2: wrong use: a file that is not there, a number that is none. 3: done as
 * far as it could be, and something that is held was recalled (`tocsin pull`).
 */
export type ExitCode = 0 | 1 | 2 | 3

/** Wrong use of the command, as opposed to a refusal. */
export class WrongUse extends Error {}

/** Runs a command's work and turns what goes wrong into a message and an exit code. */
export async function answered(io: Io, work: () => Promise<ExitCode>): Promise<ExitCode> {
    try {
        return await work()
    } catch (error) {
        if (error instanceof Refusal) io.message(`refused: ${error.message} (${error.code})`)
        else if (error instanceof WrongUse) io.message(error.message)
        else throw error
        return error instanceof Refusal ? 1 : 2
    }
}

export function codeOf(error: unknown): unknown {
    return error instanceof Error && "code" in error ? error.code : null
}

/** A tree of commands, as commander has it. */
interface Program {
    name(): string
    parseAsync(): Promise<unknown>
}

/** Runs a command and sets the exit code: 0 done, 1 refused, 2 wrong usage. A reader may close the pipe early: `tocsin pull | head`. */
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

/** Reads passphrases and shares: from a terminal without showing them, or line by line from a pipe. */
import readline from "node:readline"
import { Writable } from "node:stream"

export interface SecretReader {
    readonly isTerminal: boolean
    /** Asks, and returns one line; null at the end of the input. */
    readonly next: (prompt: string) => Promise<string | null>
    readonly close: () => void
}

/** Reads from standard input. One reader must read all lines, because it may have read ahead. */
export function openSecretReader(): SecretReader {
    const isTerminal = process.stdin.isTTY === true
    const silent = new Writable({ write: (_chunk, _encoding, done) => done() })
    const lines = readline.createInterface({ input: process.stdin, output: silent, terminal: isTerminal })
    // A command that handles the signal must not wait for another line.
    lines.on("SIGINT", () => {
        lines.close()
        process.kill(process.pid, "SIGINT")
    })
    const iterator = lines[Symbol.asyncIterator]()
    return {
        isTerminal,
        next: async (prompt) => {
            if (isTerminal) process.stderr.write(prompt)
            const { value, done } = await iterator.next()
            if (isTerminal) process.stderr.write("\n")
            return done === true ? null : value
        },
        close: () => lines.close(),
    }
}

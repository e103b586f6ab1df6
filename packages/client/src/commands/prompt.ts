/** Asks the person at the terminal. Without a terminal, each answer is null. */
import { createInterface } from "node:readline"
import type { Readable } from "node:stream"
import { Writable } from "node:stream"
import type { TerminalPrompt } from "../age-plugin.ts"

type Terminal<T> = T & { readonly isTTY?: boolean }

/** Returns a prompt that shows text by `show` and reads from `input`. `output` echoes all but secret answers. */
export function promptAt(
    input: Terminal<Readable>,
    output: Terminal<Writable>,
    show: (text: string) => void,
): TerminalPrompt {
    const isTerminal = (): boolean => input.isTTY === true && output.isTTY === true
    return {
        show,
        ask: async (text, isSecret) => {
            if (!isTerminal()) return null
            show(isSecret ? `${text} (it is not shown)` : text)
            return await readTypedLine(input, isSecret ? null : output)
        },
        choose: async (text, yes, no) => {
            if (!isTerminal()) return null
            show(text)
            show(no === null ? `y: ${yes}` : `y: ${yes}, n: ${no}`)
            const answer = (await readTypedLine(input, output))?.trim().toLowerCase()
            if (answer === "y") return true
            return no !== null && answer === "n" ? false : null
        },
    }
}

/** Reads one line, without an echo if `output` is null; null if no line comes. */
export async function readTypedLine(input: Readable, output: Writable | null): Promise<string | null> {
    const silent = new Writable({ write: (_piece, _encoding, done) => done() })
    const lines = createInterface({ input, output: output ?? silent, terminal: true })
    try {
        const { promise, resolve } = Promise.withResolvers<string | null>()
        lines.once("line", resolve)
        lines.once("close", () => resolve(null))
        return await promise
    } finally {
        lines.close()
    }
}

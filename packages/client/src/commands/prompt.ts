/** Asks the person at the terminal. Without a terminal, there is no person to ask. */
import { createInterface } from "node:readline"
import type { Readable } from "node:stream"
import { Writable } from "node:stream"
import type { Person } from "../age-plugin.ts"

type Terminal<Of> = Of & { readonly isTTY?: boolean }

/** Builds a person that reads `tell` and types into `input`. `output` echoes the input unless it is secret. */
export function personAt(input: Terminal<Readable>, output: Terminal<Writable>, tell: (text: string) => void): Person {
    const isThere = (): boolean => input.isTTY === true && output.isTTY === true
    return {
        tell,
        ask: async (text, isSecret) => {
            if (!isThere()) return null
            tell(isSecret ? `${text} (it is not shown)` : text)
            return await typed(input, isSecret ? null : output)
        },
        choose: async (text, yes, no) => {
            if (!isThere()) return null
            tell(text)
            tell(no === null ? `y: ${yes}` : `y: ${yes}, n: ${no}`)
            const answer = (await typed(input, output))?.trim().toLowerCase()
            if (answer === "y") return true
            return no !== null && answer === "n" ? false : null
        },
    }
}

/** Reads one line, without an echo if `output` is null; null if no line comes. */
export async function typed(input: Readable, output: Writable | null): Promise<string | null> {
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

/** A partner's machine for tests: a home folder, and the output of commands. */
import fs from "node:fs"
import os from "node:os"
import path from "node:path"
import type { World } from "@tocsin/client/commands/connection"

export interface PartnerMachine {
    readonly home: string
    readonly world: World
    readonly results: string[]
    readonly messages: string[]
    readonly pauses: number[]
    /** Returns the path of a file or folder below the home. */
    readonly at: (...names: string[]) => string
    /** Returns and clears the output since the last call. */
    readonly take: () => { readonly results: string[]; readonly messages: string[] }
    readonly close: () => void
}

export function createPartnerMachine(env: Record<string, string> = {}): PartnerMachine {
    const home = fs.mkdtempSync(path.join(os.tmpdir(), "tocsin-partner-"))
    const [results, messages, pauses]: [string[], string[], number[]] = [[], [], []]
    const world: World = {
        env,
        home,
        result: (line) => results.push(line),
        message: (line) => messages.push(line),
        progress: () => undefined,
        prompt: { show: (text) => messages.push(text), ask: async () => null, choose: async () => null },
        chance: () => 0,
        sleep: async (ms) => {
            pauses.push(ms)
        },
    }
    return {
        home,
        world,
        results,
        messages,
        pauses,
        at: (...names) => path.join(home, ...names),
        take: () => ({ results: results.splice(0), messages: messages.splice(0) }),
        close: () => fs.rmSync(home, { recursive: true, force: true }),
    }
}

/** Returns the permissions of a file or folder. */
export function modeOf(file: string): string {
    return (fs.statSync(file).mode & 0o777).toString(8)
}

/** Commands that are killed, and the check afterwards, for several scenarios. */
import { once } from "node:events"
import fs from "node:fs"
import path from "node:path"
import { setTimeout as pause } from "node:timers/promises"
import { startProcess } from "../../test/support/command.ts"
import { type World, check, ensureServer, envOf } from "./world.ts"

/** Starts a server again if none runs, and checks everything. The server stays for the next round. */
export async function checkAgain(world: World): Promise<string[]> {
    return await check(world, await ensureServer(world))
}

export function folderIn({ home }: World, name: string): string {
    const folder = path.join(home, name)
    fs.mkdirSync(folder, { recursive: true })
    return folder
}

/** A moment in the later part of a command, after Node has started. */
export const lateIn = (ms: number, random: () => number): number => ms * (0.3 + 0.7 * random())

/** Starts a command, and sends it a signal after some time. */
export async function signalInside(
    { home }: World,
    args: readonly string[],
    signal: NodeJS.Signals,
    afterMs: number,
): Promise<void> {
    const child = startProcess(home, args, envOf(home))
    child.stdout?.resume()
    child.stderr?.resume()
    const ended = once(child, "close")
    await pause(afterMs)
    child.kill(signal)
    await ended
}

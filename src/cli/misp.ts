/** `tocsin misp WARNING`: a warning as an event for one's own MISP, to a new file or to what comes after a pipe. */
import type { Command } from "commander"
import { create } from "./files.ts"
import { type ExitCode, WrongUse } from "./offline.ts"
import { type OnlineOptions, type World, asked, connected, isId, onlineOptions, realWorld } from "./online.ts"

export interface MispOptions extends OnlineOptions {
    readonly out?: string | undefined
}

export function mispCommand(program: Command): void {
    onlineOptions(program.command("misp"))
        .description("a warning as an event for your MISP, with its texts unmarked; each time is put on record")
        .argument("<warning>", "the warning's id, which is the name of its folder")
        .option("--out <file>", "a new file for it; without one it is printed")
        .action(async (warning: string, options: MispOptions) => {
            process.exitCode = await misp(warning, options, realWorld)
        })
}

export function misp(warning: string, options: MispOptions, world: World): Promise<ExitCode> {
    return asked(world, async () => {
        if (!isId(warning)) throw new WrongUse("which warning? Say its id")
        const event = JSON.stringify(await (await connected(options, world)).misp(warning), null, 2)
        if (options.out === undefined) world.result(event)
        else {
            await create(options.out, `${event}\n`)
            world.message(`written to ${options.out}`)
        }
        return 0
    })
}

/**
 * `tocsin export-misp WARNING`: exports a warning as an event for the partner's MISP, to a new file or to standard
 * output.
 */
import type { Command } from "commander"
import { createFile } from "./files.ts"
import { type ExitCode, UsageError } from "@tocsin/base/command-line"
import {
    type OnlineOptions,
    type World,
    runClientCommand,
    connectByOptions,
    isId,
    jsonLine,
    onlineOptions,
    realWorld,
} from "./connection.ts"

/** Options of the command. */
export interface ExportMispOptions extends OnlineOptions {
    readonly out?: string | undefined
}

/** Adds the command. */
export function exportMispCommand(program: Command): void {
    onlineOptions(program.command("export-misp"))
        .description(
            "Export a warning as an event for your MISP, with unmarked texts. The audit log records each export.",
        )
        .argument("<warning>", "the warning's id, which is the name of its folder")
        .option("--out <file>", "a new file for the event (default: standard output)")
        .action(async (warning: string, options: ExportMispOptions) => {
            process.exitCode = await exportMisp(warning, options, realWorld)
        })
}

/** Exports a warning. */
export function exportMisp(warning: string, options: ExportMispOptions, world: World): Promise<ExitCode> {
    return runClientCommand(world, async () => {
        if (!isId(warning)) throw new UsageError("no warning: give its id")
        const event = await (await connectByOptions(options, world)).exportMisp(warning)
        // The event is one line, because line breaks are escaped for terminals.
        if (options.out === undefined) world.result(jsonLine(event))
        else {
            await createFile(options.out, `${JSON.stringify(event, null, 2)}\n`)
            world.message(`written to ${options.out}`)
        }
        return 0
    })
}

/** `tocsin ack WARNING`: acknowledges the fetched artifacts of a warning, in a person's name. */
import type { Command } from "commander"
import { type ExitCode, UsageError } from "@tocsin/base/command-line"
import {
    type OnlineOptions,
    type World,
    runClientCommand,
    jsonLine,
    connectByOptions,
    isId,
    onlineOptions,
    realWorld,
} from "./connection.ts"

/** Adds the command. */
export function ackCommand(program: Command): void {
    onlineOptions(program.command("ack"))
        .description("Acknowledge the artifacts of a warning that you fetched")
        .argument("<warning>", "the warning's id, which is the name of its folder")
        .action(async (warning: string, options: OnlineOptions) => {
            process.exitCode = await acknowledge(warning, options, realWorld)
        })
}

/** Acknowledges a warning and prints the receipts. */
export function acknowledge(warning: string, options: OnlineOptions, world: World): Promise<ExitCode> {
    return runClientCommand(world, async () => {
        if (!isId(warning))
            throw new UsageError(`\`${warning}\` is not the id of a warning: give the name of its folder`)
        const { acknowledged, receipts } = await (await connectByOptions(options, world)).acknowledge(warning)
        if (options.json) world.result(jsonLine({ warning, acknowledged, receipts }))
        else world.result(acknowledged === 0 ? "acknowledged before" : `acknowledged: ${acknowledged}`)
        return 0
    })
}

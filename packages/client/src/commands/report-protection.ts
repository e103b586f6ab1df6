/**
 * `tocsin report-protection WARNING --state STATE`: reports the partner's protection status. The newest counts.
 * Repeating it adds nothing, unless a new follow-up is due.
 */
import { valueText } from "@tocsin/base/value-text"
import type { Command } from "commander"
import type { NewProtectionStatus } from "../connect.ts"
import { protectionNoteMax, protectionStates } from "../limits.ts"
import { readText } from "./files.ts"
import { type ExitCode, UsageError } from "@tocsin/base/command-line"
import {
    type OnlineOptions,
    type World,
    runClientCommand,
    connectByOptions,
    parseInstantOption,
    isId,
    jsonLine,
    onlineOptions,
    realWorld,
} from "./connection.ts"

/** Options of the command. */
export interface ReportProtectionOptions extends OnlineOptions {
    readonly state?: string | undefined
    readonly since?: string | undefined
    /** A file, because all users of the machine see arguments. */
    readonly noteFile?: string | undefined
}

const stateList = protectionStates.join(", ")

/** Adds the command. */
export function reportProtectionCommand(program: Command): void {
    onlineOptions(program.command("report-protection"))
        .description("Report your protection status for a warning. The latest report counts.")
        .argument("<warning>", "the warning's id, which is the name of its folder")
        .requiredOption("--state <state>", stateList)
        .option(
            "--since <instant>",
            "since when you are protected, or from when you will be, for example 2025-07-07T05:12:00Z",
        )
        .option("--note-file <file>", "a text with details; for needs_more, what is missing")
        .action(async (warning: string, options: ReportProtectionOptions) => {
            process.exitCode = await reportProtection(warning, options, realWorld)
        })
}

/** Reports a protection status. */
export function reportProtection(warning: string, options: ReportProtectionOptions, world: World): Promise<ExitCode> {
    return runClientCommand(world, async () => {
        if (!isId(warning)) throw new UsageError("no warning: give its id")
        const status = await readProtection(options)
        await (await connectByOptions(options, world)).reportProtection(warning, status)
        if (options.json) world.result(jsonLine({ warning, ...status }))
        else world.result(`reported: ${valueText(status.state)}`)
        return 0
    })
}

async function readProtection({
    state: stateOption,
    since,
    noteFile,
}: ReportProtectionOptions): Promise<Required<NewProtectionStatus>> {
    const state = protectionStates.find((protectionState) => protectionState === stateOption)
    if (state === undefined) throw new UsageError(`--state must be one of ${stateList}`)
    const note = await readText(noteFile, protectionNoteMax)
    return { state, since: since === undefined ? null : parseInstantOption(since), note }
}

/**
 * `tocsin report-protection WARNING --state STATE`: reports the partner's protection status. The newest counts.
 * Repeating it adds nothing, unless a new follow-up is due.
 */
import { valueText } from "@tocsin/base/value-text"
import type { Command } from "commander"
import type { NewProtection } from "../connect.ts"
import { protectionNoteMax, protectionStates } from "../limits.ts"
import { readWords } from "./files.ts"
import { type ExitCode, UsageError } from "@tocsin/base/command-line"
import {
    type OnlineOptions,
    type World,
    asked,
    connected,
    instantIn,
    isId,
    jsonLine,
    onlineOptions,
    realWorld,
} from "./connection.ts"

/** Options of the command. */
export interface ProtectOptions extends OnlineOptions {
    readonly state?: string | undefined
    readonly since?: string | undefined
    /** A file, because all users of the machine see arguments. */
    readonly noteFile?: string | undefined
}

const statesTold = protectionStates.join(", ")

/** Adds the command. */
export function protectCommand(program: Command): void {
    onlineOptions(program.command("report-protection"))
        .description("Report your protection status for a warning. The latest report counts.")
        .argument("<warning>", "the warning's id, which is the name of its folder")
        .requiredOption("--state <state>", statesTold)
        .option("--since <instant>", "protected: since when; in_progress: from when; such as 2025-07-07T05:12:00Z")
        .option("--note-file <file>", "a text with details; with needs_more, what is missing")
        .action(async (warning: string, options: ProtectOptions) => {
            process.exitCode = await protect(warning, options, realWorld)
        })
}

/** Reports a protection status. */
export function protect(warning: string, options: ProtectOptions, world: World): Promise<ExitCode> {
    return asked(world, async () => {
        if (!isId(warning)) throw new UsageError("which warning? Say its id")
        const required = await protectionIn(options)
        await (await connected(options, world)).protect(warning, required)
        if (options.json) world.result(jsonLine({ warning, ...required }))
        else world.result(`reported: ${valueText(required.state)}`)
        return 0
    })
}

async function protectionIn({ state: message, since, noteFile }: ProtectOptions): Promise<Required<NewProtection>> {
    const state = protectionStates.find((protectionState) => protectionState === message)
    if (state === undefined) throw new UsageError(`--state takes one of ${statesTold}`)
    const note = await readWords(noteFile, protectionNoteMax)
    return { state, since: since === undefined ? null : instantIn(since), note }
}

/**
 * `tocsin report-result FILE.age`: reports a test result for a pulled copy. Staff see it; other partners do not.
 */
import { valueText } from "@tocsin/base/value-text"
import type { Command } from "commander"
import { type Verdict, environmentMax, verdicts } from "../limits.ts"
import { readText } from "./files.ts"
import { findHeldCopy } from "./folder.ts"
import { type ExitCode, UsageError } from "@tocsin/base/command-line"
import {
    type OnlineOptions,
    type World,
    runClientCommand,
    connectByOptions,
    jsonLine,
    onlineOptions,
    realWorld,
} from "./connection.ts"

/** Options of the command. */
export interface ReportResultOptions extends OnlineOptions {
    readonly verdict?: string | undefined
    readonly hits?: string | undefined
    readonly falsePositives?: string | undefined
    /** A file, because all users of the machine see arguments. */
    readonly noteFile?: string | undefined
}

/** Adds the command. */
export function reportResultCommand(program: Command): void {
    onlineOptions(program.command("report-result"))
        .description(
            "Report a test result for rules, guidance or indicators that you pulled. A later result replaces " +
                "an earlier one.",
        )
        .argument("<file>", "the sealed copy, in the folder where `tocsin pull` saved it")
        .requiredOption("--verdict <verdict>", verdicts.join(", "))
        .option("--hits <count>", "number of correct matches")
        .option("--false-positives <count>", "number of wrong matches")
        .option("--note-file <file>", "a text that describes the test")
        .action(async (file: string, options: ReportResultOptions) => {
            process.exitCode = await reportResult(file, options, realWorld)
        })
}

/** Reports a test result. */
export function reportResult(file: string, options: ReportResultOptions, world: World): Promise<ExitCode> {
    return runClientCommand(world, async () => {
        const result = {
            verdict: parseVerdict(options.verdict),
            hits: parseCount("--hits", options.hits),
            falsePositives: parseCount("--false-positives", options.falsePositives),
            environment: await readText(options.noteFile, environmentMax),
        }
        const held = await findHeldCopy(file)
        if (held === null)
            throw new UsageError(`\`${file}\` is not a copy that \`tocsin pull\` saved: give the path of such a copy`)
        const { artifact, version } = held
        const id = await (await connectByOptions(options, world)).reportResult(artifact, { version, ...result })
        if (options.json) world.result(jsonLine({ id, artifact, version, ...result }))
        else world.result(`reported: ${valueText(result.verdict)}, version ${version}`)
        return 0
    })
}

function parseVerdict(option: string | undefined): Verdict {
    const verdict = verdicts.find((verdict) => verdict === option)
    return verdict ?? refuseUsage(`--verdict must be one of ${verdicts.map((verdict) => `\`${verdict}\``).join(", ")}`)
}

/** Reads a count; null if it was not counted. */
function parseCount(flag: string, count: string | undefined): number | null {
    if (count === undefined) return null
    return /^\d{1,10}$/.test(count) ? Number(count) : refuseUsage(`${flag} takes a whole number`)
}

function refuseUsage(message: string): never {
    throw new UsageError(message)
}

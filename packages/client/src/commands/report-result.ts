/**
 * `tocsin report-result FILE.age`: reports a test result for a pulled copy. The copy's author sees it; other partners
 * do not.
 */
import { valueText } from "@tocsin/base/value-text"
import type { Command } from "commander"
import { type Verdict, environmentMax, verdicts } from "../limits.ts"
import { readWords } from "./files.ts"
import { heldAs } from "./folder.ts"
import { type ExitCode, UsageError } from "@tocsin/base/command-line"
import { type OnlineOptions, type World, asked, connected, jsonLine, onlineOptions, realWorld } from "./connection.ts"

/** Options of the command. */
export interface ResultOptions extends OnlineOptions {
    readonly verdict?: string | undefined
    readonly hits?: string | undefined
    readonly falsePositives?: string | undefined
    /** A file, because all users of the machine see arguments. */
    readonly noteFile?: string | undefined
}

/** Adds the command. */
export function resultCommand(program: Command): void {
    onlineOptions(program.command("report-result"))
        .description(
            "Report a test result for rules, guidance or indicators that you pulled. A later result replaces " +
                "an earlier one.",
        )
        .argument("<file>", "the sealed copy, where `tocsin pull` put it")
        .requiredOption("--verdict <verdict>", verdicts.join(", "))
        .option("--hits <count>", "number of correct matches")
        .option("--false-positives <count>", "number of wrong matches")
        .option("--note-file <file>", "a text that describes the test")
        .action(async (file: string, options: ResultOptions) => {
            process.exitCode = await reportResult(file, options, realWorld)
        })
}

/** Reports a test result. */
export function reportResult(file: string, options: ResultOptions, world: World): Promise<ExitCode> {
    return asked(world, async () => {
        const result = {
            verdict: verdictIn(options.verdict),
            hits: countIn("--hits", options.hits),
            falsePositives: countIn("--false-positives", options.falsePositives),
            environment: await readWords(options.noteFile, environmentMax),
        }
        const held = await heldAs(file)
        if (held === null) throw new UsageError(`\`${file}\` is no copy that \`tocsin pull\` noted`)
        const { artifact, version } = held
        const id = await (await connected(options, world)).reportResult(artifact, { version, ...result })
        if (options.json) world.result(jsonLine({ id, artifact, version, ...result }))
        else world.result(`reported: ${valueText(result.verdict)}, of version ${version}`)
        return 0
    })
}

function verdictIn(found: string | undefined): Verdict {
    const verdict = verdicts.find((verdict) => verdict === found)
    return verdict ?? wrong(`--verdict takes one of ${verdicts.map((verdict) => `\`${verdict}\``).join(", ")}`)
}

/** Reads a count; null if it was not counted. */
function countIn(flag: string, count: string | undefined): number | null {
    if (count === undefined) return null
    return /^\d{1,10}$/.test(count) ? Number(count) : wrong(`${flag} takes a whole number`)
}

function wrong(message: string): never {
    throw new UsageError(message)
}

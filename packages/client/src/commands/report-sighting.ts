/**
 * `tocsin report-sighting WARNING`: reports exploitation of a vulnerability that the partner was warned about.
 * `--zero-report-since` reports that none was seen, `--stix FILE` posts STIX sightings, and `--withdraw ID` withdraws a
 * report. Repeating a report adds nothing: without `--id`, its id follows from its content.
 */
import { createHash } from "node:crypto"
import type { Command } from "commander"
import type { NewSighting } from "../connect.ts"
import { parseStrictJson } from "@tocsin/base/strict-json"
import { type ClockQuality, clockQualities, indicatorCharsMax, noteMax } from "../limits.ts"
import { readBytes, readText } from "./files.ts"
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
export interface ReportSightingOptions extends OnlineOptions {
    readonly observedAt?: string | undefined
    readonly zeroReportSince?: string | undefined
    readonly withdraw?: string | undefined
    readonly clock?: string | undefined
    readonly product?: string | undefined
    readonly confidence?: string | undefined
    /** Files, because all users of the machine see arguments. */
    readonly indicatorsFile?: string | undefined
    readonly noteFile?: string | undefined
    readonly id?: string | undefined
    readonly stix?: string | undefined
}

/** Adds the command. */
export function reportSightingCommand(program: Command): void {
    onlineOptions(program.command("report-sighting"))
        .description(
            "Report exploitation of a vulnerability that you were warned about. Repeating a report adds nothing.",
        )
        .argument("[warning]", "the warning's id, which is the name of its folder; not with --stix or --withdraw")
        .option("--observed-at <instant>", "when exploitation was observed, for example 2025-07-07T05:12:00Z")
        .option(
            "--zero-report-since <instant>",
            "zero report: you looked from then until --observed-at, and observed nothing",
        )
        .option("--clock <quality>", `how good your clock is: ${clockQualities.join(", ")} (default: unknown)`)
        .option("--product <text>", "the product in which it was observed")
        .option("--confidence <percent>", "how sure you are that it was exploitation")
        .option("--indicators-file <file>", "a text with one indicator a line")
        .option("--note-file <file>", "a text that describes what was observed")
        .option("--id <uuid>", "your own id for the report")
        .option(
            "--stix <file>",
            "post STIX 2.1 sightings with the objects that they refer to, instead of the other options",
        )
        .option("--withdraw <uuid>", "withdraw the report with this id")
        .action(async (warning: string | undefined, options: ReportSightingOptions) => {
            process.exitCode = await reportSighting(warning, options, realWorld)
        })
}

/** Reports, posts or withdraws sightings. */
export function reportSighting(
    warning: string | undefined,
    options: ReportSightingOptions,
    world: World,
): Promise<ExitCode> {
    return runClientCommand(world, async () => {
        const { stix, withdraw: reportToWithdraw, zeroReportSince } = options
        if ([stix, reportToWithdraw, zeroReportSince].filter((item) => item !== undefined).length > 1) {
            throw new UsageError("give only one of --stix, --withdraw and --zero-report-since")
        }
        if (stix !== undefined) return await postStix(warning, stix, options, world)
        if (reportToWithdraw !== undefined) return await withdrawSighting(warning, reportToWithdraw, options, world)
        if (warning === undefined || !isId(warning)) {
            throw new UsageError("no warning: give its id, --stix FILE or --withdraw ID")
        }
        const newSighting = await readSighting(options)
        const id = parseId(options.id) ?? idOfSighting(warning, newSighting)
        await (await connectByOptions(options, world)).reportSighting(warning, { id, ...newSighting })
        if (options.json) world.result(jsonLine({ id, warning, ...newSighting }))
        else world.result(`reported: ${id}`)
        return 0
    })
}

async function readSighting(options: ReportSightingOptions): Promise<NewSighting> {
    const clock = clockQualities.find((clockQuality) => clockQuality === (options.clock ?? "unknown"))
    if (clock === undefined) throw new UsageError(`--clock must be one of ${clockQualities.join(", ")}`)
    const lines = (await readText(options.indicatorsFile, indicatorCharsMax)).split("\n").map((line) => line.trim())
    const { zeroReportSince, observedAt } = options
    if (observedAt === undefined) throw new UsageError("no instant: give --observed-at")
    return {
        ...(zeroReportSince !== undefined && { zeroReportSince: parseInstantOption(zeroReportSince) }),
        observedAt: parseInstantOption(observedAt),
        clock: clock satisfies ClockQuality,
        product: options.product ?? "",
        indicators: lines.filter((line) => line !== ""),
        confidence: parseConfidence(options.confidence),
        note: await readText(options.noteFile, noteMax),
    }
}

function parseConfidence(percent: string | undefined): number | null {
    if (percent === undefined) return null
    if (!(/^\d{1,3}$/.test(percent) && Number(percent) <= 100)) throw new UsageError("--confidence must be 0 to 100")
    return Number(percent)
}

function parseId(id: string | undefined): string | null {
    if (id === undefined) return null
    if (!isId(id.toLowerCase())) throw new UsageError("--id must be a UUID")
    return id.toLowerCase()
}

/** Computes a UUID of version 8 (RFC 9562) from the content of a report. */
function idOfSighting(warning: string, newSighting: NewSighting): string {
    const hash = createHash("sha256")
        .update(JSON.stringify(["tocsin-sighting", warning, newSighting]))
        .digest()
    hash[6] = ((hash[6] ?? 0) & 0x0f) | 0x80
    hash[8] = ((hash[8] ?? 0) & 0x3f) | 0x80
    const hex = hash.toString("hex").slice(0, 32)
    return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-")
}

async function withdrawSighting(
    warning: string | undefined,
    option: string,
    options: ReportSightingOptions,
    world: World,
): Promise<ExitCode> {
    if (warning !== undefined) throw new UsageError("--withdraw needs no warning: leave it out")
    const id = option.toLowerCase()
    if (!isId(id)) throw new UsageError("--withdraw must be the UUID of a report")
    await (await connectByOptions(options, world)).withdrawSighting(id)
    if (options.json) world.result(jsonLine({ withdrawn: id }))
    else world.result(`withdrawn: ${id}`)
    return 0
}

/** The most bytes that the portal takes at once. */
const stixBytesMax = 256 * 1024

async function postStix(
    warning: string | undefined,
    path: string,
    options: ReportSightingOptions,
    world: World,
): Promise<ExitCode> {
    if (warning !== undefined) throw new UsageError("--stix needs no warning: leave it out")
    const bytes = await readBytes(path, stixBytesMax)
    if (bytes === null) throw new UsageError(`no file \`${path}\`: check the path`)
    const objects = parseObjects(parseStrictJson(bytes.toString("utf8")))
    const status = await (await connectByOptions(options, world)).postSightings(objects)
    if (options.json) world.result(jsonLine(status))
    else world.result(`accepted: ${status.success_count} of ${status.total_count} objects`)
    for (const { id, message } of status.failures ?? []) world.message(`refused: ${id}: ${message ?? ""}`)
    return status.failure_count === 0 ? 0 : 1
}

/** Reads the objects of a bundle, an envelope or a list, or one object. Anything else is wrong usage. */
function parseObjects(value: unknown): readonly object[] {
    const content = isObject(value) && "objects" in value ? value.objects : value
    const objects: readonly unknown[] = Array.isArray(content) ? content : [content]
    if (objects.length > 0 && objects.every(isObject)) return objects
    throw new UsageError("the file has no STIX objects: give a bundle, an envelope, a list, or one object")
}

const isObject = (value: unknown): value is object =>
    typeof value === "object" && value !== null && !Array.isArray(value)

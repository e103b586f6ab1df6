/**
 * `tocsin pull`: fetches all available copies that a folder does not hold, checks the receipt log (`client/pull.ts`),
 * and reports the result.
 */
import fs from "node:fs"
import { join } from "node:path"
import type { Command } from "commander"
import type { Client, KnownLog, WatchEvent } from "../connect.ts"
import { type Folder, lockFolder, openFolder } from "./folder.ts"
import { keyChangeText } from "./key-changes.ts"
import { nodeVerifiers } from "@tocsin/audit-log/commands/node-keys"
import { parseWitnessPolicy } from "@tocsin/audit-log/witness-policy"
import type { WitnessTrust } from "../log.ts"
import type { LogTrust } from "../pull.ts"
import { Refusal } from "@tocsin/base/refusal"
import { type ExitCode, UsageError } from "@tocsin/base/command-line"
import { type RecallWithFiles, recallText, recallsWithFiles } from "./recall-warnings.ts"
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
export interface PullOptions extends OnlineOptions {
    readonly out?: string | undefined
    readonly watch?: boolean | undefined
    /** Seconds between two pulls. */
    readonly every?: string | undefined
    readonly logKey?: string | undefined
    /** A file with the witnesses that must have signed the receipt log. */
    readonly policy?: string | undefined
}

interface PullRun {
    readonly client: Client
    readonly folder: Folder
    readonly world: World
    readonly json: boolean
    /** Whether to print nothing if nothing is new. */
    readonly quiet: boolean
    /** Recalls that were reported before. */
    readonly reportedRecalls: Set<string>
    readonly settings: LogTrust & { readonly signal: AbortSignal | undefined }
}

type EventOfKind<Kind extends WatchEvent["kind"]> = Extract<WatchEvent, { readonly kind: Kind }>

/** The results of one pull so far. */
interface PullOutcome {
    readonly fetched: EventOfKind<"fetched">[]
    readonly refused: EventOfKind<"refused">[]
    /** Null: no change of the partner's keys. */
    keys: EventOfKind<"keys_changed"> | null
    /** Recalled artifacts whose deletion was not confirmed. */
    recalled: readonly RecallWithFiles[]
}

const exitCodes = `Exit codes: 0 success, 1 refused, 2 wrong usage, 3 you have a recalled copy and did not confirm its
deletion (see tocsin confirm-deletion). If 1 and 3 both apply, the exit code is 3.`

/** Adds the command. */
export function pullCommand(program: Command): void {
    onlineOptions(program.command("pull"))
        .description("Fetch each copy that you do not have yet, with its receipt, and list recalls")
        .option("--out <dir>", "the folder for the copies; created if missing", "tocsin")
        .option("--watch", "keep running, and pull at each interval")
        .option("--every <seconds>", "with --watch: seconds between two pulls", "30")
        .option(
            "--log-key <key>",
            "the verifier key of the receipt log, name+hash+base64, from a source that you trust",
        )
        .option("--policy <file>", "the witnesses that must have signed the receipt log (C2SP tlog-policy)")
        .addHelpText("after", `\n${exitCodes}`)
        .action(async (options: PullOptions) => {
            const stop = new AbortController()
            if (options.watch) process.once("SIGINT", () => stop.abort()).once("SIGTERM", () => stop.abort())
            process.exitCode = await pull(options, realWorld, stop.signal)
        })
}

/** Pulls once, or repeatedly with `--watch`. */
export function pull(options: PullOptions, baseWorld: World, signal?: AbortSignal): Promise<ExitCode> {
    const world = options.json ? { ...baseWorld, progress: () => undefined } : baseWorld
    return runClientCommand(world, async () => {
        const every = Number(options.every ?? 30)
        if (!(every >= 1 && every <= 86_400)) throw new UsageError("--every must be 1 to 86400 seconds")
        const client = await connectByOptions(options, world)
        const out = options.out ?? "tocsin"
        const output = {
            json: options.json === true,
            quiet: options.watch === true,
            reportedRecalls: new Set<string>(),
        }
        const unlock = await lockFolder(out, process.pid)
        try {
            const settings = { logKey: options.logKey, witnesses: readWitnesses(options.policy), signal }
            const run = { client, folder: await openFolder(out), world, settings, ...output }
            return options.watch ? await pullRepeatedly(run, every * 1000) : await pullOnce(run)
        } finally {
            world.progress(null)
            await unlock()
        }
    })
}

function readWitnesses(file: string | undefined): WitnessTrust | undefined {
    if (file === undefined) return undefined
    try {
        const policy = parseWitnessPolicy(fs.readFileSync(file))
        return { policy, mlDsa44: nodeVerifiers.mlDsa44, now: Date.now }
    } catch (error) {
        if (error instanceof Refusal) throw error
        throw new UsageError(`--policy: \`${file}\` cannot be read`)
    }
}

/** Pulls until the signal aborts. */
async function pullRepeatedly(run: PullRun, everyMs: number): Promise<ExitCode> {
    const { client, folder, settings } = run
    await reportEvents(run, client.watch(folder, { ...settings, everyMs }))
    return 0
}

async function pullOnce(run: PullRun): Promise<ExitCode> {
    const { client, folder, settings } = run
    const { recalled, refused } = await reportEvents(run, client.pull(folder, settings))
    if (recalled.length > 0) return 3
    return refused.length > 0 ? 1 : 0
}

const emptyOutcome = (): PullOutcome => ({ fetched: [], refused: [], keys: null, recalled: [] })

/** Reports each pull, also one that fails half way, and returns the last. */
async function reportEvents(run: PullRun, events: AsyncIterable<WatchEvent>): Promise<PullOutcome> {
    const { world } = run
    let [outcome, lastOutcome] = [emptyOutcome(), emptyOutcome()]
    const endPull = async (reports: "always" | "news"): Promise<void> => {
        world.progress(null)
        if (reports === "always" || isNews(run, outcome)) await reportOutcome(run, outcome)
        ;[lastOutcome, outcome] = [outcome, emptyOutcome()]
    }
    try {
        for await (const event of events) {
            await applyEvent(run, outcome, event)
            if (event.kind === "finished") await endPull(run.quiet ? "news" : "always")
            if (event.kind !== "outage") continue
            await endPull("news")
            world.message(`${event.error.message}: trying again`)
        }
    } catch (error) {
        await endPull("news")
        throw error
    }
    // The watch was stopped during a pull.
    if (isNews(run, outcome)) await endPull("news")
    return lastOutcome
}

async function applyEvent({ folder, world }: PullRun, outcome: PullOutcome, event: WatchEvent): Promise<void> {
    switch (event.kind) {
        case "pinned":
            notifyPinned(world, event.log)
            break
        case "adopted":
            world.message(
                "the receipt log has a new key, which its former key names: compare it with the key that the " +
                    `operator publishes: ${event.log.verifierKey}`,
            )
            break
        case "keys_changed":
            outcome.keys = event
            break
        case "recalled":
            outcome.recalled = recallsWithFiles(event.recalls, folder.path, await folder.listCopies())
            break
        case "fetching":
            world.progress({
                action: "fetching",
                current: event.current,
                total: event.total,
                item: event.artifact.name,
            })
            break
        case "fetched":
            outcome.fetched.push(event)
            break
        case "refused":
            outcome.refused.push(event)
            break
        case "proving":
            world.progress({ action: "checking receipts", current: event.current, total: event.total })
            break
        case "waiting":
            world.progress({ action: "waiting for the next receipts", current: 0, total: event.receipts })
            break
        default:
    }
}

function isNews({ reportedRecalls }: PullRun, { fetched, refused, keys, recalled }: PullOutcome): boolean {
    const changes = (keys?.added.length ?? 0) + (keys?.newlyPending.length ?? 0)
    return fetched.length + refused.length + changes > 0 || recalled.some(({ id }) => !reportedRecalls.has(id))
}

function notifyPinned(world: World, { verifierKey }: KnownLog): void {
    world.message(
        `the key of the receipt log is now pinned: compare it with the key that the operator publishes: ${verifierKey}`,
    )
}

async function reportOutcome(run: PullRun, { fetched, refused, keys, recalled }: PullOutcome): Promise<void> {
    const { folder, world, json, reportedRecalls } = run
    const [copies, log] = [await folder.listCopies(), await folder.loadLog()]
    const unproven = copies.filter(({ proven }) => !proven).length
    world.progress(null)
    for (const { id } of recalled) reportedRecalls.add(id)
    if (json) {
        const fetchedNow = fetched.map(({ held, warning, artifact }) => ({
            ...(copies.find((copy) => copy.receipt === held.receipt) ?? held),
            file: join(folder.path, held.file),
            title: warning.title,
            class: artifact.class,
            tlp: artifact.tlp,
            pap: artifact.pap,
        }))
        const refusals = refused.map(({ item, code, message }) => ({ what: item, code, message }))
        const keyChanges = { added: keys?.added ?? [], pending: keys?.pending ?? [] }
        const counts = { held: copies.length, waiting: unproven }
        world.result(jsonLine({ fetched: fetchedNow, refused: refusals, recalled, keyChanges, ...counts, log }))
    } else {
        for (const { held, warning, artifact } of fetched) {
            const labels = `TLP:${artifact.tlp} PAP:${artifact.pap}`
            world.result(`${join(folder.path, held.file)}  ${artifact.class}, ${labels}, of ${warning.title}`)
        }
        for (const { item, code, message } of refused) world.message(`refused: ${item}: ${message} (${code})`)
        if (keys !== null) await reportKeys(run, keys)
        for (const recall of recalled) world.message(recallText(recall))
        const isNothing = fetched.length + refused.length + recalled.length === 0 && keys === null
        if (isNothing) world.message(`nothing new (copies: ${copies.length})`)
        if (unproven > 0) world.message(`copies without a receipt: ${unproven} (the next pull fetches the receipts)`)
    }
}

/** Reports changes of keys with the names of people. */
async function reportKeys(
    { client, world }: PullRun,
    { added, newlyPending, pending, changes }: EventOfKind<"keys_changed">,
): Promise<void> {
    const { roster } = (await client.loadAccount()).partner
    for (const change of added) world.message(`your keys: ${keyChangeText(change, changes, roster)}`)
    for (const change of newlyPending) {
        world.message(`your keys (the receipt is pending): ${keyChangeText(change, changes, roster)}`)
    }
    if (pending.length > newlyPending.length)
        world.message(`changes of your keys whose receipts are pending: ${pending.length}`)
}

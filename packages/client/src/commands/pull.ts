/**
 * `tocsin pull`: fetches all available copies that a folder does not hold, checks the receipt log (`client/pull.ts`),
 * and reports the result.
 */
import { join } from "node:path"
import type { Command } from "commander"
import type { Client, Seen, WatchEvent } from "../connect.ts"
import { type Folder, lockFolder, openFolder } from "./folder.ts"
import { type ExitCode, UsageError } from "@tocsin/base/command-line"
import { type Recalled, recalledLine, recalledOf } from "./recall-warnings.ts"
import { type OnlineOptions, type World, asked, connected, jsonLine, onlineOptions, realWorld } from "./connection.ts"

/** Options of the command. */
export interface PullOptions extends OnlineOptions {
    readonly out?: string | undefined
    readonly watch?: boolean | undefined
    /** Seconds between two pulls. */
    readonly every?: string | undefined
    readonly logKey?: string | undefined
}

interface Pulling {
    readonly client: Client
    readonly folder: Folder
    readonly world: World
    readonly json: boolean
    /** Whether to print nothing if nothing is new. */
    readonly quiet: boolean
    /** Recalls that were reported before. */
    readonly toldRecalls: Set<string>
    readonly how: { readonly logKey: string | undefined; readonly signal: AbortSignal | undefined }
}

type Event<Kind extends WatchEvent["kind"]> = Extract<WatchEvent, { readonly kind: Kind }>

/** The results of one pull so far. */
interface Looked {
    readonly fetched: Event<"fetched">[]
    readonly refused: Event<"refused">[]
    /** Recalled artifacts whose deletion was not confirmed. */
    recalled: readonly Recalled[]
}

const exitCodes = `Exit codes: 0 success, 1 refused, 2 wrong usage, 3 you have a recalled copy, and have not confirmed
its deletion (see tocsin confirm-deletion); 3 goes before 1.`

/** Adds the command. */
export function pullCommand(program: Command): void {
    onlineOptions(program.command("pull"))
        .description("Fetch each copy that you do not have yet, with its receipt, and list recalls")
        .option("--out <dir>", "the folder for the copies; made if it is not there", "tocsin")
        .option("--watch", "keep running, and look again at each interval")
        .option("--every <seconds>", "with --watch: how long to wait between two looks", "30")
        .option("--log-key <key>", "the log's verifier key, from a source that you trust: name+hash+base64")
        .addHelpText("after", `\n${exitCodes}`)
        .action(async (options: PullOptions) => {
            const stop = new AbortController()
            if (options.watch) process.once("SIGINT", () => stop.abort()).once("SIGTERM", () => stop.abort())
            process.exitCode = await pull(options, realWorld, stop.signal)
        })
}

/** Pulls once, or repeatedly with `--watch`. */
export function pull(options: PullOptions, at: World, signal?: AbortSignal): Promise<ExitCode> {
    const world = options.json ? { ...at, progress: () => undefined } : at
    return asked(world, async () => {
        const every = Number(options.every ?? 30)
        if (!(every >= 1 && every <= 86_400)) throw new UsageError("--every takes 1 to 86400 seconds")
        const client = await connected(options, world)
        const out = options.out ?? "tocsin"
        const notified = { json: options.json === true, quiet: options.watch === true, toldRecalls: new Set<string>() }
        const unlock = await lockFolder(out, process.pid)
        try {
            const how = { logKey: options.logKey, signal }
            const pulling = { client, folder: await openFolder(out), world, how, ...notified }
            return options.watch ? await watch(pulling, every * 1000) : await once(pulling)
        } finally {
            world.progress(null)
            await unlock()
        }
    })
}

/** Pulls until the signal aborts. */
async function watch(pulling: Pulling, everyMs: number): Promise<ExitCode> {
    const { client, folder, how } = pulling
    await follow(pulling, client.watch(folder, { ...how, everyMs }))
    return 0
}

async function once(pulling: Pulling): Promise<ExitCode> {
    const { client, folder, how } = pulling
    const { recalled, refused } = await follow(pulling, client.pull(folder, how))
    if (recalled.length > 0) return 3
    return refused.length > 0 ? 1 : 0
}

const nothing = (): Looked => ({ fetched: [], refused: [], recalled: [] })

/** Reports each pull, also one that fails half way, and returns the last. */
async function follow(pulling: Pulling, events: AsyncIterable<WatchEvent>): Promise<Looked> {
    const { world } = pulling
    let [looked, last] = [nothing(), nothing()]
    const endLook = async (tells: "always" | "news"): Promise<void> => {
        world.progress(null)
        if (tells === "always" || isNews(pulling, looked)) await tell(pulling, looked)
        ;[last, looked] = [looked, nothing()]
    }
    try {
        for await (const event of events) {
            await take(pulling, looked, event)
            if (event.kind === "finished") await endLook(pulling.quiet ? "news" : "always")
            if (event.kind !== "outage") continue
            await endLook("news")
            world.message(`${event.error.message}: trying again`)
        }
    } catch (error) {
        await endLook("news")
        throw error
    }
    // The watch was stopped during a pull.
    if (isNews(pulling, looked)) await endLook("news")
    return last
}

async function take({ folder, world }: Pulling, looked: Looked, event: WatchEvent): Promise<void> {
    switch (event.kind) {
        case "pinned":
            notifyPinned(world, event.log)
            break
        case "recalled":
            looked.recalled = recalledOf(event.recalls, folder.path, await folder.copies())
            break
        case "fetching":
            world.progress({ doing: "fetching", now: event.now, of: event.of, what: event.artifact.name })
            break
        case "fetched":
            looked.fetched.push(event)
            break
        case "refused":
            looked.refused.push(event)
            break
        case "proving":
            world.progress({ doing: "checking receipts", now: event.now, of: event.of })
            break
        case "waiting":
            world.progress({ doing: "waiting for the next receipts", now: 0, of: event.receipts })
            break
        default:
    }
}

function isNews({ toldRecalls }: Pulling, { fetched, refused, recalled }: Looked): boolean {
    return fetched.length + refused.length > 0 || recalled.some(({ id }) => !toldRecalls.has(id))
}

function notifyPinned(world: World, { verifierKey }: Seen): void {
    world.message(`the log's key is now pinned: compare it with what the program published: ${verifierKey}`)
}

async function tell(
    { folder, world, json, toldRecalls }: Pulling,
    { fetched, refused, recalled }: Looked,
): Promise<void> {
    const [copies, log] = [await folder.copies(), await folder.log()]
    const waiting = copies.filter(({ proven }) => !proven).length
    world.progress(null)
    for (const { id } of recalled) toldRecalls.add(id)
    if (json) {
        const now = fetched.map(({ held, warning, artifact }) => ({
            ...(copies.find((copy) => copy.receipt === held.receipt) ?? held),
            file: join(folder.path, held.file),
            title: warning.title,
            class: artifact.class,
            tlp: artifact.tlp,
            pap: artifact.pap,
        }))
        const no = refused.map(({ what: kind, code, message }) => ({ what: kind, code, message }))
        world.result(jsonLine({ fetched: now, refused: no, recalled, held: copies.length, waiting, log }))
    } else {
        for (const { held, warning, artifact } of fetched) {
            const labels = `TLP:${artifact.tlp} PAP:${artifact.pap}`
            world.result(`${join(folder.path, held.file)}  ${artifact.class}, ${labels}, of ${warning.title}`)
        }
        for (const { what: kind, code, message } of refused) world.message(`refused: ${kind}: ${message} (${code})`)
        for (const recall of recalled) world.message(recalledLine(recall))
        const isNothing = fetched.length + refused.length + recalled.length === 0
        if (isNothing) world.message(`nothing new: ${copies.length} held`)
        if (waiting > 0) world.message(`${waiting} without the proof of their fetch yet: the next pull asks again`)
    }
}

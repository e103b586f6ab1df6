/**
 * `tocsin pull`: fetches every copy that can be had and is not held yet, and holds the program to its log.
 *
 * First the newest head of the log is compared with what was seen before; then it is asked what was recalled; then come
 * the copies; then the proof of each fetch, which is checked here and kept beside its copy once the next batch of
 * receipts is out.
 */
import { join } from "node:path"
import type { Command } from "commander"
import { ApiRefusal, NoAnswer } from "../client/asking.ts"
import type { Client, WarnedArtifact, Warning } from "../client/connect.ts"
import { type Seen, pinned, seeHead, seeNoHead, seeReceipt } from "../client/log.ts"
import { Refusal, refuse } from "../lib/refusal.ts"
import { type Folder, type Held, keep, keepProof, lockFolder, note, openFolder, placeFor } from "./holdings.ts"
import { type ExitCode, WrongUse } from "./offline.ts"
import { type Recalled, recalledLine, recalledOf } from "./recalled.ts"
import { type OnlineOptions, type World, asked, connected, isId, jsonLine, onlineOptions, realWorld } from "./online.ts"
import { ed25519 } from "./verify.ts"

export interface PullOptions extends OnlineOptions {
    readonly out?: string | undefined
    readonly watch?: boolean | undefined
    /** Seconds between two looks. */
    readonly every?: string | undefined
    readonly logKey?: string | undefined
}

interface Pulling {
    readonly client: Client
    readonly folder: Folder
    readonly world: World
    readonly json: boolean
    /** Says nothing where nothing is new. */
    readonly quiet: boolean
    /** The recalls that were told before. */
    readonly toldRecalls: Set<string>
    readonly signal: AbortSignal | undefined
}

interface Refused {
    readonly what: string
    readonly code: string
    readonly message: string
}

interface Wanted {
    readonly warning: Warning
    readonly artifact: WarnedArtifact & { readonly version: number; readonly name: string }
}

interface Fetched extends Wanted {
    readonly held: Held
}

/** A batch that is further away is left to the next pull. */
const waitSecondsMax = 10

const exitCodes = `Exit code: 0 done, 1 something was refused, 2 wrong use, 3 something that you hold was recalled and
waits for your word that it is deleted, whatever else was refused (see tocsin deleted).`

export function pullCommand(program: Command): void {
    onlineOptions(program.command("pull"))
        .description("fetch every copy that you do not hold yet, and the proof of each fetch; say what was recalled")
        .option("--out <dir>", "the folder for the copies; made if it is not there", "tocsin")
        .option("--watch", "go on, and look again and again")
        .option("--every <seconds>", "with --watch: how long to wait between two looks", "30")
        .option("--log-key <key>", "the log's verifier key, from a source that you trust: name+hash+base64")
        .addHelpText("after", `\n${exitCodes}`)
        .action(async (options: PullOptions) => {
            const stop = new AbortController()
            if (options.watch) process.once("SIGINT", () => stop.abort()).once("SIGTERM", () => stop.abort())
            process.exitCode = await pull(options, realWorld, stop.signal)
        })
}

export function pull(options: PullOptions, world: World, signal?: AbortSignal): Promise<ExitCode> {
    return asked(world, async () => {
        const every = Number(options.every ?? 30)
        if (!(every >= 1 && every <= 86_400)) throw new WrongUse("--every takes 1 to 86400 seconds")
        const client = await connected(options, world, signal)
        const out = options.out ?? "tocsin"
        const told = { json: options.json === true, quiet: options.watch === true, toldRecalls: new Set<string>() }
        const unlock = await lockFolder(out, process.pid)
        try {
            const pulling = { client, folder: await openFolder(out), world, signal, ...told }
            await pinGiven(pulling.folder, options.logKey)
            return options.watch ? await watch(pulling, every * 1000) : await once(pulling)
        } finally {
            world.progress("")
            await unlock()
        }
    })
}

/** Until it is told to stop. Outages and refusals of the moment pass; a record that is not to be believed does not. */
async function watch(pulling: Pulling, everyMs: number): Promise<ExitCode> {
    const { world, signal } = pulling
    while (!signal?.aborted) {
        try {
            await once(pulling)
        } catch (error) {
            if (signal?.aborted) break
            const passes = error instanceof NoAnswer || (error instanceof ApiRefusal && error.status !== 401)
            if (!passes) throw error
            world.message(`${error.message}: trying again`)
        }
        await world.sleep(everyMs, signal)
    }
    return 0
}

interface Looked {
    readonly fetched: readonly Fetched[]
    readonly refused: readonly Refused[]
    /** What is to be deleted, and was not said to be. */
    readonly recalled: readonly Recalled[]
}

async function once(pulling: Pulling): Promise<ExitCode> {
    const { client, folder, world } = pulling
    await checkHead(pulling)
    const refused: Refused[] = []
    const fetched: Fetched[] = []
    const recalls = (await orRefused(refused, "what was recalled", () => client.recalls())) ?? []
    const recalled = recalledOf(recalls, folder)
    const looked = { fetched, refused, recalled }
    const isNews = () => fetched.length + refused.length > 0 || recalled.some(({ id }) => !pulling.toldRecalls.has(id))
    try {
        const wanted = (await client.warnings()).flatMap((warning) => wantedOf(warning, folder.holdings.copies))
        for (const [i, one] of wanted.entries()) {
            world.progress(`fetching ${i + 1} of ${wanted.length}: ${one.artifact.name}`)
            const held = await orRefused(refused, one.artifact.name, () => fetchOne(pulling, one))
            if (held) fetched.push({ ...one, held })
        }
        await proveAll(pulling, refused)
        if (!pulling.quiet || isNews()) tell(pulling, looked)
    } catch (error) {
        world.progress("")
        if (isNews()) tell(pulling, looked)
        throw error
    }
    if (recalled.length > 0) return 3
    return refused.length > 0 ? 1 : 0
}

function wantedOf(warning: Warning, copies: readonly Held[]): Wanted[] {
    return warning.artifacts.flatMap((artifact) => {
        const { id, version, name } = artifact
        const isHeld = copies.some((copy) => copy.artifact === id && copy.version === version)
        return version === null || name === null || isHeld
            ? []
            : [{ warning, artifact: { ...artifact, version, name } }]
    })
}

async function fetchOne({ client, folder }: Pulling, { warning, artifact }: Wanted): Promise<Held> {
    mustBeIds(warning.id, artifact.id)
    const file = await placeFor(folder, warning.id, artifact)
    const { bytes, version, receipt } = await client.copy(artifact.id)
    mustBeIds(receipt)
    return await keep(folder, { warning: warning.id, artifact: artifact.id, version, file, bytes, receipt })
}

/** Ids become names of folders, and the program is another's. */
function mustBeIds(...ids: readonly string[]): void {
    for (const id of ids)
        if (!isId(id)) refuse("invalid", "pull.bad_id", `\`${id}\` is no id: nothing is saved under it`)
}

/** What is refused of one thing is noted, and the next has its turn; what is refused of the record is for all. */
async function orRefused<Of>(refused: Refused[], what: string, work: () => Promise<Of>): Promise<Of | null> {
    try {
        return await work()
    } catch (error) {
        const isForAll = !(error instanceof Refusal) || (error instanceof ApiRefusal && error.status === 401)
        if (isForAll) throw error
        refused.push({ what, code: error.code, message: error.message })
        return null
    }
}

async function pinGiven(folder: Folder, logKey: string | undefined): Promise<void> {
    if (logKey === undefined) return
    const { log } = folder.holdings
    if (log === null) await note(folder, { log: pinned(logKey) })
    else if (log.verifierKey !== logKey) {
        refuse(
            "conflict",
            "pull.other_key",
            `\`${folder.path}\` holds copies of a program with the key \`${log.verifierKey}\``,
        )
    }
}

async function checkHead({ client, folder, world }: Pulling): Promise<void> {
    const { log } = folder.holdings
    try {
        const seen = await seeHead(log, await client.checkpoint(), { ...client, verify: ed25519 })
        await note(folder, { log: seen })
        if (log === null) tellPinned(world, seen)
    } catch (error) {
        if (!(error instanceof ApiRefusal && error.code === "receipt.no_batch")) throw error
        seeNoHead(log)
    }
}

function tellPinned(world: World, { verifierKey }: Seen): void {
    world.message(`the log's key is now pinned: compare it with what the program published: ${verifierKey}`)
}

/** What is in no batch yet is waited for if the next one is near; else the next pull asks again. */
async function proveAll(pulling: Pulling, refused: Refused[]): Promise<void> {
    const { client, folder, world, signal } = pulling
    const later = await prove(pulling, unproven(folder), refused)
    if (later.length === 0) return
    const { nextInSeconds } = await client.checkpoint().catch(() => ({ nextInSeconds: Infinity }))
    if (!(nextInSeconds >= 0 && nextInSeconds <= waitSecondsMax)) return
    world.progress(`waiting for ${later.length} receipts`)
    await world.sleep(nextInSeconds * 1000 + 500, signal)
    await prove(pulling, later, refused)
}

const unproven = (folder: Folder) => folder.holdings.copies.filter((copy) => !copy.proven)

/** Gives those that are in no batch yet. */
async function prove(pulling: Pulling, copies: readonly Held[], refused: Refused[]): Promise<Held[]> {
    const { client, folder, world } = pulling
    const later: Held[] = []
    for (const [i, copy] of copies.entries()) {
        world.progress(`checking receipt ${i + 1} of ${copies.length}`)
        const receipt = await receiptOf(client, copy, refused)
        if (receipt === "later") later.push(copy)
        else if (receipt !== null) {
            const { log } = folder.holdings
            const seen = await seeReceipt(log, receipt.text, copy, { ...client, verify: ed25519 })
            await keepProof(folder, copy, receipt.text, seen)
            if (log === null) tellPinned(world, seen)
        }
    }
    return later
}

async function receiptOf(
    client: Client,
    copy: Held,
    refused: Refused[],
): Promise<{ readonly text: string } | "later" | null> {
    return await orRefused(refused, `the receipt of ${copy.file}`, async () => {
        try {
            return { text: await client.receipt(copy.receipt) }
        } catch (error) {
            if (error instanceof ApiRefusal && error.code === "receipt.not_yet") return "later"
            throw error
        }
    })
}

function tell({ folder, world, json, toldRecalls }: Pulling, { fetched, refused, recalled }: Looked): void {
    const { copies, log } = folder.holdings
    const waiting = unproven(folder).length
    world.progress("")
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
        world.result(jsonLine({ fetched: now, refused, recalled, held: copies.length, waiting, log }))
    } else {
        for (const { held, warning, artifact } of fetched) {
            const labels = `TLP:${artifact.tlp} PAP:${artifact.pap}`
            world.result(`${join(folder.path, held.file)}  ${artifact.class}, ${labels}, of ${warning.title}`)
        }
        for (const { what, code, message } of refused) world.message(`refused: ${what}: ${message} (${code})`)
        for (const one of recalled) world.message(recalledLine(one))
        const isNothing = fetched.length + refused.length + recalled.length === 0
        if (isNothing) world.message(`nothing new: ${copies.length} held`)
        if (waiting > 0) world.message(`${waiting} without the proof of their fetch yet: the next pull asks again`)
    }
}

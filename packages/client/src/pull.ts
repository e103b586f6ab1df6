/**
 * Fetches every copy that can be had and is not held yet, and holds the program to its log.
 *
 * First the newest head of the log is compared with what was seen before; then it is asked what was recalled; then come
 * the copies; then the proof of each fetch, which is checked here and kept beside its copy once the next batch of
 * receipts is out.
 */
import { Refusal, refuse } from "@tocsin/base/refusal"
import type { Portal, Recall, WarnedArtifact, Warning } from "./api.ts"
import { ApiRefusal, type Asking, NoAnswer } from "./requests.ts"
import { type Seen, pinned, seeHead, seeNoHead, seeReceipt } from "./log.ts"
import { portalOf } from "./portal.ts"
import { type Held, type Store, isId } from "./store.ts"

/** What is known of the program before it is asked. */
export interface Known {
    /** The log's verifier key, `name+hash+base64`, from a source that is trusted; without it, the first that is shown is believed. */
    readonly logKey?: string | undefined
}

interface Wanted {
    readonly warning: Warning
    readonly artifact: WarnedArtifact & { readonly version: number; readonly name: string }
}

/** Something that was refused by itself; what else there is goes on. */
interface Declined {
    readonly kind: "refused"
    readonly what: string
    readonly code: string
    readonly message: string
}

export type PullEvent =
    /** The first look: compare the key with what the program published. */
    | { readonly kind: "pinned"; readonly log: Seen }
    /** Recalls that wait for the partner's word that its copies are deleted. */
    | { readonly kind: "recalled"; readonly recalls: readonly Recall[] }
    /** `now` counts from 1. */
    | ({ readonly kind: "fetching"; readonly now: number; readonly of: number } & Wanted)
    | ({ readonly kind: "fetched"; readonly held: Held } & Wanted)
    | { readonly kind: "proving"; readonly held: Held; readonly now: number; readonly of: number }
    | { readonly kind: "proven"; readonly held: Held }
    /** For the next batch of receipts, which is near. */
    | { readonly kind: "waiting"; readonly receipts: number; readonly ms: number }
    | Declined
    /** The end of a look. `unproven`: how many wait for the proof of their fetch; the next look asks again. */
    | { readonly kind: "looked"; readonly held: number; readonly unproven: number; readonly log: Seen | null }

/** `outage`: the next look tries again. */
export type WatchEvent = PullEvent | { readonly kind: "outage"; readonly error: Error }

type Told = AsyncGenerator<PullEvent, void>

interface Pulling {
    readonly portal: Portal
    readonly store: Store
    readonly sleep: (ms: number) => Promise<void>
}

/** A batch that is further away is left to the next pull. */
const waitSecondsMax = 10

export async function* pull(asking: Asking, store: Store, { logKey }: Known): Told {
    const sleep = (ms: number): Promise<void> => asking.sleep(ms, asking.signal)
    const pulling = { portal: portalOf(asking), store, sleep }
    if (logKey !== undefined) await pinGiven(store, logKey)
    yield* checkHead(pulling)
    yield* notifyRecalls(pulling)
    yield* fetchAll(pulling)
    yield* proveAll(pulling)
    const held = await store.copies()
    const waiting = held.filter(({ proven }) => !proven).length
    yield { kind: "looked", held: held.length, unproven: waiting, log: await store.log() }
}

/** Outages and refusals of the moment pass; a record that is not to be believed does not. */
export async function* watch(
    asking: Asking,
    store: Store,
    { everyMs, ...known }: Known & { readonly everyMs: number },
): AsyncGenerator<WatchEvent, void> {
    const { signal } = asking
    while (!signal?.aborted) {
        try {
            yield* pull(asking, store, known)
        } catch (error) {
            if (signal?.aborted) return
            const passes = error instanceof NoAnswer || (error instanceof ApiRefusal && error.status !== 401)
            if (!passes) throw error
            yield { kind: "outage", error }
        }
        await asking.sleep(everyMs, signal)
    }
}

async function pinGiven(store: Store, logKey: string): Promise<void> {
    const log = await store.log()
    if (log === null) await store.see(pinned(logKey))
    else if (log.verifierKey !== logKey) {
        refuse("conflict", "pull.key_mismatch", `what is held is of a program with the key \`${log.verifierKey}\``)
    }
}

async function* checkHead({ portal, store }: Pulling): Told {
    const log = await store.log()
    try {
        const seen = await seeHead(log, await portal.checkpoint(), portal)
        await store.see(seen)
        if (log === null) yield { kind: "pinned", log: seen }
    } catch (error) {
        if (!(error instanceof ApiRefusal && error.code === "receipt.no_batch")) throw error
        seeNoHead(log)
    }
}

async function* notifyRecalls({ portal }: Pulling): Told {
    const values = await orDeclined("what was recalled", () => portal.recalls())
    if ("kind" in values) yield values
    else yield { kind: "recalled", recalls: values.filter(({ confirmedAt }) => confirmedAt === null) }
}

async function* fetchAll(pulling: Pulling): Told {
    const copies = await pulling.store.copies()
    const wanted = (await pulling.portal.warnings()).flatMap((warning) => wantedOf(warning, copies))
    for (const [i, item] of wanted.entries()) {
        yield { kind: "fetching", now: i + 1, of: wanted.length, ...item }
        const held = await orDeclined(item.artifact.name, () => fetchOne(pulling, item))
        yield "kind" in held ? held : { kind: "fetched", held, ...item }
    }
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

async function fetchOne({ portal, store }: Pulling, { warning, artifact }: Wanted): Promise<Held> {
    validateIds(warning.id, artifact.id)
    const file = await store.placeFor(warning.id, artifact)
    const { bytes, version, receipt } = await portal.copy(artifact.id)
    validateIds(receipt)
    return await store.keep({ warning: warning.id, artifact: artifact.id, version, file, bytes, receipt })
}

/** Ids become names of folders, and the program is another's. */
function validateIds(...ids: readonly string[]): void {
    for (const id of ids)
        if (!isId(id)) refuse("invalid", "pull.bad_id", `\`${id}\` is no id: nothing is saved under it`)
}

/** What is refused of one thing is noted, and the next has its turn; what is refused of the record is for all. */
async function orDeclined<Of extends object>(kind: string, work: () => Promise<Of>): Promise<Of | Declined> {
    try {
        return await work()
    } catch (error) {
        const isForAll = !(error instanceof Refusal) || (error instanceof ApiRefusal && error.status === 401)
        if (isForAll) throw error
        return { kind: "refused", what: kind, code: error.code, message: error.message }
    }
}

/** What is in no batch yet is waited for if the next one is near; else the next pull asks again. */
async function* proveAll(pulling: Pulling): Told {
    const { portal, store, sleep } = pulling
    const copies = (await store.copies()).filter(({ proven }) => !proven)
    const later: Held[] = []
    yield* prove(pulling, copies, later)
    if (later.length === 0) return
    const { nextInSeconds } = await portal.checkpoint().catch(() => ({ nextInSeconds: Infinity }))
    if (!(nextInSeconds >= 0 && nextInSeconds <= waitSecondsMax)) return
    const ms = nextInSeconds * 1000 + 500
    yield { kind: "waiting", receipts: later.length, ms }
    await sleep(ms)
    yield* prove(pulling, later, [])
}

/** Those that are in no batch yet are put to `later`. */
async function* prove({ portal, store }: Pulling, copies: readonly Held[], later: Held[]): Told {
    for (const [i, held] of copies.entries()) {
        yield { kind: "proving", held, now: i + 1, of: copies.length }
        const receipt = await orDeclined(`the receipt of ${held.file}`, () => receiptOf(portal, held))
        if ("kind" in receipt) yield receipt
        else if (receipt.text === null) later.push(held)
        else {
            const log = await store.log()
            const seen = await seeReceipt(log, receipt.text, held, portal)
            await store.keepProof(held, receipt.text, seen)
            if (log === null) yield { kind: "pinned", log: seen }
            yield { kind: "proven", held: { ...held, proven: true } }
        }
    }
}

/** Null: with the next batch. */
async function receiptOf(portal: Portal, held: Held): Promise<{ readonly text: string | null }> {
    try {
        return { text: await portal.receipt(held.receipt) }
    } catch (error) {
        if (error instanceof ApiRefusal && error.code === "receipt.not_published_yet") return { text: null }
        throw error
    }
}

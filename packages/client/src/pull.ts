/**
 * Pulls copies: fetches every available copy that the store does not hold, and checks the receipt log.
 *
 * A pull compares the newest checkpoint with the one seen before. Then it asks for recalls, fetches copies, and
 * requests the receipt of each fetch. Receipts are checked here and stored next to their copies, once the next batch is
 * published.
 */
import { Refusal, refuse } from "@tocsin/base/refusal"
import type { Portal, Recall, WarnedArtifact, Warning } from "./api.ts"
import { ApiRefusal, type Asking, NoAnswer } from "./requests.ts"
import { type Seen, pinned, seeHead, seeNoHead, seeReceipt } from "./log.ts"
import { portalOf } from "./portal.ts"
import { type Held, type Store, isId } from "./store.ts"

/** What the caller knows of the program beforehand. */
export interface Known {
    /**
     * The log's verifier key, `name+hash+base64`, from a trusted source. Without it, the first key shown is trusted.
     */
    readonly logKey?: string | undefined
}

interface Wanted {
    readonly warning: Warning
    readonly artifact: WarnedArtifact & { readonly version: number; readonly name: string }
}

/** A refusal of one item. The pull continues with the others. */
interface Declined {
    readonly kind: "refused"
    readonly what: string
    readonly code: string
    readonly message: string
}

/** A step of a pull. */
export type PullEvent =
    /** The first pull pinned this key: compare it with the key that the program published. */
    | { readonly kind: "pinned"; readonly log: Seen }
    /** Recalls for which the partner must confirm the deletion. */
    | { readonly kind: "recalled"; readonly recalls: readonly Recall[] }
    /** `now` counts from 1. */
    | ({ readonly kind: "fetching"; readonly now: number; readonly of: number } & Wanted)
    | ({ readonly kind: "fetched"; readonly held: Held } & Wanted)
    | { readonly kind: "proving"; readonly held: Held; readonly now: number; readonly of: number }
    | { readonly kind: "proven"; readonly held: Held }
    /** Waits for the next batch of receipts, which is near. */
    | { readonly kind: "waiting"; readonly receipts: number; readonly ms: number }
    | Declined
    /** The end of a pull. `unproven` copies still need the proof of their fetch; the next pull asks again. */
    | { readonly kind: "finished"; readonly held: number; readonly unproven: number; readonly log: Seen | null }

/** A step of a watch. After an `outage`, the next pull tries again. */
export type WatchEvent = PullEvent | { readonly kind: "outage"; readonly error: Error }

type Told = AsyncGenerator<PullEvent, void>

interface Pulling {
    readonly portal: Portal
    readonly store: Store
    readonly sleep: (ms: number) => Promise<void>
}

/** The longest wait for a batch, in seconds. A later batch is left to the next pull. */
const waitSecondsMax = 10

/** Pulls once. Throws if the log or the store is refused as a whole. */
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
    yield { kind: "finished", held: held.length, unproven: waiting, log: await store.log() }
}

/**
 * Pulls repeatedly. Outages and temporary refusals are reported and pass. A log that contradicts itself ends the watch.
 */
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
        refuse(
            "conflict",
            "pull.key_mismatch",
            `the folder belongs to a server with the key \`${log.verifierKey}\`: use another folder`,
        )
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

/** Ids become folder names, and they come from another party. */
function validateIds(...ids: readonly string[]): void {
    for (const id of ids)
        if (!isId(id)) refuse("invalid", "pull.bad_id", `\`${id}\` is not an id: the copy is not saved`)
}

/** Reports a refusal of one item, so that the next can continue. A refusal of the log is thrown. */
async function orDeclined<Of extends object>(kind: string, work: () => Promise<Of>): Promise<Of | Declined> {
    try {
        return await work()
    } catch (error) {
        const isForAll = !(error instanceof Refusal) || (error instanceof ApiRefusal && error.status === 401)
        if (isForAll) throw error
        return { kind: "refused", what: kind, code: error.code, message: error.message }
    }
}

/** Waits for the next batch if it is near. Otherwise the next pull asks again. */
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

/** Adds copies that are in no batch yet to `later`. */
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

/** Null means that the receipt comes with the next batch. */
async function receiptOf(portal: Portal, held: Held): Promise<{ readonly text: string | null }> {
    try {
        return { text: await portal.receipt(held.receipt) }
    } catch (error) {
        if (error instanceof ApiRefusal && error.code === "receipt.not_published_yet") return { text: null }
        throw error
    }
}

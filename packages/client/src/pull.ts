/**
 * Pulls copies: fetches every available copy that the store does not hold, and checks the receipt log.
 *
 * A pull compares the newest checkpoint with the one seen before. Then it asks for recalls, checks the witnesses,
 * fetches copies, and requests the receipt of each fetch. Receipts are checked here and stored next to their copies,
 * once the next batch is published.
 */
import { Refusal, refuse } from "@tocsin/base/refusal"
import type { Portal, Recall, WarningArtifact, Warning } from "./api.ts"
import { ApiRefusal, type Connection, NoAnswer } from "./requests.ts"
import {
    type KnownLog,
    pinLog,
    repinLog,
    acceptCheckpoint,
    acceptNoCheckpoint,
    acceptReceipt,
    assertWitnessed,
    behindMsMax,
    isBehind,
    type WitnessTrust,
} from "./log.ts"
import { makePortal } from "./portal.ts"
import { type HeldCopy, type Store, isId } from "./store.ts"
import { type KeyCheck, type KeyStore, checkKeys, fetchReceiptText } from "./check-keys.ts"

/** What the caller knows of the program beforehand. */
export interface LogTrust {
    /**
     * The log's verifier key, `name+hash+base64`, from a trusted source. Without it, the first key shown is trusted.
     */
    readonly logKey?: string | undefined
    /** Without it, no witness must have signed the log. */
    readonly witnesses?: WitnessTrust | undefined
}

interface WantedCopy {
    readonly warning: Warning
    readonly artifact: WarningArtifact & { readonly version: number; readonly name: string }
}

/** A refusal of one item. The pull continues with the others. */
interface RefusedItem {
    readonly kind: "refused"
    readonly item: string
    readonly code: string
    readonly message: string
}

/** A step of a pull. */
export type PullEvent =
    /**
     * The first pull pinned this key: compare it with the key that the program published. This event and `adopted`
     * come again until a pull has finished.
     */
    | { readonly kind: "pinned"; readonly log: KnownLog }
    /** The log has another key, which its former key names: compare it with the key that the program published. */
    | { readonly kind: "adopted"; readonly log: KnownLog }
    /** Changes of the partner's keys since the last pull. Those that are pending come again, with their proof. */
    | ({ readonly kind: "keys_changed" } & KeyCheck)
    /** Recalls for which the partner must confirm the deletion. */
    | { readonly kind: "recalled"; readonly recalls: readonly Recall[] }
    /** `current` counts from 1. */
    | ({ readonly kind: "fetching"; readonly current: number; readonly total: number } & WantedCopy)
    | ({ readonly kind: "fetched"; readonly held: HeldCopy } & WantedCopy)
    | { readonly kind: "proving"; readonly held: HeldCopy; readonly current: number; readonly total: number }
    | { readonly kind: "proven"; readonly held: HeldCopy }
    /** Waits for the next batch of receipts, which is near. */
    | { readonly kind: "waiting"; readonly receipts: number; readonly ms: number }
    | RefusedItem
    /** The end of a pull. `unproven` copies still need the proof of their fetch; the next pull asks again. */
    | { readonly kind: "finished"; readonly held: number; readonly unproven: number; readonly log: KnownLog | null }

/** A step of a watch. After an `outage`, the next pull tries again. */
export type WatchEvent = PullEvent | { readonly kind: "outage"; readonly error: Error }

type PullEvents = AsyncGenerator<PullEvent, void>

interface PullState {
    readonly portal: Portal
    readonly store: Store
    readonly sleep: (ms: number) => Promise<void>
}

/** The longest wait for a batch, in seconds. A later batch is left to the next pull. */
const waitSecondsMax = 10

/** Pulls once. Throws if the log or the store is refused as a whole. */
export async function* pull(connection: Connection, store: Store, { logKey, witnesses }: LogTrust): PullEvents {
    const sleep = (ms: number): Promise<void> => connection.sleep(ms, connection.signal)
    const state = { portal: makePortal(connection), store, sleep }
    if (logKey !== undefined) await pinTrustedKey(store, logKey)
    const { known, keyChanges, witnessed } = yield* updateLogOrRecalls(state)
    yield* reportKey(known)
    yield* reportRecalls(state)
    if (witnesses !== undefined) await store.saveLog(await assertWitnessed(known, witnessed, witnesses, state.portal))
    const keys = await store.loadKeys()
    if (keyChanges !== (keys?.changes.length ?? 0) || (keys?.pending.length ?? 0) > 0)
        yield { kind: "keys_changed", ...(await checkKeys(state.portal, store)) }
    yield* fetchAll(state)
    yield* proveAll(state)
    const held = await store.listCopies()
    const unproven = held.filter(({ proven }) => !proven).length
    const log = await store.loadLog()
    if (log?.verifierKey !== known?.verifierKey) yield* reportKey(log)
    yield { kind: "finished", held: held.length, unproven, log }
    if (log?.isKeyNew === true) await store.saveLog({ ...log, isKeyNew: false })
}

/** Reports a key that no finished pull has reported: the first one, or an adopted one. */
function* reportKey(log: KnownLog | null): Generator<PullEvent, void> {
    if (log?.isKeyNew === true) yield { kind: log.formerKeys === undefined ? "pinned" : "adopted", log }
}

/** Recalls are reported also where the log cannot be accepted yet. */
async function* updateLogOrRecalls(state: PullState): AsyncGenerator<PullEvent, LogUpdate> {
    try {
        return await updateLog(state.portal, state.store)
    } catch (error) {
        if (isBehind(error)) yield* reportRecalls(state)
        throw error
    }
}

/**
 * Pulls repeatedly. Outages and temporary refusals are reported and pass, also signatures of witnesses that are missing
 * or late. A log that contradicts itself ends the watch, and one that is behind for an hour.
 */
export async function* watch(
    connection: Connection,
    store: Store,
    { everyMs, ...trust }: LogTrust & { readonly everyMs: number },
): AsyncGenerator<WatchEvent, void> {
    const { signal } = connection
    let behindMs = 0
    while (!signal?.aborted) {
        try {
            yield* pull(connection, store, trust)
            behindMs = 0
        } catch (error) {
            if (signal?.aborted) return
            if (isBehind(error)) behindMs += everyMs
            if (!isTemporary(error) || behindMs > behindMsMax) throw error
            yield { kind: "outage", error }
        }
        await connection.sleep(everyMs, signal)
    }
}

/** A partner without access may get it, witnesses may sign later, and a server's clock may be behind another's. */
const temporaryCodes = new Set(["pull.no_access", "client.not_witnessed", "client.witnesses_late", "client.log_behind"])

function isTemporary(error: unknown): error is Error {
    if (error instanceof ApiRefusal) return error.status !== 401
    return error instanceof NoAnswer || (error instanceof Refusal && temporaryCodes.has(error.code))
}

async function pinTrustedKey(store: Store, logKey: string): Promise<void> {
    const log = await store.loadLog()
    const pinned = log === null ? pinLog(logKey) : repinLog(log, logKey)
    if (pinned === null) {
        refuse(
            "conflict",
            "pull.key_mismatch",
            `the folder belongs to a server with the key \`${log?.verifierKey}\`: use another folder`,
        )
    }
    if (pinned !== log) await store.saveLog(pinned)
}

/** The newest state of the log. */
interface LogUpdate {
    readonly known: KnownLog | null
    /** How many changes of the partner's keys the server counts. */
    readonly keyChanges: number
    /** The note that witnesses signed. */
    readonly witnessed: string | null
}

/** Accepts the newest checkpoint. */
async function updateLog(portal: Portal, store: KeyStore): Promise<LogUpdate> {
    const log = await store.loadLog()
    try {
        const head = await portal.loadCheckpoint()
        const known = await acceptCheckpoint(log, head, portal)
        await store.saveLog(known)
        return { known, keyChanges: head.keyChanges, witnessed: head.witnessed ?? null }
    } catch (error) {
        if (!(error instanceof ApiRefusal && error.code === "receipt.no_batch")) throw error
        acceptNoCheckpoint(log)
        return { known: log, keyChanges: 0, witnessed: null }
    }
}

/** Accepts the newest checkpoint, and checks all keys. Throws what `acceptCheckpoint` and `checkKeys` throw. */
export async function checkAllKeys(connection: Connection, store: KeyStore): Promise<KeyCheck> {
    const portal = makePortal(connection)
    await updateLog(portal, store)
    return await checkKeys(portal, store)
}

async function* reportRecalls({ portal }: PullState): PullEvents {
    const values = await catchRefusal("the list of recalls", () => portal.listRecalls())
    if (!("kind" in values)) {
        yield { kind: "recalled", recalls: values.filter(({ confirmedAt }) => confirmedAt === null) }
        return
    }
    if (values.code === "request.not_found") await assertCaseAccess(portal)
    yield values
}

/** Without case access, the portal has no lists for a partner: refuses `pull.no_access` with its status. */
async function assertCaseAccess(portal: Portal): Promise<void> {
    const { status } = (await portal.loadAccount()).partner
    if (status === "active" || status === "restricted") return
    refuse(
        "missing",
        "pull.no_access",
        `your organisation is \`${status}\` and has no access to warnings: open the portal`,
    )
}

async function* fetchAll(pulling: PullState): PullEvents {
    const copies = await pulling.store.listCopies()
    const wanted = (await pulling.portal.listWarnings()).flatMap((warning) => wantedOf(warning, copies))
    for (const [i, item] of wanted.entries()) {
        yield { kind: "fetching", current: i + 1, total: wanted.length, ...item }
        const held = await catchRefusal(item.artifact.name, () => fetchOne(pulling, item))
        yield "kind" in held ? held : { kind: "fetched", held, ...item }
    }
}

function wantedOf(warning: Warning, copies: readonly HeldCopy[]): WantedCopy[] {
    return warning.artifacts.flatMap((artifact) => {
        const { id, version, name } = artifact
        const isHeld = copies.some((copy) => copy.artifact === id && copy.version === version)
        return version === null || name === null || isHeld
            ? []
            : [{ warning, artifact: { ...artifact, version, name } }]
    })
}

async function fetchOne({ portal, store }: PullState, { warning, artifact }: WantedCopy): Promise<HeldCopy> {
    validateIds(warning.id, artifact.id)
    const place = await store.choosePlace(warning.id, artifact)
    const { bytes, format, version, receipt } = await portal.fetchCopy(artifact.id)
    validateIds(receipt)
    const ids = { warning: warning.id, artifact: artifact.id, receipt }
    return await store.saveCopy({ ...ids, version, place, bytes, format })
}

/** Ids become folder names, and they come from another party. */
function validateIds(...ids: readonly string[]): void {
    for (const id of ids)
        if (!isId(id))
            refuse(
                "invalid",
                "pull.bad_id",
                `the server sent the bad id \`${id}\`, so the copy is not saved: ask the operator why`,
            )
}

/** Reports a refusal of one item, so that the next can continue. A refusal of the log is thrown. */
async function catchRefusal<T extends object>(item: string, work: () => Promise<T>): Promise<T | RefusedItem> {
    try {
        return await work()
    } catch (error) {
        const concernsAllItems = !(error instanceof Refusal) || (error instanceof ApiRefusal && error.status === 401)
        if (concernsAllItems) throw error
        return { kind: "refused", item, code: error.code, message: error.message }
    }
}

/** Waits for the next batch if it is near. Otherwise the next pull asks again. */
async function* proveAll(pulling: PullState): PullEvents {
    const { portal, store, sleep } = pulling
    const copies = (await store.listCopies()).filter(({ proven }) => !proven)
    const later: HeldCopy[] = []
    yield* proveCopies(pulling, copies, later)
    if (later.length === 0) return
    const { nextInSeconds } = await portal.loadCheckpoint().catch(() => ({ nextInSeconds: Infinity }))
    if (!(nextInSeconds >= 0 && nextInSeconds <= waitSecondsMax)) return
    const ms = nextInSeconds * 1000 + 500
    yield { kind: "waiting", receipts: later.length, ms }
    await sleep(ms)
    yield* proveCopies(pulling, later, [])
}

/** Adds copies that are in no batch yet to `later`. */
async function* proveCopies({ portal, store }: PullState, copies: readonly HeldCopy[], later: HeldCopy[]): PullEvents {
    for (const [i, held] of copies.entries()) {
        yield { kind: "proving", held, current: i + 1, total: copies.length }
        const receipt = await catchRefusal(`the receipt of ${held.file}`, async () => ({
            text: await fetchReceiptText(portal, held.receipt),
        }))
        if ("kind" in receipt) yield receipt
        else if (receipt.text === null) later.push(held)
        else {
            const log = await store.loadLog()
            const known = await acceptReceipt(log, receipt.text, held, portal)
            await store.saveProof(held, receipt.text, known)
            yield { kind: "proven", held: { ...held, proven: true } }
        }
    }
}

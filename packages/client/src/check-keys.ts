/**
 * Checks the keys that the server lists against the receipts of their changes.
 *
 * The receipts are in the log, numbered and chained. So the server can neither hide an added key nor deny it later. A
 * change whose receipt is in no batch yet is pending, which is no alarm for `pendingBatchesMax` batches.
 */
import { canonical } from "@tocsin/base/canonical"
import { Refusal, refuse } from "@tocsin/base/refusal"
import type { Key, KeyList, Portal } from "./api.ts"
import type { KeyChange, KnownKeys } from "./key-change.ts"
import { acceptKeyReceipt } from "./log.ts"
import { recipientText } from "./recipient.ts"
import { ApiRefusal } from "./requests.ts"
import type { Store } from "./store.ts"

/** The part of a store that remembers keys. */
export type KeyStore = Pick<Store, "loadLog" | "saveLog" | "loadKeys" | "saveKeys">

/** The result of a check. */
export interface KeyCheck extends KeyList {
    /** The changes since the last look whose receipts are proven. */
    readonly added: readonly KeyChange[]
    /** The changes whose receipts are in no batch yet. */
    readonly pending: readonly KeyChange[]
    /** Those of them that no earlier look saw. */
    readonly newlyPending: readonly KeyChange[]
    /** The commitment of the last proven change, in hex; null before the first. Equal for all people of a partner. */
    readonly head: string | null
}

/** A batch has 16 receipts of a partner, so this many batches are enough for 16,000 earlier receipts. */
const pendingBatchesMax = 1000

const noKeys: KnownKeys = { changes: [], head: null, pending: [] }

/**
 * Fetches and checks each receipt that the store has not seen, and compares the keys with all of them. Refuses
 * `keys.receipts_vanished`, `keys.receipts_broken`, `keys.receipt_overdue`, `keys.no_receipt`, `keys.hidden` and
 * `keys.receipt_differs`. Throws what `acceptReceipt` throws.
 */
export async function checkKeys(portal: Portal, store: KeyStore): Promise<KeyCheck> {
    const before = (await store.loadKeys()) ?? noKeys
    try {
        return await checkOnce(portal, store, before)
    } catch (error) {
        // A change while the server read both lists looks like a lie. The second look tells.
        if (!(error instanceof Refusal && mayBeRace.has(error.code))) throw error
        return await checkOnce(portal, store, before)
    }
}

const mayBeRace = new Set(["keys.no_receipt", "keys.hidden", "keys.receipt_differs"])

async function checkOnce(portal: Portal, store: KeyStore, before: KnownKeys): Promise<KeyCheck> {
    const known = (await store.loadKeys()) ?? noKeys
    const list = await portal.listKeys()
    assertContinues(known, list.changes)
    const proven = await proveChanges(portal, store, known, list.changes)
    const pending = list.changes.slice(proven.changes.length)
    await notePending(store, proven, pending)
    const changes = [...proven.changes, ...pending]
    assertKeysMatch(list.keys, changes)
    const isNew = ({ number }: KeyChange) => before.pending.every(({ change }) => change.number !== number)
    return {
        keys: list.keys,
        changes,
        head: proven.head,
        added: proven.changes.slice(before.changes.length),
        pending,
        newlyPending: pending.filter(isNew),
    }
}

/** Every change seen before must still be listed, at its number, and all must be of one partner. */
function assertContinues(known: KnownKeys, changes: readonly KeyChange[]): void {
    const isGone = known.changes.some((change, i) => changes[i]?.receipt !== change.receipt)
    const isPendingGone = known.pending.some(({ change }) => !isSame(changes[change.number - 1], change))
    if (isGone || isPendingGone)
        refuse(
            "conflict",
            "keys.receipts_vanished",
            "the server no longer lists a change of your keys that it listed before: call the operator",
        )
    const broken = changes.find(({ number, partner }, i) => number !== i + 1 || partner !== changes[0]?.partner)
    if (broken !== undefined) refuseBroken(broken)
}

const isSame = (listed: KeyChange | undefined, change: KeyChange): boolean =>
    listed !== undefined && canonical(listed) === canonical(change)

/** Proves changes in order, until the first one whose receipt is in no batch yet. */
async function proveChanges(
    portal: Portal,
    store: KeyStore,
    known: KnownKeys,
    changes: readonly KeyChange[],
): Promise<KnownKeys> {
    let proven = known
    for (const change of changes.slice(known.changes.length)) {
        const receipt = await fetchReceiptText(portal, change.receipt)
        if (receipt === null) break
        if (change.previous !== proven.head) refuseBroken(change)
        const { log, commitment } = await acceptKeyReceipt(await store.loadLog(), receipt, change, portal)
        const pending = proven.pending.filter((waiting) => waiting.change.number > change.number)
        proven = { changes: [...proven.changes, change], head: commitment, pending }
        await store.saveKeys(proven, log)
    }
    return proven
}

/** Remembers each pending change, and since when. Refuses one that is pending for too long. */
async function notePending(store: KeyStore, proven: KnownKeys, pending: readonly KeyChange[]): Promise<void> {
    const log = await store.loadLog()
    if (pending.length === 0 || log === null) return
    const sinceOf = (change: KeyChange) =>
        proven.pending.find((waiting) => waiting.change.number === change.number)?.since ?? log.size
    const waiting = pending.map((change) => ({ change, since: sinceOf(change) }))
    if (waiting.length > proven.pending.length) await store.saveKeys({ ...proven, pending: waiting }, log)
    const overdue = waiting.find(({ since }) => log.size - since > pendingBatchesMax)
    if (overdue !== undefined)
        refuse(
            "conflict",
            "keys.receipt_overdue",
            `the receipt \`${overdue.change.receipt}\` of your keys is still not in the log: call the operator`,
        )
}

/** Null means that the receipt comes with a later batch. */
export async function fetchReceiptText(portal: Portal, receipt: string): Promise<string | null> {
    try {
        return await portal.fetchReceipt(receipt)
    } catch (error) {
        if (error instanceof ApiRefusal && error.code === "receipt.not_published_yet") return null
        throw error
    }
}

/** Compares the keys as listed with the keys as their changes describe them. */
function assertKeysMatch(keys: readonly Key[], changes: readonly KeyChange[]): void {
    const last = new Map(changes.map((change) => [change.key, change]))
    for (const key of keys) {
        const change = last.get(key.id)
        const name = recipientText(key.recipient)
        if (change === undefined)
            refuse(
                "conflict",
                "keys.no_receipt",
                `no receipt names the key \`${name}\`, which the server seals copies to: call the operator`,
            )
        if (!isAsIn(change, key))
            refuse(
                "conflict",
                "keys.receipt_differs",
                `the server lists the key \`${name}\` differently from its receipts: call the operator`,
            )
    }
    const hidden = changes.find(({ key }) => !keys.some(({ id }) => id === key))
    if (hidden !== undefined)
        refuse(
            "conflict",
            "keys.hidden",
            `the server does not list the key \`${hidden.recipient}\`, which a receipt names: call the operator`,
        )
}

const isAsIn = (change: KeyChange, key: Key): boolean =>
    recipientText(key.recipient) === change.recipient &&
    key.usableFrom === change.usableFrom &&
    key.expiresAt === change.expiresAt &&
    key.confirmedBy === change.confirmedBy &&
    (key.revokedAt !== null) === (change.kind === "key_revoked")

function refuseBroken({ receipt }: KeyChange): never {
    refuse(
        "conflict",
        "keys.receipts_broken",
        `the receipt \`${receipt}\` of your keys does not continue the one before: call the operator`,
    )
}

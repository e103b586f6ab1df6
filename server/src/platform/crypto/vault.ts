/**
 * The vault: what the database holds of content, titles, names and notes is boxed, under one data key per scope.
 *
 * A scope is `case:<id>`, `partner:<id>` or `program`. The keys lie wrapped in the database and are unwrapped for one
 * transaction only: none outlives the decision it was read for.
 */
import type { KeyObject } from "node:crypto"
import { dataKeyFrom, decrypt, encrypt, type Keys, newDataKey } from "./keys.ts"
import type { Tx } from "../postgres/db.ts"

interface Held {
    readonly keys: Map<string, KeyObject>
    /** What is being read: whoever needs it too waits for it. */
    readonly asked: Map<string, Promise<void>>
}

const unwrapped = new WeakMap<Tx, Held>()

/** Boxes a text for a place (`cases.details:<id>`); the scope's key is made where there is none. */
export function seal(tx: Tx, keys: Keys, scope: string, place: string, text: string): Promise<Buffer> {
    return sealBytes(tx, keys, scope, place, Buffer.from(text, "utf8"))
}

/** Throws where the scope has no key, and for a box of another place. */
export async function unseal(tx: Tx, keys: Keys, scope: string, place: string, box: Uint8Array): Promise<string> {
    return (await unsealBytes(tx, keys, scope, place, box)).toString("utf8")
}

export async function sealBytes(tx: Tx, keys: Keys, scope: string, place: string, plain: Uint8Array): Promise<Buffer> {
    const key = held(tx, scope) ?? (await readKey(tx, keys, scope)) ?? (await makeKey(tx, keys, scope))
    return encrypt(key, place, plain)
}

export async function unsealBytes(tx: Tx, keys: Keys, scope: string, place: string, box: Uint8Array): Promise<Buffer> {
    const key = held(tx, scope) ?? (await readKey(tx, keys, scope))
    if (!key) throw new Error(`there is no data key for ${scope}`)
    return decrypt(key, place, box)
}

/** Of two transactions that are first at once, the second waits for the first and takes its key. */
async function makeKey(tx: Tx, keys: Keys, scope: string): Promise<KeyObject> {
    const wrapped = keys.wrap(`data_keys.wrapped:${scope}`, newDataKey())
    await tx.query("insert into data_keys (scope, wrapped) values ($1, $2) on conflict do nothing", [scope, wrapped])
    // Not what somebody asked for before it was made.
    await readKeys(tx, keys, [scope])
    return held(tx, scope) ?? gone(scope)
}

function gone(scope: string): never {
    throw new Error(`the data key for ${scope} is gone`)
}

/** What was boxed under it opens nowhere any more, but where a copy of the key is kept: in a backup. */
export async function destroyKey(tx: Tx, scope: string): Promise<void> {
    await tx.query("delete from data_keys where scope = $1", [scope])
    unwrapped.get(tx)?.keys.delete(scope)
}

async function readKey(tx: Tx, keys: Keys, scope: string): Promise<KeyObject | undefined> {
    await holdKeys(tx, keys, [scope])
    return held(tx, scope)
}

/** Of whatever of many scopes is going to be opened: the keys are read at once, and each once. */
export async function holdKeys(tx: Tx, keys: Keys, scopes: readonly string[]): Promise<void> {
    const holding = heldIn(tx)
    const wanted = scopes.filter((scope) => !holding.keys.has(scope) && !holding.asked.has(scope))
    if (wanted.length > 0) {
        const reading = readKeys(tx, keys, wanted).finally(() => wanted.forEach((scope) => holding.asked.delete(scope)))
        for (const scope of wanted) holding.asked.set(scope, reading)
    }
    await Promise.all(new Set(scopes.flatMap((scope) => holding.asked.get(scope) ?? [])))
}

async function readKeys(tx: Tx, keys: Keys, scopes: readonly string[]): Promise<void> {
    // An array that is selected is planned for once, however many are in it; a bare one each time.
    const rows = await tx.query<{ scope: string; wrapped: Buffer }>(
        "select scope, wrapped from data_keys where scope = any((select $1::text[])::text[])",
        [scopes],
    )
    for (const { scope, wrapped } of rows) {
        heldIn(tx).keys.set(scope, dataKeyFrom(keys.unwrap(`data_keys.wrapped:${scope}`, wrapped)))
    }
}

function heldIn(tx: Tx): Held {
    const input = unwrapped.get(tx) ?? { keys: new Map(), asked: new Map() }
    unwrapped.set(tx, input)
    return input
}

function held(tx: Tx, scope: string): KeyObject | undefined {
    return unwrapped.get(tx)?.keys.get(scope)
}

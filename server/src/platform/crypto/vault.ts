/**
 * Encrypts content, titles, names and notes in the database, with one data key per scope.
 *
 * A scope is `case:<id>`, `partner:<id>` or `program`. Keys are stored wrapped and unwrapped for one transaction only.
 */
import type { KeyObject } from "node:crypto"
import { dataKeyFrom, decrypt, encrypt, type Keys, newDataKey } from "./keys.ts"
import type { Instant } from "@tocsin/base/instant"
import type { Tx } from "../postgres/db.ts"

interface TxKeys {
    readonly keys: Map<string, KeyObject>
    /** Keys that are being read. Concurrent callers wait for the same read. */
    readonly loading: Map<string, Promise<void>>
    /** Scopes whose key was destroyed permanently. */
    readonly destroyed: Set<string>
}

/** The scope's key was destroyed permanently: its ciphertexts cannot be decrypted, and it gets no new one. */
export class DestroyedKey extends Error {}

const keysByTx = new WeakMap<Tx, TxKeys>()

/** Encrypts a text for a place (`cases.details:<id>`). Makes the scope's key if it is missing. */
export function encryptText(tx: Tx, keys: Keys, scope: string, place: string, text: string): Promise<Buffer> {
    return encryptBytes(tx, keys, scope, place, Buffer.from(text, "utf8"))
}

/**
 * Decrypts a ciphertext. Throws where the scope has no key (`DestroyedKey` where it was destroyed permanently), or the
 * ciphertext is from another place.
 */
export async function decryptText(
    tx: Tx,
    keys: Keys,
    scope: string,
    place: string,
    ciphertext: Uint8Array,
): Promise<string> {
    return (await decryptBytes(tx, keys, scope, place, ciphertext)).toString("utf8")
}

export async function encryptBytes(
    tx: Tx,
    keys: Keys,
    scope: string,
    place: string,
    plain: Uint8Array,
): Promise<Buffer> {
    const key = findHeldKey(tx, scope) ?? (await readKey(tx, keys, scope)) ?? (await makeKey(tx, keys, scope))
    return encrypt(key, place, plain)
}

export async function decryptBytes(
    tx: Tx,
    keys: Keys,
    scope: string,
    place: string,
    ciphertext: Uint8Array,
): Promise<Buffer> {
    const key = findHeldKey(tx, scope) ?? (await readKey(tx, keys, scope))
    if (!key) throwMissingKey(tx, scope)
    return decrypt(key, place, ciphertext)
}

/** Makes a key. Of two concurrent transactions the second waits and takes the first one's key. */
async function makeKey(tx: Tx, keys: Keys, scope: string): Promise<KeyObject> {
    if (txKeysOf(tx).destroyed.has(scope)) throwMissingKey(tx, scope)
    const wrapped = keys.wrap(`data_keys.wrapped:${scope}`, newDataKey())
    const sql = "insert into data_keys (scope, wrapped, version) values ($1, $2, 2) on conflict do nothing"
    await tx.query(sql, [scope, wrapped])
    // Reads the key again, because an earlier read found none.
    await readKeys(tx, keys, [scope])
    return findHeldKey(tx, scope) ?? throwMissingKey(tx, scope)
}

function throwMissingKey(tx: Tx, scope: string): never {
    if (txKeysOf(tx).destroyed.has(scope)) throw new DestroyedKey(`the data key for ${scope} was destroyed`)
    throw new Error(`there is no data key for ${scope}`)
}

/**
 * Wraps the data keys of older versions with other keys. `isNew`: there was no data key of this version. `hadKeys`:
 * there were some of older ones.
 */
export async function rewrapDataKeys(
    tx: Tx,
    from: Keys,
    to: Keys,
): Promise<{ readonly isNew: boolean; readonly hadKeys: boolean }> {
    const isNew = (await tx.query("select from data_keys where version <> 1 limit 1")).length === 0
    const rows = await tx.query<{ scope: string; wrapped: Buffer }>(
        "select scope, wrapped from data_keys where version = 1",
    )
    const wrapped = rows.map((row) => {
        const place = `data_keys.wrapped:${row.scope}`
        return to.wrap(place, from.unwrap(place, row.wrapped))
    })
    await tx.query(
        `update data_keys set wrapped = changed.wrapped, version = 2
         from unnest($1::text[], $2::bytea[]) as changed (scope, wrapped) where data_keys.scope = changed.scope`,
        [rows.map(({ scope }) => scope), wrapped],
    )
    return { isNew, hadKeys: rows.length > 0 }
}

/** Deletes a scope's key. Its ciphertexts can then be decrypted only with a copy of the key from a backup. */
export async function destroyKey(tx: Tx, scope: string): Promise<void> {
    await tx.query("delete from data_keys where scope = $1", [scope])
    keysByTx.get(tx)?.keys.delete(scope)
}

/**
 * Destroys a scope's key permanently: the scope gets no new key, also after a restore. `approval` is null where a
 * restored database destroys the key again. Returns false if it was destroyed before.
 */
export async function destroyKeyPermanently(
    tx: Tx,
    { scope, at, approval }: { readonly scope: string; readonly at: Instant; readonly approval: string | null },
): Promise<boolean> {
    const rows = await tx.query(
        `insert into destroyed_keys (scope, at, approval_id) values ($1, $2, $3)
         on conflict do nothing returning scope`,
        [scope, new Date(at), approval],
    )
    await destroyKey(tx, scope)
    txKeysOf(tx).destroyed.add(scope)
    return rows.length > 0
}

async function readKey(tx: Tx, keys: Keys, scope: string): Promise<KeyObject | undefined> {
    await loadKeys(tx, keys, [scope])
    return findHeldKey(tx, scope)
}

/** Loads the keys of many scopes at once, each once. */
export async function loadKeys(tx: Tx, keys: Keys, scopes: readonly string[]): Promise<void> {
    const txKeys = txKeysOf(tx)
    const isKnown = (scope: string) => txKeys.keys.has(scope) || txKeys.destroyed.has(scope)
    const missing = scopes.filter((scope) => !isKnown(scope) && !txKeys.loading.has(scope))
    if (missing.length > 0) {
        const reading = readKeys(tx, keys, missing).finally(() =>
            missing.forEach((scope) => txKeys.loading.delete(scope)),
        )
        for (const scope of missing) txKeys.loading.set(scope, reading)
    }
    await Promise.all(new Set(scopes.flatMap((scope) => txKeys.loading.get(scope) ?? [])))
}

async function readKeys(tx: Tx, keys: Keys, scopes: readonly string[]): Promise<void> {
    // With a selected array, PostgreSQL plans the query once, whatever the number of values.
    const rows = await tx.query<{ scope: string; wrapped: Buffer | null }>(
        `select scope, wrapped from data_keys where scope = any((select $1::text[])::text[])
         union all select scope, null from destroyed_keys where scope = any((select $1::text[])::text[])`,
        [scopes],
    )
    for (const { scope, wrapped } of rows) {
        if (wrapped === null) txKeysOf(tx).destroyed.add(scope)
        else txKeysOf(tx).keys.set(scope, dataKeyFrom(keys.unwrap(`data_keys.wrapped:${scope}`, wrapped)))
    }
}

function txKeysOf(tx: Tx): TxKeys {
    const txKeys = keysByTx.get(tx) ?? { keys: new Map(), loading: new Map(), destroyed: new Set() }
    keysByTx.set(tx, txKeys)
    return txKeys
}

function findHeldKey(tx: Tx, scope: string): KeyObject | undefined {
    return keysByTx.get(tx)?.keys.get(scope)
}

/**
 * Encrypts content, titles, names and notes in the database, with the data keys of a scope.
 *
 * A scope is `case:<id>`, `partner:<id>` or `program`. Its newest key encrypts. Once the root key has a newer wrapping
 * half than this key's, the next transaction that encrypts makes another one; so a rotation touches no scope. Keys are
 * stored wrapped, and unwrapped for one transaction only.
 */
import type { KeyObject } from "node:crypto"
import {
    type Keys,
    MissingHalf,
    dataKeyFrom,
    decrypt,
    decryptionError,
    encrypt,
    keyNumberIn,
    newDataKey,
} from "./keys.ts"
import type { Instant } from "@tocsin/base/instant"
import type { Tx } from "../postgres/db.ts"

interface DataKey {
    readonly number: number
    readonly half: number
    readonly wrapped: Buffer
    /** Set once it was used. Concurrent callers wait for the same one. */
    unwrapped: Promise<KeyObject> | null
}

interface TxKeys {
    /** By scope; the newest is the last. */
    readonly keys: Map<string, readonly DataKey[]>
    /** Keys that are being read. Concurrent callers wait for the same read. */
    readonly loading: Map<string, Promise<void>>
    /** Keys that are being made. Concurrent callers of this transaction wait for the same one. */
    readonly making: Map<string, Promise<DataKey>>
    /** Scopes whose keys were destroyed permanently. */
    readonly destroyed: Set<string>
    /** A key of the scope `program` that the root key's newest wrapping half wraps. Null: not read, or none. */
    announced: Pick<DataKey, "half" | "wrapped"> | null
}

/** The scope's keys were destroyed permanently: its ciphertexts cannot be decrypted, and it gets no new one. */
export class DestroyedKey extends Error {}

const keysByTx = new WeakMap<Tx, TxKeys>()

/** Encrypts a text for a place (`cases.details:<id>`). Makes the scope's key if it is missing or outdated. */
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
    await loadKeys(tx, [scope])
    const key = findNewest(tx, scope) ?? (await makeOnce(tx, keys, scope))
    return encrypt(await unwrap(tx, keys, scope, key), place, plain, key.number)
}

export async function decryptBytes(
    tx: Tx,
    keys: Keys,
    scope: string,
    place: string,
    ciphertext: Uint8Array,
): Promise<Buffer> {
    const number = keyNumberIn(ciphertext)
    await loadKeys(tx, [scope])
    if (!txKeysOf(tx).keys.has(scope)) throwMissingKey(tx, scope)
    // Another transaction may have made the key since this one read the others.
    if (findKey(tx, scope, number) === undefined) await readKeys(tx, [scope, scope])
    const key = findKey(tx, scope, number)
    if (key === undefined) throw decryptionError(place)
    return decrypt(await unwrap(tx, keys, scope, key), place, ciphertext)
}

/** The key that encrypts. Undefined: it is not read, missing, or of an older wrapping half. */
function findNewest(tx: Tx, scope: string): DataKey | undefined {
    const { keys, announced } = txKeysOf(tx)
    return keys.get(scope)?.findLast(({ half }) => half === (announced?.half ?? half))
}

/** The key with this number; null: the first. */
function findKey(tx: Tx, scope: string, number: number | null): DataKey | undefined {
    const list = txKeysOf(tx).keys.get(scope)
    return number === null ? list?.[0] : list?.find((key) => key.number === number)
}

async function unwrap(tx: Tx, keys: Keys, scope: string, key: DataKey): Promise<KeyObject> {
    key.unwrapped ??= unwrapOnce(tx, keys, scope, key)
    return await key.unwrapped
}

async function unwrapOnce(tx: Tx, keys: Keys, scope: string, { wrapped }: DataKey): Promise<KeyObject> {
    const unwrapKey = async () => dataKeyFrom(await keys.unwrap(placeOf(scope), wrapped))
    return await unwrapKey().catch(async (error: unknown) => {
        if (!(error instanceof MissingHalf)) throw error
        await keys.renew(tx)
        return await unwrapKey()
    })
}

const placeOf = (scope: string): string => `data_keys.wrapped:${scope}`

async function makeOnce(tx: Tx, keys: Keys, scope: string): Promise<DataKey> {
    const { destroyed, making } = txKeysOf(tx)
    if (destroyed.has(scope)) throwMissingKey(tx, scope)
    const made = making.get(scope) ?? makeKey(tx, keys, scope).finally(() => making.delete(scope))
    making.set(scope, made)
    return await made
}

/**
 * Makes a key under the newest wrapping half of the database. The process can know a newer one, of a database that was
 * restored since. Concurrent transactions each make one, so that none waits for another.
 */
async function makeKey(tx: Tx, keys: Keys, scope: string): Promise<DataKey> {
    const { announced } = txKeysOf(tx)
    if (announced !== null && !(await keys.knows(announced.wrapped))) await keys.renew(tx)
    return await insertKey(tx, keys, scope, announced?.half ?? (await keys.newestHalf()))
}

async function insertKey(tx: Tx, keys: Keys, scope: string, half: number): Promise<DataKey> {
    const values = [scope, await keys.wrap(placeOf(scope), newDataKey(), half), half]
    await Promise.all([
        // A destruction waits for this transaction, and so leaves none of its keys.
        tx.query(`select pg_advisory_xact_lock_shared(${lockOf("$1")})`, [scope]),
        tx.query(
            `insert into data_keys (scope, wrapped, version, half) select $1, $2, 2, $3
             where not exists (select from destroyed_keys where scope = $1)`,
            values,
        ),
    ])
    await readKeys(tx, [scope])
    // Or of an older half: the root key can have got another one meanwhile.
    return findNewest(tx, scope) ?? txKeysOf(tx).keys.get(scope)?.at(-1) ?? throwMissingKey(tx, scope)
}

/** Makes the first key under a new wrapping half. All other transactions learn of the half by it. */
export async function announceHalf(tx: Tx, keys: Keys): Promise<void> {
    await insertKey(tx, keys, "program", await keys.newestHalf())
}

/** Few locks, because a transaction can make keys of thousands of scopes. */
const lockOf = (scope: string): string => `hashtext('data_keys'), hashtext(${scope}) % 64`

/** Forgets what this transaction read and made: a part of it was rolled back. */
export function forgetKeys(tx: Tx): void {
    keysByTx.delete(tx)
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
    const wrapped: Buffer[] = []
    for (const row of rows) {
        const place = placeOf(row.scope)
        wrapped.push(await to.wrap(place, await from.unwrap(place, row.wrapped)))
    }
    await tx.query(
        `update data_keys set wrapped = changed.wrapped, version = 2
         from unnest($1::text[], $2::bytea[]) as changed (scope, wrapped) where data_keys.scope = changed.scope`,
        [rows.map(({ scope }) => scope), wrapped],
    )
    return { isNew, hadKeys: rows.length > 0 }
}

/** Deletes a scope's keys. Its ciphertexts can then be decrypted only with a copy of the keys from a backup. */
export async function destroyKey(tx: Tx, scope: string): Promise<void> {
    await tx.query(`select pg_advisory_xact_lock(${lockOf("$1")})`, [scope])
    await tx.query("delete from data_keys where scope = $1", [scope])
    keysByTx.get(tx)?.keys.delete(scope)
}

/**
 * Destroys a scope's keys permanently: the scope gets no new one, also after a restore. `approval` is null where a
 * restored database destroys them again. Returns false if it was destroyed before.
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

/** Loads the keys of many scopes at once, each once. */
export async function loadKeys(tx: Tx, scopes: readonly string[]): Promise<void> {
    const txKeys = txKeysOf(tx)
    const isKnown = (scope: string) => txKeys.keys.has(scope) || txKeys.destroyed.has(scope)
    const missing = scopes.filter((scope) => !isKnown(scope) && !txKeys.loading.has(scope))
    if (missing.length > 0) {
        const reading = readKeys(tx, missing).finally(() => missing.forEach((scope) => txKeys.loading.delete(scope)))
        for (const scope of missing) txKeys.loading.set(scope, reading)
    }
    await Promise.all(new Set(scopes.flatMap((scope) => txKeys.loading.get(scope) ?? [])))
}

async function readKeys(tx: Tx, scopes: readonly string[]): Promise<void> {
    // With a selected array, PostgreSQL plans the query once, whatever the number of values.
    const rows = await tx.query<ReadRow>(
        `select scope, number, half, wrapped from data_keys where scope = any((select $1::text[])::text[])
         union all select scope, null, null, null from destroyed_keys where scope = any((select $1::text[])::text[])
         union all (select null, null, half, wrapped from data_keys where scope = 'program'
                    order by half desc, number desc limit 1)
         order by number`,
        [scopes],
    )
    const txKeys = txKeysOf(tx)
    const found = new Map<string, DataKey[]>()
    for (const { scope, number, half, wrapped } of rows) {
        if (scope === null) txKeys.announced = half === null || wrapped === null ? null : { half, wrapped }
        else if (number === null || half === null || wrapped === null) txKeys.destroyed.add(scope)
        else found.set(scope, [...(found.get(scope) ?? []), { number, half, wrapped, unwrapped: null }])
    }
    for (const [scope, list] of found) if (!txKeys.destroyed.has(scope)) txKeys.keys.set(scope, list)
}

/** A key; a destroyed scope, without a key; or the newest wrapping half, without a scope. */
interface ReadRow {
    readonly scope: string | null
    readonly number: number | null
    readonly half: number | null
    readonly wrapped: Buffer | null
}

function txKeysOf(tx: Tx): TxKeys {
    const known = keysByTx.get(tx)
    if (known !== undefined) return known
    const txKeys = { keys: new Map(), loading: new Map(), making: new Map(), destroyed: new Set<string>() }
    const empty: TxKeys = { ...txKeys, announced: null }
    keysByTx.set(tx, empty)
    return empty
}

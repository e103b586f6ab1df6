/**
 * Keeps the root key in the database, wrapped by each key-encryption key that opens it. The root key wraps the data
 * keys and derives all other keys. So a new key-encryption key changes no other row, and no running process.
 *
 * A root key has 64 bytes: the first half wraps, the second half derives.
 */
import { randomBytes } from "node:crypto"
import { refuse } from "@tocsin/base/refusal"
import type { Tx } from "../postgres/db.ts"
import { type Keys, keyBytes, keysFrom } from "./keys.ts"
import { rewrapDataKeys } from "./vault.ts"

/** The root key as one key-encryption key wraps it. */
export interface WrappedRootKey {
    /** Of the key-encryption key: 16 hex digits. */
    readonly id: string
    readonly wrapped: Buffer
}

/** Names a key-encryption key. Tells nothing about it. */
export const keyIdOf = (key: Uint8Array): string => keysFrom(key).derive("key-id", 8).toString("hex")

const placeOf = (id: string): string => `root_keys.wrapped:${id}`

const keysFromRoot = (root: Buffer): Keys => keysFrom(root.subarray(0, keyBytes), root.subarray(keyBytes))

/** The newest key-encryption key is the last. */
export async function listRootKeys(tx: Tx): Promise<WrappedRootKey[]> {
    return await tx.query<WrappedRootKey>("select id, wrapped from root_keys order by number")
}

function unwrapRoot(rows: readonly WrappedRootKey[], key: Uint8Array): Buffer | null {
    const id = keyIdOf(key)
    const row = rows.find((found) => found.id === id)
    return row === undefined ? null : keysFrom(key).unwrap(placeOf(id), row.wrapped)
}

/**
 * Opens the root key of a backup. Null: another key-encryption key wraps it. A backup of an older version has none:
 * then the key-encryption key is the root key.
 */
export function findRootKey(rows: readonly WrappedRootKey[], key: Uint8Array): Keys | null {
    if (rows.length === 0) return keysFrom(key)
    const root = unwrapRoot(rows, key)
    return root && keysFromRoot(root)
}

/** Opens the root key of the database. Refuses `keys.no_root_key` and `serve.key_mismatch`. */
export async function openRootKey(tx: Tx, key: Uint8Array): Promise<Keys> {
    return keysFromRoot(await openIn(tx, key))
}

async function openIn(tx: Tx, key: Uint8Array): Promise<Buffer> {
    const rows = await listRootKeys(tx)
    if (rows.length === 0) refuseNoRoot()
    return unwrapRoot(rows, key) ?? refuseKey()
}

/**
 * Opens the root key, and makes it where no data key needs one. A program of an older version keeps its key-encryption
 * key as the half that derives, because ids and signatures depend on it. Refuses what `openRootKey` refuses.
 */
export async function makeRootKey(tx: Tx, key: Uint8Array): Promise<Keys> {
    if ((await listRootKeys(tx)).length > 0) return await openRootKey(tx, key)
    // A backup can read under this lock. Other servers that start wait for it.
    await tx.query("lock table root_keys in share row exclusive mode")
    if ((await listRootKeys(tx)).length > 0) return await openRootKey(tx, key)
    const wrapping = randomBytes(keyBytes)
    const { isNew, hadKeys } = await rewrapDataKeys(tx, keysFrom(key), keysFrom(wrapping)).catch((error: unknown) => {
        if (error instanceof Error && "code" in error) throw error
        return refuseKey()
    })
    if (!isNew) refuseNoRoot()
    const root = Buffer.concat([wrapping, hadKeys ? key : randomBytes(keyBytes)])
    await insertRootKey(tx, key, root)
    return keysFromRoot(root)
}

/** Lets another key-encryption key open the root key, as the newest. Refuses what `openRootKey` refuses. */
export async function addKeyEncryptionKey(tx: Tx, key: Uint8Array, next: Uint8Array): Promise<void> {
    await insertRootKey(tx, next, await openIn(tx, key))
}

async function insertRootKey(tx: Tx, key: Uint8Array, root: Buffer): Promise<void> {
    const id = keyIdOf(key)
    await tx.query(
        `insert into root_keys (id, wrapped) values ($1, $2)
         on conflict (id) do update set wrapped = excluded.wrapped, number = default`,
        [id, keysFrom(key).wrap(placeOf(id), root)],
    )
}

/**
 * Lets only the newest key-encryption key open the root key. Returns the ids of the others. Refuses what `openRootKey`
 * refuses, and `keys.not_newest` for another key than the newest.
 */
export async function removeFormerKeys(tx: Tx, key: Uint8Array): Promise<string[]> {
    await openIn(tx, key)
    const id = keyIdOf(key)
    if ((await listRootKeys(tx)).at(-1)?.id !== id) {
        refuse(
            "conflict",
            "keys.not_newest",
            "a newer key opens the database: give that one, or run `tocsin rotate-key` again",
        )
    }
    // Only older ones: a newer key may have come since.
    const sql = "delete from root_keys where number < (select number from root_keys where id = $1) returning id"
    return (await tx.query<{ id: string }>(sql, [id])).map((row) => row.id)
}

function refuseNoRoot(): never {
    refuse(
        "conflict",
        "keys.no_root_key",
        "the database has no root key: start `tocsin serve` after an upgrade, or else restore a backup",
    )
}

function refuseKey(): never {
    refuse("forbidden", "serve.key_mismatch", "the key is not this program's: set the right key file or key command")
}

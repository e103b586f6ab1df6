/**
 * Keeps the root key in the database, wrapped by each key-encryption key that opens it. The root key wraps the data
 * keys and derives all other keys. So a new key-encryption key changes no other row, and no running process.
 *
 * A root key has halves of 32 bytes: the first wraps, the second derives, and each later one wraps in place of the
 * former. A thief of an older root key has no later half, because only a key-encryption key opens it. So a process
 * needs its key-encryption key to learn one.
 */
import { randomBytes } from "node:crypto"
import { refuse } from "@tocsin/base/refusal"
import type { Tx } from "../postgres/db.ts"
import { type Keys, keyBytes, keysFrom, keysFromHalves } from "./keys.ts"
import { announceHalf, rewrapDataKeys } from "./vault.ts"

/** The root key as one key-encryption key wraps it. */
export interface WrappedRootKey {
    /** Of the key-encryption key: 16 hex digits. */
    readonly id: string
    readonly wrapped: Buffer
}

/** Names a key-encryption key. Tells nothing about it. */
export const keyIdOf = (key: Uint8Array): string => keysFrom(key).derive("key-id", 8).toString("hex")

const placeOf = (id: string): string => `root_keys.wrapped:${id}`

/** Reads the key-encryption key again, where no person is needed for it. Null: one is needed. */
export type ReadAgain = () => Promise<Uint8Array | null>

const derivingHalf = (root: Buffer): Buffer => root.subarray(keyBytes, 2 * keyBytes)

function wrappingHalves(root: Buffer): Buffer[] {
    const halves: Buffer[] = []
    for (let n = 0; n < root.length; n += keyBytes) if (n !== keyBytes) halves.push(root.subarray(n, n + keyBytes))
    return halves
}

/** The keys of a root key. They renew themselves with the key-encryption key, or with the one that is read again. */
function keysFromRoot(root: Buffer, key: Uint8Array, readAgain: ReadAgain): Keys {
    let reading: Promise<Uint8Array | null> | null = null
    // One reading at a time: a key command can be slow.
    const readOnce = () =>
        (reading ??= readAgain()
            .catch(() => null)
            .finally(() => (reading = null)))
    return keysFromHalves(wrappingHalves(root), derivingHalf(root), async (tx) => {
        const rows = await listRootKeys(tx)
        const opened = (await unwrapRoot(rows, key)) ?? (await unwrapRoot(rows, (await readOnce()) ?? key))
        return wrappingHalves(opened ?? refuseOutdated())
    })
}

const never: ReadAgain = async () => null

/** The newest key-encryption key is the last. */
export async function listRootKeys(tx: Tx): Promise<WrappedRootKey[]> {
    return await tx.query<WrappedRootKey>("select id, wrapped from root_keys order by number")
}

async function unwrapRoot(rows: readonly WrappedRootKey[], key: Uint8Array): Promise<Buffer | null> {
    const id = keyIdOf(key)
    const row = rows.find((found) => found.id === id)
    return row === undefined ? null : await keysFrom(key).unwrap(placeOf(id), row.wrapped)
}

/**
 * Opens the root key of a backup. Null: another key-encryption key wraps it. A backup of an older version has none:
 * then the key-encryption key is the root key.
 */
export async function findRootKey(rows: readonly WrappedRootKey[], key: Uint8Array): Promise<Keys | null> {
    if (rows.length === 0) return keysFrom(key)
    const root = await unwrapRoot(rows, key)
    return root && keysFromRoot(root, key, never)
}

/** Opens the root key of the database. Refuses `keys.no_root_key` and `serve.key_mismatch`. */
export async function openRootKey(tx: Tx, key: Uint8Array, readAgain = never): Promise<Keys> {
    return keysFromRoot(await openIn(tx, key), key, readAgain)
}

async function openIn(tx: Tx, key: Uint8Array): Promise<Buffer> {
    const rows = await listRootKeys(tx)
    if (rows.length === 0) refuseNoRoot()
    return (await unwrapRoot(rows, key)) ?? refuseKey()
}

/**
 * Opens the root key, and makes it where no data key needs one. A program of an older version keeps its key-encryption
 * key as the half that derives, because ids and signatures depend on it. Refuses what `openRootKey` refuses.
 */
export async function makeRootKey(tx: Tx, key: Uint8Array, readAgain = never): Promise<Keys> {
    if ((await listRootKeys(tx)).length > 0) return await openRootKey(tx, key, readAgain)
    await lock(tx)
    if ((await listRootKeys(tx)).length > 0) return await openRootKey(tx, key, readAgain)
    const wrapping = randomBytes(keyBytes)
    const { isNew, hadKeys } = await rewrapDataKeys(tx, keysFrom(key), keysFrom(wrapping)).catch((error: unknown) => {
        if (error instanceof Error && "code" in error) throw error
        return refuseKey()
    })
    if (!isNew) refuseNoRoot()
    const root = Buffer.concat([wrapping, hadKeys ? key : randomBytes(keyBytes)])
    await insertRootKey(tx, key, root)
    return keysFromRoot(root, key, readAgain)
}

/** Waits for other changes of the root key. Servers and backups can read it under this lock. */
async function lock(tx: Tx): Promise<void> {
    await tx.query("lock table root_keys in share row exclusive mode")
}

/** Lets another key-encryption key open the root key, as the newest. Refuses what `openRootKey` refuses. */
export async function addKeyEncryptionKey(tx: Tx, key: Uint8Array, next: Uint8Array): Promise<void> {
    await lock(tx)
    await insertRootKey(tx, next, await openIn(tx, key))
}

/**
 * Adds a wrapping half to the root key, so that each scope gets another data key when it is next written to. Returns
 * the half's number. Refuses what `openRootKey` refuses, and `keys.former_valid` while a former key opens the root key,
 * because its thief would get the new half.
 */
export async function addWrappingHalf(tx: Tx, key: Uint8Array): Promise<number> {
    await lock(tx)
    const root = Buffer.concat([await openIn(tx, key), randomBytes(keyBytes)])
    if ((await listRootKeys(tx)).length > 1) {
        refuse(
            "conflict",
            "keys.former_valid",
            "a former key still opens the database: run `tocsin rotate-key --finish` first",
        )
    }
    await insertRootKey(tx, key, root)
    await announceHalf(tx, keysFromRoot(root, key, never))
    return wrappingHalves(root).length
}

async function insertRootKey(tx: Tx, key: Uint8Array, root: Buffer): Promise<void> {
    const id = keyIdOf(key)
    await tx.query(
        `insert into root_keys (id, wrapped) values ($1, $2)
         on conflict (id) do update set wrapped = excluded.wrapped, number = default`,
        [id, await keysFrom(key).wrap(placeOf(id), root)],
    )
}

/**
 * Lets only the newest key-encryption key open the root key. Returns the ids of the others. Refuses what `openRootKey`
 * refuses, and `keys.not_newest` for another key than the newest.
 */
export async function removeFormerKeys(tx: Tx, key: Uint8Array): Promise<string[]> {
    await lock(tx)
    await openIn(tx, key)
    const id = keyIdOf(key)
    if ((await listRootKeys(tx)).at(-1)?.id !== id) {
        refuse(
            "conflict",
            "keys.not_newest",
            "a newer key opens the database: give that one, or run `tocsin rotate-key` again",
        )
    }
    const sql = "delete from root_keys where id <> $1 returning id"
    return (await tx.query<{ id: string }>(sql, [id])).map((row) => row.id)
}

function refuseNoRoot(): never {
    refuse(
        "conflict",
        "keys.no_root_key",
        "the database has no root key: start `tocsin serve` after an upgrade, or else restore a backup",
    )
}

function refuseOutdated(): never {
    refuse(
        "unavailable",
        "keys.process_outdated",
        "the data keys were renewed, and this process has a former key: restart it with the new one",
    )
}

function refuseKey(): never {
    refuse("forbidden", "serve.key_mismatch", "the key is not this program's: set the right key file or key command")
}

import { randomBytes } from "node:crypto"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { type TestDatabase, createDatabase } from "../../../../test/support/database.ts"
import type { Tx } from "../postgres/db.ts"
import { migrationLock } from "../postgres/migrate.ts"
import { keysFrom, newDataKey } from "./keys.ts"
import {
    addKeyEncryptionKey,
    findRootKey,
    keyIdOf,
    listRootKeys,
    makeRootKey,
    openRootKey,
    removeFormerKeys,
} from "./root-key.ts"
import { decryptText, encryptText } from "./vault.ts"

const [first, second, third] = [1, 2, 3].map((byte) => Buffer.alloc(32, byte)) as [Buffer, Buffer, Buffer]
const refused = (code: string) => expect.objectContaining({ code })

let base: TestDatabase
beforeEach(async () => {
    base = await createDatabase()
})
afterEach(() => base.close())

const inTransaction = <T>(work: (tx: Tx) => Promise<T>): Promise<T> => base.db.transaction(work)
const opens = (key: Buffer): Promise<boolean> =>
    inTransaction((tx) => openRootKey(tx, key)).then(
        () => true,
        () => false,
    )

describe("the root key of a new program", () => {
    test("is made once, and has nothing of the key-encryption key", async () => {
        const made = await Promise.all([1, 2, 3].map(() => inTransaction((tx) => makeRootKey(tx, first))))
        const derived = made.map((keys) => keys.derive("x", 32).toString("hex"))
        expect(new Set(derived).size).toBe(1)
        expect(derived[0]).not.toBe(keysFrom(first).derive("x", 32).toString("hex"))
        const wrapped = made[0]?.wrap("p", newDataKey()) ?? Buffer.alloc(0)
        expect(() => keysFrom(first).unwrap("p", wrapped)).toThrow(/cannot decrypt/)
        await expect(inTransaction((tx) => makeRootKey(tx, second))).rejects.toEqual(refused("serve.key_mismatch"))
    })

    test("stays the same under each next key, and a former key ends", async () => {
        const keys = await inTransaction((tx) => makeRootKey(tx, first))
        const box = await inTransaction((tx) => encryptText(tx, keys, "case:1", "p", "title"))
        await inTransaction((tx) => addKeyEncryptionKey(tx, first, second))
        expect([await opens(first), await opens(second)]).toEqual([true, true])
        await expect(inTransaction((tx) => removeFormerKeys(tx, first))).rejects.toEqual(refused("keys.not_newest"))
        expect(await inTransaction((tx) => removeFormerKeys(tx, second))).toEqual([keyIdOf(first)])
        expect([await opens(first), await opens(second)]).toEqual([false, true])
        const reopened = await inTransaction((tx) => openRootKey(tx, second))
        expect(reopened.derive("x", 32)).toEqual(keys.derive("x", 32))
        expect(await inTransaction((tx) => decryptText(tx, reopened, "case:1", "p", box))).toBe("title")
        expect(await inTransaction((tx) => removeFormerKeys(tx, second))).toEqual([])
    })

    test("is opened by no former key in any order of rotations", async () => {
        await inTransaction((tx) => makeRootKey(tx, first))
        // A rotation that stopped before the key file was replaced: its key is lost, and the file's key still opens.
        await inTransaction((tx) => addKeyEncryptionKey(tx, first, randomBytes(32)))
        expect(await opens(first)).toBe(true)
        await expect(inTransaction((tx) => removeFormerKeys(tx, first))).rejects.toEqual(refused("keys.not_newest"))
        await inTransaction((tx) => addKeyEncryptionKey(tx, first, third))
        await expect(inTransaction((tx) => addKeyEncryptionKey(tx, second, third))).rejects.toEqual(
            refused("serve.key_mismatch"),
        )
        expect(await inTransaction((tx) => removeFormerKeys(tx, third))).toHaveLength(2)
        expect((await inTransaction(listRootKeys)).map(({ id }) => id)).toEqual([keyIdOf(third)])
    })

    test("is not made again once data keys need it", async () => {
        await inTransaction(async (tx) => encryptText(tx, await makeRootKey(tx, first), "case:1", "p", "title"))
        await inTransaction((tx) => tx.query("delete from root_keys"))
        for (const key of [first, second]) {
            await expect(inTransaction((tx) => makeRootKey(tx, key))).rejects.toEqual(refused("keys.no_root_key"))
            await expect(inTransaction((tx) => openRootKey(tx, key))).rejects.toEqual(refused("keys.no_root_key"))
        }
    })

    test("is made and opened while a backup runs", async () => {
        await inTransaction(async (backup) => {
            await backup.query("select pg_advisory_xact_lock_shared($1)", [migrationLock])
            await backup.query("lock table root_keys, data_keys in access share mode")
            await inTransaction((tx) => makeRootKey(tx, first))
            expect(await opens(first)).toBe(true)
        })
    })

    test("goes back to an earlier key that is still valid", async () => {
        await inTransaction((tx) => makeRootKey(tx, first))
        await inTransaction((tx) => addKeyEncryptionKey(tx, first, second))
        await inTransaction((tx) => addKeyEncryptionKey(tx, second, first))
        expect(await inTransaction((tx) => removeFormerKeys(tx, first))).toEqual([keyIdOf(second)])
    })

    test("is not opened by a row that was moved to another key", async () => {
        await inTransaction((tx) => makeRootKey(tx, first))
        await inTransaction((tx) => tx.query("update root_keys set id = $1", [keyIdOf(second)]))
        await expect(inTransaction((tx) => openRootKey(tx, second))).rejects.toThrow(/cannot decrypt/)
    })
})

describe("a program of an older version", () => {
    /** As versions before the root key wrote it. */
    const writeOld = (tx: Tx, scope: string, dataKey: Buffer) =>
        tx.query("insert into data_keys (scope, wrapped, version) values ($1, $2, 1)", [
            scope,
            keysFrom(first).wrap(`data_keys.wrapped:${scope}`, dataKey),
        ])

    test("keeps what was derived, and its data keys open under the root key only", async () => {
        await inTransaction((tx) => writeOld(tx, "case:1", newDataKey()))
        const keys = await inTransaction((tx) => makeRootKey(tx, first))
        expect(keys.derive("receipt-heads", 32)).toEqual(keysFrom(first).derive("receipt-heads", 32))
        const rows = await inTransaction((tx) =>
            tx.query<{ wrapped: Buffer; version: number }>("select wrapped, version from data_keys"),
        )
        expect(rows.map(({ version }) => version)).toEqual([2])
        const wrapped = rows[0]?.wrapped ?? Buffer.alloc(0)
        expect(keys.unwrap("data_keys.wrapped:case:1", wrapped)).toHaveLength(32)
        expect(() => keysFrom(first).unwrap("data_keys.wrapped:case:1", wrapped)).toThrow(/cannot decrypt/)
    })

    test("stays as it is under a wrong key", async () => {
        await inTransaction((tx) => writeOld(tx, "case:1", newDataKey()))
        await expect(inTransaction((tx) => makeRootKey(tx, second))).rejects.toEqual(refused("serve.key_mismatch"))
        expect(await inTransaction(listRootKeys)).toEqual([])
        await inTransaction((tx) => makeRootKey(tx, first))
    })

    test("has a backup that its key-encryption key opens", () => {
        expect(findRootKey([], first)?.derive("backup", 32)).toEqual(keysFrom(first).derive("backup", 32))
    })
})

import { randomUUID } from "node:crypto"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { createDatabase, type TestDatabase } from "../../../../test/support/database.ts"
import { dryRun } from "../../kernel/dry-run.ts"
import type { Tx } from "../postgres/db.ts"
import { encrypt, keysFrom, newDataKey } from "./keys.ts"
import {
    loadKeys,
    DestroyedKey,
    encryptText,
    encryptBytes,
    decryptText,
    decryptBytes,
    destroyKeyPermanently,
} from "./vault.ts"

const keys = keysFrom(Buffer.alloc(32, 1))
let base: TestDatabase
beforeAll(async () => {
    base = await createDatabase()
})
afterAll(() => base.close())

const inTransaction = <T>(work: (tx: Tx) => Promise<T>): Promise<T> => base.db.transaction(work)

const waiting = `select from pg_stat_activity where wait_event = 'advisory' and datname = current_database()`

describe("the vault", () => {
    test("decrypts in another transaction what it encrypted", async () => {
        const box = await inTransaction((tx) => encryptText(tx, keys, "case:1", "cases.title:1", "Tïtle"))
        expect(box.includes("Tïtle")).toBe(false)
        expect(await inTransaction((tx) => decryptText(tx, keys, "case:1", "cases.title:1", box))).toBe("Tïtle")
        const bytes = await inTransaction((tx) => encryptBytes(tx, keys, "case:1", "cases.file:1", Buffer.of(0, 255)))
        expect(await inTransaction((tx) => decryptBytes(tx, keys, "case:1", "cases.file:1", bytes))).toEqual(
            Buffer.of(0, 255),
        )
    })

    test("uses no key that a dry run made", async () => {
        const box = await inTransaction(async (tx) => {
            await dryRun(tx, () => encryptText(tx, keys, "case:1b", "p", "gone"))
            return await encryptText(tx, keys, "case:1b", "p", "kept")
        })
        expect(await inTransaction((tx) => decryptText(tx, keys, "case:1b", "p", box))).toBe("kept")
    })

    test("opens a ciphertext only at its place and in its scope", async () => {
        const box = await inTransaction((tx) => encryptText(tx, keys, "case:2", "cases.title:2", "x"))
        await inTransaction((tx) => encryptText(tx, keys, "case:3", "cases.title:3", "y"))
        await expect(inTransaction((tx) => decryptText(tx, keys, "case:2", "cases.details:2", box))).rejects.toThrow(
            /cannot decrypt/,
        )
        await expect(inTransaction((tx) => decryptText(tx, keys, "case:3", "cases.title:2", box))).rejects.toThrow(
            /cannot decrypt/,
        )
        const others = keysFrom(Buffer.alloc(32, 2))
        await expect(inTransaction((tx) => decryptText(tx, others, "case:2", "cases.title:2", box))).rejects.toThrow(
            /cannot decrypt/,
        )
    })

    test("refuses a data key that was moved from another scope", async () => {
        const box = await inTransaction((tx) => encryptText(tx, keys, "case:4", "p", "x"))
        await inTransaction((tx) => encryptText(tx, keys, "case:5", "p", "y"))
        const moved = "update data_keys set wrapped = (select wrapped from data_keys where scope = $1) where scope = $2"
        await inTransaction((tx) => tx.query(moved, ["case:4", "case:5"]))
        await expect(inTransaction((tx) => decryptText(tx, keys, "case:5", "p", box))).rejects.toThrow(/cannot decrypt/)
    })

    test("reads what many transactions write that need a first key", async () => {
        const scope = `case:${randomUUID()}`
        const boxes = await Promise.all(
            [1, 2, 3, 4, 5].map((n) => inTransaction((tx) => encryptText(tx, keys, scope, "p", String(n)))),
        )
        const read = await inTransaction(async (tx) => {
            const texts: string[] = []
            for (const box of boxes) texts.push(await decryptText(tx, keys, scope, "p", box))
            return texts
        })
        expect(read).toEqual(["1", "2", "3", "4", "5"])
    })

    test("has no key before one is created, nor after a failed transaction", async () => {
        const none = /there is no data key for case:none/
        await expect(inTransaction((tx) => decryptText(tx, keys, "case:none", "p", Buffer.alloc(40)))).rejects.toThrow(
            none,
        )
        const failed = inTransaction(async (tx) => {
            await encryptText(tx, keys, "case:none", "p", "x")
            throw new Error("on purpose")
        })
        await expect(failed).rejects.toThrow("on purpose")
        await expect(inTransaction((tx) => decryptText(tx, keys, "case:none", "p", Buffer.alloc(40)))).rejects.toThrow(
            none,
        )
    })

    test("reads a key once per transaction, and does not cache it for the next", async () => {
        const box = await inTransaction((tx) => encryptText(tx, keys, "case:6", "p", "x"))
        const reads = await inTransaction(async (tx) => {
            let count = 0
            const counted: Tx = { ...tx, query: (sql, values) => (count++, tx.query(sql, values)) }
            await decryptText(counted, keys, "case:6", "p", box)
            await decryptText(counted, keys, "case:6", "p", box)
            return count
        })
        expect(reads).toBe(1)
        await inTransaction((tx) => tx.query("delete from data_keys where scope = 'case:6'"))
        await expect(inTransaction((tx) => decryptText(tx, keys, "case:6", "p", box))).rejects.toThrow(/no data key/)
    })

    test("reads a ciphertext without a number, as older versions wrote it, by the scope's first key", async () => {
        const dataKey = newDataKey()
        const wrapped = await keys.wrap("data_keys.wrapped:case:9", dataKey)
        const insert = "insert into data_keys (scope, wrapped, version, half) values ('case:9', $1, 2, 1)"
        await inTransaction((tx) => tx.query(insert, [wrapped]))
        const other9 = await keys.wrap("data_keys.wrapped:case:9", newDataKey())
        await inTransaction((tx) => tx.query(insert, [other9]))
        const old = encrypt(dataKey, "p", Buffer.from("old"))
        const box = await inTransaction((tx) => encryptText(tx, keys, "case:9", "p", "new"))
        expect([old[0], box[0]]).toEqual([1, 2])
        const read = (ciphertext: Buffer) => inTransaction((tx) => decryptText(tx, keys, "case:9", "p", ciphertext))
        expect([await read(old), await read(box)]).toEqual(["old", "new"])
        const other = Buffer.from(box)
        other.writeUIntBE(Number(other.readUIntBE(1, 6)) - 1, 1, 6)
        await expect(read(other)).rejects.toThrow(/cannot decrypt/)
    })

    test("reads a text whose key another transaction made after this one read the scope's keys", async () => {
        await inTransaction((tx) => encryptText(tx, keys, "case:10", "p", "first"))
        await inTransaction(async (tx) => {
            await loadKeys(tx, ["case:10"])
            const wrapped = await keys.wrap("data_keys.wrapped:case:10", newDataKey())
            await inTransaction((other) =>
                other.query("insert into data_keys (scope, wrapped, version, half) values ('case:10', $1, 2, 1)", [
                    wrapped,
                ]),
            )
            const box = await inTransaction((other) => encryptText(other, keys, "case:10", "p", "later"))
            expect(await decryptText(tx, keys, "case:10", "p", box)).toBe("later")
        })
    })

    test("destroys all keys of a scope, also one that is being made", async () => {
        const end = { scope: "case:11", at: 0, approval: null }
        const destroyed: Promise<boolean>[] = []
        await inTransaction(async (tx) => {
            await encryptText(tx, keys, "case:11", "p", "x")
            destroyed.push(inTransaction((other) => destroyKeyPermanently(other, end)))
            await expect
                .poll(async () => (await base.db.transaction((other) => other.query(waiting))).length)
                .toBeGreaterThan(0)
        })
        expect(await Promise.all(destroyed)).toEqual([true])
        expect(await inTransaction((tx) => tx.query("select from data_keys where scope = 'case:11'"))).toEqual([])
    })

    test("destroys a key permanently: no ciphertext opens, and the scope gets no new key", async () => {
        const end = { scope: "case:7", at: 0, approval: null }
        const box = await inTransaction((tx) => encryptText(tx, keys, "case:7", "p", "x"))
        await inTransaction(async (tx) => {
            expect(await decryptText(tx, keys, "case:7", "p", box)).toBe("x")
            expect(await destroyKeyPermanently(tx, end)).toBe(true)
            await expect(decryptText(tx, keys, "case:7", "p", box)).rejects.toThrow(DestroyedKey)
        })
        await expect(inTransaction((tx) => decryptText(tx, keys, "case:7", "p", box))).rejects.toThrow(DestroyedKey)
        await expect(inTransaction((tx) => encryptText(tx, keys, "case:7", "p", "y"))).rejects.toThrow(DestroyedKey)
        expect(await inTransaction((tx) => destroyKeyPermanently(tx, end))).toBe(false)
    })
})

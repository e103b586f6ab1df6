import { randomUUID } from "node:crypto"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { createDatabase, type TestDatabase } from "../../../../test/support/database.ts"
import type { Tx } from "../postgres/db.ts"
import { keysFrom } from "./keys.ts"
import { DestroyedKey, encryptText, encryptBytes, decryptText, decryptBytes, destroyKeyPermanently } from "./vault.ts"

const keys = keysFrom(Buffer.alloc(32, 1))
let base: TestDatabase
beforeAll(async () => {
    base = await createDatabase()
})
afterAll(() => base.close())

const inTransaction = <T>(work: (tx: Tx) => Promise<T>): Promise<T> => base.db.transaction(work)

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

    test("creates one key when many transactions need it first", async () => {
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

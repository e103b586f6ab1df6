import { randomBytes } from "node:crypto"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { type TestDatabase, createDatabase } from "../../../../test/support/database.ts"
import { type Tx, openDb } from "../postgres/db.ts"
import { migrationLock } from "../postgres/migrate.ts"
import { type Keys, keysFrom, newDataKey } from "./keys.ts"
import {
    addKeyEncryptionKey,
    addWrappingHalf,
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
        const wrapped = (await made[0]?.wrap("p", newDataKey())) ?? Buffer.alloc(0)
        await expect(keysFrom(first).unwrap("p", wrapped)).rejects.toThrow(/cannot decrypt/)
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

describe("a new wrapping half", () => {
    const write = (keys: Keys, text: string, scope = "case:1") =>
        inTransaction((tx) => encryptText(tx, keys, scope, "p", text))
    const read = (keys: Keys, box: Buffer, scope = "case:1") =>
        inTransaction((tx) => decryptText(tx, keys, scope, "p", box))
    const make = () => inTransaction((tx) => makeRootKey(tx, first))
    const renew = (key: Buffer) => inTransaction((tx) => addWrappingHalf(tx, key))
    const replaceKey = async (key: Buffer, next: Buffer) => {
        await inTransaction((tx) => addKeyEncryptionKey(tx, key, next))
        await inTransaction((tx) => removeFormerKeys(tx, next))
    }

    test("keeps later texts from a thief of the former key and an older database, also in a later copy", async () => {
        const keys = await make()
        const old = await write(keys, "old")
        // The thief opened the root key, and has no key-encryption key that is valid later.
        const stolen = await inTransaction((tx) => openRootKey(tx, first))
        await replaceKey(first, second)
        expect(await renew(second)).toBe(2)
        const renewed = await inTransaction((tx) => openRootKey(tx, second))
        const boxes = { known: await write(renewed, "new"), fresh: await write(renewed, "new", "case:2") }
        expect(await read(stolen, old)).toBe("old")
        await expect(read(stolen, boxes.known)).rejects.toEqual(refused("keys.process_outdated"))
        await expect(read(stolen, boxes.fresh, "case:2")).rejects.toEqual(refused("keys.process_outdated"))
        const rows = await inTransaction((tx) => tx.query<{ wrapped: Buffer }>("select wrapped from data_keys"))
        const tried = rows.map(({ wrapped }) => stolen.unwrap("data_keys.wrapped:case:1", wrapped))
        const opened = (await Promise.allSettled(tried)).filter(({ status }) => status === "fulfilled")
        expect([rows.length, opened.length]).toEqual([4, 1])
        expect([await read(renewed, old), await read(renewed, boxes.known)]).toEqual(["old", "new"])
        expect(renewed.derive("x", 32)).toEqual(keys.derive("x", 32))
    })

    test("is learnt by a process that has the present key, or reads it again, and by no other", async () => {
        const present = await make()
        const renewing = await inTransaction((tx) => openRootKey(tx, first))
        await renew(first)
        const box = await write(renewing, "one")
        expect(await read(present, box)).toBe("one")

        let reads = 0
        const readAgain = async () => (reads++, second)
        const rereading = await inTransaction((tx) => openRootKey(tx, first, readAgain))
        const failing = await inTransaction((tx) => openRootKey(tx, first, () => Promise.reject(new Error("none"))))
        await replaceKey(first, second)
        await renew(second)
        const later = await Promise.all([1, 2, 3].map((n) => write(rereading, String(n))))
        expect(await Promise.all(later.map((each) => read(rereading, each)))).toEqual(["1", "2", "3"])
        expect(reads).toBeGreaterThan(0)
        for (const outdated of [present, failing]) {
            expect(await read(outdated, box)).toBe("one")
            await expect(write(outdated, "x")).rejects.toEqual(refused("keys.process_outdated"))
            await expect(write(outdated, "x", "case:3")).rejects.toEqual(refused("keys.process_outdated"))
        }
        // Neither left a key.
        expect(await inTransaction((tx) => tx.query("select from data_keys where scope = 'case:3'"))).toEqual([])
    })

    test("is refused while a former key is valid, and kept by the next key", async () => {
        const keys = await make()
        await inTransaction((tx) => addKeyEncryptionKey(tx, first, second))
        await expect(renew(second)).rejects.toEqual(refused("keys.former_valid"))
        await inTransaction((tx) => removeFormerKeys(tx, second))
        await renew(second)
        const box = await write(await inTransaction((tx) => openRootKey(tx, second)), "x")
        await replaceKey(second, third)
        expect(await renew(third)).toBe(3)
        const reopened = await inTransaction((tx) => openRootKey(tx, third))
        expect(await read(reopened, box)).toBe("x")
        expect(reopened.derive("x", 32)).toEqual(keys.derive("x", 32))
        const found = await findRootKey(await inTransaction(listRootKeys), third)
        expect(await found?.newestHalf()).toBe(3)
    })

    test("is given up where the database is from before, and another one in its place is learnt", async () => {
        const keys = await make()
        await write(keys, "x", "program")
        const before = await inTransaction((tx) => tx.query<{ wrapped: Buffer }>("select wrapped from root_keys"))
        await renew(first)
        await write(keys, "x")
        // As a copy of the database from before the renewal.
        await inTransaction(async (tx) => {
            await tx.query("update root_keys set wrapped = $1", [before[0]?.wrapped])
            await tx.query("delete from data_keys where half = 2")
        })
        const box = await write(keys, "of the copy", "case:4")
        expect(await read(await inTransaction((tx) => openRootKey(tx, first)), box, "case:4")).toBe("of the copy")
        await renew(first)
        const other = await inTransaction((tx) => openRootKey(tx, first))
        const boxes = [await write(other, "a"), await write(keys, "b"), await write(other, "c", "case:5")]
        expect(await Promise.all(boxes.slice(0, 2).map((each) => read(keys, each)))).toEqual(["a", "b"])
        expect(await read(keys, boxes[2] ?? box, "case:5")).toBe("c")
        expect(await read(other, boxes[1] ?? box)).toBe("b")
    })

    test("loses nothing with a new key at the same time", async () => {
        await make()
        await Promise.allSettled([
            inTransaction((tx) => addKeyEncryptionKey(tx, first, second)),
            renew(first),
            inTransaction((tx) => addKeyEncryptionKey(tx, first, third)),
        ])
        const rows = await inTransaction((tx) =>
            tx.query<{ halves: number }>("select octet_length(wrapped) as halves from root_keys"),
        )
        expect(rows).toHaveLength(3)
        expect(new Set(rows.map(({ halves }) => halves)).size).toBe(1)
    })

    test("comes while another process reads and writes: no transaction fails", async () => {
        const scopes = ["program", "marks", "partner:1", "case:1"]
        const other = openDb(base.url)
        const keys = await make()
        const boxes: { scope: string; box: Buffer }[] = []
        let isOver = false
        const readAll = async (tx: Tx, reader: Keys) => {
            for (const { scope, box } of boxes) expect(await decryptText(tx, reader, scope, "p", box)).toBe(scope)
        }
        // Each lane writes the scopes in another order: with a wait for another's key, two of them would deadlock.
        const lane = async (n: number) => {
            while (!isOver) {
                const written = await other.transaction(async (tx) => {
                    const list = []
                    for (let i = 0; i < scopes.length; i++) {
                        const scope = scopes[n % 2 === 0 ? i : scopes.length - 1 - i] ?? ""
                        list.push({ scope, box: await encryptText(tx, keys, scope, "p", scope) })
                    }
                    return list
                })
                boxes.splice(0, Math.max(0, boxes.length - 40))
                boxes.push(...written)
                await other.transaction((tx) => readAll(tx, keys))
            }
        }
        const lanes = [0, 1, 2, 3].map(lane)
        for (let n = 0; n < 5; n++) {
            await renew(first)
            const count = boxes.length
            await expect.poll(() => boxes.length !== count || boxes.length >= 40).toBe(true)
        }
        isOver = true
        await Promise.all(lanes)
        await other.close()
        await inTransaction(async (tx) => await readAll(tx, await openRootKey(tx, first)))
        const halves = await inTransaction((tx) =>
            tx.query<{ scope: string; half: number }>("select scope, max(half) as half from data_keys group by scope"),
        )
        expect(halves).toHaveLength(scopes.length)
    })
})

describe("a program of an older version", () => {
    /** As versions before the root key wrote it. */
    const writeOld = async (tx: Tx, scope: string, dataKey: Buffer) =>
        await tx.query("insert into data_keys (scope, wrapped, version, half) values ($1, $2, 1, 1)", [
            scope,
            await keysFrom(first).wrap(`data_keys.wrapped:${scope}`, dataKey),
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
        expect(await keys.unwrap("data_keys.wrapped:case:1", wrapped)).toHaveLength(32)
        await expect(keysFrom(first).unwrap("data_keys.wrapped:case:1", wrapped)).rejects.toThrow(/cannot decrypt/)
    })

    test("stays as it is under a wrong key", async () => {
        await inTransaction((tx) => writeOld(tx, "case:1", newDataKey()))
        await expect(inTransaction((tx) => makeRootKey(tx, second))).rejects.toEqual(refused("serve.key_mismatch"))
        expect(await inTransaction(listRootKeys)).toEqual([])
        await inTransaction((tx) => makeRootKey(tx, first))
    })

    test("has a backup that its key-encryption key opens", async () => {
        expect((await findRootKey([], first))?.derive("backup", 32)).toEqual(keysFrom(first).derive("backup", 32))
    })
})

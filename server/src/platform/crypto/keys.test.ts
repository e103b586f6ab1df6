import fs from "node:fs"
import os from "node:os"
import path from "node:path"
import * as fc from "fast-check"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { createKeyFile, decrypt, encrypt, keysFrom, newDataKey, readKeyFile, replaceKeyFile } from "./keys.ts"

const refused = (code: string) => expect.objectContaining({ code })

describe("a ciphertext", () => {
    const key = newDataKey()

    test("decrypts only at its place and under its key", () => {
        fc.assert(
            fc.property(fc.uint8Array({ maxLength: 200 }), fc.string({ minLength: 1 }), (plain, place) => {
                const box = encrypt(key, place, plain)
                expect(new Uint8Array(decrypt(key, place, box))).toEqual(plain)
                expect(() => decrypt(key, `${place}2`, box)).toThrow(/cannot decrypt/)
                expect(() => decrypt(newDataKey(), place, box)).toThrow(/cannot decrypt/)
            }),
        )
    })

    test("does not decrypt when a byte is changed or missing", () => {
        const box = encrypt(key, "cases.title:1", Buffer.from("title"))
        for (let at = 0; at < box.length; at++) {
            const hurt = Buffer.from(box)
            hurt[at] = (hurt[at] ?? 0) ^ 0x80
            expect(() => decrypt(key, "cases.title:1", hurt)).toThrow(/cannot decrypt/)
            expect(() => decrypt(key, "cases.title:1", box.subarray(0, at))).toThrow(/cannot decrypt/)
        }
    })

    test("differs each time, and needs a place and a whole key", () => {
        const nonces = Array.from({ length: 2000 }, () => encrypt(key, "a", Buffer.of(1)).toString("hex", 1, 13))
        expect(new Set(nonces).size).toBe(nonces.length)
        expect(() => encrypt(key, "", Buffer.of(1))).toThrow(/place/)
        expect(() => encrypt(key.subarray(1), "a", Buffer.of(1))).toThrow(/32 bytes/)
    })
})

describe("the key-encryption key", () => {
    const [keys, two] = [keysFrom(Buffer.alloc(32, 1)), keysFrom(Buffer.alloc(32, 2))]

    test("wraps a data key for one place", async () => {
        const dataKey = newDataKey()
        const wrapped = await keys.wrap("program", dataKey)
        expect(await keys.unwrap("program", wrapped)).toEqual(dataKey)
        await expect(keys.unwrap("case:1", wrapped)).rejects.toThrow()
        await expect(two.unwrap("program", wrapped)).rejects.toThrow()
    })

    test("derives the same bytes for the same purpose, and different bytes for another", () => {
        expect(keys.derive("log", 32)).toEqual(keysFrom(Buffer.alloc(32, 1)).derive("log", 32))
        expect(keys.derive("log", 48).subarray(0, 32)).toEqual(keys.derive("log", 32))
        expect(keys.derive("log", 32)).not.toEqual(keys.derive("marks", 32))
        expect(keys.derive("log", 32)).not.toEqual(two.derive("log", 32))
    })

    test("derives the same bytes as earlier versions", () => {
        expect(keys.derive("log", 32).toString("hex")).toBe(
            "c811b2e9aa52455cbb9490acdd56d483595614caed8adc402390e626b984c844",
        )
    })

    test("has 32 bytes", () => expect(() => keysFrom(Buffer.alloc(31))).toThrow(/32 bytes/))
})

describe("the key file", () => {
    let home: string
    let data: string
    let file: string
    beforeEach(() => {
        home = fs.mkdtempSync(path.join(os.tmpdir(), "tocsin-keys-"))
        data = path.join(home, "data")
        file = path.join(home, "config", "key")
        fs.mkdirSync(data)
    })
    afterEach(() => fs.rmSync(home, { recursive: true, force: true }))

    function write(text: string, mode = 0o600): void {
        fs.mkdirSync(path.dirname(file), { recursive: true })
        fs.writeFileSync(file, text)
        fs.chmodSync(file, mode)
    }

    test("is created once, readable by its owner only, and read again", () => {
        createKeyFile(file, data)
        expect(fs.statSync(file).mode & 0o777).toBe(0o600)
        expect(fs.readdirSync(path.dirname(file))).toEqual(["key"])
        const text = fs.readFileSync(file, "utf8").trim()
        expect(readKeyFile(file, data).toString("hex")).toBe(text)
        expect(() => createKeyFile(file, data)).toThrow(refused("keys.file_exists"))
        expect(fs.readFileSync(file, "utf8").trim()).toBe(text)
        expect(fs.readdirSync(path.dirname(file))).toEqual(["key"])
    })

    test("is replaced only if it has what was read before", () => {
        createKeyFile(file, data)
        const before = fs.readFileSync(file, "latin1")
        replaceKeyFile(file, before, "next\n")
        expect(() => replaceKeyFile(file, before, "late\n")).toThrow(refused("keys.file_changed"))
        expect(fs.readFileSync(file, "latin1")).toBe("next\n")
        expect(fs.readdirSync(path.dirname(file))).toEqual(["key"])
    })

    test.each([
        ["missing", "keys.file_missing", () => undefined],
        ["readable by the group", "keys.file_readable_by_others", () => write("0".repeat(64), 0o640)],
        ["readable by everyone", "keys.file_readable_by_others", () => write("0".repeat(64), 0o604)],
        ["too short", "keys.file_damaged", () => write("0".repeat(62))],
        ["too long", "keys.file_damaged", () => write("0".repeat(66))],
        ["empty", "keys.file_damaged", () => write("")],
        ["huge", "keys.file_damaged", () => write("0".repeat(100_000))],
        ["not hexadecimal", "keys.file_damaged", () => write("z".repeat(64))],
        ["a folder", "keys.file_damaged", () => fs.mkdirSync(file, { recursive: true })],
    ])("is refused when %s", (_, code, make) => {
        make()
        expect(() => readKeyFile(file, data)).toThrow(refused(code))
    })

    test("is refused inside the data folder, however the path is written", () => {
        fs.symlinkSync(data, path.join(home, "link"))
        const ways = [path.join(data, "key"), path.join(data, "a", "..", "key"), path.join(home, "link", "new", "key")]
        for (const way of ways) {
            expect(() => createKeyFile(way, data)).toThrow(refused("keys.file_inside_data"))
            expect(() => readKeyFile(way, data)).toThrow(refused("keys.file_inside_data"))
        }
        const beside = `${data}-keys/..key`
        createKeyFile(beside, data)
        readKeyFile(beside, data)
    })
})

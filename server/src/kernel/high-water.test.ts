import fs from "node:fs"
import os from "node:os"
import path from "node:path"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { type HighWater, emptyHighWater } from "../models/high-water.ts"
import { highWaterPath, openHighWater } from "./high-water.ts"
import { keysFrom } from "../platform/crypto/keys.ts"

const keys = keysFrom(Buffer.alloc(32, 7))
let folder: string
let keyFile: string
beforeEach(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "tocsin-high-water-"))
    keyFile = path.join(folder, "key")
})
afterEach(() => fs.rmSync(folder, { recursive: true, force: true }))

const mark = (number: number): HighWater => ({ ...emptyHighWater("f-1", true), epoch: { number, id: `e-${number}` } })

describe("a high-water file", () => {
    test("is missing, is written whole with mode 0600, and is read again", async () => {
        const file = openHighWater(keyFile, keys)
        expect(await file.read()).toEqual({ state: "missing" })
        await file.change(() => mark(1))
        expect(await file.read()).toEqual({ state: "sound", mark: mark(1) })
        expect(fs.statSync(highWaterPath(keyFile)).mode & 0o777).toBe(0o600)
        expect(fs.readdirSync(folder)).toEqual(["key.high-water"])
        await file.change(() => null)
        expect(await file.read()).toEqual({ state: "sound", mark: mark(1) })
    })

    test.each([
        ["one byte changed", (text: string) => text.replace('"number":1', '"number":0')],
        ["its end cut off", (text: string) => text.slice(0, -20)],
        ["nothing in it", () => ""],
        ["no JSON in it", () => "hello\n"],
        ["a space more", (text: string) => text.replace(",", ", ")],
    ])("is damaged with %s", async (_, change) => {
        const file = openHighWater(keyFile, keys)
        await file.change(() => mark(1))
        fs.writeFileSync(highWaterPath(keyFile), change(fs.readFileSync(highWaterPath(keyFile), "utf8")))
        expect(await file.read()).toEqual({ state: "damaged" })
        await file.renameDamaged()
        expect(await file.read()).toEqual({ state: "missing" })
        expect(fs.readdirSync(folder)[0]).toMatch(/^key\.high-water\.damaged-/)
    })

    test("counts as damaged with another key", async () => {
        await openHighWater(keyFile, keysFrom(Buffer.alloc(32, 8))).change(() => mark(1))
        expect(await openHighWater(keyFile, keys).read()).toEqual({ state: "damaged" })
    })

    test("is changed by one process at a time and loses no change", async () => {
        const files = Array.from({ length: 4 }, () => openHighWater(keyFile, keys))
        await files[0]?.change(() => mark(0))
        const once = (file: (typeof files)[number]) =>
            file.change((now) => (now.state === "sound" ? mark((now.mark.epoch?.number ?? 0) + 1) : null))
        await Promise.all(files.flatMap((file) => Array.from({ length: 10 }, () => once(file))))
        expect(await files[0]?.read()).toEqual({ state: "sound", mark: mark(40) })
    })

    test("ignores the lock of a dead process", async () => {
        const file = openHighWater(keyFile, keys)
        // No process has this number, because it exceeds the limit of every system.
        fs.writeFileSync(`${highWaterPath(keyFile)}.lock`, `${os.hostname()} 99999999 x\n`)
        await file.change(() => mark(1))
        expect(await file.read()).toEqual({ state: "sound", mark: mark(1) })
        expect(fs.readdirSync(folder)).toEqual(["key.high-water"])
    })

    test("stays unchanged where a change throws", async () => {
        const file = openHighWater(keyFile, keys)
        await file.change(() => mark(1))
        const failing = file.change(() => {
            throw new Error("no")
        })
        await expect(failing).rejects.toThrow("no")
        await file.change(() => mark(2))
        expect(await file.read()).toEqual({ state: "sound", mark: mark(2) })
    })
})

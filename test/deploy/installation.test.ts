/** What `deploy/` installs: settings, variables, and the units as systemd itself reads and rates them. */
import { spawnSync } from "node:child_process"
import fs from "node:fs"
import os from "node:os"
import path from "node:path"
import { describe, expect, test } from "vitest"
import { keyRoles } from "../../server/src/models/key-rights.ts"
import { readSettings } from "../../server/src/platform/config/settings.ts"

const units = ["tocsin.service", "tocsin@.service", "tocsin-keys.service"]
const read = (file: string) => fs.readFileSync(path.join("deploy", file), "utf8")

/** Ten times the exposure that systemd calculates: 0 is none, 100 all. */
const exposureMax = 20

test("all units have the same rights, and only the key process has the folder of the key", () => {
    const [whole = "", role = "", keys = ""] = units.map((unit) => read(`systemd/${unit}`))
    const rights = (text: string) => text.slice(text.indexOf("# Rights"))
    expect([rights(role), rights(keys)]).toEqual([rights(whole), rights(whole)])
    const lines = (text: string) => text.split("\n").filter((line) => /^(User|StateDirectory)=/.test(line))
    expect(lines(keys)).toEqual(["User=tocsin-keys", "StateDirectory=tocsin-keys"])
    expect(keys).toContain("Environment=TOCSIN_KEY_FILE=/var/lib/tocsin-keys/key")
})

test("each role has a folder for its socket, which a group of its own may open", () => {
    const folders = read("systemd/tocsin.tmpfiles").matchAll(/^d \/run\/tocsin\/keys\/(\w+) 2750 tocsin-keys (\S+)$/gm)
    expect([...folders].map(([, role, group]) => [role, group])).toEqual(
        keyRoles.map((role) => [role, `tocsin-${role}`]),
    )
    for (const role of keyRoles)
        expect(read("systemd/tocsin.sysusers")).toMatch(new RegExp(`^[ug] tocsin-${role} `, "m"))
})

test("the shipped settings are read, and their folders are those that the units may write", () => {
    const { dataDir, keyFile } = readSettings({}, {}, "deploy/settings.json")
    const [, folders = ""] = /^StateDirectory=(.+)$/m.exec(read("systemd/tocsin.service")) ?? []
    expect(folders.split(" ").map((name) => `/var/lib/${name}`)).toEqual([dataDir, path.dirname(keyFile)])
})

test("the command of the Debian package passes its arguments, settings and exit code on", () => {
    const home = fs.mkdtempSync(path.join(os.tmpdir(), "tocsin-command-"))
    const put = (file: string, text: string) => {
        fs.mkdirSync(path.dirname(path.join(home, file)), { recursive: true })
        fs.writeFileSync(path.join(home, file), text, { mode: 0o755 })
    }
    put("usr/bin/tocsin", read("debian/tocsin"))
    put("usr/lib/tocsin/server/bin/tocsin.js", '#!/bin/sh\necho "$TOCSIN_SETTINGS" "$#" "$2"\nexit 7\n')
    fs.symlinkSync("usr/bin/tocsin", path.join(home, "elsewhere"))
    const env = { ...process.env, TOCSIN_SETTINGS: "/own.json" }
    for (const command of ["usr/bin/tocsin", "elsewhere"]) {
        const ran = spawnSync(path.join(home, command), ["backup", "a file"], { env, encoding: "utf8" })
        expect([ran.status, ran.stdout]).toEqual([7, "/own.json 2 a file\n"])
    }
    fs.rmSync(home, { recursive: true })
})

test("the files for containers set variables that exist", () => {
    const known = fs.readFileSync("docs/reference/settings.md", "utf8")
    const text = read("container/Containerfile") + read("container/compose.yml")
    const names = new Set(text.match(/TOCSIN_\w+/g))
    expect(names.size).toBeGreaterThan(5)
    expect([...names].filter((name) => !known.includes(`\`${name}\``))).toEqual([])
})

describe.skipIf(spawnSync("systemd-analyze", ["--version"]).status !== 0)("systemd (on machines that have it)", () => {
    test.each(units)("reads %s without a warning, and rates it as restricted", (unit) => {
        const folder = fs.mkdtempSync(path.join(os.tmpdir(), "tocsin-units-"))
        const file = path.join(folder, unit)
        fs.writeFileSync(file, read(`systemd/${unit}`).replace("/usr/bin/tocsin", "/bin/true"))
        const verify = spawnSync("systemd-analyze", ["verify", file], { encoding: "utf8" })
        expect([verify.status, verify.stderr]).toEqual([0, ""])
        const threshold = `--threshold=${exposureMax}`
        const security = spawnSync("systemd-analyze", ["security", "--offline=true", threshold, file])
        expect(security.status).toBe(0)
        fs.rmSync(folder, { recursive: true })
    })
})

import fs from "node:fs"
import os from "node:os"
import path from "node:path"
import { afterAll, describe, expect, test } from "vitest"
import { type Flags, readSettings, settingNames, variableOf } from "./settings.ts"

const folder = fs.mkdtempSync(path.join(os.tmpdir(), "tocsin-settings-"))
afterAll(() => fs.rmSync(folder, { recursive: true }))

function file(content: unknown): string {
    const at = path.join(folder, "settings.json")
    fs.writeFileSync(at, typeof content === "string" ? content : JSON.stringify(content))
    return at
}

describe("settings", () => {
    test("have a default each, and the default key file is outside the data folder", () => {
        const settings = readSettings({}, {})
        expect(Object.keys(settings).toSorted()).toEqual([...settingNames].toSorted())
        expect(settings).toMatchObject({
            dataDir: path.join(os.homedir(), ".local/share/tocsin"),
            databaseUrl: null,
            consoleOrigin: "http://localhost:8440",
            portalOrigin: "http://localhost:8441",
            smtpUrl: null,
            bounceAddress: null,
            receiptsInterval: 60,
            receiptLogTiles: "off",
            witnessPolicy: null,
            taxiiMemory: 256,
            role: "all",
            logLevel: "info",
        })
        expect(settings.keyFile.startsWith(path.join(os.homedir(), ".config/tocsin/"))).toBe(true)
        expect(readSettings({ dataDir: "/elsewhere" }, {}).keyFile).not.toBe(settings.keyFile)
    })

    test("prefer a flag to the environment, and the environment to the file", () => {
        const from = { consolePort: 3, portalPort: "3", role: "worker" }
        const env = { TOCSIN_CONSOLE_PORT: "2", TOCSIN_PORTAL_PORT: "2", TOCSIN_ROLE: "" }
        const settings = readSettings({ consolePort: "1" }, env, file(from))
        expect(settings).toMatchObject({ consolePort: 1, portalPort: 2, role: "worker" })
        expect(settings.consoleOrigin).toBe("http://localhost:1")
    })

    test("list trusted proxies by address or network", () => {
        expect(readSettings({}, {}).trustedProxy).toBe("")
        const env = { TOCSIN_TRUSTED_PROXY: "10.1.0.0/16, ::1" }
        expect(readSettings({}, env).trustedProxy).toBe("10.1.0.0/16,::1")
        for (const text of ["all", "10.1.0.1/16", "0.0.0.0/0", "1.2.3", "true", "loopback"]) {
            expect(() => readSettings({ trustedProxy: text }, {})).toThrow("trustedProxy")
        }
    })

    test("can be lists in the file, where they have several values", () => {
        const recipients = ["age1ucp2s4y69wuewtpuf0ja5dvjyqau6856p2nstl5yjjapukdzqshs3hgd5f"]
        const from = file({ trustedProxy: ["10.1.0.0/16", "::1"], backupRecipients: recipients })
        expect(readSettings({}, {}, from)).toMatchObject({
            trustedProxy: "10.1.0.0/16,::1",
            backupRecipients: recipients[0],
        })
        expect(() => readSettings({}, {}, file({ keyFile: ["/a"] }))).toThrow("a text or a number")
        expect(() => readSettings({}, {}, file({ trustedProxy: [1] }))).toThrow("a list of texts")
    })

    test("have an environment variable each", () => {
        expect(settingNames.map(variableOf)).toContain("TOCSIN_DATABASE_URL")
        expect(readSettings({}, { [variableOf("mailFrom")]: "a@b.example" }).mailFrom).toBe("a@b.example")
    })

    test("use DATABASE_URL when no setting names a database", () => {
        const usual = { DATABASE_URL: "postgres://usual/x" }
        expect(readSettings({}, usual).databaseUrl).toBe("postgres://usual/x")
        expect(readSettings({}, { ...usual, TOCSIN_DATABASE_URL: "postgres://own/x" }).databaseUrl).toBe(
            "postgres://own/x",
        )
        expect(readSettings({}, usual, file({ databaseUrl: "postgres://file/x" })).databaseUrl).toBe(
            "postgres://file/x",
        )
    })

    test("make paths absolute and reduce URLs to origins", () => {
        const settings = readSettings({ dataDir: "here", portalOrigin: "https://portal.example/" }, {})
        expect(settings.dataDir).toBe(path.resolve("here"))
        expect(settings.portalOrigin).toBe("https://portal.example")
    })
})

describe("refusals", () => {
    test.each<[Flags]>([
        [{ consolePort: "65536" }],
        [{ consolePort: "1e3" }],
        [{ portalPort: "-1" }],
        [{ consoleOrigin: "https://x.example/path" }],
        [{ portalOrigin: "ftp://x.example" }],
        [{ portalOrigin: "https://name@x.example" }],
        [{ databaseUrl: "mysql://x" }],
        [{ smtpUrl: "localhost:25" }],
        [{ bounceAddress: "early-warnings-back@example.org" }],
        [{ bounceAddress: "bounces+here@example.org" }],
        [{ mailFrom: "A <a@b.example>" }],
        [{ receiptsInterval: "0" }],
        [{ receiptsInterval: "3601" }],
        [{ receiptsInterval: "1.5" }],
        [{ taxiiMemory: "15" }],
        [{ taxiiMemory: "65537" }],
        [{ taxiiMemory: "256 MiB" }],
        [{ publisherName: " " }],
        [{ publisherName: "x".repeat(101) }],
        [{ publisherName: "Two\nlines" }],
        [{ publisherName: "a\0b" }],
        [{ publisherContact: "nobody" }],
        [{ publisherContact: "http://x.example/contact" }],
        [{ publisherContact: "a\u0001@b.example" }],
        [{ role: "everything" }],
        [{ logLevel: "trace" }],
        [{ postgres: "other" }],
        [{ dataDir: "a\0b" }],
    ])("%j", (flags) => {
        const [name] = Object.keys(flags)
        expect(() => readSettings(flags, {})).toThrow(
            expect.objectContaining({ code: "settings.invalid", message: expect.stringContaining(`\`${name}\``) }),
        )
    })

    test.each([
        ["settings.not_found", { consolePort: 1, consolPort: 2 }, /`consolPort`/],
        ["settings.not_found", '{"__proto__": 1}', /`__proto__`/],
        ["settings.invalid", { consolePort: true }, /`consolePort`/],
        ["settings.invalid", { role: null }, /`role`/],
        ["settings.file_damaged", "{", /JSON/],
        ["settings.file_damaged", [1], /JSON/],
        ["settings.incomplete", { smtpUrl: "smtp://localhost" }, /`mailFrom`/],
    ])("%s: %j", (code, content, message) => {
        expect(() => readSettings({}, {}, file(content))).toThrow(
            expect.objectContaining({ code, message: expect.stringMatching(message) }),
        )
    })

    test("reject a missing file", () => {
        expect(() => readSettings({}, {}, path.join(folder, "none"))).toThrow(
            expect.objectContaining({ code: "settings.file_missing" }),
        )
    })

    test("never contain a password", () => {
        for (const name of ["databaseUrl", "smtpUrl"] as const) {
            try {
                readSettings({ [name]: "http://name:secret@host" }, {})
                expect.unreachable()
            } catch (error) {
                expect(String(error)).not.toContain("secret")
            }
        }
    })
})

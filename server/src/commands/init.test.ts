import { randomBytes } from "node:crypto"
import fs from "node:fs"
import path from "node:path"
import { afterAll, describe, expect, inject, test } from "vitest"
import { runTocsin, createHome } from "../../../test/support/command.ts"
import { createDatabase } from "../../../test/support/database.ts"
import { databaseAt, runSql } from "../../../test/support/sql.ts"
import { parseLockedKey } from "../platform/crypto/key-lock.ts"
import { openDb } from "../platform/postgres/db.ts"

const home = createHome()
const databases: string[] = []
const ada = ["--operator", "Ada Byron <ada@operator.example>"]
const bo = ["--operator", "Bo Diddley <bo@operator.example>"]

afterAll(async () => {
    fs.rmSync(home, { recursive: true, force: true })
    for (const name of databases) await runSql(inject("clusterUrl"), `drop database ${name} with (force)`)
})

/** A database without tables. */
async function emptyDatabase(): Promise<string> {
    const name = `e${randomBytes(8).toString("hex")}`
    await runSql(inject("clusterUrl"), `create database ${name}`)
    databases.push(name)
    return databaseAt(inject("clusterUrl"), name)
}

async function rows<Row>(url: string, sql: string): Promise<Row[]> {
    const db = openDb(url, { connectionsMax: 1, statementMsMax: 5000 })
    try {
        return await db.transaction((tx) => tx.query<Row>(sql))
    } finally {
        await db.close()
    }
}

const tables = (url: string) => rows(url, "select relname from pg_class where relnamespace = 'public'::regnamespace")
const newKey = () => path.join(home, randomBytes(4).toString("hex"), "key")
const init = (url: string, key: string, ...more: string[]) => initWith("", url, key, ...more)
const initWith = (input: string, url: string, key: string, ...more: string[]) =>
    runTocsin(home, ["init", "--database-url", url, "--key-file", key, ...ada, ...bo, ...more], {}, input)

describe("tocsin init", () => {
    test("makes a program with two people, one to request and one to sign", async () => {
        const url = await emptyDatabase()
        const key = newKey()
        const { code, out, err } = await init(url, key, "--console-origin", "https://console.example", "--json")
        expect({ code, err }).toEqual({ code: 0, err: "" })
        const notified = JSON.parse(out) as {
            keyFile: string
            operators: { name: string; roles: string[]; link: string }[]
        }
        expect(notified.keyFile).toBe(key)
        expect(notified.operators).toEqual([
            expect.objectContaining({ name: "Ada Byron", roles: ["admin", "author", "manager", "investigator"] }),
            expect.objectContaining({ name: "Bo Diddley", roles: ["admin", "approver", "auditor"] }),
        ])
        for (const { link } of notified.operators) {
            expect(link).toMatch(/^https:\/\/console\.example\/sign-in#[A-Za-z0-9_-]{43}$/)
        }
        expect(fs.statSync(key).mode & 0o777).toBe(0o600)
        expect(await rows(url, "select roles, created_by from persons order by roles")).toEqual([
            { roles: ["admin", "approver", "auditor"], created_by: null },
            { roles: ["admin", "author", "manager", "investigator"], created_by: null },
        ])
        expect(await rows(url, "select version from policy_activations")).toEqual([{ version: 1 }])
        expect(await rows(url, "select kind, reusable from credentials")).toEqual([
            { kind: "link", reusable: false },
            { kind: "link", reusable: false },
        ])
    })

    test("prints what to do next", async () => {
        const { out } = await init(await emptyDatabase(), newKey())
        expect(out).toContain("Ada Byron requests and Bo Diddley signs")
        expect(out.match(/http:\/\/localhost:8440\/sign-in#/g)).toHaveLength(2)
    })

    test("locks the new key file with a passphrase, so that the key is on no disk", async () => {
        const [url, key] = [await emptyDatabase(), newKey()]
        const { code, out } = await initWith("a passphrase of a few words\n", url, key, "--passphrase")
        expect({ code, out }).toEqual({ code: 0, out: expect.stringContaining("It is locked: run `tocsin unlock`") })
        const locked = parseLockedKey(fs.readFileSync(key, "utf8"))
        if (locked === null) throw new Error("the key file has no lock")
        expect(fs.readdirSync(path.dirname(key))).toEqual([path.basename(key)])
        const list = ["sign-in-link", "bo@operator.example", "--database-url", url, "--key-file", key]
        expect(await runTocsin(home, list, {}, "another passphrase of words\n")).toMatchObject({ code: 1 })
        expect(await runTocsin(home, list, {}, "a passphrase of a few words\n")).toMatchObject({ code: 0 })
    })

    test("needs one way to lock, and leaves nothing without a passphrase", async () => {
        const [url, key] = [await emptyDatabase(), newKey()]
        for (const more of [
            ["--shares", "5"],
            ["--passphrase", "--shares", "5", "--needed", "3"],
        ])
            expect((await init(url, key, ...more)).err).toContain("error: give --passphrase, or --shares")
        expect((await init(url, key, "--passphrase")).code).toBe(1)
        expect([fs.existsSync(key), await tables(url)]).toEqual([false, []])
    })

    test("runs once: a second run changes nothing", async () => {
        const url = await emptyDatabase()
        expect((await init(url, newKey())).code).toBe(0)
        const before = await rows(url, "select * from events")
        const other = newKey()
        const { code, err } = await init(url, other)
        expect({ code, err }).toEqual({ code: 1, err: expect.stringContaining("(init.already_initialised)") })
        expect(await rows(url, "select * from events")).toEqual(before)
        expect(fs.existsSync(other)).toBe(false)
    })

    test("makes one program in two concurrent runs", async () => {
        const url = await emptyDatabase()
        const keys = [newKey(), newKey()]
        const both = await Promise.all(keys.map((key) => init(url, key)))
        expect(both.map(({ code }) => code).toSorted()).toEqual([0, 1])
        expect(both.map(({ err }) => err).join("")).toContain("(init.already_initialised)")
        expect(keys.map((key) => fs.existsSync(key))).toEqual(both.map(({ code }) => code === 0))
        expect(await rows(url, "select count(*) as n from persons")).toEqual([{ n: 2 }])
    })

    test("leaves no table after a failure, and another program's key unchanged", async () => {
        const url = await emptyDatabase()
        const key = newKey()
        fs.mkdirSync(path.dirname(key))
        fs.writeFileSync(key, "another's\n")
        expect((await init(url, key)).err).toContain("(keys.file_exists)")
        expect(await tables(url)).toEqual([])
        expect(fs.readFileSync(key, "utf8")).toBe("another's\n")
    })

    test.each([
        ["at its last row", "after insert on credentials"],
        ["at its commit", "after insert on credentials deferrable initially deferred"],
    ])("undoes everything, the key too, where the database fails %s", async (_, when) => {
        const fresh = await createDatabase()
        const { url } = fresh
        await runSql(
            url,
            `create function no() returns trigger language plpgsql as $$ begin raise 'no'; end $$;
             create constraint trigger no ${when} for each row execute function no()`,
        )
        const key = newKey()
        expect((await init(url, key)).code).toBe(1)
        expect(await rows(url, "select seq from events")).toEqual([])
        expect(fs.existsSync(key)).toBe(false)
        await runSql(url, "drop function no cascade")
        expect((await init(url, key)).code).toBe(0)
        await fresh.close()
    })

    test("makes a private database, and removes the folder after a failure", async () => {
        const data = path.join(home, "data")
        const key = newKey()
        fs.mkdirSync(path.dirname(key))
        fs.writeFileSync(key, "another's\n")
        const founding = (file: string) => runTocsin(home, ["init", "--data", data, "--key-file", file, ...ada, ...bo])
        expect((await founding(key)).err).toContain("(keys.file_exists)")
        expect(fs.existsSync(data)).toBe(false)
        expect((await founding(path.join(data, "key"))).err).toContain("(keys.file_inside_data)")
        expect(fs.existsSync(data)).toBe(false)
        const usual = { DATABASE_URL: "postgresql://localhost:1/of-another-program" }
        const { code } = await runTocsin(home, ["init", "--data", data, ...ada, ...bo], usual)
        expect(code).toBe(0)
        expect(fs.readdirSync(path.join(home, ".config", "tocsin"))).toEqual([
            expect.stringMatching(/^[0-9a-f]+\.key$/),
        ])
        expect((await founding(newKey())).err).toContain("(init.already_initialised)")
        fs.rmSync(fs.realpathSync(path.join(data, "postgres")), { recursive: true })
    }, 120_000)

    test("refuses a database of a newer version", async () => {
        const url = await emptyDatabase()
        const key = newKey()
        await init(url, key)
        await runSql(url, "insert into migrations (name, sha256) values ('9999-later.sql', '')")
        expect((await init(url, newKey())).err).toContain("(platform.newer_database)")
        const served = await runTocsin(home, ["serve", "--database-url", url, "--key-file", key])
        expect(served).toMatchObject({ code: 1, err: expect.stringContaining("(platform.newer_database)") })
    })

    test.each([
        ["wants two people", [...ada], 2, "name two people"],
        ["wants no more than two", [...ada, ...bo, ...bo], 2, "name two people"],
        ["wants an address for each", [...ada, "--operator", "Bo"], 2, "Name <mail>"],
        ["does not know other flags", [...ada, ...bo, "--force"], 2, "--force"],
        ["wants two different people", [...ada, "--operator", "A. B. <ADA@operator.example>"], 1, "init.same_person"],
        ["wants addresses that are some", [...ada, "--operator", "Bo <nowhere>"], 1, "identity.bad_mail"],
        ["wants a database that answers", [...ada, ...bo], 1, "serve.no_database"],
    ])("%s", async (_, args, code, reason) => {
        const key = newKey()
        const nowhere = ["--database-url", "postgresql://localhost:1/x", "--key-file", key]
        const ended = await runTocsin(home, ["init", ...nowhere, ...args])
        expect({ code: ended.code, out: ended.out }).toEqual({ code, out: "" })
        expect(ended.err).toContain(reason)
        expect(fs.existsSync(path.dirname(key))).toBe(false)
    })
})

import fs from "node:fs"
import { Command } from "commander"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { newId } from "../../../../test/support/database.ts"
import { type PartnerMachine, modeOf, createPartnerMachine } from "../../../../test/support/partner.ts"
import { TestPortal, problem } from "../../../../test/support/doubles/portal.ts"
import { ackCommand, acknowledge } from "./ack.ts"
import { confirmDeletionCommand } from "./confirm-deletion.ts"
import { addKey, keysCommand, listKeys, createKey } from "./keys.ts"
import { login, loginCommand } from "./login.ts"
import { type World, configPath, jsonLine } from "./connection.ts"
import { exportMispCommand } from "./export-misp.ts"
import { openCommand } from "./open.ts"
import { pullCommand } from "./pull.ts"
import { reportResultCommand } from "./report-result.ts"
import { reportProtectionCommand } from "./report-protection.ts"
import { reportSightingCommand } from "./report-sighting.ts"

let portal: TestPortal
let desk: PartnerMachine

beforeEach(async () => {
    portal = await new TestPortal().listen()
    desk = createPartnerMachine()
})
afterEach(async () => {
    await portal.close()
    desk.close()
})

const typed = async () => `${portal.token}\n`
const config = () => desk.at(".config", "tocsin", "client.json")
const identity = () => desk.at(".config", "tocsin", "identity.txt")
const withEnv = (env: Record<string, string>): World => ({ ...desk.world, env })

describe("tocsin login", () => {
    test("tests the token, saves it readable by its owner only, and other commands use it", async () => {
        expect(await login({ url: portal.url }, desk.world, typed)).toBe(0)
        expect(desk.take().results).toEqual([`signed in at ${portal.url} as Lea of Acme (active)`])
        expect([modeOf(config()), modeOf(desk.at(".config", "tocsin"))]).toEqual(["600", "700"])
        expect(await listKeys({}, desk.world)).toBe(0)
        expect(await login({}, desk.world, typed)).toBe(0)
    })

    test("saves nothing after a refusal, and keeps the earlier login", async () => {
        expect(await login({ url: portal.url }, desk.world, async () => "x".repeat(43))).toBe(1)
        expect(fs.existsSync(config())).toBe(false)
        await login({ url: portal.url }, desk.world, typed)
        const before = fs.readFileSync(config())
        expect(await login({ url: portal.url }, desk.world, async () => "x".repeat(43))).toBe(1)
        expect(fs.readFileSync(config())).toEqual(before)
    })

    test("takes the token from a file or the environment without a prompt", async () => {
        const failIfAsked = () => expect.fail("asked")
        fs.writeFileSync(desk.at("token"), `${portal.token}\n`, { mode: 0o600 })
        expect(await login({ url: portal.url, tokenFile: desk.at("token") }, desk.world, failIfAsked)).toBe(0)
        const env = { TOCSIN_URL: portal.url, TOCSIN_TOKEN: portal.token, TOCSIN_CONFIG: desk.at("own.json") }
        expect(await login({ json: true }, withEnv(env), failIfAsked)).toBe(0)
        expect(JSON.parse(desk.take().results.at(-1)!)).toMatchObject({ config: desk.at("own.json"), partner: "Acme" })
        expect(modeOf(desk.at("own.json"))).toBe("600")
    })

    test.each<[string, string, number]>([
        ["a missing token", "\n", 2],
        ["an invalid token", "hello", 1],
    ])("refuses %s", async (_, token, exit) => {
        expect(await login({ url: portal.url }, desk.world, async () => token)).toBe(exit)
        expect(portal.requests).toEqual([])
    })

    test("needs an address", async () => {
        expect(await login({}, desk.world, typed)).toBe(2)
    })

    test("no command takes a token as an argument", () => {
        const program = new Command()
        const acts = [
            ackCommand,
            confirmDeletionCommand,
            reportResultCommand,
            reportSightingCommand,
            reportProtectionCommand,
            exportMispCommand,
        ]
        const plugins = () => expect.fail("none is started")
        loginCommand(program)
        keysCommand(program, plugins)
        pullCommand(program)
        openCommand(program, plugins)
        for (const add of acts) add(program)
        const list = program.commands.flatMap((command) => [command, ...command.commands])
        const flags = list.flatMap((command) => command.options.map((option) => option.long))
        expect(list.map((command) => command.name())).toEqual([
            "login",
            "keys",
            "new",
            "add",
            "confirm",
            "list",
            "test",
            "dpop",
            "pull",
            "open",
            "ack",
            "confirm-deletion",
            "report-result",
            "report-sighting",
            "report-protection",
            "export-misp",
        ])
        expect(flags).toContain("--token-file")
        expect(flags).not.toContain("--token")
    })
})

describe("the portal address and token", () => {
    beforeEach(async () => {
        await login({ url: portal.url }, desk.world, typed)
        portal.requests.splice(0)
    })

    test.each<[string, Record<string, string>, { url?: string }, number]>([
        ["come from the saved login", {}, {}, 0],
        ["come from the environment before the saved login", { TOCSIN_TOKEN: "x".repeat(43) }, {}, 1],
        ["come from the saved login when its address is repeated", {}, { url: "PORTAL" }, 0],
        ["never send the saved token to another address", {}, { url: "http://localhost:1" }, 2],
        ["come from a flag before the environment", { TOCSIN_URL: "http://localhost:1" }, { url: "PORTAL" }, 0],
        ["refuse an invalid address", { TOCSIN_TOKEN: "x".repeat(43) }, { url: "portal" }, 1],
    ])("%s", async (_, env, { url }, exit) => {
        const options = url === undefined ? {} : { url: url === "PORTAL" ? portal.url : url }
        expect(await listKeys(options, withEnv(env))).toBe(exit)
        if (exit === 2) expect(portal.requests).toEqual([])
    })

    test("refuse a saved token that others can read, or an invalid login file", async () => {
        fs.chmodSync(config(), 0o644)
        expect(await listKeys({}, desk.world)).toBe(1)
        expect(desk.take().messages.at(-1)).toContain("files.readable_by_others")
        fs.chmodSync(config(), 0o600)
        fs.writeFileSync(config(), "{}")
        expect(await listKeys({}, desk.world)).toBe(1)
        expect(desk.take().messages.at(-1)).toContain("online.bad_config")
        expect(portal.requests).toEqual([])
    })

    test("are missing without a login", async () => {
        fs.rmSync(config())
        expect(await listKeys({}, desk.world)).toBe(2)
        expect(await listKeys({ url: portal.url }, desk.world)).toBe(2)
        expect(await listKeys({ tokenFile: desk.at("nowhere") }, desk.world)).toBe(2)
    })

    test("come from a login file at a chosen path", () => {
        const home = "/home/lea"
        expect(configPath({ env: {}, home })).toBe("/home/lea/.config/tocsin/client.json")
        expect(configPath({ env: { XDG_CONFIG_HOME: "/x" }, home })).toBe("/x/tocsin/client.json")
        expect(configPath({ env: { XDG_CONFIG_HOME: "/x", TOCSIN_CONFIG: "/y.json" }, home })).toBe("/y.json")
    })
})

describe("tocsin keys", () => {
    beforeEach(async () => {
        await login({ url: portal.url }, desk.world, typed)
        desk.take()
        portal.issuesKeyReceipts = true
    })

    test("new creates an identity readable by its owner only, and registers its recipient", async () => {
        expect(await createKey({ json: true }, desk.world)).toBe(0)
        expect(modeOf(identity())).toBe("600")
        const text = fs.readFileSync(identity(), "utf8")
        expect(text).toMatch(/^# public key: age1[0-9a-z]{58}\nAGE-SECRET-KEY-1[0-9A-Z]{58}\n$/)
        const { results } = desk.take()
        expect(JSON.parse(results[0]!)).toMatchObject({ recipient: portal.keys[0]?.recipient, identity: identity() })
        expect(results.join()).not.toContain("AGE-SECRET-KEY")
        expect(text).toContain(portal.keys[0]!.recipient)
        expect(await listKeys({ json: true }, desk.world)).toBe(0)
        const { keys, changes } = portal
        expect(JSON.parse(desk.take().results[0]!)).toEqual({
            keys,
            head: expect.stringMatching(/^[0-9a-f]{64}$/),
            changes,
            added: changes,
            pending: [],
        })
    })

    test("new names no file that does not exist, and registers nothing then", async () => {
        expect(await createKey({ confirmWith: desk.at("mistyped.txt") }, desk.world)).toBe(2)
        expect(desk.take().messages.join()).toContain("mistyped.txt")
        expect(fs.existsSync(identity())).toBe(false)
        expect(portal.keys).toEqual([])
    })

    test("new and add refuse a server that answers with another key", async () => {
        const other = { id: newId(), recipient: "age1other", usableFrom: null }
        portal.faults.set("POST keys", [{ body: other }, { body: other }])
        expect(await createKey({}, desk.world)).toBe(1)
        expect(await addKey(undefined, {}, desk.world)).toBe(1)
        const { messages, results } = desk.take()
        expect(messages.join()).toContain("keys.recipient_mismatch")
        expect(results).toEqual([])
    })

    test("new overwrites no identity", async () => {
        await createKey({}, desk.world)
        const before = fs.readFileSync(identity())
        expect(await createKey({}, desk.world)).toBe(1)
        expect(fs.readFileSync(identity())).toEqual(before)
        expect(portal.keys).toHaveLength(1)
    })

    test("new keeps an identity whose registration failed, and add registers it", async () => {
        portal.faults.set("POST keys", [problem(409, "key.too_many")])
        expect(await createKey({}, desk.world)).toBe(1)
        expect(desk.take().messages.join()).toContain("tocsin keys add")
        expect(portal.keys).toEqual([])
        expect(await addKey(undefined, {}, desk.world)).toBe(0)
        expect(fs.readFileSync(identity(), "utf8")).toContain(portal.keys[0]!.recipient)
        expect(await addKey(undefined, {}, desk.world)).toBe(1)
    })

    test("add never sends an identity", async () => {
        await createKey({}, desk.world)
        portal.requests.splice(0)
        const secret = fs.readFileSync(identity(), "utf8").split("\n")[1]
        expect(await addKey(secret, {}, desk.world)).toBe(2)
        fs.chmodSync(identity(), 0o640)
        expect(await addKey(undefined, {}, desk.world)).toBe(1)
        expect(portal.requests).toEqual([])
        expect(await addKey(undefined, { identity: desk.at("nowhere") }, desk.world)).toBe(2)
    })
})

describe("tocsin ack", () => {
    test("acknowledges a warning", async () => {
        const world = withEnv({ TOCSIN_URL: portal.url, TOCSIN_TOKEN: portal.token })
        expect(await acknowledge("the first one", {}, world)).toBe(2)
        expect(portal.requests).toEqual([])
        const id = newId()
        expect(await acknowledge(id, { json: true }, world)).toBe(0)
        expect(desk.take().results).toEqual([JSON.stringify({ warning: id, acknowledged: 0, receipts: [] })])
        expect(portal.urls).toEqual([`/api/warnings/${id}/acknowledge`])
        portal.faults.set("POST acknowledge", [problem(409, "delivery.nothing_fetched")])
        expect(await acknowledge(id, {}, world)).toBe(1)
    })
})

test("JSON output has the same facts on one line, without terminal control characters", () => {
    const value = { text: "a\u202eb\u009bc\u2028\u{e0001}\ud800d é" }
    expect(JSON.parse(jsonLine(value))).toEqual(value)
    expect(jsonLine(value)).toMatch(/^[^\p{C}\p{Zl}\p{Zp}]+$/u)
})

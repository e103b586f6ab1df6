/** Opens copies with an age plugin: a separate program on PATH that holds the identity. */
import { bech32 } from "@scure/base"
import fs from "node:fs"
import { Encrypter, generateX25519Identity, identityToRecipient } from "age-encryption"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { type PartnerMachine, createPartnerMachine } from "../../../../test/support/partner.ts"
import { type PluginScript, readPluginLog, writePlugin } from "../../../../test/support/doubles/plugin.ts"
import { TestPortal } from "../../../../test/support/doubles/portal.ts"
import type { TerminalPrompt } from "../age-plugin.ts"
import { agePlugins } from "./age-plugins.ts"
import { addKey, testKeys } from "./keys.ts"
import { openCopy } from "./open.ts"

let desk: PartnerMachine
let value: string
let recipient: string

beforeEach(async () => {
    desk = createPartnerMachine()
    value = await generateX25519Identity()
    recipient = await identityToRecipient(value)
    fs.mkdirSync(desk.at("bin"))
})
afterEach(() => desk.close())

/** Puts a plugin on the partner's PATH, and its identity into the partner's file. */
function holding(acting: Partial<PluginScript> = {}, comment = "my card"): string {
    const identity = writePlugin({ folder: desk.at("bin"), name: "card", identity: value, ...acting })
    fs.writeFileSync(desk.at("identity"), `# ${comment}\n${identity}\n`, { mode: 0o600 })
    return identity
}

async function sealed(...to: string[]): Promise<string> {
    const age = new Encrypter()
    for (const item of to.length > 0 ? to : [recipient]) age.addRecipient(item)
    fs.writeFileSync(desk.at("copy.age"), await age.encrypt("what it says"))
    return desk.at("copy.age")
}

interface Around {
    readonly path?: string
    readonly quietMs?: number
    readonly prompt?: Partial<TerminalPrompt>
}

function createEnvironment({ path = desk.at("bin"), quietMs = 20_000, prompt = {} }: Around = {}) {
    const plugins = agePlugins({ PATH: path, TOCSIN_TOKEN: "secret" }, quietMs)
    return { ...desk.world, prompt: { ...desk.world.prompt, ...prompt }, plugins }
}

async function runOpen(file: string, around: Around = {}) {
    const out: Uint8Array[] = []
    const output = { isTerminal: false, write: async (bytes: Uint8Array) => void out.push(bytes) }
    const exit = await openCopy(file, { identity: desk.at("identity") }, createEnvironment(around), output)
    return { exit, out: Buffer.concat(out).toString(), messages: desk.take().messages }
}

/** The message when nothing is printed. */
async function refusal(around: Around = {}): Promise<string> {
    const { exit, out, messages } = await runOpen(await sealed(), around)
    return exit === 1 && out === "" ? messages.join() : "it was opened"
}

describe("an identity of a plugin", () => {
    test("opens a copy through a process that gets only the stanzas", async () => {
        const identity = holding()
        expect(await runOpen(await sealed())).toEqual({ exit: 0, out: "what it says", messages: [] })
        const [argv, environment, ...heard] = readPluginLog(desk.at("bin"), "card").trim().split("\n")
        expect([argv, environment]).toEqual(["argv --age-plugin=identity-v1", "environment "])
        expect(heard).toEqual([
            `-> add-identity ${identity}`,
            expect.stringMatching(/^-> recipient-stanza 0 X25519 /),
            "-> done",
            "-> ok",
        ])
    })

    test("is distinguished from other identities", async () => {
        holding()
        const input = await runOpen(await sealed(await identityToRecipient(await generateX25519Identity())))
        expect(input).toMatchObject({ exit: 1, out: "" })
        expect(input.messages.join()).toContain("open.not_a_recipient")
    })

    test("works next to a plain identity, which starts no plugin", async () => {
        const identity = holding()
        const own = await generateX25519Identity()
        fs.writeFileSync(desk.at("identity"), `${identity}\n${own}\n`)
        expect((await runOpen(await sealed(await identityToRecipient(own)))).out).toBe("what it says")
        expect(readPluginLog(desk.at("bin"), "card")).toBe("")
        expect((await runOpen(await sealed())).out).toBe("what it says")
    })

    test("is used in one request for all identities of its plugin", async () => {
        const identity = holding()
        fs.writeFileSync(desk.at("identity"), `${identity}\n${identity}\n`)
        expect((await runOpen(await sealed())).exit).toBe(0)
        const heard = readPluginLog(desk.at("bin"), "card").split("\n")
        expect(heard.filter((line) => line.startsWith("-> add-identity"))).toHaveLength(2)
    })

    test.each([
        ["age-plugin-../../bin/sh-", "identity.damaged"],
        ["age-plugin-a_b-", "identity.damaged"],
        ["age-plugin--", "identity.damaged"],
        ["age-plugin-nobody-", "plugin.not_found"],
    ])("has a plugin name of letters, digits and hyphens: %s", async (prefix, code) => {
        holding()
        fs.writeFileSync(
            desk.at("identity"),
            `${bech32.encode(prefix, bech32.toWords(Buffer.from("x")), false).toUpperCase()}\n`,
        )
        expect(await refusal()).toContain(code)
    })

    test("is searched only in absolute folders of PATH", async () => {
        holding()
        const before = process.cwd()
        expect(await refusal({ path: "" })).toContain("plugin.not_found")
        process.chdir(desk.at("bin"))
        expect(await refusal({ path: ".:" })).toContain("plugin.not_found")
        process.chdir(before)
        fs.chmodSync(desk.at("bin", "age-plugin-card"), 0o644)
        expect(await refusal()).toContain("plugin.not_found")
    })

    test("whose program does not start is refused", async () => {
        holding()
        fs.writeFileSync(desk.at("bin", "age-plugin-card"), "#!/no/such/interpreter\n")
        expect(await refusal()).toContain("plugin.not_started")
    })
})

describe("a plugin with messages", () => {
    test("shows them and asks the person at the terminal", async () => {
        holding({
            script: `
            const said = [
                await ask(["msg"], "touch it \\u001b[31mnow"),
                await ask(["confirm", "WWVz", "Tm8"], "is it plugged in?"),
                await ask(["request-public"], "which slot?"),
                await ask(["request-secret"], "the PIN?"),
                await ask(["grease-7f", "x"], "y".repeat(96)),
            ]
            note(JSON.stringify(said))
            await give()`,
        })
        const requests: unknown[] = []
        const prompt: Partial<TerminalPrompt> = {
            choose: async (...words) => requests.push(words) > 0,
            ask: async (...words) => (requests.push(words) > 0 && words[1] ? "123456" : "9c"),
        }
        expect(await runOpen(await sealed(), { prompt: prompt })).toMatchObject({
            exit: 0,
            out: "what it says",
            messages: ["touch it [31mnow"],
        })
        expect(requests).toEqual([
            ["is it plugged in?", "Yes", "No"],
            ["which slot?", false],
            ["the PIN?", true],
        ])
        expect(readPluginLog(desk.at("bin"), "card")).toContain('["ok","ok yes","ok 9c","ok 123456","unsupported"]')
    })

    test.each(["request-secret", "request-public", "confirm WWVz"])(
        "is refused with its own code when no terminal is there: %s",
        async (command) => {
            const args = JSON.stringify(command.split(" "))
            holding({ script: `note(await ask(${args}, "the PIN?")); await ask(["error", "internal"], "no PIN")` })
            expect(await refusal()).toContain("plugin.no_terminal")
            expect(readPluginLog(desk.at("bin"), "card")).toContain("\nfail\n")
        },
    )

    test("may continue without an answer", async () => {
        holding({ script: `await ask(["request-secret"], "the PIN?"); await give()` })
        expect((await runOpen(await sealed())).out).toBe("what it says")
    })

    test("is quoted on failure, on one line without control characters", async () => {
        holding({ script: `await ask(["error", "identity", "0"], "no card \\u001b[2J\\nis there" + "!".repeat(9000))` })
        const input = await refusal()
        expect(input).toContain("plugin.failed")
        expect(input).toContain("no card [2J is there!!!")
        expect(input).not.toMatch(/[\u001b\n]/)
        expect(input.length).toBeLessThan(700)
    })
})

describe("a plugin that violates the protocol", () => {
    test.each([
        ["ends without a message", "process.exit(0)", "plugin.failed"],
        ["fails with a reason", "throw new Error('\\u001b[31mno reader')", "plugin.failed"],
        ["gives a key and does not end", `say(["file-key", "0"], await unwrap()); process.exit(0)`, "plugin.failed"],
        ["gives a key twice", `say(["file-key", "0"], await unwrap()); await give()`, "plugin.bad_answer"],
        ["gives the key of another file", `say(["file-key", "1"], await unwrap())`, "plugin.bad_answer"],
        ["gives a key of another length", `say(["file-key", "0"], "short")`, "plugin.bad_answer"],
        ["gives another key", `say(["file-key", "0"], Buffer.alloc(16)); await hear()`, "open.damaged"],
        ["uses another protocol", `raw("hello\\n")`, "plugin.bad_answer"],
        ["pads its Base64", `raw("-> msg\\nYQ==\\n")`, "plugin.bad_answer"],
        ["has extra bits", `raw("-> msg\\nYR\\n")`, "plugin.bad_answer"],
        ["sends invalid text", `say(["msg"], Buffer.of(0xff))`, "plugin.bad_answer"],
        ["never ends a line", `raw("-> msg " + "x".repeat(100000))`, "plugin.bad_answer"],
        ["sends too much at once", `say(["msg"], "x".repeat(70000))`, "plugin.bad_answer"],
        ["never ends", `for (;;) await ask(["msg"], "and")`, "plugin.bad_answer"],
    ])("is refused: it %s", async (_, does, code) => {
        holding({ script: does })
        const input = await refusal()
        expect(input).toContain(code)
        expect(input).not.toContain("\u001b")
    })

    test("is stopped when it stops answering", async () => {
        holding({ script: "note('process ' + process.pid); await new Promise(() => setTimeout(() => 0, 1e6))" })
        expect(await refusal({ quietMs: 1500 })).toContain("plugin.timed_out")
        const [, pid] = /process (\d+)/.exec(readPluginLog(desk.at("bin"), "card"))!
        expect(() => process.kill(Number(pid), 0)).toThrow("ESRCH")
    })

    test("is stopped when it stops reading", async () => {
        holding()
        fs.writeFileSync(desk.at("bin", "age-plugin-card"), `#!${process.execPath}\nsetTimeout(() => 0, 1e6)\n`)
        expect(await refusal({ quietMs: 1500 })).toContain("plugin.timed_out")
    })
})

describe("the keys of a partner with a plugin identity", () => {
    let portal: TestPortal
    beforeEach(async () => {
        portal = await new TestPortal().listen()
    })
    afterEach(() => portal.close())

    const options = () => ({ identity: desk.at("identity") })
    const online = () => ({ ...createEnvironment(), env: { TOCSIN_URL: portal.url, TOCSIN_TOKEN: portal.token } })

    test.each(["public key: ", "Recipient: ", ""])("register the recipient that the file names: %j", async (word) => {
        holding({}, `${word}${recipient}`)
        expect(await addKey(undefined, options(), online())).toBe(0)
        expect(portal.keys.map((key) => key.recipient)).toEqual([recipient])
    })

    test("need a recipient when the file names none", async () => {
        holding()
        expect(await addKey(undefined, options(), online())).toBe(1)
        expect(desk.take().messages.join()).toContain("identity.no_recipient")
        expect(await addKey(recipient, options(), online())).toBe(0)
        expect(portal.keys.map((key) => key.recipient)).toEqual([recipient])
    })

    test("are tested through the plugin", async () => {
        holding({}, `recipient: ${recipient}`)
        await addKey(undefined, options(), online())
        const age = new Encrypter()
        age.addRecipient(recipient)
        const copy = await age.encrypt("no test copy")
        portal.faults.set("GET test", [{ body: copy }])
        expect(await testKeys(options(), online())).toBe(1)
        expect(desk.take().messages.join()).toContain("keys.not_a_test_copy")
        expect(readPluginLog(desk.at("bin"), "card")).toContain("-> recipient-stanza 0 X25519")
    })
})

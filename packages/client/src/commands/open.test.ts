import fs from "node:fs"
import { Encrypter, generateX25519Identity, identityToRecipient } from "age-encryption"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { type PartnerMachine, modeOf, createPartnerMachine } from "../../../../test/support/partner.ts"
import { type OpenOptions, openCopy } from "./open.ts"

let desk: PartnerMachine
let recipient: string

beforeEach(async () => {
    desk = createPartnerMachine()
    const otherGenerateX25519Identity = await generateX25519Identity()
    recipient = await identityToRecipient(otherGenerateX25519Identity)
    fs.writeFileSync(
        desk.at("identity"),
        `# my key\n\n${otherGenerateX25519Identity}\r\n${await generateX25519Identity()}\n`,
        { mode: 0o600 },
    )
})
afterEach(() => desk.close())

async function sealed(plain: string | Uint8Array, ...to: string[]): Promise<string> {
    const age = new Encrypter()
    for (const item of to.length > 0 ? to : [recipient]) age.addRecipient(item)
    fs.writeFileSync(desk.at("copy.age"), await age.encrypt(plain))
    return desk.at("copy.age")
}

/** How the command ends, what it hands out, and what it says. */
async function runOpen(file: string, options: OpenOptions = {}, isTerminal = false) {
    const out: Uint8Array[] = []
    const output = { isTerminal, write: async (bytes: Uint8Array) => void out.push(bytes) }
    const exit = await openCopy(file, { identity: desk.at("identity"), ...options }, desk.world, output)
    return { exit, out: Buffer.concat(out).toString("latin1"), ...desk.take() }
}

describe("tocsin open", () => {
    test("prints a copy byte for byte, and nothing else", async () => {
        expect(await runOpen(await sealed("what it says\u001b[31m\n\n\n"))).toEqual({
            exit: 0,
            out: "what it says\u001b[31m\n\n\n",
            results: [],
            messages: [],
        })
    })

    test("prints no binary data and no control characters to a terminal", async () => {
        const text = await sealed("one\ttwo\r\n\u001b[31m\u202ethree\n\n\n")
        expect((await runOpen(text, {}, true)).out).toBe("one\ttwo\n\\u{1b}[31m\\u{202e}three\n")
        const bytes = await sealed(Uint8Array.of(0xff, 0xfe))
        expect(await runOpen(bytes, {}, true)).toMatchObject({ exit: 1, out: "" })
        expect(await runOpen(bytes)).toMatchObject({ exit: 0, out: "\xff\xfe" })
    })

    test("writes a file readable by its owner only, and overwrites none", async () => {
        const file = await sealed("what it says")
        const out = desk.at("technical.md")
        expect(await runOpen(file, { out })).toMatchObject({ exit: 0, out: "" })
        expect([fs.readFileSync(out, "utf8"), modeOf(out)]).toEqual(["what it says", "600"])
        fs.writeFileSync(out, "mine")
        expect((await runOpen(file, { out })).exit).toBe(1)
        expect(fs.readFileSync(out, "utf8")).toBe("mine")
        expect(fs.readdirSync(desk.home).sort()).toEqual(["copy.age", "identity", "technical.md"])
        expect((await runOpen(file, { out: desk.at("no", "where") })).exit).toBe(2)
    })

    test("prints JSON", async () => {
        const { results } = await runOpen(await sealed("hé"), { json: true })
        expect(JSON.parse(results[0]!)).toMatchObject({ bytes: 3, text: "hé" })
        const bytes = await runOpen(await sealed(Uint8Array.of(0xff)), { json: true })
        expect(JSON.parse(bytes.results[0]!)).toMatchObject({ bytes: 1, base64: "/w==" })
        const out = desk.at("out")
        expect(JSON.parse((await runOpen(desk.at("copy.age"), { json: true, out })).results[0]!)).toMatchObject({ out })
    })

    test("opens a copy sealed to one of several keys", async () => {
        const other = await identityToRecipient(await generateX25519Identity())
        expect(await runOpen(await sealed("hello", other, recipient))).toMatchObject({ exit: 0, out: "hello" })
    })

    test("prints nothing of a file for another key, changed, cut or not age", async () => {
        const file = await sealed("a".repeat(200_000), await identityToRecipient(await generateX25519Identity()))
        expect((await runOpen(file)).messages.join()).toContain("open.not_a_recipient")
        await sealed("a".repeat(200_000))
        const whole = fs.readFileSync(file)
        const bent = Buffer.from(whole)
        bent[bent.length - 1]! ^= 1
        for (const bytes of [bent, whole.subarray(0, -1), whole.subarray(0, 100_000), whole.subarray(0, 60)]) {
            fs.writeFileSync(file, bytes)
            const input = await runOpen(file)
            expect(input).toMatchObject({ exit: 1, out: "" })
            expect(input.messages.join()).toContain("open.damaged")
        }
        fs.writeFileSync(file, "hello")
        expect((await runOpen(file)).messages.join()).toContain("open.not_sealed")
    })

    test.each([0o644, 0o640, 0o604, 0o620, 0o660])("refuses an identity that others can read: %o", async (mode) => {
        const file = await sealed("what it says")
        fs.chmodSync(desk.at("identity"), mode)
        const input = await runOpen(file)
        expect(input).toMatchObject({ exit: 1, out: "" })
        expect(input.messages.join()).toContain("files.readable_by_others")
        fs.chmodSync(desk.at("identity"), 0o400)
        expect((await runOpen(file)).exit).toBe(0)
    })

    test.each([
        ["", "identity.no_identity"],
        ["# public key: age1…\n", "identity.no_identity"],
        ["age1qqqq\n", "identity.damaged"],
        ["AGE-SECRET-KEY-1QQQQ\n", "identity.damaged"],
        ["hello\n", "identity.damaged"],
    ])("refuses an invalid identity: %j", async (text, code) => {
        const file = await sealed("what it says")
        fs.writeFileSync(desk.at("identity"), text)
        const input = await runOpen(file)
        expect(input.exit).toBe(1)
        expect(input.messages.join()).toContain(code)
    })

    test("needs a file and an identity", async () => {
        expect((await runOpen(desk.at("nowhere"))).exit).toBe(2)
        expect((await runOpen(desk.home)).exit).toBe(2)
        expect((await runOpen(await sealed("x"), { identity: desk.at("nowhere") })).exit).toBe(2)
    })
})

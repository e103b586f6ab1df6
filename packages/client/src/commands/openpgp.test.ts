/** The commands of a partner whose copies are sealed to an OpenPGP key. */
import fs from "node:fs"
import { afterEach, beforeEach, expect, test } from "vitest"
import { openOpenPgp, testCertificate, testRecipient } from "../../../../test/support/doubles/openpgp.ts"
import { TestPortal } from "../../../../test/support/doubles/portal.ts"
import { type PartnerMachine, createPartnerMachine } from "../../../../test/support/partner.ts"
import { addKey, createKey, listKeys, testKeys } from "./keys.ts"
import { openCopy } from "./open.ts"
import { pull } from "./pull.ts"

let portal: TestPortal
let desk: PartnerMachine
beforeEach(async () => {
    portal = await new TestPortal().listen()
    desk = createPartnerMachine({ TOCSIN_URL: portal.url, TOCSIN_TOKEN: portal.token })
    fs.writeFileSync(desk.at("key.asc"), await testCertificate())
})
afterEach(async () => {
    await portal.close()
    desk.close()
})

const output = { isTerminal: false, write: async () => undefined }
const openFile = async (file: string) => ({ exit: await openCopy(file, {}, desk.world, output), ...desk.take() })

test("a certificate in a file is registered, and listed by its fingerprints", async () => {
    portal.issuesKeyReceipts = true
    expect(await addKey(desk.at("key.asc"), {}, desk.world)).toBe(0)
    expect(portal.keys.map(({ recipient }) => recipient)).toEqual([testRecipient])
    desk.take()
    expect(await listKeys({}, desk.world)).toBe(0)
    expect(desk.take().results.join()).toMatch(new RegExp(`^${testRecipient}  usable from `))
})

test("a server that answers with another certificate is reported", async () => {
    const key = { id: "1", recipient: testRecipient.replace(/C$/, "D"), usableFrom: null }
    portal.faults.set("POST keys", [{ body: key }])
    expect(await addKey(desk.at("key.asc"), {}, desk.world)).toBe(1)
    expect(desk.take().messages.join()).toContain("keys.recipient_mismatch")
})

test.each([
    ["a secret key", "-----BEGIN PGP PRIVATE KEY BLOCK-----\n", "has a secret key"],
    ["a binary key", "\u0098\u0033\u0004", "is not an armoured OpenPGP public key"],
    ["a file that is too long", " ".repeat(200_000), "bytes"],
])("is not sent: %s", async (_, content, message) => {
    fs.writeFileSync(desk.at("key.asc"), content)
    expect(await addKey(desk.at("key.asc"), {}, desk.world)).toBe(2)
    expect(desk.take().messages.join()).toContain(message)
    expect(portal.count("POST keys")).toBe(0)
})

test("copies are saved as .pgp, with receipts, once; tocsin open names the command that opens them", async () => {
    await addKey(desk.at("key.asc"), {}, desk.world)
    const { id } = portal.addWarning("ToolShell", "technical.md")
    desk.take()
    const run = () => pull({ out: desk.at("out") }, desk.world)
    expect(await run()).toBe(0)
    const file = desk.at("out", id, "technical.md.pgp")
    expect(desk.take().results.join()).toContain(file)
    expect(fs.readdirSync(desk.at("out", id)).toSorted()).toEqual(["technical.md.pgp", "technical.md.pgp.receipt"])
    expect(await openOpenPgp(fs.readFileSync(file))).toBe("what technical.md says\n")
    expect(await run()).toBe(0)
    expect(portal.count("GET copy")).toBe(1)
    const opened = await openFile(file)
    expect(opened.exit).toBe(1)
    expect(opened.messages.join()).toMatch(/gpg --decrypt.*open\.openpgp/)
})

test("a copy of the same name in the other format is not overwritten", async () => {
    await addKey(desk.at("key.asc"), {}, desk.world)
    const { id } = portal.addWarning("ToolShell", "technical.md")
    fs.mkdirSync(desk.at("out", id), { recursive: true })
    fs.writeFileSync(desk.at("out", id, "technical.md.age"), "mine")
    expect(await pull({ out: desk.at("out") }, desk.world)).toBe(1)
    expect(desk.take().messages.join()).toContain("files.already_exists")
    expect(portal.count("GET copy")).toBe(0)
})

test("keys test says which key it cannot test, and tests the others", async () => {
    await createKey({}, desk.world)
    await addKey(desk.at("key.asc"), {}, desk.world)
    desk.take()
    await testKeys({}, desk.world)
    expect(desk.take().messages.join()).toContain(`${testRecipient}: save its test copy in the portal`)
})

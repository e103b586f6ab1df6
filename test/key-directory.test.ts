/** A partner checks its keys against their receipts, at the real portal and at one whose answers are changed. */
import type { AddressInfo } from "node:net"
import type { FastifyInstance } from "fastify"
import { generateX25519Identity, identityToRecipient } from "age-encryption"
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest"
import { listKeys } from "@tocsin/client/commands/keys"
import { pull } from "@tocsin/client/commands/pull"
import { type Client, type KeyList, connect } from "@tocsin/client/connect"
import { verifyBytes } from "@tocsin/audit-log/export"
import { trustAnyKey } from "@tocsin/audit-log/signed-note"
import { readVerified } from "@tocsin/client/ed25519"
import { openLog } from "../server/src/platform/log/log.ts"
import { makeServer } from "../server/src/server.ts"
import { issueCredential } from "../server/src/trust/identity/actions/sign-in.ts"
import { makeBatch } from "../server/src/trust/receipts/actions/batch-receipts.ts"
import { system } from "./support/actors.ts"
import { confirmKey } from "./support/doubles/keys.ts"
import { type PartnerMachine, createPartnerMachine } from "./support/partner.ts"
import { type Program, type TestPartner, createProgram, newPartner } from "./support/program.ts"
import { addKey, revokeKey } from "../server/src/trust/partners/keys/actions/manage-keys.ts"
import { TestStore } from "./support/store.ts"

let setup: Program
let server: FastifyInstance
let url: string
let partner: TestPartner
let desk: PartnerMachine
let client: Client
/** Changes the list of keys on its way to the client. */
let tamper: (list: KeyList) => KeyList

beforeAll(async () => {
    setup = await createProgram()
    const services = { ...setup.services, log: openLog("silent") }
    server = await makeServer({ services, side: "portal", web: null, secureCookies: false, requestsPerMinuteMax: 9999 })
    await server.listen({ host: "127.0.0.1", port: 0 })
    url = `http://127.0.0.1:${(server.server.address() as AddressInfo).port}`
})
afterAll(async () => {
    await server.close()
    await setup.database.close()
})

beforeEach(async () => {
    partner = await newPartner(setup, "validate")
    tamper = (list) => list
    const token = await setup.acting(system, (ctx) => issueCredential(ctx, partner.lead.person, "token"))
    desk = createPartnerMachine({ TOCSIN_URL: url, TOCSIN_TOKEN: token })
    client = connect({ url, token, fetch: changedFetch })
})
afterEach(() => desk.close())

const changedFetch: typeof fetch = async (input, init) => {
    const answer = await fetch(input, init)
    if (!answer.url.endsWith("/api/keys")) return answer
    return Response.json(tamper((await answer.json()) as KeyList))
}

const batch = () => setup.acting(system, makeBatch)

/** Adds a second key, which the first one confirms, and revokes the first. */
async function replaceKey(): Promise<void> {
    const { acting } = setup
    const [first] = (await client.listKeys()).keys
    const recipient = await identityToRecipient(await generateX25519Identity())
    const added = await acting(partner.lead, (ctx) => addKey(ctx, recipient))
    await confirmKey(acting, partner.lead, added, { id: first!.id, identity: partner.identity })
    await acting(partner.lead, (ctx) => revokeKey(ctx, first!.id))
}

const refused = (code: string) => expect.objectContaining({ code }) as Error

test("D-09 a first key, a second one, its confirmation and a revocation each have a receipt", async () => {
    const store = new TestStore()
    expect((await client.checkKeys(store)).pending).toMatchObject([{ kind: "key_added", number: 1, previous: null }])
    await batch()
    expect((await client.checkKeys(store)).added).toMatchObject([{ kind: "key_added", person: partner.lead.person }])
    await replaceKey()
    await batch()
    const { added, keys, pending } = await client.checkKeys(store)
    const [first, second] = keys
    expect(added).toMatchObject([
        { kind: "key_added", key: second?.id, recipient: second?.recipient, usableFrom: null },
        { kind: "key_confirmed", key: second?.id, confirmedBy: first?.id, usableFrom: second?.usableFrom },
        { kind: "key_revoked", key: first?.id, expiresAt: first?.expiresAt },
    ])
    expect(pending).toEqual([])
    const receipt = Buffer.from(await client.fetchReceipt(added[1]!.receipt))
    const verdict = readVerified((verify) => verifyBytes(receipt, { keys: trustAnyKey, verify }))
    expect(await verdict).toMatchObject({ ok: true, body: added[1] })
})

test("D-09 a receipt for keys is hidden from other partners", async () => {
    const other = await newPartner(setup, "validate")
    const token = await setup.acting(system, (ctx) => issueCredential(ctx, other.lead.person, "token"))
    await batch()
    const [change] = (await client.listKeys()).changes
    await expect(connect({ url, token }).fetchReceipt(change!.receipt)).rejects.toThrow(refused("request.not_found"))
})

test.each<[string, (list: KeyList) => KeyList, string, string]>([
    [
        "drops a receipt",
        ({ keys, changes }) => ({ keys, changes: changes.slice(0, -1) }),
        "keys.receipts_vanished",
        "keys.receipt_differs",
    ],
    [
        "shows a key without a receipt",
        ({ keys, changes }) => ({ keys: [...keys, { ...keys[0]!, id: "another" }], changes }),
        "keys.no_receipt",
        "keys.no_receipt",
    ],
    ["hides a key", ({ keys, changes }) => ({ keys: keys.slice(1), changes }), "keys.hidden", "keys.hidden"],
])("D-09 a server that %s is refused, after an earlier look and at the first", async (_, change, later, first) => {
    await replaceKey()
    await batch()
    const store = new TestStore()
    await client.checkKeys(store)
    tamper = change
    await expect(client.checkKeys(store)).rejects.toThrow(refused(later))
    expect(await listKeys({}, { ...desk.world, fetch: changedFetch })).toBe(1)
    expect(desk.take().messages.at(-1)).toContain(first)
})

test("D-09 a pull tells of changed keys, and the list of keys of those since the last look", async () => {
    const out = desk.at("out")
    await batch()
    expect(await pull({ out }, desk.world)).toBe(0)
    const notice = /your keys: added: age1\w+ by .+ at .+, usable from .+, expires at /
    expect(desk.take().messages.join("\n")).toMatch(notice)
    expect(await pull({ out }, desk.world)).toBe(0)
    expect(desk.take().messages).toEqual(["nothing new (copies: 0)"])
    await replaceKey()
    expect(await pull({ out }, desk.world)).toBe(0)
    const messages = desk
        .take()
        .messages.map((message) => /^(.*?): (added|confirmed|revoked): /.exec(message)?.slice(1))
    const pending = "your keys (the receipt is pending)"
    expect(messages).toEqual(["added", "confirmed", "revoked"].map((change) => [pending, change]))
    await batch()
    expect(await listKeys({ out }, desk.world)).toBe(0)
    const lines = desk.take().messages.join("\n")
    expect(lines).toContain("changes of your keys since your last look:")
    expect(lines).toMatch(/confirmed: age1\w+ by .+ with the key age1\w+, usable from/)
    expect(lines).toMatch(/each key agrees with its receipts \(changes: 4, the last is [0-9a-f]{16}\)/)
    expect(await pull({ out }, desk.world)).toBe(0)
    expect(desk.take().messages).toEqual(["nothing new (copies: 0)"])
})

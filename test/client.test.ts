/** The partner's commands against the real portal on a real database, without doubles. */
import fs from "node:fs"
import type { AddressInfo } from "node:net"
import type { FastifyInstance } from "fastify"
import { identityToRecipient } from "age-encryption"
import { afterAll, beforeAll, expect, test } from "vitest"
import { acknowledge } from "@tocsin/client/commands/ack"
import { confirmDeletion } from "@tocsin/client/commands/confirm-deletion"
import { confirm } from "@tocsin/client/commands/confirm"
import { addKey, listKeys, createKey, testKeys } from "@tocsin/client/commands/keys"
import { login } from "@tocsin/client/commands/login"
import { openCopy } from "@tocsin/client/commands/open"
import { type PullOptions, pull } from "@tocsin/client/commands/pull"
import { reportResult } from "@tocsin/client/commands/report-result"
import { reportProtection } from "@tocsin/client/commands/report-protection"
import { reportSighting } from "@tocsin/client/commands/report-sighting"
import { processIo, verifyFiles } from "@tocsin/audit-log/commands/verify"
import { connect } from "@tocsin/client/connect"
import { formatVerifierKey } from "@tocsin/audit-log/checkpoint"
import { parseInstant } from "@tocsin/base/instant"
import { openLog } from "../server/src/platform/log/log.ts"
import { makeServer } from "../server/src/server.ts"
import { recallArtifact } from "../server/src/share/artifacts/actions/recall-artifact.ts"
import { makeBatch } from "../server/src/trust/receipts/actions/batch-receipts.ts"
import { issueCredential } from "../server/src/trust/identity/actions/sign-in.ts"
import { changePartnerStatus } from "../server/src/trust/partners/actions/change-partner.ts"
import { system } from "./support/actors.ts"
import { newId } from "./support/database.ts"
import { type PartnerMachine, createPartnerMachine } from "./support/partner.ts"
import {
    type Program,
    type TestPartner,
    releaseWaveNow,
    newArtifact,
    newCase,
    newPartner,
    createProgram,
} from "./support/program.ts"
import { receiptLogKey } from "../server/src/trust/signing-keys/actions/load-log-keys.ts"

let setup: Program
let portal: FastifyInstance
let partner: TestPartner
let desk: PartnerMachine
let url: string

beforeAll(async () => {
    setup = await createProgram()
    partner = await newPartner(setup, "validate")
    const services = { ...setup.services, log: openLog("silent") }
    const settings = { web: null, secureCookies: false, requestsPerMinuteMax: 1000 }
    portal = await makeServer({ services, side: "portal", ...settings })
    await portal.listen({ host: "127.0.0.1", port: 0 })
    url = `http://127.0.0.1:${(portal.server.address() as AddressInfo).port}`
    desk = createPartnerMachine()
    fs.writeFileSync(desk.at("identity"), `${partner.identity}\n`, { mode: 0o600 })
})
afterAll(async () => {
    await portal.close()
    await setup.database.close()
    desk.close()
})

const token = (lead: TestPartner["lead"]) => setup.acting(system, (ctx) => issueCredential(ctx, lead.person, "token"))
const batch = () => setup.acting(system, makeBatch)

interface Told {
    readonly fetched: { readonly warning: string; readonly file: string; readonly proven: boolean }[]
    readonly waiting: number
    readonly log: { readonly verifierKey: string } | null
}

async function pulled(options: Partial<PullOptions> = {}, sleep = async () => undefined as void): Promise<Told> {
    const exit = await pull({ out: desk.at("out"), json: true, ...options }, { ...desk.world, sleep })
    const { results, messages } = desk.take()
    expect([exit, messages.filter((line) => !line.includes("pinned"))]).toEqual([0, []])
    return JSON.parse(results[0]!) as Told
}

async function opened(file: string): Promise<string> {
    const pieces: Uint8Array[] = []
    const output = { isTerminal: false, write: async (bytes: Uint8Array) => void pieces.push(bytes) }
    expect(await openCopy(file, { identity: desk.at("identity") }, desk.world, output)).toBe(0)
    return Buffer.concat(pieces).toString()
}

/** A tester reports results for the guidance. Then the summary is recalled, deleted, and its deletion confirmed. */
async function recallAndReport(summary: string, fetched: Told["fetched"]): Promise<void> {
    const fileOf = (name: string) => fetched.find(({ file }) => file.endsWith(name))!.file
    const found = { verdict: "false_positives", falsePositives: "3", json: true }
    expect(await reportResult(fileOf("guidance.md.age"), found, desk.world)).toBe(0)
    expect(JSON.parse(desk.take().results[0]!)).toMatchObject({ version: 1, falsePositives: 3, hits: null })
    expect(await reportResult(fileOf("technical.md.age"), found, desk.world)).toBe(1)
    expect(desk.take().messages.join()).toContain("test_result.not_testable")

    await setup.acting(setup.manager, (ctx) =>
        recallArtifact(ctx, summary, { version: null, reason: "a mistake in it" }),
    )
    const file = fileOf("summary.md.age")
    expect(await pull({ out: desk.at("out"), json: true }, desk.world)).toBe(3)
    const { recalled } = JSON.parse(desk.take().results[0]!) as { recalled: { id: string; files: string[] }[] }
    expect(recalled).toMatchObject([{ name: "summary.md", versions: [1], files: [file] }])
    const deleted = () => confirmDeletion(recalled[0]!.id, { out: desk.at("out"), json: true }, desk.world)
    expect(await deleted()).toBe(1)
    expect(desk.take().messages.join()).toContain("deletion.copy_present")
    fs.rmSync(file)
    expect(await deleted()).toBe(0)
    expect(JSON.parse(desk.take().results[0]!)).toEqual({ recall: recalled[0]!.id, receipt: expect.any(String) })
    expect(await pull({ out: desk.at("out"), json: true }, desk.world)).toBe(0)
    expect(JSON.parse(desk.take().results[0]!)).toMatchObject({ recalled: [] })
}

/** A person reports a sighting twice, and a machine posts another: they count as two sightings. */
async function reportSightings(warning: string): Promise<void> {
    const seen = { observedAt: "2025-06-24T16:00:00Z", clock: "estimated", product: "SharePoint", json: true }
    for (const _ of ["once", "again"]) expect(await reportSighting(warning, seen, desk.world)).toBe(0)
    const [first, again] = desk.take().results
    expect(again).toBe(first)
    expect(await reportSighting(partner.id, seen, desk.world)).toBe(1)
    expect(desk.take().messages.join()).toContain("request.not_found")

    const bearer = { authorization: `Bearer ${await token(partner.analyst)}` }
    const shown = await fetch(`${url}/taxii2/api/collections/warnings/objects/?match[type]=vulnerability`, {
        headers: bearer,
    })
    const { objects } = (await shown.json()) as { objects: { id: string }[] }
    const at = "2025-06-24T16:30:00.000Z"
    const sighting = {
        type: "sighting",
        spec_version: "2.1",
        id: `sighting--${newId()}`,
        created: at,
        modified: at,
        sighting_of_ref: objects[0]?.id,
        description: "By a machine.",
    }
    const other = { type: "malware", spec_version: "2.1", id: `malware--${newId()}`, created: at, modified: at }
    fs.writeFileSync(desk.at("bundle.json"), JSON.stringify({ type: "bundle", objects: [sighting, other] }))
    expect(await reportSighting(undefined, { stix: desk.at("bundle.json"), json: true }, desk.world)).toBe(1)
    const { results, messages } = desk.take()
    expect(JSON.parse(results[0] ?? "")).toMatchObject({ success_count: 1, failure_count: 1 })
    expect(messages).toEqual([expect.stringContaining("wrong object type")])

    const own = await connect({ url, token: await token(partner.lead) }).listSightings()
    expect(own.map((item) => [item.warning, item.note, item.clock])).toEqual([
        [warning, "By a machine.", "unknown"],
        [warning, "", "estimated"],
    ])
}

/** Repeats a report, which counts once. A later report is listed first. */
async function sayProtections(warning: string): Promise<void> {
    const coming = { state: "in_progress", since: "2025-06-30T12:00:00+02:00", json: true }
    for (const _ of ["once", "again"]) expect(await reportProtection(warning, coming, desk.world)).toBe(0)
    expect(await reportProtection(warning, { state: "protected" }, desk.world)).toBe(1)
    expect(desk.take().messages.join()).toContain("protection.bad_instant")
    expect(await reportProtection(partner.id, coming, desk.world)).toBe(1)
    expect(desk.take().messages.join()).toContain("request.not_found")
    const portal = connect({ url, token: await token(partner.lead) })
    await portal.reportProtection(warning, { state: "needs_more", note: "A rule for our own proxy." })
    expect(await portal.listProtectionStatuses()).toMatchObject([
        { warning, state: "needs_more", since: null, note: "A rule for our own proxy." },
        { warning, state: "in_progress", since: "2025-06-30T10:00:00Z", note: "" },
    ])
}

test("a partner signs in, pulls copies with proofs, opens and acknowledges them, until its suspension", async () => {
    expect(await login({ url }, desk.world, async () => await token(partner.analyst))).toBe(0)
    expect(desk.take().results[0]).toContain("A partner of validate (active)")
    await batch()
    expect((await pulled()).fetched).toEqual([])

    const subject = await newCase(setup, "toolshell")
    const files = ["toolshell/technical.md", "toolshell/summary.md"] as const
    const artifacts = [
        await newArtifact(setup, subject, "technical", files[0]),
        await newArtifact(setup, subject, "summary", files[1]),
    ]
    setup.clock.now = parseInstant("2025-06-24T17:00:00Z")
    artifacts.push(await newArtifact(setup, subject, "guidance", "toolshell/guidance.md"))
    await releaseWaveNow(setup, subject, "validate", artifacts)
    const first = await pulled()
    expect(first.fetched.map(({ proven }) => proven)).toEqual([false, false, false])
    expect(first.waiting).toBe(3)

    await batch()
    const second = await pulled()
    const key = formatVerifierKey(receiptLogKey(setup.services.keys))
    expect(second).toMatchObject({ fetched: [], waiting: 0, log: { verifierKey: key } })
    for (const { file } of first.fetched) {
        expect(await opened(file)).toMatch(/\S/)
        expect(await verifyFiles([`${file}.receipt`], { key: [key] }, { ...processIo, result: () => undefined })).toBe(
            0,
        )
    }

    await recallAndReport(artifacts[1]!, first.fetched)
    const warning = first.fetched[0]!.warning
    expect(await acknowledge(warning, { json: true }, desk.world)).toBe(0)
    const input = JSON.parse(desk.take().results[0] ?? "") as { receipts: string[] }
    expect(input).toMatchObject({ warning, acknowledged: 3 })

    await reportSightings(warning)
    await sayProtections(warning)

    await setup.acting(setup.manager, (ctx) => changePartnerStatus(ctx, partner.id, "suspended"))
    expect(await pull({ out: desk.at("out") }, desk.world)).toBe(1)
    expect(desk.take().messages.join()).toContain("pull.no_access")
})

test("a lead narrows and widens the access list of a warning by the client", async () => {
    const other = await newPartner(setup, "validate")
    const subject = await newCase(setup, "bypass")
    setup.clock.now = Math.max(setup.clock.now, parseInstant("2025-06-24T17:00:00Z"))
    await releaseWaveNow(setup, subject, "validate", [
        await newArtifact(setup, subject, "summary", "bypass/summary.md"),
    ])
    const [lead, analyst] = [
        connect({ url, token: await token(other.lead) }),
        connect({ url, token: await token(other.analyst) }),
    ]
    const { id } = (await lead.listWarnings()).find(({ title }) => title === "bypass")!
    expect(await lead.loadAccessList(id)).toMatchObject({ narrowed: false, people: { length: 2 } })
    await lead.setAccessList(id, [other.lead.person])
    expect(await lead.loadAccessList(id)).toEqual({ narrowed: true, people: [other.lead.person] })
    await expect(analyst.loadWarning(id)).rejects.toMatchObject({ code: "request.not_found" })
    await expect(lead.setAccessList(id, [other.analyst.person])).rejects.toMatchObject({ code: "access_list.no_lead" })
    await lead.setAccessList(id, null)
    expect(await analyst.loadWarning(id)).toMatchObject({ id })
})

test("a pull waits for its receipt and gets it", async () => {
    const other = await newPartner(setup, "validate")
    const subject = await newCase(setup, "bypass")
    setup.clock.now = Math.max(setup.clock.now, parseInstant("2025-06-24T17:00:00Z"))
    await releaseWaveNow(setup, subject, "validate", [
        await newArtifact(setup, subject, "summary", "bypass/summary.md"),
    ])
    const env = { TOCSIN_URL: url, TOCSIN_TOKEN: await token(other.lead) }
    const world = { ...desk.world, env, sleep: async () => void (await batch()) }
    expect(await pull({ out: desk.at("other"), json: true }, world)).toBe(0)
    const { fetched, waiting } = JSON.parse(desk.take().results[0]!) as Told
    expect(fetched.length).toBeGreaterThan(0)
    expect(fetched.every(({ proven }) => proven)).toBe(true)
    expect(waiting).toBe(0)
})

test("a usable key confirms a new one: at once with its identity, or later by the recipient", async () => {
    const other = await newPartner(setup, "entry")
    const env = {
        TOCSIN_URL: url,
        TOCSIN_TOKEN: await token(other.lead),
        TOCSIN_CONFIG: desk.at("older", "client.json"),
    }
    const world = { ...desk.world, env }
    fs.mkdirSync(desk.at("older"))
    fs.writeFileSync(desk.at("older", "identity.txt"), `${other.identity}\n`, { mode: 0o600 })
    const client = connect({ url, token: env.TOCSIN_TOKEN })
    const keys = async () => (await client.loadAccount()).partner.keys
    expect(await createKey({ identity: desk.at("older", "second.txt") }, world)).toBe(0)
    const { messages, results } = desk.take()
    expect(messages.join("\n")).toContain("the key is usable now")
    expect(results.join("\n")).toMatch(/^age1\w+ {2}usable from /)
    const recipient = await identityToRecipient(other.identity)
    const [first, second] = (await keys()).toSorted((a) => (a.recipient === recipient ? -1 : 1))
    expect(second).toMatchObject({ confirmedBy: first?.id, acceptedAt: null })
    expect(second?.usableFrom).toBeTypeOf("string")
    expect(await listKeys({}, world)).toBe(0)
    expect(desk.take().results.join("\n")).toContain(`  confirmed by ${recipient}`)

    const elsewhere = { ...world, env: { ...env, TOCSIN_CONFIG: desk.at("there", "client.json") } }
    expect(await createKey({ postQuantum: true }, elsewhere)).toBe(0)
    const third = async () => (await keys()).find((key) => key.recipient.startsWith("age1pq1"))
    expect((await third())?.usableFrom).toBeNull()
    const [, hash = ""] = /confirm ([0-9a-f]{64})/.exec(desk.take().messages.join("\n")) ?? []
    expect(await confirm(hash, { identity: desk.at("there", "identity.txt") }, elsewhere)).toBe(1)
    expect(desk.take().messages.join("\n")).toContain("keys.no_identity")
    expect(await confirm("age1nothing", {}, world)).toBe(1)
    expect(desk.take().messages.join("\n")).toContain("keys.not_registered")
    expect(await confirm(hash, {}, world)).toBe(0)
    expect((await third())?.usableFrom).toBeTypeOf("string")
})

test("a lead adds a key once, and an analyst cannot", async () => {
    const other = await newPartner(setup, "entry")
    const as = async (lead: TestPartner["lead"], name: string) => {
        const env = { TOCSIN_URL: url, TOCSIN_TOKEN: await token(lead), TOCSIN_CONFIG: desk.at(name, "client.json") }
        return { ...desk.world, env }
    }
    const lead = await as(other.lead, "lead")
    expect(await createKey({}, lead)).toBe(0)
    expect(await addKey(undefined, {}, lead)).toBe(1)
    expect(desk.take().messages.join()).toContain("key.already_added")
    expect(await createKey({}, await as(other.analyst, "analyst"))).toBe(1)
    expect(await listKeys({ json: true }, lead)).toBe(0)
    const { keys } = JSON.parse(desk.take().results.at(-1)!) as { keys: { recipient: string }[] }
    expect(keys).toHaveLength(2)
    expect(fs.readFileSync(desk.at("lead", "identity.txt"), "utf8")).toContain(keys[1]!.recipient)
})

test("the holder of the identity opens a test copy, by hand and by command, and the server records it", async () => {
    const other = await newPartner(setup, "entry")
    const path = desk.at("mine")
    fs.writeFileSync(path, `${other.identity}\n`, { mode: 0o600 })
    const env = { TOCSIN_URL: url, TOCSIN_TOKEN: await token(other.analyst), TOCSIN_IDENTITY: path }
    const world = { ...desk.world, env }
    const client = connect({ url, token: env.TOCSIN_TOKEN })
    const [key] = (await client.loadAccount()).partner.keys
    expect(key?.testedAt).toBeNull()

    fs.writeFileSync(desk.at("test-copy.txt.age"), await client.fetchTestCopy(key!.id))
    const pieces: Uint8Array[] = []
    const output = { isTerminal: true, write: async (bytes: Uint8Array) => void pieces.push(bytes) }
    expect(await openCopy(desk.at("test-copy.txt.age"), { identity: path }, world, output)).toBe(0)
    const text = Buffer.concat(pieces).toString()
    expect(text).toMatch(/^TEST COPY/)

    expect(await testKeys({ identity: desk.at("identity") }, world)).toBe(1)
    expect(desk.take().messages.join()).toContain("keys.no_identity")
    expect((await client.loadAccount()).partner.keys[0]?.testedAt).toBeNull()
    expect(await testKeys({}, world)).toBe(0)
    expect(desk.take().results).toEqual([`${key!.recipient}  opened a test copy`])
    expect((await client.loadAccount()).partner.keys[0]?.testedAt).toBeTypeOf("string")
    const code = /([A-Z2-9]{5}-){3}[A-Z2-9]{5}/.exec(text)?.[0] ?? ""
    await client.submitTestCode(key!.id, code)
    await expect(client.submitTestCode(key!.id, "AAAAA-AAAAA-AAAAA-AAAAA")).rejects.toMatchObject({
        code: "key.wrong_code",
    })
})

/** The partner's commands against the real portal on a real database, with no double in between. */
import fs from "node:fs"
import type { AddressInfo } from "node:net"
import type { FastifyInstance } from "fastify"
import { afterAll, beforeAll, expect, test } from "vitest"
import { acknowledge } from "../src/cli/ack.ts"
import { addKey, listKeys, newKey } from "../src/cli/keys.ts"
import { login } from "../src/cli/login.ts"
import { openCopy } from "../src/cli/open.ts"
import { type PullOptions, pull } from "../src/cli/pull.ts"
import { realIo, verifyFiles } from "../src/cli/verify.ts"
import { formatVerifierKey } from "../src/lib/checkpoint.ts"
import { parseInstant } from "../src/lib/instant.ts"
import { openLog } from "../src/platform/log.ts"
import { makeServer } from "../src/server.ts"
import { logKey, sequence } from "../src/trust/audit/actions/numbering.ts"
import { issueCredential } from "../src/trust/identity/actions.ts"
import { changeStanding } from "../src/trust/partners/actions/changes.ts"
import { system } from "./acting.ts"
import { type Desk, newDesk } from "./partner.ts"
import { type Program, type TestPartner, fall, newArtifact, newCase, newPartner, program } from "./program.ts"

let its: Program
let portal: FastifyInstance
let partner: TestPartner
let desk: Desk
let url: string

beforeAll(async () => {
    its = await program()
    partner = await newPartner(its, "validate")
    const doors = { ...its.doors, log: openLog("silent") }
    const settings = { web: null, secureCookies: false, requestsPerMinuteMax: 1000 }
    portal = await makeServer({ doors, side: "portal", ...settings })
    await portal.listen({ host: "127.0.0.1", port: 0 })
    url = `http://127.0.0.1:${(portal.server.address() as AddressInfo).port}`
    desk = newDesk()
    fs.writeFileSync(desk.at("identity"), `${partner.identity}\n`, { mode: 0o600 })
})
afterAll(async () => {
    await portal.close()
    await its.database.close()
    desk.close()
})

const token = (who: TestPartner["lead"]) => its.acting(system, (act) => issueCredential(act, who.person, "token"))
const number = () => its.acting(system, (act) => sequence(act))

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

test("a partner signs in, pulls its copies with their proofs, opens and confirms them, until it is suspended", async () => {
    expect(await login({ url }, desk.world, async () => await token(partner.analyst))).toBe(0)
    expect(desk.take().results[0]).toContain("A partner of validate (active)")
    await number()
    expect((await pulled()).fetched).toEqual([])

    const of = await newCase(its, "toolshell")
    const files = ["toolshell/technical.md", "toolshell/summary.md"] as const
    const artifacts = [
        await newArtifact(its, of, "technical", files[0]),
        await newArtifact(its, of, "summary", files[1]),
    ]
    its.clock.now = parseInstant("2025-06-24T17:00:00Z")
    await fall(its, of, "validate", artifacts)
    const first = await pulled()
    expect(first.fetched.map(({ proven }) => proven)).toEqual([false, false])
    expect(first.waiting).toBe(2)

    await number()
    const second = await pulled()
    const key = formatVerifierKey(logKey(its.doors.keys))
    expect(second).toMatchObject({ fetched: [], waiting: 0, log: { verifierKey: key } })
    for (const { file } of first.fetched) {
        expect(await opened(file)).toContain("SharePoint")
        expect(await verifyFiles([`${file}.receipt`], { key }, { ...realIo, result: () => undefined })).toBe(0)
    }

    const warning = first.fetched[0]!.warning
    expect(await acknowledge(warning, { json: true }, desk.world)).toBe(0)
    expect(desk.take().results).toEqual([JSON.stringify({ warning, acknowledged: 2 })])

    await its.acting(its.manager, (act) => changeStanding(act, partner.id, "suspended"))
    expect(await pull({ out: desk.at("out") }, desk.world)).toBe(1)
    expect(desk.take().messages.join()).toContain("request.not_found")
})

test("a receipt is had while the pull waits for it", async () => {
    const other = await newPartner(its, "validate")
    const of = await newCase(its, "bypass")
    its.clock.now = Math.max(its.clock.now, parseInstant("2025-06-24T17:00:00Z"))
    await fall(its, of, "validate", [await newArtifact(its, of, "summary", "bypass/summary.md")])
    const env = { TOCSIN_URL: url, TOCSIN_TOKEN: await token(other.lead) }
    const world = { ...desk.world, env, sleep: async () => void (await number()) }
    expect(await pull({ out: desk.at("other"), json: true }, world)).toBe(0)
    const { fetched, waiting } = JSON.parse(desk.take().results[0]!) as Told
    expect(fetched.length).toBeGreaterThan(0)
    expect(fetched.every(({ proven }) => proven)).toBe(true)
    expect(waiting).toBe(0)
})

test("a lead makes a key, an analyst cannot, and nobody adds one twice", async () => {
    const other = await newPartner(its, "entry")
    const as = async (who: TestPartner["lead"], name: string) => {
        const env = { TOCSIN_URL: url, TOCSIN_TOKEN: await token(who), TOCSIN_CONFIG: desk.at(name, "client.json") }
        return { ...desk.world, env }
    }
    const lead = await as(other.lead, "lead")
    expect(await newKey({}, lead)).toBe(0)
    expect(await addKey(undefined, {}, lead)).toBe(1)
    expect(desk.take().messages.join()).toContain("key.known")
    expect(await newKey({}, await as(other.analyst, "analyst"))).toBe(1)
    expect(await listKeys({ json: true }, lead)).toBe(0)
    const { keys } = JSON.parse(desk.take().results.at(-1)!) as { keys: { recipient: string }[] }
    expect(keys).toHaveLength(2)
    expect(fs.readFileSync(desk.at("lead", "identity.txt"), "utf8")).toContain(keys[1]!.recipient)
})

/** The log under many writers and several sequencers, and its export against every change of a byte. */
import fc from "fast-check"
import { afterAll, beforeAll, expect, test } from "vitest"
import { parseVerifierKey } from "@tocsin/audit-log/checkpoint"
import { verifyBytes } from "@tocsin/audit-log/export"
import { verifyFiles } from "@tocsin/audit-log/commands/verify"
import { verifyEd25519 } from "../../server/src/platform/crypto/ed25519.ts"
import { sequenceEventsJob } from "../../server/src/trust/audit-log/actions/sequence-leaves.ts"
import { signedInAs } from "../support/signed-in.ts"
import { type Demonstration, type SeededMaster, copyDemonstration, seedMaster } from "../support/demonstration.ts"

let master: SeededMaster
let world: Demonstration
beforeAll(async () => {
    master = await seedMaster()
    world = await copyDemonstration(master)
})
afterAll(async () => {
    await world.close()
    await master.close()
})

test("many write while three sequencers run: every event is one leaf in a valid tree", async () => {
    const ingrid = signedInAs(world, "ingrid")
    let writing = true
    const sequencers = Array.from({ length: 3 }, async () => {
        while (writing) await sequenceEventsJob.run(world.services)
    })
    const froms = Array.from({ length: 40 }, (_, i) =>
        ingrid.post("/api/partners", {
            name: `Partner ${i}`,
            mail: `p${i}@partner.example`,
            tier: "entry",
            status: "applicant",
        }),
    )
    await Promise.all(froms)
    writing = false
    await Promise.all(sequencers)
    await sequenceEventsJob.run(world.services)
    const [row] = await world.services.db.transaction((tx) =>
        tx.query<{ events: number; leaves: number; last: number }>(
            `select (select count(*) from events) as events, count(*) as leaves, max(index) as last from leaves`,
        ),
    )
    expect(row?.leaves).toBe(row?.events)
    expect(row?.last).toBe((row?.events ?? 0) - 1)
    expect(await signedInAs(world, "daria").get("/api/audit-log/verify")).toMatchObject({ ok: true, unsequenced: 0 })
})

async function exported(): Promise<{ bytes: Buffer; key: string }> {
    const daria = signedInAs(world, "daria")
    await world.work()
    const { verifierKey } = await daria.get("/api/audit-log/checkpoint")
    return { bytes: (await daria.raw("GET", "/api/audit-log/export")).rawPayload, key: verifierKey }
}

test("the export is accepted, and rejected with any byte changed, removed or added", async () => {
    const { bytes, key } = await exported()
    const trust = { keys: [parseVerifierKey(key)], verify: verifyEd25519 }
    expect(await verifyBytes(bytes, trust)).toMatchObject({ ok: true })
    const change = fc.record({
        at: fc.nat(bytes.length - 1),
        flip: fc.integer({ min: 1, max: 255 }),
        how: fc.constantFrom("flip", "drop", "insert"),
    })
    await fc.assert(
        fc.asyncProperty(change, async ({ at, flip, how }) => {
            const before = bytes.subarray(0, at)
            const byte = Buffer.from([(bytes[at] ?? 0) ^ flip])
            const rest = bytes.subarray(how === "insert" ? at : at + 1)
            const other = Buffer.concat(how === "drop" ? [before, rest] : [before, byte, rest])
            if (other.equals(bytes)) return
            const verdict = await verifyBytes(other, trust)
            expect(verdict.ok).toBe(false)
        }),
        { numRuns: 60 },
    )
})

test("the command names the faulty leaf", async () => {
    const { bytes, key } = await exported()
    const lines = bytes.toString().split("\n")
    const line = lines.findIndex((line) => line.includes("partner.added"))
    lines[line] = (lines[line] ?? "").replace(/"tier":"\w+"/, '"tier":"other"')
    const notified: string[] = []
    const io = (content: string | Buffer) => ({
        open: () =>
            (async function* () {
                yield Buffer.from(content)
            })(),
        result: (text: string) => void notified.push(text),
        message: (text: string) => void notified.push(text),
    })
    expect(await verifyFiles(["record.jsonl"], { key: [key], json: true }, io(bytes))).toBe(0)
    expect(await verifyFiles(["record.jsonl"], { key: [key], json: true }, io(lines.join("\n")))).toBe(1)
    expect(JSON.parse(notified.at(-1) ?? "")).toMatchObject({ ok: false, index: line - 1 })
})

/** Tests what witnesses sign, and what the server makes of their answers, on a real database. */
import fs from "node:fs"
import os from "node:os"
import path from "node:path"
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest"
import { nodeVerifiers } from "@tocsin/audit-log/commands/node-keys"
import { type Witness, addCheckpoint, openWitnessKeys } from "@tocsin/audit-log/commands/witness/witness"
import { formatNoteKey } from "@tocsin/audit-log/note-keys"
import { checkWitnessPolicy, parseWitnessPolicy } from "@tocsin/audit-log/witness-policy"
import { verifyWitnessedProof } from "@tocsin/audit-log/witnessed-proof"
import { actingOn, system, testServices } from "../../../../../test/support/actors.ts"
import { type TestDatabase, createDatabase, newId } from "../../../../../test/support/database.ts"
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import type { Services, WitnessAnswer } from "../../../kernel/services.ts"
import { findPublishedCheckpoint } from "../../audit-log/actions/export-log.ts"
import { sequenceEvents } from "../../audit-log/actions/sequence-leaves.ts"
import { addPartner } from "../../partners/actions/change-partner.ts"
import { makeBatch, queueReceipt } from "../actions/batch-receipts.ts"
import { countVisibleBatches } from "../actions/load-receipts.ts"
import { firstKey } from "../../signing-keys/actions/load-log-keys.ts"
import { proveAuditLog } from "./actions/prove-audit-log.ts"
import { proveReceiptOfPartner } from "./actions/prove-receipt.ts"
import { askWitnesses } from "./actions/ask-witnesses.ts"
import { loadWitnessedLog, loadWitnessingState } from "./actions/load-witnessed-log.ts"

const hour = 3_600_000
const clock = { now: Date.parse("2026-03-01T00:00:00Z") }
const folders = fs.mkdtempSync(path.join(os.tmpdir(), "witnesses-"))
let database: TestDatabase
let services: Services
let witnesses: Witness[]
let policyText: string
/** Changes what a witness answers; null: nothing. */
let change: (url: string, answer: WitnessAnswer) => WitnessAnswer | null
let requests: string[]
let run = 0

beforeAll(async () => {
    database = await createDatabase()
})
afterAll(async () => {
    await database.close()
    fs.rmSync(folders, { recursive: true, force: true })
})

beforeEach(async () => {
    await database.db.transaction((tx) =>
        tx.query("truncate batches, batch_nodes, witnesses, cosignatures, receipts cascade"),
    )
    const base = { ...testServices(database, clock), receiptsIntervalMs: 0 }
    const logs = firstKey(base.keys, "receipt_log").noteKeys
    run += 1
    witnesses = await Promise.all(
        ["w1", "w2"].map(async (name) => {
            const dir = path.join(folders, `${name}-${run}`)
            return { dir, keys: await openWitnessKeys(dir, `${name}.example`), logs, realNow: () => clock.now }
        }),
    )
    const lines = witnesses.flatMap(({ keys }, i) => [
        `witness E${i} ${formatNoteKey(keys.ed25519)} https://w${i + 1}.example`,
        `witness M${i} ${formatNoteKey(keys.mlDsa44)} https://w${i + 1}.example`,
    ])
    policyText =
        `log ${formatNoteKey(logs[0] ?? expect.unreachable())}\n${lines.join("\n")}\n` +
        "group A all E0 M0\ngroup B all E1 M1\ngroup Q all A B\nquorum Q\n"
    change = (_, answer) => answer
    requests = []
    services = { ...base, witnessing: { policy: parseWitnessPolicy(Buffer.from(policyText)), ask } }
})

async function ask(url: string, body: string): Promise<WitnessAnswer | null> {
    requests.push(`${url} ${body.split("\n", 1)[0]}`)
    const witness = witnesses.find(({ keys }) => url === `https://${keys.ed25519.name}`) ?? expect.unreachable()
    return change(url, await addCheckpoint(witness, body))
}

const act = <T>(work: (ctx: ActionContext) => Promise<T>): Promise<T> => actingOn(services, clock)(system, work)
const newPartner = (ctx: ActionContext) =>
    addPartner(ctx, { name: "P", mail: `${newId()}@partner.example`, tier: "entry", status: "active" })
async function grow(batches = 1): Promise<void> {
    for (let i = 0; i < batches; i++) {
        clock.now += 60_000
        await act(makeBatch)
    }
}
const submit = () => askWitnesses(services, services.witnessing ?? expect.unreachable())
const state = () => act(loadWitnessingState)
const witnessedLog = () => act(async (ctx) => loadWitnessedLog(ctx, await countVisibleBatches(ctx)))
const problems = async () => (await state()).witnesses.map(({ name, problem }) => `${name.split(".")[0]} ${problem}`)

test("each new checkpoint is signed, and shown with its quorum", async () => {
    await grow(3)
    await submit()
    await grow(2)
    await submit()
    await submit()
    expect(requests).toEqual(
        ["old 0", "old 0", "old 3", "old 3"].map((old, i) => `https://w${(i % 2) + 1}.example ${old}`),
    )
    const log = await witnessedLog()
    const checked = checkWitnessPolicy(parseWitnessPolicy(Buffer.from(policyText)), log?.note ?? "", nodeVerifiers)
    expect(checked.checkpoint.size).toBe(5)
    expect(checked.witnesses.map(({ name }) => name).toSorted()).toEqual(["E0", "E1", "M0", "M1"])
    expect(await state()).toMatchObject({ isExpected: true, quorum: { size: 5 }, lateSince: null })
})

test("a clock that is behind shows no witnessed batch before its time", async () => {
    await grow(2)
    await submit()
    await grow()
    await submit()
    services = { ...services, realNow: () => clock.now - 30_000 }
    expect((await witnessedLog())?.size).toBe(2)
})

test("a batch that another process submitted before this one shows it is no other log", async () => {
    await grow(2)
    await submit()
    await grow()
    await submit()
    await database.db.transaction((tx) => tx.query("truncate witnesses, cosignatures"))
    services = { ...services, realNow: () => clock.now - 30_000 }
    await submit()
    expect(await problems()).toEqual([])
})

test("the last quorum stays while one witness is silent, and other old signatures go", async () => {
    await grow(2)
    await submit()
    change = (url, answer) => (url.includes("w1") ? answer : null)
    for (let n = 0; n < 4; n++) {
        clock.now += 120_000
        await grow()
        await submit()
    }
    expect((await witnessedLog())?.size).toBe(2)
    const kept = await act(({ tx }) =>
        tx.query<{ size: number }>("select distinct size from cosignatures order by size"),
    )
    expect(kept.map(({ size }) => size)).toEqual([2, 6])
})

test("a proof binds the audit log to what the witnesses signed", async () => {
    await act((ctx) => record(ctx, { kind: "receipts.batched", note: "an event" }))
    await sequenceEvents(services)
    await grow(2)
    const policy = parseWitnessPolicy(Buffer.from(policyText))
    await expect(act(proveAuditLog)).rejects.toMatchObject({ code: "receipt.not_witnessed" })
    await submit()
    await grow()
    const proof = verifyWitnessedProof(Buffer.from(await act(proveAuditLog)), policy, nodeVerifiers)
    if (!("auditLog" in proof)) expect.unreachable()
    const checkpoint = await act(findPublishedCheckpoint)
    expect([proof.log.checkpoint.size, proof.index]).toEqual([2, 1])
    expect(proof.auditLog.size).toBe(checkpoint?.size)
    expect(checkpoint?.checkpoint).toContain(Buffer.from(proof.auditLog.root).toString("base64"))
})

test("a receipt is proven as soon as enough witnesses signed its batch", async () => {
    const [partner, id] = [await act(newPartner), newId()]
    const body = { kind: "fetched", receipt: id, partner }
    await act((ctx) => queueReceipt(ctx, { id, partner, body }))
    const load = (by = partner) => act((ctx) => proveReceiptOfPartner(ctx, by, id, () => true))
    await expect(load()).rejects.toMatchObject({ code: "receipt.not_published_yet" })
    await grow()
    await submit()
    await grow(3)
    const policy = parseWitnessPolicy(Buffer.from(policyText))
    const proof = verifyWitnessedProof(Buffer.from(await load()), policy, nodeVerifiers)
    expect(proof).toMatchObject({ index: 0, body, log: { checkpoint: { size: 1 } } })
    await expect(load(newId())).rejects.toMatchObject({ code: "request.not_found" })
    await database.db.transaction((tx) => tx.query("truncate cosignatures"))
    await expect(load()).rejects.toMatchObject({ code: "receipt.not_witnessed_yet" })
    services = { ...services, witnessing: null }
    const [log] = policyText.split("\n")
    const alone = parseWitnessPolicy(Buffer.from(`${log}\nquorum none\n`))
    expect(verifyWitnessedProof(Buffer.from(await load()), alone, nodeVerifiers)).toMatchObject({
        body,
        log: { checkpoint: { size: 4 }, witnesses: [] },
    })
})

test("a witness that hangs or fails holds up no other, and the older quorum stays until it is back", async () => {
    await grow()
    await submit()
    change = (url, answer) => (url.includes("w1") ? null : answer)
    await grow()
    await submit()
    expect(new Set(await problems())).toEqual(new Set(["w1 unreachable", "w2 null"]))
    expect((await witnessedLog())?.size).toBe(1)
    const asks = requests.length
    await submit()
    expect(requests).toHaveLength(asks)
    clock.now += 2 * hour
    expect((await state()).lateSince).not.toBeNull()
    change = (_, answer) => answer
    await submit()
    expect(new Set(await problems())).toEqual(new Set(["w1 null", "w2 null"]))
    expect(await state()).toMatchObject({ quorum: { size: 2 }, lateSince: null })
})

test("a quorum that never came is late after a while", async () => {
    change = () => ({ status: 403, type: "", text: "" }) as WitnessAnswer
    await grow()
    await submit()
    expect(await state()).toMatchObject({ quorum: null, lateSince: null })
    expect(new Set(await problems())).toEqual(new Set(["w1 key_refused", "w2 key_refused"]))
    clock.now += hour
    expect((await state()).lateSince).not.toBeNull()
    expect(await witnessedLog()).toBeNull()
})

test("a witness that signed before says the size, and is asked again at once", async () => {
    await grow(4)
    await submit()
    await database.db.transaction((tx) => tx.query("truncate witnesses, cosignatures"))
    await grow()
    await submit()
    expect(requests.slice(2).toSorted()).toEqual(
        ["w1", "w2"].flatMap((name) => [`https://${name}.example old 0`, `https://${name}.example old 4`]),
    )
    expect((await state()).quorum?.size).toBe(5)
})

test("a restored log is told from the one that the witnesses signed", async () => {
    await grow(4)
    await submit()
    await database.db.transaction((tx) => tx.query("truncate batches, batch_nodes, witnesses, cosignatures cascade"))
    await grow(2)
    await submit()
    expect(new Set(await problems())).toEqual(new Set(["w1 ahead", "w2 ahead"]))
    await grow(2)
    await submit()
    expect(new Set(await problems())).toEqual(new Set(["w1 differs", "w2 differs"]))
    await grow(2)
    await submit()
    expect(new Set(await problems())).toEqual(new Set(["w1 differs", "w2 differs"]))
    expect(await witnessedLog()).toBeNull()
})

test.each([
    ["no line", () => ""],
    ["a changed signature", (text: string) => text.replaceAll(/.{9}\n/g, "AAAAAAAA\n")],
    ["signatures of the other witness alone", (text: string) => text.replaceAll("w1.example", "w2.example")],
    ["a body of another form", () => "\u0000\n\n"],
    ["very many lines", () => "— x AAAA\n".repeat(10_000)],
])("%s is no signature", async (_, changed) => {
    change = (url, answer) => (url.includes("w1") ? { ...answer, text: changed(answer.text) } : answer)
    await grow()
    await submit()
    expect(new Set(await problems())).toEqual(new Set(["w1 bad_answer", "w2 null"]))
    expect((await state()).quorum).toBeNull()
})

test("a witness that signs with one of its keys is asked again after a while", async () => {
    change = (url, answer) => (url.includes("w1") ? { ...answer, text: `${answer.text.split("\n", 1)[0]}\n` } : answer)
    await grow()
    await submit()
    expect((await problems()).toSorted()).toEqual(["w1 bad_answer", "w1 null", "w2 null", "w2 null"])
    const asks = requests.length
    await submit()
    expect(requests).toHaveLength(asks)
    clock.now += 60_000
    await submit()
    expect(requests).toHaveLength(asks + 2)
})

test("a signature of another time is no signature", async () => {
    witnesses = witnesses.map((witness) => ({ ...witness, realNow: () => clock.now - 2 * hour }))
    await grow()
    await submit()
    expect(new Set(await problems())).toEqual(new Set(["w1 bad_answer", "w2 bad_answer"]))
})

test("a program without a policy expects no witness", async () => {
    services = { ...services, witnessing: null }
    await grow()
    expect(await state()).toEqual({ isExpected: false, quorum: null, lateSince: null, witnesses: [] })
    expect(await witnessedLog()).toBeNull()
})

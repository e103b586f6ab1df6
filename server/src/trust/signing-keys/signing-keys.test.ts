/** Tests the rotation of the logs' keys on a real database: what is signed by which key, and who can follow. */
import { afterAll, expect, test, vi } from "vitest"
import { type VerifierKey, formatVerifierKey, openNote, signNote } from "@tocsin/audit-log/checkpoint"
import { nodeVerifiers } from "@tocsin/audit-log/commands/node-keys"
import { verifyBytes } from "@tocsin/audit-log/export"
import { followHandovers } from "@tocsin/audit-log/handover"
import { verifiedSignatures } from "@tocsin/audit-log/note-keys"
import { canonical } from "@tocsin/base/canonical"
import { actingOn, awaitRefusalCode, listEvents, system, testServices } from "../../../../test/support/actors.ts"
import { type TestDatabase, createDatabase, newId } from "../../../../test/support/database.ts"
import type { ActionContext } from "../../kernel/action-context.ts"
import { memoryHighWater } from "../../kernel/high-water.ts"
import type { Services } from "../../kernel/services.ts"
import { verifyEd25519 } from "../../platform/crypto/ed25519.ts"
import {
    exportAuditLog,
    findNewestRoot,
    findPublishedCheckpoint,
    verifyAuditLog,
} from "../audit-log/actions/export-log.ts"
import { sequenceEvents } from "../audit-log/actions/sequence-leaves.ts"
import { guardDatabase } from "../continuity/actions/guard-database.ts"
import { compareReceipts, findOpenQuarantine } from "../continuity/actions/reconcile-database.ts"
import { addPartner } from "../partners/actions/change-partner.ts"
import { makeBatch, queueReceipt } from "../receipts/actions/batch-receipts.ts"
import { findVisibleRoot, loadReceiptOfPartner, loadVisibleCheckpoint } from "../receipts/actions/load-receipts.ts"
import { findVisibleLog } from "../receipts/actions/serve-tiles.ts"
import { firstKey, listHandovers, loadLogKeys } from "./actions/load-log-keys.ts"
import { addSigningKeys, endFormerSigningKeys } from "./actions/rotate-signing-keys.ts"
import type { LogName } from "./log-keys.ts"

const clock = { now: Date.parse("2026-03-01T00:00:00Z") }
const databases: TestDatabase[] = []

afterAll(async () => {
    for (const { db, drop } of databases) {
        await db.close().catch(() => undefined)
        await drop()
    }
})

async function openProgram(template?: TestDatabase, highWater = memoryHighWater()) {
    const database = await createDatabase(template?.name)
    databases.push(database)
    const services: Services = { ...testServices(database, clock), highWater }
    const act = <T>(work: (ctx: ActionContext) => Promise<T>): Promise<T> => actingOn(services, clock)(system, work)
    const grow = async () => {
        clock.now += 60_000
        await act(makeBatch)
        await sequenceEvents(services)
    }
    const rotate = () =>
        act(async (ctx) => {
            const trees = { audit_log: await findNewestRoot(ctx), receipt_log: await findVisibleRoot(ctx) }
            return await addSigningKeys(ctx, trees)
        })
    const activeKeys = async (log: LogName) => (await act((ctx) => loadLogKeys(ctx, log))).active
    return { database, services, act, grow, rotate, activeKeys }
}

type TestProgram = Awaited<ReturnType<typeof openProgram>>

const isSignedBy = (note: string, key: VerifierKey) =>
    awaitRefusalCode(Promise.resolve().then(() => openNote(note, key, verifyEd25519)))

async function exportedBy({ act }: TestProgram, key: VerifierKey): Promise<string> {
    const lines = await act(exportAuditLog)
    const parts: string[] = []
    for await (const line of lines) parts.push(line)
    const verdict = await verifyBytes(Buffer.from(parts.join("")), { keys: [key], verify: verifyEd25519 })
    return verdict.ok ? "ok" : verdict.code
}

async function signersOf({ act }: TestProgram): Promise<string[]> {
    const { note } = (await act(findVisibleLog)) ?? expect.unreachable()
    const { active, ended } = await act((ctx) => loadLogKeys(ctx, "receipt_log"))
    const all = [...ended, ...active]
    const signed = verifiedSignatures(
        note,
        all.flatMap(({ noteKeys }) => noteKeys),
        nodeVerifiers,
    )
    return signed.map(({ key }) => `${key.kind} ${all.findIndex(({ noteKeys }) => noteKeys.includes(key as never))}`)
}

test("both keys sign from the next checkpoint on, and the former one until it is ended", async () => {
    const program = await openProgram()
    const { act, grow, rotate, services, database } = program
    await grow()
    const [auditLog, receiptLog] = [firstKey(services.keys, "audit_log"), firstKey(services.keys, "receipt_log")]
    const partner = await act((ctx) =>
        addPartner(ctx, { name: "P", mail: `${newId()}@partner.example`, tier: "entry", status: "active" }),
    )
    const id = newId()
    await act((ctx) => queueReceipt(ctx, { id, partner, body: { kind: "fetched", receipt: id } }))
    await grow()
    const receiptBy = async (key: VerifierKey) => {
        const text = await act((ctx) => loadReceiptOfPartner(ctx, partner, id, () => true))
        const verdict = await verifyBytes(Buffer.from(text), { keys: [key], verify: verifyEd25519 })
        return verdict.ok ? "ok" : verdict.code
    }

    expect(await rotate()).toBe(true)
    // Before the sequencer has run, an export has the former signature.
    expect(await exportedBy(program, auditLog)).toBe("ok")
    await grow()
    const [, nextAudit = expect.unreachable()] = await program.activeKeys("audit_log")
    const [, nextReceipt = expect.unreachable()] = await program.activeKeys("receipt_log")
    expect([nextAudit.name, nextReceipt.name]).toEqual([auditLog.name, receiptLog.name])
    expect(await exportedBy(program, auditLog)).toBe("ok")
    expect(await receiptBy(receiptLog)).toBe("ok")
    expect(await signersOf(program)).toEqual(["ed25519 0", "ml_dsa_44 0", "ed25519 1", "ml_dsa_44 1"])
    const both = await act(loadVisibleCheckpoint)
    expect(both.verifierKey).toBe(formatVerifierKey(receiptLog))
    expect([await isSignedBy(both.checkpoint, receiptLog), await isSignedBy(both.checkpoint, nextReceipt)]).toEqual([
        "done",
        "done",
    ])
    expect((await services.db.transaction((tx) => verifyAuditLog({ tx, services }))).verdict.ok).toBe(true)

    // A second rotation waits for the end of the first.
    expect(await rotate()).toBe(false)
    expect(await act(endFormerSigningKeys)).toBe(true)
    expect(await act(endFormerSigningKeys)).toBe(false)
    await grow()
    expect(await exportedBy(program, auditLog)).toBe("audit_log.key_mismatch")
    expect(await exportedBy(program, nextAudit)).toBe("ok")
    expect(await receiptBy(receiptLog)).toBe("audit_log.key_mismatch")
    expect(await receiptBy(nextReceipt)).toBe("ok")
    expect(await signersOf(program)).toEqual(["ed25519 1", "ml_dsa_44 1"])
    expect((await services.db.transaction((tx) => verifyAuditLog({ tx, services }))).verdict.ok).toBe(true)
    expect(await isSignedBy((await act(findPublishedCheckpoint))?.checkpoint ?? "", auditLog)).toBe(
        "checkpoint.unsigned",
    )
    const events = (await listEvents(database)).filter(({ kind }) => kind.startsWith("signing_keys."))
    expect(events.map(({ kind }) => kind)).toEqual(["signing_keys.added", "signing_keys.removed"])
    expect(events[0]?.body["keys"]).toEqual([nextAudit, nextReceipt].map(formatVerifierKey))
})

test("a checkpoint of the receipt log is signed once, for all who ask", async () => {
    const { act, grow, activeKeys } = await openProgram()
    await grow()
    const [{ noteKeys }] = await activeKeys("receipt_log")
    const signs = noteKeys.map((key) => vi.spyOn(key, "sign"))
    const { checkpoint } = await act(loadVisibleCheckpoint)
    expect((await act(loadVisibleCheckpoint)).checkpoint).toBe(checkpoint)
    expect((await act(findVisibleLog))?.note).toBe(checkpoint)
    expect(signs.map((sign) => sign.mock.calls.length)).toEqual([1, 1])
})

test("the former key names the next one over several rotations, also in a log without a batch", async () => {
    const program = await openProgram()
    const { act, grow, rotate, services } = program
    for (let i = 0; i < 3; i++) {
        await rotate()
        await act(endFormerSigningKeys)
        if (i > 0) await grow()
    }
    await grow()
    for (const log of ["audit_log", "receipt_log"] as const) {
        const note =
            log === "audit_log" ? (await act(findPublishedCheckpoint))?.checkpoint : (await act(findVisibleLog))?.note
        const [newest] = await program.activeKeys(log)
        const handovers = await act((ctx) => listHandovers(ctx, log))
        const steps = followHandovers(firstKey(services.keys, log), note ?? "", handovers, verifyEd25519)
        expect(steps?.map(({ next }) => formatVerifierKey(next)).at(-1)).toBe(formatVerifierKey(newest))
        expect(steps).toHaveLength(3)
        expect(steps?.map(({ checkpoint }) => checkpoint.size).at(0)).toBe(0)
        expect(followHandovers(firstKey(services.keys, log), note ?? "", handovers.slice(1), verifyEd25519)).toBeNull()
    }
})

test("a restored backup signs with no key that ended after it, in quarantine and later", async () => {
    const highWater = memoryHighWater()
    /** Continues on a copy, because a database with connections cannot be copied. */
    const continueOn = async (template: TestDatabase | undefined, work: (program: TestProgram) => Promise<unknown>) => {
        const program = await openProgram(template, highWater)
        await work(program)
        await program.grow()
        await guardDatabase(program.services)
        expect(program.services.highWater.isQuarantined()).toBe(false)
        const keys = await program.activeKeys("audit_log")
        await program.database.db.close()
        return { database: program.database, newest: formatVerifierKey(keys.at(-1) ?? expect.unreachable()) }
    }
    const early = await continueOn(undefined, async () => undefined)
    const between = await continueOn(early.database, ({ rotate }) => rotate())
    const late = await continueOn(between.database, ({ act }) => act(endFormerSigningKeys))
    expect(late.newest).toBe(between.newest)

    for (const { database, newest } of [early, between]) {
        const isNew = newest === early.newest
        const file = await highWater.read()
        const copy = memoryHighWater()
        await copy.change(() => (file.state === "sound" ? file.mark : null))
        const { services, act, rotate } = await openProgram(database, copy)
        if (isNew) expect(await awaitRefusalCode(rotate())).toBe("keys.ended_key_signs")
        expect(await guardDatabase(services)).toBe(true)
        const { applied } = (await act(findOpenQuarantine)) ?? expect.unreachable()
        expect(applied.filter(({ kind }) => kind === "signing_key")).toHaveLength(2)
        for (const log of ["audit_log", "receipt_log"] as const) {
            const { active, ended } = await act((ctx) => loadLogKeys(ctx, log))
            expect([active.length, ended.map(formatVerifierKey)]).toEqual([
                1,
                [formatVerifierKey(firstKey(services.keys, log))],
            ])
            expect(await act((ctx) => listHandovers(ctx, log))).toHaveLength(isNew ? 0 : 1)
        }
        const [signer] = (await act((ctx) => loadLogKeys(ctx, "audit_log"))).active
        expect(formatVerifierKey(signer) === late.newest).toBe(!isNew)
        // It is compared each second, and ends the key once.
        await guardDatabase(services)
        expect((await act((ctx) => loadLogKeys(ctx, "audit_log"))).active).toEqual([signer])
    }
})

test("a key that had ended is never used again, also where only the rows of the later keys are gone", async () => {
    const { services, act, grow, rotate, activeKeys } = await openProgram()
    await grow()
    await guardDatabase(services)
    await rotate()
    await act(endFormerSigningKeys)
    expect(await guardDatabase(services)).toBe(false)
    const first = firstKey(services.keys, "audit_log")
    for (const _ of ["before the quarantine", "in it"]) {
        await act(({ tx }) => tx.query("delete from signing_keys"))
        expect((await activeKeys("audit_log")).map(formatVerifierKey)).toEqual([formatVerifierKey(first)])
        expect(await guardDatabase(services)).toBe(true)
        expect((await activeKeys("audit_log")).map(formatVerifierKey)).not.toContain(formatVerifierKey(first))
    }
    expect((await act(findOpenQuarantine))?.reasons).toEqual(["access_behind"])
})

test("a receipt that a key signed after its end is no evidence of the receipt log", async () => {
    const { act, grow, rotate, activeKeys } = await openProgram()
    const partner = await act((ctx) =>
        addPartner(ctx, { name: "P", mail: `${newId()}@partner.example`, tier: "entry", status: "active" }),
    )
    const queue = async () => {
        const id = newId()
        await act((ctx) => queueReceipt(ctx, { id, partner, body: { kind: "fetched", receipt: id } }))
        await grow()
        return id
    }
    const load = (id: string) => act((ctx) => loadReceiptOfPartner(ctx, partner, id, () => true))
    const compare = (text: string) => act((ctx) => compareReceipts(ctx, [text]))
    const early = await queue()
    await grow()
    const signedBefore = await load(early)
    const [former] = await activeKeys("receipt_log")
    await rotate()
    await act(endFormerSigningKeys)
    clock.now += 1000
    const late = await queue()
    await grow()
    const [newest] = await activeKeys("receipt_log")
    /** The thief of the former key signs what the newest one signed. */
    const forge = (text: string) => {
        const fields = JSON.parse(text) as { checkpoint: string }
        const checkpoint = signNote(openNote(fields.checkpoint, newest, verifyEd25519), former, former.sign)
        return `${canonical({ ...fields, checkpoint, verifierKey: formatVerifierKey(former) })}\n`
    }
    const [forgedSize, forgedBatch] = [forge(await load(early)), forge(await load(late))]
    expect(await compare(signedBefore)).toMatchObject([{ verdict: "known", batches: 2 }])
    expect(await compare(await load(late))).toMatchObject([{ verdict: "known", batches: 4 }])
    expect(await awaitRefusalCode(compare(forgedSize))).toBe("quarantine.ended_key")
    expect(await awaitRefusalCode(compare(forgedBatch))).toBe("quarantine.ended_key")
    // A database from before the end does not know the size at the end.
    await act(({ tx }) => tx.query("update receipts set batch_id = null, place = null where batch_id > 1"))
    await act(({ tx }) => tx.query("delete from batches where index > 1"))
    expect(await compare(signedBefore)).toMatchObject([{ verdict: "known" }])
    expect(await awaitRefusalCode(compare(forgedBatch))).toBe("quarantine.ended_key")
})

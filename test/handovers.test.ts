/**
 * Both verifiers follow a log from key to key: the vectors of handovers, and what a program exports before, during and
 * after the rotation of its signing keys.
 */
import fs from "node:fs"
import os from "node:os"
import path from "node:path"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { formatVerifierKey, parseVerifierKey } from "@tocsin/audit-log/checkpoint"
import { nodeVerifiers } from "@tocsin/audit-log/commands/node-keys"
import { verifyAll } from "@tocsin/audit-log/commands/verify"
import { followHandovers, openHandover } from "@tocsin/audit-log/handover"
import { formatNoteKey } from "@tocsin/audit-log/note-keys"
import { Refusal } from "@tocsin/base/refusal"
import type { ActionContext } from "../server/src/kernel/action-context.ts"
import {
    exportAuditLog,
    findNewestRoot,
    findPublishedCheckpoint,
} from "../server/src/trust/audit-log/actions/export-log.ts"
import { sequenceEvents } from "../server/src/trust/audit-log/actions/sequence-leaves.ts"
import { addPartner } from "../server/src/trust/partners/actions/change-partner.ts"
import { makeBatch, queueReceipt } from "../server/src/trust/receipts/actions/batch-receipts.ts"
import { findVisibleRoot, loadReceiptOfPartner } from "../server/src/trust/receipts/actions/load-receipts.ts"
import { proveReceiptOfPartner } from "../server/src/trust/receipts/witnesses/actions/prove-receipt.ts"
import { listHandovers, loadLogKeys } from "../server/src/trust/signing-keys/actions/load-log-keys.ts"
import { addSigningKeys, endFormerSigningKeys } from "../server/src/trust/signing-keys/actions/rotate-signing-keys.ts"
import { logNames } from "../server/src/trust/signing-keys/log-keys.ts"
import { actingOn, system, testServices } from "./support/actors.ts"
import { type TestDatabase, createDatabase, newId } from "./support/database.ts"
import vectors from "./vectors/handover.json" with { type: "json" }
import { type Python, hasPython, startPython } from "./vectors/python.ts"

const folder = fs.mkdtempSync(path.join(os.tmpdir(), "tocsin-handovers-"))
let python: Python
beforeAll(() => {
    python = startPython()
})
afterAll(async () => {
    await python.stop()
    fs.rmSync(folder, { recursive: true })
})

function written(name: string, content: string): string {
    const file = path.join(folder, name)
    fs.writeFileSync(file, content)
    return file
}

const verifyEd25519 = nodeVerifiers.ed25519
const [firstKey = "", secondKey = "", thirdKey = ""] = vectors.keys
const ownKey = "the next key is the former one"
const [firstHandover = "", secondHandover = ""] = vectors.handovers

describe("a handover", () => {
    test("leads to the next key, at its tree", () => {
        const { next, checkpoint } = openHandover(firstHandover, parseVerifierKey(firstKey), verifyEd25519)
        expect(formatVerifierKey(next)).toBe(secondKey)
        const tree = { size: checkpoint.size, root: Buffer.from(checkpoint.root).toString("hex") }
        expect(tree).toEqual(vectors.trees[0])
    })

    test("is followed in order, from any key, to the one that signed", () => {
        const follow = (from: string, handovers: readonly string[], note = secondHandover) =>
            followHandovers(parseVerifierKey(from), note, handovers, verifyEd25519)?.length ?? null
        expect(follow(firstKey, vectors.handovers)).toBe(1)
        expect(follow(firstKey, vectors.handovers, vectors.rejected[1]!.handover)).toBe(1)
        expect(follow(secondKey, vectors.handovers)).toBe(0)
        expect(follow(firstKey, [secondHandover])).toBeNull()
        expect(follow(firstKey, vectors.handovers.toReversed())).toBe(1)
        expect(follow(thirdKey, vectors.handovers, firstHandover)).toBeNull()
        const [self = ""] = vectors.rejected.flatMap(({ what, handover }) => (what === ownKey ? [handover] : []))
        expect(follow(firstKey, [self, ...vectors.handovers])).toBe(1)
    })

    test.each(vectors.rejected)("is rejected: $what", ({ handover, code }) => {
        let found = "accepted"
        try {
            openHandover(handover, parseVerifierKey(firstKey), verifyEd25519)
        } catch (error) {
            if (!(error instanceof Refusal)) throw error
            found = error.code
        }
        expect(found).toBe(code)
    })

    test.skipIf(!hasPython).each(vectors.rejected)("is rejected by Python: $what", async ({ what, handover, code }) => {
        const file = written("handovers.json", JSON.stringify({ handovers: [handover] }))
        const { status, stdout } = await python.verify(["handovers", file, "--key", firstKey])
        // A list may have handovers of other keys, and the one that names the given key.
        const isLeftOut =
            (code === "checkpoint.unsigned" || what === ownKey) && stdout.includes(": accepted: 0 handovers ")
        expect(isLeftOut || (status === 1 && stdout.includes(`(${code})`))).toBe(true)
    })

    test.skipIf(!hasPython)("is followed by Python", async () => {
        const file = written("handovers.json", JSON.stringify({ handovers: vectors.handovers }))
        const { status, stdout } = await python.verify(["handovers", file, "--key", firstKey])
        expect({ status, stdout }).toMatchObject({ status: 0, stdout: expect.stringContaining(thirdKey) })
        expect(stdout).toContain("2 handovers of tocsin.example/receipts")
        const end = "2 handovers of tocsin.example/receipts"
        for (const key of [
            [firstKey, secondKey],
            [thirdKey, firstKey],
        ]) {
            const report = await python.verify(["handovers", file, ...key.flatMap((text) => ["--key", text])])
            expect(report).toMatchObject({ status: 0, stdout: expect.stringContaining(end) })
            expect(report.stdout).toContain(thirdKey)
        }
        const last = await python.verify(["handovers", file, "--key", secondKey])
        expect(last.stdout).toContain("1 handovers of")
        const broken = written("broken.json", "[]")
        expect(await python.verify(["handovers", broken, "--key", firstKey])).toMatchObject({ status: 1 })
    })
})

describe("the files of a program", () => {
    const clock = { now: Date.parse("2026-03-01T00:00:00Z") }
    let database: TestDatabase
    /** What was exported before, during and after the rotation. */
    const phases: { log: string; receipt: string; proof: string; checkpoint: string }[] = []
    const keys = { audit_log: [] as string[], receipt_log: [] as string[] }
    let policy: string
    let handovers: string

    beforeAll(async () => {
        database = await createDatabase()
        const services = testServices(database, clock)
        const act = <T>(work: (ctx: ActionContext) => Promise<T>) => actingOn(services, clock)(system, work)
        const partner = await act((ctx) =>
            addPartner(ctx, { name: "P", mail: "p@partner.example", tier: "entry", status: "active" }),
        )
        const steps = [
            async () => undefined,
            async (ctx: ActionContext) => {
                const trees = { audit_log: await findNewestRoot(ctx), receipt_log: await findVisibleRoot(ctx) }
                await addSigningKeys(ctx, trees)
            },
            endFormerSigningKeys,
        ]
        for (const [i, step] of steps.entries()) {
            await act<unknown>(step)
            const id = newId()
            await act((ctx) => queueReceipt(ctx, { id, partner, body: { kind: "fetched", receipt: id } }))
            clock.now += 60_000
            await act(makeBatch)
            await sequenceEvents(services)
            const lines: string[] = []
            for await (const line of await act(exportAuditLog)) lines.push(line)
            const receipt = await act((ctx) => loadReceiptOfPartner(ctx, partner, id, () => true))
            const proof = await act((ctx) => proveReceiptOfPartner(ctx, partner, id, () => true))
            const { checkpoint = "" } = (await act(findPublishedCheckpoint)) ?? {}
            phases.push({
                log: written(`log-${i}.jsonl`, lines.join("")),
                receipt: written(`receipt-${i}.json`, receipt),
                proof: written(`proof-${i}.tlog-proof`, proof),
                checkpoint: written(`checkpoint-${i}.txt`, checkpoint),
            })
        }
        for (const log of logNames) {
            const { ended, active } = await act((ctx) => loadLogKeys(ctx, log))
            keys[log].push(...[...ended, ...active].map(formatVerifierKey))
            if (log === "audit_log") continue
            const lines = [...ended, ...active].flatMap(({ noteKeys }) => noteKeys.map(formatNoteKey))
            policy = written("policy.txt", `${lines.map((key) => `log ${key}\n`).join("")}quorum none\n`)
            handovers = written(
                "handovers-of-program.json",
                JSON.stringify({ handovers: await act((ctx) => listHandovers(ctx, log)) }),
            )
        }
    })
    afterAll(() => database.close())

    async function ours(file: string, options: { key?: readonly string[]; checkpoint?: string; policy?: string }) {
        const results: string[] = []
        const io = {
            open: (name: string) => fs.createReadStream(name),
            result: (line: string) => void results.push(line),
        }
        const { checkpoint, ...rest } = options
        const status = await verifyAll(
            [file],
            { ...rest, ...(checkpoint !== undefined && { checkpoint: [checkpoint] }) },
            { ...io, message: () => undefined },
        )
        return { status, text: results.join("\n") }
    }

    const theirs = async (kind: string, file: string, key: readonly string[], ...more: readonly string[]) =>
        await python.verify([kind, file, ...key.flatMap((text) => ["--key", text]), ...more])

    test.each([
        ["the former key", (list: readonly string[]) => list.slice(0, 1), [0, 0, 1]],
        ["the new key", (list: readonly string[]) => list.slice(1), [1, 1, 0]],
        ["both keys", (list: readonly string[]) => list, [0, 0, 0]],
    ])("are accepted by %s, before, during and after the rotation", async (_, chosen, statuses) => {
        for (const [i, { log, receipt }] of phases.entries()) {
            const [auditKeys, receiptKeys] = [chosen(keys.audit_log), chosen(keys.receipt_log)]
            expect((await ours(log, { key: auditKeys })).status).toBe(statuses[i])
            expect((await ours(receipt, { key: receiptKeys })).status).toBe(statuses[i])
            if (!hasPython) continue
            expect((await theirs("export", log, auditKeys)).status).toBe(statuses[i])
            expect((await theirs("receipt", receipt, receiptKeys)).status).toBe(statuses[i])
        }
    })

    test("continue a checkpoint by the former key, with both keys", async () => {
        const [before, , after] = phases
        const [log, checkpoint] = [after!.log, before!.checkpoint]
        expect(await ours(log, { key: keys.audit_log, checkpoint })).toMatchObject({ status: 0 })
        expect(await ours(log, { key: keys.audit_log.slice(1), checkpoint })).toMatchObject({
            status: 1,
            text: expect.stringContaining("checkpoint.unsigned"),
        })
        const both = await ours(before!.log, { key: keys.audit_log, checkpoint: after!.checkpoint })
        expect(both.text).toContain("verify.shorter_than_signed")
    })

    test.skipIf(!hasPython)("continue it for Python too, which takes keys of one log", async () => {
        const [before, , after] = phases
        const [log, checkpoint] = [after!.log, before!.checkpoint]
        expect((await theirs("export", log, keys.audit_log, "--checkpoint", checkpoint)).status).toBe(0)
        expect((await theirs("export", log, keys.audit_log.slice(1), "--checkpoint", checkpoint)).status).toBe(1)
        expect((await theirs("checkpoint", checkpoint, keys.audit_log)).status).toBe(0)
        expect((await theirs("checkpoint", checkpoint, [...keys.audit_log, ...keys.receipt_log])).status).toBe(2)
    })

    test("of one log are compared with each other, also under two keys", async () => {
        const [before, , after] = phases
        const results: string[] = []
        const io = { open: (name: string) => fs.createReadStream(name), message: () => undefined }
        const result = (line: string) => void results.push(line)
        expect(await verifyAll([before!.log, after!.log], { key: keys.audit_log }, { ...io, result })).toBe(0)
        expect(results.at(-1)).toContain("consistent")
        // Without the keys, the second one can be a stranger's, with the same name.
        expect(await verifyAll([before!.log, after!.log], { anyKey: true }, { ...io, result })).toBe(1)
        expect(results.at(-1)).toContain("verify.unknown_keys")
    })

    test("prove a receipt by a policy with the lines of both keys", async () => {
        for (const { proof } of phases) {
            expect(await ours(proof, { policy })).toMatchObject({ status: 0 })
            if (hasPython) expect((await python.verify(["proof", proof, "--policy", policy])).status).toBe(0)
        }
    })

    test.skipIf(!hasPython)("lead from the former key to the new one", async () => {
        const { stdout } = await theirs("handovers", handovers, keys.receipt_log.slice(0, 1))
        expect(stdout).toContain(`1 handovers of `)
        expect(stdout).toContain(keys.receipt_log[1])
    })
})

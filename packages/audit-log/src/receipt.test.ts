import fc from "fast-check"
import { describe, expect, test } from "vitest"
import vectors from "../../../test/vectors/receipt.json" with { type: "json" }
import { verifyEd25519 as verify } from "../../../server/src/platform/crypto/ed25519.ts"
import { batchLeaves, batchPath } from "./batch.ts"
import { bindReceipts } from "./bind-receipts.ts"
import type { Json } from "@tocsin/base/canonical"
import { parseVerifierKey } from "./checkpoint.ts"
import { type Hash, proveInclusion } from "./merkle.ts"
import { type AcceptedReceipt, type Batch, batchLeaf, receiptText } from "./receipt.ts"
import { type AcceptedExport, type Verdict, verifyBytes } from "./export.ts"
import { trustAnyKey, splitLines } from "./signed-note.ts"

const [recordKey, logKey] = [parseVerifierKey(vectors.recordKey), parseVerifierKey(vectors.logKey)]
const trust = { keys: [recordKey, logKey], verify }
const bytesOf = (text: string | string[]) => new TextEncoder().encode([text].flat().join(""))
const verifyFile = async (file: string | string[]) => await verifyBytes(bytesOf(file), trust)
const run = (verdict: Verdict) => (verdict.ok ? "accepted" : verdict.code)
const sound = vectors.receipts[0]!.receipt

describe("a receipt", () => {
    test.each(vectors.receipts)("of another implementation is accepted", async ({ receipt }) => {
        expect(await verifyFile(receipt)).toMatchObject({
            ok: true,
            format: "tocsin-receipt/1",
            keyKnown: true,
            size: 3,
        })
    })

    test("is written as by another implementation", () => {
        for (const { receipt } of vectors.receipts) {
            const input = JSON.parse(receipt) as {
                index: number
                place: number
                salt: string
                body: Json
                batch: Batch
            }
            const { origin, verifierKey, checkpoint } = JSON.parse(receipt) as Record<string, string> as never
            const { seed, held } = vectors.batches[input.index]!
            const bytes = (text: string) => new Uint8Array(Buffer.from(text, "hex"))
            const full = new Map(
                Object.entries(held).map(([place, item]): [number, Hash] => [Number(place), bytes(item)]),
            )
            const log = vectors.batches.map(({ anchor, at, root }) => batchLeaf({ anchor, at, root }))
            const proof = proveInclusion(log, input.index)
            const path = batchPath(batchLeaves(bytes(seed), full), input.place)
            expect(receiptText({ ...input, checkpoint: { origin, verifierKey, checkpoint }, proof, path })).toBe(
                receipt,
            )
        }
    })

    test.each(vectors.rejected)("is rejected with $is", async ({ receipt, code }) => {
        expect(run(await verifyFile(receipt))).toBe(code)
    })

    test("is rejected with trailing data, without the index of a leaf: it has none", async () => {
        const verdict = await verifyFile([sound, sound])
        expect(verdict).toMatchObject({ ok: false, index: null, code: "audit_log.too_long" })
    })

    test("whose key comes from the file only is reported as unauthenticated", async () => {
        const verdict = await verifyBytes(bytesOf(sound), { keys: trustAnyKey, verify })
        expect(verdict).toMatchObject({ ok: true, keyKnown: false })
    })

    test("is rejected with any byte changed, added or removed, under any key", async () => {
        const bytes = bytesOf(sound)
        const change = fc.tuple(fc.nat(bytes.length), fc.nat(1), fc.uint8Array({ maxLength: 2 }), fc.boolean())
        await fc.assert(
            fc.asyncProperty(change, async ([at, out, put, known]) => {
                const bent = Uint8Array.of(...bytes.slice(0, at), ...put, ...bytes.slice(at + out))
                fc.pre(!Buffer.from(bent).equals(bytes))
                expect((await verifyBytes(bent, known ? trust : { keys: trustAnyKey, verify })).ok).toBe(false)
            }),
            { numRuns: 400 },
        )
    })

    test("has one length per kind, except for the digits of its index", () => {
        const size = ({ receipt }: { receipt: string }) => {
            const { place } = JSON.parse(receipt) as { place: number }
            return receipt.length - String(place).length
        }
        const [first, , third, fourth] = vectors.receipts
        expect(size(third!)).toBe(size(fourth!))
        // One hash of the log's proof fewer or more is the batch's place in the log, and not who else was there.
        expect(Math.abs(size(first!) - size(third!)) % 67).toBe(0)
    })
})

describe("a receipt and an audit log export", () => {
    const bind = async (lines: string[], receipts: string[]) => {
        const record = (await verifyFile(lines)) as AcceptedExport
        expect(record).toMatchObject({ ok: true, format: "tocsin-audit-log/1" })
        const accepted = (await Promise.all(receipts.map(verifyFile))) as AcceptedReceipt[]
        const bound = await bindReceipts(record, () => splitLines([bytesOf(lines)]), accepted, trust)
        return bound.map((item) => (item.ok ? item.leaf : item.code))
    }

    test("match leaf by leaf", async () => {
        const receipts = vectors.receipts.map(({ receipt }) => receipt)
        const leaves = vectors.receipts.map(({ leaf }) => leaf ?? "receipt.not_recorded")
        expect(await bind(vectors.lines, receipts)).toEqual(leaves)
        expect(await bind(vectors.lines, [vectors.older])).toEqual([2])
        expect(await bind(vectors.lines, [])).toEqual([])
    })

    test.each(vectors.foreign)("do not match with $is", async ({ lines, receipt, code }) => {
        expect(await bind(lines, [receipt])).toEqual([code])
    })

    test("do not match when the export changes between two reads", async () => {
        const record = (await verifyFile(vectors.lines)) as AcceptedExport
        const other = vectors.foreign.at(-1)!.lines
        await expect(bindReceipts(record, () => splitLines([bytesOf(other)]), [], trust)).rejects.toThrow(
            "changed while it was read",
        )
    })
})

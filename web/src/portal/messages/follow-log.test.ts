import { expect, test } from "vitest"
import { formatCheckpoint, formatVerifierKey, signNote } from "@tocsin/audit-log/checkpoint"
import { signingNoteKey } from "@tocsin/audit-log/commands/node-keys"
import { type Hash, leafHash, proveConsistency, rootOf } from "@tocsin/audit-log/merkle"
import { refuse } from "@tocsin/base/refusal"
import { evidenceOf, followLog, type KeptLog, readKept } from "./follow-log.ts"

const key = (seed: number) => signingNoteKey("ed25519", new Uint8Array(32).fill(seed), () => "tocsin.example/receipts")

/** A log of so many leaves; `word` is in each. */
function logOf(size: number, word = "a", signer = key(1)) {
    const leaves: Hash[] = Array.from({ length: size }, (_, i) => leafHash(Buffer.from(`${word}${i}`)))
    const text = formatCheckpoint({ origin: signer.name, size, root: rootOf(leaves) })
    const shown = { verifierKey: formatVerifierKey(signer), checkpoint: signNote(text, signer, signer.sign) }
    const loadConsistencyProof = async (from: number, to: number) =>
        to > size
            ? refuse("invalid", "receipt.bad_range", "shorter")
            : proveConsistency(leaves.slice(0, to), from).map((hash) => Buffer.from(hash).toString("hex"))
    return { shown, source: { loadConsistencyProof } }
}

async function visit(kept: KeptLog | null, log: ReturnType<typeof logOf>) {
    return await followLog(kept, log.shown, log.source)
}

async function keptAt(size: number): Promise<KeptLog> {
    const verdict = await visit(null, logOf(size))
    if (verdict.kind !== "sound" || verdict.log === null) expect.unreachable()
    return verdict.log
}

test("the first log is kept, and a larger one that contains it replaces it", async () => {
    const first = await keptAt(3)
    expect(first).toMatchObject({ size: 3, ...logOf(3).shown })
    expect(await visit(first, logOf(8))).toMatchObject({
        kind: "sound",
        continues: 3,
        log: { size: 8, checkpoint: logOf(8).shown.checkpoint },
    })
    expect(readKept(JSON.stringify(first))).toEqual(first)
})

test("a server that lags shows a part of the kept log, which stays", async () => {
    const kept = await keptAt(5)
    const lagging = { shown: logOf(4).shown, source: logOf(5).source }
    expect(await visit(kept, lagging)).toEqual({ kind: "sound", log: kept, continues: 5 })
})

test.each([
    ["shorter", logOf(4), "behind"],
    ["rewritten with the same size", logOf(5, "b"), "forked"],
    ["rewritten and longer", logOf(9, "b"), "forked"],
    ["signed by another key", logOf(9, "a", key(2)), "other_key"],
    [
        "named with a key that did not sign",
        { ...logOf(9), shown: { ...logOf(9, "a", key(2)).shown, verifierKey: logOf(9).shown.verifierKey } },
        "unsigned",
    ],
])("a log that is %s is a contradiction, with both checkpoints as evidence", async (_, log, kind) => {
    const kept = await keptAt(5)
    expect(await visit(kept, log)).toEqual({ kind, kept, shown: log.shown })
    expect(JSON.parse(evidenceOf(kept, log.shown))).toEqual({ kept, shown: log.shown })
})

test("a log without batches is sound before the first, and a contradiction after it", async () => {
    const { source } = logOf(1)
    expect(await followLog(null, null, source)).toEqual({ kind: "sound", log: null, continues: null })
    expect(await followLog(await keptAt(1), null, source)).toMatchObject({ kind: "behind" })
})

test("without an answer, there is no verdict", async () => {
    const lost = { shown: logOf(9).shown, source: { loadConsistencyProof: () => Promise.reject(new Error("lost")) } }
    await expect(visit(await keptAt(5), lost)).rejects.toThrow("lost")
})

test.each([null, "", "{", "null", "[]", '{"size":1}', '{"verifierKey":"","size":"1","root":"","checkpoint":""}'])(
    "stored text %s is no log",
    (text) => {
        expect(readKept(text)).toBeNull()
    },
)

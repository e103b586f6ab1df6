import { expect, test, vi } from "vitest"
import { formatCheckpoint, formatVerifierKey, parseCheckpoint, parseNote, signNote } from "@tocsin/audit-log/checkpoint"
import { formatHandover } from "@tocsin/audit-log/handover"
import { signingNoteKey, signWith } from "@tocsin/audit-log/commands/node-keys"
import { type Hash, leafHash, proveConsistency, rootOf } from "@tocsin/audit-log/merkle"
import { hourMs } from "@tocsin/base/instant"
import { refuse } from "@tocsin/base/refusal"
import {
    checkLog,
    confirmKey,
    evidenceOf,
    forgetLog,
    type LogVerdict,
    type Memory,
    type SignedLog,
} from "./follow-log.ts"

const key = (seed: number) => signingNoteKey("ed25519", new Uint8Array(32).fill(seed), () => "tocsin.example/receipts")

/** A log of so many leaves; `word` is in each. */
function logOf(size: number, word = "a", signer = key(1)) {
    const leaves: Hash[] = Array.from({ length: size }, (_, i) => leafHash(Buffer.from(`${word}${i}`)))
    const text = formatCheckpoint({ origin: signer.name, size, root: rootOf(leaves) })
    const shown: SignedLog | null = {
        verifierKey: formatVerifierKey(signer),
        checkpoint: signNote(text, signer, signer.sign),
    }
    const loadConsistencyProof = async (from: number, to: number) =>
        to > size
            ? refuse("invalid", "receipt.bad_range", "shorter")
            : proveConsistency(leaves.slice(0, to), from).map((hash) => Buffer.from(hash).toString("hex"))
    return { shown, loadConsistencyProof }
}

type Log = Pick<ReturnType<typeof logOf>, "loadConsistencyProof"> & {
    readonly shown: SignedLog | null
    readonly handovers?: readonly string[]
}

const noLog: Log = { ...logOf(0), shown: null }

/** A browser. */
function browserOf(text: string | null = null) {
    let stored = text
    const memory: Memory = {
        load: () => stored,
        save: (next) => {
            stored = next
        },
    }
    const visit = async ({ shown, loadConsistencyProof, handovers = [] }: Log, now = 0): Promise<LogVerdict> => {
        const listHandovers = () => Promise.resolve(handovers)
        const source = { loadConsistencyProof, listHandovers }
        return await checkLog({ memory, loadShown: () => Promise.resolve(shown), ...source, now })
    }
    const fields = () => JSON.parse(stored ?? "null") as Record<string, unknown>
    return { memory, visit, fields }
}

async function browserAt(size: number) {
    const browser = browserOf()
    await browser.visit(logOf(size))
    return browser
}

const otherKey = logOf(9, "a", key(2))
const misnamed: Log = { ...logOf(9), shown: { ...otherKey.shown!, verifierKey: logOf(9).shown!.verifierKey } }

const contradictions: [string, Log, string][] = [
    ["rewritten with the same size", logOf(5, "b"), "forked"],
    ["rewritten and longer", logOf(9, "b"), "forked"],
    ["signed by another key", otherKey, "other_key"],
    ["named with a key that did not sign", misnamed, "unsigned"],
]

test("the first log is kept, and a larger one that contains it replaces it", async () => {
    const browser = browserOf()
    expect(await browser.visit(noLog)).toEqual({ kind: "sound", size: null, continues: null })
    expect(await browser.visit(logOf(3))).toEqual({ kind: "sound", size: 3, continues: null })
    expect(await browser.visit(logOf(8))).toEqual({ kind: "sound", size: 8, continues: 3 })
    expect(browser.fields()["kept"]).toEqual(logOf(8).shown)
})

test("a server that lags shows a part of the kept log, which stays", async () => {
    const browser = await browserAt(5)
    expect(await browser.visit({ ...logOf(5), shown: logOf(4).shown })).toEqual({
        kind: "sound",
        size: 5,
        continues: 5,
    })
    expect(browser.fields()["kept"]).toEqual(logOf(5).shown)
})

test.each(contradictions)("a log that is %s is a contradiction", async (_, log, kind) => {
    const found = { kind, kept: logOf(5).shown, shown: log.shown }
    const verdict = await (await browserAt(5)).visit(log)
    expect(verdict).toEqual({ kind: "contradiction", size: 5, found })
    if (verdict.kind !== "contradiction") expect.unreachable()
    expect(JSON.parse(evidenceOf(verdict.found))).toEqual({ kept: logOf(5).shown, shown: log.shown })
})

test.each(contradictions)("a log that was %s stays a contradiction until it is forgotten", async (_, log) => {
    const browser = await browserAt(5)
    const verdict = await browser.visit(log)
    const noAnswer = () => Promise.reject(new Error("lost"))
    const { memory } = browserOf(JSON.stringify(browser.fields()))
    expect(
        await checkLog({
            memory,
            loadShown: noAnswer,
            loadConsistencyProof: noAnswer,
            listHandovers: noAnswer,
            now: 0,
        }),
    ).toEqual(verdict)
    expect(await browser.visit(logOf(6))).toEqual(verdict)
    forgetLog(browser.memory)
    expect(await browser.visit(logOf(6))).toEqual({ kind: "sound", size: 6, continues: null })
})

test.each([
    ["shorter", logOf(4)],
    ["empty", noLog],
])("a log that is %s is an alarm only after an hour", async (_, log) => {
    const browser = await browserAt(5)
    expect(await browser.visit(log, 1000)).toEqual({ kind: "late" })
    expect(await browser.visit(log, 1000 + hourMs)).toEqual({ kind: "late" })
    const found = { kind: "behind", kept: logOf(5).shown, shown: log.shown }
    const alarm = { kind: "contradiction", size: 5, found }
    expect(await browser.visit(log, 1001 + hourMs)).toEqual(alarm)
    expect(await browser.visit(logOf(9), 1002 + hourMs)).toEqual(alarm)
})

test("a log that caught up begins another hour, and so does a clock that was set back", async () => {
    const browser = await browserAt(5)
    await browser.visit(logOf(4), hourMs)
    await browser.visit(logOf(5), hourMs + 1)
    expect(await browser.visit(logOf(4), 3 * hourMs)).toEqual({ kind: "late" })
    expect(await browser.visit(logOf(4), 0)).toEqual({ kind: "late" })
    expect(await browser.visit(logOf(4), hourMs)).toEqual({ kind: "late" })
})

test("a larger log without a proof is no contradiction, also for long", async () => {
    const browser = await browserAt(5)
    const unproven = { ...logOf(8), shown: logOf(9).shown }
    for (const now of [0, 2 * hourMs]) expect(await browser.visit(unproven, now)).toEqual({ kind: "unproven" })
    expect(browser.fields()["kept"]).toEqual(logOf(5).shown)
})

test("without an answer, there is no verdict", async () => {
    const lost = { shown: logOf(9).shown, loadConsistencyProof: () => Promise.reject(new Error("lost")) }
    await expect((await browserAt(5)).visit(lost)).rejects.toThrow("lost")
})

/** The handover by which the first key names another one, at so many leaves. */
function handoverAt(size: number, next = key(2)): string {
    const { shown } = logOf(size)
    const tree = { ...parseCheckpoint(parseNote(shown!.checkpoint).text) }
    const text = formatHandover(tree, [next])
    return `${text}\n${[key(1), next].map((signer) => signWith(text, signer, 0)).join("")}`
}

test.each([3, 5, 7])(
    "a new key that the former one names at %i batches is shown until it was compared",
    async (size) => {
        const browser = await browserAt(5)
        const handed = { ...otherKey, handovers: [handoverAt(size)] }
        const sound = { kind: "sound", size: 9, continues: 5 }
        const { verifierKey: newKey } = otherKey.shown!
        expect(await browser.visit(handed)).toEqual({ ...sound, newKey })
        for (const [to, continues] of [
            [9, 9],
            [11, 9],
        ] as const)
            expect(await browser.visit(logOf(to, "a", key(2)))).toEqual({ kind: "sound", size: to, continues, newKey })
        expect(await browser.visit({ ...otherKey, ...proofsOf(11) })).toMatchObject({ newKey })
        await confirmKey(browser.memory)
        expect(await browser.visit({ ...otherKey, ...proofsOf(11) })).toEqual({
            kind: "sound",
            size: 11,
            continues: 11,
        })
        expect(await browser.visit(logOf(9))).toMatchObject({ kind: "contradiction", found: { kind: "other_key" } })
    },
)

test("a new key is kept also where the log has not grown", async () => {
    const browser = await browserAt(5)
    const handed = { ...logOf(5, "a", key(2)), handovers: [handoverAt(5)] }
    expect(await browser.visit(handed)).toMatchObject({ size: 5, newKey: handed.shown!.verifierKey })
    await confirmKey(browser.memory)
    expect(await browser.visit({ ...handed, handovers: [] })).toEqual({ kind: "sound", size: 5, continues: 5 })
})

test("a smaller log by a new key moves the kept log not backwards", async () => {
    const browser = await browserAt(5)
    const smaller = { ...logOf(4, "a", key(2)), handovers: [handoverAt(3)], ...proofsOf(9) }
    expect(await browser.visit(smaller)).toMatchObject({ kind: "sound", size: 5 })
    expect(browser.fields()["kept"]).toEqual(logOf(5).shown)
})

const proofsOf = (size: number) => ({ loadConsistencyProof: logOf(size).loadConsistencyProof })

const kept = logOf(5).shown
const unsigned = misnamed.shown
test.each([
    null,
    "",
    "{",
    "null",
    "[]",
    "7",
    JSON.stringify({ kept: { verifierKey: "", checkpoint: "" } }),
    JSON.stringify({ kept: unsigned }),
    JSON.stringify({ contradiction: { kind: "forked", kept, shown: unsigned } }),
    JSON.stringify({ contradiction: { kind: "forked", kept: unsigned, shown: kept } }),
    JSON.stringify({ contradiction: { kind: "behind", kept: null, shown: null } }),
    JSON.stringify({ contradiction: { kind: "other_key", kept: unsigned, shown: kept } }),
    JSON.stringify({ contradiction: { kind: "other", kept, shown: kept } }),
])("stored text %s accuses no log", async (text) => {
    expect(await browserOf(text).visit(logOf(3))).toEqual({ kind: "sound", size: 3, continues: null })
})

test("a browser that stores nothing cannot remember", async () => {
    const refused = () => {
        throw new Error("denied")
    }
    for (const memory of [
        { load: refused, save: refused },
        { load: () => null, save: refused },
    ]) {
        const source = { ...logOf(3), listHandovers: () => Promise.resolve([]) }
        const visit = { ...source, memory, loadShown: () => Promise.resolve(logOf(3).shown), now: 0 }
        expect(await checkLog(visit)).toEqual({ kind: "cannot_remember" })
    }
})

test("a browser without Ed25519 cannot verify", async () => {
    const browser = await browserAt(5)
    const none = vi.spyOn(crypto, "subtle", "get").mockReturnValue(undefined as never)
    expect(await browser.visit(logOf(9))).toEqual({ kind: "cannot_verify" })
    none.mockRestore()
    const unsupported = vi.spyOn(crypto.subtle, "importKey")
    unsupported.mockRejectedValue(new DOMException("unknown", "NotSupportedError"))
    expect(await browser.visit(logOf(9))).toEqual({ kind: "cannot_verify" })
    unsupported.mockRestore()
    expect(await browser.visit(logOf(9))).toMatchObject({ kind: "sound", continues: 5 })
})

import fs from "node:fs"
import os from "node:os"
import path from "node:path"
import { hexToBytes } from "@noble/hashes/utils.js"
import { afterAll, beforeAll, expect, test } from "vitest"
import receipts from "../../../../test/vectors/receipt.json" with { type: "json" }
import vectors from "../../../../test/vectors/record.json" with { type: "json" }
import { formatCheckpoint, openNote, parseCheckpoint, parseVerifierKey } from "../checkpoint.ts"
import { leafHash, proveInclusion, rootOf } from "../merkle.ts"
import { formatNoteKey } from "../note-keys.ts"
import { anchorOf, batchLeaf } from "../receipt.ts"
import { auditLogProof } from "../witnessed-proof.ts"
import { nodeVerifiers, signingNoteKey, signWith } from "./node-keys.ts"
import { processIo, verifyAll, type VerifyOptions } from "./verify.ts"

const log = signingNoteKey("ed25519", new Uint8Array(32).fill(1), () => "tocsin-receipts/1")
const witness = signingNoteKey("ml_dsa_44", new Uint8Array(32).fill(2), () => "witness.example/w1")
const salt = new Uint8Array(16).fill(7)
const own = parseCheckpoint(
    openNote(
        (JSON.parse(vectors.lines[0] ?? "") as { checkpoint: string }).checkpoint,
        parseVerifierKey(vectors.verifierKey),
        nodeVerifiers.ed25519,
    ),
)

let folder = ""
const file = (name: string) => path.join(folder, name)

/** A proof that a batch commits to this tree, in a log of seven batches. */
function proofOf(tree: typeof own, signedAt: number | null = 1_764_590_400): string {
    const anchor = Buffer.from(anchorOf(salt, tree)).toString("hex")
    const batch = { anchor, at: "2026-12-01T12:00:00Z", root: "11".repeat(32) }
    const leaves = Array.from({ length: 7 }, (_, i) => (i === 4 ? batchLeaf(batch) : leafHash(Uint8Array.of(i))))
    const text = formatCheckpoint({ origin: log.name, size: 7, root: rootOf(leaves) })
    const note = `${text}\n${signWith(text, log, 0)}${signedAt === null ? "" : signWith(text, witness, signedAt)}`
    return auditLogProof({ index: 4, batch, proof: proveInclusion(leaves, 4), note }, salt, tree)
}

beforeAll(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "tocsin-witnessed-"))
    const write = (name: string, text: string) => fs.writeFileSync(file(name), text)
    write("policy", `log ${formatNoteKey(log)}\nwitness W ${formatNoteKey(witness)}\nquorum W\n`)
    write("no witness", `log ${formatNoteKey(log)}\nquorum none\n`)
    write("log", vectors.lines.join(""))
    write("altered", vectors.lines.join("").replace('"at":"2', '"at":"3'))
    write("proof", proofOf(own))
    write("unsigned", proofOf(own, null))
    write("other root", proofOf({ ...own, root: hexToBytes("ab".repeat(32)) }))
    write("longer", proofOf({ ...own, size: own.size + 1 }))
    write("other log", proofOf({ ...own, origin: "tocsin/other" }))
    write("checkpoint", proofOf(own).split("\n\n").slice(1).join("\n\n"))
    write("answer", JSON.stringify({ receipt: receipts.receipts[0]!.receipt }))
    write("far", proofOf(own, 8_640_000_000_001))
    write("bad policy", "quorum W\n")
})
afterAll(() => fs.rmSync(folder, { recursive: true }))

async function verify(names: string[], policy = "policy", json = false, more: VerifyOptions = {}) {
    const lines: string[] = []
    const write = (line: string) => lines.push(line)
    const options = { policy: file(policy), key: [vectors.verifierKey, receipts.logKey], json, ...more }
    const exit = await verifyAll(names.map(file), options, { ...processIo, result: write, message: write })
    return { exit, text: lines.join("\n") }
}

test("an export is witnessed by a proof, and a checkpoint by its signatures", async () => {
    const { exit, text } = await verify(["proof", "log"])
    expect(exit).toBe(0)
    expect(text).toContain("witnessed: size 7 of tocsin-receipts/1, by W at 2025-12-01T12:00:00.000Z")
    expect(text).toContain(`witnessed: its first ${own.size} of ${own.size} leaves`)
    expect(text).toContain("accepted: 6 leaves")
    expect((await verify(["checkpoint"])).exit).toBe(0)
})

const objects = async (names: string[], policy: string): Promise<unknown[]> =>
    (await verify(names, policy, true)).text.split("\n").map((line): unknown => JSON.parse(line))

test("each file has one JSON object", async () => {
    const sound = { ok: true, witnessedSize: own.size }
    expect(await objects(["proof", "log"], "policy")).toMatchObject([
        { file: file("proof"), ...sound },
        { file: file("log"), format: "tocsin-audit-log/1", size: own.size, ...sound },
    ])
    expect(await objects(["other root", "log"], "policy")).toMatchObject([
        { ok: true },
        { file: file("log"), ok: false, code: "verify.histories_diverge" },
    ])
    expect(await objects(["proof", "altered"], "policy")).toMatchObject([
        { ok: true },
        { file: file("altered"), ok: false, index: 0 },
    ])
})

test("a policy without witnesses lets no file be called witnessed", async () => {
    const { exit, text } = await verify(["unsigned", "log"], "no witness")
    expect(exit).toBe(0)
    expect(text).not.toContain("witnessed:")
    expect(text).toContain("signed by the log alone, as the policy allows: size 7 of tocsin-receipts/1")
    expect(text).toContain(`signed by the log alone, as the policy allows: its first ${own.size}`)
    const unwitnessed = { ok: true, witnessedSize: 0 }
    expect(await objects(["unsigned", "log"], "no witness")).toMatchObject([unwitnessed, unwitnessed])
})

test.each([
    ["an export without a proof", ["log"], "verify.not_witnessed"],
    ["a proof without the signature of the witness", ["unsigned", "log"], "witness_policy.no_quorum"],
    ["a proof that was signed after the year 9999", ["far", "log"], "checkpoint.bad_signature"],
    ["a receipt as the portal answers it", ["proof", "answer"], "verify.not_witnessed"],
    ["another history", ["other root", "log"], "verify.histories_diverge"],
    ["an export that is too short", ["longer", "log"], "verify.shorter_than_signed"],
    ["the proof of another log", ["other log", "log"], "verify.not_witnessed"],
])("%s is rejected", async (_, names, code) => {
    const { exit, text } = await verify(names)
    expect([exit, text]).toEqual([1, expect.stringContaining(code)])
})

test("a policy or file that cannot be read is wrong usage", async () => {
    expect((await verify(["proof"], "bad policy")).exit).toBe(2)
    expect((await verify(["proof"], "missing")).exit).toBe(2)
    expect((await verify(["missing"])).exit).toBe(2)
})

test("wrong keys are wrong usage, also where a file is rejected", async () => {
    expect((await verify(["unsigned"], "policy", false, { key: ["hello"] })).exit).toBe(2)
    expect((await verify(["unsigned"], "policy", false, { anyKey: true })).exit).toBe(2)
    expect((await verify(["proof"], "policy", false, { anyKey: true })).exit).toBe(2)
})

test("a file that cannot be read hides no verdict on another", async () => {
    const { exit, text } = await verify(["unsigned", "missing", "proof", "log"])
    expect(exit).toBe(1)
    expect(text).toContain("witness_policy.no_quorum")
    expect(text).toContain("cannot read")
    expect(text).toContain(`witnessed: its first ${own.size}`)
    expect((await verify(["missing", "unsigned"])).exit).toBe(1)
    expect((await verify(["proof", "missing", "log"])).exit).toBe(2)
})

test.each(["checkpoint", "master"] as const)("proofs alone are not compared with a %s", async (option) => {
    const files = [file("checkpoint")]
    const given = option === "checkpoint" ? { checkpoint: files } : { master: files }
    const { exit, text } = await verify(["proof"], "policy", false, given)
    expect([exit, text]).toEqual([2, expect.stringContaining("nothing was compared")])
    expect((await verify(["unsigned"], "policy", false, given)).exit).toBe(1)
})

test("each file ends with one verdict", async () => {
    const ends = async (names: string[]) => (await verify(names)).text.split("\n").slice(1)
    expect(await ends(["other root", "log"])).toEqual([expect.stringContaining("verify.histories_diverge")])
    expect(await ends(["proof", "altered"])).toEqual([expect.stringContaining("REJECTED at leaf 0")])
    expect(await ends(["proof", "log"])).toEqual([
        expect.stringContaining("witnessed: its first 6"),
        expect.stringContaining("accepted: 6 leaves"),
    ])
})

test("a proof with any changed byte is rejected", async () => {
    const proof = Buffer.from(proofOf(own))
    for (let at = 0; at < proof.length; at += 7) {
        const changed = Buffer.from(proof)
        changed[at] = (changed[at] ?? 0) ^ 2
        fs.writeFileSync(file("changed"), changed)
        const { exit, text } = await verify(["changed"])
        expect([at, exit, text]).toEqual([at, 1, expect.stringContaining("changed: ")])
    }
})

/** Proofs under the signatures of witnesses: our verifier and the one in Python come to the same result. */
import fs from "node:fs"
import os from "node:os"
import path from "node:path"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { nodeVerifiers } from "@tocsin/audit-log/commands/node-keys"
import { processIo, verifyAll } from "@tocsin/audit-log/commands/verify"
import { parseWitnessPolicy } from "@tocsin/audit-log/witness-policy"
import { verifyWitnessedProof } from "@tocsin/audit-log/witnessed-proof"
import { Refusal } from "@tocsin/base/refusal"
import vectors from "./vectors/tlog-proof.json" with { type: "json" }
import { runs } from "./support/properties.ts"
import { hasPython, type Python, startPython } from "./vectors/python.ts"

const { policy, proofs } = vectors
const folder = fs.mkdtempSync(path.join(os.tmpdir(), "tocsin-proofs-"))
let python: Python
beforeAll(() => {
    python = startPython()
})
afterAll(async () => {
    await python.stop()
    fs.rmSync(folder, { recursive: true })
})

function written(name: string, content: string | Uint8Array): string {
    const file = path.join(folder, name)
    fs.writeFileSync(file, content)
    return file
}

function verdictOf(work: () => unknown): string {
    try {
        work()
        return "accepted"
    } catch (error) {
        if (!(error instanceof Refusal)) throw error
        const line = error.values["line"] ?? "head"
        return `${line} ${error.code}`
    }
}

const ourVerdict = (content: Uint8Array): string =>
    verdictOf(() => verifyWitnessedProof(content, parseWitnessPolicy(Buffer.from(policy)), nodeVerifiers))

const theirVerdicts = (contents: readonly Buffer[]): Promise<string[]> =>
    python.judge({
        files: { sound: "" },
        changes: contents.map((content) => ({
            kind: "proof",
            key: policy,
            file: "sound",
            start: 0,
            end: 0,
            put: content.toString("base64"),
        })),
    })

const rejected = vectors.rejected.map(({ is, of, line, put, place, code }) => {
    const lines = proofs[of as keyof typeof proofs].split("\n")
    return { is, content: Buffer.from(lines.with(line - 1, put).join("\n")), verdict: `${place} ${code}` }
})

test.each(rejected)("a proof with $is is rejected with its place", ({ content, verdict }) => {
    expect(ourVerdict(content)).toBe(verdict)
})

test.each(vectors.policies)("a policy with $is is refused in its line", ({ text, line }) => {
    expect(verdictOf(() => parseWitnessPolicy(Buffer.from(text, "latin1")))).toBe(`${line} witness_policy.malformed`)
})

/** Each byte in its turn, or some of them: flipped, dropped or doubled. */
function changesOf(sound: Buffer, count: number): Buffer[] {
    const step = Math.max(1, Math.floor((sound.length * 3) / count))
    return Array.from({ length: Math.floor((sound.length * 3) / step) }, (_, n) => {
        const at = Math.floor((n * step) / 3)
        const [before, after] = [sound.subarray(0, at), sound.subarray(at + 1)]
        const octet = sound[at] ?? 0
        const put = [[octet ^ (1 << (n % 8))], [], [octet, octet]][n % 3] ?? []
        return Buffer.concat([before, Buffer.from(put), after])
    })
}

describe.skipIf(!hasPython)("Python", () => {
    test("accepts and rejects the same proofs, with the same place and code", async () => {
        const sound = Object.values(proofs).map((text) => Buffer.from(text))
        expect(await theirVerdicts(sound)).toEqual(sound.map(() => "accepted"))
        expect(sound.map(ourVerdict)).toEqual(sound.map(() => "accepted"))
        expect(await theirVerdicts(rejected.map(({ content }) => content))).toEqual(
            rejected.map(({ verdict }) => verdict),
        )
    })

    test("agrees on every changed proof", async () => {
        const changes = Object.values(proofs).flatMap((text) => changesOf(Buffer.from(text), runs(150, 2000)))
        const theirs = await theirVerdicts(changes)
        const ours = changes.map(ourVerdict)
        const pairs = ours.map((verdict, i) => ({ verdict, theirs: theirs[i], content: changes[i]?.toString() }))
        expect(pairs.filter(({ verdict, theirs }) => verdict !== theirs).slice(0, 3)).toEqual([])
        expect(ours).not.toContain("accepted")
        expect(new Set(ours).size).toBeGreaterThan(8)
    })

    test("refuses the same policies in the same line", async () => {
        const proof = written("proof", proofs.receipt)
        for (const { is, text, line } of vectors.policies) {
            const { status, stderr } = await python.verify(["proof", proof, "--policy", written("policy", text)])
            expect([is, status, stderr]).toEqual([is, 2, expect.stringContaining(`in line ${line}: `)])
        }
    })

    test("and we say who signed what, also of an answer of the portal", async () => {
        const trust = written("policy", policy)
        const answer = written("answer", JSON.stringify({ receipt: proofs.receipt }))
        const { status, stdout } = await python.verify(["proof", answer, "--policy", trust])
        expect([status, stdout]).toEqual([0, expect.stringContaining("partner p-1, fetched at 2026-01-01T00:00:00Z")])
        expect(stdout).toContain("in batch 3 of 7 of tocsin.example/receipts, witnessed by W1, W2")
        const lines: string[] = []
        const io = { ...processIo, result: (line: string) => lines.push(line) }
        expect(await verifyAll([answer], { policy: trust }, io)).toBe(0)
        expect(lines.join("\n")).toContain("receipt, partner p-1, fetched at 2026-01-01T00:00:00Z, in batch 3")
        expect(lines.join("\n")).toContain("witnessed: size 7 of tocsin.example/receipts, by W1 at ")
    })
})

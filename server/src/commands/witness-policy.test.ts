import fs from "node:fs"
import os from "node:os"
import path from "node:path"
import { afterAll, expect, test } from "vitest"
import { signingNoteKey } from "@tocsin/audit-log/commands/node-keys"
import { formatNoteKey } from "@tocsin/audit-log/note-keys"
import { readWitnessPolicy } from "./witness-policy.ts"

const folder = fs.mkdtempSync(path.join(os.tmpdir(), "witness-policy-"))
afterAll(() => fs.rmSync(folder, { recursive: true }))

const keyOf = (seed: number, name: string) => signingNoteKey("ml_dsa_44", new Uint8Array(32).fill(seed), () => name)
const logKey = signingNoteKey("ed25519", new Uint8Array(32).fill(1), () => "tocsin-receipts/1")

test.each([
    [17, null],
    [18, "cannot hold so many signatures"],
])("%i witnesses by ML-DSA-44, with four signatures of the log, give the problem %s", (count, problem) => {
    const file = path.join(folder, String(count))
    const witnesses = Array.from({ length: count }, (_, i) => formatNoteKey(keyOf(i + 3, `w${i}.example/a`)))
    const lines = witnesses.map((key, i) => `witness W${i} ${key} https://w${i}.example\n`)
    fs.writeFileSync(file, `log ${formatNoteKey(logKey)}\n${lines.join("")}quorum W0\n`)
    const read = () => readWitnessPolicy(file, logKey.name)
    if (problem === null) expect(read()?.policy.witnesses).toHaveLength(count)
    else expect(read).toThrow(problem)
})

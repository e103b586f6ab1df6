import fs from "node:fs"
import os from "node:os"
import path from "node:path"
import { Command } from "commander"
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest"
import receipts from "../../../../test/vectors/receipt.json" with { type: "json" }
import vectors from "../../../../test/vectors/record.json" with { type: "json" }
import { type VerifyOptions, processIo, verifyCommand, verifyFiles } from "./verify.ts"

let folder = ""
const file = (name: string) => path.join(folder, name)
const known = [vectors.verifierKey]
const both = [receipts.recordKey, receipts.logKey]
const stranger = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"

beforeAll(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "tocsin-verify-"))
    fs.writeFileSync(file("log"), vectors.lines.join(""))
    fs.writeFileSync(file("receipt"), receipts.receipts[0]!.receipt)
    fs.writeFileSync(file("answer"), JSON.stringify({ receipt: receipts.receipts[0]!.receipt }))
    fs.writeFileSync(file("answer of two"), JSON.stringify({ receipt: receipts.receipts[0]!.receipt, more: 1 }))
    fs.writeFileSync(file("unknown"), receipts.receipts[3]!.receipt)
    fs.writeFileSync(file("its log"), receipts.lines.join(""))
    fs.writeFileSync(file("rewritten"), receipts.foreign[6]!.lines.join(""))
    fs.writeFileSync(file("bent"), vectors.lines.join("").replace("CVE-2025-49704", "CVE-2025-49705"))
    fs.writeFileSync(file("empty"), "")
    fs.writeFileSync(file("other"), '{"format":"\\u001b[31m"}\n')
    fs.writeFileSync(file("zeros"), Buffer.alloc(3_000_000))
})

afterAll(() => fs.rmSync(folder, { recursive: true }))

/** The output of the command and its exit code. */
async function verify(names: string[], options: VerifyOptions = {}) {
    const input = { results: [] as string[], messages: [] as string[] }
    const io = {
        ...processIo,
        result: (line: string) => input.results.push(line),
        message: (line: string) => input.messages.push(line),
    }
    return { exit: await verifyFiles(names.map(file), options, io), ...input }
}

describe("tocsin verify", () => {
    test.each<[string, string[], VerifyOptions, number, string[]]>([
        ["accepts an audit log export", ["log"], { key: known }, 0, ["accepted: 6 leaves"]],
        ["accepts a receipt", ["receipt"], { key: both }, 0, ["accepted: receipt, partner p-1, fetched"]],
        [
            "accepts a receipt as the portal returns it",
            ["answer"],
            { key: both },
            0,
            ["accepted: receipt, partner p-1"],
        ],
        ["rejects an answer with extra fields", ["answer of two"], { key: both }, 1, ["REJECTED"]],
        ["rejects a receipt under an unknown key", ["receipt"], { key: known }, 1, ["audit_log.key_mismatch"]],
        [
            "rejects two histories of one log",
            ["log", "its log"],
            { anyKey: true },
            1,
            ["accepted", "accepted", "differ from"],
        ],
        ["rejects a key that only the file names", ["log"], {}, 1, ["accepted"]],
        ["accepts any key with an option", ["log"], { anyKey: true }, 0, ["accepted"]],
        ["needs either a key or that option", ["log"], { key: known, anyKey: true }, 2, []],
        ["shows the leaf of a receipt", ["its log", "receipt"], { key: both }, 0, ["accepted", "leaf 2 of the"]],
        [
            "accepts files in any order",
            ["receipt", "its log"],
            { key: both },
            0,
            ["leaf 2 of the audit log", "accepted"],
        ],
        [
            "finds a receipt in one of several exports, two with other histories",
            ["rewritten", "receipt", "its log"],
            { anyKey: true },
            1,
            ["accepted", "leaf 2", "accepted", "the histories differ from leaf"],
        ],
        ["rejects a receipt without a leaf", ["its log", "unknown"], {}, 1, ["accepted", "(receipt.not_recorded)"]],
        [
            "rejects a receipt in another history",
            ["rewritten", "receipt"],
            {},
            1,
            ["accepted", "(receipt.history_mismatch)"],
        ],
        ["does not search an invalid export", ["bent", "receipt"], {}, 1, ["REJECTED at leaf 1", "accepted"]],
        ["rejects a changed byte, and names the leaf", ["bent"], { key: known }, 1, ["REJECTED at leaf 1"]],
        ["rejects a changed byte without a key, too", ["bent"], {}, 1, ["REJECTED at leaf 1"]],
        ["rejects another signer", ["log"], { key: [stranger] }, 1, ["REJECTED in the first line"]],
        ["rejects an empty file", ["empty"], {}, 1, ["(audit_log.empty)"]],
        ["rejects another format", ["other"], {}, 1, ["REJECTED in the first line"]],
        ["rejects megabytes without a line break", ["zeros"], {}, 1, ["REJECTED in the first line"]],
        ["continues after a rejected file", ["bent", "log"], { key: known }, 1, ["REJECTED", "accepted"]],
        ["cannot read a missing file", ["nowhere"], {}, 2, []],
        ["cannot read a folder", ["."], {}, 2, []],
        ["reports a rejected file though another is missing", ["nowhere", "bent"], {}, 1, ["REJECTED"]],
        ["rejects an invalid key", ["log"], { key: ["hello"] }, 2, []],
        ["needs a file", [], {}, 2, []],
    ])("%s", async (_, names, options, exit, results) => {
        const input = await verify(names, options)
        expect(input.exit).toBe(exit)
        expect(input.results).toHaveLength(results.length)
        results.forEach((part, i) => expect(input.results[i]).toContain(part))
        if (exit === 2) expect(input.messages).toHaveLength(1)
    })

    test("compares an export with an older checkpoint, and reports two histories", async () => {
        const [head = ""] = vectors.lines
        const { checkpoint } = JSON.parse(head) as { checkpoint: string }
        fs.writeFileSync(file("head"), checkpoint)
        fs.writeFileSync(file("head answer"), JSON.stringify({ size: 6, checkpoint }))
        for (const name of ["head", "head answer"]) {
            const kept = { key: known, checkpoint: [file(name)] }
            const input = await verify(["log"], kept)
            expect(input).toMatchObject({
                exit: 0,
                results: [expect.anything(), expect.stringContaining("consistent")],
            })
        }
        const { receipt: other } = receipts.receipts[0]!
        fs.writeFileSync(file("others head"), (JSON.parse(other) as { checkpoint: string }).checkpoint)
        const foreign = await verify(["log"], { key: known, checkpoint: [file("others head")], json: true })
        expect(foreign.exit).toBe(1)
        expect(JSON.parse(foreign.results[1] ?? "")).toMatchObject({ ok: false, code: "verify.log_mismatch" })
        const [rewritten = ""] = receipts.foreign[6]!.lines
        fs.writeFileSync(file("its head"), (JSON.parse(rewritten) as { checkpoint: string }).checkpoint)
        const parted = await verify(["its log"], { key: both, checkpoint: [file("its head")], json: true })
        expect(parted.exit).toBe(1)
        expect(JSON.parse(parted.results[1] ?? "")).toMatchObject({ ok: false })
        expect(await verify(["bent"], { key: known, checkpoint: [file("head")] })).toMatchObject({ exit: 1 })
        expect(await verify(["missing"], { key: known, checkpoint: [file("head")] })).toMatchObject({ exit: 2 })
        expect(await verify(["receipt"], { key: both, checkpoint: [file("head")] })).toMatchObject({ exit: 2 })
        expect(await verify(["log"], { key: known, checkpoint: [file("nowhere")] })).toMatchObject({ exit: 2 })
    })

    test("names the first leaf of two exports that differ, and both signed checkpoints", async () => {
        const { exit, results } = await verify(["its log", "rewritten"], { key: both, json: true })
        expect(exit).toBe(1)
        const compared = JSON.parse(results[2] ?? "") as { index: number; reason: string }
        const leaves = (lines: readonly string[]) =>
            lines.slice(1).map((line) => JSON.parse(line) as { commitment: string })
        const [entries, other] = [leaves(receipts.lines), leaves(receipts.foreign[6]!.lines)]
        const first = entries.findIndex(({ commitment }, i) => commitment !== other[i]?.commitment)
        expect(compared).toMatchObject({ ok: false, code: "verify.histories_diverge", index: first })
        expect(compared.reason).toMatch(/size \d+ with root [0-9a-f]{64}, and size \d+ with root [0-9a-f]{64}/)
        expect(await verify(["log", "log"], { key: known })).toMatchObject({ exit: 0 })
    })

    test("warns when only the file's own key was used, and not when the key was known", async () => {
        expect((await verify(["log"])).messages).toEqual([expect.stringContaining("WARNING")])
        expect((await verify(["log"])).messages[0]).toContain(vectors.verifierKey)
        expect((await verify(["log"], { key: known })).messages).toEqual([])
        expect((await verify(["bent"])).messages).toEqual([])
    })

    test("prints JSON, one object per file", async () => {
        const { results } = await verify(["log", "bent"], { json: true, key: known })
        expect(results.map((line) => JSON.parse(line) as unknown)).toEqual([
            expect.objectContaining({ file: file("log"), ok: true, size: 6, withheld: 2, keyKnown: true }),
            expect.objectContaining({ file: file("bent"), ok: false, index: 1, code: "audit_log.altered" }),
        ])
    })

    test("prints the leaf of a receipt as JSON, or why it has none", async () => {
        const { results } = await verify(["its log", "receipt", "unknown"], { json: true, key: both })
        expect(results.slice(1).map((line) => JSON.parse(line) as unknown)).toEqual([
            expect.objectContaining({ ok: true, leaf: 2, auditLog: file("its log"), index: 1, size: 3 }),
            expect.objectContaining({ ok: false, index: null, code: "receipt.not_recorded" }),
        ])
    })

    test("prints no control characters of its input", async () => {
        const input = await verify(["log"], { key: ["\u001b[31m\u202eyek"] })
        expect(input.messages[0]).toContain("\\u{1b}[31m\\u{202e}yek")
    })

    test("is a command that takes files, a key and --json", async () => {
        const before = process.exitCode
        let out = ""
        const write = vi.spyOn(process.stdout, "write").mockImplementation((text) => (out += String(text)) !== "")
        try {
            const program = new Command()
            verifyCommand(program)
            const flags = ["--key", stranger, "--key", vectors.verifierKey, "--json"]
            await program.parseAsync(["node", "tocsin", "verify", file("log"), file("bent"), ...flags])
            expect(process.exitCode).toBe(1)
        } finally {
            write.mockRestore()
            process.exitCode = before
        }
        expect(out.trim().split("\n")).toHaveLength(2)
    })
})

/**
 * A document's key is opened by two people for an expert, who knows nothing but the file, its format and the record: what was
 * concluded is computed again in Python, and the record proves what it rests on.
 */
import { spawnSync } from "node:child_process"
import { createHash } from "node:crypto"
import fs from "node:fs"
import os from "node:os"
import path from "node:path"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { realIo, verifyFiles } from "../src/cli/verify.ts"
import type { ExpertFile } from "../src/lib/expert.ts"
import { parseInstant } from "../src/lib/instant.ts"
import { manifestOf } from "../src/lib/manifest.ts"
import { masterOf } from "../src/share/artifacts/actions.ts"
import { copyFor } from "../src/share/marking/actions.ts"
import { attribute } from "../src/trace/attribution/actions.ts"
import { fileLeak } from "../src/trace/evidence/actions.ts"
import { addToInquiry, openInquiry } from "../src/trace/inquiries/actions/inquiries.ts"
import { openFor } from "../src/trace/inquiries/actions/opening.ts"
import {
    approval as approvalOf,
    pendingApprovals,
    recentApprovals,
    signApproval,
} from "../src/trust/approvals/actions.ts"
import type { Actor } from "../src/trust/audit/actor.ts"
import { record } from "../src/trust/audit/actions.ts"
import { exportRecord, openingOf } from "../src/trust/audit/actions/exporting.ts"
import { sequence } from "../src/trust/audit/actions/numbering.ts"
import { codeOf, operator, recorded, system } from "./acting.ts"
import { newId } from "./database.ts"
import { type Program, type TestPartner, fall, fetched, newArtifact, newCase, newPartner, program } from "./program.ts"

let its: Program
let technical: string
let caseId: string
let leak: string
let folder: string
let attribution: string
let colleague: Actor & { person: string }
const partners: TestPartner[] = []

const scores = path.join(import.meta.dirname, "vectors/scores.py")
const python = (...args: string[]) => spawnSync("python3", args, { encoding: "utf8", timeout: 60_000 })
const isThere = python("--version").status === 0

beforeAll(async () => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "tocsin-expert-"))
    its = await program()
    colleague = await operator(its.acting, ["investigator", "approver"])
    for (let n = 0; n < 6; n++) partners.push(await newPartner(its, "validate"))
    caseId = await newCase(its, "toolshell")
    technical = await newArtifact(its, caseId, "technical", "toolshell/technical.md")
    its.clock.now = parseInstant("2025-06-24T17:00:00Z")
    await fall(its, caseId, "validate", [technical])
    for (const partner of partners) leak = await fetched(its, partner, technical)
    its.clock.now += 60_500
    attribution = await attributed(await filed(leak))
}, 120_000)
afterAll(async () => {
    fs.rmSync(folder, { recursive: true })
    await its.database.close()
})

async function filed(text: string, of: string | null = null): Promise<string> {
    const words = { name: "paste.txt", source: "a paste site", note: "", clock: "unknown" as const }
    const content = Buffer.from(text)
    return await its.acting(its.investigator, (act) =>
        fileLeak(act, { ...words, case: of, content, seenAt: its.clock.now }),
    )
}

async function attributed(evidence: string, alpha?: number): Promise<string> {
    return await its.acting(its.investigator, (act) => attribute(act, evidence, alpha))
}

const asks = (by: Actor, signed?: string, inquiry: string | null = null, of = attribution) =>
    its.acting(by, (act) => openFor(act, of, inquiry, signed))

async function signs(by: Actor, id: string): Promise<void> {
    const { effectsHash } = await its.acting(by, (act) => approvalOf(act, id))
    await its.acting(by, (act) => signApproval(act, id, effectsHash))
}

async function opened(of = attribution) {
    const { approval } = await asks(its.investigator, undefined, null, of)
    await signs(its.approver, approval)
    const { given } = await asks(its.investigator, approval, null, of)
    return given ?? fail()
}

function fail(): never {
    throw new Error("nothing was given")
}

const kindsSince = async (before: number) => (await recorded(its.database)).slice(before).map(({ kind }) => kind)
const count = async () => (await recorded(its.database)).length

function written(name: string, text: string): string {
    const file = path.join(folder, name)
    fs.writeFileSync(file, text)
    return file
}

async function exported(name: string): Promise<string> {
    await its.database.db.transaction((tx) => sequence({ tx, now: its.clock.now, doors: its.doors }))
    let text = ""
    for await (const line of await its.acting(its.manager, exportRecord)) text += line
    return written(name, text)
}

async function verified(...files: string[]) {
    const said: string[] = []
    const io = { ...realIo, result: (line: string) => said.push(line), message: () => undefined }
    return { exit: await verifyFiles(files, {}, io), said: said.join("\n") }
}

const changed = (text: string, change: (file: ExpertFile) => void): string => {
    const file = JSON.parse(text) as ExpertFile
    change(file)
    return JSON.stringify(file)
}

describe("opening a key", () => {
    test("takes two, gives the file once, and stands sealed in the record with its hash and without the key", async () => {
        const before = await count()
        const { done, approval, given } = await asks(its.investigator)
        expect({ done, given }).toEqual({ done: false, given: null })
        expect(await codeOf(asks(its.investigator, approval))).toBe("approval.not_signed")
        expect(await codeOf(signs(its.investigator, approval))).toBe("approval.own_request")
        expect(await kindsSince(before)).toEqual(["approval.requested"])
        await signs(its.approver, approval)
        const first = await asks(its.investigator, approval)
        expect(await codeOf(asks(its.investigator, approval))).toBe("approval.used")
        expect(await kindsSince(before)).toEqual([
            "approval.requested",
            "approval.signed",
            "approval.used",
            "marks.opened",
        ])
        const file = first.given?.file ?? ""
        const { key } = (JSON.parse(file) as ExpertFile).document
        const rows = await its.database.db.transaction((tx) =>
            tx.query<{ body: string; sealed: boolean }>("select body::text, sealed from events order by seq"),
        )
        expect(rows.slice(before).every(({ sealed }) => sealed)).toBe(true)
        expect(rows.filter(({ body }) => body.includes(key))).toEqual([])
        expect((await recorded(its.database)).at(-1)?.body).toMatchObject({
            ...{ artifact: technical, version: 1, attribution, approval, inquiry: null, by: its.investigator.person },
            file: createHash("sha256").update(file).digest("hex"),
        })
    })

    test("names nobody: whose numbers they are is told apart", async () => {
        const { file, numbers } = await opened()
        for (const { id } of partners) expect(file).not.toContain(id)
        expect(numbers.map(({ partner }) => partner)).toEqual(partners.map(({ id }) => id).toSorted())
        const { accused } = (JSON.parse(file) as ExpertFile).stated
        expect(accused.map((n) => numbers.find(({ number }) => number === n)?.partner)).toEqual([partners[5]?.id])
    })

    test("one signed for one attribution opens no other, and none that there is not", async () => {
        const other = await attributed(await filed(leak.slice(0, 4000)))
        const { approval } = await asks(its.investigator)
        await signs(its.approver, approval)
        expect(await codeOf(asks(its.investigator, approval, null, other))).toBe("approval.does_not_cover")
        expect(await codeOf(asks(its.investigator, undefined, null, newId()))).toBe("attribution.unknown")
        const elsewhere = await newCase(its, "bypass")
        const nothing = await attributed(await filed(leak, elsewhere))
        expect(await codeOf(asks(its.investigator, undefined, null, nothing))).toBe("attribution.nothing_to_open")
    })

    test("of an inquiry's leak is asked for, signed and seen by its members alone", async () => {
        const [evidence] = [await filed(leak)]
        const of = await attributed(evidence)
        const about = { title: "The paste", case: caseId, evidence: [] as string[], members: [] as string[] }
        const inquiry = await its.acting(its.investigator, (act) => openInquiry(act, about))
        expect(await codeOf(asks(colleague, undefined, inquiry, of))).toBe("inquiry.unknown")
        expect(await codeOf(asks(its.investigator, undefined, inquiry, of))).toBe("inquiry.not_its_evidence")
        const bring = (more: object) =>
            its.acting(its.investigator, (act) => addToInquiry(act, inquiry, { members: [], evidence: [], ...more }))
        await bring({ evidence: [evidence] })
        expect(await codeOf(asks(its.investigator, undefined, inquiry, of))).toBe("attribution.nobody_to_sign")
        await bring({ members: [colleague.person] })
        const { approval } = await asks(its.investigator, undefined, inquiry, of)
        for (const list of [pendingApprovals, recentApprovals]) {
            const seenBy = async (who: Actor) => (await its.acting(who, list)).map(({ id }) => id)
            expect(await seenBy(its.approver)).not.toContain(approval)
            expect(await seenBy(colleague)).toContain(approval)
        }
        expect(await codeOf(signs(its.approver, approval))).toBe("approval.unknown")
        await signs(colleague, approval)
        expect(await codeOf(asks(its.investigator, approval, null, of))).toBe("approval.does_not_cover")
        expect((await asks(its.investigator, approval, inquiry, of)).done).toBe(true)
        expect((await recorded(its.database)).at(-1)?.body).toMatchObject({ inquiry, approval })
    })
})

describe("the expert", () => {
    test.skipIf(!isThere)("computes words, e-values and verdict again from the file alone", async () => {
        const { file } = await opened()
        const { status, stdout } = python(scores, written("expert.json", file))
        expect({ status, stdout }).toEqual({
            status: 0,
            stdout: "all agrees: 6 words, their e-values and the verdict traced\n",
        })
    })

    test.skipIf(!isThere).each<[string, (file: ExpertFile) => void, string]>([
        ["an e-value", ({ stated }) => (stated.log10e[2]![1] += 0.001), "what is stated as log10e"],
        ["who is accused", ({ stated }) => stated.accused.push(7), "what is stated as accused"],
        ["the verdict", ({ stated }) => (stated.verdict = "undecided"), "what is stated as verdict"],
        ["a form of a word", ({ recipients }) => (recipients[1]!.word[0]! ^= 1), "the word of number 2"],
        ["a nonce", ({ recipients }) => (recipients[1]!.nonce = "0".repeat(24)), "the word of number 2"],
        ["what was read", ({ read }) => (read[3] = read[3] === 0 ? 1 : 0), "what is stated as log10e"],
        ["α", ({ error }) => (error.alpha *= 2), "what is stated as bar"],
        ["the key", ({ document }) => (document.key = "0".repeat(64)), "the manifest"],
        ["a slot", ({ slots }) => (slots[0]!.id += "x"), "the manifest"],
    ])("and is told where %s was altered", async (_, change, told) => {
        const { file } = await opened()
        const { status, stdout } = python(scores, written("altered.json", changed(file, change)))
        expect(status).toBe(1)
        expect(stdout).toContain(`differs: ${told}\n`)
    })

    test("sees by the record what was committed to before the first copy, and that nobody was left out", async () => {
        const { file } = await opened()
        const [expert, record] = [written("expert.json", file), await exported("record.jsonl")]
        const leaves = fs
            .readFileSync(record, "utf8")
            .trimEnd()
            .split("\n")
            .slice(1)
            .map((line) => JSON.parse(line) as { index: number; kind: string; body?: { artifact?: string } })
        const copy = leaves.find(({ kind, body }) => kind === "copy.delivered" && body?.artifact === technical)
        const { exit, said } = await verified(record, expert)
        expect(exit).toBe(0)
        const [, leaf = "-1"] = /committed to at leaf (\d+) of the record/.exec(said) ?? []
        expect(leaves[Number(leaf)]).toMatchObject({ kind: "sealed" })
        expect(said).toContain(`before the first copy at leaf ${copy?.index}`)
        expect(Number(leaf)).toBeLessThan(copy?.index ?? 0)
        expect((await verified(expert)).said).toContain("in no record that was given")
    })

    test.each<[string, (file: ExpertFile) => void, string]>([
        ["another key", ({ document }) => (document.key = "0".repeat(64)), "expert.other_manifest"],
        ["another slot", ({ slots }) => (slots[0]!.id += "x"), "expert.other_manifest"],
        ["another master", ({ document }) => (document.master = "0".repeat(64)), "expert.other_manifest"],
        ["another commitment", ({ committed }) => (committed.body["manifest"] = ""), "expert.other_commitment"],
        ["another salt", ({ committed }) => (committed.salt = "0".repeat(32)), "expert.not_in_record"],
        ["another instant", ({ committed }) => (committed.at = "2025-06-23T00:00:00Z"), "expert.not_in_record"],
        ["a partner less", ({ recipients }) => recipients.pop(), "expert.other_recipients"],
        ["a word too short", ({ recipients }) => recipients[0]!.word.pop(), "expert.malformed"],
    ])("and is told by the record where it holds %s", async (_, change, code) => {
        const { file } = await opened()
        const { exit, said } = await verified(
            await exported("record.jsonl"),
            written("bad.json", changed(file, change)),
        )
        expect(exit).toBe(1)
        expect(said).toContain(`(${code})`)
    })

    test("is told where a copy was handed out before anything was committed to", async () => {
        const { file } = await opened()
        const late = JSON.parse(file) as ExpertFile
        const [artifact, document] = [newId(), late.document]
        const slots = createHash("sha256").update(JSON.stringify(late.slots)).digest()
        const bytes = (hex: string) => Buffer.from(hex, "hex")
        const { version, colluders, epoch } = document
        const [master, key] = [bytes(document.master), bytes(document.key)]
        const made = Buffer.from(manifestOf({ artifact, version, colluders, slots, master, key })).toString("hex")
        const committed = await its.acting(system, async (act) => {
            await record(act, { kind: "copy.delivered", artifact, version, partner: partners[0]?.id ?? "" })
            await record(act, { kind: "marks.committed", artifact, version, epoch, manifest: made }, true)
            return await openingOf(act, "marks.committed", "manifest", made)
        })
        const told = { ...late, committed, document: { ...document, artifact, manifest: made } }
        const { said } = await verified(await exported("record.jsonl"), written("late.json", JSON.stringify(told)))
        expect(said).toContain("(expert.after_copy)")
    })

    test("finds nothing of it in a record of another program", async () => {
        const { file } = await opened()
        const other = await program()
        await other.database.db.transaction((tx) => sequence({ tx, now: other.clock.now, doors: other.doors }))
        let text = ""
        for await (const line of await other.acting(other.manager, exportRecord)) text += line
        await other.database.close()
        const { exit, said } = await verified(written("other.jsonl", text), written("expert.json", file))
        expect(exit).toBe(1)
        expect(said).toContain("(expert.not_in_record)")
    })
})

describe("a partner's copy made again", () => {
    test("by anybody else is on record, sealed; by the partner itself it is a delivery", async () => {
        const [partner] = partners
        const before = await count()
        for (const who of [its.author, partners[1]?.lead ?? fail()]) {
            await its.acting(who, async (act) => copyFor(act, await masterOf(act, technical, 1), partner?.id ?? ""))
        }
        await fetched(its, partner ?? fail(), technical)
        const since = (await recorded(its.database)).slice(before)
        expect(since.map(({ kind }) => kind)).toEqual(["marks.copy_made", "marks.copy_made", "copy.delivered"])
        expect(since[0]?.body).toMatchObject({ artifact: technical, version: 1, partner: partner?.id })
        const open = await its.database.db.transaction((tx) =>
            tx.query("select 1 from events where kind = 'marks.copy_made' and not sealed"),
        )
        expect(open).toEqual([])
    })
})

/**
 * A staff member leaks what it has read: its staff copy is distinguished from all others, and no partner is identified.
 */
import { spawnSync } from "node:child_process"
import fs from "node:fs"
import os from "node:os"
import path from "node:path"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { inquiryFiles } from "@tocsin/marks/commands/inquiry-files"
import { processIo, verifyFiles } from "@tocsin/audit-log/commands/verify"
import type { ExpertDocument, ExpertFile } from "@tocsin/marks/expert"
import { parseInstant } from "@tocsin/base/instant"
import { nameOfPerson } from "@tocsin/marks/recipient"
import { listAlternativesToSign } from "../server/src/share/marking/actions/list-alternatives.ts"
import { readStaffCopy, readToRevise } from "../server/src/share/marking/actions/read-staff-copy.ts"
import { attribute } from "../server/src/trace/attribution/actions/attribute-leak.ts"
import { readAttributions, readLeakView } from "../server/src/trace/attribution/actions/load-attributions.ts"
import { findOtherHolders } from "../server/src/trace/attribution/actions/list-holders.ts"
import { addLeak } from "../server/src/trace/evidence/actions/add-evidence.ts"
import { readExposure } from "../server/src/trace/inquiries/actions/read-exposure.ts"
import { discloseKeysToExpert } from "../server/src/trace/inquiries/actions/disclose-to-expert.ts"
import { requestApproval } from "../server/src/trust/approvals/actions/request-approval.ts"
import { exportAuditLog } from "../server/src/trust/audit-log/actions/export-log.ts"
import { sequenceEvents } from "../server/src/trust/audit-log/actions/sequence-leaves.ts"
import type { Actor } from "../server/src/kernel/actor.ts"
import { awaitRefusalCode, createStaffMember } from "./support/actors.ts"
import {
    type Program,
    type TestPartner,
    releaseWaveNow,
    fetchCopyText,
    deleteTracingBudgets,
    newArtifact,
    newCase,
    newPartner,
    createProgram,
    signAsApprover,
} from "./support/program.ts"

type Somebody = Actor & { readonly person: string }

let world: Program
let caseId: string
let technical: string
let folder: string
let second: Somebody
/** An approver who investigates, signs and has read. */
let both: Somebody
let [early, own, value] = ["", "", ""]
const partners: TestPartner[] = []

beforeAll(async () => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "tocsin-staff-"))
    world = await createProgram()
    second = await createStaffMember(world.acting, ["author"])
    both = await createStaffMember(world.acting, ["investigator", "approver"])
    for (let n = 0; n < 4; n++) partners.push(await newPartner(world, "validate"))
    caseId = await newCase(world, "toolshell")
    technical = await newArtifact(world, caseId, "technical", "toolshell/technical.md")
    world.clock.now = parseInstant("2025-06-24T16:00:00Z")
    own = await reads(world.approver)
    early = await filed(own)
    await attributed(early)
    world.clock.now = parseInstant("2025-06-24T17:00:00Z")
    await releaseWaveNow(world, caseId, "validate", [technical])
    for (const partner of partners) value = await fetchCopyText(world, partner, technical)
    world.clock.now += 60_000
}, 120_000)
afterAll(async () => {
    fs.rmSync(folder, { recursive: true })
    await world.database.close()
})

const reads = async (actor: Actor) => (await world.acting(actor, (ctx) => readStaffCopy(ctx, technical))).content

async function filed(text: string): Promise<string> {
    const words = { name: "paste.txt", source: "a paste site", note: "", clock: "unknown" as const, case: caseId }
    const leak = { ...words, content: Buffer.from(text), observedAt: world.clock.now }
    return await world.acting(world.investigator, (ctx) => addLeak(ctx, leak))
}

async function attributed(evidence: string) {
    await world.acting(world.investigator, (ctx) => attribute(ctx, evidence))
    const [newest] = await world.acting(world.investigator, (ctx) => readAttributions(ctx, evidence))
    return newest ?? fail()
}

function fail(): never {
    throw new Error("nothing was kept")
}

const approver = () => nameOfPerson(world.approver.person)
const inside = async (found: Awaited<ReturnType<typeof attributed>>) =>
    await world.acting(world.investigator, (ctx) => findOtherHolders(ctx, found))

describe("an approver's copy that leaks", () => {
    test("is traced to that approver before any release, when no other recipient exists", async () => {
        const [found] = await world.acting(world.investigator, (ctx) => readAttributions(ctx, early))
        expect(found).toMatchObject({ verdict: "traced", result: { best: { findings: { identified: [approver()] } } } })
        expect(found?.result.best?.findings.ranking.map(({ recipient }) => recipient)).toEqual([approver()])
    })

    test("is traced to that approver among all recipients, and no partner is identified", async () => {
        const { verdict, result } = await attributed(await filed(own.slice(1500, 4000)))
        expect(verdict).toBe("traced")
        expect(result.documents.flatMap(({ identified }) => identified)).toEqual([approver()])
        expect(result.best?.findings.ranking.map(({ recipient }) => recipient).toSorted()).toEqual(
            [...partners.map(({ id }) => id), approver()].toSorted(),
        )
    })
})

test("a partner's leak identifies the partner, with a threshold raised by one more recipient", async () => {
    await deleteTracingBudgets(world)
    const { result } = await attributed(await filed(value))
    expect(result.best?.findings).toMatchObject({ identified: [partners.at(-1)?.id] })
    // A first attribution has half of the error, and 0.8 of that for products that begin with it.
    expect(result.best?.findings.threshold).toBeCloseTo(Math.log10((partners.length + 1) / (0.5 * 0.8 * 1e-6)), 9)
})

test("its author, readers of the master or its alternatives, and readers of a leak view had it unmarked", async () => {
    const leak = await filed(value)
    const found = await attributed(leak)
    expect((await inside(found))?.masterReaders).toEqual([world.author.person])
    await world.acting(second, (ctx) => readToRevise(ctx, technical))
    await world.acting(both, (ctx) => readLeakView(ctx, found.id))
    const signer = await createStaffMember(world.acting, ["approver"])
    const approval = await world.acting(world.manager, (ctx) => {
        const artifacts = [{ artifact: technical, version: 1 }]
        const recipients = partners.map(({ id }) => id)
        return requestApproval(ctx, { action: "wave.release", recipients, artifacts, at: null, detail: {} })
    })
    await world.acting(signer, (ctx) => listAlternativesToSign(ctx, approval, technical))
    expect((await inside(await attributed(leak)))?.masterReaders).toEqual(
        [world.author.person, second.person, both.person, signer.person].toSorted(),
    )
})

test("exposure names the staff members who had it by then", async () => {
    const before = async (at: string) => {
        const request = { case: caseId, class: "technical" as const, before: parseInstant(at) }
        return (await world.acting(world.investigator, (ctx) => readExposure(ctx, request))).cases[0]?.staff
    }
    expect(await before("2025-06-24T16:00:00Z")).toEqual([world.author.person])
    expect(await before("2025-06-24T16:00:01Z")).toEqual([world.approver.person, world.author.person].toSorted())
})

const asks = (by: Actor, attribution: string, signed?: string) =>
    world.acting(by, (ctx) => discloseKeysToExpert(ctx, attribution, null, signed))

test("an identified person discloses no key, and signs no disclosure", async () => {
    await deleteTracingBudgets(world)
    const { id } = await attributed(await filed(await reads(both)))
    expect(await awaitRefusalCode(asks(both, id))).toBe("attribution.identifies_you")
    const { approval } = await asks(world.investigator, id)
    expect(await awaitRefusalCode(signAsApprover(world, approval, both))).toBe("approval.not_found")
    await signAsApprover(world, approval)
    expect((await asks(world.investigator, id, approval)).done).toBe(true)
})

const python = (...args: string[]) => spawnSync("python3", args, { encoding: "utf8", timeout: 60_000 })
const master = path.join(import.meta.dirname, "../server/src/demo/content/toolshell/technical.md")

function written(name: string, text: string): string {
    const file = path.join(folder, name)
    fs.writeFileSync(file, text)
    return file
}

describe("the expert", () => {
    let file = ""
    let record = ""
    let numbers: readonly { readonly number: number; readonly person: string | null }[] = []
    beforeAll(async () => {
        await deleteTracingBudgets(world)
        const { id } = await attributed(await filed(own))
        const { approval } = await asks(world.investigator, id)
        await signAsApprover(world, approval, both)
        const { disclosed: given } = await asks(world.investigator, id, approval)
        file = given?.file ?? fail()
        numbers = given?.numbers ?? []
        await sequenceEvents(world.services)
        let text = ""
        for await (const line of await world.acting(world.manager, exportAuditLog)) text += line
        record = written("record.jsonl", text)
    })

    async function verified(text: string) {
        const inputs: string[] = []
        const io = { ...processIo, result: (line: string) => inputs.push(line), message: () => undefined }
        const exit = await verifyFiles(
            [record, written("expert.json", text)],
            { master: [master], anyKey: true },
            io,
            inquiryFiles,
        )
        return { exit, said: inputs.join("\n") }
    }
    const changed = (change: (document: ExpertDocument) => void): string => {
        const values = JSON.parse(file) as ExpertFile
        change(values.documents[0] ?? fail())
        return JSON.stringify(values)
    }
    const numberOf = (): number => numbers.find(({ person }) => person === world.approver.person)?.number ?? 0

    test("has staff among the numbered recipients, and finds their copies in the log", async () => {
        expect(file.includes(world.approver.person)).toBe(false)
        expect((JSON.parse(file) as ExpertFile).documents[0]?.stated.identified).toEqual([numberOf()])
        expect(await verified(file)).toMatchObject({ exit: 0 })
    })

    test("reproduces their copies with other software", () => {
        const scores = path.join(import.meta.dirname, "vectors/scores.py")
        const { status, stdout } = python(scores, written("expert.json", file), "--master", master)
        expect({ status, stdout }).toMatchObject({ status: 0, stdout: expect.stringContaining("verdict traced") })
    })

    test.each<[string, (document: ExpertDocument) => void, string]>([
        ["a person", ({ copies }) => copies.splice(numberOf() - 1, 1), "expert.recipients_mismatch"],
        ["a person's copy", ({ copies }) => copies[numberOf() - 1]?.delivered.pop(), "expert.copies_mismatch"],
    ])("sees by the log where %s was left out", async (_, change, code) => {
        const { exit, said: input } = await verified(changed(change))
        expect(exit).toBe(1)
        expect(input).toContain(`(${code})`)
    })
})

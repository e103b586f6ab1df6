/**
 * What a bundle tells beside evidence and findings: whose canary was touched, what time alone says, and what was put
 * in force.
 */
import { spawnSync } from "node:child_process"
import fs from "node:fs"
import os from "node:os"
import path from "node:path"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { createStaffMember } from "../../../../test/support/actors.ts"
import {
    type Program,
    type TestPartner,
    releaseWaveNow,
    fetchCopyText,
    newCase,
    newPartner,
    createProgram,
    signAsApprover,
} from "../../../../test/support/program.ts"
import { inquiryFiles } from "@tocsin/marks/commands/inquiry-files"
import { verifyFiles } from "@tocsin/audit-log/commands/verify"
import { readContent } from "../../demo/content.ts"
import type { Bundle } from "@tocsin/marks/bundle/bundle"
import { coresIn, digestOf } from "@tocsin/marks/canary"
import { canonical } from "@tocsin/base/canonical"
import { dayMs, hourMs, parseInstant } from "@tocsin/base/instant"
import { addArtifact } from "../../share/artifacts/actions/add-artifact.ts"
import { spoolTouches, processTouches } from "../../share/canaries/actions/record-touches.ts"
import { listCanaries } from "../../share/canaries/actions/list-canaries.ts"
import type { Actor } from "../../kernel/actor.ts"
import { attribute } from "../attribution/actions/attribute-leak.ts"
import { listEvidence } from "../evidence/actions/load-evidence.ts"
import { addLeak } from "../evidence/actions/add-evidence.ts"
import { addTouchedCanary } from "../evidence/actions/add-touched-canary.ts"
import { requestExtension } from "./actions/extend-instruction.ts"
import { closeInquiry } from "./actions/close-inquiry.ts"
import { openInquiry, weighHypothesis } from "./actions/open-inquiry.ts"
import { discloseKeysToExpert } from "./actions/disclose-to-expert.ts"
import { proposeInstruction, activateInstruction } from "./actions/propose-instruction.ts"
import { makeReport } from "./actions/export-report.ts"

let world: Program
let partner: TestPartner
let colleague: Actor & { person: string }
let inquiry: string
let other: string
let attribution: string
let bundle: Bundle
let page: string
let expert: string

const by = <T>(work: Parameters<typeof world.acting<T>>[1]) => world.acting(world.investigator, work)

/** A leak, a touch of the same copy, and two provisions, of which one goes on beyond the closing. */
beforeAll(async () => {
    world = await createProgram({ canaryZone: "canary.example" })
    colleague = await createStaffMember(world.acting, ["investigator", "approver"])
    partner = await newPartner(world, "validate")
    const innocent = await newPartner(world, "validate")
    const subject = await newCase(world, "toolshell")
    other = await newCase(world, "bypass")
    const content = `${readContent("toolshell/technical.md")}\n\nThen the page asks {{canary:host:mirror}} for more.\n`
    const technical = await world.acting(world.author, (ctx) =>
        addArtifact(ctx, { case: subject, class: "technical", tlp: "RED", pap: "RED", name: "technical.md", content }),
    )
    world.clock.now = parseInstant("2025-06-24T17:00:00Z")
    await releaseWaveNow(world, subject, "validate", [technical])
    await fetchCopyText(world, innocent, technical)
    world.clock.now += hourMs
    const text = await fetchCopyText(world, partner, technical)
    world.clock.now += 2 * dayMs
    const words = { name: "paste.txt", source: "a paste site", note: "", clock: "estimated" as const }
    const leak = { ...words, case: subject, content: Buffer.from(text), observedAt: world.clock.now - dayMs }
    const evidence = await by((ctx) => addLeak(ctx, leak))
    attribution = await by((ctx) => attribute(ctx, evidence))
    const touched = await touch(coresIn(text, 9)[0] ?? "")
    const opening = { title: "Whose?", case: subject, evidence: [evidence, touched], members: [colleague.person] }
    inquiry = await by((ctx) => openInquiry(ctx, opening))
    await by((ctx) => weighHypothesis(ctx, inquiry, "patch", { for: "", against: "", weight: 3 }))
    await provided("technical")
    const goesOn = await provided("guidance")
    const until = world.clock.now + 30 * dayMs
    const carrying = { reason: "It is still open.", owner: colleague.person, until }
    const { approval } = await by((ctx) => requestExtension(ctx, inquiry, goesOn, carrying))
    await signAsApprover(world, approval, colleague)
    await by((ctx) => closeInquiry(ctx, inquiry, "undecided", "Nothing more.", [goesOn]))
    const report = await by((ctx) => makeReport(ctx, inquiry))
    page = report.page
    bundle = JSON.parse(report.bundle) as Bundle
    const request = await by((ctx) => discloseKeysToExpert(ctx, attribution, inquiry, undefined))
    await signAsApprover(world, request.approval, colleague)
    expert =
        (await by((ctx) => discloseKeysToExpert(ctx, attribution, inquiry, request.approval))).disclosed?.file ?? ""
}, 240_000)
afterAll(() => world.database.close())

async function touch(core: string): Promise<string> {
    const heard = { source: "192.0.2.1", agent: "curl", method: "GET", names: 1, paths: 1 }
    const entry = { digest: Buffer.from(digestOf(core)).toString("hex"), channel: "http", times: 1 } as const
    await spoolTouches(world.services, [{ ...entry, request: heard, at: world.clock.now }])
    await world.acting({ kind: "system", component: "hear" }, processTouches)
    const [newest] = (await by((ctx) => listCanaries(ctx, null))).touches
    await world.acting({ kind: "system", component: "add-touched-canary" }, (ctx) =>
        addTouchedCanary(ctx, newest?.id ?? ""),
    )
    return (await by(listEvidence)).find(({ kind }) => kind === "canary_touched")?.id ?? ""
}

async function provided(kind: "technical" | "guidance"): Promise<string> {
    const chosen = {
        case: other,
        class: kind,
        colluders: 2,
        assumedColluders: 1,
        gainBits: 0.25,
        reason: "One is suspected.",
    } as const
    const { tracingInstruction, approval } = await by((ctx) => proposeInstruction(ctx, inquiry, chosen))
    await signAsApprover(world, approval, colleague)
    await by((ctx) => activateInstruction(ctx, inquiry, tracingInstruction))
    return tracingInstruction
}

async function verified(files: Readonly<Record<string, string>>): Promise<Record<string, unknown>> {
    const notified: string[] = []
    const open = async function* (name: string) {
        yield Buffer.from(files[name] ?? "")
    }
    await verifyFiles(
        Object.keys(files),
        { json: true },
        { open, result: (line) => void notified.push(line), message: () => undefined },
        inquiryFiles,
    )
    return JSON.parse(notified[0] ?? "{}") as Record<string, unknown>
}

const lineOf = (item: unknown) => `${canonical(item)}\n`
const verdictOf = async (item: unknown) => (await verified({ bundle: lineOf(item) }))["code"] ?? "accepted"
const touches = () => bundle.touches
const provisions = () => bundle.tracingInstructions
const timing = () => bundle.timing

test("it is accepted, with what it tells of touches, of time and of next releases", async () => {
    expect(await verified({ bundle: lineOf(bundle) })).toMatchObject({
        ok: true,
        touches: 1,
        tracingInstructions: 2,
    })
    expect(touches()).toMatchObject([
        {
            case: bundle.case,
            version: 1,
            kind: "host",
            what: "host:mirror",
            channel: "http",
            likelySource: "tool",
            recipient: partner.id,
            background: { decoys: 20, touched: 0 },
        },
    ])
    expect(touches()[0]?.background.rateMax).toBeCloseTo(0.139, 3)
    expect(timing().rows.filter((row) => row.partner !== null)).toHaveLength(2)
    expect(provisions()).toMatchObject([
        { class: "technical", endedAt: bundle.history[0]?.at, extensions: [] },
        {
            class: "guidance",
            endedAt: null,
            extensions: [{ owner: colleague.person, extendedAt: bundle.history[0]?.at }],
        },
    ])
})

test("by name it calls whose copy was touched, and nobody for having held a copy at some time", () => {
    const holders = timing().rows.flatMap(({ partner }) => (partner === null ? [] : [partner]))
    expect(bundle.names.filter(({ id }) => holders.includes(id)).map(({ id }) => id)).toEqual([partner.id])
})

describe("what was changed is found", () => {
    const touched = (subject: object) => ({ touches: touches().map((touch) => ({ ...touch, ...subject })) })
    const timed = (subject: object) => ({ timing: { ...timing(), ...subject } })
    const tracingInstruction = (n: number, subject: object) => ({
        tracingInstructions: provisions().map((tracingInstruction, i) =>
            i === n ? { ...tracingInstruction, ...subject } : tracingInstruction,
        ),
    })
    const without = (kind: string) => ({ leaves: bundle.leaves.filter((leaf) => leaf.kind !== kind) })
    const rows = (subject: object) =>
        timed({ rows: timing().rows.map((row) => (row.log10 === null ? row : { ...row, ...subject })) })
    const carried = (subject: object) =>
        tracingInstruction(1, {
            extensions: provisions()[1]?.extensions.map((carrying) => ({ ...carrying, ...subject })),
        })

    test.each<[string, () => object, string]>([
        ["the grade of a touch", () => touched({ likelySource: "browser" }), "bundle.not_recorded"],
        ["of which name it was", () => touched({ name: "0".repeat(64) }), "bundle.not_recorded"],
        ["that it was a copy's", () => touched({ recipient: null }), "bundle.not_recorded"],
        ["that there was a touch", () => ({ touches: [] }), "bundle.count_mismatch"],
        [
            "its error rate",
            () => touched({ background: { decoys: 20, touched: 0, rateMax: 0.01 } }),
            "bundle.rate_mismatch",
        ],
        ["what time says", () => rows({ log10: 0.9 }), "bundle.timing_mismatch"],
        ["what time is assumed to say", () => timed({ assumptions: ["It proves guilt."] }), "bundle.timing_mismatch"],
        ["a model", () => timed({ model: { ...timing().model, most: 9 } }), "bundle.timing_mismatch"],
        ["what was seen first", () => timed({ firstObservation: null }), "bundle.timing_mismatch"],
        ["its caution", () => timed({ caution: "It accuses." }), "bundle.malformed"],
        ["why something was provided", () => tracingInstruction(0, { reason: "No reason." }), "bundle.not_recorded"],
        ["that it has ended", () => tracingInstruction(0, { endedAt: null }), "bundle.count_mismatch"],
        ["that it goes on", () => tracingInstruction(1, { extensions: [] }), "bundle.count_mismatch"],
        ["until when it goes on", () => carried({ until: "2030-01-01T00:00:00Z" }), "bundle.not_recorded"],
        ["who answers for it", () => carried({ owner: world.investigator.person }), "bundle.not_recorded"],
        [
            "whose the second hand was",
            () => tracingInstruction(0, { signedBy: provisions()[0]?.requestedBy }),
            "bundle.not_signed",
        ],
        ["that anything was provided", () => ({ tracingInstructions: [] }), "bundle.count_mismatch"],
        ["its leaf", () => without("tracing_instruction.activated"), "bundle.not_recorded"],
    ])("%s", async (_, change, code) => {
        expect(await verdictOf({ ...bundle, ...change() })).toBe(code)
    })
})

test("an expert file opens whose name was touched: told of another's copy, it is found", async () => {
    expect(await verified({ bundle: lineOf(bundle), expert })).toMatchObject({ ok: true, opened: 1 })
    const holders = timing().rows.flatMap(({ partner: item }) => (item === null || item === partner.id ? [] : [item]))
    const changed = { ...bundle, touches: touches().map((touch) => ({ ...touch, recipient: holders[0] })) }
    expect(await verified({ bundle: lineOf(changed) })).toMatchObject({ ok: true })
    expect(await verified({ bundle: lineOf(changed), expert })).toMatchObject({ code: "bundle.holder_mismatch" })
})

const vectors = path.join(import.meta.dirname, "../../../../test/vectors")
const python = (...args: string[]) => spawnSync("python3", args, { cwd: vectors, encoding: "utf8", timeout: 60_000 })

const installed = python("--version").status === 0 ? ["python3"] : []

test.each(installed)("an expert computes the rates, the names and what time says again, by %s", () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "tocsin-bundle-"))
    const written = (name: string, text: string) => {
        fs.writeFileSync(path.join(folder, name), text)
        return path.join(folder, name)
    }
    const again = (item: unknown) =>
        python("inquiry.py", written("bundle", lineOf(item)), written("expert", expert))
            .stdout.trim()
            .split("\n")
    const inputs = [again(bundle)]
    inputs.push(again({ ...bundle, timing: { ...timing(), evenAt: 1 } }))
    inputs.push(again({ ...bundle, touches: touches().map((touch) => ({ ...touch, name: "0".repeat(64) })) }))
    fs.rmSync(folder, { recursive: true })
    expect(inputs).toEqual([
        [`all agrees: 1 touched canaries, ${timing().rows.length} rows of timing`],
        ["differs: the evidence that makes one partner as likely as all else"],
        [`differs: whose name touch ${touches()[0]?.touch} is of`],
    ])
})

test("the page tells the same, with what it does not say", () => {
    for (const text of [
        "A touch alone identifies no partner",
        "Timing identifies no partner",
        "code design for up to 2 colluders",
        "responsible: ",
    ]) {
        expect(page).toContain(text)
    }
})

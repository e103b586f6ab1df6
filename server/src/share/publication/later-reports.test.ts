/**
 * Texts that deny exploitation and become public after reports that their signers did not see, or after all reports
 * are dismissed.
 */
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { awaitRefusalCode, listEvents } from "../../../../test/support/actors.ts"
import { newId } from "../../../../test/support/database.ts"
import {
    type Program,
    type TestPartner,
    newCase,
    newPartner,
    createProgram,
    signAsApprover,
} from "../../../../test/support/program.ts"
import { eventHandlers } from "../../event-handlers.ts"
import { parseInstant } from "@tocsin/base/instant"
import { silentLog } from "../../platform/log/log.ts"
import { handleNextEvent } from "../../kernel/worker.ts"
import { dismissReports } from "../../trace/evidence/actions/dismiss-reports.ts"
import { reportSighting } from "../../trace/sightings/actions/report-sighting.ts"
import { loadApproval } from "../../trust/approvals/actions/load-approvals.ts"
import { stateOf } from "../../trust/approvals/approval.ts"
import { addArtifact, reviseArtifact } from "../artifacts/actions/add-artifact.ts"
import { recallArtifact } from "../artifacts/actions/recall-artifact.ts"
import { loadCaseFile } from "../cases/actions/load-case.ts"
import { releaseWavesJob, requestRelease } from "../release/actions/release-wave.ts"
import { releaseLate } from "../release/actions/release-late.ts"
import { amendCase, applySignedAmendment } from "../release/actions/amend-case.ts"
import { listWaves } from "../waves/actions.ts"
import { previewPublication, listRefusedPublications } from "./actions/preview-publication.ts"
import { publishCase } from "./actions/publish-case.ts"
import { loadSignedText } from "./actions/load-signed-text.ts"

const end = parseInstant("2025-07-08T17:00:00Z")
const denial = "There is no sign of exploitation."

let world: Program
let subject: string
let witness: TestPartner
let summary: string
let guidance: string

beforeEach(async () => {
    world = await createProgram()
    witness = await newPartner(world, "validate")
    subject = await newCase(world, "toolshell")
    world.clock.now = parseInstant("2025-07-01T00:00:00Z")
    const labels = { case: subject, tlp: "AMBER", pap: "AMBER" } as const
    const add = (kind: "summary" | "guidance", content: string) =>
        world.acting(world.author, (ctx) => addArtifact(ctx, { ...labels, class: kind, name: `${kind}.md`, content }))
    summary = await add("summary", "A message to the server runs code.")
    guidance = await add("guidance", "Switch the server off.")
}, 120_000)
afterEach(() => world.database.close())

const services = () => ({ ...world.services, log: silentLog })
async function handleEvents(): Promise<void> {
    while (await handleNextEvent(services(), eventHandlers));
}

async function report(): Promise<void> {
    await world.acting(witness.analyst, (ctx) =>
        reportSighting(ctx, subject, newId(), {
            observedAt: ctx.now,
            zeroReportSince: null,
            clock: "unknown",
            product: "",
            indicators: [],
            confidence: null,
            note: "",
        }),
    )
}

async function dismissAllReports(): Promise<void> {
    const dismiss = (approval?: string) =>
        world.acting(world.manager, (ctx) => dismissReports(ctx, subject, { reason: "It was a scanner.", approval }))
    const { approval } = await dismiss()
    await signAsApprover(world, approval)
    await dismiss(approval)
}

async function signPublication(): Promise<string> {
    const waves = await world.acting(world.manager, (ctx) => listWaves(ctx, subject))
    const id = waves.find(({ tier }) => tier === "publication")?.id ?? ""
    const request = await world.acting(world.manager, (ctx) => requestRelease(ctx, id))
    await signAsApprover(world, request)
    return request
}

async function releaseWaves(): Promise<void> {
    world.clock.now = Math.max(world.clock.now, end)
    await releaseWavesJob.run(services())
}

const events = async (kind: string) => (await listEvents(world.database)).filter((item) => item.kind === kind).length
const refused = () => world.acting(world.manager, listRefusedPublications)
const denies = { faults: [{ says: expect.stringContaining("denies exploitation") }] }
const previewCase = () => world.acting(world.manager, (ctx) => previewPublication(ctx, subject))

/** The content of the newest revision. */
async function loadPublished() {
    const [row] = await world.database.db.transaction((tx) =>
        tx.query<{ content: { title: string; summary: string | null; guidance: string | null } }>(
            "select content from advisory_revisions order by number desc limit 1",
        ),
    )
    return row?.content
}

async function releaseVersionLate(artifact: string, content: string): Promise<void> {
    await world.acting(world.author, (ctx) => reviseArtifact(ctx, artifact, content))
    await handleEvents()
    const { approval } = await world.acting(world.author, (ctx) => releaseLate(ctx, artifact, undefined))
    await signAsApprover(world, approval)
    await world.acting(world.author, (ctx) => releaseLate(ctx, artifact, approval))
}

async function requestTitle(title: string): Promise<string> {
    const request = await world.acting(world.author, async (ctx) => {
        const { vulnerabilities, finder } = await loadCaseFile(ctx, subject)
        return (await amendCase(ctx, subject, { details: { title, vulnerabilities, finder } })).approval ?? ""
    })
    return request
}

test("a signature for a denial is void once its reports are dismissed and a new one arrives", async () => {
    await world.acting(world.author, (ctx) => reviseArtifact(ctx, summary, denial))
    await report()
    const request = await signPublication()
    await dismissAllReports()
    await handleEvents()
    const state = () => world.acting(world.manager, async (ctx) => stateOf(await loadApproval(ctx, request), ctx.now))
    expect(await state()).toBe("signed")
    await report()
    await handleEvents()
    expect(await state()).toBe("voided")
    await releaseWaves()
    expect(await events("wave.released")).toBe(0)
})

test("a denial released with dismissed reports in sight does not replace the published one", async () => {
    await world.acting(world.author, (ctx) => reviseArtifact(ctx, summary, denial))
    await report()
    await signPublication()
    await dismissAllReports()
    await releaseWaves()
    await report()
    await handleEvents()
    expect(await events("advisory.published")).toBe(0)
    expect(await refused()).toMatchObject([{ case: subject, ...denies }])
})

describe("false reports of an unpublished case whose embargo has ended", () => {
    beforeEach(async () => {
        await world.acting(world.author, (ctx) => reviseArtifact(ctx, summary, denial))
        await signPublication()
        await releaseWaves()
        await report()
        await handleEvents()
    })

    test("are dismissed by two staff members, and the public text is released", async () => {
        expect(await events("advisory.published")).toBe(0)
        await dismissAllReports()
        await handleEvents()
        await world.acting(world.author, (ctx) => publishCase(ctx, subject))
        expect([await events("advisory.published"), await refused()]).toEqual([1, []])
        await report()
        const again = world.acting(world.manager, (ctx) => dismissReports(ctx, subject, { reason: "A scanner again." }))
        expect(await awaitRefusalCode(again)).toBe("evidence.case_closed")
    })

    test("are shown to a signer who reads the public text", async () => {
        const { approval } = await world.acting(world.manager, (ctx) =>
            dismissReports(ctx, subject, { reason: "A scanner." }),
        )
        const text = await world.acting(world.approver, (ctx) => loadSignedText(ctx, approval))
        expect(text).toMatchObject({ summary: denial, denials: [denial] })
        const { effects } = await world.acting(world.manager, (ctx) => loadApproval(ctx, approval))
        expect(effects.artifacts).toEqual([])
    })
})

describe("a correction of a public case that denies exploitation reported after its signature", () => {
    beforeEach(async () => {
        await signPublication()
        await releaseWaves()
        await handleEvents()
    })

    test("waits, is a task, and is published once two people sign with the report in sight", async () => {
        await releaseVersionLate(summary, `A message runs code. ${denial}`)
        await report()
        await handleEvents()
        expect(await loadPublished()).toMatchObject({ summary: "A message to the server runs code." })
        expect(await refused()).toMatchObject([{ case: subject, ...denies }])
        expect(await previewCase()).toMatchObject({ state: "due", ...denies })
        const request = await requestTitle("Another title")
        await signAsApprover(world, request)
        await world.acting(world.author, (ctx) => applySignedAmendment(ctx, subject, request))
        await handleEvents()
        expect(await loadPublished()).toMatchObject({
            title: "Another title",
            summary: `A message runs code. ${denial}`,
        })
        expect([await refused(), (await previewCase()).state]).toEqual([[], "published"])
    })

    test("no longer waits once the reports are dismissed or the text is corrected", async () => {
        await releaseVersionLate(summary, `A message runs code. ${denial}`)
        await report()
        await handleEvents()
        await releaseVersionLate(summary, "A message runs code.")
        await handleEvents()
        expect(await loadPublished()).toMatchObject({ summary: "A message runs code." })
    })

    test("waits while a recall leaves the public text at once", async () => {
        await releaseVersionLate(summary, `A message runs code. ${denial}`)
        await world.acting(world.author, (ctx) =>
            recallArtifact(ctx, guidance, { version: null, reason: "It is wrong." }),
        )
        await report()
        await handleEvents()
        expect(await loadPublished()).toMatchObject({ summary: null, guidance: null })
        expect(await refused()).toMatchObject([{ case: subject, ...denies }])
    })

    test("does not wait for a denial that is already public", async () => {
        await releaseVersionLate(summary, `A message runs code. ${denial}`)
        await handleEvents()
        await report()
        await releaseVersionLate(guidance, "Take the server from the network.")
        await handleEvents()
        expect(await loadPublished()).toMatchObject({
            summary: `A message runs code. ${denial}`,
            guidance: "Take the server from the network.",
        })
        expect(await refused()).toEqual([])
    })

    test("shows the signer that a title denies exploitation", async () => {
        await report()
        await handleEvents()
        const request = await requestTitle("A fault that is not exploited")
        const text = await world.acting(world.approver, (ctx) => loadSignedText(ctx, request))
        expect(text).toMatchObject({ denials: ["A fault that is not exploited"] })
    })
})
